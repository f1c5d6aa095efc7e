//! PF-003: somebody sends a request that traps, a hundred times a second, while others send good ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use harness::client::h1;
use harness::{Envoy, Listener, Request, Upstream, WasmFilter};
use serde_json::json;

use super::{Outcome, scaled};

const WORKERS: u32 = 2;

pub(super) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    let upstream = Upstream::h1();
    let config = json!({"request": {"do": [{"trap_if": "headers"}]}});
    let listener = Listener::new().filter(WasmFilter::new("actor").configured(&config));
    let envoy = Envoy::builder(listener).upstream(upstream.address()).workers(WORKERS).start().unwrap();
    let attack = Duration::from_secs(u64::from(scaled(60)));
    let during = good_while(&envoy, || {
        let end = Instant::now() + attack;
        while Instant::now() < end {
            h1::send(envoy.address(), &Request::get("/bad").header("x-trap", "headers"));
            thread::sleep(Duration::from_millis(10));
        }
    });
    let reloads =
        envoy.stats("").iter().filter(|(name, _)| name.ends_with("vm_reload_success")).map(|(_, n)| n).sum::<u64>();
    thread::sleep(Duration::from_secs(2));
    let after = good_while(&envoy, || thread::sleep(Duration::from_secs(2)));
    let bad = upstream.requests().iter().filter(|seen| seen.path() == "/bad").count();
    outcome.check(bad == 0, || format!("{bad} trapping requests were forwarded"));
    let most = u64::from(WORKERS) * (attack.as_secs() + 1);
    outcome.check(reloads <= most, || format!("{reloads} reloads in {attack:?}, expected at most {most}"));
    outcome.check(after.share() >= 0.99, || format!("served {:.3} from 2 s after the last trap", after.share()));
    outcome.notes = format!("served meanwhile {:.1} %, {reloads} reloads", during.share() * 100.0);
    outcome
}

#[derive(Default)]
struct Served {
    good: AtomicU32,
    all: AtomicU32,
}

impl Served {
    fn share(&self) -> f64 {
        f64::from(self.good.load(Ordering::Relaxed)) / f64::from(self.all.load(Ordering::Relaxed).max(1))
    }
}

/// Sends good requests, about a thousand a second, for as long as the other takes.
fn good_while(envoy: &Envoy, other: impl FnOnce()) -> Arc<Served> {
    let (served, stop) = (Arc::new(Served::default()), Arc::new(AtomicBool::new(false)));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (served, stop, address) = (Arc::clone(&served), Arc::clone(&stop), envoy.address());
            thread::spawn(move || {
                let mut client = h1::Connection::open(address);
                while !stop.load(Ordering::Relaxed) {
                    let answer = client.send(&Request::get("/good"));
                    served.all.fetch_add(1, Ordering::Relaxed);
                    if answer.is(200) {
                        served.good.fetch_add(1, Ordering::Relaxed);
                    } else {
                        client = h1::Connection::open(address);
                    }
                    thread::sleep(Duration::from_millis(4));
                }
            })
        })
        .collect();
    other();
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        drop(client.join());
    }
    served
}
