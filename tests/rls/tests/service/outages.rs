//! What ends and comes back: a server, its Redis.

use crate::program::Program;
use crate::{for_each_user, user};
use rls::{Client, Code, RateLimitRequest, Redis, RlsServer, Storage};
use std::net::SocketAddr;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tonic::{Code as Grpc, Status};

/// After one more hit, asked over a connection of its own.
fn remaining(address: SocketAddr) -> Result<u32, Status> {
    let answer = Client::of(address).ask(&RateLimitRequest::of("ai").with(user("ann")))?;
    Ok(answer.statuses[0].limit_remaining)
}

#[test]
fn a_server_that_was_killed_and_comes_back_finds_its_counts_in_redis() {
    let redis = Redis::start();
    let mut server = RlsServer::start(&for_each_user(10), &Storage::Redis(redis.url()));
    let address = server.address();
    let mut connected = Client::of(address);
    let request = RateLimitRequest::of("ai").with(user("ann"));
    assert_eq!(connected.ask(&request).unwrap().statuses[0].limit_remaining, 9);

    server.kill();
    assert!(connected.ask(&request).is_err(), "its connection broke");
    let status = remaining(address).unwrap_err();
    assert_eq!(status.code(), Grpc::Unavailable, "{status}");

    server.restart();
    assert_eq!(server.address(), address);
    assert_eq!(remaining(address).unwrap(), 8);
}

#[test]
fn so_does_a_process() {
    let redis = Redis::start();
    let mut process = Program::start(&for_each_user(10), &redis, "127.0.0.1:0");
    let address = process.address;
    assert_eq!(remaining(address).unwrap(), 9);
    process.kill();
    assert!(remaining(address).is_err());
    let _process = Program::start(&for_each_user(10), &redis, &address.to_string());
    assert_eq!(remaining(address).unwrap(), 8);
}

#[test]
fn what_was_counted_in_memory_ends_with_the_server() {
    let mut server = RlsServer::start(&for_each_user(10), &Storage::Memory);
    assert_eq!(remaining(server.address()).unwrap(), 9);
    server.restart();
    assert_eq!(remaining(server.address()).unwrap(), 9);
}

#[test]
fn without_its_redis_a_server_lets_nobody_in_and_soon_says_so_until_it_is_back() {
    let mut redis = Redis::start();
    let server = RlsServer::start(&for_each_user(10), &Storage::Redis(redis.url()));
    let mut client = Client::of(server.address());
    let request = RateLimitRequest::of("ai").with(user("ann"));
    assert_eq!(client.ask(&request).unwrap().overall_code(), Code::Ok);

    redis.kill();
    for _ in 0..5 {
        let begin = Instant::now();
        let status = client.ask(&request).unwrap_err();
        assert_eq!(status.code(), Grpc::Unavailable, "{status}");
        assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
    }

    redis.restart();
    let deadline = Instant::now() + Duration::from_secs(10);
    while client.ask(&request).is_err() {
        assert!(Instant::now() < deadline, "it does not find its Redis again");
        sleep(Duration::from_millis(50));
    }
}
