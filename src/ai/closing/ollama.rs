//! Ollama's lines, of chats and of generations: the last one has the numbers.

use serde_json::{Value, json};

use super::{Event, Stream, Told, look};

/// An answer in lines.
pub(super) struct Lines {
    is_chat: bool,
    is_begun: bool,
    created_at: Option<String>,
    is_over: bool,
}

impl Lines {
    pub(super) fn chat() -> Self {
        Self { is_chat: true, is_begun: false, created_at: None, is_over: false }
    }

    pub(super) fn generate() -> Self {
        Self { is_chat: false, ..Self::chat() }
    }

    fn last(&self, told: &Told) -> Value {
        let [input, output] = [told.usage.input(), told.usage.output()].map(Option::unwrap_or_default);
        let mut line = json!({
            "model": told.model, "created_at": self.created_at, "done": true, "done_reason": "length",
            "total_duration": 0, "load_duration": 0, "prompt_eval_count": input, "prompt_eval_duration": 0,
            "eval_count": output, "eval_duration": 0
        });
        let (name, said) = if self.is_chat {
            ("message", json!({"role": "assistant", "content": ""}))
        } else {
            ("response", json!(""))
        };
        if let Some(members) = line.as_object_mut() {
            members.insert(name.to_owned(), said);
        }
        line
    }
}

impl Stream for Lines {
    fn hear(&mut self, document: &[u8]) {
        let [created_at, done] = look::members(document, ["created_at", "done"]);
        self.is_begun = true;
        look::keep(&mut self.created_at, created_at);
        self.is_over |= done == Some(b"true");
    }

    fn events(&self, told: &Told) -> Option<Vec<Event>> {
        let missing = if self.is_over { Vec::new() } else { vec![("", self.last(told))] };
        self.is_begun.then_some(missing)
    }
}
