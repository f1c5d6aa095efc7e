//! JSON by lines: each of them held against the schema.

use crate::body::lines::{Limits, Lines};
use crate::check::holds;
use crate::policy::Content;
use crate::refusal::{Denial, Reason};

use super::{Against, told};

/// A body in the middle of being read.
pub(crate) struct LinesBody {
    lines: Lines,
    schema: Option<String>,
}

impl LinesBody {
    pub(super) fn new(content: &Content) -> Self {
        Self { lines: Lines::new(Limits::default()), schema: content.item_schema.clone().or(content.schema.clone()) }
    }

    pub(super) fn push(&mut self, against: Against<'_>, piece: &[u8]) -> Result<(), Denial> {
        let Self { lines, schema } = self;
        let mut failed = None;
        let read = lines.push(piece, &mut |number, line| take(against, schema.as_deref(), number, line, &mut failed));
        failed.map_or(Ok(()), Err)?;
        read.map_err(|error| told(Reason::Json, "", error))
    }

    pub(super) fn finish(&mut self, against: Against<'_>) -> Result<(), Denial> {
        let Self { lines, schema } = self;
        let mut failed = None;
        let read = lines.finish(&mut |number, line| take(against, schema.as_deref(), number, line, &mut failed));
        failed.map_or(Ok(()), Err)?;
        read.map(drop).map_err(|error| told(Reason::Json, "", error))
    }
}

/// Looks at a line, unless one before it was refused.
fn take(against: Against<'_>, schema: Option<&str>, number: u64, line: &[u8], failed: &mut Option<Denial>) {
    if failed.is_none() {
        let held = holds(against.policy, against.schemas, schema, line);
        *failed = held.err().map(|denial| of_line(denial, number));
    }
}

/// The line is the first segment of the pointer, counted from 0 as elements are.
fn of_line(mut denial: Denial, number: u64) -> Denial {
    for detail in &mut denial.details {
        detail.pointer = format!("/{}{}", number.saturating_sub(1), detail.pointer);
    }
    denial
}
