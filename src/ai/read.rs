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

mod number;
mod reading;
mod walk;

use std::fmt;

use super::shape::Is;
use super::vocabulary::{Provenance, What};
use crate::json::{self, Error, Limits, Text as Written};
pub use reading::{Note, Place, Reading, Text, UNNUMBERED};
use walk::Walk;

/// Reads a document whose value is this.
pub fn read(document: &[u8], is: Is, limits: Limits) -> Result<Reading<'_>, Fault> {
    Walk::new(document, is, limits).whole()
}

/// What the text of an error says, that an answer has outside of all documents.
pub(super) fn error(text: &[u8]) -> Result<Reading<'_>, Fault> {
    let not_text = |error: std::str::Utf8Error| Error { at: error.valid_up_to(), fault: json::Fault::BadUnicode };
    let text = Written::of_word(std::str::from_utf8(text).map_err(not_text)?);
    let (span, index) = (0..text.raw().len(), [UNNUMBERED; 2]);
    Ok(Reading {
        document: text.raw().as_bytes(),
        texts: vec![Text { text, span, provenance: Provenance::Unknown, message: 0, index, is_again: false }],
        notes: vec![Note { what: What::Error, text, message: 0, index }],
        ..Reading::default()
    })
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

#[cfg(test)]
mod tests;
