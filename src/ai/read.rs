//! Reads a JSON document by the tables of its dialect, once, from left to right.
//!
//! Rules:
//! 1. what [`json`] refuses is refused;
//! 2. a name that differs from a known one in case alone is refused (`case_variant`): some servers ignore case, so they
//!    would read what we do not;
//! 3. a model, switch, number, method or `id` that is something else, or a list of such, is refused (`wrong_type`): some
//!    servers convert, and one that takes the first of a list does not take what another takes. A number in
//!    quotes is one to Google, whose API documents it so ([`Is::Decimal`]), and to nobody else;
//! 4. every string that is text is told with its bytes and where it comes from, and so is a number that stands where text
//!    does: whoever reads the text reads it too. What nobody named is such text;
//! 5. what cannot be read is told with its reason.
//!
//! Nothing is copied: texts are what stands in the document, and are unescaped when somebody asks.
//!
//! ```
//! use portcullis::ai::LIMITS;
//! use portcullis::ai::read::read;
//! use portcullis::ai::shape::{Is, Shape};
//! use portcullis::ai::vocabulary::Provenance;
//!
//! static CHAT: Shape = Shape::of("chat", &[("model", Is::Model), ("prompt", Is::Text(Provenance::User))]);
//!
//! let body = br#"{"model": "small", "prompt": ["Hi\n"]}"#;
//! let reading = read(body, Is::Object(&CHAT), LIMITS).unwrap();
//! assert_eq!(reading.model.unwrap().unescaped(), "small");
//! assert_eq!(reading.texts[0].text.unescaped(), "Hi\n");
//! assert_eq!(reading.texts[0].provenance, Provenance::User);
//!
//! let refused = read(br#"{"model": "small", "Model": "large"}"#, Is::Object(&CHAT), LIMITS);
//! assert_eq!(refused.unwrap_err().code(), "case_variant");
//! ```

use std::fmt;
use std::ops::Range;

use super::shape::{Is, Known, Shape};
use super::vocabulary::{Feature, Measure, Provenance, Unread, What};
use crate::json::{self, Error, Limits, Number, Raw, Reader, Text as Written};

/// What a document says.
#[derive(Debug, Default, PartialEq)]
pub struct Reading<'a> {
    /// The model; each further one is a note ([`What::Model`]).
    pub model: Option<Written<'a>>,
    /// Whether the answer is to be streamed; `None` if the document does not say.
    pub stream: Option<bool>,
    /// Every text, in order.
    pub texts: Vec<Text<'a>>,
    /// Words that were kept.
    pub notes: Vec<Note<'a>>,
    /// Numbers, in order; an API may tell one twice. What a request asks for below zero has no limit: it is the largest.
    pub numbers: Vec<(Measure, u64)>,
    /// Where each of them stands, for whoever writes another.
    pub places: Vec<Place>,
    /// What is used that a policy may forbid, as often as it is: each tool is one.
    pub features: Vec<Feature>,
    /// What could not be read.
    pub unread: Vec<(Unread, Range<usize>)>,
    /// The names of members that no table has.
    pub unknown: Vec<Range<usize>>,
    /// How many messages there are: the largest [`Text::message`], and those that say nothing.
    pub messages: u32,
}

/// Where a number stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its bytes in the document.
    pub span: Range<usize>,
    /// How many arrays and objects are around it: 1 for a member of the document itself.
    pub depth: usize,
}

/// A text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text<'a> {
    /// What it says.
    pub text: Written<'a>,
    /// Its bytes in the document: of a string with the quotes; a number as it is written
    /// ([`is_number`](Written::is_number)), so that whoever writes words there adds quotes; an error outside of all
    /// documents ([`Frame::is_text`](crate::http::stream::Frame::is_text)) is whole.
    pub span: Range<usize>,
    /// Where it comes from.
    pub provenance: Provenance,
    /// Which message it is in, from 1; 0 is outside of all.
    pub message: u32,
    /// The numbers that the answer gives to the choice and the part it is in: inner first.
    pub index: [u32; 2],
    /// Whether the API sums up here what it streams in parts. Who changes texts changes this one too; who looks for
    /// something may pass it over if it heard the same before, and only then: a client may ask for the end alone.
    pub is_again: bool,
}

