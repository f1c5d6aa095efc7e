//! A refusal in the shape of an answer: what a model would say that declines.
//!
//! For applications whose users should read why, and whose code takes an error for an outage. Not every API has such an
//! answer: embeddings, images and whatever is stored for later are refused by an error. So is what a filter has not read.
//!
//! | API | what says that it declines | source |
//! |---|---|---|
//! | OpenAI chat | `message.refusal`, `finish_reason: stop` | API reference, "Structured outputs: refusals" |
//! | OpenAI completions | `finish_reason: content_filter` | API reference, "The completion object" |
//! | OpenAI responses | a part of type `refusal` | API reference, "The response object" |
//! | Anthropic messages | `stop_reason: refusal` | API reference, "Handling stop reasons" |
//! | Google generateContent | `finishReason: SAFETY` | API reference, "Generating content" |
//! | Bedrock converse | `stopReason: guardrail_intervened` | API reference, "Converse" |
//! | Cohere chat (v2) | nothing: the text alone | API reference, "Chat" |
//! | Ollama chat, generate | nothing: the text alone | API reference |
//! | MCP `tools/call` | `isError: true` | specification, "Tools: error handling" |
//!
//! The usage is zero and the model `portcullis`: no model was asked. Answers that an API keeps (OpenAI's responses) are
//! kept by nobody: what names one later is unknown to the server.

mod anthropic;
mod bedrock;
mod cohere;
mod google;
mod mcp;
mod ollama;
mod openai;
#[cfg(test)]
mod tests;

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use serde_json::Value;

use super::dialect::Dialect;
use super::endpoint::Endpoint;
use super::event::{self, Event};
use super::read::Reading;
use super::rpc::Asked;
use super::vocabulary::Operation;
use crate::http::query::Query;
use crate::http::stream::Framing;

/// Who says it: no model does.
const MODEL: &str = "portcullis";

/// How an API declines, to a caller who wants it whole or as a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Face {
    shape: Shape,
    /// `None` for a whole answer.
    framing: Option<Framing>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Chat,
    Completion,
    Responses,
    Messages,
    Generate,
    Converse,
    Cohere,
    OllamaChat,
    OllamaGenerate,
    ToolCall,
}

/// What an answer says that declines.
#[derive(Debug)]
struct Said<'a> {
    text: &'a str,
    /// When, in seconds since the Unix epoch.
    at: u64,
    /// What tells it from others, for clients that keep answers by their `id`.
    id: String,
}

/// An answer that declines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declined {
    /// The media type.
    pub content_type: &'static str,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Face {
    /// How the API of an endpoint declines a request that was read, by its `:path` and its body.
    ///
    /// ```
    /// use portcullis::ai::LIMITS;
    /// use portcullis::ai::declined::Face;
    /// use portcullis::ai::endpoint::Endpoint;
    /// use portcullis::ai::read::read;
    /// use portcullis::ai::rpc::Asked;
    /// use portcullis::http::path::Canonical;
    ///
    /// let path = b"/v1/chat/completions";
    /// let canonical = Canonical::read(path).unwrap();
    /// let endpoint = Endpoint::find("POST", &canonical).unwrap().endpoint;
    /// let reading = read(br#"{"model": "small", "messages": []}"#, endpoint.request, LIMITS).unwrap();
    /// let face = Face::of(endpoint, path, &reading).unwrap();
    /// let declined = face.declines(&Asked::Unknown, "Ask the data office.", 1_790_000_000).unwrap();
    /// assert_eq!(declined.content_type, "application/json");
    /// assert!(String::from_utf8(declined.bytes).unwrap().contains(r#""refusal":"Ask the data office.""#));
    /// ```
    pub fn of(endpoint: &Endpoint, path: &[u8], reading: &Reading<'_>) -> Option<Self> {
        let shape = Shape::of(endpoint)?;
        let streams = match shape {
            // The server chooses, and a client takes either.
            Shape::ToolCall => mcp::is_tool_call(reading).then_some(false)?,
            _ => endpoint.wants_stream(path, Some(reading))?,
        };
        let framing = streams.then(|| shape.framing(path));
        Some(Self { shape, framing })
    }

    /// The answer with this text. `None` if nobody can be answered: what asks by JSON-RPC has no `id`.
    pub fn declines(self, asked: &Asked, text: &str, at: u64) -> Option<Declined> {
        let said = Said { text, at, id: id() };
        let Some(framing) = self.framing else {
            let body = self.shape.whole(&said, asked)?;
            return Some(Declined { content_type: "application/json", bytes: body.to_string().into_bytes() });
        };
        let events = self.shape.events(&said);
        let bytes = match framing {
            Framing::Sse => self.shape.server_sent(&events),
            Framing::Ndjson => events.iter().flat_map(|(_, data)| format!("{data}\n").into_bytes()).collect(),
            Framing::JsonArray => {
                let elements: Value = events.into_iter().map(|(_, data)| data).collect();
                elements.to_string().into_bytes()
            }
            Framing::EventStream => events.iter().flat_map(event::message).collect(),
        };
        Some(Declined { content_type: content_type(framing), bytes })
    }
}

