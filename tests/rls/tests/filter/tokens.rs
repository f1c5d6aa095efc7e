//! Tokens: what answers used stands in Redis when they are over, whichever Envoy they passed.

use std::thread::sleep;
use std::time::{Duration, Instant};

use harness::client::h1;
use harness::{Reply, Request};
use serde_json::{Value, json};

use crate::Fleet;

fn limit(most: u64) -> Value {
    json!({"name": "tokens", "key": [{"header": "x-key"}], "unit": "total_tokens", "limit": most, "window": "1h",
           "algorithm": "fixed_window", "default_output_tokens": [{"model": "*", "tokens": 100}]})
}

fn chat(key: &str) -> Request {
    let body = json!({"model": "small", "max_tokens": 50, "messages": [{"role": "user", "content": "Hello"}]});
    Request::post_json("/v1/chat/completions", &body).header("x-key", key)
}

fn answering(tokens: u64) -> Reply {
    Reply::json(&json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": "Nice."}}],
        "usage": {"prompt_tokens": 10, "completion_tokens": tokens - 10, "total_tokens": tokens}}))
}

fn settles_at(fleet: &Fleet, key: &str, left: u64) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while fleet.left("tokens", key) != left {
        assert!(Instant::now() < deadline, "{} instead of {left}", fleet.left("tokens", key));
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn what_answers_used_is_charged_after_them_whichever_envoy_they_passed() {
    let fleet = Fleet::start(&limit(1000), &json!({}));
    fleet.upstream.answer_all(|_| answering(42));
    for round in 1..=5 {
        for envoy in &fleet.envoys {
            assert!(h1::send(envoy.address(), &chat("ann")).is(200));
        }
        settles_at(&fleet, "ann", 1000 - 84 * round);
    }
}

/// Limitador counts nothing of what it refuses, so a debt is told in pieces: it uses up all that was left.
#[test]
fn an_answer_that_uses_more_than_is_left_uses_it_up() {
    let fleet = Fleet::start(&limit(100), &json!({}));
    fleet.upstream.answer_all(|_| answering(5000));
    let [one, other] = [&fleet.envoys[0], &fleet.envoys[1]].map(harness::Envoy::address);
    assert!(h1::send(one, &chat("ann")).is(200));
    settles_at(&fleet, "ann", 0);
    assert!(h1::send(other, &chat("ann")).is(429));
}

#[test]
fn with_leases_what_answers_do_not_use_is_good_for_the_next() {
    let fleet = Fleet::start(&limit(10_000), &json!({"local_first": {"percent": 10, "lease": "1h"}}));
    fleet.upstream.answer_all(|_| answering(42));
    for _ in 0..20 {
        assert!(h1::send(fleet.envoys[0].address(), &chat("ann")).is(200));
    }
    assert_eq!((fleet.left("tokens", "ann"), fleet.stat("asked")), (9000, 1));
}
