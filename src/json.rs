//! The one reader of JSON, so that no two rooms of the house can read the same
//! bytes differently.
//!
//! Two parsers that disagree about a document are an attack: the guard reads
//! one `"model"`, the upstream the other. So every byte a client sends as JSON
//! goes through [`Reader`], or through [`parse`], which is built on it. It
//! reads RFC 8259 strictly, borrows what it can, never recurses, and takes
//! time in proportion to the document.
//!
//! # The rules, in the order they are applied
//!
//! To the whole document, before the first event:
//! 1. A byte-order mark is refused (`byte_order_mark`).
//! 2. So are bytes that are not UTF-8: overlong forms, encoded surrogates,
//!    code points past U+10FFFF, a cut sequence (`bad_unicode`).
//! 3. So is a document with nothing in it but white space (`empty`).
//!
//! Then from left to right:
//!
//! 4. What the grammar does not allow is refused where it stands
//!    (`unexpected`), an end that comes too early at the end
//!    (`unexpected_end`).
//! 5. An array or object that is one level too deep (`too_deep`).
//! 6. In names and strings: a raw control character (`control_character`), an
//!    unknown escape (`bad_escape`), half of a surrogate pair
//!    (`bad_unicode`); then the length, as written (`name_too_long`,
//!    `string_too_long`).
//! 7. One member too many (`too_many_members`), then a name that its object
//!    already has, compared after unescaping (`duplicate_member`).
//! 8. In numbers: the length (`number_too_long`), a magnitude that no finite
//!    `f64` has (`number_overflow`), and, only if [`Limits::exact_integers`],
//!    one where an `f64` skips integers (`inexact_integer`). Underflow is
//!    accepted: `1e-400` is a number.
//! 9. One value too many (`too_many_values`).
//! 10. Anything but white space after the document (`trailing_data`).
//! 11. [`parse`] only: a tree that would take too much memory
//!     (`tree_too_large`).
//!
//! The first fault ends the reading. An [`Error`] says where it is and what
//! was expected, and repeats nothing of the document.
//!
//! # What a caller must get right
//!
//! A document is accepted when [`Reader::next`] has answered `Ok(None)`, not
//! before: whoever has seen enough calls [`Reader::finish`]. What is skipped
//! is checked like what is read.
//!
//! # Example
//!
//! ```
//! use portcullis::json::{Error, Limits, Reader, Token};
//!
//! /// The model a request names, if the whole request is sound.
//! fn model(body: &[u8]) -> Result<Option<String>, Error> {
//!     let mut model = None;
//!     let mut reader = Reader::new(body, Limits::default());
//!     while let Some(event) = reader.next()? {
//!         match event.token {
//!             Token::Key(name) if name == "model" && reader.depth() == 1 => {
//!                 if let Some(Token::String(text)) = reader.next()?.map(|event| event.token) {
//!                     model = Some(text.into_owned());
//!                 }
//!             }
//!             Token::Key(_) => {
//!                 reader.skip_value()?;
//!             }
//!             _ => {}
//!         }
//!     }
//!     Ok(model)
//! }
//!
//! // Accepted.
//! let body = br#"{"model": "gpt-\u0034o", "messages": [{"role": "user", "content": "hi"}]}"#;
//! assert_eq!(model(body).unwrap().as_deref(), Some("gpt-4o"));
//!
//! // Refused: the same name twice, once in disguise.
//! let refused = model(br#"{"model": "small", "mod\u0065l": "large"}"#).unwrap_err();
//! assert_eq!(refused.fault.code(), "duplicate_member");
//! assert_eq!(refused.to_string(), "byte 19: expected a name that this object does not have yet");
//! ```

pub mod condense;
mod error;
mod limits;
mod names;
mod scan;
mod token;
mod tree;

use std::ops::Range;

pub use error::{Error, Expected, Fault};
pub use limits::{Duplicates, Limits};
pub use scan::Text;
pub use token::{Event, Number, Raw, Token};
pub use tree::parse;

