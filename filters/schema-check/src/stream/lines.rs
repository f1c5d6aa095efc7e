//! JSON by lines: each of them held against the schema.

use std::rc::Rc;

use crate::body::lines::{Limits, Lines};
use crate::check::Check;
use crate::policy::Content;
use crate::refusal::{Denial, Reason};

/// A body in the middle of being read.
pub(crate) struct LinesBody {
    lines: Lines,
    content: Rc<Content>,
}

impl LinesBody {
    pub(super) fn new(content: Rc<Content>) -> Self {
        Self { lines: Lines::new(Limits::default()), content }
    }

    pub(super) fn push(&mut self, check: Check<'_>, piece: &[u8]) -> Result<(), Denial> {
        let Self { lines, content } = self;
        let mut failed = None;
        let read = lines.push(piece, &mut |number, line| take(check, content, number, line, &mut failed));
        failed.map_or(Ok(()), Err)?;
        read.map_err(|error| Denial::told(Reason::Json, "", error))
    }

    pub(super) fn finish(&mut self, check: Check<'_>) -> Result<(), Denial> {
        let Self { lines, content } = self;
        let mut failed = None;
        let read = lines.finish(&mut |number, line| take(check, content, number, line, &mut failed));
        failed.map_or(Ok(()), Err)?;
        read.map(drop).map_err(|error| Denial::told(Reason::Json, "", error))
    }
}

/// Looks at a line, unless one before it was refused. It is the first segment of the pointer, counted from 0 as elements
/// are.
fn take(check: Check<'_>, content: &Content, number: u64, line: &[u8], failed: &mut Option<Denial>) {
    if failed.is_none() {
        let schema = content.item_schema.as_deref().or(content.schema.as_deref());
        *failed = check.json(schema, line, &format!("/{}", number.saturating_sub(1))).err();
    }
}
