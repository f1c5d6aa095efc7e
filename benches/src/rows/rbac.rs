//! rbac: who is calling stands in filter state already, so that a row costs what rbac costs. One of a thousand teams calls
//! a path that every team may call; each team has a rule of its own, and the caller's is the last.

use std::rc::Rc;

use portcullis_bench::load::Requests;

use harness::{Listener, WasmFilter};
use serde_json::{Value, json};

use super::{Row, native};

pub(super) fn rows() -> Vec<Row> {
    let head = Rc::new(Requests::of("/v1/responses/r", ["none".to_owned()]));
    let chat = Rc::new(Requests::chat("none", 4 << 10));
    let row = |name, listener, requests: &Rc<Requests>| Row { name, listener, requests: Rc::clone(requests) };
    let module = |name, package, rules: usize, configuration: Value, requests| {
        let filter = WasmFilter::new(package).vm_id(name).configured(&configuration);
        row(name, listener(rules).filter(filter), requests)
    };
    // What it costs to hold a body back until it is whole, which a decision on it has to.
    let buffer = json!({"max_request_bytes": 1 << 20});
    let ours = |name, rules, requests| module(name, "rbac", rules, policy(rules), requests);
    vec![
        module("identity_empty_wasm", "empty", 10, json!({}), &head),
        ours("rbac_10_head", 10, &head),
        ours("rbac_100_head", 100, &head),
        ours("rbac_1000_head", 1000, &head),
        row("native_rbac_10", listener(10).native(native_policy(10)), &head),
        row("native_rbac_1000", listener(1000).native(native_policy(1000)), &head),
        row("native_buffer_chat4k", listener(100).native(native("buffer", "buffer.v3.Buffer", buffer)), &chat),
        module("rbac_100_chat4k", "rbac", 100, chat_policy(100), &chat),
    ]
}

/// Writes who is calling: a member of the last team.
pub(super) fn listener(rules: usize) -> Listener {
    let identity = json!({"v": 1, "sub": "alice", "roles": [team(rules - 1), "user"]}).to_string();
    let state = json!({"on_request_headers": [{
        "object_key": "wasm.portcullis.identity", "factory_key": "envoy.string", "read_only": true,
        "format_string": {"text_format_source": {"inline_string": identity}}
    }]});
    super::listener().native(native("set_filter_state", "set_filter_state.v3.Config", state))
}

/// The same with rbac, which reads the body of each chat and tells of it, in a VM of this name.
pub(super) fn chat_listener(vm_id: &str) -> Listener {
    let mut policy = chat_policy(100);
    policy["request_state"] = json!(true);
    listener(100).filter(WasmFilter::new("rbac").vm_id(vm_id).configured(&policy))
}

fn team(number: usize) -> String {
    format!("team-{number}")
}

fn policy(rules: usize) -> Value {
    let rule = |number| {
        json!({
            "name": team(number), "effect": "allow", "who": {"roles_any": [team(number)]},
            "select": {"methods": ["GET"], "paths": ["/v1/*"]}
        })
    };
    json!({"combining": "first_match", "rules": (0..rules).map(rule).collect::<Vec<_>>()})
}

/// The same, by model.
fn chat_policy(rules: usize) -> Value {
    let rule = |number| {
        json!({
            "name": team(number), "effect": "allow", "who": {"roles_any": [team(number)]},
            "what": {"operations": ["chat"], "models": ["gpt-mini"]}
        })
    };
    json!({"combining": "first_match", "rules": (0..rules).map(rule).collect::<Vec<_>>()})
}

fn native_policy(rules: usize) -> Value {
    let policy = |number: usize| {
        let quoted = format!("\"{}\"", team(number));
        let caller = json!({"filter_state": {
            "key": "wasm.portcullis.identity", "string_match": {"contains": quoted}
        }});
        let path = json!({"and_rules": {"rules": [
            {"header": {"name": ":method", "string_match": {"exact": "GET"}}},
            {"url_path": {"path": {"prefix": "/v1/"}}}
        ]}});
        (team(number), json!({"permissions": [path], "principals": [caller]}))
    };
    let policies: serde_json::Map<String, Value> = (0..rules).map(policy).collect();
    native("rbac", "rbac.v3.RBAC", json!({"rules": {"action": "ALLOW", "policies": policies}}))
}
