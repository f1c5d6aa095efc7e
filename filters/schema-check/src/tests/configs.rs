//! What is refused at load, and where.

use portcullis::host::fake::Envoy;
use portcullis::prelude::Env;
use serde_json::{Value, json};

use super::of_document;
use crate::SchemaCheck;

fn fault(configuration: &Value) -> String {
    match Envoy::of_filter::<SchemaCheck>(&configuration.to_string()) {
        Ok(_) => "taken".to_owned(),
        Err(fault) => fault,
    }
}

#[test]
fn a_configuration_that_cannot_be_enforced_is_refused_with_its_place() {
    let schemas = |schemas: Value| json!({"rules": [{"name": "own", "schemas": schemas}]});
    let rule = |rule: Value| json!({"rules": [rule]});
    for (configuration, says) in [
        (json!({}), "rules"),
        (json!({"rules": []}), "rules: found \"0\", expected 1 to 64 rules"),
        (rule(json!({"name": "Own", "schemas": {"request": true}})), "rules[0].name"),
        (rule(json!({"name": "own"})), "rules[0].openapi: missing, expected openapi, schemas or contract"),
        (rule(json!({"name": "own", "schemas": {}})), "rules[0].schemas.request: missing"),
        (rule(json!({"name": "own", "openapi": {}, "schemas": {"request": true}})), "rules[0].schemas"),
        (rule(json!({"name": "own", "base_path": "/x", "schemas": {"request": true}})), "rules[0].base_path"),
        (schemas(json!({"request": {"type": "strin"}})), "rules[0].schemas.request#/type: found"),
        (schemas(json!({"request": {"$ref": "https://example.com/x"}})), "https://example.com/x"),
        (schemas(json!({"request": {"pattern": "(a)\\1"}})), "rules[0].schemas.request#/pattern: found"),
        (
            schemas(json!({"request": {"properties": {"a": {"$ref": "#/properties/a"}}}})),
            "rules[0].schemas.request#/properties/a: found \"a reference leads back to it without going into the value\"",
        ),
        (schemas(json!({"request": true, "draft": "5"})), "rules[0].schemas.draft"),
        (schemas(json!({"request": true, "content_types": []})), "rules[0].schemas.content_types"),
        (schemas(json!({"request": true, "content_types": ["json"]})), "rules[0].schemas.content_types[0]"),
        (rule(json!({"name": "own", "openapi": {"openapi": "2.0"}})), "rules[0].openapi.#/openapi"),
        (json!({"rules": [{"name": "own", "schemas": {"request": true}}], "limits": {"depth": 129}}), "limits.depth"),
        (json!({"rules": [{"name": "own", "schemas": {"request": true}}], "limits": {"values": 0}}), "limits.values"),
    ] {
        let fault = fault(&configuration);
        assert!(fault.contains(says), "{configuration}: {fault}");
    }
}

#[test]
fn two_rules_have_two_names() {
    let rule = json!({"name": "own", "schemas": {"request": true}});
    let fault = fault(&json!({"rules": [rule, rule]}));
    assert!(fault.contains("rules[1].name"), "{fault}");
}

#[test]
fn a_large_document_is_refused_with_the_advice_to_bundle_it() {
    let text = "x".repeat(300 << 10);
    let mut large =
        of_document(json!({"/": {"get": {"description": text, "responses": {"200": {"description": "x"}}}}}));
    assert!(fault(&large).contains("portcullis bundle"), "{}", fault(&large).len());
    large["rules"][0]["openapi"]["x-portcullis-bundle"] = json!(1);
    assert_eq!(fault(&large), "taken");
}

#[test]
fn an_operator_is_told_what_of_a_contract_nobody_asks() {
    let body = |media: &str, schema: Value| json!({"content": {media: {"schema": schema}}});
    let told = |media: &str, schema: Value, responses: &str| {
        let mut ok = body(media, schema.clone());
        ok["description"] = json!("ok");
        let mut configuration =
            of_document(json!({"/x": {"post": {"requestBody": body(media, schema), "responses": {"200": ok}}}}));
        configuration["rules"][0]["responses"] = json!(responses);
        let config = serde_json::from_value(configuration).unwrap();
        let lint = crate::offline::lint(config, &Env::default()).unwrap();
        lint.iter()
            .map(|line| line.split(": ").nth(2).unwrap().split(" are").next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let limited = || json!({"type": "string", "maxLength": 3});
    assert!(told("application/json", limited(), "enforce").is_empty());
    assert!(told("image/png", json!({"type": "string", "format": "binary"}), "enforce").is_empty());
    assert_eq!(told("text/plain", limited(), "pass"), ["requests of text/plain"]);
    assert_eq!(
        told("application/xml", limited(), "enforce"),
        ["requests of application/xml", "answers of application/xml"]
    );
    assert_eq!(told("text/event-stream", limited(), "enforce"), ["requests of text/event-stream"]);
    assert!(told("application/*", limited(), "enforce").is_empty());
    assert_eq!(
        told("application/x-www-form-urlencoded", json!({"type": "object"}), "enforce"),
        ["answers of application/x-www-form-urlencoded"]
    );
}
