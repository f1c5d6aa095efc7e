//! Bedrock: what it answers itself when a guardrail intervenes.

use serde_json::{Value, json};

use super::{Event, Said};

const REASON: &str = "guardrail_intervened";

pub(super) fn conversed(said: &Said<'_>) -> Value {
    json!({
        "output": {"message": {"role": "assistant", "content": [{"text": said.text}]}}, "stopReason": REASON,
        "usage": nothing_used(), "metrics": {"latencyMs": 0}
    })
}

pub(super) fn events(said: &Said<'_>) -> Vec<Event> {
    vec![
        ("messageStart", json!({"role": "assistant"})),
        ("contentBlockDelta", json!({"contentBlockIndex": 0, "delta": {"text": said.text}})),
        ("contentBlockStop", json!({"contentBlockIndex": 0})),
        ("messageStop", json!({"stopReason": REASON})),
        ("metadata", json!({"usage": nothing_used(), "metrics": {"latencyMs": 0}})),
    ]
}

fn nothing_used() -> Value {
    json!({"inputTokens": 0, "outputTokens": 0, "totalTokens": 0})
}
