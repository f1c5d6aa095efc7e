//! The filters of `envoy/gateway.yaml` with their configurations, so that what is measured is what is published. Only how
//! much a caller may use is lifted: a load would meet it.

#![allow(clippy::missing_panics_doc, clippy::disallowed_methods)]

use harness::gateway;
use serde_json::{Value, json};

use crate::load::Requests;

/// The API key of the file's comment.
const KEY: &str = "example-key-do-not-deploy";
const PLENTY: u64 = 1_000_000_000_000;

/// The Wasm filters in the order of the chain.
#[must_use]
pub fn filters() -> Vec<Value> {
    for module in ["authn", "rbac", "ratelimit-shared-data", "schema-check", "prompt-guard"] {
        harness::wasm(module);
    }
    gateway::filters().into_iter().map(lifted).collect()
}

/// A chat of four KiB that everybody lets pass.
#[must_use]
pub fn chat() -> Requests {
    Requests::chat(KEY, 4 << 10)
}

fn lifted(mut filter: Value) -> Value {
    gateway::edit(&mut filter, |written| {
        for limit in written.get_mut("limits").and_then(Value::as_array_mut).into_iter().flatten() {
            limit["limit"] = if limit["unit"] == "concurrent" { json!(10_000) } else { json!(PLENTY) };
            limit.as_object_mut().map(|members| members.remove("burst"));
        }
    });
    filter
}
