//! The server, or its Redis, goes away under load and comes back.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use harness::client::h1;
use serde_json::json;

use crate::{Fleet, of_key, requests};

const CLIENTS: usize = 4;

/// What clients saw who never stopped asking.
#[derive(Default)]
struct Seen {
    passed: AtomicU64,
    limited: AtomicU64,
    unavailable: AtomicU64,
    others: AtomicU64,
}

impl Seen {
    fn counts(&self) -> [u64; 3] {
        assert_eq!(self.others.load(SeqCst), 0, "200, 429 and 503 are all that there is");
        [&self.passed, &self.limited, &self.unavailable].map(|count| count.load(SeqCst))
    }
}

/// Asks both Envoys without a pause while `story` goes on.
fn under_load(fleet: &mut Fleet, story: impl FnOnce(&mut Fleet, &Seen)) -> [u64; 3] {
    let (seen, is_over) = (Seen::default(), AtomicBool::new(false));
    let addresses: Vec<_> = fleet.envoys.iter().map(harness::Envoy::address).collect();
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (seen, is_over, address) = (&seen, &is_over, addresses[client % addresses.len()]);
            scope.spawn(move || {
                let mut connection = h1::Connection::open(address);
                while !is_over.load(SeqCst) {
                    let count = match connection.send(&of_key("all")).status {
                        Some(200) => &seen.passed,
                        Some(429) => &seen.limited,
                        Some(503) => &seen.unavailable,
                        _ => &seen.others,
                    };
                    count.fetch_add(1, SeqCst);
                    sleep(Duration::from_millis(2));
                }
            });
        }
        story(fleet, &seen);
        is_over.store(true, SeqCst);
    });
    seen.counts()
}

fn wait(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        sleep(Duration::from_millis(10));
    }
}

#[test]
fn while_the_server_is_away_nobody_passes_and_none_is_lost() {
    let limit = 600;
    let mut fleet = Fleet::start(&requests(limit), &json!({}));
    let [passed, limited, unavailable] = under_load(&mut fleet, |fleet, seen| {
        for round in 1..=2 {
            let before = seen.counts()[0];
            wait("some pass", || seen.counts()[0] > before + 50);
            fleet.server.kill();
            let refused = seen.counts()[2];
            wait("then none do", || seen.counts()[2] > refused + 2 * CLIENTS as u64);
            let at = seen.counts()[0];
            sleep(Duration::from_millis(300));
            assert_eq!(seen.counts()[0], at, "round {round}");
            fleet.server.restart();
        }
        wait("all that is left passes", || seen.counts()[1] > 50);
    });
    // An answer that was on its way when the server died was counted, and nobody heard of it.
    let on_their_way = 2 * CLIENTS as u64;
    assert!((limit - on_their_way..=limit).contains(&passed), "{passed}");
    assert!(limited > 0 && unavailable > 0);
    assert_eq!(fleet.stat("unavailable"), unavailable);
}

#[test]
fn while_redis_is_away_each_envoy_counts_for_itself() {
    let mut fleet = Fleet::start(&requests(400), &json!({"on_unavailable": "local", "local_percent": 10}));
    let [passed, limited, unavailable] = under_load(&mut fleet, |fleet, seen| {
        wait("some pass", || seen.counts()[0] > 100);
        let before = seen.counts()[0];
        fleet.redis.kill();
        wait("each lets through 40", || seen.counts()[1] > 20);
        let at = seen.counts()[0];
        assert!(at - before <= 2 * 40 + CLIENTS as u64, "{before}, {at}");
        fleet.redis.restart();
        wait("it is back", || seen.counts()[0] > at + 100);
    });
    let local = fleet.stat("local");
    assert!(local > 80, "{local}");
    assert_eq!(unavailable, 0);
    assert!(passed > 200 && limited > 0, "{passed}, {limited}");
}
