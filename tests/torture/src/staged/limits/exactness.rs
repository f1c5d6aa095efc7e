//! RL-001: four workers and 64 connections let through exactly as many as the limit says, and so do 100 streams that come
//! in one packet.

use harness::Request;
use harness::client::h2;
use serde_json::json;

use super::{Limited, all_at_once, by_key, of_key, with_status};
use crate::staged::{Outcome, scaled};

const LIMIT: u64 = 100;
const CONNECTIONS: usize = 64;
const EACH: usize = 32;
const STREAMS: usize = 100;

pub(crate) const VARIANTS: usize = 4;

pub(crate) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    let runs = scaled(100).max(5);
    for (name, limit) in limits() {
        let limited = Limited::start("ratelimit-shared-data", &json!([limit]), 4);
        let wrong: Vec<u64> = (0..runs).map(|run| crowd(&limited, run)).filter(|passed| *passed != LIMIT).collect();
        outcome.check(wrong.is_empty(), || format!("{name}: {wrong:?} passed instead of {LIMIT}"));
    }
    let limited = Limited::start("ratelimit-shared-data", &json!([by_key(10, "60s", "sliding_window")]), 4);
    let wrong: Vec<u64> = (0..runs).map(|run| packet(&limited, run)).filter(|passed| *passed != 10).collect();
    outcome.check(wrong.is_empty(), || format!("in one packet: {wrong:?} passed instead of 10"));
    outcome.notes =
        format!("{runs} runs each of {} requests over {CONNECTIONS} connections, 4 workers", CONNECTIONS * EACH);
    outcome
}

/// A leaking bucket lets through its burst, and here one more in 36 s.
fn limits() -> [(&'static str, serde_json::Value); 3] {
    [
        ("sliding_window", by_key(LIMIT, "60s", "sliding_window")),
        ("gcra", by_key(LIMIT, "1h", "gcra")),
        ("fixed_window", by_key(LIMIT, "1h", "fixed_window")),
    ]
}

/// How many of a crowd pass; the upstream saw as many.
fn crowd(limited: &Limited, run: u32) -> u64 {
    let hits = limited.upstream.hits();
    let responses = all_at_once(limited.envoy.address(), CONNECTIONS, EACH, &of_key(&format!("run {run}")));
    let (passed, refused) = (with_status(&responses, 200), with_status(&responses, 429));
    let reached = limited.upstream.hits() - hits;
    assert_eq!(passed + refused, responses.len() as u64, "every request is answered");
    assert_eq!(passed, reached, "who passes reaches the upstream, and nobody else");
    passed
}

fn packet(limited: &Limited, run: u32) -> u64 {
    let requests: Vec<Request> = (0..STREAMS).map(|_| of_key(&format!("packet {run}"))).collect();
    let responses = h2::Connection::open(limited.envoy.address()).send_all(&requests);
    with_status(&responses, 200)
}
