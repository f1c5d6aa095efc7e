//! What is wrong with a document, told without repeating any of it.

use std::collections::BTreeSet;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;

use super::expected::expected;
use super::relevant::relevant;
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

/// Longer pointers are cut: they are as long as the document is deep.
const POINTER_BYTES: usize = 256;

/// So many forms inside each other are looked through for the one that was meant: each looks at all that is in it.
const MOST_FORMS: u8 = 8;

/// What is needed to say where a fault is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) tree: &'a Tree<'a>,
    /// Names that may be repeated.
    pub(super) names: &'a BTreeSet<Box<str>>,
    /// How many containers of the validator's are around the document.
    pub(super) around: usize,
}

/// The faults behind an error: itself, or where none of several forms fits, what is wrong with the one that was meant.
pub(super) fn told(error: &ValidationError<'_>, place: &Place<'_>) -> Vec<Fault> {
    within(error, place, MOST_FORMS)
}

fn within(error: &ValidationError<'_>, place: &Place<'_>, forms: u8) -> Vec<Fault> {
    let deeper = forms.checked_sub(1).and_then(|forms| Some((relevant(error)?, forms)));
    let Some((branch, forms)) = deeper else { return vec![one(error, place)] };
    let faults: Vec<Fault> = branch.iter().flat_map(|error| within(error, place, forms)).collect();
    if faults.is_empty() { vec![one(error, place)] } else { faults }
}

fn one(error: &ValidationError<'_>, place: &Place<'_>) -> Fault {
    let path = error.instance_path().as_str();
    let segments: Vec<String> = path.split('/').skip(1).skip(place.around).map(unescaped).collect();
    let at = place.tree.document().find(segments.iter().map(String::as_str)).map_or(0, Node::at);
    let mut pointer = shown(&segments, place.names);
    if is_about_names(error.kind()) {
        pointer.push_str("/*");
    }
    Fault { pointer, at, keyword: error.kind().keyword().to_owned(), expected: expected(error.kind()) }
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
