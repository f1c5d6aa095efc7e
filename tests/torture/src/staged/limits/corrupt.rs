//! RL-018: another plugin with the same `vm_id` writes what it likes in the place of buckets. The limit holds or is closed,
//! until a window has passed.

use std::thread::sleep;
use std::time::Duration;

use harness::client::h1;
use serde_json::json;

use super::{Limited, by_key, of_key};
use crate::staged::Outcome;

const BYTES: [usize; 4] = [0, 1, 7, 1 << 20];
pub(crate) const VARIANTS: usize = BYTES.len();

const LIMIT: u64 = 10;

pub(crate) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    for bytes in BYTES {
        let limited = Limited::start("saboteur", &json!([by_key(LIMIT, "3s", "sliding_window")]), 2);
        let passes = |count: u64| {
            (0..count).filter(|_| h1::send(limited.envoy.address(), &of_key("alice")).is(200)).count() as u64
        };
        let before = passes(7);
        h1::send(limited.envoy.address(), &of_key("alice").header("x-overwrite", bytes.to_string()));
        let after = passes(20);
        sleep(Duration::from_millis(3500));
        let later = passes(20);
        let expected = (before, after, later) == (7, 0, LIMIT);
        outcome.check(expected, || {
            format!("{bytes} bytes: {before} passed before, {after} after, {later} a window later")
        });
    }
    outcome
}
