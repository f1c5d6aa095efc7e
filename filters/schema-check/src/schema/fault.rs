//! What is wrong with a document, told without repeating any of it.

use std::collections::BTreeSet;

use jsonschema::error::ValidationErrorKind;
use jsonschema::ValidationError;

use super::expected::expected;
use super::relevant::relevant;
use crate::value::Tree;

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

/// The faults behind an error: itself, or where none of several forms fits, what is wrong with the one that was meant.
pub(super) fn told(error: &ValidationError<'_>, tree: &Tree<'_>, names: &BTreeSet<Box<str>>) -> Vec<Fault> {
    let Some(branch) = relevant(error) else { return vec![one(error, tree, names)] };
    let faults: Vec<Fault> = branch.iter().flat_map(|error| told(error, tree, names)).collect();
    if faults.is_empty() { vec![one(error, tree, names)] } else { faults }
}

fn one(error: &ValidationError<'_>, tree: &Tree<'_>, names: &BTreeSet<Box<str>>) -> Fault {
    let segments: Vec<String> = error.instance_path().as_str().split('/').skip(2).map(unescaped).collect();
    let at = tree.document().find(segments.iter().map(String::as_str)).map_or(0, |node| node.at());
    let mut pointer = shown(&segments, names);
    if matches!(
        error.kind(),
        ValidationErrorKind::AdditionalProperties { .. }
            | ValidationErrorKind::UnevaluatedProperties { .. }
            | ValidationErrorKind::PropertyNames { .. }
    ) {
        pointer.push_str("/*");
    }
    Fault { pointer, at, keyword: error.kind().keyword().to_owned(), expected: expected(error.kind()) }
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
