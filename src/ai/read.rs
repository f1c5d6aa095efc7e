//! Reads a JSON document by the tables of its dialect, once, from left to right.
//!
//! Rules:
//! 1. what [`json`](crate::json) refuses is refused;
//! 2. a name that differs from a known one in case alone is refused (`case_variant`): some servers ignore case, so they
//!    would read what we do not;
//! 3. a model, switch or number that is something else is refused (`wrong_type`): some servers convert. A number in
//!    quotes is one to Google, whose API documents it so ([`Is::Decimal`]), and to nobody else;
//! 4. every string that is text is told with its bytes and where it comes from; what nobody named is such text too;
//! 5. what cannot be read is told with its reason.
//!
//! Nothing is copied: texts are what stands in the document, and are unescaped when somebody asks.
//!
//! ```
//! use portcullis::ai::read::read;
//! use portcullis::ai::shape::{Is, Shape};
//! use portcullis::ai::vocabulary::Provenance;
//! use portcullis::json::Limits;
//!
//! const CHAT: Shape = Shape::of("chat", &[("model", Is::Model), ("prompt", Is::Text(Provenance::User))]);
//!
//! let body = br#"{"model": "small", "prompt": ["Hi\n"]}"#;
//! let reading = read(body, Is::Object(&CHAT), Limits::default()).unwrap();
//! assert_eq!(reading.model.unwrap().unescaped(), "small");
//! assert_eq!(reading.texts[0].text.unescaped(), "Hi\n");
//! assert_eq!(reading.texts[0].provenance, Provenance::User);
//!
//! let refused = read(br#"{"model": "small", "Model": "large"}"#, Is::Object(&CHAT), Limits::default());
//! assert_eq!(refused.unwrap_err().code(), "case_variant");
//! ```

use std::fmt;
use std::ops::Range;

use super::shape::{Is, Shape};
use super::vocabulary::{Feature, Measure, Provenance, Unread, What};
use crate::json::{Error, Limits, Number, Raw, Reader, Text as Written};

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
    /// Numbers, in order; an API may tell one twice.
    pub numbers: Vec<(Measure, u64)>,
    /// Where each of them stands, for whoever writes another.
    pub places: Vec<Place>,
    /// What is used that a policy may forbid.
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
    /// Its bytes in the document, with the quotes.
    pub span: Range<usize>,
    /// Where it comes from.
    pub provenance: Provenance,
    /// Which message it is in, from 1; 0 is outside of all.
    pub message: u32,
    /// The numbers that the answer gives to the choice and the part it is in: inner first.
    pub index: [u32; 2],
}

/// A word that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note<'a> {
    /// What it is.
    pub what: What,
    /// The word; a number as it is written.
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
        messages: 0,
    };
    while let Some(event) = walk.reader.next_raw()? {
        walk.meet(event)?;
    }
    walk.settle(0, Provenance::Unknown);
    walk.reading.messages = walk.messages;
    Ok(walk.reading)
}

/// An open array or object.
struct Frame {
    inside: Inside,
    /// Where texts in it come from if nobody nearer says.
    provenance: Provenance,
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
    data: Option<(Written<'a>, Range<usize>)>,
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
    messages: u32,
}

impl<'a> Walk<'a> {
    fn meet(&mut self, event: Raw<'a>) -> Result<(), Fault> {
        match event {
            Raw::Key(name) => return self.name(name),
            Raw::ObjectEnd | Raw::ArrayEnd => self.close(),
            Raw::ObjectStart => return self.object(),
            Raw::ArrayStart => self.list(),
            Raw::String(text) => self.string(text)?,
            Raw::Number(number) => self.number(number)?,
            Raw::Bool(value) => self.switch(value)?,
            Raw::Null => {}
        }
        self.expect_more();
        Ok(())
    }

    /// After a value in a list comes another of its kind.
    fn expect_more(&mut self) {
        if let Some(Frame { inside: Inside::Each(is), provenance, .. }) = self.open.last() {
            (self.next, self.provenance) = (*is, *provenance);
        }
    }

    fn name(&mut self, name: Written<'a>) -> Result<(), Fault> {
        let Some(frame) = self.open.last() else { return Ok(()) };
        self.provenance = frame.provenance;
        let Inside::Shaped(shape) = frame.inside else {
            self.tell(name, self.provenance);
            self.next = Is::Text(self.provenance);
            return Ok(());
        };
        let plain = name.unescaped();
        self.next = match shape.member(&plain) {
            Some(is) if shape.others.is_none() || !shape.is_variant(&plain) => is,
            _ if shape.is_variant(&plain) => return Err(Fault::CaseVariant { at: self.reader.span().start }),
            _ => {
                self.reading.unknown.push(self.reader.span());
                Is::Text(Provenance::Unknown)
            }
        };
        Ok(())
    }

