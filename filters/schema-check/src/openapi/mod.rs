//! An OpenAPI document as a contract: what it allows, and where its schemas stand.
//!
//! 1. [`check()`] reads a document by the specification's own tables: what they do not know is refused.
//! 2. [`dialect`] makes every schema one of JSON Schema 2020-12, so that one validator serves all versions.
//! 3. [`Document`] is what an enforcing filter needs: operations, their parameters, bodies and answers.
//! 4. [`bundle`] does the first two ahead of time, with files that the document refers to and only the operations needed.
//!
//! Nothing here reads a file or the network, and nothing here looks at a request.

pub mod bundle;
pub mod check;

pub mod dialect;
pub mod document;
pub mod pointer;
mod schemas;
pub mod template;
mod version;

use std::fmt;

pub use check::check;
pub use document::Document;
pub use version::Version;

/// Why a document is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where, as a JSON pointer into the document.
    pub pointer: String,
    /// What was expected there.
    pub expected: String,
}

/// What was changed or left out, and its author should know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// Where, as a JSON pointer into the document that was given.
    pub pointer: String,
    /// What: one sentence, the same for every note of its kind.
    pub what: &'static str,
}

impl Fault {
    /// A fault at a place.
    pub fn new(pointer: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), expected: expected.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}: expected {}", self.pointer, self.expected)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}: {}", self.pointer, self.what)
    }
}
