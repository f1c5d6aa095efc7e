//! RL-016: a VM that traps takes nothing with it that was spent: buckets are the process's.

use std::time::{Duration, Instant};

use harness::client::h1;
use serde_json::json;

use super::{Limited, by_key, of_key};
use crate::staged::Outcome;

const LIMIT: u64 = 100;
const BEFORE: u64 = 90;

pub(crate) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    let limited = Limited::start("saboteur", &json!([by_key(LIMIT, "1h", "sliding_window")]), 2);
    let send = || h1::send(limited.envoy.address(), &of_key("alice"));
    let mut passed = (0..BEFORE).filter(|_| send().is(200)).count() as u64;
    outcome.check(passed == BEFORE, || format!("{passed} of {BEFORE} passed before the trap"));
    // Each worker once.
    for _ in 0..4 {
        h1::send(limited.envoy.address(), &of_key("alice").header("x-trap", "now"));
    }
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(4) {
        passed += u64::from(send().is(200));
    }
    outcome.check(passed <= LIMIT, || format!("{passed} passed, the limit is {LIMIT}"));
    outcome.check(passed == LIMIT, || format!("{passed} of {LIMIT} passed: the VM did not come back"));
    outcome.check(limited.upstream.hits() == passed, || format!("{} reached", limited.upstream.hits()));
    outcome.notes = format!("{passed}/{LIMIT} passed in all");
    outcome.faults.truncate(1);
    outcome
}
