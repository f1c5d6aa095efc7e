//! How a stream ends that a filter cuts off, so that the client's SDK tells its user why.
//!
//! What was sent stays sent: these bytes go behind it. A stream may be cut inside of a frame; then what is open is ended
//! first, a line or an event. What an SDK makes of it stands in `docs/sdks.md`.

use serde_json::{Value, json};

use super::dialect::Dialect;
use super::rpc::{self, Asked};
use super::vocabulary::Operation;
use crate::http::stream::{Framing, event_stream};
use crate::reply::Status;

/// Where a stream is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut<'a> {
    /// The dialect of the answer.
    pub dialect: Dialect,
    /// What was asked for: `OpenAI`'s Responses have events of their own.
    pub operation: Operation,
    /// How it is framed.
    pub framing: Framing,
    /// Whether elements of a JSON array were sent.
    pub has_elements: bool,
    /// Whether a frame was sent in part.
    pub is_open: bool,
    /// Whose answer it is, where the dialect is one of JSON-RPC: each request of a batch hears of it, also one that was
    /// answered already, unless it is left out.
    pub asked: &'a Asked,
}

impl Cut<'_> {
    /// The bytes that end the stream with this error.
    pub fn ending(self, status: Status, code: &str, message: &str) -> Vec<u8> {
        match self.framing {
            Framing::Sse => self.events(status, code, message),
            Framing::Ndjson => [self.line_end(), &self.dialect.error(status, code, message).body, b"\n"].concat(),
            Framing::JsonArray => {
                let open: &[u8] = if self.has_elements { b"\n,\n" } else { b"[" };
                [open, &self.dialect.error(status, code, message).body, b"]"].concat()
            }
            Framing::EventStream => exception(status, code, message),
        }
    }

    fn events(self, status: Status, code: &str, message: &str) -> Vec<u8> {
        let error = || String::from_utf8_lossy(&self.dialect.error(status, code, message).body).into_owned();
        let text = match (self.dialect, self.operation) {
            (Dialect::OpenAi, Operation::Responses) => event("error", &responses_error(code, message)),
            (Dialect::OpenAi, _) => format!("{}data: [DONE]\n\n", data(&error())),
            (Dialect::Anthropic, _) => event("error", &error()),
            (Dialect::Cohere, _) => event("message-end", &cohere_end(code, message).to_string()),
            (Dialect::Mcp | Dialect::A2a, _) => self.answers(status, code, message),
            _ => data(&error()),
        };
        [self.line_end(), self.line_end(), text.as_bytes()].concat()
    }

    /// The error response that ends the stream of a request.
    fn answers(self, status: Status, code: &str, message: &str) -> String {
        let frame = |error: Value| match self.dialect {
            Dialect::Mcp => event("message", &error.to_string()),
            _ => data(&error.to_string()),
        };
        rpc::errors(self.asked, status, code, message).into_iter().map(frame).collect()
    }

    /// Clients of NDJSON take a blank line for a broken one, so there is none unless a line is open.
    fn line_end(self) -> &'static [u8] {
        if self.is_open { b"\n" } else { b"" }
    }
}

fn data(text: &str) -> String {
    format!("data: {text}\n\n")
}

fn event(name: &str, text: &str) -> String {
    format!("event: {name}\n{}", data(text))
}

/// `ResponseErrorEvent` of the Responses API, and the member `error` for which SDKs raise.
fn responses_error(code: &str, message: &str) -> String {
    let error = json!({"message": message, "type": "invalid_request_error", "param": null, "code": code});
    json!({"type": "error", "code": code, "message": message, "param": null, "sequence_number": 0, "error": error})
        .to_string()
}

/// Cohere has no error event: an answer ends, and says that it did so in error.
fn cohere_end(code: &str, message: &str) -> Value {
    json!({"type": "message-end", "delta": {"finish_reason": "ERROR", "error": format!("{message} ({code})")}})
}

