//! PF-005: while the issuer of the keys cannot be reached and none were ever fetched, everything is refused, in time, and
//! service is back five seconds after it is.
//!
//! Of the row's services authn has the key set; introspection and the classifier are not built yet.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use harness::client::h1;
use harness::config::{Endpoints, Protocol, cluster};
use harness::{Envoy, Reply, Upstream};
use serde_json::json;

use super::fetching::{Issuer, authn, good_set, is_refusal, keys, until_good};
use super::{Outcome, scaled};

const REMOVED: Issuer = Issuer { name: "removed", cluster: "removed" };
const BLACKHOLED: Issuer = Issuer { name: "blackholed", cluster: "blackholed" };
const CLIENTS: u32 = 4;
/// What one fetch may take; nobody waits longer.
const TIMEOUT: Duration = Duration::from_secs(2);
/// What scheduling adds on a busy machine.
const SLACK: Duration = Duration::from_millis(300);
/// Within this service is back.
const RECOVERY: Duration = Duration::from_secs(5);

pub(super) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    let (upstream, server) = (Upstream::h1(), Upstream::h1());
    let is_down = Arc::new(AtomicBool::new(true));
    let down = Arc::clone(&is_down);
    server.answer_all(move |_| if down.load(Ordering::SeqCst) { Reply::silence() } else { keys(&good_set()) });
    let endpoints = Endpoints::of("removed");
    let fetch = json!({"timeout": format!("{}s", TIMEOUT.as_secs())});
    let envoy = Envoy::builder(authn(&[REMOVED, BLACKHOLED], &fetch))
        .upstream(upstream.address())
        .cluster(endpoints.cluster())
        .cluster(cluster("blackholed", Some(server.address()), Protocol::H1))
        .workers(2)
        .start()
        .unwrap();
    let length = Duration::from_secs(scaled(300).into());
    let slowest = [REMOVED, BLACKHOLED].map(|issuer| {
        let address = envoy.address();
        thread::spawn(move || (load(address, &issuer, length), issuer))
    });
    let mut notes = Vec::new();
    for thread in slowest {
        let Ok(((p99, count, odd), issuer)) = thread.join() else { continue };
        outcome.check(odd.is_none(), || format!("{}: {}", issuer.name, odd.unwrap_or_default()));
        outcome.check(p99 <= TIMEOUT + SLACK, || format!("{}: p99 of {count} refusals is {p99:?}", issuer.name));
        notes.push(format!("{} p99 {} ms of {count}", issuer.name, p99.as_millis()));
    }
    let passed = upstream.hits();
    outcome.check(passed == 0, || format!("{passed} requests passed"));
    is_down.store(false, Ordering::SeqCst);
    endpoints.set(Some(server.address()));
    let begin = Instant::now();
    for issuer in [REMOVED, BLACKHOLED] {
        let back = until_good(envoy.address(), &issuer, Duration::from_mins(1).saturating_sub(begin.elapsed()));
        let told = begin.elapsed();
        outcome.check(back.is_some() && told <= RECOVERY, || {
            format!("{}: back {:.1} s after its issuer was, expected {RECOVERY:?}", issuer.name, told.as_secs_f64())
        });
        notes.push(format!("{} back after {:.1} s", issuer.name, told.as_secs_f64()));
    }
    outcome.check(envoy.trap().is_none(), || format!("the module trapped: {:?}", envoy.trap()));
    outcome.notes = notes.join(", ");
    outcome
}

/// Good tokens for so long: how slow the slowest hundredth was, how many there were, and what should not have been.
fn load(address: SocketAddr, issuer: &Issuer, length: Duration) -> (Duration, usize, Option<String>) {
    let told: Mutex<(Vec<Duration>, Option<String>)> = Mutex::default();
    let end = Instant::now() + length;
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut client = h1::Connection::open(address);
                while Instant::now() < end {
                    let begin = Instant::now();
                    let answer = client.send(&issuer.good());
                    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                    told.0.push(begin.elapsed());
                    if !is_refusal(&answer) {
                        told.1.get_or_insert(format!("{answer:?}"));
                        client = h1::Connection::open(address);
                    }
                    drop(told);
                    sleep(Duration::from_millis(10));
                }
            });
        }
    });
    let (mut times, odd) = told.into_inner().unwrap_or_else(PoisonError::into_inner);
    times.sort_unstable();
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
    (p99, times.len(), odd)
}
