//! AUTHN-041: while the keys never came, nobody passes, the issuer is not hammered, and it ends when the keys come.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use harness::client::h1;
use harness::config::{Protocol, cluster};
use harness::upstream::Closed;
use harness::{Envoy, Reply, Upstream};
use serde_json::json;

use super::fetching::{Issuer, authn, connections, evil_set, good_set, is_refusal, keys, until_good};
use super::{Outcome, is_in_full, scaled};

/// How the issuer is down: nobody listens, it never answers, it answers 500.
const ISSUERS: [Issuer; 3] = [
    Issuer { name: "refused", cluster: "refused" },
    Issuer { name: "silent", cluster: "silent" },
    Issuer { name: "failing", cluster: "failing" },
];
pub(super) const VARIANTS: usize = ISSUERS.len();
const WORKERS: u32 = 2;
/// The longest wait between two tries while there are no keys.
const STEP: Duration = Duration::from_secs(2);

pub(super) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    let upstream = Upstream::h1();
    let is_down = Arc::new(AtomicBool::new(true));
    let refused = Closed::port();
    let silent = switched(&is_down, Reply::silence());
    let failing = switched(&is_down, Reply::status(500).body(evil_set().to_string()));
    let envoy = Envoy::builder(authn(&ISSUERS, &json!({"timeout": "500ms"})))
        .upstream(upstream.address())
        .cluster(cluster("refused", Some(refused.address()), Protocol::H1))
        .cluster(cluster("silent", Some(silent.address()), Protocol::H1))
        .cluster(cluster("failing", Some(failing.address()), Protocol::H1))
        .workers(WORKERS)
        .start()
        .unwrap();
    let began = Instant::now();
    let length = Duration::from_secs(if is_in_full() { 10 } else { 4 });
    for fault in ask_all(&envoy, length) {
        outcome.check(false, || fault);
    }
    let passed = upstream.hits();
    outcome.check(passed == 0, || format!("{passed} requests passed without keys"));
    // By now a fetch was tried at 0, 1, 3, 5 s and so on: a step each, for one worker or at most for each.
    let steps = steps_until(began.elapsed());
    for issuer in &ISSUERS {
        let tried = connections(&envoy, issuer.cluster).max(super::fetching::calls(&envoy, issuer.cluster));
        let most = u64::from(WORKERS) * (steps + 1);
        outcome.check((1..=most).contains(&tried), || format!("{}: {tried} fetches, at most {most}", issuer.name));
    }
    is_down.store(false, Ordering::SeqCst);
    let opened = refused.open();
    opened.answer_all(|_| keys(&good_set()));
    let due = STEP * 2;
    let slowest = recovery(&envoy, due, &mut outcome);
    outcome.notes = format!("{} requests each, back after {:.1} s at most", scaled(1000), slowest.as_secs_f64());
    outcome
}

fn switched(is_down: &Arc<AtomicBool>, down: Reply) -> Upstream {
    let (server, is_down) = (Upstream::h1(), Arc::clone(is_down));
    server.answer_all(move |_| if is_down.load(Ordering::SeqCst) { down.clone() } else { keys(&good_set()) });
    server
}

/// How many waits end within this time: the first is 1 s, the others are 2 s; each up to a tenth shorter.
fn steps_until(elapsed: Duration) -> u64 {
    elapsed.mul_f64(1.0 / 0.9).as_secs().div_ceil(STEP.as_secs())
}

/// Good tokens of every issuer, evenly over this time; a request that waits holds up no other.
fn ask_all(envoy: &Envoy, length: Duration) -> Vec<String> {
    let requests = scaled(1000);
    let address = envoy.address();
    thread::scope(|scope| {
        let mut clients = Vec::new();
        for _ in 0..requests {
            for issuer in &ISSUERS {
                let request = issuer.good();
                clients.push((issuer.name, scope.spawn(move || h1::send(address, &request))));
            }
            sleep(length / requests);
        }
        let answers = clients.into_iter().filter_map(|(name, client)| Some((name, client.join().ok()?)));
        let refused = answers.filter(|(_, answer)| !is_refusal(answer));
        refused.map(|(name, answer)| format!("{name}: {answer:?}")).take(3).collect()
    })
}

fn recovery(envoy: &Envoy, due: Duration, outcome: &mut Outcome) -> Duration {
    let begin = Instant::now();
    for issuer in &ISSUERS {
        let back = until_good(envoy.address(), issuer, due.saturating_sub(begin.elapsed()));
        outcome.check(back.is_some(), || format!("{}: no good token passed within {due:?}", issuer.name));
    }
    begin.elapsed()
}
