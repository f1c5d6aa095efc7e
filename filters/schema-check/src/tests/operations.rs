//! Which operation a request is, and which it is not.

use portcullis::host::fake::Request;
use serde_json::{Value, json};

use super::{code, envoy, metric, of_document, of_schema, post, request, verdict};

fn pets() -> Value {
    let ok = json!({"200": {"description": "ok"}});
    let id = json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}]);
    of_document(json!({
        "/pets": {"get": {"responses": ok}, "post": {"operationId": "addPet", "responses": ok, "requestBody":
            {"required": true, "content": {"application/json": {"schema": {"type": "object", "required": ["name"]}}}}}},
        "/pets/{id}": {"get": {"operationId": "getPet", "parameters": id, "responses": ok}},
    }))
}

#[test]
fn what_the_contract_does_not_have_goes_nowhere() {
    let envoy = envoy(&pets());
    for (method, path, status, expected, allow) in [
        ("GET", "/pets", 200, "", None),
        ("GET", "/pets/1", 200, "", None),
        ("GET", "/pets/%31", 200, "", None),
        ("GET", "/other", 404, "unknown_operation", None),
        ("GET", "/pets/", 404, "unknown_operation", None),
        ("GET", "/pets/1/toys", 404, "unknown_operation", None),
        ("GET", "/v1/pets", 404, "unknown_operation", None),
        ("DELETE", "/pets", 405, "method_not_allowed", Some("GET, POST")),
        ("HEAD", "/pets", 405, "method_not_allowed", Some("GET, POST")),
        ("OPTIONS", "/pets/1", 405, "method_not_allowed", Some("GET")),
        ("TRACE", "/pets", 405, "method_not_allowed", Some("GET, POST")),
        ("get", "/pets", 400, "ambiguous_request", None),
        ("GET", "/pets/..%2fadmin", 400, "ambiguous_request", None),
        ("GET", "/pets/1%2F2", 400, "ambiguous_request", None),
        ("GET", "/pets//1", 400, "ambiguous_request", None),
        ("GET", "/pets/%00", 400, "ambiguous_request", None),
        ("GET", "/pets/1;x=2", 400, "ambiguous_request", None),
        ("GET", "/pets/{id}", 400, "invalid_parameter", None),
        ("GET", "/pets/x", 400, "invalid_parameter", None),
    ] {
        let answer = envoy.send(&request(method, path, ""));
        assert_eq!((answer.status, answer.upstream.is_some()), (status, status == 200), "{method} {path}");
        if status != 200 {
            assert_eq!(code(&answer), expected, "{method} {path}");
        }
        let allowed = answer.headers.first("allow").map(|value| String::from_utf8_lossy(value).into_owned());
        assert_eq!(allowed.as_deref(), allow, "{method} {path}");
    }
}

#[test]
fn a_verdict_names_the_rule_and_the_operation() {
    let envoy = envoy(&pets());
    let answer = envoy.send(&Request::get("/pets/7"));
    let expected =
        json!({"outcome": "allow", "rule": "pets", "operation": "getPet", "code": "allowed", "mode": "enforce"});
    assert_eq!(verdict(&answer), expected);
    let answer = envoy.send(&post("/pets", "{}"));
    let expected = json!({"outcome": "deny", "rule": "pets", "operation": "addPet", "code": "schema_violation", "mode": "enforce"});
    assert_eq!(verdict(&answer), expected);
    assert_eq!(metric(&envoy, "requests_total.outcome.deny.code.schema_violation"), 1);
    assert_eq!(metric(&envoy, "requests_total.outcome.allow.code.allowed"), 1);
}

#[test]
fn a_request_that_no_rule_is_about_passes_only_if_the_operator_says_so() {
    let mut configuration = of_schema(json!(true));
    configuration["rules"][0]["select"] = json!({"paths": ["/own"]});
    let closed = envoy(&configuration);
    let answer = closed.send(&post("/other", "{}"));
    assert_eq!((answer.status, code(&answer).as_str(), metric(&closed, "open")), (404, "unknown_operation", 0));
    configuration["unmatched"] = json!("pass");
    let open = envoy(&configuration);
    open.advance(portcullis::prelude::Millis(1000));
    let answer = open.send(&post("/other", "no json"));
    assert_eq!((answer.status, metric(&open, "open")), (200, 1));
    assert_eq!(metric(&open, "requests_total.outcome.allow.code.unmatched"), 1);
}

#[test]
fn a_rule_in_shadow_refuses_nothing_but_what_is_read_in_two_ways() {
    let mut configuration = of_schema(json!({"type": "object"}));
    configuration["rules"][0]["requests"] = json!("shadow");
    let envoy = envoy(&configuration);
    let answer = envoy.send(&post("/", "[1]"));
    assert_eq!((answer.status, verdict(&answer)["mode"].clone()), (200, json!("shadow")));
    assert_eq!(metric(&envoy, "requests_total.outcome.shadow.code.refused"), 1);
    let answer = envoy.send(&post("/", r#"{"a": 1, "a": 2}"#));
    assert_eq!((answer.status, code(&answer).as_str()), (400, "malformed_json"));
}
