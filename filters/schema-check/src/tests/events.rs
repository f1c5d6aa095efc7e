//! Answers that stream, event by event.

use portcullis::host::fake::{Answer, Envoy, Request};
use serde_json::{Value, json};

use super::{code, envoy, metric, of_document};

fn streaming(responses: &str) -> Value {
    let event = json!({"type": "object", "required": ["id"], "additionalProperties": false, "properties": {"id": {"type": "integer"}}});
    let item = json!({"required": ["event"], "properties": {"event": {"enum": ["a", "b"]}, "data": {"maxLength": 3}}});
    let mut configuration = of_document(json!({
        "/v1/chat/completions": {"post": {
            "requestBody": {"content": {"application/json": {}}},
            "responses": {"200": {"description": "ok", "content": {"text/event-stream": {"schema": event}}}},
        }},
        "/x": {"get": {"responses": {"200": {"description": "ok", "content": {
            "text/event-stream": {"itemSchema": item}, "application/x-ndjson": {"itemSchema": event}}}}}},
    }));
    configuration["rules"][0]["openapi"]["openapi"] = json!("3.2.0");
    configuration["rules"][0]["responses"] = json!(responses);
    configuration
}

fn answered(envoy: &Envoy, request: Request, content_type: &str, pieces: &[&str]) -> Answer {
    let pieces: Vec<&[u8]> = pieces.iter().map(|piece| piece.as_bytes()).collect();
    envoy.send(&request.answered(&[(":status", "200"), ("content-type", content_type)], &pieces, None))
}

fn chat() -> Request {
    super::post("/v1/chat/completions", "{}")
}

const SSE: &str = "text/event-stream";

#[test]
fn events_pass_as_they_came_when_they_are_as_the_contract_says() {
    let envoy = envoy(&streaming("enforce"));
    let whole = ": hi\n\ndata: {\"id\": 1}\r\n\r\nevent: x\ndata: {\"id\":\ndata: 2}\n\ndata: [DONE]\n\n";
    for cut in 1..whole.len() {
        let (first, second) = whole.split_at(cut);
        let answer = answered(&envoy, chat(), SSE, &[first, second]);
        assert_eq!((answer.status, answer.text().as_str(), answer.complete), (200, whole, true), "cut at {cut}");
    }
    assert_eq!(metric(&envoy, "responses_total.outcome.allow.code.valid"), whole.len() as u64 - 1);
}

#[test]
fn nothing_of_an_event_at_fault_passes() {
    let envoy = envoy(&streaming("enforce"));
    let (good, bad) = ("data: {\"id\": 1}\n\n", "data: {\"id\": 2, \"password\": \"hunter2\"}\n\n");
    for cut in 0..bad.len() {
        let (first, second) = bad.split_at(cut);
        let answer = answered(&envoy, chat(), SSE, &[good, first, second, good]);
        let text = answer.text();
        assert!(text.starts_with(good) && !text.contains("\"id\": 2") && !text.contains("hunter2"), "{text}");
        assert!(text.contains("answer_schema_violation") && text.ends_with("data: [DONE]\n\n"), "{text}");
    }
}

#[test]
fn an_answer_that_nobody_reads_alike_is_cut() {
    let envoy = envoy(&streaming("enforce"));
    let comments = ": x\n".repeat(100_000);
    for pieces in [
        &["data: {\"id\": 1\n\n"][..],
        &["{\"id\": 1}\n"],
        &["data: {\"id\": 1, \"id\": 1}\n\n"],
        &["data: {\"id\": 1}\n"],
        &[comments.as_str(), "\n"],
    ] {
        let answer = answered(&envoy, chat(), SSE, pieces);
        assert!(answer.text().contains("malformed_answer"), "{}", answer.text().len());
    }
}

#[test]
fn where_no_api_has_words_for_an_end_the_stream_is_reset() {
    let envoy = envoy(&streaming("enforce"));
    for (content_type, good, bad) in [
        (SSE, "event: a\ndata: 1\n\n", "event: c\ndata: 1\n\n"),
        (SSE, "event: b\ndata: 123\n\n", "event: b\ndata: 1234\n\n"),
        (SSE, "event: b\n\nevent: b\ndata\n\n", "data: 1\n\n"),
        ("application/x-ndjson", "{\"id\": 1}\n\n{\"id\": 2}\n", "{}\n"),
        ("application/x-ndjson", "{\"id\": 1}", "{\"id\": 1}{"),
    ] {
        let answer = answered(&envoy, Request::get("/x"), content_type, &[good]);
        assert_eq!((answer.text().as_str(), answer.complete), (good, true), "{good}");
        let answer = answered(&envoy, Request::get("/x"), content_type, &["\n", bad]);
        assert!(!answer.complete && !answer.text().contains(bad), "{bad} {answer:?}");
    }
}

#[test]
fn a_stream_that_is_only_looked_at_is_not_held() {
    let envoy = envoy(&streaming("shadow"));
    let bad = ["data: {\"id", "\": \"x\"}\n\n", "data: {}\n\ndata"];
    let answer = answered(&envoy, chat(), SSE, &bad);
    assert_eq!((answer.status, answer.text()), (200, bad.concat()));
    assert_eq!(metric(&envoy, "responses_total.outcome.shadow.code.refused"), 1);
    assert_eq!(metric(&envoy, "responses_total.outcome.allow.code.valid"), 0);
    assert_eq!(code(&answer), "");
}
