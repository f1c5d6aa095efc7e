//! Which members a schema does not have.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;

use super::fault::segments;
use super::relevant::{Relevant, Work, relevant};
use crate::value::Tree;

/// Where the names of the members begin that an error is about; of several forms, those of the one that was meant.
pub(super) fn names(error: &ValidationError<'_>, tree: &Tree<'_>, around: usize, work: &Work) -> Vec<usize> {
    if let Relevant::Form(form) = relevant(error, work) {
        return form.iter().flat_map(|error| names(error, tree, around, work)).collect();
    }
    let (ValidationErrorKind::AdditionalProperties { unexpected }
    | ValidationErrorKind::UnevaluatedProperties { unexpected }) = error.kind()
    else {
        return Vec::new();
    };
    let path = segments(error, around);
    let Some(object) = tree.document().find(path.iter().map(String::as_str)) else { return Vec::new() };
    unexpected.iter().filter_map(|name| object.name_at(name)).collect()
}
