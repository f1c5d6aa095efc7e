//! RL-013: a stream whose client leaves before it tells what it used is paid for all the same; so is one that tells nothing.
//! What an answer tells that is below zero or no number is in the case table of the row.

use std::thread::sleep;
use std::time::Duration;

use harness::client::h1;
use harness::{Reply, Request};
use serde_json::json;

use super::{Limited, left, tokens};
use crate::staged::Outcome;

pub(crate) const VARIANTS: usize = 2;

const LIMIT: u64 = 10_000;

pub(crate) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    let limited = Limited::start("ratelimit-shared-data", &json!([tokens(LIMIT, "60s")]), 1);
    let words =
        json!({"id": "c", "model": "small", "choices": [{"index": 0, "delta": {"content": " word".repeat(20)}}]});
    let events: Vec<String> = (0..20).map(|_| words.to_string()).collect();
    limited.upstream.answer_all(move |_| Reply::events(&events, Duration::from_millis(10)));
    let spent = |key: &str| LIMIT - left(&h1::send(limited.envoy.address(), &ask(key, LIMIT))).unwrap_or_default();

    let whole = h1::send(limited.envoy.address(), &ask("whole", 2000));
    outcome.check(whole.is(200) && whole.text().contains("word"), || format!("{whole:?}"));
    let of_whole = spent("whole");
    outcome.check((300..=500).contains(&of_whole), || format!("a stream of 400 words cost {of_whole}"));

    let mut client = h1::Connection::open(limited.envoy.address());
    client.start(&ask("gone", 2000));
    sleep(Duration::from_millis(180));
    client.abort();
    sleep(Duration::from_millis(300));
    let of_part = spent("gone");
    outcome.check((100..=of_whole).contains(&of_part), || format!("who left after 180 of 200 ms pays {of_part}"));
    outcome.notes = format!("whole {of_whole}, left early {of_part} tokens");
    outcome
}

fn ask(key: &str, max_tokens: u64) -> Request {
    let body = json!({"model": "small", "stream": true, "max_tokens": max_tokens, "messages": []});
    Request::post_json("/v1/chat/completions", &body).header("x-key", key)
}
