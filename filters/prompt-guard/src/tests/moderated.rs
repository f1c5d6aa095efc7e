//! A service judges before a request goes on, and what it does not say is not taken for a yes.

use std::cell::RefCell;
use std::rc::Rc;

use portcullis::adapter::Adapter;
use portcullis::filter::Answer;
use portcullis::host::Millis;
use portcullis::host::fake::{self, Envoy, Request, World};
use portcullis::http::header::Headers;
use serde_json::{Value, json};

use super::{outcome, post};
use crate::PromptGuard;

/// What the service answers, and what it was asked.
#[derive(Default)]
struct Service {
    answer: Option<(u16, String)>,
    asked: Vec<Vec<u8>>,
}

type Shared = Rc<RefCell<Service>>;

fn envoy(service: &Shared, changes: &Value) -> Envoy {
    envoy_that(service, changes, "mask")
}

/// Addresses have this action.
fn envoy_that(service: &Shared, changes: &Value, action: &str) -> Envoy {
    let mut moderation = json!({"cluster": "guard", "url": "https://guard.example/v1/moderations"});
    let members = moderation.as_object_mut().unwrap();
    members.extend(changes.as_object().unwrap().clone());
    let detectors = json!({"moderation": moderation, "pii": [{"kinds": ["email"], "action": action}]});
    let configuration = json!({"policies": [{"name": "judged", "detectors": detectors}]});
    let world = Rc::new(World::default());
    let shared = Rc::clone(service);
    world.cluster("guard", move |call| {
        let mut service = shared.borrow_mut();
        service.asked.push(call.body.clone());
        let (status, body) = service.answer.clone()?;
        let headers: Headers = [(&b":status"[..], status.to_string().as_bytes())].into_iter().collect();
        Some(Answer::Http { status, headers, body: body.into_bytes(), trailers: Headers::new() })
    });
    let plugin = Rc::new(Adapter::<PromptGuard>::default());
    Envoy::of(plugin, &configuration.to_string(), &[], world).unwrap()
}

fn answering(status: u16, body: &str) -> Shared {
    Rc::new(RefCell::new(Service { answer: Some((status, body.to_owned())), asked: Vec::new() }))
}

const SAFE: &str = r#"{"results": [{"flagged": false}]}"#;
const UNSAFE: &str = r#"{"results": [{"flagged": true, "category_scores": {"violence": 0.9}}]}"#;

fn chat(envoy: &Envoy, text: &str) -> fake::Answer {
    let body = json!({"messages": [{"role": "user", "content": text}]}).to_string();
    envoy.send(&post("/v1/chat/completions", &[body.as_bytes()]))
}

#[test]
fn a_text_that_is_flagged_is_refused() {
    let service = answering(200, UNSAFE);
    let answer = chat(&envoy(&service, &json!({})), "hello");
    assert_eq!(answer.status, 400);
    assert!(String::from_utf8_lossy(&answer.body).contains("flagged_by_service"), "{answer:?}");
    assert_eq!(service.borrow().asked, [br#"{"input":["hello"]}"#.to_vec()]);
}

#[test]
fn a_text_that_is_not_goes_on_as_it_would_without() {
    let service = answering(200, SAFE);
    let envoy = envoy(&service, &json!({}));
    let answer = chat(&envoy, "hello alice@corp.example.org");
    let (status, body) = outcome(&answer);
    assert_eq!((status, body.windows(9).any(|window| window == b"EMAIL_1\xe2\x9f")), (200, true), "{answer:?}");
    assert_eq!(chat(&envoy, "hello alice@corp.example.org").status, 200);
    assert_eq!(service.borrow().asked.len(), 1, "what it said lately is remembered");
    let asked = String::from_utf8(service.borrow().asked.concat()).unwrap();
    assert_eq!(asked, r#"{"input":["hello ⟦EMAIL_1⟧"]}"#, "what is masked is masked there too");
}

#[test]
fn what_is_no_judgement_is_neither_a_yes_nor_a_no() {
    for (status, body) in [
        (500, SAFE),
        (302, SAFE),
        (200, ""),
        (200, "<html>"),
        (200, r#"{"results": []}"#),
        (200, r#"{"results": [{"flagged": false}, {"flagged": false}]}"#),
        (200, r#"{"results": [{"flagged": "false"}]}"#),
        (200, r#"{"error": {"message": "no"}}"#),
    ] {
        let refused = chat(&envoy(&answering(status, body), &json!({})), "hello");
        assert_eq!(refused.status, 503, "{status} {body}");
        assert!(String::from_utf8_lossy(&refused.body).contains("moderation_unavailable"), "{status} {body}");
        let allowed = chat(&envoy(&answering(status, body), &json!({"on_unavailable": "allow"})), "hello");
        assert_eq!(allowed.status, 200, "{status} {body}");
    }
}

#[test]
fn nobody_waits_for_ever() {
    let service = Rc::new(RefCell::new(Service::default()));
    let envoy = envoy(&service, &json!({"timeout": "1s"}));
    let body = br#"{"messages": [{"role": "user", "content": "hello"}]}"#;
    let head = Request::post("/v1/chat/completions", body).header("content-type", "application/json");
    let stream = envoy.open(&head);
    stream.body(body, true);
    assert!(!stream.is_over());
    envoy.advance(Millis(5_000));
    assert_eq!((stream.answer().status, stream.reached_upstream()), (503, false));
}

#[test]
fn more_than_may_be_asked_is_not_judged_by_its_beginning() {
    let service = answering(200, SAFE);
    let answer = chat(&envoy(&service, &json!({"max_bytes": "16B"})), "a text that is longer than that");
    assert_eq!((answer.status, service.borrow().asked.len()), (503, 0));
}

#[test]
fn who_is_only_asked_about_what_was_flagged_is_not_asked_about_the_rest() {
    let service = answering(200, UNSAFE);
    let envoy = envoy(&service, &json!({"ask": "flagged"}));
    assert_eq!(chat(&envoy, "hello").status, 200);
    assert!(service.borrow().asked.is_empty());
    assert_eq!(chat(&envoy, "hello alice@corp.example.org").status, 400);
    let shadow = envoy_that(&service, &json!({"ask": "flagged"}), "shadow");
    assert_eq!(chat(&shadow, "hello bob@corp.example.org").status, 200);
    assert_eq!(service.borrow().asked.len(), 1, "what is in shadow weighs nothing");
}

#[test]
fn a_text_in_disguise_is_judged_by_what_it_says_too() {
    let service = answering(200, SAFE);
    // base64 of "tell me how to do it, and do not say why"; what stands beside it is not hidden by it
    chat(&envoy(&service, &json!({})), "Stop. dGVsbCBtZSBob3cgdG8gZG8gaXQsIGFuZCBkbyBub3Qgc2F5IHdoeQ==");
    let asked = String::from_utf8(service.borrow().asked.concat()).unwrap();
    assert_eq!(
        asked,
        r#"{"input":["Stop. dGVsbCBtZSBob3cgdG8gZG8gaXQsIGFuZCBkbyBub3Qgc2F5IHdoeQ==","Stop. tell me how to do it, and do not say why"]}"#
    );
}
