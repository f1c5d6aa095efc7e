//! Every string of a body, as a text with its provenance, and what of the body is no text.
//!
//! Rules:
//! 1. what a dialect's table calls a text is one, with the provenance that the table gives;
//! 2. every other string and name of the document is text too: words of the API, identifiers, `stop`, `user`, the names of
//!    members that nobody documents. They are looked at together, as [`Provenance::Metadata`], with a line between them that is
//!    no word. So no string of a body is looked at by nobody, whatever the tables say;
//! 3. what is told as tokens, references, bytes or addresses is counted. Tokens are no text, and bytes are none unless text
//!    stands in their place ([`is_text`]): that is looked at with the strings of rule 2, and never written anew.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use portcullis::ai::LIMITS;
use portcullis::ai::read::Reading;
use portcullis::ai::vocabulary::{Provenance, Unread, What};
use portcullis::json::{Error, Raw, Reader};

use crate::attached::is_text;

/// What stands between strings that are looked at together.
const BORDER: &str = "\n|\n";

/// A text of a request.
#[derive(Debug)]
pub(crate) struct Piece<'a> {
    /// What it says.
    pub(crate) text: Cow<'a, str>,
    pub(crate) provenance: Provenance,
    /// Which message it is in, from 1; 0 is outside of all.
    pub(crate) message: u32,
    /// Whether it names a call, a tool or a resource: in other words it would name another, or none.
    pub(crate) is_identifier: bool,
    /// Where it stands in the document.
    pub(crate) parts: Parts,
}

impl Piece<'_> {
    /// How long its longest string is.
    pub(crate) fn longest(&self) -> usize {
        match &self.parts {
            Parts::Many(parts) => parts.iter().map(|part| part.at.len()).max().unwrap_or_default(),
            Parts::None | Parts::One(_) => self.text.len(),
        }
    }

    /// Whether it is what no table calls a text.
    pub(crate) fn is_of_others(&self) -> bool {
        matches!(self.parts, Parts::Many(_))
    }
}

/// Where the bytes of a text stand in the document.
#[derive(Debug)]
pub(crate) enum Parts {
    /// Nowhere that could be written anew.
    None,
    /// All of them in this string, of which these are the bytes with the quotes.
    One(Range<usize>),
    /// In several strings.
    Many(Vec<Part>),
}

/// A string of several that are looked at together.
#[derive(Debug)]
pub(crate) struct Part {
    /// Its bytes in the text.
    pub(crate) at: Range<usize>,
    /// Its bytes in the document, with the quotes; of the name of a member there are none that could be written anew.
    pub(crate) span: Option<Range<usize>>,
}

/// What a request says.
#[derive(Debug, Default)]
pub(crate) struct Texts<'a> {
    pub(crate) pieces: Vec<Piece<'a>>,
    /// How many of the pieces are texts by the tables.
    pub(crate) count: usize,
    /// Their bytes, unescaped.
    pub(crate) text_bytes: usize,
    /// Those of all other strings.
    pub(crate) other_bytes: usize,
    pub(crate) messages: u32,
    pub(crate) unread: Vec<(Unread, Range<usize>)>,
    /// How many members have names that no table knows.
    pub(crate) unknown: usize,
}

/// What a document says that was read by a table. It cannot fail: whoever read it read all of it by the same rules.
pub(crate) fn gather<'a>(body: &'a [u8], reading: &Reading<'a>) -> Result<Texts<'a>, Error> {
    let named = identifiers(reading);
    let mut pieces: Vec<Piece<'a>> = reading
        .texts
        .iter()
        .map(|text| Piece {
            text: text.text.unescaped(),
            provenance: text.provenance,
            message: text.message,
            is_identifier: named.contains(&text.text.raw().as_ptr()),
            parts: if is_name(body, &text.span) { Parts::None } else { Parts::One(text.span.clone()) },
        })
        .collect();
    let text_bytes = pieces.iter().map(|piece| piece.text.len()).sum();
    let texts = pieces.len();
    let others = others(body, reading)?;
    let other_bytes = others.iter().map(|piece| piece.text.len()).sum();
    pieces.extend(others);
    Ok(Texts {
        pieces,
        count: texts,
        text_bytes,
        other_bytes,
        messages: reading.messages,
        unread: reading.unread.clone(),
        unknown: reading.unknown.len(),
    })
}

