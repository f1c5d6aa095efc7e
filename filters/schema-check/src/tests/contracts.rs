//! Contracts that come with the filter.

use serde_json::{Value, json};

use super::{code, envoy, parsed, post, request};
use crate::SchemaCheck;
use portcullis::host::fake::Envoy;

fn of(contract: &str) -> Value {
    json!({"rules": [{"name": "ai", "contract": contract}]})
}

fn denying(contract: &str) -> Value {
    json!({"rules": [{"name": "ai", "contract": contract, "unknown_members": "deny"}]})
}

fn refusal(configuration: &Value) -> String {
    Envoy::of_filter::<SchemaCheck>(&configuration.to_string()).err().unwrap_or_default()
}

/// The code and the places of a refusal; none: it passed.
fn told(envoy: &Envoy, path: &str, body: &str) -> (String, Vec<String>) {
    let answer = envoy.send(&post(path, body));
    let body = parsed(&answer.body);
    let errors = body.get("error").and_then(|error| error.get("errors")).or_else(|| body.get("errors"));
    let pointers = errors.and_then(Value::as_array).into_iter().flatten();
    (code(&answer), pointers.filter_map(|error| error["pointer"].as_str()).map(str::to_owned).collect())
}

fn passes() -> (String, Vec<String>) {
    (String::new(), Vec::new())
}

#[test]
fn a_contract_has_a_name_that_is_known() {
    for (name, expected) in [
        ("openai.chats", "one of a2a, a2a.a2a, anthropic"),
        ("claude", "openai.chat"),
        ("openai.", "one of "),
        ("openai.rerank", "one of "),
        ("openai.chat@2", "a version among 1"),
        ("openai.chat@", "a version among 1"),
    ] {
        let refusal = refusal(&of(name));
        assert!(refusal.contains("rules[0].contract") && refusal.contains(expected), "{name}: {refusal}");
    }
    for name in ["openai.chat@1", "openai.embeddings"] {
        assert_eq!(refusal(&of(name)), "", "{name}");
    }
}

#[test]
fn one_kind_of_contract_is_given() {
    let with = |name: &str, value: Value| {
        let mut configuration = of("openai.moderation");
        configuration["rules"][0][name] = value;
        refusal(&configuration)
    };
    assert!(with("schemas", json!({"request": true})).contains("one of openapi, schemas and contract"));
    assert!(with("base_path", json!("/v1")).contains("it with openapi alone"));
    let unknown = json!({"rules": [{"name": "x", "schemas": {"request": true}, "unknown_members": "deny"}]});
    assert!(refusal(&unknown).contains("it with contract alone"));
}

#[test]
fn openais_requests_are_as_its_document_says() {
    let envoy = envoy(&of("openai.chat"));
    let path = "/v1/chat/completions";
    let message = r#""messages": [{"role": "user", "content": "hi"}]"#;
    assert_eq!(told(&envoy, path, &format!(r#"{{"model": "m", {message}, "x": 1}}"#)), passes());
    assert_eq!(
        told(&envoy, "/openai/deployments/m/chat/completions", &format!(r#"{{"model": "m", {message}}}"#)),
        passes()
    );
    let (found, places) = told(&envoy, path, &format!(r#"{{"model": "m", {message}, "temperature": 9}}"#));
    assert_eq!((found.as_str(), places), ("schema_violation", vec!["/temperature".to_owned()]));
    assert_eq!(code(&envoy.send(&request("PUT", path, "{}"))), "method_not_allowed");
    assert_eq!(code(&envoy.send(&post("/v1/embeddings", "{}"))), "unknown_operation");
}

#[test]
fn members_that_an_api_does_not_document_are_refused_on_demand() {
    let body = r#"{"model": "m", "messages": [{"role": "user", "content": "hi", "x": 1}], "y": 1}"#;
    let places = told(&envoy(&denying("openai.chat")), "/v1/chat/completions", body).1;
    assert_eq!(places, ["/*", "/messages/0/*"]);
}

#[test]
fn other_apis_are_as_their_tables_say() {
    let body = r#"{"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]}"#;
    for contract in [of("anthropic.chat"), denying("anthropic.chat")] {
        let envoy = envoy(&contract);
        assert_eq!(told(&envoy, "/v1/messages", body), passes());
        assert_eq!(told(&envoy, "/v1/messages", &body.replace('5', r#""five""#)).1, ["/max_tokens"]);
        assert_eq!(told(&envoy, "/v1/messages", r#"{"model": "m", "messages": "hi"}"#).1, ["/messages"]);
    }
    let unknown = body.replace("\"role\"", "\"rôle\": 1, \"role\"");
    assert_eq!(told(&envoy(&of("anthropic.chat")), "/v1/messages", &unknown), passes());
    assert_eq!(told(&envoy(&denying("anthropic.chat")), "/v1/messages", &unknown).1, ["/messages/0/*"]);
}

#[test]
fn paths_of_the_operators_own_count() {
    let mut configuration = of("anthropic.chat");
    configuration["dialects"] = json!([{"prefix": "/claude", "dialect": "anthropic", "strip_prefix": true}]);
    let envoy = envoy(&configuration);
    assert_eq!(told(&envoy, "/claude/v1/messages", r#"{"model": 1}"#).1, ["/model"]);
    assert_eq!(told(&envoy, "/claude/v1/messages", r#"{"model": "m"}"#), passes());
}