impl Shape {
    fn of(endpoint: &Endpoint) -> Option<Self> {
        let ends = |end: &str| endpoint.path.ends_with(end);
        match (endpoint.dialect, endpoint.operation) {
            _ if endpoint.method != "POST" => None,
            (Dialect::OpenAi, Operation::Chat) => (!ends("/batch")).then_some(Self::Chat),
            (Dialect::OpenAi, Operation::Completion) => Some(Self::Completion),
            (Dialect::OpenAi, Operation::Responses) => ends("/responses").then_some(Self::Responses),
            (Dialect::Anthropic, Operation::Chat) => Some(Self::Messages),
            (Dialect::Google, Operation::Chat) => {
                (ends(":generateContent") || ends(":streamGenerateContent")).then_some(Self::Generate)
            }
            (Dialect::Bedrock, Operation::Chat) => {
                (ends("/converse") || ends("/converse-stream")).then_some(Self::Converse)
            }
            (Dialect::Cohere, Operation::Chat) => ends("/v2/chat").then_some(Self::Cohere),
            (Dialect::Ollama, Operation::Chat) => Some(Self::OllamaChat),
            (Dialect::Ollama, Operation::Completion) => Some(Self::OllamaGenerate),
            (Dialect::Mcp, Operation::Mcp) => Some(Self::ToolCall),
            _ => None,
        }
    }

    fn framing(self, path: &[u8]) -> Framing {
        match self {
            Self::Generate if !wants_events(path) => Framing::JsonArray,
            Self::Converse => Framing::EventStream,
            Self::OllamaChat | Self::OllamaGenerate => Framing::Ndjson,
            _ => Framing::Sse,
        }
    }

    fn whole(self, said: &Said<'_>, asked: &Asked) -> Option<Value> {
        Some(match self {
            Self::Chat => openai::chat(said),
            Self::Completion => openai::completion(said),
            Self::Responses => openai::response(said),
            Self::Messages => anthropic::message(said),
            Self::Generate => google::generated(said),
            Self::Converse => bedrock::conversed(said),
            Self::Cohere => cohere::chat(said),
            Self::OllamaChat => ollama::chat(said, true),
            Self::OllamaGenerate => ollama::generated(said, true),
            Self::ToolCall => mcp::called(said, asked)?,
        })
    }

    fn events(self, said: &Said<'_>) -> Vec<Event> {
        match self {
            Self::Chat => openai::chunks(said),
            Self::Completion => vec![("", openai::completion(said))],
            Self::Responses => openai::response_events(said),
            Self::Messages => anthropic::events(said),
            Self::Generate => vec![("", google::generated(said))],
            Self::Converse => bedrock::events(said),
            Self::Cohere => cohere::events(said),
            Self::OllamaChat => vec![("", ollama::chat(said, false)), ("", ollama::chat(&said.saying(""), true))],
            Self::OllamaGenerate => {
                vec![("", ollama::generated(said, false)), ("", ollama::generated(&said.saying(""), true))]
            }
            Self::ToolCall => Vec::new(),
        }
    }

    fn server_sent(self, events: &[Event]) -> Vec<u8> {
        let end = if matches!(self, Self::Chat | Self::Completion) { "data: [DONE]\n\n" } else { "" };
        let text: String = events.iter().map(event::server_sent).collect();
        [text.as_bytes(), end.as_bytes()].concat()
    }
}

impl Said<'_> {
    fn saying<'b>(&self, text: &'b str) -> Said<'b> {
        Said { text, at: self.at, id: self.id.clone() }
    }
}

/// Google streams a JSON array unless it is asked for events.
fn wants_events(path: &[u8]) -> bool {
    Query::of(path).is_ok_and(|query| query.values("alt").any(|value| value.eq_ignore_ascii_case(b"sse")))
}

fn content_type(framing: Framing) -> &'static str {
    match framing {
        Framing::Sse => "text/event-stream",
        Framing::Ndjson => "application/x-ndjson",
        Framing::JsonArray => "application/json",
        Framing::EventStream => "application/vnd.amazon.eventstream",
    }
}

/// 16 hexadecimal digits that no other answer has.
fn id() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}
