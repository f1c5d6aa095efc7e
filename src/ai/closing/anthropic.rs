//! Anthropic's Messages, at its own paths, at Vertex's and inside of Bedrock's messages.

use serde_json::json;

use super::places::Places;
use super::{Event, Stream, Told, look};

/// A message that streams.
#[derive(Default)]
pub(super) struct Message {
    is_begun: bool,
    blocks: Places,
    has_reason: bool,
    is_over: bool,
}

impl Stream for Message {
    fn hear(&mut self, document: &[u8]) {
        let [kind, index, delta] = look::members(document, ["type", "index", "delta"]);
        let index = look::number(index).unwrap_or_default();
        match look::text(kind).as_deref() {
            Some("message_start") => self.is_begun = true,
            Some("content_block_start" | "content_block_delta") => self.blocks.meet(index),
            Some("content_block_stop") => self.blocks.leave(index),
            Some("message_delta") => {
                let [reason] = look::members(delta.unwrap_or_default(), ["stop_reason"]);
                self.has_reason |= look::is_word(reason);
            }
            Some("message_stop") => self.is_over = true,
            _ => {}
        }
    }

    fn events(&self, told: &Told) -> Option<Vec<Event>> {
        let open = self.blocks.open().filter(|_| self.is_begun)?;
        if self.is_over {
            return Some(Vec::new());
        }
        let stop = |index| ("content_block_stop", json!({"type": "content_block_stop", "index": index}));
        let mut events: Vec<Event> = open.into_iter().map(stop).collect();
        if !self.has_reason {
            events.push(("message_delta", reason(told)));
        }
        events.push(("message_stop", json!({"type": "message_stop"})));
        Some(events)
    }
}

fn reason(told: &Told) -> serde_json::Value {
    json!({
        "type": "message_delta", "delta": {"stop_reason": "max_tokens", "stop_sequence": null},
        "usage": {"output_tokens": told.usage.output().unwrap_or_default()}
    })
}
