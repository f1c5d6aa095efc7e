//! Two Envoys with two workers each let through exactly as many as one limit says.

use serde_json::json;

use crate::{Fleet, requests, with_status};

const LIMIT: u64 = 100;
const CONNECTIONS: usize = 16;
const EACH: usize = 8;

#[test]
fn two_envoys_let_through_exactly_what_one_limit_says() {
    let fleet = Fleet::start(&requests(LIMIT), &json!({}));
    for run in 0..5 {
        let hits = fleet.upstream.hits();
        let responses = fleet.crowd(CONNECTIONS, EACH, &format!("run {run}"));
        assert_eq!(responses.len(), 2 * CONNECTIONS * EACH);
        let (passed, refused) = (with_status(&responses, 200), with_status(&responses, 429));
        assert_eq!((passed, refused), (LIMIT, responses.len() as u64 - LIMIT), "run {run}");
        assert_eq!(fleet.upstream.hits() - hits, passed);
    }
    assert_eq!(fleet.stat("unavailable"), 0);
}

/// Exact up to the sum of the leases: never more than the limit, and no fewer than what nobody holds.
#[test]
fn with_leases_they_let_through_no_more_and_lack_only_what_the_other_holds() {
    let (limit, lease) = (1000, 50);
    let fleet = Fleet::start(&requests(limit), &json!({"local_first": {"percent": 5, "lease": "1h"}}));
    for run in 0..3 {
        let responses = fleet.crowd(8, 80, &format!("run {run}"));
        let passed = with_status(&responses, 200);
        assert!((limit - 2 * lease..=limit).contains(&passed), "run {run}: {passed}");
        assert_eq!(passed + with_status(&responses, 429), responses.len() as u64);
    }
    assert!(fleet.stat("leased") > 2 * limit, "most were not asked about: {}", fleet.stat("leased"));
}