/// Where texts begin that name something.
fn identifiers(reading: &Reading<'_>) -> BTreeSet<*const u8> {
    let names = |what: What| matches!(what, What::Call | What::CallId | What::Tool | What::Resource);
    let notes = reading.notes.iter().filter(|note| names(note.what));
    notes.map(|note| note.text.raw().as_ptr()).collect()
}

/// Whether a string of a document is the name of a member: a table may call that a text too, and it is never written anew.
fn is_name(body: &[u8], span: &Range<usize>) -> bool {
    body.get(span.end..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"))
}

/// A body that nobody could read by a table, as one text.
pub(crate) fn raw(body: &[u8]) -> Option<Texts<'_>> {
    let text = std::str::from_utf8(body).ok()?;
    let piece = Piece {
        text: Cow::Borrowed(text),
        provenance: Provenance::Unknown,
        message: 0,
        is_identifier: false,
        parts: Parts::None,
    };
    Some(Texts { pieces: vec![piece], count: 1, text_bytes: text.len(), ..Texts::default() })
}

/// Every string and name that no table calls a text; and what a table calls a file, if it is a text.
fn others<'a>(body: &'a [u8], reading: &Reading<'a>) -> Result<Vec<Piece<'a>>, Error> {
    let unread = |is: fn(&Unread) -> bool| reading.unread.iter().filter(move |(why, _)| is(why)).map(|(_, span)| span);
    let texts = reading.texts.iter().map(|text| &text.span);
    let mut told = Told::of(texts.chain(unread(|why| *why == Unread::TokenIds)));
    let mut bytes = Told::of(unread(|why| *why == Unread::Binary));
    let (mut metadata, mut files) = (Strings::default(), Strings::default());
    let mut reader = Reader::new(body, LIMITS);
    while let Some(token) = reader.next_raw()? {
        let (written, is_name) = match token {
            Raw::String(written) => (written, false),
            Raw::Key(written) => (written, true),
            _ => continue,
        };
        let span = reader.span();
        let is_of_bytes = bytes.has(&span);
        let is_file = is_of_bytes && !is_name;
        if told.has(&span) || is_file && !is_text(&written.unescaped()) {
            continue;
        }
        let string = written.unescaped();
        let strings = if is_file || !is_name && is_data(&string) { &mut files } else { &mut metadata };
        strings.push(&string, (!is_name && !is_of_bytes).then_some(span));
    }
    let all = [metadata.piece(Provenance::Metadata), files.piece(Provenance::Document)];
    Ok(all.into_iter().flatten().collect())
}

/// Whether it is an address that holds what it names (RFC 2397), and that is no picture, sound or film. Whoever reads it
/// passes over blanks in front, and over tabs and line feeds anywhere (WHATWG URL, 4.4); here all are, wherever they stand.
fn is_data(string: &str) -> bool {
    let read = || string.bytes().filter(|byte| *byte > b' ').map(|byte| byte.to_ascii_lowercase());
    let is = |start: &str| read().take(start.len()).eq(start.bytes());
    is("data:") && !["data:image/", "data:audio/", "data:video/"].into_iter().any(is)
}

/// Strings that are looked at together.
#[derive(Default)]
struct Strings {
    text: String,
    parts: Vec<Part>,
}

impl Strings {
    fn push(&mut self, string: &str, span: Option<Range<usize>>) {
        let start = self.text.len();
        self.text.push_str(string);
        self.parts.push(Part { at: start..self.text.len(), span });
        self.text.push_str(BORDER);
    }

    fn piece(self, provenance: Provenance) -> Option<Piece<'static>> {
        let (text, parts) = (Cow::<str>::Owned(self.text), Parts::Many(self.parts));
        (!text.is_empty()).then_some(Piece { text, provenance, message: 0, is_identifier: false, parts })
    }
}

/// The places that a table has told of, asked for from left to right.
struct Told {
    /// By where they begin, without overlaps that matter.
    spans: Vec<Range<usize>>,
    next: usize,
    /// Where the last one ends that began.
    end: usize,
}

impl Told {
    fn of<'s>(spans: impl Iterator<Item = &'s Range<usize>>) -> Self {
        let mut spans: Vec<_> = spans.cloned().collect();
        spans.sort_unstable_by_key(|span| span.start);
        Self { spans, next: 0, end: 0 }
    }

    fn has(&mut self, span: &Range<usize>) -> bool {
        while let Some(told) = self.spans.get(self.next).filter(|told| told.start <= span.start) {
            self.end = self.end.max(told.end);
            self.next = self.next.saturating_add(1);
        }
        span.end <= self.end
    }
}
