//! prompt-guard: all detectors, on a chat of prose and on the texts that cost it most for each byte. What it costs to hold a
//! body of that size back is measured beside it, and an empty filter.

use std::rc::Rc;

use harness::{Listener, WasmFilter};
use portcullis_bench::load::Requests;
use portcullis_bench::texts;
use serde_json::{Value, json};

use super::{Row, listener, native};

pub(super) fn rows() -> Vec<Row> {
    let chat = |text: &str, bytes| Rc::new(Requests::chat_of("none", text, bytes));
    let (small, large) = (chat(texts::PROSE, 4 << 10), chat(texts::PROSE, 256 << 10));
    let buffer = native("buffer", "buffer.v3.Buffer", json!({"max_request_bytes": 1 << 20}));
    // Who answers by itself before the body came closes the connection, so that somebody has to hold the body.
    let empty = WasmFilter::new("empty").vm_id("empty_chat4k").configured(&json!({}));
    let held =
        Row { name: "native_buffer_chat256k", listener: wide().native(buffer.clone()), requests: Rc::clone(&large) };
    let mut rows = vec![
        Row { name: "empty_chat4k", listener: wide().native(buffer).filter(empty), requests: Rc::clone(&small) },
        held,
        module("guard_chat4k", "prompt-guard", &guard(), &small),
        module("guard_chat256k", "prompt-guard", &guard(), &large),
    ];
    for (name, text) in texts::worst() {
        rows.push(module(name, "prompt-guard", &looking_on(), &chat(&text, 64 << 10)));
    }
    rows
}

fn module(name: &'static str, package: &str, configuration: &Value, requests: &Rc<Requests>) -> Row {
    let filter = WasmFilter::new(package).vm_id(name).configured(configuration);
    Row { name, listener: wide().filter(filter), requests: Rc::clone(requests) }
}

/// A listener that holds such bodies.
fn wide() -> Listener {
    listener().buffer_limit(8 << 20)
}

/// Every detector, and a hundred words of the operator's own.
fn guard() -> Value {
    policy("block")
}

/// The same in shadow: what is refused is let go on, and all of it is looked at as it would be.
fn looking_on() -> Value {
    let mut policy = policy("flag");
    policy["shadow"] = json!(true);
    policy
}

fn policy(action: &str) -> Value {
    let words: Vec<String> = (0..100).map(|number| format!("project codename-{number}")).collect();
    json!({"max_body_bytes": "2MiB", "policies": [{"name": "all", "detectors": {
        "deny": [{"name": "words", "literals": words, "expressions": ["case-\\d{4}-\\d{4}"], "action": action}],
        "signature": [{"action": action}],
        "injection": [{"action": action}],
        "pii": [{"action": "flag"}],
        "secrets": [{"action": action}],
        "shape": [{"max_text_bytes": "1MiB", "max_messages": 500, "max_hidden": 100_000, "action": action}]
    }}]})
}
