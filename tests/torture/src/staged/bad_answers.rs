//! AUTHN-040: whatever an issuer's key set turns into, the last good one stays in force until `max_stale`, and nothing
//! that a bad answer holds is believed.
//!
//! One Envoy has an issuer for each bad answer, so that all go bad together. Each bad answer carries a key of the
//! attacker's where its form allows: if it were believed, a token of that key would pass.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use harness::client::h1;
use harness::config::{Protocol, cluster};
use harness::{Envoy, Reply, Upstream};
use serde_json::json;

use super::Outcome;
use super::fetching::{Issuer, authn, connections, evil_set, good_set, is_refusal, keys, on_each_worker, until_good};

/// The bad answers, each an issuer's name.
const BAD: [&str; 14] = [
    "error-500",
    "redirect",
    "reset",
    "hang",
    "html",
    "truncated",
    "ten-mebibytes",
    "nested",
    "gzip",
    "gzip-undeclared",
    "bom",
    "keys-null",
    "empty",
    "cut",
];
pub(super) const VARIANTS: usize = BAD.len() + 3;

const REFRESH: Duration = Duration::from_secs(2);
const MAX_STALE: Duration = Duration::from_secs(12);
/// Within so many rounds of bad answers memory must stop growing: each worker's VM keeps what its largest document
/// needed, and either may be the one that fetches it, in any round. What leaks ten mebibytes a round never stops.
const ROUNDS: usize = 4;
/// How much resident memory a round may add that has stopped growing it.
const GROWTH_PERCENT: u64 = 5;

pub(super) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    let world = World::start();
    world.begin(&mut outcome);
    let resident = world.rounds(&mut outcome);
    outcome.check(has_settled(&resident), || format!("memory grows with each round: {resident:?} KiB"));
    world.until_stale(&mut outcome);
    world.good_round(&mut outcome);
    world.end(&mut outcome);
    outcome.notes = format!("{resident:?} KiB resident after each round");
    outcome
}

/// Whether the last round added next to nothing to the one before it.
fn has_settled(resident: &[u64]) -> bool {
    matches!(resident, [.., before, last] if *last <= before + before * GROWTH_PERCENT / 100)
}

struct World {
    envoy: Envoy,
    upstream: Upstream,
    canary: Upstream,
    _documents: Upstream,
    issuers: Vec<Issuer>,
    is_bad: Arc<AtomicBool>,
}

impl World {
    fn start() -> Self {
        let (upstream, documents, canary) = (Upstream::h1(), Upstream::h1(), Upstream::h1());
        canary.answer_all(|_| keys(&evil_set()));
        let is_bad = Arc::new(AtomicBool::new(false));
        for name in BAD {
            let (is_bad, bad) = (Arc::clone(&is_bad), bad(name, &canary));
            documents.answer_with(&format!("/{name}"), move |_| {
                if is_bad.load(Ordering::SeqCst) { bad.clone() } else { keys(&good_set()) }
            });
        }
        let issuers: Vec<Issuer> = BAD.iter().map(|name| Issuer { name, cluster: "documents" }).collect();
        let fetch = json!({
            "refresh": format!("{}s", REFRESH.as_secs()), "max_stale": format!("{}s", MAX_STALE.as_secs()),
            "timeout": "500ms", "cooldown": "1s"
        });
        let envoy = Envoy::builder(authn(&issuers, &fetch))
            .upstream(upstream.address())
            .cluster(cluster("documents", Some(documents.address()), Protocol::H1))
            .cluster(cluster("canary", Some(canary.address()), Protocol::H1))
            .workers(2)
            .start()
            .unwrap();
        Self { envoy, upstream, canary, _documents: documents, issuers, is_bad }
    }

    fn begin(&self, outcome: &mut Outcome) {
        for issuer in &self.issuers {
            let is_there = until_good(self.envoy.address(), issuer, Duration::from_secs(5)).is_some();
            outcome.check(is_there, || format!("{}: its keys never came", issuer.name));
        }
    }

    /// Rounds of bad answers until memory has settled, with what was resident after each in KiB. It ends in a bad one.
    fn rounds(&self, outcome: &mut Outcome) -> Vec<u64> {
        let mut resident = vec![self.bad_round(outcome) >> 10];
        while resident.len() < ROUNDS && !has_settled(&resident) {
            self.good_round(outcome);
            resident.push(self.bad_round(outcome) >> 10);
        }
        resident
    }

    /// All answers are bad for some refreshes; the memory that Envoy then has.
    fn bad_round(&self, outcome: &mut Outcome) -> u64 {
        self.is_bad.store(true, Ordering::SeqCst);
        let end = Instant::now() + 3 * REFRESH;
        self.each(outcome, |issuer, outcome| {
            while Instant::now() < end {
                self.good_passes(issuer, outcome);
                self.others_do_not(issuer, outcome);
                sleep(Duration::from_millis(200));
            }
        });
        self.envoy.resident_bytes()
    }

