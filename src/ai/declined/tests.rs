//! Answers that decline are read by the tables of their own APIs.

use super::*;
use crate::ai::LIMITS;
use crate::ai::answer::{Answer, Told, read_whole};
use crate::ai::read::read;
use crate::ai::rpc::RpcId;
use crate::http::path::Canonical;

const TEXT: &str = "Ask the \"data\" office.\u{e9}";

const CHAT: &str = "/v1/chat/completions";
const VERTEX: &str = "/v1/projects/p/locations/l/publishers/anthropic/models/c:streamRawPredict";
const TOOL: &str = r#"{"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "t", "arguments": {}}}"#;

fn endpoint(path: &str) -> &'static Endpoint {
    let path = path.split('?').next().unwrap();
    Endpoint::find("POST", &Canonical::read(path.as_bytes()).unwrap()).unwrap_or_else(|| panic!("{path}")).endpoint
}

fn face(path: &str, body: &str) -> Option<Face> {
    let endpoint = endpoint(path);
    Face::of(endpoint, path.as_bytes(), &read(body.as_bytes(), endpoint.request, LIMITS).unwrap())
}

/// What an answer says, by the tables, and how it ended.
fn heard(path: &str, declined: &Declined) -> (String, Told) {
    let mut said = String::new();
    let mut each = |reading: &Reading<'_>| {
        assert_eq!(reading.unknown, [], "{path}");
        said.extend(reading.texts.iter().map(|text| text.text.unescaped().into_owned()));
    };
    let Ok(mut answer) = Answer::streamed(endpoint(path), declined.content_type.as_bytes(), 65_536) else {
        let (reading, told) = read_whole(endpoint(path), &declined.bytes, LIMITS).unwrap();
        each(&reading);
        return (said, told);
    };
    answer.push(&declined.bytes, &mut each).unwrap();
    answer.finish(&mut each).unwrap();
    (said, answer.told().clone())
}

#[test]
fn an_answer_that_declines_says_so_in_its_api() {
    let asked = Asked::One(RpcId::Number(7));
    for (path, body, content_type, finish) in [
        (CHAT, "{}", "application/json", "stop"),
        (CHAT, r#"{"stream": true}"#, "text/event-stream", "stop"),
        ("/openai/deployments/d/chat/completions", "{}", "application/json", "stop"),
        ("/v1/completions", "{}", "application/json", "content_filter"),
        ("/v1/completions", r#"{"stream": true}"#, "text/event-stream", "content_filter"),
        ("/v1/responses", "{}", "application/json", "completed"),
        ("/v1/responses", r#"{"stream": true}"#, "text/event-stream", "completed"),
        ("/v1/messages", "{}", "application/json", "refusal"),
        ("/v1/messages", r#"{"stream": true}"#, "text/event-stream", "refusal"),
        (VERTEX, "{}", "text/event-stream", "refusal"),
        ("/v1beta/models/g:generateContent", "{}", "application/json", "SAFETY"),
        ("/v1beta/models/g:streamGenerateContent", "{}", "application/json", "SAFETY"),
        ("/v1beta/models/g:streamGenerateContent?alt=sse", "{}", "text/event-stream", "SAFETY"),
        ("/model/m/converse", "{}", "application/json", "guardrail_intervened"),
        ("/model/m/converse-stream", "{}", "application/vnd.amazon.eventstream", "guardrail_intervened"),
        ("/v2/chat", "{}", "application/json", "COMPLETE"),
        ("/v2/chat", r#"{"stream": true}"#, "text/event-stream", "COMPLETE"),
        ("/api/chat", r#"{"stream": false}"#, "application/json", "stop"),
        ("/api/chat", "{}", "application/x-ndjson", "stop"),
        ("/api/generate", r#"{"stream": false}"#, "application/json", "stop"),
        ("/api/generate", "{}", "application/x-ndjson", "stop"),
        ("/mcp", TOOL, "application/json", ""),
    ] {
        let declined = face(path, body).unwrap_or_else(|| panic!("{path}")).declines(&asked, TEXT, 1).unwrap();
        assert_eq!(declined.content_type, content_type, "{path} {body}");
        let (said, told) = heard(path, &declined);
        assert!(said.contains(TEXT), "{path} {body}: {said}");
        assert_eq!(told.finish.last().map_or("", String::as_str), finish, "{path} {body}: {told:?}");
        assert!(told.usage.total().unwrap_or(0) == 0, "{path} {body}: {told:?}");
    }
}

#[test]
fn what_has_no_such_answer_has_none() {
    for (path, body) in [
        ("/v1/embeddings", "{}"),
        ("/v1/images/generations", "{}"),
        ("/v1/chat/completions/batch", "{}"),
        ("/v1/responses/compact", "{}"),
        ("/v1/messages/count_tokens", "{}"),
        ("/v1/complete", "{}"),
        ("/v1beta/models/g:embedContent", "{}"),
        ("/v1/interactions", "{}"),
        ("/model/m/invoke", "{}"),
        ("/v1/chat", "{}"),
        ("/api/embed", "{}"),
        ("/a2a", r#"{"jsonrpc": "2.0", "id": 1, "method": "message/send", "params": {}}"#),
        ("/mcp", r#"{"jsonrpc": "2.0", "id": 1, "method": "prompts/get", "params": {"name": "p"}}"#),
        ("/mcp", r#"{"jsonrpc": "2.0", "id": 1, "result": {"content": []}}"#),
    ] {
        assert_eq!(face(path, body), None, "{path} {body}");
    }
    let batch = format!("[{TOOL},{}]", TOOL.replace('7', "8"));
    assert_eq!(face("/mcp", &batch), None);
    assert_eq!(face("/mcp", TOOL).unwrap().declines(&Asked::Unknown, TEXT, 1), None);
}

#[test]
fn a_stream_of_chunks_ends_in_words_and_has_one_id() {
    let declined = face(CHAT, r#"{"stream": true}"#).unwrap().declines(&Asked::Unknown, TEXT, 1).unwrap();
    let (_, told) = heard(CHAT, &declined);
    assert!(told.is_over);
    let text = String::from_utf8(declined.bytes).unwrap();
    let ids: Vec<&str> = text.split("\"id\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!((ids.len(), ids[0]), (2, ids[1]));
    let other = face(CHAT, "{}").unwrap().declines(&Asked::Unknown, TEXT, 1).unwrap();
    assert!(!String::from_utf8(other.bytes).unwrap().contains(ids[0]));
}
