//! What the rows about the whole gateway share: `envoy/gateway.yaml` in plain HTTP, in front of a provider, and callers from
//! many addresses.

pub(super) mod body_bomb;
pub(super) mod h2_abuse;
pub(super) mod restarts;
pub(super) mod slowloris;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use harness::client::h1;
use harness::gateway::{self, Files};
use harness::token::now;
use harness::{Envoy, Key, Reply, Request, Response, Upstream};
use serde_json::{Value, json};

use super::Outcome;

/// How much resident memory may grow under an attack.
const GROWTH: u64 = 64 * 1024 * 1024;
/// What a request says of itself that must not reach the provider.
const MARK: &str = "x-attack";

/// The configuration, and what it needs to be there.
struct Plan {
    provider: Upstream,
    files: Files,
}

impl Plan {
    fn new() -> Self {
        for filter in ["authn", "rbac", "ratelimit-shared-data", "schema-check", "prompt-guard"] {
            harness::wasm(filter);
        }
        let provider = Upstream::h1();
        provider.forget().answer_all(|_| answer());
        Self { provider, files: Files::new() }
    }

    fn config(&self) -> Value {
        let mut config = gateway::plain(&self.files, self.provider.address(), self.provider.address());
        gateway::trust(gateway::listener_of(&mut config), &[Key::Es256]);
        config
    }
}

/// The gateway, running.
struct Gateway {
    envoy: Envoy,
    plan: Plan,
}

impl Gateway {
    fn start(workers: u32) -> Self {
        let plan = Plan::new();
        let envoy = Envoy::of(plan.config()).workers(workers).start().unwrap();
        let gateway = Self { envoy, plan };
        (0..50).for_each(|_| drop(gateway.good()));
        gateway
    }

    fn address(&self) -> SocketAddr {
        self.envoy.address()
    }

    /// A chat of somebody, from somewhere.
    fn good(&self) -> Response {
        h1::Connection::open_from(somewhere(), self.address()).send(&chat(&somebody()))
    }

    /// That nobody is the worse for what was done: it serves, nothing trapped, nothing marked got through.
    fn check(&self, what: &str, outcome: &mut Outcome) {
        let begin = Instant::now();
        let recovers = || begin.elapsed() < Duration::from_secs(2);
        let mut good = self.good();
        while !good.is(200) && recovers() {
            sleep(Duration::from_millis(20));
            good = self.good();
        }
        outcome.check(good.is(200), || format!("{what}: who is good got {:?} afterwards", good.status));
        outcome.check(self.envoy.trap().is_none(), || format!("{what}: a module trapped: {:?}", self.envoy.trap()));
    }

    /// Asks now and then for so long: the time that all but a hundredth of the answers took at most, and how many were not
    /// as they should.
    fn load(&self, length: Duration) -> (Duration, usize) {
        const EVERY: Duration = Duration::from_millis(25);
        let (begin, mut times, mut odd) = (Instant::now(), Vec::new(), 0);
        while begin.elapsed() < length {
            let asked = Instant::now();
            odd += usize::from(!self.good().is(200));
            times.push(asked.elapsed());
            sleep(EVERY.saturating_sub(asked.elapsed()));
        }
        times.sort_unstable();
        (times.get(times.len() * 99 / 100).copied().unwrap_or_default(), odd)
    }
}

fn answer() -> Reply {
    Reply::json(&json!({"id": "c", "object": "chat.completion", "created": 1, "model": "demo", "choices": [{"index": 0,
        "finish_reason": "stop", "message": {"role": "assistant", "content": "Nice."}}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}}))
}

fn chat(subject: &str) -> Request {
    let body = json!({"model": "demo", "messages": [{"role": "user", "content": "Why is the sky blue?"}]});
    Request::post_json("/v1/chat/completions", &body).bearer(token(subject))
}

fn token(subject: &str) -> String {
    gateway::token(subject, "acme").claim("exp", now() + 3600).claim("plan", "gold").sign(Key::Es256)
}

/// Another address each time: each has limits of its own.
fn somewhere() -> Ipv4Addr {
    let [_, _, high, low] = next().to_be_bytes();
    Ipv4Addr::new(127, 1, high, low.max(1))
}

/// Another caller each time.
fn somebody() -> String {
    format!("caller {}", next())
}

fn next() -> u32 {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    COUNT.fetch_add(1, Ordering::Relaxed)
}