    /// Everything is well again, and a refresh goes by.
    fn good_round(&self, outcome: &mut Outcome) {
        self.is_bad.store(false, Ordering::SeqCst);
        let ok = "wasmcustom.portcullis_authn_fetches_total.result.ok.instance.authn";
        let wanted = self.envoy.stat(ok) + self.issuers.len() as u64;
        // The wait after a failure is at most half a minute; these failures were few.
        let came = self.envoy.wait_for_stat(ok, wanted, Duration::from_secs(35));
        outcome.check(came, || format!("{} of {wanted} key sets came again", self.envoy.stat(ok)));
        self.each(outcome, |issuer, outcome| {
            let within = Duration::from_secs(35);
            let is_there = until_good(self.envoy.address(), issuer, within).is_some();
            outcome.check(is_there, || format!("{}: no good token passes any more", issuer.name));
            self.good_passes(issuer, outcome);
        });
    }

    /// All answers stay bad until the last good ones are too old.
    fn until_stale(&self, outcome: &mut Outcome) {
        // One that a worker verified before must not outlive its key either.
        let remembered: Vec<_> = self.issuers.iter().map(|issuer| issuer.token().sign(harness::Key::K1)).collect();
        sleep(MAX_STALE + Duration::from_secs(2));
        for (issuer, token) in self.issuers.iter().zip(&remembered) {
            let requests = [issuer.good(), super::fetching::asking(token), issuer.evil(), issuer.unknown()];
            for request in requests {
                let hits = self.upstream.hits();
                for answer in on_each_worker(&self.envoy, || request.clone()) {
                    outcome.check(is_refusal(&answer), || format!("{}: after max_stale {answer:?}", issuer.name));
                }
                let passed = self.upstream.hits() - hits;
                outcome.check(passed == 0, || format!("{}: {passed} passed after max_stale", issuer.name));
            }
        }
    }

    fn end(&self, outcome: &mut Outcome) {
        let touched = self.canary.connections() + connections(&self.envoy, "canary");
        outcome.check(touched == 0, || format!("a redirect was followed: {touched} connections to the canary"));
        let sign = self.envoy.trap();
        outcome.check(sign.is_none(), || format!("the module trapped: {sign:?}"));
    }

    fn good_passes(&self, issuer: &Issuer, outcome: &mut Outcome) {
        for answer in on_each_worker(&self.envoy, || issuer.good()) {
            outcome.check(answer.is(200), || format!("{}: a good token got {answer:?}", issuer.name));
        }
    }

    fn others_do_not(&self, issuer: &Issuer, outcome: &mut Outcome) {
        for request in [issuer.evil(), issuer.unknown()] {
            let answer = h1::send(self.envoy.address(), &request);
            outcome.check(answer.is(401), || format!("{}: an unknown key got {answer:?}", issuer.name));
        }
    }

    /// Does something for all issuers at once; each fails once at most.
    fn each(&self, outcome: &mut Outcome, act: impl Fn(&Issuer, &mut Outcome) + Sync) {
        let act = &act;
        thread::scope(|scope| {
            let one = |issuer| {
                scope.spawn(move || {
                    let mut own = Outcome::default();
                    act(issuer, &mut own);
                    own.faults
                })
            };
            let threads: Vec<_> = self.issuers.iter().map(one).collect();
            for thread in threads {
                let faults = thread.join().unwrap_or_else(|_| vec!["a client panicked".to_owned()]);
                outcome.faults.extend(faults.into_iter().take(1));
            }
        });
    }
}

/// A bad answer by its name.
fn bad(name: &str, canary: &Upstream) -> Reply {
    let set = evil_set().to_string();
    let json = Reply::ok().header("content-type", "application/json");
    match name {
        "error-500" => Reply::status(500).header("content-type", "application/json").body(set),
        "redirect" => Reply::status(302).header("location", format!("http://{}/jwks", canary.address())).body(set),
        "reset" => Reply::reset(),
        "hang" => Reply::silence(),
        "html" => Reply::ok().header("content-type", "text/html").body(format!("<html>{set}</html>")),
        "truncated" => json.body(&set[..set.len() - 2]),
        "ten-mebibytes" => json.body(padded(&set, 10 << 20)),
        "nested" => json.body(nested(&set, 100_000)),
        "gzip" => json.header("content-encoding", "gzip").body(gzip(set.as_bytes())),
        "gzip-undeclared" => json.body(gzip(set.as_bytes())),
        "bom" => json.body(format!("\u{feff}{set}")),
        "keys-null" => json.body(r#"{"keys":null}"#),
        "empty" => json,
        _ => json.chunk(set).then_reset(),
    }
}

/// The set with a further member that makes it so long.
fn padded(set: &str, bytes: usize) -> String {
    format!("{},\"x\":\"{}\"}}", &set[..set.len() - 1], "x".repeat(bytes))
}

/// The set with a further member that is so deep.
fn nested(set: &str, depth: usize) -> String {
    format!("{},\"x\":{}{}}}", &set[..set.len() - 1], "[".repeat(depth), "]".repeat(depth))
}

/// A gzip file of one stored block (RFC 1952, RFC 1951 section 3.2.4).
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    let mut file = b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x01".to_vec();
    file.extend([length.to_le_bytes(), (!length).to_le_bytes()].concat());
    file.extend_from_slice(bytes);
    file.extend([crc32(bytes).to_le_bytes(), u32::from(length).to_le_bytes()].concat());
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}
