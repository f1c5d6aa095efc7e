//! `OpenAI`: `refusal` beside the content, as its models decline where a form of the answer was asked for.

use serde_json::{Value, json};

use super::{Event, MODEL, Said};

pub(super) fn chat(said: &Said<'_>) -> Value {
    let message = json!({"role": "assistant", "content": null, "refusal": said.text, "annotations": []});
    json!({
        "id": format!("chatcmpl-{}", said.id), "object": "chat.completion", "created": said.at, "model": MODEL,
        "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    })
}

pub(super) fn chunks(said: &Said<'_>) -> Vec<Event> {
    let chunk = |delta: Value, finish: Value| {
        let choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish});
        let chunk = json!({
            "id": format!("chatcmpl-{}", said.id), "object": "chat.completion.chunk", "created": said.at, "model": MODEL,
            "choices": [choice]
        });
        ("", chunk)
    };
    vec![
        chunk(json!({"role": "assistant", "content": null, "refusal": said.text}), Value::Null),
        chunk(json!({}), json!("stop")),
    ]
}

/// An event of a stream is the same.
pub(super) fn completion(said: &Said<'_>) -> Value {
    json!({
        "id": format!("cmpl-{}", said.id), "object": "text_completion", "created": said.at, "model": MODEL,
        "choices": [{"index": 0, "text": said.text, "logprobs": null, "finish_reason": "content_filter"}],
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    })
}

pub(super) fn response(said: &Said<'_>) -> Value {
    snapshot(said, "completed", &json!([item(said, "completed", &json!([part(said.text)]))]))
}

/// The events of "Streaming events", each with a number.
pub(super) fn response_events(said: &Said<'_>) -> Vec<Event> {
    let (nothing, id) = (json!([]), item_id(said));
    let started = || json!({"response": snapshot(said, "in_progress", &nothing)});
    let whole = || item(said, "completed", &json!([part(said.text)]));
    let events = [
        ("response.created", started()),
        ("response.in_progress", started()),
        ("response.output_item.added", json!({"output_index": 0, "item": item(said, "in_progress", &nothing)})),
        ("response.content_part.added", in_part(&id, "part", &part(""))),
        ("response.refusal.delta", in_part(&id, "delta", &json!(said.text))),
        ("response.refusal.done", in_part(&id, "refusal", &json!(said.text))),
        ("response.content_part.done", in_part(&id, "part", &part(said.text))),
        ("response.output_item.done", json!({"output_index": 0, "item": whole()})),
        ("response.completed", json!({"response": response(said)})),
    ];
    (0..).zip(events).map(|(number, (name, event))| (name, numbered(name, number, event))).collect()
}

fn numbered(name: &str, number: u32, mut event: Value) -> Value {
    if let Some(members) = event.as_object_mut() {
        members.extend([("type".to_owned(), json!(name)), ("sequence_number".to_owned(), json!(number))]);
    }
    event
}

fn in_part(id: &str, name: &str, value: &Value) -> Value {
    json!({"item_id": id, "output_index": 0, "content_index": 0, name: value})
}

fn snapshot(said: &Said<'_>, status: &str, output: &Value) -> Value {
    let nothing_used = json!({
        "input_tokens": 0, "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 0, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 0
    });
    json!({
        "id": format!("resp_{}", said.id), "object": "response", "created_at": said.at, "status": status, "model": MODEL,
        "output": output, "error": null, "incomplete_details": null, "instructions": null, "metadata": {},
        "parallel_tool_calls": true, "temperature": null, "top_p": null, "tool_choice": "auto", "tools": [],
        "usage": if status == "completed" { nothing_used } else { Value::Null }
    })
}

fn item(said: &Said<'_>, status: &str, content: &Value) -> Value {
    json!({"type": "message", "id": item_id(said), "role": "assistant", "status": status, "content": content})
}

fn item_id(said: &Said<'_>) -> String {
    format!("msg_{}", said.id)
}

fn part(text: &str) -> Value {
    json!({"type": "refusal", "refusal": text})
}
