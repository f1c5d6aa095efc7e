//! What a response has said so far, kept because its last event repeats it.

use serde_json::{Value, json};

use super::super::{Event, look};

/// The items of a response, in the order in which they came.
#[derive(Default)]
pub(super) struct Output {
    items: Vec<Item>,
    /// It was more than is kept: nothing is any more.
    is_lost: bool,
}

#[derive(Default)]
struct Item {
    at: u64,
    /// As it was added, or as it ended.
    json: Vec<u8>,
    is_done: bool,
    parts: Vec<Part>,
    /// What is passed to a tool, so far.
    passed: String,
}

#[derive(Default)]
struct Part {
    at: u64,
    /// As it was added, or as it ended.
    json: Vec<u8>,
    /// Whether the event has come that says all of its text.
    is_said: bool,
    is_done: bool,
    said: String,
}

/// What an item or a part takes besides its bytes.
const EACH: usize = 128;

impl Output {
    /// The most bytes that are kept.
    pub(super) const MAX: usize = 128 << 10;

    pub(super) fn hear(&mut self, kind: &str, document: &[u8]) {
        if self.is_lost {
            return;
        }
        let names = ["output_index", "content_index", "item", "part", "delta"];
        let [at, part_at, item, part, delta] = look::members(document, names);
        let [at, part_at] = [at, part_at].map(|at| look::number(at).unwrap_or_default());
        let delta = || look::text(delta).unwrap_or_default();
        match kind {
            "response.output_item.added" => self.items.push(Item::new(at, item)),
            "response.output_item.done" => self.item(at, |known| known.finish(item)),
            "response.content_part.added" => self.item(at, |item| item.parts.push(Part::new(part_at, part))),
            "response.content_part.done" => self.part(at, part_at, |known| known.finish(part)),
            "response.output_text.delta" | "response.refusal.delta" | "response.reasoning_text.delta" => {
                self.part(at, part_at, |part| part.said.push_str(&delta()));
            }
            "response.output_text.done" | "response.refusal.done" | "response.reasoning_text.done" => {
                self.part(at, part_at, |part| part.is_said = true);
            }
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
                self.item(at, |item| item.passed.push_str(&delta()));
            }
            _ => return,
        }
        self.lose_if_too_much();
    }

    /// What ends the parts and items that are open, and all items as they are then; `None` if they are not kept.
    pub(super) fn closed(&self) -> Option<(Vec<Event>, Vec<Value>)> {
        let mut events = Vec::new();
        let items = self.items.iter().map(|item| item.closed(&mut events)).collect();
        (!self.is_lost).then_some((events, items))
    }

    fn lose_if_too_much(&mut self) {
        let kept: usize = self.items.iter().map(Item::size).sum();
        self.is_lost |= kept > Self::MAX;
        if self.is_lost {
            self.items = Vec::new();
        }
    }

    fn item(&mut self, at: u64, change: impl FnOnce(&mut Item)) {
        self.items.iter_mut().find(|item| item.at == at).map(change);
    }

    fn part(&mut self, at: u64, part_at: u64, change: impl FnOnce(&mut Part)) {
        self.item(at, |item| {
            item.parts.iter_mut().find(|part| part.at == part_at).map(change);
        });
    }
}

impl Item {
    fn new(at: u64, item: Option<&[u8]>) -> Self {
        Self { at, json: item.unwrap_or_default().to_vec(), ..Self::default() }
    }

    fn size(&self) -> usize {
        let parts = self.parts.iter().map(|part| part.json.len().saturating_add(part.said.len()).saturating_add(EACH));
        let own = self.json.len().saturating_add(self.passed.len()).saturating_add(EACH);
        parts.fold(own, usize::saturating_add)
    }

    fn finish(&mut self, item: Option<&[u8]>) {
        *self = Self { is_done: true, ..Self::new(self.at, item) };
    }

    fn closed(&self, events: &mut Vec<Event>) -> Value {
        let mut item = look::tree(&self.json);
        if self.is_done {
            return item;
        }
        let place = Place { item: item.get("id").cloned().unwrap_or_default(), at: self.at };
        let parts: Vec<Value> = self.parts.iter().map(|part| part.closed(&place, events)).collect();
        if let Some(members) = item.as_object_mut() {
            members.insert("status".to_owned(), json!("incomplete"));
            if !parts.is_empty() {
                members.insert("content".to_owned(), json!(parts));
            }
            let name = ["arguments", "input"].into_iter().find(|name| members.contains_key(*name));
            members.extend(name.map(|name| (name.to_owned(), json!(self.passed))));
        }
        events.push(("response.output_item.done", json!({"output_index": self.at, "item": item})));
        item
    }
}

/// Where a part stands.
struct Place {
    item: Value,
    at: u64,
}

impl Place {
    fn event(&self, part: u64, more: [(&str, Value); 1]) -> Value {
        let mut event = json!({"item_id": self.item, "output_index": self.at, "content_index": part});
        if let Some(members) = event.as_object_mut() {
            members.extend(more.map(|(name, value)| (name.to_owned(), value)));
        }
        event
    }
}

impl Part {
    fn new(at: u64, part: Option<&[u8]>) -> Self {
        Self { at, json: part.unwrap_or_default().to_vec(), ..Self::default() }
    }

    fn finish(&mut self, part: Option<&[u8]>) {
        *self = Self { is_said: true, is_done: true, ..Self::new(self.at, part) };
    }

    fn closed(&self, place: &Place, events: &mut Vec<Event>) -> Value {
        let mut part = look::tree(&self.json);
        if self.is_done {
            return part;
        }
        let (name, done) = match part.get("type").and_then(Value::as_str) {
            Some("refusal") => ("refusal", "response.refusal.done"),
            Some("reasoning_text") => ("text", "response.reasoning_text.done"),
            _ => ("text", "response.output_text.done"),
        };
        if let Some(members) = part.as_object_mut() {
            members.insert(name.to_owned(), json!(self.said));
        }
        if !self.is_said {
            let mut event = place.event(self.at, [(name, json!(self.said))]);
            if let Some(members) = event.as_object_mut().filter(|_| done == "response.output_text.done") {
                members.insert("logprobs".to_owned(), json!([]));
            }
            events.push((done, event));
        }
        events.push(("response.content_part.done", place.event(self.at, [("part", part.clone())])));
        part
    }
}
