//! Cohere's second version.

use serde_json::{Value, json};

use super::places::Places;
use super::{Event, Stream, Told, look};

/// A message that streams.
#[derive(Default)]
pub(super) struct Message {
    is_begun: bool,
    id: Option<String>,
    content: Places,
    calls: Places,
    citations: Places,
    is_over: bool,
}

impl Stream for Message {
    fn hear(&mut self, document: &[u8]) {
        let [kind, id, index] = look::members(document, ["type", "id", "index"]);
        let index = look::number(index).unwrap_or_default();
        match look::text(kind).as_deref() {
            Some("message-start") => {
                self.is_begun = true;
                look::keep(&mut self.id, id);
            }
            Some("content-start" | "content-delta") => self.content.meet(index),
            Some("content-end") => self.content.leave(index),
            Some("tool-call-start" | "tool-call-delta") => self.calls.meet(index),
            Some("tool-call-end") => self.calls.leave(index),
            Some("citation-start") => self.citations.meet(index),
            Some("citation-end") => self.citations.leave(index),
            Some("message-end") => self.is_over = true,
            _ => {}
        }
    }

    fn events(&self, told: &Told) -> Option<Vec<Event>> {
        let ended = [("citation-end", &self.citations), ("content-end", &self.content), ("tool-call-end", &self.calls)];
        let mut events = Vec::new();
        for (name, places) in ended {
            let end = |index| (name, json!({"type": name, "index": index}));
            events.extend(places.open()?.into_iter().map(end));
        }
        if self.is_over {
            return Some(Vec::new());
        }
        events.push(("message-end", self.end(told)));
        self.is_begun.then_some(events)
    }

    fn last_words(&self) -> &'static str {
        "data: [DONE]\n\n"
    }
}

impl Message {
    fn end(&self, told: &Told) -> Value {
        let mut delta = json!({"finish_reason": "MAX_TOKENS"});
        let counted = told.usage.input().zip(told.usage.output());
        if let (Some((input, output)), Some(members)) = (counted, delta.as_object_mut()) {
            let tokens = json!({"input_tokens": input, "output_tokens": output});
            members.insert("usage".to_owned(), json!({"billed_units": tokens, "tokens": tokens}));
        }
        json!({"type": "message-end", "id": self.id, "delta": delta})
    }
}
