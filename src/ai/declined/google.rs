//! Google: a candidate that ended for `SAFETY`, and has a text. A `promptFeedback` would say the same without one.

use serde_json::{Value, json};

use super::{MODEL, Said};

/// An event of a stream is the same.
pub(super) fn generated(said: &Said<'_>) -> Value {
    json!({
        "candidates": [{
            "content": {"role": "model", "parts": [{"text": said.text}]}, "finishReason": "SAFETY", "index": 0
        }],
        "usageMetadata": {"promptTokenCount": 0, "candidatesTokenCount": 0, "totalTokenCount": 0},
        "modelVersion": MODEL, "responseId": said.id
    })
}
