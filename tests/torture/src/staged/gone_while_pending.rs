//! AUTHN-053: clients that leave while the keys are on their way leave nothing behind, and the answer that comes after
//! them finds nobody and harms nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use harness::client::{h1, h2};
use harness::config::{Protocol, cluster};
use harness::{Envoy, Reply, Request, Upstream};
use serde_json::json;

use super::fetching::{Issuer, authn, good_set, keys, on_each_worker, until_good};
use super::{Outcome, scaled};

const ISSUER: Issuer = Issuer { name: "a", cluster: "documents" };
/// How much resident memory may grow over a variant: allocators keep some.
const GROWTH: u64 = 24 << 20;
/// How long the issuer takes while clients leave.
const PENDING: Duration = Duration::from_secs(3);

pub(super) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    for (wire, leave) in [("h1", leave_h1 as fn(&Envoy, &Request)), ("h2", leave_h2)] {
        let world = World::start();
        world.variant(&format!("{wire}, no keys yet"), leave, || ISSUER.good(), &mut outcome);
        let came = until_good(world.envoy.address(), &ISSUER, Duration::from_secs(10)).is_some();
        outcome.check(came, || format!("{wire}: the keys never came"));
        sleep(Duration::from_secs(1)); // the cooldown
        world.variant(&format!("{wire}, an unknown key"), leave, || ISSUER.unknown(), &mut outcome);
    }
    outcome.notes = format!("{} clients a variant", scaled(10_000));
    outcome
}

fn leave_h1(envoy: &Envoy, request: &Request) {
    let mut client = h1::Connection::open(envoy.address());
    client.start(request);
    sleep(Duration::from_micros(300));
    client.abort();
}

fn leave_h2(envoy: &Envoy, request: &Request) {
    let mut client = h2::Connection::open(envoy.address());
    let stream = client.start(request);
    sleep(Duration::from_micros(300));
    client.reset(stream, h2::CANCEL);
}

struct World {
    envoy: Envoy,
    upstream: Upstream,
    documents: Upstream,
    is_slow: Arc<AtomicBool>,
}

impl World {
    fn start() -> Self {
        let (upstream, documents) = (Upstream::h1(), Upstream::h1());
        let is_slow = Arc::new(AtomicBool::new(true));
        let slow = Arc::clone(&is_slow);
        documents.answer_all(move |_| {
            let begin = Instant::now();
            while slow.load(Ordering::SeqCst) && begin.elapsed() < Duration::from_mins(1) {
                sleep(Duration::from_millis(10));
            }
            if begin.elapsed() < Duration::from_mins(1) { keys(&good_set()) } else { Reply::status(500) }
        });
        let fetch = json!({"refresh": "24h", "timeout": "30s", "cooldown": "1s"});
        let envoy = Envoy::builder(authn(&[ISSUER], &fetch))
            .upstream(upstream.address())
            .cluster(cluster("documents", Some(documents.address()), Protocol::H1))
            .workers(2)
            .start()
            .unwrap();
        Self { envoy, upstream, documents, is_slow }
    }

    /// Clients come and go while a fetch is under way; then it is answered.
    fn variant(&self, name: &str, leave: fn(&Envoy, &Request), request: impl Fn() -> Request, outcome: &mut Outcome) {
        self.is_slow.store(true, Ordering::SeqCst);
        let (hits, fetched) = (self.upstream.hits(), self.documents.hits());
        let before = self.envoy.resident_bytes();
        for _ in 0..scaled(10_000) {
            leave(&self.envoy, &request());
        }
        let is_pending = self.envoy.stat("cluster.documents.upstream_rq_active") > 0;
        outcome.check(is_pending, || format!("{name}: no fetch was under way, {fetched} before"));
        sleep(PENDING / 10);
        self.is_slow.store(false, Ordering::SeqCst);
        self.settles(name, before, outcome);
        let passed = self.upstream.hits() - hits;
        outcome.check(passed == 0, || format!("{name}: {passed} requests of clients that had gone passed"));
        for answer in on_each_worker(&self.envoy, || ISSUER.good()) {
            outcome.check(answer.is(200), || format!("{name}: afterwards a good token got {answer:?}"));
        }
    }

    fn settles(&self, name: &str, before: u64, outcome: &mut Outcome) {
        let active = || {
            let is_open = |stat: &str| stat.ends_with("downstream_rq_active") && !stat.contains("admin");
            let open = self.envoy.stats("http.").iter().filter(|(stat, _)| is_open(stat)).map(|(_, n)| n).sum::<u64>();
            open + self.envoy.stat("cluster.documents.upstream_rq_active")
        };
        let deadline = Instant::now() + PENDING;
        while active() > 0 && Instant::now() < deadline {
            sleep(Duration::from_millis(20));
        }
        let grown = self.envoy.resident_bytes().saturating_sub(before);
        let (active, sign) = (active(), self.envoy.trap());
        outcome.check(active == 0 && grown <= GROWTH && sign.is_none(), || {
            format!("{name}: {active} requests and calls are open, {grown} bytes more, trap: {sign:?}")
        });
    }
}
