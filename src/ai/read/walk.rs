//! The way through a document: which table describes what is open, who speaks there, what the next value is.

mod scalar;

use std::ops::Range;

use super::reading::numbered;
use super::{Fault, Note, Reading, Text, UNNUMBERED};
use crate::ai::limits::TOLD;
use crate::ai::shape::{Is, Known, Shape};
use crate::ai::vocabulary::{Feature, Provenance, Unread, What};
use crate::json::{Error, Fault as NotJson, Limits, Raw, Reader, Text as Written};

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
    /// Names that have two spellings.
    names: Vec<String>,
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

pub(super) struct Walk<'a> {
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
    /// When so many values were read, what was told is counted again.
    next_count: usize,
}

/// How many values are read before what was told is counted again: a few are told of each.
const COUNT_EVERY: usize = 1024;

impl<'a> Walk<'a> {
    pub(super) fn new(document: &'a [u8], is: Is, limits: Limits) -> Self {
        Self {
            reader: Reader::new(document, limits),
            reading: Reading { document, ..Reading::default() },
            open: Vec::new(),
            said: Vec::new(),
            next: is,
            provenance: Provenance::Unknown,
            is_again: false,
            messages: 0,
            next_count: COUNT_EVERY,
        }
    }

    /// What the document says, once it is read to its end.
    pub(super) fn whole(mut self) -> Result<Reading<'a>, Fault> {
        while let Some(event) = self.reader.next_raw()? {
            self.meet(event)?;
            if self.reader.values() >= self.next_count {
                self.refuse_if_too_many()?;
            }
        }
        self.settle(0, Provenance::Unknown);
        self.reading.messages = self.messages;
        Ok(self.reading)
    }

    fn refuse_if_too_many(&mut self) -> Result<(), Fault> {
        self.next_count = self.reader.values().saturating_add(COUNT_EVERY);
        let waiting: usize = self.said.iter().map(|said| said.data.len()).sum();
        if self.reading.told().saturating_add(waiting) > TOLD {
            let (at, fault) = (self.reader.span().start, NotJson::TooManyValues { limit: TOLD });
            return Err(Error { at, fault }.into());
        }
        Ok(())
    }

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
            Known::Member(is) => {
                self.refuse_if_said(shape, &name.unescaped())?;
                is
            }
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

    /// Of a name that has two spellings: one of them is enough.
    fn refuse_if_said(&mut self, shape: &Shape, name: &str) -> Result<(), Fault> {
        let (Some(name), Some(said)) = (shape.in_one_spelling(name), self.said.last_mut()) else { return Ok(()) };
        if said.names.contains(&name) {
            return Err(Error { at: self.reader.span().start, fault: NotJson::DuplicateMember }.into());
        }
        said.names.push(name);
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
        if matches!(self.next, Is::Again) {
            return self.pass_over(None);
        }
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
