//! The table in shared data: bounded, shared, and nobody's to write but ours (torture rows RL-016 and RL-018).

use portcullis::host::fake::{Envoy, Request};
use serde_json::json;

use super::chance::Chance;
use super::world::{as_caller, envoy, limited, metric, neighbour, passes, requests, with};
use crate::policy::key::{Fingerprint, Secret};
use crate::policy::page::{BUCKETS, Corrupt, Full, Page};

const SECRET: Secret = Secret(*b"a secret of ours");

fn fingerprint(number: u64) -> Fingerprint {
    Fingerprint([number, !number].map(u64::to_le_bytes).concat().try_into().unwrap())
}

#[test]
fn a_page_is_read_back_as_written_and_nothing_else_is() {
    let mut page = Page::empty();
    for number in 0..BUCKETS as u64 {
        page.put(5, fingerprint(number), 100 + number, &[7; 30][..number as usize]).unwrap();
    }
    assert_eq!(page.clone().put(5, fingerprint(99), 100, &[]), Err(Full));
    let bytes = page.write(&SECRET, 3);
    assert_eq!(Page::read(&SECRET, 3, &bytes), Ok(page.clone()));
    assert_eq!(Page::read(&SECRET, 3, &bytes).unwrap().find(5, fingerprint(4)), Some(&[7; 4][..]));
    assert_eq!(page.find(104, fingerprint(4)), None, "what counts no more is not there");
    assert_eq!(Page::read(&SECRET, 4, &bytes), Err(Corrupt), "another page's");
    assert_eq!(Page::read(&Secret([1; 16]), 3, &bytes), Err(Corrupt), "another's");
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert_eq!(Page::read(&SECRET, 3, &changed), Err(Corrupt), "byte {at}");
        assert_eq!(Page::read(&SECRET, 3, &bytes[..at]), Err(Corrupt), "cut at {at}");
    }
    let mut chance = Chance::of(1);
    for length in [0, 1, 7, 8, 9, 100, 1 << 20] {
        let bytes: Vec<u8> = (0..length).map(|_| chance.next() as u8).collect();
        assert_eq!(Page::read(&SECRET, 3, &bytes), Err(Corrupt), "{length}");
    }
    // What counts no more makes room.
    page.put(101, fingerprint(99), 500, &[]).unwrap();
    assert_eq!(
        (page.find(0, fingerprint(0)), page.find(0, fingerprint(1)), page.find(0, fingerprint(2)).is_some()),
        (None, None, true)
    );
}

/// Every page under every key of the instance is overwritten.
fn corrupt(envoy: &Envoy, value: &[u8]) -> usize {
    envoy.world().overwrite_shared(|key| key.starts_with("portcullis.ratelimit.") && !key.ends_with(".secret"), value)
}

#[test]
fn a_corrupt_page_lets_nobody_through_until_a_window_has_passed() {
    let random: Vec<u8> = (0..1 << 20).map(|byte| (byte * 31 % 251) as u8).collect();
    for value in [&b""[..], b"\0", b"0000000", &random] {
        let envoy = limited(&requests(3));
        assert_eq!(passes(&envoy, &Request::get("/v1/models"), 2), 2);
        assert_eq!(corrupt(&envoy, value), 1);
        assert_eq!(passes(&envoy, &Request::get("/v1/models"), 5), 0, "{} bytes", value.len());
        assert_eq!(metric(&envoy, "table_total.event.closed"), 5);
        envoy.advance(portcullis::prelude::Millis(59_000));
        assert_eq!(passes(&envoy, &Request::get("/v1/models"), 5), 0);
        envoy.advance(portcullis::prelude::Millis(2_000));
        assert_eq!(passes(&envoy, &Request::get("/v1/models"), 5), 3, "then all is as it was");
    }
}

#[test]
fn a_secret_that_is_not_ours_closes_whoever_does_not_know_it() {
    let one = limited(&requests(3));
    one.world().overwrite_shared(|_| true, b"");
    assert_eq!(passes(&one, &Request::get("/v1/models"), 1), 1, "nobody had written anything");
    let known = one.world().overwrite_shared(|key| key.ends_with(".secret"), b"other");
    assert_eq!((known, passes(&one, &Request::get("/v1/models"), 5)), (1, 2), "who knows it needs it no more");
    let two = neighbour(&one, &json!({"limits": [requests(3)]}));
    let answer = two.send(&Request::get("/v1/models"));
    assert_eq!((answer.status, answer.upstream.is_some()), (503, false));
}

/// Ten thousand keys in a table for a thousand: its keys are so many and no more, and who has no room shares a bucket.
#[test]
fn the_table_is_as_large_as_the_operator_says() {
    for (on_full, overflowed) in [("overflow", true), ("deny", false)] {
        let envoy = envoy(&json!({"limits": [requests(3)], "slots": 1024, "on_full": on_full}));
        let mut passed = 0;
        for number in 0..10_000 {
            as_caller(&envoy, &format!("caller {number}"));
            passed += passes(&envoy, &Request::get("/v1/models"), 1);
        }
        let (keys, bytes) = envoy.world().shared_size();
        assert!(keys <= 128 + 2, "{keys} keys");
        assert!(bytes < 1024 * 200, "{bytes} bytes");
        assert_eq!(passed, 1024 + if overflowed { 3 } else { 0 }, "{on_full}");
        let event = if overflowed { "overflowed" } else { "full" };
        assert!(metric(&envoy, &format!("table_total.event.{event}")) >= 8000);
    }
}

#[test]
fn two_instances_and_two_limits_have_their_own_buckets() {
    let limits = json!([requests(2), with(requests(1), json!({"name": "other", "operations": ["chat"]}))]);
    let envoy = envoy(&json!({"limits": limits}));
    as_caller(&envoy, "alice");
    assert_eq!(passes(&envoy, &Request::get("/v1/models"), 5), 2);
    let edge = neighbour(&envoy, &json!({"name": "edge", "limits": [requests(2)]}));
    as_caller(&edge, "alice");
    assert_eq!(passes(&edge, &Request::get("/v1/models"), 5), 2);
}
