//! Ollama: it has no word for an answer that declines.

use serde_json::{Value, json};

use super::{MODEL, Said};

/// An answer, or a line of one.
pub(super) fn chat(said: &Said<'_>, is_last: bool) -> Value {
    with_end(json!({"model": MODEL, "message": {"role": "assistant", "content": said.text}, "done": is_last}))
}

/// An answer, or a line of one.
pub(super) fn generated(said: &Said<'_>, is_last: bool) -> Value {
    with_end(json!({"model": MODEL, "response": said.text, "done": is_last}))
}

fn with_end(mut line: Value) -> Value {
    const NOTHING: [&str; 5] =
        ["total_duration", "load_duration", "prompt_eval_count", "prompt_eval_duration", "eval_count"];
    let is_last = line.get("done") == Some(&Value::Bool(true));
    if let Some(members) = line.as_object_mut().filter(|_| is_last) {
        members.insert("done_reason".to_owned(), json!("stop"));
        members.extend(NOTHING.map(|name| (name.to_owned(), json!(0))));
    }
    line
}
