//! What looks for something in a text. Each detector has a folder or file of its own, knows nothing of the others, and takes time
//! in proportion to the text.

use std::ops::Range;

mod escape;
pub mod injection;
pub mod literals;
pub mod patterns;
pub mod pii;
pub mod secrets;
pub mod shape;
pub mod signature;
mod words;

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// What it is: a stable word, part of reason codes and placeholders.
    pub kind: &'static str,
    /// Its bytes in the text that was looked at.
    pub span: Range<usize>,
}
