//! PG-024: what a classifier does not say is not taken for a yes. Nothing passes while it errs, hangs, resets, talks
//! nonsense or answers another question; where an operator lets that pass, it is counted.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use harness::client::h1;
use harness::config::{Protocol, cluster};
use harness::{Envoy, Listener, Reply, Request, Response, Upstream, WasmFilter};
use serde_json::{Value, json};

use super::Outcome;

/// What goes wrong, and how the service does it.
type Outage = (&'static str, fn() -> Reply);

const OUTAGES: [Outage; 6] = [
    ("an error", || Reply::status(500)),
    ("silence", Reply::silence),
    ("a reset", Reply::reset),
    ("nonsense", || Reply::ok().body("<html>busy</html>")),
    ("a judgement that is none", || Reply::json(&json!({"results": [{"flagged": "no"}]}))),
    ("the answer to another question", || {
        Reply::json(&json!({"id": "another", "results": [{"flagged": false}, {"flagged": false}]}))
    }),
];

pub(super) const VARIANTS: usize = OUTAGES.len() * 2 + 2;

/// How long a request waits for the service.
const TIMEOUT: Duration = Duration::from_millis(500);
/// What scheduling and the sweep of waits add on a busy machine.
const SLACK: Duration = Duration::from_millis(2500);

pub(super) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    let (upstream, service) = (Upstream::h1(), Upstream::h1());
    let reply: Arc<Mutex<fn() -> Reply>> = Arc::new(Mutex::new(safe));
    let current = Arc::clone(&reply);
    service.answer_all(move |_| current.lock().unwrap_or_else(PoisonError::into_inner)());
    let says = |now: fn() -> Reply| *reply.lock().unwrap_or_else(PoisonError::into_inner) = now;
    let envoy = Envoy::builder(listener("deny"))
        .also("lenient", listener("allow"))
        .upstream(upstream.address())
        .cluster(cluster("guard", Some(service.address()), Protocol::H1))
        .workers(1)
        .start()
        .unwrap();

    says(safe);
    let answer = ask(&envoy, "gateway", "what is safe");
    outcome.check(answer.status == Some(200), || format!("a text that is safe: {:?}", answer.status));
    says(unsafe_one);
    let answer = ask(&envoy, "gateway", "what is not");
    outcome.check(answer.status == Some(400), || format!("a text that is not safe: {:?}", answer.status));
    for (name, outage) in OUTAGES {
        says(outage);
        let (before, begin) = (upstream.hits(), Instant::now());
        let refused = ask(&envoy, "gateway", name);
        let code = String::from_utf8_lossy(&refused.body).contains("moderation_unavailable");
        let passed = upstream.hits() - before;
        outcome.check(refused.status == Some(503) && code && passed == 0, || {
            format!("{name}: {:?} {passed}", refused.status)
        });
        outcome.check(begin.elapsed() <= TIMEOUT + SLACK, || format!("{name}: after {:?}", begin.elapsed()));
        let allowed = ask(&envoy, "lenient", name);
        outcome.check(allowed.status == Some(200), || format!("{name}, allowed: {:?}", allowed.status));
    }
    let counted = |instance: &str| {
        envoy.stat(&format!(
            "wasmcustom.portcullis_prompt_guard_moderation_total.result.unavailable.instance.{instance}"
        ))
    };
    let expected = OUTAGES.len() as u64;
    outcome.check(counted("lenient") == expected, || format!("{} passed unjudged were counted", counted("lenient")));
    outcome.check(!envoy.log().contains("wasm trap"), || "the module trapped".to_owned());
    outcome
}

fn safe() -> Reply {
    Reply::json(&json!({"results": [{"flagged": false}]}))
}

fn unsafe_one() -> Reply {
    Reply::json(&json!({"results": [{"flagged": true}]}))
}

fn listener(on_unavailable: &str) -> Listener {
    let instance = if on_unavailable == "deny" { "strict" } else { "lenient" };
    let moderation = json!({
        "cluster": "guard", "url": "http://guard.example/v1/moderations",
        "timeout": format!("{}ms", TIMEOUT.as_millis()), "on_unavailable": on_unavailable
    });
    let configuration: Value =
        json!({"name": instance, "policies": [{"name": "judged", "detectors": {"moderation": moderation}}]});
    Listener::new().filter(WasmFilter::new("prompt-guard").vm_id(instance).configured(&configuration))
}

fn ask(envoy: &Envoy, listener: &str, text: &str) -> Response {
    let address = if listener == "gateway" { envoy.address() } else { envoy.address_of(listener) };
    let body = json!({"messages": [{"role": "user", "content": text}]});
    let mut client = h1::Connection::open(address);
    client.send(&Request::post_json("/v1/chat/completions", &body))
}
