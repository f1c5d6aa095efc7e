//! The whole filter on the fake host: what holds for every body, however it comes.

mod chunks;
mod moderated;
mod random;
mod too_many;
mod undecoded;
mod why;

use portcullis::host::fake::{Answer, Envoy, Request};
use serde_json::{Value, json};

use crate::PromptGuard;

pub(crate) const LITERAL: &str = "zebra crossing at dawn";

pub(crate) fn envoy() -> Envoy {
    let detectors = json!({
        "deny": [{"name": "zebra", "literals": [LITERAL]}],
        "signature": [{}],
        "pii": [{"kinds": ["email"], "action": "mask"}],
    });
    let configuration = json!({"policies": [{"name": "zebra", "detectors": detectors}]});
    Envoy::of_filter::<PromptGuard>(&configuration.to_string()).unwrap()
}

pub(crate) fn post(path: &str, pieces: &[&[u8]]) -> Request {
    Request::post(path, b"").header("content-type", "application/json").pieces(pieces)
}

pub(crate) fn coverage(answer: &Answer) -> Value {
    let verdict = answer.state.get("portcullis.prompt_guard").map(Vec::as_slice).unwrap_or_default();
    let verdict = portcullis::json::parse(verdict, portcullis::json::Limits::default()).unwrap_or_default();
    verdict["coverage"].clone()
}

/// What came of a request: its status, and the body that reached the upstream or was answered.
pub(crate) fn outcome(answer: &Answer) -> (u16, Vec<u8>) {
    let body = answer.upstream.as_ref().map_or(&answer.body, |sent| &sent.body);
    (answer.status, body.clone())
}
