//! Answers that are not as the contract says.

use portcullis::host::fake::{Envoy, Request};
use serde_json::{Value, json};

use super::{envoy, metric, of_document};

fn pets(responses: &str) -> Value {
    let mut configuration = of_document(json!({"/x": {"get": {"responses": {
        "200": {"description": "ok", "content": {"application/json": {"schema": {"type": "object", "required": ["id"]}}}},
        "4XX": {"description": "no"},
    }}}}));
    configuration["rules"][0]["responses"] = json!(responses);
    configuration
}

fn answered(envoy: &Envoy, status: u16, content_type: &str, body: &str) -> (u16, String) {
    let (status, length) = (status.to_string(), body.len().to_string());
    let headers = [(":status", status.as_str()), ("content-type", content_type), ("content-length", &length)];
    let request = Request::get("/x").header("accept-encoding", "gzip").answered(&headers, &[body.as_bytes()], None);
    let answer = envoy.send(&request);
    let code = super::code(&answer);
    assert!(answer.upstream.is_none_or(|sent| sent.headers.first("accept-encoding").is_none()));
    (answer.status, code)
}

#[test]
fn an_answer_that_is_not_in_the_contract_becomes_a_502() {
    let envoy = envoy(&pets("enforce"));
    for (status, content_type, body, expected) in [
        (200, "application/json", r#"{"id": 1}"#, (200, "")),
        (200, "application/json", "{}", (502, "answer_schema_violation")),
        (200, "application/json", "{", (502, "malformed_answer")),
        (200, "application/json", "", (502, "malformed_answer")),
        (200, "text/html", "<p>", (502, "undeclared_content_type")),
        (404, "text/html", "<p>", (404, "")),
        (500, "text/html", "<p>", (502, "undeclared_status")),
    ] {
        let (status_seen, code) = answered(&envoy, status, content_type, body);
        assert_eq!((status_seen, code.as_str()), expected, "{status} {content_type} {body}");
    }
}

#[test]
fn an_answer_that_is_only_looked_at_passes_and_is_counted() {
    let envoy = envoy(&pets("shadow"));
    assert_eq!(answered(&envoy, 200, "application/json", "{}").0, 200);
    assert_eq!(metric(&envoy, "responses_total.outcome.shadow.code.refused"), 1);
    assert_eq!(answered(&envoy, 500, "text/html", "<p>").0, 500);
    assert_eq!(metric(&envoy, "responses_total.outcome.shadow.code.refused"), 2);
    assert_eq!(metric(&envoy, "responses_total.outcome.allow.code.valid"), 0);
    assert_eq!(answered(&envoy, 404, "text/html", "<p>").0, 404);
    assert_eq!(metric(&envoy, "responses_total.outcome.allow.code.unseen"), 1);
}

#[test]
fn members_that_the_contract_does_not_have_are_taken_out() {
    let inner = json!({"type": "object", "additionalProperties": false, "properties": {"id": {}, "secret": false}});
    let mut configuration = of_document(json!({"/x": {"get": {"responses": {"200": {"description": "ok", "content":
        {"application/json": {"schema": {"type": "object", "additionalProperties": false, "required": ["id"],
            "properties": {"id": {"type": "integer"}, "list": {"type": "array", "items": inner}}}}}}}}}}));
    configuration["rules"][0]["responses"] = json!("redact");
    let envoy = envoy(&configuration);
    let headers = [(":status", "200"), ("content-type", "application/json"), ("etag", "x")];
    let get = |body: &str| {
        let length = body.len().to_string();
        let headers = [&headers[..], &[("content-length", length.as_str())]].concat();
        envoy.send(&Request::get("/x").answered(&headers, &[body.as_bytes()], None))
    };
    let answer = get(r#"{"id": 1, "password": "x", "list": [{"id": 2, "hash": "y"}, {}]}"#);
    assert_eq!((answer.status, answer.text().as_str()), (200, r#"{"id":1,"list":[{"id":2},{}]}"#));
    assert!(answer.headers.first("etag").is_none());
    assert_eq!(metric(&envoy, "responses_total.outcome.allow.code.redacted"), 1);
    let element = |secret: &str| format!(r#"{{"id":2{secret}}}"#);
    let list = |secret: &str| format!(r#"{{"id":1,"list":[{}]}}"#, vec![element(secret); 3_000].join(","));
    let answer = get(&list(r#","hash":"y""#));
    assert_eq!((answer.status, answer.text() == list("")), (200, true));
    let whole = r#"{ "id": 1 }"#;
    assert_eq!(get(whole).text(), whole);
    assert_eq!(get(r#"{"id": "x", "password": "x"}"#).status, 502);
    assert_eq!(get(r#"{"password": "x"}"#).status, 502);
}

/// A rule that only looks on at requests may still be one that answers for what comes back.
#[test]
fn an_answer_is_looked_at_although_its_request_only_passed_in_shadow() {
    let mut configuration = pets("enforce");
    configuration["rules"][0]["requests"] = json!("shadow");
    let envoy = envoy(&configuration);
    let request = Request::get("/x?undeclared=1").header("accept-encoding", "gzip");
    let headers = [(":status", "200"), ("content-type", "application/json"), ("content-length", "2")];
    let answer = envoy.send(&request.answered(&headers, &[b"{}"], None));
    assert_eq!((answer.status, super::code(&answer).as_str()), (502, "answer_schema_violation"));
    assert_eq!(metric(&envoy, "requests_total.outcome.shadow.code.refused"), 1);
}