/// A word that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note<'a> {
    /// What it is.
    pub what: What,
    /// The word; a number as it is written. Of an `id` it may be `null`.
    pub text: Written<'a>,
    /// Which message it is in, from 1; 0 is outside of all.
    pub message: u32,
    /// As [`Text::index`].
    pub index: [u32; 2],
}

/// Why a document was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is not the JSON that we read.
    Json(Error),
    /// A name differs from a known one in case alone.
    CaseVariant {
        /// Where it stands.
        at: usize,
    },
    /// A value is something else than the API documents.
    WrongType {
        /// Where it stands.
        at: usize,
        /// What was expected.
        expected: &'static str,
    },
}

impl Fault {
    /// The code of a refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.fault.code(),
            Self::CaseVariant { .. } => "case_variant",
            Self::WrongType { .. } => "wrong_type",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => error.fmt(f),
            Self::CaseVariant { at } => write!(f, "byte {at}: expected the documented spelling of this name"),
            Self::WrongType { at, expected } => write!(f, "byte {at}: expected {expected}"),
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Json(error)
    }
}

/// Reads a document whose value is this.
pub fn read(document: &[u8], is: Is, limits: Limits) -> Result<Reading<'_>, Fault> {
    let mut walk = Walk {
        reader: Reader::new(document, limits),
        reading: Reading::default(),
        open: Vec::new(),
        said: Vec::new(),
        next: is,
        provenance: Provenance::Unknown,
        is_again: false,
        messages: 0,
    };
    while let Some(event) = walk.reader.next_raw()? {
        walk.meet(event)?;
    }
    walk.settle(0, Provenance::Unknown);
    walk.reading.messages = walk.messages;
    Ok(walk.reading)
}

/// What the text of an error says, that an answer has outside of all documents.
pub(super) fn error(text: &[u8]) -> Result<Reading<'_>, Fault> {
    let not_text = |error: std::str::Utf8Error| Error { at: error.valid_up_to(), fault: json::Fault::BadUnicode };
    let text = Written::of_word(std::str::from_utf8(text).map_err(not_text)?);
    let (span, index) = (0..text.raw().len(), [UNNUMBERED; 2]);
    Ok(Reading {
        texts: vec![Text { text, span, provenance: Provenance::Unknown, message: 0, index, is_again: false }],
        notes: vec![Note { what: What::Error, text, message: 0, index }],
        ..Reading::default()
    })
}

/// An open array or object.
struct Frame {
    inside: Inside,
    /// Where texts in it come from if nobody nearer says.
    provenance: Provenance,
    is_again: bool,
    /// The texts and notes in it begin here.
    texts: usize,
    notes: usize,
    message: u32,
}

/// What an object says of itself, wherever in it.
#[derive(Default)]
struct Said<'a> {
    role: Option<Provenance>,
    kind: Option<Written<'a>>,
    index: Option<u32>,
    /// One, or a list of such.
    data: Vec<(Written<'a>, Range<usize>)>,
}

#[derive(Clone, Copy)]
enum Inside {
    /// An object that a table describes: one more in [`Walk::said`].
    Shaped(&'static Shape),
    /// An object in which everything is text.
    Free,
    /// A list of this.
    Each(Is),
}

struct Walk<'a> {
    reader: Reader<'a>,
    reading: Reading<'a>,
    open: Vec<Frame>,
    said: Vec<Said<'a>>,
    /// What the next value is.
    next: Is,
    /// Where a text in it comes from if it does not say.
    provenance: Provenance,
    /// Whether it was said before.
    is_again: bool,
    messages: u32,
}

