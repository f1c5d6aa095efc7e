//! AUTHN-042: a flood of tokens with unknown `kid`s makes one fetch in a cooldown, costs no memory that stays, and holds
//! up no good token.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use harness::client::h1;
use harness::config::{Protocol, cluster};
use harness::{Envoy, Upstream};
use serde_json::json;

use super::fetching::{Issuer, authn, calls, good_set, keys, until_good};
use super::{Outcome, is_in_full, scaled};

const ISSUER: Issuer = Issuer { name: "a", cluster: "documents" };
const WORKERS: u32 = 2;
const CLIENTS: u32 = 8;
/// A good token after so many others.
const GOOD_EVERY: u32 = 10;
/// How much resident memory the flood may leave behind.
const GROWTH: u64 = 16 << 20;

pub(super) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    let (upstream, documents) = (Upstream::h1(), Upstream::h1());
    documents.answer_all(|_| keys(&good_set()));
    let envoy = Envoy::builder(authn(&[ISSUER], &json!({"refresh": "24h"})))
        .upstream(upstream.address())
        .cluster(cluster("documents", Some(documents.address()), Protocol::H1))
        .workers(WORKERS)
        .start()
        .unwrap();
    outcome.check(until_good(envoy.address(), &ISSUER, Duration::from_secs(5)).is_some(), || "no keys came".to_owned());
    let warm = Flood::default();
    warm.run(&envoy, scaled(10_000) / 5, Duration::from_secs(1));
    let (before, fetched, hits) = (envoy.resident_bytes(), calls(&envoy, "documents"), upstream.hits());
    let flood = Flood::default();
    let length = Duration::from_secs(if is_in_full() { 10 } else { 2 });
    flood.run(&envoy, scaled(10_000), length);
    let count = |counter: &AtomicU32| counter.load(Ordering::Relaxed);
    let (refused, good, odd) = (count(&flood.refused), count(&flood.good), count(&flood.odd));
    outcome.check(odd == 0, || format!("{odd} answers that are neither 401 to a bad nor 200 to a good token"));
    outcome.check(upstream.hits() - hits == u64::from(good), || {
        format!("{} requests reached the upstream, {good} were good", upstream.hits() - hits)
    });
    // The first unknown kid came with the warming up; its cooldown of 30 s is not over.
    let more = calls(&envoy, "documents") - fetched;
    outcome.check(more == 0 && fetched <= 2, || format!("{fetched} fetches before the flood, {more} for it"));
    let grown = envoy.resident_bytes().saturating_sub(before);
    outcome.check(grown <= GROWTH, || format!("{grown} bytes more"));
    outcome.check(envoy.trap().is_none(), || format!("the module trapped: {:?}", envoy.trap()));
    outcome.notes = format!("{refused} unknown, {good} good, {} KiB more", grown >> 10);
    outcome
}

#[derive(Default)]
struct Flood {
    refused: AtomicU32,
    good: AtomicU32,
    odd: AtomicU32,
}

impl Flood {
    /// So many unknown kids, by some clients together, not faster than in this time.
    fn run(&self, envoy: &Envoy, requests: u32, length: Duration) {
        let each = requests / CLIENTS;
        let pace = length / each.max(1);
        thread::scope(|scope| {
            for _ in 0..CLIENTS {
                scope.spawn(|| {
                    let mut client = h1::Connection::open(envoy.address());
                    let begin = Instant::now();
                    for number in 0..each {
                        thread::sleep((pace * number).saturating_sub(begin.elapsed()));
                        self.count(client.send(&ISSUER.unknown()).is(401), &self.refused);
                        if number % GOOD_EVERY == 0 {
                            self.count(client.send(&ISSUER.good()).is(200), &self.good);
                        }
                    }
                });
            }
        });
    }

    fn count(&self, is_right: bool, counter: &AtomicU32) {
        (if is_right { counter } else { &self.odd }).fetch_add(1, Ordering::Relaxed);
    }
}
