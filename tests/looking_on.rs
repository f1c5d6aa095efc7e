//! Policies that only look on, where a play is too small to show it: what is logged and how often, what stays in force.
//! Plays are in `tests/contract`.

// The lints against panics are for code that runs behind a proxy.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::arithmetic_side_effects, clippy::disallowed_methods, missing_docs)]

use std::rc::Rc;

use actor::Actor;
use authn::Authn;
use portcullis::adapter::Adapter;
use portcullis::filter::{Answer, Filter};
use portcullis::host::HostError;
use portcullis::host::fake::{Envoy, Request, World};
use portcullis::http::header::Headers;
use portcullis::prelude::Millis;
use serde_json::{Value, json};

fn actor(configuration: &Value) -> Envoy {
    Envoy::of_filter::<Actor>(&configuration.to_string()).unwrap()
}

fn counted(envoy: &Envoy, filter: &str, event: &str) -> u64 {
    let name = format!("portcullis_{filter}_kit_total.event.{event}.instance.{filter}");
    envoy.world().metric(&name).unwrap()
}

fn lines(envoy: &Envoy, text: &str) -> usize {
    envoy.world().log().iter().filter(|line| line.contains(text)).count()
}

// Shadow.

#[test]
fn shadow_is_a_gauge_and_a_warning() {
    for (configuration, is_on) in [(json!({}), 0), (json!({"shadow": false}), 0), (json!({"shadow": true}), 1)] {
        let envoy = actor(&configuration);
        assert_eq!(envoy.world().metric("portcullis_actor_kit_shadow.instance.actor"), Some(is_on));
        assert_eq!(lines(&envoy, "warn portcullis actor: shadow is on: what the policy refuses passes") as u64, is_on);
    }
}

#[test]
fn every_refusal_is_counted_and_one_in_a_second_is_logged() {
    let envoy = actor(&json!({"shadow": true, "request": {"flow": "reply"}}));
    let send = || (0..5).for_each(|_| assert!(envoy.send(&Request::get("/secret")).upstream.is_some()));
    send();
    assert_eq!((counted(&envoy, "actor", "shadowed"), lines(&envoy, "in shadow")), (5, 1));
    envoy.advance(Millis(1000));
    send();
    assert_eq!((counted(&envoy, "actor", "shadowed"), lines(&envoy, "in shadow")), (10, 2));
    assert_eq!(lines(&envoy, "secret"), 0);
}

#[test]
fn in_shadow_a_missing_flag_holds_nobody_up_for_ever() {
    let envoy = actor(&json!({"shadow": true, "request": {"flow": "await_body"}}));
    envoy.world().set_flag(false);
    let answer = envoy.send(&Request::post("/v1/chat/completions", b"hello"));
    assert_eq!((answer.status, answer.upstream.unwrap().body), (200, b"hello".to_vec()));
    assert_eq!((counted(&envoy, "actor", "flag_missing"), counted(&envoy, "actor", "shadowed")), (1, 1));
}

#[test]
fn in_shadow_an_answer_that_nobody_waited_for_lets_a_held_body_go() {
    let config = json!({"request": {"do": [{"call": "side"}, {"call": "side"}], "flow": "await_body"},
        "answer": {"flow": "reply"}});
    for shadow in [false, true] {
        let mut config = config.clone();
        config["shadow"] = json!(shadow);
        let world = Rc::new(World::default());
        world.cluster("side", |_| Some(ok(b"")));
        let envoy = load::<Actor>(&config, &world).unwrap();
        let running = envoy.open(&Request::post("/", b"hello world"));
        running.body(b"hello ", false);
        assert!(!running.reached_upstream());
        envoy.answer_calls();
        assert_eq!(running.reached_upstream(), shadow);
        if shadow {
            running.body(b"world", true);
            let answer = running.finish();
            assert_eq!((answer.status, answer.upstream.unwrap().body), (200, b"hello world".to_vec()));
            assert_eq!(counted(&envoy, "actor", "shadowed"), 1, "nobody is asked about the second answer");
        }
    }
}

/// A body under another's length is read by the upstream as the beginning of the next request.
#[test]
fn a_half_replaced_body_goes_nowhere_in_shadow_too() {
    for flow in ["continue", "reply", "close"] {
        let body = json!({"do": [{"replace_body": "a longer body"}, "tolerate"], "flow": flow});
        let envoy = actor(&json!({"shadow": true, "request": {"flow": "await_body"}, "request_body": body}));
        envoy.world().refuse("replace_body", HostError::Status(2));
        let answer = envoy.send(&Request::post("/", b"hello"));
        assert!(answer.status != 200 && answer.upstream.is_none(), "{flow}: {answer:?}");
        assert_eq!(counted(&envoy, "actor", "shadowed"), 0, "{flow}");
    }
}

#[test]
fn authn_in_shadow_refuses_nobody_and_still_says_who_calls() {
    let envoy = Envoy::of_filter::<Authn>(&with(authn(), "shadow", json!(true)).to_string()).unwrap();
    let known = envoy.send(&Request::get("/v1/models").header("x-api-key", KEY));
    assert!(known.state.contains_key("portcullis.identity"));
    assert_eq!(known.upstream.unwrap().headers.first("x-api-key"), None);
    let unknown = envoy.send(&Request::get("/v1/models").header("x-api-key", "guess"));
    assert!(!unknown.state.contains_key("portcullis.identity"));
    let verdict = String::from_utf8(unknown.state["portcullis.authn"].clone()).unwrap();
    assert!(verdict.contains(r#""outcome":"deny""#) && verdict.contains("unknown_api_key"), "{verdict}");
    assert_eq!(unknown.upstream.unwrap().headers.first("x-api-key"), Some(&b"guess"[..]), "as it came");
    assert_eq!(counted(&envoy, "authn", "shadowed"), 1);
}

const KEY: &str = "example-key-do-not-deploy";

fn authn() -> Value {
    serde_json::from_str(include_str!("../filters/authn/example.json")).unwrap()
}

fn with(mut configuration: Value, name: &str, value: Value) -> Value {
    configuration[name] = value;
    configuration
}

fn load<F: Filter>(configuration: &Value, world: &Rc<World>) -> Result<Envoy, String> {
    Envoy::of(Rc::new(Adapter::<F>::default()), &configuration.to_string(), &[], Rc::clone(world))
}

fn ok(body: &[u8]) -> Answer {
    let headers = [(&b":status"[..], &b"200"[..])].into_iter().collect();
    Answer::Http { status: 200, headers, body: body.to_vec(), trailers: Headers::new() }
}
