//! PF-002: a trap in any phase fails closed, and the worker recovers within two seconds.

use std::net::SocketAddr;
use std::thread::sleep;
use std::time::{Duration, Instant};

use harness::client::{h1, h2};
use harness::config::{Protocol, cluster};
use harness::{Envoy, Listener, Reply, Request, Response, Upstream, WasmFilter};
use serde_json::json;

use super::Outcome;

const RECOVERY: Duration = Duration::from_secs(2);

/// Phases in which the request has not gone on yet: the upstream must not see it.
const REFUSED: [&str; 3] = ["headers", "body", "callout"];
/// Phases of the answer: 5xx, or an answer that is visibly cut.
const BROKEN: [&str; 2] = ["response_headers", "response_body"];
/// Phases after the answer: the next request on that worker is refused until the reload.
const AFTER: [&str; 2] = ["tick", "log"];

pub(super) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    let mut slowest = Duration::ZERO;
    for send in [h1::send, h2::send] {
        let gateway = Gateway::start(send);
        for phase in REFUSED.iter().chain(&BROKEN).chain(&AFTER) {
            let faults = outcome.faults.len();
            gateway.trap_in(phase, &mut outcome);
            slowest = slowest.max(gateway.recover(phase, &mut outcome));
            outcome.faults.truncate(faults + 1); // a variant fails once
        }
    }
    outcome.notes = format!("slowest recovery {} ms", slowest.as_millis());
    outcome
}

type Send = fn(SocketAddr, &Request) -> Response;

struct Gateway {
    send: Send,
    envoy: Envoy,
    upstream: Upstream,
    _side: Upstream,
}

impl Gateway {
    fn start(send: Send) -> Self {
        let (upstream, side) = (Upstream::h1(), Upstream::h1());
        side.answer("/call", Reply::ok());
        let config = json!({
            "request": {"do": [{"trap_if": "headers"}], "flow": "await_body"},
            "request_body": {"do": [{"trap_if": "body"}, {"call": "side"}], "flow": {"await_answer": 1000}},
            "answer": {"do": [{"trap_if": "callout"}]},
            "response": {"do": [{"trap_if": "response_headers"}], "flow": "await_body"},
            "response_body": {"do": [{"trap_if": "response_body"}]},
            "tick": {"call": null, "every": 100, "trap": true}
        });
        let envoy = Envoy::builder(Listener::new().filter(WasmFilter::new("actor").configured(&config)))
            .upstream(upstream.address())
            .cluster(cluster("side", Some(side.address()), Protocol::H1))
            .start()
            .unwrap();
        Self { send, envoy, upstream, _side: side }
    }

    fn send(&self, trap: &str) -> Response {
        (self.send)(self.envoy.address(), &Request::post("/v1/chat/completions", "hello").header("x-trap", trap))
    }

    fn trap_in(&self, phase: &str, outcome: &mut Outcome) {
        let hits = self.upstream.hits();
        let response = self.send(phase);
        let reached = self.upstream.hits() > hits;
        let refused = response.status.is_none_or(|status| status >= 500);
        if REFUSED.contains(&phase) {
            outcome.check(refused && !reached, || format!("{phase}: {response:?}, upstream reached: {reached}"));
        } else if BROKEN.contains(&phase) {
            outcome.check(!response.is(200), || format!("{phase}: {response:?}"));
        } else {
            sleep(Duration::from_millis(250)); // let the next tick come
            let next = self.send("none");
            outcome.check(next.status == Some(503), || format!("{phase}: the next request got {next:?}"));
        }
    }

    /// Asks until a request is served; whatever is not served must not have reached the upstream.
    fn recover(&self, phase: &str, outcome: &mut Outcome) -> Duration {
        let (begin, hits) = (Instant::now(), self.upstream.hits());
        while !self.send("none").is(200) {
            let passed = self.upstream.hits() - hits;
            outcome.check(passed == 0, || format!("{phase}: {passed} requests passed without the filter"));
            if begin.elapsed() > RECOVERY {
                outcome.check(false, || format!("{phase}: no recovery within {RECOVERY:?}"));
                break;
            }
            sleep(Duration::from_millis(20));
        }
        begin.elapsed()
    }
}
