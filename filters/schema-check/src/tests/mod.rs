mod answers;
mod bodies;
mod configs;
mod contracts;
mod events;
mod operations;
mod parameters;
mod streams;
mod structured;
mod urls;

use portcullis::host::fake::{Answer, Envoy, Request};
use serde_json::{Value, json};

use crate::SchemaCheck;

pub(crate) fn envoy(configuration: &Value) -> Envoy {
    Envoy::of_filter::<SchemaCheck>(&configuration.to_string()).unwrap()
}

pub(crate) fn metric(envoy: &Envoy, name: &str) -> u64 {
    envoy.world().metric(&format!("portcullis_schema_check_{name}.instance.schema_check")).unwrap()
}

pub(crate) fn parsed(bytes: &[u8]) -> Value {
    portcullis::json::parse(bytes, portcullis::json::Limits::default()).unwrap_or_default()
}

pub(crate) fn verdict(answer: &Answer) -> Value {
    answer.state.get("portcullis.schema_check").map_or(Value::Null, |state| parsed(state))
}

/// The code of a problem that was answered.
pub(crate) fn code(answer: &Answer) -> String {
    let body = parsed(&answer.body);
    body["code"].as_str().or(body["error"]["code"].as_str()).unwrap_or_default().to_owned()
}

/// A contract of one document.
pub(crate) fn of_document(paths: Value) -> Value {
    json!({"rules": [{"name": "pets", "openapi": {
        "openapi": "3.1.1", "info": {"title": "t", "version": "1"}, "paths": paths,
    }}]})
}

/// A contract of one schema for requests.
pub(crate) fn of_schema(schema: Value) -> Value {
    json!({"rules": [{"name": "own", "schemas": {"request": schema}}]})
}

pub(crate) fn post(path: &str, body: &str) -> Request {
    Request::post(path, body.as_bytes()).header("content-type", "application/json")
}

/// A request of any method, with a body of JSON if there is one.
pub(crate) fn request(method: &str, path: &str, body: &str) -> Request {
    let mut request = if body.is_empty() { Request::get(path) } else { post(path, body) };
    let turned = |(name, value)| if name == b":method" { (name, method.as_bytes()) } else { (name, value) };
    request.headers = request.headers.iter().map(turned).collect();
    request
}
