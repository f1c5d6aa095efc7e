//! How a running stream is closed as if the model had reached its limit: in the API's own word for an answer that was cut
//! by length, so that the client's SDK ends it like any other. [`ending`](super::ending) is for streams that end in error.
//!
//! | API | what closes a stream | source |
//! |---|---|---|
//! | OpenAI chat, completions | `finish_reason: length` for each choice, `[DONE]` | API reference, "The chat completion chunk object" |
//! | OpenAI responses | the ends of what is open, `response.incomplete` with `max_output_tokens`, `[DONE]` | API reference, "Streaming events" |
//! | Anthropic messages | `content_block_stop`, `message_delta` with `max_tokens`, `message_stop` | API reference, "Streaming messages" |
//! | Google generateContent | `finishReason: MAX_TOKENS` for each candidate; the end of the array | API reference, "Generating content" |
//! | Bedrock converse-stream | `contentBlockStop`, `messageStop` with `max_tokens`, `metadata` | API reference, "`ConverseStream`" |
//! | Bedrock invoke-with-response-stream | of Anthropic's models as above; of others nothing | the model's own API |
//! | Cohere chat (v2) | `content-end`, `message-end` with `MAX_TOKENS`, `[DONE]` | API reference, "Chat with streaming" |
//! | Ollama chat, generate | a last line with `done_reason: length` | API reference |
//!
//! Rules:
//! 1. what is not in the table has no such events, and no [`Closing`]. Whoever cuts it says so by an
//!    [`ending`](super::ending::Cut::ending);
//! 2. what closes a stream repeats what the stream said: its `id`, which choices and blocks are open. So it hears what an
//!    [`Answer`](super::answer::Answer) reads, in the same pass. It has no events ([`Closing::events`] is `None`) for a
//!    stream that has not begun, and for one of which more was open than it remembers: 128 choices or blocks. A choice of
//!    which nothing came yet is not ended;
//! 3. a stream is closed behind a whole frame ([`Border`](crate::http::stream::Border)): half of one was sent for good, an
//!    SDK raises for it, and nothing behind it mends that. Who cannot wait for its end falls back to an ending;
//! 4. what was used is what is told. An API that has not counted yet is amended by who has; what nobody counted is left out,
//!    or 0 where the API always has a number;
//! 5. whatever the stream said is written anew, never copied. An `id` longer than 256 bytes is left out;
//! 6. a stream that ended by itself gets what it lacks, perhaps nothing.
//!
//! Half a call of a tool stays half: its arguments are no JSON, as when a model reaches its limit there. The last event of
//! `OpenAI`'s responses repeats what was said, which is kept for it, up to 128 KiB; of a longer answer it has no `output`.
//! What it repeats of the request is left out if it is more than 32 KiB.
//!
//! ```
//! use portcullis::ai::answer::Answer;
//! use portcullis::ai::closing::Closing;
//! use portcullis::ai::endpoint::Endpoint;
//! use portcullis::ai::vocabulary::Measure;
//! use portcullis::http::path::Canonical;
//!
//! let path = Canonical::read(b"/v1/chat/completions").unwrap();
//! let endpoint = Endpoint::find("POST", &path).unwrap().endpoint;
//! let mut answer = Answer::streamed(endpoint, b"text/event-stream", 65_536).unwrap();
//! let mut closing = Closing::of(endpoint, answer.framing()).unwrap();
//!
//! let piece = b"data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: {\"id";
//! answer.push(piece, &mut |reading| closing.hear(reading)).unwrap();
//!
//! // The budget is spent: what the API did not count, who cuts did.
//! let mut told = answer.told().clone();
//! told.usage.take(&[(Measure::OutputTokens, 1)]);
//! let events = closing.events(&told).expect("else an ending");
//! let last = answer.border().end(piece, &events).expect("else the next piece");
//! let last = String::from_utf8(last).unwrap();
//! assert!(last.contains("\"content\":\"Hi\"") && last.contains("\"finish_reason\":\"length\""));
//! assert!(last.ends_with("data: [DONE]\n\n"));
//! ```

mod anthropic;
mod bedrock;
mod cohere;
mod google;
mod look;
mod ollama;
mod openai;
mod places;
mod responses;
#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::answer::Told;
use super::dialect::Dialect;
use super::endpoint::Endpoint;
use super::event::{self, Event};
use super::read::Reading;
use super::vocabulary::Operation;
use crate::http::stream::Framing;

