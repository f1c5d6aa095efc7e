//! PF-006: a new configuration each second under load. Each answer is one that the two configurations in turn would give,
//! nothing is lost on the way, and memory does not grow with the number of updates.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use harness::client::h1;
use harness::token::now;
use harness::{Envoy, Key, Listener, Request, Token, Upstream, WasmFilter, jwks, slope};
use serde_json::{Value, json};

use super::fetching::unique;
use super::{Outcome, scaled};

const CLIENTS: u32 = 4;
/// How many tokens there are; each is verified anew after every update.
const TOKENS: usize = 400;
/// How long it is measured what the gateway can serve here; it is then asked for half of that.
const CALIBRATION: Duration = Duration::from_secs(2);
/// How fast resident memory may grow once it has settled, in bytes an update. Istio's leak was 10 MB a minute.
const SLOPE: f64 = 16.0 * 1024.0;

pub(super) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    let upstream = Upstream::h1();
    let mut envoy =
        Envoy::builder(listener(&open())).upstream(upstream.address()).workers(2).updatable().start().unwrap();
    let tokens: Vec<String> =
        (0..TOKENS).map(|_| Token::good().claim("exp", now() + 3600).claim("jti", unique()).sign(Key::K1)).collect();
    let pace = calibrate(envoy.address(), &tokens);
    let hits = upstream.hits();
    let told = Told::default();
    let stop = AtomicBool::new(false);
    let updates = scaled(600);
    let mut resident = Vec::new();
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            let (address, tokens, told, stop) = (envoy.address(), &tokens, &told, &stop);
            scope.spawn(move || told.ask(address, tokens, pace, stop));
        }
        for number in 1..=updates {
            let begin = Instant::now();
            let config = if number % 2 == 0 { open() } else { shut() };
            let taken = envoy.update(listener(&config));
            outcome.check(taken.is_ok(), || format!("update {number}: {taken:?}"));
            sleep(Duration::from_secs(1).saturating_sub(begin.elapsed()));
            resident.push(envoy.resident_bytes());
        }
        stop.store(true, Ordering::SeqCst);
    });
    let count = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
    let (served, refused, lost, odd) = (count(&told.served), count(&told.refused), count(&told.lost), count(&told.odd));
    outcome.check(served > 0 && refused > 0, || format!("{served} served, {refused} refused: one never was in force"));
    outcome.check(odd == 0, || format!("{odd} answers of neither configuration"));
    outcome.check(lost == 0, || format!("{lost} requests on new connections were not answered"));
    // Requests that were cut off with their connection may have reached the upstream without an answer.
    let most = served + count(&told.cut);
    let reached = upstream.hits() - hits;
    outcome.check((served..=most).contains(&reached), || {
        format!("the upstream was reached {reached} times, {served} were served")
    });
    let slope = slope(&resident[resident.len() / 3..]);
    outcome.check(slope <= SLOPE, || format!("{:.0} KiB more with each update: {resident:?}", slope / 1024.0));
    outcome.check(envoy.trap().is_none(), || format!("the module trapped: {:?}", envoy.trap()));
    outcome.notes = format!(
        "{updates} updates, {served} served, {refused} refused, {} cut with their connection, {:+.1} KiB an update",
        count(&told.cut),
        slope / 1024.0
    );
    outcome
}

/// How long a client takes for a request when it asks half as fast as it could.
fn calibrate(address: SocketAddr, tokens: &[String]) -> Duration {
    let (told, stop) = (Told::default(), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| told.ask(address, tokens, Duration::ZERO, &stop));
        }
        sleep(CALIBRATION);
        stop.store(true, Ordering::SeqCst);
    });
    let each = u32::try_from(told.served.load(Ordering::SeqCst)).unwrap_or(u32::MAX) / CLIENTS;
    CALIBRATION / each.max(1) * 2
}

fn listener(config: &Value) -> Listener {
    Listener::new().filter(WasmFilter::new("authn").configured(config))
}

/// Any good token may pass.
fn open() -> Value {
    json!({"providers": {"a": {
        "issuer": harness::token::ISSUER_A, "audiences": ["api"], "algorithms": ["RS256"], "jwks_inline": jwks(&[Key::K1])
    }}})
}

/// The path that is asked for is none that a rule is about.
fn shut() -> Value {
    let mut config = open();
    config["rules"] = json!([{"name": "other", "when": {"paths": ["/other"]}, "require": {"any": ["a"]}}]);
    config
}

#[derive(Default)]
struct Told {
    served: AtomicU64,
    refused: AtomicU64,
    /// The connection ended before an answer: a listener that drains closes what is idle.
    cut: AtomicU64,
    /// The first request of a connection was not answered.
    lost: AtomicU64,
    odd: AtomicU64,
}

impl Told {
    fn ask(&self, address: SocketAddr, tokens: &[String], pace: Duration, stop: &AtomicBool) {
        let mut client = h1::Connection::open(address);
        let mut is_new = true;
        for token in tokens.iter().cycle().take_while(|_| !stop.load(Ordering::SeqCst)) {
            let begin = Instant::now();
            let answer = client.send(&Request::get("/v1/models").bearer(token));
            let counter = match answer.status {
                Some(200) => &self.served,
                Some(403) => &self.refused,
                Some(_) => &self.odd,
                None if is_new => &self.lost,
                None => &self.cut,
            };
            counter.fetch_add(1, Ordering::SeqCst);
            is_new = answer.status.is_none() || answer.header("connection").is_some_and(|value| value == "close");
            if is_new {
                client = h1::Connection::open(address);
            }
            sleep(pace.saturating_sub(begin.elapsed()));
        }
    }
}
