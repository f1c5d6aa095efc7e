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
}