/// The exceptions of Bedrock's streams; there are fewer than of its answers.
fn exception(status: Status, code: &str, message: &str) -> Vec<u8> {
    let kind = match status {
        Status::TooManyRequests => "throttlingException",
        Status::Unavailable | Status::BadGateway => "serviceUnavailableException",
        Status::Ok | Status::InternalError => "internalServerException",
        _ => "validationException",
    };
    let payload = json!({"message": format!("{message} ({code})")}).to_string();
    let headers = [(":message-type", "exception"), (":exception-type", kind), (":content-type", "application/json")];
    event_stream::encode(&headers, payload.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::rpc::RpcId;
    use crate::http::stream::Frames;

    const DIALECTS: &[(Dialect, Operation, Framing)] = &[
        (Dialect::OpenAi, Operation::Chat, Framing::Sse),
        (Dialect::OpenAi, Operation::Responses, Framing::Sse),
        (Dialect::Anthropic, Operation::Chat, Framing::Sse),
        (Dialect::Google, Operation::Chat, Framing::Sse),
        (Dialect::Google, Operation::Chat, Framing::JsonArray),
        (Dialect::Bedrock, Operation::Chat, Framing::EventStream),
        (Dialect::Cohere, Operation::Chat, Framing::Sse),
        (Dialect::Ollama, Operation::Chat, Framing::Ndjson),
        (Dialect::Mcp, Operation::Mcp, Framing::Sse),
        (Dialect::A2a, Operation::A2a, Framing::Sse),
    ];

    fn frames(framing: Framing, bytes: &[u8]) -> Vec<String> {
        let (mut frames, mut seen) = (Frames::new(framing, 65_536), Vec::new());
        let mut each =
            |frame: crate::http::stream::Frame<'_>| seen.push(String::from_utf8_lossy(frame.data).into_owned());
        frames.push(bytes, &mut each).unwrap();
        frames.finish(&mut each).unwrap();
        seen
    }

    #[test]
    fn an_ending_is_a_frame_that_names_the_code() {
        for (dialect, operation, framing) in DIALECTS.iter().copied() {
            let asked = &Asked::Unknown;
            let cut = Cut { dialect, operation, framing, has_elements: false, is_open: false, asked };
            let seen = frames(framing, &cut.ending(Status::BadRequest, "content_filter", "It was cut off."));
            assert!(seen.iter().any(|data| data.contains("content_filter")), "{cut:?}: {seen:?}");
        }
    }

    #[test]
    fn an_ending_stands_behind_what_was_sent() {
        for (sent, framing, dialect, is_open) in [
            ("data: {\"a\":1}\n\n", Framing::Sse, Dialect::Anthropic, false),
            ("data: {\"a\":1}\n", Framing::Sse, Dialect::Anthropic, true),
            ("data: {\"a\":1}", Framing::Sse, Dialect::Anthropic, true),
            ("{\"a\":1}\n", Framing::Ndjson, Dialect::Ollama, false),
            ("{\"a\":1}", Framing::Ndjson, Dialect::Ollama, true),
            ("[{\"a\":1}", Framing::JsonArray, Dialect::Google, false),
        ] {
            let (operation, asked) = (Operation::Chat, &Asked::Unknown);
            let cut = Cut { dialect, operation, framing, has_elements: true, is_open, asked };
            let bytes = [sent.as_bytes(), &cut.ending(Status::BadRequest, "blocked", "No.")].concat();
            let seen = frames(framing, &bytes);
            assert_eq!(seen.len(), 2, "{seen:?}");
            assert!(seen[1].contains("blocked"), "{seen:?}");
        }
    }

    #[test]
    fn the_ending_of_a_request_has_its_id() {
        let asked = Asked::Batch(vec![RpcId::Number(1), RpcId::Text("b".to_owned())]);
        for (asked, ids) in [(Asked::One(RpcId::Number(1)), vec![json!(1)]), (asked, vec![json!(1), json!("b")])] {
            for (dialect, operation) in [(Dialect::Mcp, Operation::Mcp), (Dialect::A2a, Operation::A2a)] {
                let (framing, asked) = (Framing::Sse, &asked);
                let cut = Cut { dialect, operation, framing, has_elements: false, is_open: false, asked };
                let seen = frames(framing, &cut.ending(Status::BadRequest, "blocked", "No."));
                let id = |frame: &String| serde_json::from_str::<Value>(frame).unwrap()["id"].clone();
                assert_eq!(seen.iter().map(id).collect::<Vec<_>>(), ids, "{dialect:?}");
            }
        }
    }
}