impl<'a> Walk<'a> {
    fn meet(&mut self, event: Raw<'a>) -> Result<(), Fault> {
        self.use_feature(&event);
        match event {
            Raw::Key(name) => return self.name(name),
            Raw::ObjectEnd | Raw::ArrayEnd => self.close(),
            Raw::ObjectStart => return self.object(),
            Raw::ArrayStart => self.list()?,
            Raw::String(text) => self.string(text)?,
            Raw::Number(number) => self.number(number)?,
            Raw::Bool(value) => self.switch(value)?,
            // An `id` that is there, and is none, is not one that is missing.
            Raw::Null if matches!(self.next, Is::Note(What::MessageId)) => {
                self.note(What::MessageId, Written::of_null());
            }
            Raw::Null => {}
        }
        self.expect_more();
        Ok(())
    }

    /// What uses a feature by being there is what it is besides from here on; a list is not yet one of those in it.
    fn use_feature(&mut self, event: &Raw<'a>) {
        let Is::Using(feature, is) = self.next else { return };
        let uses = match event {
            Raw::ObjectStart | Raw::Number(_) | Raw::Bool(true) => true,
            Raw::String(text) => !text.raw().is_empty(),
            _ => false,
        };
        if uses {
            self.reading.features.push(feature);
            self.next = *is;
        }
    }

    /// After a value in a list comes another of its kind.
    fn expect_more(&mut self) {
        if let Some(Frame { inside: Inside::Each(is), provenance, is_again, .. }) = self.open.last() {
            (self.next, self.provenance, self.is_again) = (*is, *provenance, *is_again);
        }
    }

    fn name(&mut self, name: Written<'a>) -> Result<(), Fault> {
        let Some(frame) = self.open.last() else { return Ok(()) };
        (self.provenance, self.is_again) = (frame.provenance, frame.is_again);
        let Inside::Shaped(shape) = frame.inside else {
            self.tell(name, self.provenance);
            self.next = Is::Text(self.provenance);
            return Ok(());
        };
        self.next = match shape.known(&name.unescaped()) {
            Known::Member(is) => is,
            Known::Variant => return Err(Fault::CaseVariant { at: self.reader.span().start }),
            Known::Not => shape.others.unwrap_or_else(|| {
                self.reading.unknown.push(self.reader.span());
                Is::Text(Provenance::Unknown)
            }),
        };
        if let Is::Repeated(is) = self.next {
            (self.next, self.is_again) = (*is, true);
        }
        Ok(())
    }

    fn object(&mut self) -> Result<(), Fault> {
        self.refuse_if_alone()?;
        let (inside, provenance) = match self.next {
            Is::Object(shape) | Is::Or(_, shape) => (Inside::Shaped(shape), self.provenance),
            Is::BuiltIn(name, shape) => {
                self.note(What::Tool, Written::of_word(name));
                (Inside::Shaped(shape), self.provenance)
            }
            Is::TextOr(provenance, shape) | Is::From(provenance, shape) => {
                (Inside::Shaped(shape), self.inherit(provenance))
            }
            Is::Text(provenance) | Is::TextOrTokens(provenance) => (Inside::Free, self.inherit(provenance)),
            Is::Uses(feature) => return self.use_object(feature),
            Is::Unread(why) => return self.pass_over(Some(why)),
            Is::Again => return self.pass_over(None),
            _ => (Inside::Free, Provenance::Unknown),
        };
        self.push(inside, provenance);
        Ok(())
    }

    /// An object that uses a feature unless it is empty; its strings are no text.
    fn use_object(&mut self, feature: Feature) -> Result<(), Fault> {
        let start = self.reader.span().start;
        let values = self.reader.values();
        self.reader.leave()?;
        if self.reader.values() > values || self.reader.span().end > start.saturating_add(2) {
            self.reading.features.push(feature);
        }
        self.expect_more();
        Ok(())
    }

