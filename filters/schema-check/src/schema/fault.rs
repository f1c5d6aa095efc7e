//! What is wrong with a document, told without repeating any of it.

use std::collections::BTreeSet;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;

use super::expected::{expected, one_of};
use super::relevant::{Relevant, Work, options, relevant};
use crate::value::{Node, Tree};

/// A fault of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where it is, as a JSON pointer (RFC 6901). A name that the contract does not know is the client's and stands here as
    /// `*`.
    pub pointer: String,
    /// The byte of the body at which the value begins.
    pub at: usize,
    /// The keyword of JSON Schema that is not fulfilled.
    pub keyword: String,
    /// What was expected there.
    pub expected: String,
}

impl Fault {
    /// That something is wrong, where it would take too long to say what.
    pub(super) fn of_all() -> Self {
        let expected = "what the contract says; it would take too long to say where it is not".to_owned();
        Self { pointer: String::new(), at: 0, keyword: "schema".to_owned(), expected }
    }
}

/// Longer pointers are cut: they are as long as the document is deep.
const POINTER_BYTES: usize = 256;

/// What is needed to say where a fault is.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) tree: &'a Tree<'a>,
    /// Names that may be repeated.
    pub(super) names: &'a BTreeSet<Box<str>>,
    /// How many containers of the validator's are around the document.
    pub(super) around: usize,
    /// For all errors of the document together.
    pub(super) work: Work,
}

/// The faults behind an error: itself, or where none of several forms fits, what is wrong with the one that was meant.
pub(super) fn told(error: &ValidationError<'_>, place: &Place<'_>) -> Vec<Fault> {
    match relevant(error, &place.work) {
        Relevant::Form(form) if !form.is_empty() => form.iter().flat_map(|error| told(error, place)).collect(),
        Relevant::Word(faults) => faults.first().map(|first| word(first, &faults, place)).into_iter().collect(),
        Relevant::Form(_) | Relevant::Itself => vec![one(error, place)],
    }
}

/// A word that no form has, with all those that there are.
fn word(first: &ValidationError<'_>, faults: &[&ValidationError<'static>], place: &Place<'_>) -> Fault {
    let words: BTreeSet<String> =
        faults.iter().filter_map(|error| options(error.kind())).flatten().map(ToString::to_string).collect();
    Fault { keyword: "enum".to_owned(), expected: one_of(&words), ..one(first, place) }
}

fn one(error: &ValidationError<'_>, place: &Place<'_>) -> Fault {
    let segments = segments(error, place.around);
    let at = place.tree.document().find(segments.iter().map(String::as_str)).map_or(0, Node::at);
    let mut pointer = shown(&segments, place.names);
    if is_about_names(error.kind()) {
        pointer.push_str("/*");
    }
    Fault { pointer, at, keyword: error.kind().keyword().to_owned(), expected: expected(error.kind()) }
}

/// The segments of the place of an error, in the document.
pub(super) fn segments(error: &ValidationError<'_>, around: usize) -> Vec<String> {
    error.instance_path().as_str().split('/').skip(1).skip(around).map(unescaped).collect()
}

/// Whether it is about members whose names the contract does not allow.
fn is_about_names(kind: &ValidationErrorKind) -> bool {
    matches!(
        kind,
        ValidationErrorKind::AdditionalProperties { .. }
            | ValidationErrorKind::UnevaluatedProperties { .. }
            | ValidationErrorKind::PropertyNames { .. }
    )
}

/// `~1` is a slash and `~0` a tilde (RFC 6901 section 4).
fn unescaped(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

fn shown(segments: &[String], names: &BTreeSet<Box<str>>) -> String {
    let mut pointer = String::new();
    for segment in segments {
        let is_index = segment.bytes().all(|byte| byte.is_ascii_digit()) && segment.len() < 8;
        let known = is_index || names.contains(segment.as_str());
        let segment = if known { segment.replace('~', "~0").replace('/', "~1") } else { "*".to_owned() };
        if pointer.len().saturating_add(segment.len()) > POINTER_BYTES {
            pointer.push_str("/…");
            break;
        }
        pointer.push('/');
        pointer.push_str(&segment);
    }
    pointer
}
