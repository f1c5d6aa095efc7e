//! Which members a schema does not have.

use std::collections::BTreeSet;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;

use super::fault::segments;
use super::relevant::{Relevant, Work, relevant};
use crate::value::{Finder, Tree};

/// A look through the errors of a document.
pub(super) struct Look<'t> {
    finder: Finder<'t>,
    /// How many containers of the validator's are around the document.
    around: usize,
    work: Work,
    names: BTreeSet<usize>,
}

impl<'t> Look<'t> {
    pub(super) fn new(tree: &'t Tree<'t>, around: usize) -> Self {
        Self { finder: Finder::of(tree), around, work: Work::default(), names: BTreeSet::new() }
    }

    /// Notes the members that an error is about; of several forms, those of the one that was meant.
    pub(super) fn take(&mut self, error: &ValidationError<'_>) {
        if let Relevant::Form(form) = relevant(error, &self.work) {
            for error in form {
                self.take(error);
            }
            return;
        }
        let (ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected }) = error.kind()
        else {
            return;
        };
        let path = segments(error, self.around);
        let Some(object) = self.finder.find(path.iter().map(String::as_str)) else { return };
        self.names.extend(unexpected.iter().filter_map(|name| object.name_at(name)));
    }

    /// Where their names begin.
    pub(super) fn names(self) -> BTreeSet<usize> {
        self.names
    }
}