    fn pass_over(&mut self, why: Option<Unread>) -> Result<(), Fault> {
        let start = self.reader.span().start;
        self.reader.leave()?;
        if let Some(why) = why {
            self.reading.unread.push((why, start..self.reader.span().end));
        }
        self.expect_more();
        Ok(())
    }

    fn list(&mut self) -> Result<(), Fault> {
        self.refuse_if_alone()?;
        self.push(Inside::Each(self.next), self.provenance);
        Ok(())
    }

    /// Of a list, an object or a switch: whether something else should stand alone here.
    fn refuse_if_alone(&self) -> Result<(), Fault> {
        self.next.alone().map_or(Ok(()), |expected| Err(self.wrong(expected)))
    }

    fn push(&mut self, inside: Inside, provenance: Provenance) {
        let outer = self.open.last().map_or(0, |frame| frame.message);
        let message = match inside {
            Inside::Shaped(shape) if shape.is_message => {
                self.messages = self.messages.saturating_add(1);
                self.messages
            }
            _ => outer,
        };
        if matches!(inside, Inside::Shaped(_)) {
            self.said.push(Said::default());
        }
        let (texts, notes) = (self.reading.texts.len(), self.reading.notes.len());
        let is_again = self.is_again;
        self.open.push(Frame { inside, provenance, is_again, texts, notes, message });
    }

    fn close(&mut self) {
        let Some(frame) = self.open.pop() else { return };
        let Inside::Shaped(shape) = frame.inside else { return };
        let said = self.said.pop().unwrap_or_default();
        for (text, span) in said.data {
            self.data(&frame, said.kind, text, span);
        }
        if shape.has_role() {
            self.settle(frame.texts, said.role.unwrap_or(shape.speaker));
        }
        if let Some(index) = said.index {
            self.number_all(&frame, index);
        }
    }

    /// Says of texts whose speaker was not known yet who it is.
    fn settle(&mut self, from: usize, provenance: Provenance) {
        let texts = self.reading.texts.get_mut(from..).unwrap_or_default();
        for text in texts.iter_mut().filter(|text| text.provenance == Provenance::Role) {
            text.provenance = provenance;
        }
    }

    fn number_all(&mut self, frame: &Frame, index: u32) {
        for text in self.reading.texts.get_mut(frame.texts..).unwrap_or_default() {
            text.index = numbered(text.index, index);
        }
        for note in self.reading.notes.get_mut(frame.notes..).unwrap_or_default() {
            note.index = numbered(note.index, index);
        }
    }

    fn data(&mut self, frame: &Frame, kind: Option<Written<'a>>, text: Written<'a>, span: Range<usize>) {
        if kind.is_some_and(|kind| kind.unescaped() == "text") {
            let Frame { message, provenance, is_again, .. } = *frame;
            self.reading.texts.push(Text { text, span, provenance, message, index: [UNNUMBERED; 2], is_again });
        } else {
            self.reading.unread.push((Unread::Binary, span));
        }
    }

