//! Anthropic: a text, and `stop_reason: refusal`.

use serde_json::{Value, json};

use super::{Event, MODEL, Said};

pub(super) fn message(said: &Said<'_>) -> Value {
    snapshot(said, &json!([{"type": "text", "text": said.text}]), &json!("refusal"))
}

pub(super) fn events(said: &Said<'_>) -> Vec<Event> {
    let event = |name: &'static str, mut event: Value| {
        if let Some(members) = event.as_object_mut() {
            members.insert("type".to_owned(), json!(name));
        }
        (name, event)
    };
    vec![
        event("message_start", json!({"message": snapshot(said, &json!([]), &Value::Null)})),
        event("content_block_start", json!({"index": 0, "content_block": {"type": "text", "text": ""}})),
        event("content_block_delta", json!({"index": 0, "delta": {"type": "text_delta", "text": said.text}})),
        event("content_block_stop", json!({"index": 0})),
        event(
            "message_delta",
            json!({"delta": {"stop_reason": "refusal", "stop_sequence": null}, "usage": {"output_tokens": 0}}),
        ),
        event("message_stop", json!({})),
    ]
}

fn snapshot(said: &Said<'_>, content: &Value, reason: &Value) -> Value {
    json!({
        "id": format!("msg_{}", said.id), "type": "message", "role": "assistant", "model": MODEL,
        "content": content, "stop_reason": reason, "stop_sequence": null,
        "usage": {"input_tokens": 0, "output_tokens": 0}
    })
}
