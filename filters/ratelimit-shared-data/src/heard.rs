//! What an answer said it used, heard while it passes and nothing of it is held.
//!
//! 1. Events are read one by one; what they say of usage counts, and their texts are counted beside it.
//! 2. A whole answer is condensed as it passes, and read by its API's table when it is over.
//! 3. What nobody can read, because of its type, its coding or a fault in it, or because it ended too early, is told as such:
//!    what was reserved for it counts.

use portcullis::ai::LIMITS;
use portcullis::ai::answer::{Answer, Fault, read_whole};
use portcullis::ai::closing::Closing;
use portcullis::ai::ending::Cut;
use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::estimate::Counter;
use portcullis::ai::read::Reading;
use portcullis::ai::rpc::Asked;
use portcullis::ai::usage::Usage;
use portcullis::ai::vocabulary::Measure;
use portcullis::http::header::is_encoded;
use portcullis::http::media::is_json;
use portcullis::http::stream::Framing;
use portcullis::json::condense::Condensed;
use portcullis::prelude::*;

use crate::policy::Use;

/// The longest event that is read, and the most that is kept of a whole answer. All that pass at once share the memory budget
/// of the VM: 512 of them in 32 MiB.
const MAX_FRAME: usize = 64 * 1024;
const MAX_WHOLE: usize = 64 * 1024;
/// How many bytes of a long text are taken for a token: fewer than most texts have.
const BYTES_A_TOKEN: u64 = 4;

/// An answer that passes.
pub(crate) struct Heard {
    way: Way,
    texts: Counter,
    bytes: u64,
}

/// How it is read.
enum Way {
    Events(Box<Events>),
    Whole(&'static Endpoint, Box<Condensed>),
    /// An error, or nothing: nothing was used.
    Refused,
    /// Nobody can.
    Unread,
}

/// An answer that comes in events.
struct Events {
    answer: Answer,
    endpoint: &'static Endpoint,
    /// What ends it before its time, if it may be ended and its API has such an end.
    closing: Option<Closing>,
}

/// What was used, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Used {
    /// The upstream.
    Told(Use),
    /// Nobody: it was counted here.
    Estimated(Use),
    /// Nothing was: the upstream refused.
    Nothing,
    /// Nobody knows: what was reserved counts.
    Unknown,
}

impl Heard {
    /// An answer with these header fields to a request at this endpoint, which a limit may end before its time.
    pub(crate) fn of(endpoint: Option<&'static Endpoint>, headers: &Headers, is_cut: bool) -> Self {
        Self { way: way(endpoint, headers, is_cut), texts: Counter::default(), bytes: 0 }
    }

    /// How much is kept of it between two pieces.
    pub(crate) fn window(&self) -> usize {
        match &self.way {
            Way::Events(events) => MAX_FRAME.saturating_add(events.closing.as_ref().map_or(0, Closing::max_bytes)),
            Way::Whole(..) => MAX_WHOLE,
            Way::Refused | Way::Unread => 0,
        }
    }

    /// How its events are framed, if it has any.
    pub(crate) fn framing(&self) -> Option<Framing> {
        match &self.way {
            Way::Events(events) => Some(events.answer.framing()),
            Way::Whole(..) | Way::Refused | Way::Unread => None,
        }
    }

    /// Whether the upstream refused.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self.way, Way::Refused)
    }

    /// Hears a piece. What cannot be read makes the answer one that is not.
    pub(crate) fn push(&mut self, piece: &[u8], last: bool) {
        self.bytes = self.bytes.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        let texts = &mut self.texts;
        let is_read = match &mut self.way {
            Way::Events(events) => events.push(piece, last, texts).is_ok(),
            Way::Whole(_, condensed) => {
                condensed.push(piece);
                true
            }
            Way::Refused | Way::Unread => true,
        };
        if !is_read {
            self.way = Way::Unread;
        }
    }

    /// About how many tokens it has so far, where it is read by events.
    pub(crate) fn output(&self) -> u64 {
        match &self.way {
            Way::Events(events) => events.answer.told().usage.output().unwrap_or_default().max(self.texts.tokens()),
            Way::Whole(..) | Way::Refused | Way::Unread => 0,
        }
    }

    /// The frames that end it here: as one does that has reached its length or, where its API has no such end, by an error.
    pub(crate) fn ending(&self) -> Option<Vec<u8>> {
        let Way::Events(events) = &self.way else { return None };
        Some(events.closing(self.output()).unwrap_or_else(|| events.error()))
    }

    /// The same behind what of this piece is whole; `None` if a part has passed of a frame that is not.
    pub(crate) fn ended(&self, piece: &[u8]) -> Option<Vec<u8>> {
        let Way::Events(events) = &self.way else { return None };
        events.answer.border().end(piece, &self.ending()?)
    }

    /// Bytes that passed.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What was used, of a request that was taken to have so many tokens; `complete` if the answer ended by itself.
    pub(crate) fn used(&self, input: u64, complete: bool) -> Used {
        match &self.way {
            Way::Events(events) => {
                let counted = counted(events.endpoint, self.texts.tokens());
                used(&events.answer.told().usage, input, counted, complete)
            }
            Way::Whole(endpoint, condensed) if complete => of_whole(endpoint, condensed, input),
            Way::Refused => Used::Nothing,
            Way::Whole(..) | Way::Unread => Used::Unknown,
        }
    }
}

