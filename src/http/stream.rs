//! The framings in which AI APIs stream their answers: from pieces of a body, cut anywhere, to whole frames.
//!
//! A guard reads what a client will read, so the question of every rule here is not "what is the text?" but "what could
//! any client take for text?". The answer is in the frames, or it is a [`Fault`].
//!
//! Rules:
//! 1. the framing is that of the `content-type` ([`Framing::of_content_type`]): [`sse`], [`ndjson`] or
//!    [`event_stream`]. A [`json_array`] is `application/json` like any other answer: the dialect says when it comes in
//!    pieces. Some SDKs read their framing whatever the type says: what we do not know is not read, and not harmless;
//! 2. a frame is handed over when its last byte is there, in order, once. Where the body was cut changes nothing;
//! 3. a frame that lies in one piece is not copied, and what was kept of one is not searched again: time is linear in
//!    the body;
//! 4. a frame is at most `max_frame_bytes` long ([`Fault::TooLarge`]); what is kept between two pieces is at most a few
//!    times that. The framings say what they count;
//! 5. what a frame says is not read here: `data` may be anything. Whoever cannot read it must not take it for empty,
//!    and whoever skips it for its name or its beginning must know all of it: SDKs differ on which names they skip;
//! 6. the first fault ends the reading; who asks again is told again. Frames before it have been handed over.
//!
//! ```
//! use portcullis::http::stream::{Fault, Frames, Framing};
//!
//! let framing = Framing::of_content_type(b"text/event-stream; charset=utf-8").unwrap();
//! let mut frames = Frames::new(framing, 1024);
//! let mut seen = Vec::new();
//! for piece in ["event: delta\nda", "ta: {\"text\":", "\"hi\"}\r\n\r", "\ndata: [DONE]\n\n"] {
//!     frames.push(piece.as_bytes(), &mut |frame| seen.push((frame.event.to_vec(), frame.data.to_vec()))).unwrap();
//! }
//! assert_eq!(frames.finish(&mut |_| {}), Ok(()));
//! assert_eq!(seen, [(b"delta".to_vec(), b"{\"text\":\"hi\"}".to_vec()), (b"".to_vec(), b"[DONE]".to_vec())]);
//!
//! // Google's Python client reads a bare line of JSON, the others do not.
//! let mut frames = Frames::new(Framing::Sse, 1024);
//! assert!(matches!(frames.push(b"{\"text\":\"hi\"}\n", &mut |_| {}), Err(Fault::Malformed(_))));
//! ```

mod border;
mod ends;
pub mod event_stream;
pub mod json_array;
mod lines;
pub mod ndjson;
pub mod sse;
#[cfg(test)]
mod tests;

use std::fmt;

use super::media::media_type;
pub use border::Border;
pub use ends::Ends;
use event_stream::EventStream;
use json_array::JsonArray;
use ndjson::Ndjson;
use sse::Sse;

/// How the frames of a body stand one behind the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events: OpenAI, Anthropic, Google with `alt=sse`, Cohere, MCP, A2A.
    Sse,
    /// A line of JSON each: Ollama, batch results.
    Ndjson,
    /// The elements of a JSON array: Google without `alt=sse`.
    JsonArray,
    /// AWS event stream messages: Bedrock.
    EventStream,
}

impl Framing {
    /// The framing that a value of `content-type` names. `None` when it names none, and when it says that the text is
    /// not UTF-8: there are clients that believe it, and then read another text than we do.
    pub fn of_content_type(value: &[u8]) -> Option<Framing> {
        let named = media_type(value)?;
        MEDIA_TYPES.iter().find(|(name, _)| named.eq_ignore_ascii_case(name.as_bytes())).map(|(_, framing)| *framing)
    }
}

/// A frame.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The name of a server-sent event; of an AWS message `:event-type`, `:exception-type` or `:error-code`; or empty.
    pub event: &'a [u8],
    /// What it carries.
    pub data: &'a [u8],
    /// AWS: `:message-type` is `exception` or `error`. The other framings tell errors in `data`.
    pub is_error: bool,
    /// AWS: it is the text of an error, from a header, and no JSON. In the other framings there is none.
    pub is_text: bool,
}

/// What was said stays out of logs.
impl fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame({} bytes{})", self.data.len(), if self.is_error { ", an error" } else { "" })
    }
}

