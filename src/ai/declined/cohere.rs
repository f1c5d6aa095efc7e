//! Cohere's second version: it has no word for an answer that declines.

use serde_json::{Value, json};

use super::{Event, Said};

pub(super) fn chat(said: &Said<'_>) -> Value {
    json!({
        "id": said.id, "finish_reason": "COMPLETE", "usage": nothing_used(),
        "message": {"role": "assistant", "content": [{"type": "text", "text": said.text}]}
    })
}

pub(super) fn events(said: &Said<'_>) -> Vec<Event> {
    let text = |text: &str| json!({"message": {"content": {"type": "text", "text": text}}});
    let event = |name: &'static str, delta: Option<Value>| match delta {
        Some(delta) => (name, json!({"type": name, "index": 0, "delta": delta})),
        None => (name, json!({"type": name, "index": 0})),
    };
    let start =
        json!({"message": {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}});
    let end = json!({"finish_reason": "COMPLETE", "usage": nothing_used()});
    vec![
        ("message-start", json!({"type": "message-start", "id": said.id, "delta": start})),
        event("content-start", Some(text(""))),
        event("content-delta", Some(json!({"message": {"content": {"text": said.text}}}))),
        event("content-end", None),
        ("message-end", json!({"type": "message-end", "id": said.id, "delta": end})),
    ]
}

fn nothing_used() -> Value {
    let none = json!({"input_tokens": 0, "output_tokens": 0});
    json!({"billed_units": none, "tokens": none})
}
