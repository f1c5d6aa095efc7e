//! `OpenAI`'s chunks, of chats and of the completions before them: one for each choice that is open, and the usage if the
//! caller asked for it.

use serde_json::{Value, json};

use super::places::Places;
use super::{Event, Stream, Told, look};

/// A stream of chunks.
pub(super) struct Chunks {
    object: &'static str,
    is_begun: bool,
    id: Option<String>,
    created: u64,
    /// Whether chunks have the member `usage`: who asks for it finds it in the last.
    tells_usage: bool,
    choices: Places,
}

const CHAT: &str = "chat.completion.chunk";
const COMPLETION: &str = "text_completion";

impl Chunks {
    pub(super) fn chat() -> Self {
        Self::of(CHAT)
    }

    pub(super) fn completion() -> Self {
        Self::of(COMPLETION)
    }

    fn of(object: &'static str) -> Self {
        Self { object, is_begun: false, id: None, created: 0, tells_usage: false, choices: Places::default() }
    }

    fn chunk(&self, told: &Told, choices: &Value) -> Value {
        json!({
            "id": self.id, "object": self.object, "created": self.created, "model": told.model, "choices": choices
        })
    }

    fn last(&self, told: &Told, index: u64) -> Event {
        let choice = if self.object == CHAT {
            json!({"index": index, "delta": {}, "logprobs": null, "finish_reason": "length"})
        } else {
            json!({"index": index, "text": "", "logprobs": null, "finish_reason": "length"})
        };
        ("", self.chunk(told, &json!([choice])))
    }

    fn usage(&self, told: &Told) -> Option<Event> {
        let (input, output) = told.usage.input().zip(told.usage.output()).filter(|_| self.tells_usage)?;
        let mut chunk = self.chunk(told, &json!([]));
        chunk.as_object_mut()?.insert(
            "usage".to_owned(),
            json!({"prompt_tokens": input, "completion_tokens": output, "total_tokens": told.usage.total()}),
        );
        Some(("", chunk))
    }
}

impl Stream for Chunks {
    fn hear(&mut self, document: &[u8]) {
        let [id, created, usage, choices] = look::members(document, ["id", "created", "usage", "choices"]);
        let Some(choices) = choices else { return };
        self.is_begun = true;
        look::keep(&mut self.id, id);
        self.created = look::number(created).unwrap_or(self.created);
        self.tells_usage |= usage.is_some();
        look::each(choices, &mut |choice| {
            let [index, finish] = look::members(choice, ["index", "finish_reason"]);
            let index = look::number(index).unwrap_or_default();
            if look::is_word(finish) { self.choices.end(index) } else { self.choices.meet(index) }
        });
    }

    fn events(&self, told: &Told) -> Option<Vec<Event>> {
        let open = self.choices.open_or_first().filter(|_| self.is_begun)?;
        Some(open.into_iter().map(|index| self.last(told, index)).chain(self.usage(told)).collect())
    }

    fn last_words(&self) -> &'static str {
        "data: [DONE]\n\n"
    }
}