use names::{Names, Scope};
/// A strict pull reader; see the [module](self) for its rules.
#[derive(Debug)]
pub struct Reader<'a> {
    document: &'a str,
    /// The first byte not yet read; never past the end of the document.
    at: usize,
    limits: Limits,
    place: Place,
    /// The arrays and objects around `at`, outermost first; never longer than
    /// `limits.depth`.
    open: Vec<Container<'a>>,
    names: Names<'a>,
    /// How many values have begun.
    values: usize,
    /// The bytes that the last step read.
    span: Range<usize>,
    /// The last name or string among them.
    text: Text<'a>,
    /// The fault that ended the reading; told again to whoever asks again.
    failed: Option<Error>,
}

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The document's value.
    Start,
    /// After `[`: an element or the end.
    FirstElement,
    /// After `{`: a name or the end.
    FirstName,
    /// After a name and its colon: the value.
    MemberValue,
    /// After a value: what goes on depends on the innermost container.
    AfterValue,
}

/// What a step has read. A [`Token`] without what it carries: a step returns
/// in registers, and who skips pays for no unescaping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    Key,
    String,
    Number,
    True,
    False,
    Null,
}

#[derive(Debug)]
enum Container<'a> {
    Array,
    Object(Scope<'a>),
}

impl<'a> Reader<'a> {
    /// A reader at the beginning of a document. What is wrong with the
    /// document as a whole is told by the first [`next`](Self::next).
    pub fn new(bytes: &'a [u8], limits: Limits) -> Self {
        let (document, failed) = match scan::utf8(bytes) {
            Ok(document) => (document, None),
            Err(error) => ("", Some(error)),
        };
        Reader {
            document,
            at: 0,
            limits,
            place: Place::Start,
            open: Vec::new(),
            names: Names::default(),
            values: 0,
            span: 0..0,
            text: Text::default(),
            failed,
        }
    }