    fn string(&mut self, text: Written<'a>) -> Result<(), Fault> {
        match self.next.scalar() {
            Is::Plain | Is::Again => {}
            Is::Text(provenance) | Is::TextOr(provenance, _) | Is::TextOrTokens(provenance) => {
                self.tell(text, self.inherit(provenance));
            }
            Is::Object(_) | Is::Or(..) | Is::From(..) | Is::BuiltIn(..) | Is::Repeated(_) | Is::Using(..) => {
                self.tell(text, Provenance::Unknown);
            }
            Is::ToolType if matches!(&*text.unescaped(), "function" | "custom") => {}
            Is::ToolType => self.note(What::Tool, text),
            Is::Role => self.say(|said| said.role = Some(role(&text.unescaped()))),
            Is::Type => self.say(|said| said.kind = Some(text)),
            Is::Index | Is::Number(_) => return Err(self.wrong("an integer")),
            Is::Decimal(measure) => {
                let value = decimal(&text.unescaped());
                self.count(measure, value)?;
            }
            Is::Model if self.reading.model.is_some() => self.note(What::Model, text),
            Is::Model => self.reading.model = Some(text),
            Is::Stream => return Err(self.wrong("true or false")),
            Is::StreamIf(word) => self.reading.stream = Some(text.unescaped() == word),
            Is::Uses(feature) => self.reading.features.push(feature),
            Is::Note(what) => self.note(what, text),
            Is::NoteText(what, provenance) => {
                self.note(what, text);
                self.tell(text, self.inherit(provenance));
            }
            Is::Url => self.url(text),
            Is::Data => {
                let span = self.reader.span();
                self.say(|said| said.data.push((text, span)));
            }
            Is::Unread(why) => self.reading.unread.push((why, self.reader.span())),
        }
        Ok(())
    }

    fn number(&mut self, number: Number<'a>) -> Result<(), Fault> {
        match self.next.scalar() {
            Is::Number(measure) | Is::Decimal(measure) => {
                self.count(measure, whole(number))?;
            }
            Is::Index => {
                let index = number.as_u64().and_then(|index| u32::try_from(index).ok());
                let index = index.ok_or_else(|| self.wrong("a small integer"))?;
                self.say(|said| said.index = Some(index));
            }
            Is::TextOrTokens(_) => self.tokens(),
            Is::Text(provenance) | Is::TextOr(provenance, _) => {
                self.tell(Written::of_number(number), self.inherit(provenance));
            }
            Is::Object(_) | Is::Or(..) | Is::From(..) | Is::BuiltIn(..) => {
                self.tell(Written::of_number(number), Provenance::Unknown);
            }
            Is::NoteText(what, provenance) => {
                let text = Written::of_number(number);
                self.note(what, text);
                self.tell(text, self.inherit(provenance));
            }
            Is::Uses(feature) if number.as_f64() != Some(0.0) => self.reading.features.push(feature),
            Is::Model | Is::StreamIf(_) | Is::Note(What::Method) => return Err(self.wrong("a string")),
            Is::Stream => return Err(self.wrong("true or false")),
            Is::Note(what) => self.note(what, Written::of_number(number)),
            _ => {}
        }
        Ok(())
    }

    fn switch(&mut self, value: bool) -> Result<(), Fault> {
        match self.next {
            Is::Stream => self.reading.stream = Some(value),
            Is::Uses(feature) if value => self.reading.features.push(feature),
            _ => self.refuse_if_alone()?,
        }
        Ok(())
    }

    /// Keeps a number. Below zero a bound is none, and what was used is nothing that was told.
    fn count(&mut self, measure: Measure, whole: Option<Whole>) -> Result<(), Fault> {
        let value = match whole.ok_or_else(|| self.wrong("an integer"))? {
            Whole::Natural(value) => value,
            Whole::BelowZero if measure.is_asked() => u64::MAX,
            Whole::BelowZero => return Ok(()),
        };
        self.reading.numbers.push((measure, value));
        self.reading.places.push(Place { span: self.reader.span(), depth: self.reader.depth() });
        Ok(())
    }

    /// A list of tokens is told once, up to its last.
    fn tokens(&mut self) {
        let span = self.reader.span();
        match self.reading.unread.last_mut() {
            Some((Unread::TokenIds, last)) if last.end.saturating_add(8) > span.start => last.end = span.end,
            _ => self.reading.unread.push((Unread::TokenIds, span)),
        }
    }

    fn url(&mut self, text: Written<'a>) {
        let is_data = text.unescaped().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
        let why = if is_data { Unread::Binary } else { Unread::Remote };
        self.reading.unread.push((why, self.reader.span()));
    }

