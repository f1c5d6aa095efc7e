//! Google's candidates. A last piece has all that are open.

use serde_json::{Map, Value, json};

use super::places::Places;
use super::{Event, Stream, Told, look};
use crate::ai::vocabulary::Measure;

/// An answer in pieces, each of which is one.
#[derive(Default)]
pub(super) struct Generated {
    is_begun: bool,
    id: Option<String>,
    candidates: Places,
}

impl Generated {
    /// What is open; nothing of an answer that says why it has no candidates.
    fn open(&self, told: &Told) -> Option<Vec<u64>> {
        let is_blocked = self.candidates.is_empty() && !told.finish.is_empty();
        if is_blocked { Some(Vec::new()) } else { self.candidates.open_or_first() }
    }
}

impl Stream for Generated {
    fn hear(&mut self, document: &[u8]) {
        let [candidates, id] = look::members(document, ["candidates", "responseId"]);
        self.is_begun = true;
        look::keep(&mut self.id, id);
        look::each(candidates.unwrap_or_default(), &mut |candidate| {
            let [index, finish] = look::members(candidate, ["index", "finishReason"]);
            let index = look::number(index).unwrap_or_default();
            if look::is_word(finish) { self.candidates.end(index) } else { self.candidates.meet(index) }
        });
    }

    fn events(&self, told: &Told) -> Option<Vec<Event>> {
        let open = self.open(told).filter(|_| self.is_begun)?;
        if open.is_empty() {
            return Some(Vec::new());
        }
        let candidates: Vec<Value> = open.into_iter().map(last).collect();
        let mut piece = json!({"candidates": candidates, "modelVersion": told.model, "responseId": self.id});
        if let (Some(usage), Some(members)) = (usage(told), piece.as_object_mut()) {
            members.insert("usageMetadata".to_owned(), usage);
        }
        Some(vec![("", piece)])
    }
}

fn last(index: u64) -> Value {
    json!({"content": {"role": "model", "parts": [{"text": ""}]}, "finishReason": "MAX_TOKENS", "index": index})
}

/// What is known of it, if anything.
fn usage(told: &Told) -> Option<Value> {
    let number = |measure| told.usage.number(measure);
    let counts = [
        ("promptTokenCount", number(Measure::InputTokens)),
        ("cachedContentTokenCount", number(Measure::CachedTokens)),
        ("candidatesTokenCount", number(Measure::OutputTokens)),
        ("thoughtsTokenCount", number(Measure::ReasoningTokensBeside)),
        ("totalTokenCount", told.usage.total()),
    ];
    let known: Map<String, Value> =
        counts.into_iter().filter_map(|(name, count)| Some((name.to_owned(), json!(count?)))).collect();
    (!known.is_empty()).then_some(Value::Object(known))
}
