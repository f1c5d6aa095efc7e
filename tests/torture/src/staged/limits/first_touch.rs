//! RL-002: of 64 who come first at once, one passes where one may: a key that nobody has written is no gap.

use serde_json::json;

use super::{Limited, all_at_once, by_key, of_key, with_status};
use crate::staged::{Outcome, scaled};

pub(crate) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    let limited = Limited::start("ratelimit-shared-data", &json!([by_key(1, "1h", "sliding_window")]), 4);
    let keys = scaled(1000);
    let wrong: Vec<(u32, u64)> = (0..keys)
        .map(|key| {
            let request = of_key(&format!("fresh {key}"));
            (key, with_status(&all_at_once(limited.envoy.address(), 64, 1, &request), 200))
        })
        .filter(|(_, passed)| *passed != 1)
        .collect();
    outcome.check(wrong.is_empty(), || format!("key and how many passed: {wrong:?}"));
    outcome.check(limited.upstream.hits() == u64::from(keys), || format!("{} reached", limited.upstream.hits()));
    outcome.notes = format!("{keys} keys, 64 connections, 4 workers");
    outcome
}
