//! Of several forms that a value may have, the one that was meant: its faults are worth telling, those of the others are
//! noise.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;

type Branch = Vec<ValidationError<'static>>;

/// The faults of the form that was meant; `None` if the error is about something else, or every form was meant as much.
pub(super) fn relevant<'e>(error: &'e ValidationError<'_>) -> Option<&'e Branch> {
    let depth = depth(error);
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) = error.kind() else {
        return None;
    };
    let mut scored: Vec<(Score, &Branch)> = context.iter().map(|branch| (Score::of(branch, depth), branch)).collect();
    scored.sort_by(|(one, _), (other, _)| one.cmp(other));
    match scored.as_slice() {
        [] => None,
        [(_, only)] => Some(only),
        [(best, branch), (second, _), ..] => (best.is_meant && (best < second)).then_some(branch),
    }
}

/// How little a form was meant: smaller is better.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    /// The value is of another type, or says by a word that it is another form (`"role": "tool"`).
    is_other: bool,
    /// How many of its own members are at fault.
    own_faults: usize,
    /// Deeper faults are of a form that fits as far as that.
    shallowness: usize,
    faults: usize,
    is_meant: bool,
}

impl Score {
    fn of(branch: &Branch, depth: usize) -> Self {
        let is_other = branch.iter().any(|error| says_other(error, depth));
        let deepest = branch.iter().map(deepest).max().unwrap_or(depth);
        Self {
            is_other,
            own_faults: branch.iter().filter(|error| self::depth(error) == depth).count(),
            shallowness: usize::MAX.saturating_sub(deepest),
            faults: branch.len(),
            is_meant: !is_other,
        }
    }
}

/// Whether an error says that the value is not of this form at all.
fn says_other(error: &ValidationError<'_>, depth: usize) -> bool {
    let own = self::depth(error);
    match error.kind() {
        ValidationErrorKind::Type { .. } | ValidationErrorKind::FalseSchema => own == depth,
        ValidationErrorKind::Constant { .. } | ValidationErrorKind::Enum { .. } => own <= depth.saturating_add(1),
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            own <= depth && context.iter().all(|branch| branch.iter().any(|error| says_other(error, depth)))
        }
        _ => false,
    }
}

fn depth(error: &ValidationError<'_>) -> usize {
    error.instance_path().as_str().matches('/').count()
}

fn deepest(error: &ValidationError<'_>) -> usize {
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            context.iter().flatten().map(deepest).max().unwrap_or_else(|| depth(error))
        }
        _ => depth(error),
    }
}
