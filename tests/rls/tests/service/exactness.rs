//! Many ask at once, and a limit is a limit.

use crate::program::Program;
use crate::{for_each_user, user};
use rls::{Client, Code, RateLimitRequest, Redis, RlsServer, Storage};
use std::net::SocketAddr;
use std::sync::Barrier;
use std::thread;

const CLIENTS: usize = 64;
const REQUESTS: usize = 12;

/// How many requests of all clients are let in. They begin at the same time, one server after the other.
fn let_in(servers: &[SocketAddr], hits: u64) -> usize {
    let begin = Barrier::new(CLIENTS);
    thread::scope(|scope| {
        let of_one = |client: usize| {
            let begin = &begin;
            scope.spawn(move || {
                let mut connection = Client::of(servers[client % servers.len()]);
                let request = RateLimitRequest::of("ai").with(user("ann").hits(hits));
                begin.wait();
                let mut is_let_in = || connection.ask(&request).expect("an answer").overall_code() == Code::Ok;
                (0..REQUESTS).filter(|_| is_let_in()).count()
            })
        };
        let clients: Vec<_> = (0..CLIENTS).map(of_one).collect();
        clients.into_iter().map(|client| client.join().expect("a client")).sum()
    })
}

#[test]
fn two_processes_on_one_redis_let_in_exactly_as_many_as_the_limit_says() {
    let redis = Redis::start();
    let [one, other] = [(); 2].map(|()| Program::start(&for_each_user(300), &redis, "127.0.0.1:0"));
    assert_eq!(let_in(&[one.address, other.address], 1), 300, "of {}", CLIENTS * REQUESTS);
}

#[test]
fn hits_that_do_not_divide_the_limit_leave_a_rest_that_nobody_gets() {
    let redis = Redis::start();
    let storage = Storage::Redis(redis.url());
    let [one, other] = [(); 2].map(|()| RlsServer::start(&for_each_user(1000), &storage));
    assert_eq!(let_in(&[one.address(), other.address()], 7), 142);
    let asked = Client::of(one.address()).ask(&RateLimitRequest::of("ai").with(user("ann").hits(0))).unwrap();
    assert_eq!(asked.statuses[0].limit_remaining, 6);
}

#[test]
fn in_memory_a_limit_is_as_exact() {
    let server = RlsServer::start(&for_each_user(300), &Storage::Memory);
    assert_eq!(let_in(&[server.address()], 1), 300);
}
