//! RL-011: the wall clock jumps back an hour, forward a day, stands still and ends. Nobody is locked out for longer than a
//! window, and at most one limit more passes. On the fake host: no other clock can be told to jump.

use portcullis::host::fake::{Envoy, Request};
use portcullis::prelude::Millis;
use ratelimit_shared_data::RateLimit;
use serde_json::json;

use super::by_key;
use crate::staged::Outcome;

pub(crate) const VARIANTS: usize = 12;

const LIMIT: u64 = 10;
/// In the middle of a minute.
const BEGIN: u64 = 1_800_000_030;

pub(crate) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    for algorithm in ["gcra", "sliding_window", "fixed_window"] {
        for (name, to) in [
            ("back an hour", BEGIN - 3600),
            ("forward a day", BEGIN + 86_400),
            ("the year 2262", 9_223_372_036),
            ("the end of time", u64::MAX / 1_000_000_000),
        ] {
            let (at_once, in_two_minutes) = jump(algorithm, to);
            outcome.check(at_once <= LIMIT, || format!("{algorithm}, {name}: {at_once} more passed at once"));
            let is_open = (LIMIT..=3 * LIMIT).contains(&in_two_minutes);
            outcome.check(is_open, || format!("{algorithm}, {name}: {in_two_minutes} passed in two minutes"));
        }
    }
    outcome
}

/// A limit is spent and the wall clock jumps: how many more pass at once, and in two minutes.
fn jump(algorithm: &str, to: u64) -> (u64, u64) {
    let configuration = json!({"limits": [by_key(LIMIT, "60s", algorithm)]}).to_string();
    let envoy = Envoy::of_filter::<RateLimit>(&configuration).unwrap();
    let passing =
        |count: u64| (0..count).filter(|_| envoy.send(&Request::get("/v1/models")).status == 200).count() as u64;
    envoy.world().set_wall_seconds(BEGIN);
    assert_eq!(passing(LIMIT + 5), LIMIT);
    envoy.world().set_wall_seconds(to);
    let at_once = passing(3 * LIMIT);
    let mut passed = 0;
    for _ in 0..120 {
        envoy.advance(Millis(1000));
        passed += passing(3);
    }
    (at_once, passed)
}
