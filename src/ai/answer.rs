//! Reads an answer as it comes: its texts, what it used, how it ended, whatever its dialect and framing.
//!
//! Rules:
//! 1. the framing is that of `content-type`; a plain JSON document is read whole, by [`read_whole`]. What is neither is
//!    [`NotInspected`], which is an outcome of its own: nobody may take it for harmless;
//! 2. each frame is read by the table of its endpoint; a frame that is no JSON ends the reading with a fault, but for the
//!    words that end a stream (`[DONE]`);
//! 3. what a client could read and we could not is a fault, never silence.
//!
//! ```
//! use portcullis::ai::answer::Answer;
//! use portcullis::ai::endpoint::Endpoint;
//! use portcullis::http::path::Canonical;
//!
//! let path = Canonical::read(b"/v1/chat/completions").unwrap();
//! let endpoint = Endpoint::find("POST", &path).unwrap().endpoint;
//! let mut answer = Answer::streamed(endpoint, b"text/event-stream", 65_536).unwrap();
//! let mut said = String::new();
//! for piece in ["data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel", "lo\"}}]}\n\ndata: [DONE]\n\n"] {
//!     answer
//!         .push(piece.as_bytes(), &mut |reading| said.extend(reading.texts.iter().map(|text| text.text.unescaped())))
//!         .unwrap();
//! }
//! assert_eq!(said, "Hello");
//! assert!(answer.finish(&mut |_| {}).is_ok());
//! ```

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::LIMITS;
use super::dialect::Dialect;
use super::endpoint::Endpoint;
use super::read::{self, Reading, read};
use super::shape::{Is, Shape};
use super::usage::Usage;
use super::vocabulary::{Unread, What};
use crate::http::media::media_type;
use crate::http::stream::{self, Border, Frame, Frames, Framing};
use crate::json::Limits;

/// An answer that streams.
pub struct Answer {
    endpoint: &'static Endpoint,
    /// Whether the answer's events may stand in messages of their own.
    is_wrapped: bool,
    framing: Framing,
    frames: Frames,
    told: Told,
    failed: Option<Fault>,
}

/// What an answer has said so far, of what is not text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// What it used.
    pub usage: Usage,
    /// The model that answers.
    pub model: Option<String>,
    /// Why it ended, of each choice that did, in order: the first 16 words, each up to 64 bytes of it. An answer may say
    /// so in every frame.
    pub finish: Vec<String>,
    /// How many more there were.
    pub more_finish: u64,
    /// Whether it told an error.
    pub is_error: bool,
    /// Whether it said the words that end a stream (`[DONE]`).
    pub is_over: bool,
}

/// An answer in a form that is not read: it has neither been found harmless nor harmful.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotInspected;

/// Why the reading ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The framing.
    Stream(stream::Fault),
    /// A frame.
    Frame(read::Fault),
}

impl Fault {
    /// The code of a refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Stream(stream::Fault::TooLarge) => "frame_too_large",
            Self::Stream(stream::Fault::Malformed(_)) => "stream_malformed",
            Self::Stream(stream::Fault::Cut) => "stream_cut",
            Self::Frame(fault) => fault.code(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream(fault) => fault.fmt(f),
            Self::Frame(fault) => write!(f, "a frame of the answer: {fault}"),
        }
    }
}

/// Reads an answer that came whole.
pub fn read_whole<'a>(endpoint: &Endpoint, body: &'a [u8], limits: Limits) -> Result<(Reading<'a>, Told), Fault> {
    let reading = read(body, endpoint.answer, limits).map_err(Fault::Frame)?;
    let mut told = Told::default();
    told.take(&reading);
    Ok((reading, told))
}

impl Answer {
    /// An answer of this type; a frame may be so long.
    pub fn streamed(
        endpoint: &'static Endpoint,
        content_type: &[u8],
        max_frame_bytes: usize,
    ) -> Result<Self, NotInspected> {
        let framing = Framing::of_content_type(content_type).or_else(|| endpoint.framing_of_json(content_type));
        let framing = framing.ok_or(NotInspected)?;
        let is_wrapped = framing == Framing::EventStream && endpoint.dialect == Dialect::Bedrock;
        let frames = Frames::new(framing, max_frame_bytes);
        Ok(Self { endpoint, is_wrapped, framing, frames, told: Told::default(), failed: None })
    }

