//! What was read.

use std::ops::Range;

use crate::ai::vocabulary::{Feature, Measure, Provenance, Unread, What};
use crate::json::Text as Written;

/// What a document says.
#[derive(Debug, Default, PartialEq)]
pub struct Reading<'a> {
    /// Its bytes, in which everything below stands: for whoever looks for what no table tells.
    pub document: &'a [u8],
    /// The model; each further one is a note ([`What::Model`]).
    pub model: Option<Written<'a>>,
    /// Whether the answer is to be streamed; `None` if the document does not say.
    pub stream: Option<bool>,
    /// Every text, in order.
    pub texts: Vec<Text<'a>>,
    /// Words that were kept.
    pub notes: Vec<Note<'a>>,
    /// Numbers, in order; an API may tell one twice. What a request asks for below zero has no limit, and a cap of 0
    /// neither: it is the largest.
    pub numbers: Vec<(Measure, u64)>,
    /// Where each of them stands, for whoever writes another.
    pub places: Vec<Place>,
    /// What is used that a policy may forbid, as often as it is: each tool is one.
    pub features: Vec<Feature>,
    /// What it says not to use, of which some APIs use without being asked ([`Endpoint::uses_unasked`]).
    ///
    /// [`Endpoint::uses_unasked`]: crate::ai::endpoint::Endpoint::uses_unasked
    pub declined: Vec<Feature>,
    /// What could not be read.
    pub unread: Vec<(Unread, Range<usize>)>,
    /// The names of members that no table has.
    pub unknown: Vec<Range<usize>>,
    /// How many messages there are: the largest [`Text::message`], and those that say nothing.
    pub messages: u32,
}

impl Reading<'_> {
    /// How much there is to tell.
    pub(super) fn told(&self) -> usize {
        let words = self.texts.len().saturating_add(self.notes.len());
        let others = self.numbers.len().saturating_add(self.features.len()).saturating_add(self.declined.len());
        let rest = self.unread.len().saturating_add(self.unknown.len());
        words.saturating_add(others).saturating_add(rest)
    }
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

/// What stands in [`Text::index`] where the answer gives no number.
pub const UNNUMBERED: u32 = u32::MAX;

/// An index with one more number around it.
pub(super) fn numbered(index: [u32; 2], by: u32) -> [u32; 2] {
    match index {
        [UNNUMBERED, _] => [by, UNNUMBERED],
        [inner, _] => [inner, by],
    }
}
