//! RL-010: a burst at the end of a window and one behind it. A window that slides lets through its limit in any stretch as
//! long as itself; windows that follow one another up to twice as many around their border, as documented.

use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use harness::client::h1;
use serde_json::json;

use super::{Limited, by_key, of_key};
use crate::staged::Outcome;

pub(crate) const VARIANTS: usize = 3;

const LIMIT: u64 = 20;
const WINDOW: Duration = Duration::from_secs(2);

pub(crate) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    for (algorithm, most) in [("sliding_window", LIMIT), ("gcra", LIMIT + LIMIT), ("fixed_window", 2 * LIMIT)] {
        let limited = Limited::start("ratelimit-shared-data", &json!([by_key(LIMIT, "2s", algorithm)]), 2);
        let passed = around_a_border(&limited);
        let worst = passed.iter().map(|begin| within(&passed, *begin)).max().unwrap_or_default();
        outcome
            .check(worst <= most, || format!("{algorithm}: {worst} within {WINDOW:?}, at most {most} are documented"));
        outcome.check(passed.len() as u64 >= LIMIT, || format!("{algorithm}: only {} passed", passed.len()));
        outcome.notes =
            format!("{}{}{algorithm} {worst}/{most}", outcome.notes, if outcome.notes.is_empty() { "" } else { ", " });
    }
    outcome
}

/// When requests passed that came from just before a border to behind the next, without a pause.
fn around_a_border(limited: &Limited) -> Vec<Instant> {
    let mut connection = h1::Connection::open(limited.envoy.address());
    let since_border = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() % WINDOW.as_millis();
    let until_end = WINDOW.saturating_sub(Duration::from_millis(u64::try_from(since_border).unwrap()));
    sleep((until_end + WINDOW).saturating_sub(Duration::from_millis(60)));
    let (begin, mut passed) = (Instant::now(), Vec::new());
    while begin.elapsed() < 2 * WINDOW {
        let response = connection.send(&of_key("border"));
        // When it was answered is later than when it was let through; all of them are later by about as much.
        if response.is(200) {
            passed.push(Instant::now());
        }
    }
    passed
}

/// How many passed in a window that begins here. What took a moment longer to be answered is not counted twice.
fn within(passed: &[Instant], begin: Instant) -> u64 {
    let end = begin + WINDOW.saturating_sub(Duration::from_millis(20));
    passed.iter().filter(|at| begin <= **at && **at < end).count() as u64
}
