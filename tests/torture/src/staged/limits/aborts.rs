//! RL-014: whatever ends a request that has reserved, the reservation comes back: an upstream that resets, refuses or does
//! not answer, and a client that leaves.

use std::thread::sleep;
use std::time::Duration;

use harness::client::h1;
use harness::{Envoy, Listener, Reply, Upstream, WasmFilter};
use serde_json::json;

use super::{Limited, chat, left, tokens};
use crate::staged::{Outcome, scaled};

pub(crate) const VARIANTS: usize = 4;

const LIMIT: u64 = 100_000;
/// What of them each request reserves: about a hundredth, so that a leak is seen at once.
const MOST: u64 = 1000;

pub(crate) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    let limited = start();
    let each = scaled(2500);
    for (path, status) in [("reset", 503), ("refused", 503), ("slow", 504)] {
        // Who waits for a timeout waits long: fewer of them.
        let count = if path == "slow" { each.min(50) } else { each };
        for _ in 0..count {
            let response = h1::send(limited.envoy.address(), &chat(path, MOST).header("x-how", path));
            outcome.check(response.is(status), || format!("{path}: {response:?}"));
        }
        all_is_back(&limited, path, &mut outcome);
    }
    for _ in 0..each {
        let mut client = h1::Connection::open(limited.envoy.address());
        client.start(&chat("gone", MOST).header("x-how", "hangs"));
        sleep(Duration::from_millis(1));
        client.abort();
    }
    sleep(Duration::from_millis(500));
    all_is_back(&limited, "gone", &mut outcome);
    outcome.notes = format!("{each} requests each");
    outcome.faults.truncate(VARIANTS);
    outcome
}

fn start() -> Limited {
    let upstream = Upstream::h1();
    upstream.answer_all(|seen| match seen.header("x-how").as_deref() {
        Some("reset") => Reply::reset(),
        Some("refused") => Reply::status(503),
        _ => Reply::silence(),
    });
    let limits = json!([tokens(LIMIT, "60s")]);
    let filter = WasmFilter::new("ratelimit-shared-data").configured(&json!({"limits": limits}));
    let slow = json!({"match": {"prefix": "/", "headers": [{"name": "x-how", "string_match": {"exact": "slow"}}]},
                      "route": {"cluster": "upstream", "timeout": "0.05s"}});
    let listener = Listener::new().filter(filter).route(slow).default_route(&json!({"route": {"timeout": "0s"}}));
    let envoy = Envoy::builder(listener).upstream(upstream.address()).workers(2).start().unwrap();
    Limited { envoy, upstream }
}

/// Nothing is left but what was really sent: a few tokens of a client that left.
fn all_is_back(limited: &Limited, key: &str, outcome: &mut Outcome) {
    let too_much = h1::send(limited.envoy.address(), &chat(key, LIMIT).header("x-how", key));
    let rest = left(&too_much).unwrap_or_default();
    let most_spent = if key == "gone" { LIMIT / 2 } else { 0 };
    outcome.check(rest >= LIMIT - most_spent, || format!("{key}: {rest} of {LIMIT} are left: {too_much:?}"));
}
