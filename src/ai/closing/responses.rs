//! `OpenAI`'s Responses: each part and item that is open ends, and then the response, which repeats them all.

mod output;

use serde_json::{Value, json};

use super::{Event, Stream, Told, look};
use output::Output;

/// A response that streams.
#[derive(Default)]
pub(super) struct Response {
    is_begun: bool,
    id: Option<String>,
    created_at: u64,
    /// What the first event says of it; empty if that is too long to be kept.
    snapshot: Vec<u8>,
    output: Output,
    /// The number of the next event.
    next: u64,
    is_over: bool,
}

const MAX_SNAPSHOT: usize = 32 << 10;

impl Stream for Response {
    fn hear(&mut self, document: &[u8]) {
        let names = ["type", "sequence_number", "response"];
        let [kind, number, response] = look::members(document, names);
        self.next = look::number(number).unwrap_or(self.next).saturating_add(1);
        match look::text(kind).as_deref() {
            Some("response.created") => self.begin(response.unwrap_or_default()),
            Some("response.completed" | "response.incomplete" | "response.failed" | "response.cancelled") => {
                self.is_over = true;
            }
            Some(kind) => self.output.hear(kind, document),
            None => {}
        }
    }

    fn events(&self, told: &Told) -> Option<Vec<Event>> {
        if self.is_over {
            return Some(Vec::new());
        }
        let (mut events, items) =
            self.output.closed().map(|(events, items)| (events, Some(json!(items)))).unwrap_or_default();
        events.push(("response.incomplete", json!({"response": self.incomplete(told, items)})));
        let numbers = (0..).map(|more: u64| self.next.saturating_add(more));
        self.is_begun.then(|| numbers.zip(events).map(numbered).collect())
    }

    /// The API has none, and its SDKs stop reading there: so they hear nothing of a connection that breaks off behind it.
    fn last_words(&self) -> &'static str {
        "data: [DONE]\n\n"
    }

    fn max_bytes(&self) -> usize {
        // What grows has up to twice the room that it needs.
        2 * (MAX_SNAPSHOT + Output::MAX)
    }
}

impl Response {
    fn begin(&mut self, response: &[u8]) {
        let [id, created_at] = look::members(response, ["id", "created_at"]);
        self.is_begun = true;
        look::keep(&mut self.id, id);
        self.created_at = look::number(created_at).unwrap_or_default();
        if response.len() <= MAX_SNAPSHOT {
            self.snapshot = response.to_vec();
        }
    }

    /// The response as it ends, with its output if that was kept.
    fn incomplete(&self, told: &Told, output: Option<Value>) -> Value {
        let mut response = look::tree(&self.snapshot);
        if !response.is_object() {
            response = self.bare(told);
        }
        let Some(members) = response.as_object_mut() else { return response };
        let ended = [
            ("status", json!("incomplete")),
            ("incomplete_details", json!({"reason": "max_output_tokens"})),
            ("usage", usage(told)),
        ];
        members.extend(ended.map(|(name, value)| (name.to_owned(), value)));
        match output {
            Some(output) => members.insert("output".to_owned(), output),
            // Not an empty one, as if nothing had been said.
            None => members.remove("output"),
        };
        response
    }

    /// What every response says, without what it repeats of the request.
    fn bare(&self, told: &Told) -> Value {
        json!({
            "id": self.id, "object": "response", "created_at": self.created_at, "model": told.model, "error": null,
            "instructions": null, "metadata": {}, "parallel_tool_calls": true, "temperature": null, "top_p": null,
            "tool_choice": "auto", "tools": []
        })
    }
}

fn numbered((number, (name, mut event)): (u64, Event)) -> Event {
    if let Some(members) = event.as_object_mut() {
        members.extend([("type".to_owned(), json!(name)), ("sequence_number".to_owned(), json!(number))]);
    }
    (name, event)
}

fn usage(told: &Told) -> Value {
    let Some((input, output)) = told.usage.input().zip(told.usage.output()) else { return Value::Null };
    let [cached, reasoning] = [told.usage.cached(), told.usage.reasoning()].map(Option::unwrap_or_default);
    json!({
        "input_tokens": input, "input_tokens_details": {"cached_tokens": cached},
        "output_tokens": output, "output_tokens_details": {"reasoning_tokens": reasoning},
        "total_tokens": told.usage.total()
    })
}
