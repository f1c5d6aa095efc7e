//! Requests and answers, the same with both storages.

use crate::{for_each_user, user};
use rls::proto::{DescriptorStatus, RateLimitOverride, Unit};
use rls::{Client, Code, RateLimitDescriptor, RateLimitRequest, Redis, RlsServer, Storage};
use serde_json::{Value, json};
use tonic::Code as Grpc;

/// Plays it with counters in memory and with counters in Redis.
fn in_both_storages(limits: &Value, play: impl Fn(&mut Client)) {
    let redis = Redis::start();
    for storage in [Storage::Memory, Storage::Redis(redis.url())] {
        eprintln!("{storage:?}");
        let server = RlsServer::start(limits, &storage);
        play(&mut Client::of(server.address()));
    }
}

fn ask(client: &mut Client, descriptor: RateLimitDescriptor) -> DescriptorStatus {
    let answer = client.ask(&RateLimitRequest::of("ai").with(descriptor)).unwrap();
    assert_eq!(answer.statuses.len(), 1);
    assert_eq!(answer.overall_code, answer.statuses[0].code);
    answer.statuses[0].clone()
}

#[test]
fn a_status_has_the_limit_what_is_left_of_it_and_when_it_ends() {
    in_both_storages(&for_each_user(10), |client| {
        let status = ask(client, user("ann"));
        let limit = status.current_limit.clone().unwrap();
        assert_eq!((status.code(), status.limit_remaining), (Code::Ok, 9));
        assert_eq!((limit.requests_per_unit, limit.unit(), limit.name.as_str()), (10, Unit::Hour, "hourly"));
        let left = status.duration_until_reset.unwrap();
        assert!((3590..=3600).contains(&left.seconds), "{left:?}");
    });
}

#[test]
fn hits_are_the_descriptors_else_the_requests_else_one() {
    in_both_storages(&for_each_user(100), |client| {
        let request = RateLimitRequest::of("ai").with(user("ann")).with(user("bob").hits(7)).hits(3);
        let left = |client: &mut Client, request: &RateLimitRequest| -> Vec<u32> {
            client.ask(request).unwrap().statuses.iter().map(|status| status.limit_remaining).collect()
        };
        assert_eq!(left(client, &request), [97, 93]);
        assert_eq!(left(client, &request.hits(0)), [96, 86]);
    });
}

#[test]
fn no_hits_ask_and_count_nothing() {
    in_both_storages(&for_each_user(2), |client| {
        for (hits, code, left) in [(0, Code::Ok, 2), (2, Code::Ok, 0), (0, Code::Ok, 0), (1, Code::OverLimit, 0)] {
            let status = ask(client, user("ann").hits(hits));
            assert_eq!((status.code(), status.limit_remaining), (code, left), "{hits} hits");
        }
    });
}

#[test]
fn what_is_refused_counts_nothing() {
    in_both_storages(&for_each_user(10), |client| {
        for (hits, code, left) in [(8, Code::Ok, 2), (3, Code::OverLimit, 2), (2, Code::Ok, 0), (1, Code::OverLimit, 0)]
        {
            let status = ask(client, user("ann").hits(hits));
            assert_eq!((status.code(), status.limit_remaining), (code, left), "{hits} hits");
        }
    });
}

#[test]
fn one_refused_descriptor_refuses_the_request_and_the_others_are_told_and_counted() {
    in_both_storages(&for_each_user(2), |client| {
        ask(client, user("bob").hits(2));
        let request = RateLimitRequest::of("ai").with(user("ann")).with(user("bob")).with(user("eve"));
        let answer = client.ask(&request).unwrap();
        let told: Vec<_> = answer.statuses.iter().map(|status| (status.code(), status.limit_remaining)).collect();
        assert_eq!(answer.overall_code(), Code::OverLimit);
        assert_eq!(told, [(Code::Ok, 1), (Code::OverLimit, 0), (Code::Ok, 1)]);
    });
}