/// Why a body is no stream of frames, as far as we can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A frame is longer than is read.
    TooLarge,
    /// It breaks the framing, in this way; or clients would disagree about it.
    Malformed(&'static str),
    /// It ends inside of a frame.
    Cut,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::TooLarge => f.write_str("the stream holds a frame that is longer than is read"),
            Fault::Malformed(what) => write!(f, "the stream is malformed: {what}"),
            Fault::Cut => f.write_str("the stream ends inside of a frame"),
        }
    }
}

/// Reads one body; see the [module](self) for its rules.
pub struct Frames {
    reader: Reader,
    /// The fault that ended the reading.
    failed: Option<Fault>,
}

enum Reader {
    Sse(Sse),
    Ndjson(Ndjson),
    JsonArray(JsonArray),
    EventStream(EventStream),
}

impl Frames {
    /// At the beginning of a body.
    pub fn new(framing: Framing, max_frame_bytes: usize) -> Self {
        let reader = match framing {
            Framing::Sse => Reader::Sse(Sse::new(max_frame_bytes)),
            Framing::Ndjson => Reader::Ndjson(Ndjson::new(max_frame_bytes)),
            Framing::JsonArray => Reader::JsonArray(JsonArray::new(max_frame_bytes)),
            Framing::EventStream => Reader::EventStream(EventStream::new(max_frame_bytes)),
        };
        Self { reader, failed: None }
    }

    /// The next piece of the body: hands over every frame that it completes.
    pub fn push(&mut self, bytes: &[u8], each: &mut dyn FnMut(Frame<'_>)) -> Result<(), Fault> {
        self.unless_failed(|reader| match reader {
            Reader::Sse(sse) => sse.push(bytes, each),
            Reader::Ndjson(ndjson) => ndjson.push(bytes, each),
            Reader::JsonArray(array) => array.push(bytes, each),
            Reader::EventStream(messages) => messages.push(bytes, each),
        })
    }

    /// The body is over. A frame that clients read without its end is handed over: the last line of NDJSON, which is
    /// whole without its line end, and the last server-sent event, which is [`Fault::Cut`] all the same: by the
    /// standard it is dropped. After [`Fault::Cut`], then, everything that a client could read has been handed over,
    /// except in an array or an AWS message, of which no client reads a part.
    pub fn finish(&mut self, each: &mut dyn FnMut(Frame<'_>)) -> Result<(), Fault> {
        self.unless_failed(|reader| match reader {
            Reader::Sse(sse) => sse.finish(each),
            Reader::Ndjson(ndjson) => {
                ndjson.finish(each);
                Ok(())
            }
            Reader::JsonArray(array) => array.finish(),
            Reader::EventStream(messages) => messages.finish(),
        })
    }

    /// Where the last whole frame ended.
    pub fn border(&self) -> Border {
        match &self.reader {
            Reader::Sse(sse) => sse.border(),
            Reader::Ndjson(ndjson) => ndjson.border(),
            Reader::JsonArray(array) => array.border(),
            Reader::EventStream(messages) => messages.border(),
        }
    }

    fn unless_failed(&mut self, read: impl FnOnce(&mut Reader) -> Result<(), Fault>) -> Result<(), Fault> {
        match self.failed {
            Some(fault) => Err(fault),
            None => read(&mut self.reader).inspect_err(|fault| self.failed = Some(*fault)),
        }
    }
}

/// What was said stays out of logs.
impl fmt::Debug for Frames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frames").field("failed", &self.failed).finish_non_exhaustive()
    }
}

/// What stands before the first such byte, and what behind it.
fn split_once(bytes: &[u8], at: u8) -> (&[u8], &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == at);
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// NDJSON has no registered name, and a name from everyone who sends it.
const MEDIA_TYPES: [(&str, Framing); 11] = [
    ("text/event-stream", Framing::Sse),
    ("application/x-ndjson", Framing::Ndjson),
    ("application/ndjson", Framing::Ndjson),
    ("application/jsonl", Framing::Ndjson),
    ("application/x-jsonl", Framing::Ndjson),
    ("application/jsonlines", Framing::Ndjson),
    ("application/x-jsonlines", Framing::Ndjson),
    ("application/json-lines", Framing::Ndjson),
    ("application/x-json-lines", Framing::Ndjson),
    ("application/stream+json", Framing::Ndjson),
    ("application/vnd.amazon.eventstream", Framing::EventStream),
];