    fn object(&mut self) -> Result<(), Fault> {
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
            Is::Model => return Err(self.wrong("a string")),
            Is::Stream => return Err(self.wrong("true or false")),
            Is::Number(_) | Is::Decimal(_) => return Err(self.wrong("an integer")),
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

    fn list(&mut self) {
        self.push(Inside::Each(self.next), self.provenance);
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
        self.open.push(Frame { inside, provenance, texts, notes, message });
    }

    fn close(&mut self) {
        let Some(frame) = self.open.pop() else { return };
        let Inside::Shaped(shape) = frame.inside else { return };
        let said = self.said.pop().unwrap_or_default();
        if let Some((text, span)) = said.data {
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
            let (message, provenance) = (frame.message, frame.provenance);
            self.reading.texts.push(Text { text, span, provenance, message, index: [UNNUMBERED; 2] });
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
            Is::Object(_) | Is::Or(..) | Is::From(..) | Is::BuiltIn(..) => self.tell(text, Provenance::Unknown),
            Is::ToolType if matches!(&*text.unescaped(), "function" | "custom") => {}
            Is::ToolType => self.note(What::Tool, text),
            Is::Role => self.say(|said| said.role = Some(role(&text.unescaped()))),
            Is::Type => self.say(|said| said.kind = Some(text)),
            Is::Index | Is::Number(_) => return Err(self.wrong("an integer")),
            Is::Decimal(measure) => {
                let value = decimal(&text.unescaped()).ok_or_else(|| self.wrong("an integer"))?;
                self.reading.numbers.push((measure, value));
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
                self.say(|said| said.data = Some((text, span)));
            }
            Is::Unread(why) => self.reading.unread.push((why, self.reader.span())),
        }
        Ok(())
    }

    fn number(&mut self, number: Number<'a>) -> Result<(), Fault> {
        match self.next.scalar() {
            Is::Number(measure) | Is::Decimal(measure) => {
                let value = whole(number).ok_or_else(|| self.wrong("an integer"))?;
                self.reading.numbers.push((measure, value));
                self.reading.places.push(Place { span: self.reader.span(), depth: self.reader.depth() });
            }
            Is::Index => {
                let index = number.as_u64().and_then(|index| u32::try_from(index).ok());
                let index = index.ok_or_else(|| self.wrong("a small integer"))?;
                self.say(|said| said.index = Some(index));
            }
            Is::TextOrTokens(_) => self.tokens(),
            Is::Uses(feature) if number.as_f64() != Some(0.0) => self.reading.features.push(feature),
            Is::Note(what) => self.note(what, Written::of_number(number)),
            Is::Model => return Err(self.wrong("a string")),
            Is::Stream => return Err(self.wrong("true or false")),
            _ => {}
        }
        Ok(())
    }

    fn switch(&mut self, value: bool) -> Result<(), Fault> {
        match self.next {
            Is::Stream => self.reading.stream = Some(value),
            Is::Uses(feature) if value => self.reading.features.push(feature),
            Is::Number(_) | Is::Decimal(_) | Is::Index => return Err(self.wrong("an integer")),
            Is::Model => return Err(self.wrong("a string")),
            _ => {}
        }
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
        let span = self.reader.span();
        self.reading.texts.push(Text { text, span, provenance, message, index: [UNNUMBERED; 2] });
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

/// An integer in quotes, as the JSON of protocol buffers has it: digits, and nothing that only some readers take.
fn decimal(text: &str) -> Option<u64> {
    let (digits, is_negative) = text.strip_prefix('-').map_or((text, false), |digits| (digits, true));
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    let value = digits.parse().ok().filter(|_| is_plain)?;
    Some(if is_negative && value > 0 { u64::MAX } else { value })
}

/// An integer, also as JavaScript may write it (`100.0`, `1e2`); one below zero means that there is no limit.
fn whole(number: Number<'_>) -> Option<u64> {
    if let Some(value) = number.as_u64() {
        return Some(value);
    }
    let value = number.as_f64()?;
    let is_whole = value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0;
    if !is_whole {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and below 2^53")]
    Some(if value < 0.0 { u64::MAX } else { value as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;

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
