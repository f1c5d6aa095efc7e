//! What tests of the filter share: an Envoy in memory, callers, requests and answers.

use std::rc::Rc;

use portcullis::adapter::Adapter;
use portcullis::host::fake::{Answer, Envoy, Request};
use portcullis::identity::{self, Identity};
use serde_json::{Value, json};

use crate::RateLimit;

/// One in which somebody calls, unless a test says who.
pub(crate) fn envoy(configuration: &Value) -> Envoy {
    let envoy = Envoy::of_filter::<RateLimit>(&configuration.to_string()).unwrap();
    as_caller(&envoy, "somebody");
    envoy
}

/// An Envoy with this one limit.
pub(crate) fn limited(limit: &Value) -> Envoy {
    envoy(&json!({"limits": [limit]}))
}

/// Another worker of the same process, with this configuration.
pub(crate) fn neighbour(of: &Envoy, configuration: &Value) -> Envoy {
    let plugin = Rc::new(Adapter::<RateLimit>::default());
    let envoy = Envoy::of(plugin, &configuration.to_string(), &[], Rc::new(of.world().neighbour())).unwrap();
    as_caller(&envoy, "somebody");
    envoy
}

pub(crate) fn refused(configuration: &Value) -> String {
    Envoy::of_filter::<RateLimit>(&configuration.to_string()).err().unwrap_or_default()
}

/// So many requests a minute for each subject.
pub(crate) fn requests(limit: u64) -> Value {
    json!({"name": "calls", "key": ["subject"], "unit": "requests", "limit": limit, "window": "60s",
           "algorithm": "sliding_window"})
}

/// So many tokens a minute for each subject; an answer without a cap is taken to have 100.
pub(crate) fn tokens(limit: u64) -> Value {
    json!({"name": "tokens", "key": ["subject"], "unit": "total_tokens", "limit": limit, "window": "60s",
           "algorithm": "sliding_window", "default_output_tokens": [{"model": "*", "tokens": 100}]})
}

/// A value with these members changed.
pub(crate) fn with(mut value: Value, changes: Value) -> Value {
    let members = value.as_object_mut().unwrap();
    for (name, change) in changes.as_object().unwrap() {
        members.insert(name.clone(), change.clone());
    }
    value
}

pub(crate) fn as_caller(envoy: &Envoy, subject: &str) {
    envoy.world().state(identity::STATE, Identity::of(subject).to_state().as_deref());
}

pub(crate) fn chat(body: &Value) -> Request {
    Request::post("/v1/chat/completions", body.to_string().as_bytes()).header("content-type", "application/json")
}

/// A chat of about ten tokens whose answer has at most so many.
pub(crate) fn asking(max_tokens: &Value) -> Request {
    chat(&json!({"model": "small", "max_tokens": max_tokens,
                 "messages": [{"role": "user", "content": "Say something nice about Envoy."}]}))
}

/// The same answered with this usage.
pub(crate) fn answered(request: Request, usage: &Value) -> Request {
    let body =
        json!({"model": "small", "choices": [{"index": 0, "message": {"role": "assistant", "content": "Nice."}}],
                      "usage": usage})
        .to_string();
    request.answered(&[(":status", "200"), ("content-type", "application/json")], &[body.as_bytes()], None)
}

/// How many pass of so many that are sent one after the other.
pub(crate) fn passes(envoy: &Envoy, request: &Request, count: usize) -> usize {
    (0..count).filter(|_| envoy.send(request).upstream.is_some()).count()
}

pub(crate) fn metric(envoy: &Envoy, name: &str) -> u64 {
    envoy.world().metric(&format!("portcullis_ratelimit_{name}.instance.ratelimit")).unwrap()
}

pub(crate) fn verdict(answer: &Answer) -> Value {
    let parse = |bytes: &Vec<u8>| portcullis::json::parse(bytes, portcullis::json::Limits::default()).unwrap();
    answer.state.get("portcullis.ratelimit").map_or(Value::Null, parse)
}

pub(crate) fn field(answer: &Answer, name: &str) -> Option<String> {
    answer.headers.first(name).map(|value| String::from_utf8(value.to_vec()).unwrap())
}