    fn tell(&mut self, text: Written<'a>, provenance: Provenance) {
        let message = self.open.last().map_or(0, |frame| frame.message);
        let (span, is_again) = (self.reader.span(), self.is_again);
        self.reading.texts.push(Text { text, span, provenance, message, index: [UNNUMBERED; 2], is_again });
    }

    fn note(&mut self, what: What, text: Written<'a>) {
        let message = self.open.last().map_or(0, |frame| frame.message);
        self.reading.notes.push(Note { what, text, message, index: [UNNUMBERED; 2] });
    }

    /// Texts of whoever speaks come from where the object around them says.
    fn inherit(&self, provenance: Provenance) -> Provenance {
        let around = self.provenance;
        if provenance == Provenance::Role && around != Provenance::Unknown { around } else { provenance }
    }

    /// Of the innermost object that a table describes.
    fn say(&mut self, it: impl FnOnce(&mut Said<'a>)) {
        self.said.last_mut().map(it);
    }

    fn wrong(&self, expected: &'static str) -> Fault {
        Fault::WrongType { at: self.reader.span().start, expected }
    }
}

/// What stands in [`Text::index`] where the answer gives no number.
pub const UNNUMBERED: u32 = u32::MAX;

fn numbered(index: [u32; 2], by: u32) -> [u32; 2] {
    match index {
        [UNNUMBERED, _] => [by, UNNUMBERED],
        [inner, _] => [inner, by],
    }
}

/// Who speaks, in any dialect's word.
fn role(word: &str) -> Provenance {
    match word {
        "system" | "SYSTEM" => Provenance::System,
        "developer" | "critic" | "discriminator" => Provenance::Developer,
        "user" | "ROLE_USER" | "USER" | "user_input" => Provenance::User,
        "assistant" | "model" | "agent" | "ROLE_AGENT" | "CHATBOT" | "model_output" => Provenance::Assistant,
        "tool" | "function" | "TOOL" => Provenance::ToolResult,
        "thought" => Provenance::Reasoning,
        _ => Provenance::Unknown,
    }
}

/// An integer.
#[derive(Debug, Clone, Copy)]
enum Whole {
    Natural(u64),
    BelowZero,
}

/// An integer in quotes, as the JSON of protocol buffers has it: digits, and nothing that only some readers take.
fn decimal(text: &str) -> Option<Whole> {
    let (digits, is_negative) = text.strip_prefix('-').map_or((text, false), |digits| (digits, true));
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    let value = digits.parse().ok().filter(|_| is_plain)?;
    Some(if is_negative && value > 0 { Whole::BelowZero } else { Whole::Natural(value) })
}

/// An integer, also as JavaScript may write it (`100.0`, `1e2`).
fn whole(number: Number<'_>) -> Option<Whole> {
    if let Some(value) = number.as_u64() {
        return Some(Whole::Natural(value));
    }
    let value = number.as_f64()?;
    let is_whole = value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0;
    if !is_whole {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and below 2^53")]
    Some(if value < 0.0 { Whole::BelowZero } else { Whole::Natural(value as u64) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_been_said_before_is_told_with_a_mark() {
        static PART: Shape = Shape::of("part", &[("text", Is::Text(Provenance::Assistant))]);
        static SUM: Is = Is::Or(&Is::Text(Provenance::Assistant), &PART);
        static EVENT: Shape =
            Shape::of("event", &[("sum", Is::Repeated(&SUM)), ("delta", Is::Text(Provenance::Assistant))]);
        let body = br#"{"sum": [{"text": "a"}, "b", {"text": ["c"], "x": {"d": 1}}], "delta": "e"}"#;
        let reading = read(body, Is::Object(&EVENT), Limits::default()).unwrap();
        let again: Vec<_> = reading.texts.iter().filter(|text| text.is_again).map(|text| text.text.raw()).collect();
        let first: Vec<_> = reading.texts.iter().filter(|text| !text.is_again).map(|text| text.text.raw()).collect();
        assert_eq!((again, first), (vec!["a", "b", "c", "d", "1"], vec!["e"]));
    }

    #[test]
    fn no_model_of_a_document_hides_another() {
        static BATCH: Shape = Shape::of("batch", &[("requests", Is::Object(&ONE))]);
        static ONE: Shape = Shape::of("request", &[("model", Is::Model)]);
        let body = br#"{"requests": [{"model": "a"}, {"model": "b"}, {"model": "c"}]}"#;
        let reading = read(body, Is::Object(&BATCH), Limits::default()).unwrap();
        let notes: Vec<_> = reading.notes.iter().map(|note| (note.what, note.text.unescaped())).collect();
        assert_eq!(reading.model.unwrap().unescaped(), "a");
        assert_eq!(notes, [(What::Model, "b".into()), (What::Model, "c".into())]);
    }

    #[test]
    fn a_number_where_text_stands_is_text() {
        static SAID: Shape = Shape::of(
            "x",
            &[("text", Is::Text(Provenance::User)), ("part", Is::TextOr(Provenance::User, &PART)), ("n", Is::Plain)],
        );
        static PART: Shape = Shape::of("part", &[]);
        for (body, said) in [
            (r#"{"text": 4111111111111111}"#, &["4111111111111111"][..]),
            (r#"{"text": {"card": -1.5e3}}"#, &["card", "-1.5e3"]),
            (r#"{"text": [[1], 2]}"#, &["1", "2"]),
            (r#"{"part": [1, "2"]}"#, &["1", "2"]),
            (r#"{"nobody named it": 7}"#, &["7"]),
            ("[3]", &["3"]),
            (r#"{"n": 7, "text": true}"#, &[]),
        ] {
            let reading = read(body.as_bytes(), Is::Object(&SAID), Limits::default()).unwrap();
            let texts: Vec<_> = reading.texts.iter().map(|text| text.text.unescaped()).collect();
            assert_eq!(texts, said, "{body}");
            for number in reading.texts.iter().filter(|text| text.text.is_number()) {
                assert_eq!(body.get(number.span.clone()), Some(number.text.raw()), "{body}");
            }
        }
    }

    #[test]
    fn no_list_stands_for_one_thing() {
        static ASKED: Shape = Shape::of(
            "x",
            &[
                ("model", Is::Model),
                ("stream", Is::Stream),
                ("format", Is::StreamIf("sse")),
                ("n", Is::Number(Measure::Choices)),
                ("max", Is::Decimal(Measure::MaxOutputTokens)),
                ("index", Is::Index),
                ("method", Is::Note(What::Method)),
                ("id", Is::Note(What::MessageId)),
                ("tools", Is::Note(What::Tool)),
            ],
        );
        fn code(body: &str) -> Result<(), &'static str> {
            let reading = read(body.as_bytes(), Is::Object(&ASKED), Limits::default());
            reading.map(drop).map_err(|fault| fault.code())
        }
        for (name, value) in [
            ("model", "\"m\""),
            ("stream", "true"),
            ("format", "\"sse\""),
            ("n", "1"),
            ("max", "\"1\""),
            ("index", "1"),
            ("method", "\"ping\""),
            ("id", "7"),
        ] {
            assert!(code(&format!("{{\"{name}\": {value}}}")).is_ok(), "{name}");
            for many in [format!("[{value}]"), "[]".into(), format!("[[{value}]]"), format!("{{\"a\": {value}}}")] {
                assert_eq!(code(&format!("{{\"{name}\": {many}}}")), Err("wrong_type"), "{name} {many}");
            }
        }
        for wrong in [r#"{"id": true}"#, r#"{"method": 7}"#, r#"{"format": 7}"#, r#"{"model": false}"#] {
            assert_eq!(code(wrong), Err("wrong_type"), "{wrong}");
        }
        assert!(code(r#"{"tools": ["a", ["b"]]}"#).is_ok());
    }

    #[test]
    fn below_zero_a_bound_is_none_and_a_count_is_nothing() {
        static COUNTS: Shape = Shape::of(
            "x",
            &[
                ("max", Is::Decimal(Measure::MaxOutputTokens)),
                ("n", Is::Number(Measure::Choices)),
                ("used", Is::Decimal(Measure::OutputTokens)),
                ("all", Is::Number(Measure::TotalTokens)),
            ],
        );
        let body = br#"{"used": -1, "all": -1.0, "max": "-1", "n": -2}"#;
        let reading = read(body, Is::Object(&COUNTS), Limits::default()).unwrap();
        assert_eq!(reading.numbers, [(Measure::MaxOutputTokens, u64::MAX), (Measure::Choices, u64::MAX)]);
        let written: Vec<_> = reading.places.iter().map(|place| &body[place.span.clone()]).collect();
        assert_eq!(written, [&b"\"-1\""[..], b"-2"]);
        let reading = read(br#"{"used": "-7", "all": 9}"#, Is::Object(&COUNTS), Limits::default()).unwrap();
        assert_eq!(reading.numbers, [(Measure::TotalTokens, 9)]);
    }

    #[test]
    fn what_is_there_is_used_once_for_each_of_a_list() {
        static TOOL: Shape = Shape::of("tool", &[("name", Is::Note(What::Tool))]);
        static ASKED: Shape = Shape::of(
            "x",
            &[
                ("tools", Is::Using(Feature::Tools, &Is::Object(&TOOL))),
                ("format", Is::Using(Feature::ResponseFormat, &Is::Text(Provenance::User))),
            ],
        );
        let (tool, format) = (Feature::Tools, Feature::ResponseFormat);
        for (body, used) in [
            (r#"{"tools": [{"name": "a"}, {}, [{"name": "b"}]]}"#, &[tool, tool, tool][..]),
            (r#"{"tools": {"name": "a"}, "format": {"tools": [1]}}"#, &[tool, format]),
            (r#"{"tools": null, "format": "json"}"#, &[format]),
            (r#"{"tools": [], "format": ""}"#, &[]),
            (r#"{"tools": false, "other": [{}]}"#, &[]),
            (r#"{"tools": true, "format": 7}"#, &[tool, format]),
        ] {
            let reading = read(body.as_bytes(), Is::Object(&ASKED), Limits::default()).unwrap();
            assert_eq!(reading.features, used, "{body}");
        }
    }

    #[test]
    fn every_text_of_a_list_of_data_is_told() {
        static SOURCE: Shape = Shape::of("source", &[("type", Is::Type), ("data", Is::Data)]);
        let body = br#"{"data": ["hidden", "shown"], "type": "text"}"#;
        let reading = read(body, Is::Object(&SOURCE), Limits::default()).unwrap();
        assert_eq!(reading.texts.iter().map(|text| text.text.raw()).collect::<Vec<_>>(), ["hidden", "shown"]);
        let body = br#"{"data": ["AA==", "AA=="], "type": "base64"}"#;
        assert_eq!(read(body, Is::Object(&SOURCE), Limits::default()).unwrap().unread.len(), 2);
    }

    #[test]
    fn a_message_without_a_role_is_said_by_whom_its_table_names() {
        static SAID: Shape =
            Shape::of("x", &[("role", Is::Role), ("text", Is::Text(Provenance::Role))]).spoken_by(Provenance::User);
        for (body, provenance) in [
            (r#"{"text": "x"}"#, Provenance::User),
            (r#"{"text": "x", "role": "model"}"#, Provenance::Assistant),
            (r#"{"text": "x", "role": "?"}"#, Provenance::Unknown),
        ] {
            let reading = read(body.as_bytes(), Is::Object(&SAID), Limits::default()).unwrap();
            assert_eq!(reading.texts[0].provenance, provenance, "{body}");
        }
    }
}