    /// Hands over what each frame says that this piece completes.
    pub fn push(&mut self, piece: &[u8], each: &mut dyn FnMut(&Reading<'_>)) -> Result<(), Fault> {
        self.pass(each, |frames, each| frames.push(piece, each))
    }

    /// The answer is over.
    pub fn finish(&mut self, each: &mut dyn FnMut(&Reading<'_>)) -> Result<(), Fault> {
        self.pass(each, Frames::finish)
    }

    /// Where its last whole frame ended, for whoever ends it there ([`Closing`](super::closing::Closing)).
    pub fn border(&self) -> Border {
        self.frames.border()
    }

    /// How it is framed.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// What it has said so far, of what is not text.
    pub fn told(&self) -> &Told {
        &self.told
    }

    fn pass(
        &mut self,
        each: &mut dyn FnMut(&Reading<'_>),
        step: impl FnOnce(&mut Frames, &mut dyn FnMut(Frame<'_>)) -> Result<(), stream::Fault>,
    ) -> Result<(), Fault> {
        if let Some(fault) = self.failed {
            return Err(fault);
        }
        let (endpoint, is_wrapped, told) = (self.endpoint, self.is_wrapped, &mut self.told);
        let mut failed = None;
        let stepped = step(&mut self.frames, &mut |frame| {
            if failed.is_none() {
                failed = told.hear(endpoint, frame, is_wrapped && frame.event == b"chunk", each).err();
            }
        });
        self.failed = failed.or_else(|| stepped.err().map(Fault::Stream));
        self.failed.map_or(Ok(()), Err)
    }
}

impl Told {
    fn hear(
        &mut self,
        endpoint: &Endpoint,
        frame: Frame<'_>,
        is_chunk: bool,
        each: &mut dyn FnMut(&Reading<'_>),
    ) -> Result<(), Fault> {
        self.is_error |= frame.is_error;
        if frame.is_text {
            return self.hear_error(frame.data, each);
        }
        let data = frame.data.trim_ascii();
        self.is_over |= data == b"[DONE]";
        if data.is_empty() || data == b"[DONE]" {
            return Ok(());
        }
        let unwrapped = if is_chunk { Some(unwrap_chunk(data).map_err(Fault::Frame)?) } else { None };
        let reading = read(unwrapped.as_deref().unwrap_or(data), endpoint.answer, LIMITS);
        let reading = reading.map_err(Fault::Frame)?;
        self.take(&reading);
        each(&reading);
        Ok(())
    }

    /// The text of an error, which stands in no document.
    fn hear_error(&mut self, text: &[u8], each: &mut dyn FnMut(&Reading<'_>)) -> Result<(), Fault> {
        let reading = read::error(text).map_err(Fault::Frame)?;
        self.take(&reading);
        each(&reading);
        Ok(())
    }

    fn take(&mut self, reading: &Reading<'_>) {
        self.usage.take(&reading.numbers);
        if let Some(model) = &reading.model {
            self.model = Some(model.unescaped().into_owned());
        }
        for note in &reading.notes {
            match note.what {
                What::Finish => self.finish(&note.text.unescaped()),
                What::Error => self.is_error = true,
                _ => {}
            }
        }
    }

    fn finish(&mut self, word: &str) {
        if self.finish.len() < MAX_FINISH {
            let end = word.floor_char_boundary(MAX_FINISH_BYTES);
            self.finish.push(word.get(..end).unwrap_or_default().to_owned());
        } else {
            self.more_finish = self.more_finish.saturating_add(1);
        }
    }
}

const MAX_FINISH: usize = 16;
const MAX_FINISH_BYTES: usize = 64;

/// Bedrock puts each event of a model's own stream into a message: `{"bytes": "<base64>"}`. What else says something
/// there would be said beside what is read.
fn unwrap_chunk(data: &[u8]) -> Result<Vec<u8>, read::Fault> {
    static CHUNK: Shape = Shape::of("chunk", &[("bytes", Is::Unread(Unread::Binary)), ("p", Is::Plain)]);
    let wrong = read::Fault::WrongType { at: 0, expected: "base64 in the member bytes" };
    let reading = read(data, Is::Object(&CHUNK), LIMITS)?;
    let [(_, span)] = reading.unread.as_slice() else { return Err(wrong) };
    if !reading.texts.is_empty() || !reading.unknown.is_empty() {
        return Err(wrong);
    }
    let quoted = data.get(span.clone()).unwrap_or_default();
    let encoded = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    STANDARD.decode(encoded).map_err(|_| wrong)
}

impl Endpoint {
    /// How an answer is framed that is JSON by its type: some stream a list of answers, element by element.
    fn framing_of_json(&self, content_type: &[u8]) -> Option<Framing> {
        let is_json = media_type(content_type)?.eq_ignore_ascii_case(b"application/json");
        (is_json && self.path.ends_with(":streamGenerateContent")).then_some(Framing::JsonArray)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::path::Canonical;
    use crate::http::stream::event_stream;

    fn endpoint(path: &str) -> &'static Endpoint {
        Endpoint::find("POST", &Canonical::read(path.as_bytes()).unwrap()).unwrap().endpoint
    }

    fn said(answer: &mut Answer, pieces: &[&[u8]]) -> Result<String, Fault> {
        let mut said = String::new();
        let mut each = |reading: &Reading<'_>| {
            said.extend(reading.texts.iter().map(|text| text.text.unescaped().into_owned()));
        };
        for piece in pieces {
            answer.push(piece, &mut each)?;
        }
        answer.finish(&mut each)?;
        Ok(said)
    }

    const STREAM: &str = concat!(
        "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"h\u{e9}\"}}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\ud83d\\ude00!\"},\"finish_reason\":\"stop\"}]}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n",
    );

    #[test]
    fn a_stream_says_the_same_wherever_it_is_cut() {
        let whole = {
            let mut answer = Answer::streamed(endpoint("/v1/chat/completions"), b"text/event-stream", 4096).unwrap();
            (said(&mut answer, &[STREAM.as_bytes()]).unwrap(), answer.told().clone())
        };
        assert_eq!(whole.0, "h\u{e9}\u{1f600}!");
        assert_eq!((whole.1.usage.total(), whole.1.finish.as_slice()), (Some(5), &["stop".to_owned()][..]));
        for cut in 0..=STREAM.len() {
            let mut answer = Answer::streamed(endpoint("/v1/chat/completions"), b"text/event-stream", 4096).unwrap();
            let (first, second) = STREAM.as_bytes().split_at(cut);
            let parts = (said(&mut answer, &[first, second]).unwrap(), answer.told().clone());
            assert_eq!(parts, whole, "cut at {cut}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_a_fault_and_stays_one() {
        let mut answer = Answer::streamed(endpoint("/v1/chat/completions"), b"text/event-stream", 4096).unwrap();
        let fault = answer.push(b"data: not json\n\n", &mut |_| {}).unwrap_err();
        assert_eq!(answer.push(b"data: {}\n\n", &mut |_| {}), Err(fault));
        assert_eq!(answer.finish(&mut |_| {}), Err(fault));
        for (path, kind) in
            [("/v1/audio/speech", "audio/mpeg"), ("/v1/chat/completions", "application/json"), ("/v1/responses", "")]
        {
            assert!(Answer::streamed(endpoint(path), kind.as_bytes(), 4096).is_err(), "{kind}");
        }
    }

    #[test]
    fn an_error_may_be_a_text_in_a_header() {
        let headers = [(":message-type", "error"), (":error-code", "internal"), (":error-message", "It is \"over\".")];
        let message = event_stream::encode(&headers, b"");
        for path in [INVOKED, "/model/m/converse-stream"] {
            let mut answer = Answer::streamed(endpoint(path), b"application/vnd.amazon.eventstream", 4096).unwrap();
            assert_eq!(said(&mut answer, &[&message]), Ok("It is \"over\".".to_owned()));
            assert!(answer.told().is_error);
        }
    }

    #[test]
    fn a_list_of_answers_in_another_charset_is_not_read() {
        let listed = endpoint("/v1beta/models/g:streamGenerateContent");
        for (kind, is_read) in [
            ("application/json", true),
            ("Application/JSON; charset=UTF-8", true),
            ("application/json; charset=utf-7", false),
            ("application/json; x=y; charset=\"utf-16\"", false),
        ] {
            assert_eq!(Answer::streamed(listed, kind.as_bytes(), 4096).is_ok(), is_read, "{kind}");
        }
    }

    #[test]
    fn what_was_used_is_not_below_zero() {
        let body = br#"{"usage": {"prompt_tokens": 3, "completion_tokens": -1}}"#;
        let (_, told) = read_whole(endpoint("/v1/chat/completions"), body, LIMITS).unwrap();
        assert_eq!((told.usage.input(), told.usage.output(), told.usage.total()), (Some(3), None, None));
    }

    #[test]
    fn why_it_ended_is_kept_in_little_room() {
        let mut answer = Answer::streamed(endpoint("/v1/chat/completions"), b"text/event-stream", 1 << 16).unwrap();
        let frame = format!("data: {{\"choices\":[{{\"finish_reason\":\"{}\"}}]}}\n\n", "\u{e9}".repeat(30_000));
        (0..500).for_each(|_| answer.push(frame.as_bytes(), &mut |_| {}).unwrap());
        let told = answer.told();
        assert_eq!((told.finish.len(), told.more_finish), (16, 484));
        assert!(told.finish.iter().all(|word| *word == "\u{e9}".repeat(32)));
    }

    #[test]
    fn an_error_in_a_stream_is_told() {
        let mut answer = Answer::streamed(endpoint("/v1/chat/completions"), b"text/event-stream", 4096).unwrap();
        said(&mut answer, &[b"data: {\"error\":{\"message\":\"no\",\"type\":\"x\",\"code\":null}}\n\n"]).unwrap();
        assert!(answer.told().is_error);
    }

    #[test]
    fn a_frame_by_the_name_of_a_wrapper_is_none_elsewhere() {
        let frame = "event: chunk\ndata: {\"bytes\":\"e30=\",\"choices\":[{\"delta\":{\"content\":\"secret\"}}]}\n\n";
        for path in ["/v1/chat/completions", INVOKED] {
            let mut answer = Answer::streamed(endpoint(path), b"text/event-stream", 4096).unwrap();
            assert!(said(&mut answer, &[frame.as_bytes()]).unwrap().contains("secret"), "{path}");
        }
        let mut answer = Answer::streamed(endpoint("/v1/chat/completions"), b"text/event-stream", 4096).unwrap();
        assert_eq!(said(&mut answer, &[b"event: chunk\ndata: {\"id\":\"c\"}\n\n"]), Ok(String::new()));
    }

    const INVOKED: &str = "/model/m/invoke-with-response-stream";

    #[test]
    fn the_events_of_a_models_own_stream_are_unwrapped() {
        let inner = STANDARD.encode(b"{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"inside\"}}]}");
        let message = |payload: &str| event_stream::encode(&[(":event-type", "chunk")], payload.as_bytes());
        let kind = b"application/vnd.amazon.eventstream";
        let mut answer = Answer::streamed(endpoint(INVOKED), kind, 4096).unwrap();
        let payload = format!("{{\"bytes\":\"{inner}\",\"p\":\"abc\"}}");
        assert_eq!(said(&mut answer, &[&message(&payload)]).unwrap(), "inside");
        for payload in [
            "{}",
            "{\"bytes\":\"!\"}",
            "{\"bytes\":{}}",
            "{\"bytes\":[\"e30=\",\"e30=\"]}",
            "{\"bytes\":\"e30=\",\"outputText\":\"beside\"}",
            "{\"bytes\":\"e30=\",\"p\":{\"deep\":1}}",
            "{\"bytes\":\"e30=\",\"n\":1}",
        ] {
            let mut answer = Answer::streamed(endpoint(INVOKED), kind, 4096).unwrap();
            assert!(said(&mut answer, &[&message(payload)]).is_err(), "{payload}");
        }
    }
}
