//! Bodies cut to the caps of a rule, byte by byte.

use portcullis::host::fake::Request;
use serde_json::json;

use super::filters::{envoy, metric};
use super::world::first_match;

fn sent(path: &str, body: &str) -> Result<String, String> {
    let rules = json!([{"name": "all", "effect": "allow", "who": {"caller": "anyone"}, "clamp": {"max_output_tokens": 100, "choices": 2}}]);
    let envoy = envoy(&first_match(rules));
    let answer = envoy.send(&Request::post(path, body.as_bytes()));
    let is_changed = metric(&envoy, "bodies_total.result.clamped") == 1;
    let Some(upstream) = answer.upstream else { return Err(answer.details) };
    assert_eq!(upstream.headers.first("content-length"), Some(upstream.body.len().to_string().as_bytes()));
    assert_eq!(upstream.surplus(), b"");
    let text = String::from_utf8(upstream.body).unwrap();
    assert_eq!(is_changed, text != body, "{body}");
    Ok(text)
}

#[test]
fn caps_are_lowered_and_no_other_byte_is_changed() {
    let chat = "/v1/chat/completions";
    for (path, body, expected) in [
        (chat, r#"{ "max_tokens" : 5, "x": 1e2 }"#, r#"{ "max_tokens" : 5, "x": 1e2 }"#),
        (chat, r#"{"max_tokens": 500 }"#, r#"{"max_tokens": 100 }"#),
        (chat, r#"{"max_tokens": 5e2}"#, r#"{"max_tokens": 100}"#),
        (chat, r#"{"max_tokens": -1}"#, r#"{"max_tokens": 100}"#),
        (chat, r#"{"max_tokens":500,"max_completion_tokens":9}"#, r#"{"max_tokens":100,"max_completion_tokens":9}"#),
        (chat, r#"{"max_t\u006fkens":500,"n":9}"#, r#"{"max_t\u006fkens":100,"n":2}"#),
        (chat, "{}", r#"{"max_completion_tokens":100}"#),
        (chat, r#" { "n": 1 }"#, r#" {"max_completion_tokens":100, "n": 1 }"#),
        (chat, r#"{"max_completion_tokens":null,"n":1}"#, r#"{"max_completion_tokens":100,"n":1}"#),
        (chat, r#"{"max_tokens":null}"#, r#"{"max_completion_tokens":100,"max_tokens":null}"#),
        ("/v1/completions", r#"{"best_of":9}"#, r#"{"max_tokens":100,"best_of":2}"#),
        ("/v1/responses", r#"{"model":"m"}"#, r#"{"max_output_tokens":100,"model":"m"}"#),
        ("/v1/messages", r#"{"model":"m"}"#, r#"{"max_tokens":100,"model":"m"}"#),
        (
            "/v1/messages",
            r#"{"fallbacks":[{"model":"b","max_tokens":700}]}"#,
            r#"{"max_tokens":100,"fallbacks":[{"model":"b","max_tokens":100}]}"#,
        ),
        ("/v2/chat", r#"{"model":"m"}"#, r#"{"max_tokens":100,"model":"m"}"#),
        ("/api/chat", r#"{"options":{"num_predict":-1}}"#, r#"{"options":{"num_predict":100}}"#),
        ("/v1/embeddings", r#"{"input":"x"}"#, r#"{"input":"x"}"#),
        ("/v1/images/generations", r#"{"n":10}"#, r#"{"n":2}"#),
    ] {
        assert_eq!(sent(path, body), Ok(expected.to_owned()), "{path} {body}");
    }
}

#[test]
fn what_cannot_be_capped_is_refused() {
    for (path, body) in [
        ("/api/chat", r#"{"options":{}}"#),
        ("/v1beta/models/g:generateContent", "{}"),
        ("/v1/messages/batches", r#"{"requests":[{"params":{"max_tokens":5}},{"params":{}}]}"#),
        ("/v1/unknown", r#"{"max_tokens":5}"#),
    ] {
        assert_eq!(sent(path, body), Err("portcullis_rbac_cap_required".to_owned()), "{path} {body}");
    }
    let many = sent("/v1/chat/completions", r#"{"max_completion_tokens":[500]}"#);
    assert_eq!(many, Err("portcullis_rbac_wrong_type".to_owned()));
}

/// What is said in a live conversation is said where nobody cuts it.
#[test]
fn a_live_conversation_cannot_be_capped() {
    let rules =
        json!([{"name": "all", "effect": "allow", "who": {"caller": "anyone"}, "clamp": {"max_output_tokens": 100}}]);
    let envoy = envoy(&first_match(rules));
    let request = Request::get("/v1/realtime?model=m").header("connection", "upgrade").header("upgrade", "websocket");
    let answer = envoy.send(&request);
    assert_eq!((answer.details.as_str(), answer.upstream.is_some()), ("portcullis_rbac_cap_required", false));
    assert_eq!(envoy.send(&Request::get("/v1/realtime")).status, 200);
}

#[test]
fn what_asks_no_model_needs_no_cap() {
    assert_eq!(sent("/v1/files", "--x--").as_deref(), Ok("--x--"));
}