/// What is remembered of a stream to close it; see the [module](self) for its rules.
pub struct Closing {
    stream: Box<dyn Stream>,
    framing: Framing,
    /// Whether each event stands in a message of its own (`invoke-with-response-stream`).
    is_wrapped: bool,
}

/// A stream of one API.
trait Stream {
    /// The next frame.
    fn hear(&mut self, document: &[u8]);

    /// What closes it, nothing if nothing is missing. `None`: it has not begun, or more is open than is remembered.
    fn events(&self, told: &Told) -> Option<Vec<Event>>;

    /// What stands behind the last server-sent event.
    fn last_words(&self) -> &'static str {
        ""
    }

    /// The most memory that it takes.
    fn max_bytes(&self) -> usize {
        8 << 10
    }
}

impl Closing {
    /// For a stream of this endpoint. `None` if its API has no events that close one.
    pub fn of(endpoint: &Endpoint, framing: Framing) -> Option<Self> {
        let ends = |end: &str| endpoint.method == "POST" && endpoint.path.ends_with(end);
        let stream: Box<dyn Stream> = match (endpoint.dialect, endpoint.operation, framing) {
            (Dialect::OpenAi, Operation::Chat, Framing::Sse) if !ends("/batch") => Box::new(openai::Chunks::chat()),
            (Dialect::OpenAi, Operation::Completion, Framing::Sse) => Box::new(openai::Chunks::completion()),
            (Dialect::OpenAi, Operation::Responses, Framing::Sse) if ends("/responses") => {
                Box::new(responses::Response::default())
            }
            (Dialect::Anthropic, Operation::Chat, Framing::Sse) => Box::new(anthropic::Message::default()),
            (Dialect::Google, Operation::Chat, Framing::Sse | Framing::JsonArray) if ends(":streamGenerateContent") => {
                Box::new(google::Generated::default())
            }
            (Dialect::Bedrock, Operation::Chat, Framing::EventStream) if ends("/converse-stream") => {
                Box::new(bedrock::Conversed::default())
            }
            (Dialect::Bedrock, Operation::Chat, Framing::EventStream) if ends(WRAPPED) => {
                Box::new(anthropic::Message::default())
            }
            (Dialect::Cohere, Operation::Chat, Framing::Sse) if ends("/v2/chat") => {
                Box::new(cohere::Message::default())
            }
            (Dialect::Ollama, Operation::Chat, Framing::Ndjson) => Box::new(ollama::Lines::chat()),
            (Dialect::Ollama, Operation::Completion, Framing::Ndjson) => Box::new(ollama::Lines::generate()),
            _ => return None,
        };
        Some(Self { stream, framing, is_wrapped: ends(WRAPPED) })
    }

    /// What the answer says in its next frame.
    pub fn hear(&mut self, reading: &Reading<'_>) {
        self.stream.hear(reading.document);
    }

    /// The bytes that close the stream behind the last frame that was heard. `told` is what the answer told, amended by who
    /// has counted what it used. `None`: the stream must end otherwise.
    pub fn events(&self, told: &Told) -> Option<Vec<u8>> {
        if told.is_over {
            return Some(Vec::new());
        }
        // An error ends a stream, and nobody calls that a length.
        let events = if told.is_error { Vec::new() } else { self.stream.events(told)? };
        Some(match self.framing {
            Framing::Sse => {
                let text: String = events.iter().map(event::server_sent).collect();
                [text.as_bytes(), self.stream.last_words().as_bytes()].concat()
            }
            Framing::Ndjson => events.iter().flat_map(|(_, data)| format!("{data}\n").into_bytes()).collect(),
            Framing::JsonArray => {
                let elements = events.iter().flat_map(|(_, data)| format!("\n,\n{data}").into_bytes());
                elements.chain(*b"\n]").collect()
            }
            Framing::EventStream => events.iter().flat_map(|event| self.message(event)).collect(),
        })
    }

    /// The most memory that it takes, in bytes: for who declares what a stream may hold back.
    pub fn max_bytes(&self) -> usize {
        self.stream.max_bytes()
    }

    fn message(&self, event: &Event) -> Vec<u8> {
        if !self.is_wrapped {
            return event::message(event);
        }
        let bytes = STANDARD.encode(event.1.to_string());
        event::message(&("chunk", json!({"bytes": bytes})))
    }
}

const WRAPPED: &str = "/invoke-with-response-stream";