    /// The next event; `None` when the document is over and was sound.
    ///
    /// After an error, the same error again.
    #[allow(
        clippy::should_implement_trait,
        reason = "`Result<Option<_>>` is what `while let` and `?` want; an iterator would turn it inside out"
    )]
    #[inline]
    pub fn next(&mut self) -> Result<Option<Event<'a>>, Error> {
        let kind = self.step()?;
        Ok(kind.map(|kind| Event { span: self.span.clone(), token: self.token(kind) }))
    }

    /// The next event without its span and with nothing unescaped, for whoever reads every string of a large document and
    /// looks at few of them; `None` when the document is over and was sound.
    #[inline]
    pub fn next_raw(&mut self) -> Result<Option<Raw<'a>>, Error> {
        Ok(self.step()?.map(|kind| self.raw(kind)))
    }

    /// The bytes of the last event: a name or string with its quotes, a bracket alone.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Passes over the next value, whole, and tells its span: after a
    /// [`Token::Key`] the value of that member, in an array the next element,
    /// between members the next member's value. `None` if the array, object or
    /// document has no more; its end is then still to be read.
    pub fn skip_value(&mut self) -> Result<Option<Range<usize>>, Error> {
        if self.has_no_more() {
            return Ok(None);
        }
        let depth = self.open.len();
        if self.step()? == Some(Kind::Key) {
            self.step()?;
        }
        let start = self.span.start;
        while self.open.len() > depth {
            self.step()?;
        }
        Ok(Some(start..self.at))
    }

    /// Passes over the rest of the innermost open array or object, its end
    /// included. Outside of all of them it does nothing.
    pub fn leave(&mut self) -> Result<(), Error> {
        let depth = self.open.len();
        while depth > 0 && self.open.len() >= depth {
            self.step()?;
        }
        Ok(())
    }

    /// Passes over the rest of the document: `Ok` if all of it is sound.
    pub fn finish(&mut self) -> Result<(), Error> {
        while self.step()?.is_some() {}
        Ok(())
    }

    /// How many values have begun, containers included.
    pub fn values(&self) -> usize {
        self.values
    }

    /// How many arrays and objects are open: 1 while reading the members of
    /// the outermost object, their names included.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Whether the innermost container, or the document, ends here. A wrong
    /// end counts: the next step will refuse it.
    fn has_no_more(&mut self) -> bool {
        self.skip_space();
        let may_end = !matches!(self.place, Place::Start | Place::MemberValue);
        may_end && self.failed.is_none() && matches!(self.peek(), None | Some(b']' | b'}'))
    }

    /// Reads one token; `None` at the sound end of the document.
    fn step(&mut self) -> Result<Option<Kind>, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.advance().inspect_err(|&error| self.failed = Some(error))
    }

    fn advance(&mut self) -> Result<Option<Kind>, Error> {
        self.skip_space();
        let kind = match (self.place, self.peek()) {
            (Place::Start, None) => return Err(Fault::Empty.at(self.at)),
            (Place::Start | Place::MemberValue, _) => self.value(Expected::Value)?,
            (Place::FirstElement, Some(b']')) => self.close(Kind::ArrayEnd),
            (Place::FirstElement, _) => self.value(Expected::ElementOrEnd)?,
            (Place::FirstName, Some(b'}')) => self.close(Kind::ObjectEnd),
            (Place::FirstName, _) => self.name(Expected::NameOrEnd)?,
            (Place::AfterValue, next) => match (self.open.last(), next) {
                (None, None) => return Ok(None),
                (None, Some(_)) => return Err(Fault::TrailingData.at(self.at)),
                (Some(Container::Array), Some(b']')) => self.close(Kind::ArrayEnd),
                (Some(Container::Array), Some(b',')) => {
                    self.skip_byte();
                    self.skip_space();
                    self.value(Expected::Value)?
                }
                (Some(Container::Array), _) => return Err(self.expected(Expected::CommaOrArrayEnd)),
                (Some(Container::Object(_)), Some(b'}')) => self.close(Kind::ObjectEnd),
                (Some(Container::Object(_)), Some(b',')) => {
                    self.skip_byte();
                    self.skip_space();
                    self.name(Expected::Name)?
                }
                (Some(Container::Object(_)), _) => {
                    return Err(self.expected(Expected::CommaOrObjectEnd));
                }
            },
        };
        Ok(Some(kind))
    }

    /// A scalar, or the beginning of an array or object.
    fn value(&mut self, expected: Expected) -> Result<Kind, Error> {
        let start = self.at;
        let kind = match self.peek() {
            Some(b'"') => {
                self.text(self.limits.string_bytes, |limit| Fault::StringTooLong { limit })?;
                Kind::String
            }
            Some(b'{') => self.open(Kind::ObjectStart)?,
            Some(b'[') => self.open(Kind::ArrayStart)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.literal("true", Kind::True, expected)?,
            Some(b'f') => self.literal("false", Kind::False, expected)?,
            Some(b'n') => self.literal("null", Kind::Null, expected)?,
            _ => return Err(self.expected(expected)),
        };
        self.span = start..self.at;
        self.place = match kind {
            Kind::ObjectStart => Place::FirstName,
            Kind::ArrayStart => Place::FirstElement,
            _ => Place::AfterValue,
        };
        self.values = self.values.saturating_add(1);
        if self.values > self.limits.values {
            return Err(Fault::TooManyValues { limit: self.limits.values }.at(start));
        }
        Ok(kind)
    }

    /// A member's name and its colon.
    fn name(&mut self, expected: Expected) -> Result<Kind, Error> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.expected(expected));
        }
        self.text(self.limits.name_bytes, |limit| Fault::NameTooLong { limit })?;
        self.span = start..self.at;
        self.admit().map_err(|fault| fault.at(start))?;

        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.expected(Expected::Colon));
        }
        self.skip_byte();
        self.place = Place::MemberValue;
        Ok(Kind::Key)
    }

    /// Whether the innermost object may have one more member, of this name.
    fn admit(&mut self) -> Result<(), Fault> {
        let Some(Container::Object(scope)) = self.open.last_mut() else {
            return Ok(());
        };
        scope.members = scope.members.saturating_add(1);
        if scope.members > self.limits.members {
            return Err(Fault::TooManyMembers { limit: self.limits.members });
        }
        match self.limits.duplicates {
            Duplicates::Refuse if !self.names.insert(scope, self.text.unescaped()) => Err(Fault::DuplicateMember),
            _ => Ok(()),
        }
    }

    fn open(&mut self, kind: Kind) -> Result<Kind, Error> {
        if self.open.len() >= usize::from(self.limits.depth) {
            return Err(Fault::TooDeep { limit: self.limits.depth }.at(self.at));
        }
        self.open.push(match kind {
            Kind::ObjectStart => Container::Object(self.names.enter()),
            _ => Container::Array,
        });
        self.skip_byte();
        Ok(kind)
    }

    fn close(&mut self, kind: Kind) -> Kind {
        if let Some(Container::Object(scope)) = self.open.pop() {
            self.names.leave(&scope);
        }
        let start = self.at;
        self.skip_byte();
        self.span = start..self.at;
        self.place = Place::AfterValue;
        kind
    }

    /// The text between the quotes at `at`.
    fn text(&mut self, limit: usize, too_long: fn(usize) -> Fault) -> Result<(), Error> {
        let (text, end) = scan::text(self.document, self.at)?;
        if text.raw().len() > limit {
            return Err(too_long(limit).at(self.at));
        }
        self.text = text;
        self.at = end;
        Ok(())
    }

    fn number(&mut self) -> Result<Kind, Error> {
        self.at = scan::number(self.document, self.at, &self.limits)?;
        Ok(Kind::Number)
    }

    fn literal(&mut self, word: &str, kind: Kind, expected: Expected) -> Result<Kind, Error> {
        let end = self.at.saturating_add(word.len());
        if self.document.get(self.at..end) != Some(word) {
            return Err(self.expected(expected));
        }
        self.at = end;
        Ok(kind)
    }

    /// What the last step read, with what it carries.
    fn token(&self, kind: Kind) -> Token<'a> {
        match self.raw(kind) {
            Raw::ObjectStart => Token::ObjectStart,
            Raw::ObjectEnd => Token::ObjectEnd,
            Raw::ArrayStart => Token::ArrayStart,
            Raw::ArrayEnd => Token::ArrayEnd,
            Raw::Key(name) => Token::Key(name.unescaped()),
            Raw::String(text) => Token::String(text.unescaped()),
            Raw::Number(number) => Token::Number(number),
            Raw::Bool(value) => Token::Bool(value),
            Raw::Null => Token::Null,
        }
    }

    fn raw(&self, kind: Kind) -> Raw<'a> {
        match kind {
            Kind::ObjectStart => Raw::ObjectStart,
            Kind::ObjectEnd => Raw::ObjectEnd,
            Kind::ArrayStart => Raw::ArrayStart,
            Kind::ArrayEnd => Raw::ArrayEnd,
            Kind::Key => Raw::Key(self.text),
            Kind::String => Raw::String(self.text),
            Kind::Number => Raw::Number(Number { raw: self.document.get(self.span.clone()).unwrap_or_default() }),
            Kind::True => Raw::Bool(true),
            Kind::False => Raw::Bool(false),
            Kind::Null => Raw::Null,
        }
    }

    /// The error of finding something else here, or nothing.
    fn expected(&self, expected: Expected) -> Error {
        match self.peek() {
            Some(_) => Fault::Unexpected(expected).at(self.at),
            None => Fault::Ended(expected).at(self.at),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.document.as_bytes().get(self.at).copied()
    }

    fn skip_byte(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.skip_byte();
        }
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::format_collect, clippy::string_slice)]
mod tests;
