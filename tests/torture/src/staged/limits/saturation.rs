//! RL-019: the largest numbers there are give no free pass: limits of 2^64, costs of 2^64, twice, and the host's counter of
//! writes where it begins anew.

use portcullis::host::fake::{Envoy, Request};
use ratelimit_shared_data::RateLimit;
use ratelimit_shared_data::policy::{Algorithm, Ask, Bucket, Meter, Now, Quota, SECOND};
use serde_json::json;

use super::{by_key, tokens};
use crate::staged::Outcome;

pub(crate) const VARIANTS: usize = 6;

pub(crate) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    for algorithm in [Algorithm::Gcra, Algorithm::SlidingWindow, Algorithm::FixedWindow] {
        outcome.check(spends_all_once(algorithm), || format!("{algorithm:?}: the largest cost passes twice"));
    }
    let configuration = json!({"limits": [by_key(u64::MAX, "60s", "gcra")]}).to_string();
    outcome.check(Envoy::of_filter::<RateLimit>(&configuration).is_err(), || "a limit of 2^64 is taken".to_owned());
    outcome.check(refuses_the_largest_cap(), || "a cap of 2^64 passes".to_owned());
    let passed = while_the_counter_begins_anew();
    outcome.check(passed == 10, || format!("{passed} of 10 passed while the counter of writes began anew"));
    outcome
}

fn spends_all_once(algorithm: Algorithm) -> bool {
    let (meter, quota) = (Meter::AtEnd(algorithm, 60 * SECOND), Quota::new(u64::MAX, 60 * SECOND));
    let (mut bucket, now) = (Bucket::new(meter), Now { monotonic: SECOND, wall: SECOND });
    let all = Ask { units: u64::MAX, thing: 0 };
    let Ok(first) = bucket.ask(meter, &quota, now, all) else { return false };
    let again = bucket.ask(meter, &quota, now, all);
    bucket.settle(meter, &quota, now, first, u64::MAX);
    again.is_err() && bucket.ask(meter, &quota, now, Ask { units: 1, thing: 0 }).is_err()
}

fn refuses_the_largest_cap() -> bool {
    let envoy = Envoy::of_filter::<RateLimit>(&json!({"limits": [tokens(1000, "60s")]}).to_string()).unwrap();
    let body = br#"{"model":"small","max_tokens":18446744073709551615,"messages":[]}"#;
    let request = Request::post("/v1/chat/completions", body).header("content-type", "application/json");
    let statuses = [envoy.send(&request).status, envoy.send(&request).status];
    statuses.iter().all(|status| *status == 403)
}

fn while_the_counter_begins_anew() -> usize {
    let envoy = Envoy::of_filter::<RateLimit>(&json!({"limits": [by_key(10, "60s", "gcra")]}).to_string()).unwrap();
    envoy.world().set_next_cas(u32::MAX - 5);
    (0..30).filter(|_| envoy.send(&Request::get("/v1/models")).status == 200).count()
}
