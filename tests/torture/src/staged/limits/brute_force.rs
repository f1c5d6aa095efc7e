//! RL-020: whoever tries wrong API keys as fast as they can is limited by address before anything costs, and a good caller
//! at another address does not notice.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use harness::client::h1;
use harness::{Envoy, Listener, Request, Upstream, WasmFilter};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::staged::Outcome;

pub(crate) const VARIANTS: usize = 4;

const GOOD: &str = "sk-the-key-of-a-good-caller-0123456789";
const LIMIT: u64 = 50;
const FOR: Duration = Duration::from_secs(3);

pub(crate) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    let upstream = Upstream::h1();
    let edge = json!({"name": "edge", "limits": [{
        "name": "address", "key": ["source"], "unit": "requests", "limit": LIMIT, "window": "1h", "algorithm": "sliding_window"
    }]});
    let listener = Listener::new()
        .filter(WasmFilter::new("ratelimit-shared-data").configured(&edge))
        .filter(WasmFilter::new("authn").configured(&authn()))
        .manager(&json!({"use_remote_address": true}));
    let envoy = Envoy::builder(listener).upstream(upstream.address()).workers(2).start().unwrap();
    let (is_over, tried, unauthorized, others) =
        (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let good = thread::scope(|scope| {
        for attacker in 0..4_u64 {
            let (envoy, is_over, tried, unauthorized, others) = (&envoy, &is_over, &tried, &unauthorized, &others);
            scope.spawn(move || {
                let mut connection = h1::Connection::open(envoy.address());
                while !is_over.load(Ordering::Relaxed) {
                    let number = tried.fetch_add(1, Ordering::Relaxed);
                    let key = format!("sk-wrong-{attacker}-{number:032}");
                    match connection.send(&Request::get("/v1/models").header("x-api-key", key)).status {
                        Some(401) => unauthorized.fetch_add(1, Ordering::Relaxed),
                        Some(429) => 0,
                        _ => others.fetch_add(1, Ordering::Relaxed),
                    };
                }
            });
        }
        let good = good_caller(envoy.address());
        is_over.store(true, Ordering::Relaxed);
        good
    });
    let (tried, checked) = (tried.into_inner(), unauthorized.into_inner());
    outcome.check(others.into_inner() == 0, || "an answer that is neither 401 nor 429".to_owned());
    outcome.check(checked == LIMIT, || format!("{checked} keys were tried, {LIMIT} may be"));
    outcome
        .check(good.1 == 0 && good.0 > 0, || format!("a good caller elsewhere: {} passed, {} did not", good.0, good.1));
    outcome.check(upstream.hits() == good.0, || format!("{} reached the upstream, {} may", upstream.hits(), good.0));
    outcome.notes = format!("{} wrong keys a second, {checked} looked at", tried / FOR.as_secs());
    outcome
}

fn authn() -> Value {
    let hash = format!("{:x}", Sha256::digest(GOOD));
    json!({
        "credentials": [{"header": "x-api-key"}],
        "key_sets": {"k": {"keys": [{"id": "one", "sha256": hash, "subject": "alice"}]}},
        "rules": [{"name": "all", "require": {"any": ["k"]}}]
    })
}

/// How many requests of a good caller at another address pass, and how many do not.
fn good_caller(address: SocketAddr) -> (u64, u64) {
    let mut connection = h1::Connection::open_from(Ipv4Addr::new(127, 0, 0, 2), address);
    let (begin, mut counts) = (Instant::now(), (0, 0));
    while begin.elapsed() < FOR {
        let response = connection.send(&Request::get("/v1/models").header("x-api-key", GOOD));
        if response.is(200) {
            counts.0 += 1;
        } else {
            counts.1 += 1;
        }
        thread::sleep(FOR / 45);
    }
    counts
}