impl Events {
    fn push(&mut self, piece: &[u8], last: bool, texts: &mut Counter) -> Result<(), Fault> {
        let closing = &mut self.closing;
        let mut each = |reading: &Reading<'_>| {
            let new = reading.texts.iter().filter(|text| !text.is_again);
            new.for_each(|text| texts.push(&text.text.unescaped()));
            if let Some(closing) = closing {
                closing.hear(reading);
            }
        };
        self.answer.push(piece, &mut each)?;
        if last { self.answer.finish(&mut each) } else { Ok(()) }
    }

    /// What ends it as if the model had reached its length, after so many tokens.
    fn closing(&self, output: u64) -> Option<Vec<u8>> {
        let mut told = self.answer.told().clone();
        told.usage.take(&[(Measure::OutputTokens, output)]);
        self.closing.as_ref()?.events(&told)
    }

    fn error(&self) -> Vec<u8> {
        let cut = Cut {
            dialect: self.endpoint.dialect,
            operation: self.endpoint.operation,
            framing: self.answer.framing(),
            has_elements: true,
            is_open: false,
            asked: &Asked::Unknown,
        };
        cut.ending(Status::TooManyRequests, "rate_limit_exceeded", "The limit of the caller is used up.")
    }
}

fn way(endpoint: Option<&'static Endpoint>, headers: &Headers, is_cut: bool) -> Way {
    let status = headers.first(":status").unwrap_or_default();
    if !status.starts_with(b"2") {
        return Way::Refused;
    }
    let kind = headers.only("content-type").ok().flatten().unwrap_or_default();
    match endpoint {
        Some(endpoint) if !is_encoded(headers) => match Answer::streamed(endpoint, kind, MAX_FRAME) {
            Ok(answer) => {
                let closing = if is_cut { Closing::of(endpoint, answer.framing()) } else { None };
                Way::Events(Box::new(Events { answer, endpoint, closing }))
            }
            Err(_) if is_json(kind) => Way::Whole(endpoint, Box::new(Condensed::new(MAX_WHOLE))),
            Err(_) => Way::Unread,
        },
        _ => Way::Unread,
    }
}

fn of_whole(endpoint: &Endpoint, condensed: &Condensed, input: u64) -> Used {
    let Some((document, cut)) = condensed.document() else { return Used::Unknown };
    let Ok((reading, told)) = read_whole(endpoint, document, LIMITS) else { return Used::Unknown };
    if told.is_error && told.usage == Usage::default() {
        return Used::Nothing;
    }
    let mut texts = Counter::default();
    reading.texts.iter().for_each(|text| texts.push(&text.text.unescaped()));
    let tokens = texts.tokens().saturating_add(cut.div_ceil(BYTES_A_TOKEN));
    used(&told.usage, input, counted(endpoint, tokens), true)
}

/// How many tokens of an answer are a model's: of vectors, lists and pictures none is.
fn counted(endpoint: &Endpoint, tokens: u64) -> u64 {
    if endpoint.operation.has_output() { tokens } else { 0 }
}

/// What the upstream told, and what was counted where it did not. An answer that was cut off may have gone on after it told.
fn used(told: &Usage, input: u64, counted: u64, complete: bool) -> Used {
    let total = told.total().filter(|_| complete);
    let input = told.input().unwrap_or_else(|| input.min(total.unwrap_or(u64::MAX)));
    let output = match (told.output(), total) {
        (Some(output), _) if complete => output,
        (Some(output), _) => output.max(counted),
        (None, Some(total)) => total.saturating_sub(input),
        (None, None) => counted,
    };
    let used = Use {
        input,
        cached: told.cached().unwrap_or_default(),
        output,
        reasoning: told.reasoning().unwrap_or_default(),
        total: total.unwrap_or_default().max(input.saturating_add(output)),
        bytes: 0,
    };
    if complete && (told.input().is_some() || total.is_some()) { Used::Told(used) } else { Used::Estimated(used) }
}
