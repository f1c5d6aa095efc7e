//! Bedrock's converse-stream. Its events are named beside their payload; here they are told by their members.

use serde_json::json;

use super::places::Places;
use super::{Event, Stream, Told, look};

/// A message that streams.
#[derive(Default)]
pub(super) struct Conversed {
    is_begun: bool,
    /// Blocks of text begin without an event of their own.
    blocks: Places,
    has_reason: bool,
    is_over: bool,
}

impl Stream for Conversed {
    fn hear(&mut self, document: &[u8]) {
        let names = ["role", "contentBlockIndex", "start", "delta", "stopReason", "usage"];
        let [role, index, start, delta, reason, usage] = look::members(document, names);
        self.is_begun |= role.is_some();
        self.has_reason |= look::is_word(reason);
        self.is_over |= usage.is_some();
        match look::number(index) {
            Some(index) if start.or(delta).is_some() => self.blocks.meet(index),
            Some(index) => self.blocks.leave(index),
            None => {}
        }
    }

    fn events(&self, told: &Told) -> Option<Vec<Event>> {
        let open = self.blocks.open().filter(|_| self.is_begun)?;
        if self.is_over {
            return Some(Vec::new());
        }
        let stop = |index| ("contentBlockStop", json!({"contentBlockIndex": index}));
        let mut events: Vec<Event> = open.into_iter().map(stop).collect();
        if !self.has_reason {
            events.push(("messageStop", json!({"stopReason": "max_tokens"})));
        }
        events.push(("metadata", metadata(told)));
        Some(events)
    }
}

fn metadata(told: &Told) -> serde_json::Value {
    let counts = [told.usage.input(), told.usage.output(), told.usage.total()];
    let [input, output, total] = counts.map(Option::unwrap_or_default);
    json!({
        "usage": {"inputTokens": input, "outputTokens": output, "totalTokens": total.max(input.saturating_add(output))},
        "metrics": {"latencyMs": 0}
    })
}