#[test]
fn of_several_limits_all_are_kept_and_the_tightest_is_told() {
    let limits = json!([
        {"namespace": "ai", "name": "all", "max_value": 3, "seconds": 60},
        {"namespace": "ai", "name": "each", "max_value": 2, "seconds": 60, "variables": ["user"]},
        {"namespace": "ai", "name": "admins", "max_value": 0, "seconds": 60, "conditions": ["user == 'root'"]},
    ]);
    in_both_storages(&limits, |client| {
        for (who, code, limit, left) in [
            ("ann", Code::Ok, "each", 1),
            ("ann", Code::Ok, "each", 0),
            ("ann", Code::OverLimit, "each", 0),
            ("bob", Code::Ok, "all", 0),
            ("root", Code::OverLimit, "admins", 0),
        ] {
            let status = ask(client, user(who));
            let told = status.current_limit.clone().unwrap();
            if who != "root" {
                assert_eq!(told.name, limit, "{who}");
            }
            assert_eq!((status.code(), status.limit_remaining, told.unit()), (code, left, Unit::Minute), "{who}");
        }
    });
}

#[test]
fn a_descriptor_that_no_limit_is_for_is_let_in() {
    in_both_storages(&for_each_user(0), |client| {
        let status = ask(client, RateLimitDescriptor::of(&[("model", "gpt")]));
        assert_eq!(status, DescriptorStatus { code: Code::Ok.into(), ..DescriptorStatus::default() });
        let elsewhere = RateLimitRequest::of("other").with(user("ann"));
        assert_eq!(client.ask(&elsewhere).unwrap().overall_code(), Code::Ok);
    });
}

#[test]
fn a_window_that_ended_counts_from_nothing() {
    let limits = json!([{"namespace": "ai", "max_value": 1, "seconds": 1}]);
    in_both_storages(&limits, |client| {
        assert_eq!(ask(client, user("ann")).code(), Code::Ok);
        assert_eq!(ask(client, user("ann")).code(), Code::OverLimit);
        std::thread::sleep(std::time::Duration::from_millis(1100));
        assert_eq!(ask(client, user("ann")).code(), Code::Ok);
    });
}

#[test]
fn a_request_that_cannot_be_answered_faithfully_is_an_error_and_counts_nothing() {
    in_both_storages(&for_each_user(10), |client| {
        let limit = RateLimitOverride { requests_per_unit: 99, unit: 1 };
        let counted = RateLimitRequest::of("ai").with(user("ann"));
        for (said, request) in [
            ("domain", RateLimitRequest::of("").with(user("ann"))),
            ("descriptors", RateLimitRequest::of("ai")),
            ("entries", counted.clone().with(RateLimitDescriptor::of(&[]))),
            ("entries", counted.clone().with(RateLimitDescriptor::of(&[("", "x")]))),
            ("limit", counted.clone().with(RateLimitDescriptor { limit: Some(limit), ..user("ann") })),
            ("is_negative_hits", counted.clone().with(RateLimitDescriptor { is_negative_hits: true, ..user("ann") })),
            ("hits_addend", counted.clone().with(user("ann").hits(u64::MAX))),
        ] {
            let status = client.ask(&request).unwrap_err();
            assert_eq!(status.code(), Grpc::InvalidArgument, "{request:?}");
            assert!(status.message().starts_with(said), "{}", status.message());
        }
        assert_eq!(ask(client, user("ann").hits(0)).limit_remaining, 10);
    });
}

#[test]
fn another_call_is_unimplemented() {
    let server = RlsServer::start(&for_each_user(1), &Storage::Memory);
    let path = "/envoy.service.ratelimit.v2.RateLimitService/ShouldRateLimit";
    let status = Client::of(server.address()).call(path, &RateLimitRequest::of("ai")).unwrap_err();
    assert_eq!(status.code(), Grpc::Unimplemented);
}
