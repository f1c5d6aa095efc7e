//! Keys that are watched: what is counted and told, and how their limits shrink and recover.

use portcullis::host::fake::Request;
use portcullis::prelude::Millis;
use serde_json::{Value, json};

use super::world::{answered, as_caller, asking, field, limited, metric, passes, requests, tokens, verdict, with};

fn models() -> Request {
    Request::get("/v1/models")
}

fn watched(limit: u64, changes: Value) -> Value {
    with(requests(limit), changes)
}

#[test]
fn whoever_was_risky_is_in_quarantine_and_nobody_else() {
    let risk = json!({"risk": {"threshold": 0.5, "for": "5m"}});
    let envoy = limited(&watched(100, risk));
    as_caller(&envoy, "mallory");
    envoy.world().state("portcullis.risk", Some(b"0.49"));
    assert_eq!(passes(&envoy, &models(), 2), 2);
    envoy.world().state("portcullis.risk", Some(b"0.5"));
    assert_eq!(passes(&envoy, &models(), 1), 1, "it counts from the next request on");
    let answer = envoy.send(&models());
    assert_eq!((answer.status, field(&answer, "retry-after").as_deref()), (429, Some("300")));
    let told = json!({"outcome": "deny", "limit": "calls", "code": "rate_limit_exceeded", "mode": "enforce",
                      "shrunk": "risk"});
    assert_eq!(verdict(&answer), told);
    assert_eq!(metric(&envoy, "unusual_total.event.risk"), 1);
    envoy.world().state("portcullis.risk", None);
    as_caller(&envoy, "alice");
    assert_eq!(passes(&envoy, &models(), 3), 3);
    as_caller(&envoy, "mallory");
    envoy.advance(Millis(299_000));
    assert_eq!(passes(&envoy, &models(), 1), 0);
    envoy.advance(Millis(2_000));
    assert_eq!(passes(&envoy, &models(), 3), 3);
}

#[test]
fn a_limit_can_shrink_instead() {
    let risk = json!({"risk": {"threshold": 0.5, "for": "5m", "percent": 20}});
    let envoy = limited(&with(tokens(1000), risk));
    as_caller(&envoy, "mallory");
    envoy.world().state("portcullis.risk", Some(b"1"));
    let usage = json!({"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10});
    assert_eq!(envoy.send(&answered(asking(&json!(800)), &usage)).status, 200);
    let more = envoy.send(&answered(asking(&json!(800)), &usage));
    assert_eq!(
        (more.status, field(&more, "retry-after").as_deref()),
        (429, Some("300")),
        "not more than there ever is"
    );
    assert_eq!(envoy.send(&answered(asking(&json!(100)), &usage)).status, 200);
    assert_eq!(envoy.send(&answered(asking(&json!(2000)), &usage)).status, 403, "that is more than there ever is");
}

#[test]
fn what_is_no_number_is_no_risk() {
    let envoy = limited(&watched(100, json!({"risk": {"threshold": 0.01, "for": "5m"}})));
    for risk in ["", "high", "NaN", "-1", "0x1", "0.001"] {
        envoy.world().state("portcullis.risk", Some(risk.as_bytes()));
        assert_eq!(passes(&envoy, &models(), 2), 2, "{risk}");
    }
    assert_eq!(metric(&envoy, "unusual_total.event.risk"), 0);
}

/// A minute's limit is 1,200; one a second is usual, then it is ten.
#[test]
fn a_spike_is_counted_told_and_shrinks_the_limit_if_it_shall() {
    for (percent, passed) in [(100, 900), (5, 150)] {
        let spike = json!({"spike": {"factor": 4, "for": "10m", "percent": percent}});
        let envoy = limited(&watched(1200, spike));
        let each_second = |seconds: u64, requests: usize| -> usize {
            (0..seconds)
                .map(|_| {
                    envoy.advance(Millis(1000));
                    passes(&envoy, &models(), requests)
                })
                .sum()
        };
        assert_eq!(each_second(1200, 1), 1200);
        assert_eq!(metric(&envoy, "unusual_total.event.spike"), 0);
        let sum = each_second(90, 10);
        assert!(if percent == 100 { sum == passed } else { (passed..900).contains(&sum) }, "{percent}: {sum}");
        assert_eq!(metric(&envoy, "unusual_total.event.spike"), 1);
        let answers = || (0..100).map(|_| envoy.send(&models()));
        let answer = answers().find(|answer| percent == 100 || answer.status == 429).unwrap();
        let told = if percent == 100 { json!({"spike": "calls"}) } else { json!({"shrunk": "spike"}) };
        let verdict = verdict(&answer);
        assert!(told.as_object().unwrap().iter().all(|(name, value)| verdict[name] == *value), "{verdict}");
        envoy.advance(Millis(600_000));
        assert_eq!(passes(&envoy, &models(), 100), 100, "{percent}: it is over");
    }
}

#[test]
fn of_tokens_what_was_used_makes_a_spike() {
    let envoy = limited(&with(tokens(100_000), json!({"spike": {"factor": 4, "for": "10m"}})));
    let answers = |seconds: u64, tokens: u64| {
        let usage = json!({"prompt_tokens": 5, "completion_tokens": tokens - 5, "total_tokens": tokens});
        for _ in 0..seconds {
            envoy.advance(Millis(1000));
            assert_eq!(envoy.send(&answered(asking(&json!(1000)), &usage)).status, 200);
        }
    };
    answers(1200, 100);
    assert_eq!(metric(&envoy, "unusual_total.event.spike"), 0);
    answers(120, 1000);
    assert_eq!(metric(&envoy, "unusual_total.event.spike"), 1);
}

/// A bucket that leaks keeps what is in it while its limit is smaller.
#[test]
fn to_be_risky_does_not_free_what_was_spent() {
    let risk = json!({"risk": {"threshold": 0.5, "for": "60s"}, "algorithm": "gcra", "window": "1h"});
    let envoy = limited(&with(tokens(1000), risk));
    as_caller(&envoy, "mallory");
    let usage = json!({"prompt_tokens": 450, "completion_tokens": 450, "total_tokens": 900});
    assert_eq!(envoy.send(&answered(asking(&json!(10)), &usage)).status, 200);
    envoy.world().state("portcullis.risk", Some(b"1"));
    let little = json!({"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10});
    assert_eq!(envoy.send(&answered(asking(&json!(10)), &little)).status, 200);
    envoy.world().state("portcullis.risk", None);
    envoy.advance(Millis(61_000));
    assert_eq!(envoy.send(&answered(asking(&json!(300)), &little)).status, 429);
}

/// Who comes back after a long time is new, whether or not somebody else has taken the place meanwhile.
#[test]
fn who_comes_back_is_no_spike() {
    let envoy = limited(&watched(100, json!({"spike": {"factor": 2, "for": "10m"}})));
    for _ in 0..5 {
        assert_eq!(passes(&envoy, &models(), 50), 50);
        envoy.advance(Millis(30 * 60_000));
    }
    assert_eq!(metric(&envoy, "unusual_total.event.spike"), 0);
}
