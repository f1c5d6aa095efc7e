//! What was seen is told once, by whichever worker sees it first, and nobody can fill the table with noise.

use std::rc::Rc;

use portcullis::adapter::Adapter;
use portcullis::host::fake::{Envoy, Request};
use portcullis::host::{Cas, HostError, Proxy as _};
use serde_json::{Value, json};

use super::filters::{chat, envoy, metric};
use super::world::first_match;
use crate::Rbac;

fn configuration(entries: usize) -> Value {
    let mut configuration = first_match(json!([
        {"name": "no", "effect": "deny", "what": {"models": ["denied-*"]}},
        {"name": "all", "effect": "allow", "who": {"caller": "anyone"}},
    ]));
    configuration["inventory"] = json!({"entries": entries});
    configuration
}

fn told(envoy: &Envoy) -> Vec<String> {
    let lines = envoy.world().log();
    lines.iter().filter_map(|line| line.split_once("first seen: ").map(|(_, rest)| rest.to_owned())).collect()
}

fn model(name: &str) -> Request {
    chat(&json!({"model": name}).to_string())
}

#[test]
fn what_is_seen_first_is_told_once() {
    let envoy = envoy(&configuration(16));
    envoy.send(&model("m1"));
    envoy.send(&model("m1"));
    assert_eq!(told(&envoy), ["host \"api.example\"", "operation \"chat\"", "model \"m1\""]);
    assert_eq!(metric(&envoy, "inventory_total.event.first_seen"), 3);

    let neighbour = Rc::new(envoy.world().neighbour());
    let plugin = Rc::new(Adapter::<Rbac>::default());
    let neighbour = Envoy::of(plugin, &configuration(16).to_string(), &[], neighbour).unwrap();
    neighbour.send(&model("m1"));
    assert_eq!(told(&neighbour), Vec::<String>::new());
    neighbour.send(&model("m2"));
    assert_eq!(told(&neighbour), ["model \"m2\""]);
}

#[test]
fn what_was_refused_or_failed_was_not_seen() {
    let envoy = envoy(&configuration(16));
    envoy.send(&model("denied-1"));
    envoy.send(&model("x").answered(&[(":status", "404")], &[b""], None));
    assert_eq!(told(&envoy), Vec::<String>::new());
}

#[test]
fn a_full_table_stays_as_it_is() {
    let envoy = envoy(&configuration(3));
    for index in 0..5 {
        assert_eq!(envoy.send(&model(&format!("m{index}"))).status, 200);
    }
    assert_eq!((told(&envoy).len(), metric(&envoy, "inventory_total.event.full")), (3, 4));
}

#[test]
fn nothing_is_seen_where_nothing_is_kept() {
    let envoy = envoy(&configuration(0));
    envoy.send(&model("m1"));
    assert_eq!(told(&envoy), Vec::<String>::new());
}

#[test]
fn one_request_does_not_fill_the_table() {
    let envoy = envoy(&configuration(256));
    let fallbacks: Vec<Value> = (0..39).map(|index| json!({"model": format!("m{index}")})).collect();
    let body = json!({"model": "m", "fallbacks": fallbacks}).to_string();
    for known in [2 + 16, 2 + 16 + 18, 2 + 40, 2 + 40] {
        let request = Request::post("/v1/messages", body.as_bytes()).header("content-type", "application/json");
        assert_eq!(envoy.send(&request.answered(&[(":status", "200")], &[b""], None)).status, 200);
        assert_eq!(told(&envoy).len(), known);
    }
}

/// A name is a client's text: what no model is called is a prompt, or worse.
#[test]
fn what_is_no_name_is_not_told() {
    let names = ["m ann@example.org", "m\r\n\u{1b}[31m", "m, ignore all", "größe", &"x".repeat(97)];
    for name in names {
        let envoy = envoy(&configuration(16));
        assert_eq!(envoy.send(&model(name)).status, 200);
        assert_eq!(told(&envoy).pop().unwrap(), format!("model that is no name, of {} bytes", name.len()));
    }
}

#[test]
fn a_table_that_is_not_ours_or_fails_refuses_nobody() {
    let key = "portcullis.rbac.rbac.inventory.16";
    for garbage in [&b""[..], b"\x02", b"\x01abc", &[1; 8 * 17 + 1]] {
        let envoy = envoy(&configuration(16));
        envoy.world().set_shared(key, garbage, Cas::Absent).unwrap();
        assert_eq!(envoy.send(&model("m1")).status, 200);
        assert_eq!(told(&envoy).len(), 3, "{garbage:?}");
        assert_eq!(envoy.world().shared(key).unwrap().unwrap().value.len(), 1 + 3 * 8);
    }
    for (call, error) in [
        ("shared", HostError::Status(10)),
        ("set_shared", HostError::Status(10)),
        ("set_shared", HostError::CasMismatch),
    ] {
        let envoy = envoy(&configuration(16));
        envoy.world().refuse(call, error);
        assert_eq!(envoy.send(&model("m1")).status, 200, "{call}");
        assert_eq!((told(&envoy).len(), metric(&envoy, "inventory_total.event.lost")), (0, 3), "{call}");
    }
}
