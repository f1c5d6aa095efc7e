//! What was decided on a side, and how two decisions differ.

use std::fmt;

use crate::reply::Reply;
use crate::telemetry::{Metric, kit as metrics};

/// A decision, as far as the caller would notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::adapter) enum Outcome {
    Pass,
    /// A document, by its code.
    Serve(&'static str),
    /// A refusal, by its code.
    Refuse(&'static str),
    /// A reset, or a body that is stopped.
    Reset,
}

impl Outcome {
    pub(in crate::adapter) fn of(reply: &Reply) -> Self {
        if reply.is_document() { Self::Serve(reply.code) } else { Self::Refuse(reply.code) }
    }

    pub(super) fn code(self) -> Option<&'static str> {
        match self {
            Self::Serve(code) | Self::Refuse(code) => Some(code),
            Self::Pass | Self::Reset => None,
        }
    }

    /// What is counted of this decision, in force, and that of a candidate.
    pub(super) fn against(self, candidate: Self) -> Metric {
        match (self.refuses(), candidate.refuses()) {
            _ if self == candidate => metrics::CANDIDATE_SAME,
            (false, true) => metrics::CANDIDATE_STRICTER,
            (true, false) => metrics::CANDIDATE_LOOSER,
            _ => metrics::CANDIDATE_OTHER_CODE,
        }
    }

    fn refuses(self) -> bool {
        matches!(self, Self::Refuse(_) | Self::Reset)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pass => f.write_str("pass"),
            Self::Serve(code) => write!(f, "serve {code}"),
            Self::Refuse(code) => write!(f, "refuse {code}"),
            Self::Reset => f.write_str("reset"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_compared_by_who_would_be_refused_and_then_by_code() {
        let outcomes = [Outcome::Pass, Outcome::Serve("a"), Outcome::Refuse("a"), Outcome::Refuse("b"), Outcome::Reset];
        let row = |live: Outcome| outcomes.map(|own| live.against(own).name.trim_start_matches("kit_total.event."));
        let (same, other) = ("candidate_same", "candidate_other_code");
        let (stricter, looser) = ("candidate_stricter", "candidate_looser");
        assert_eq!(row(Outcome::Pass), [same, other, stricter, stricter, stricter]);
        assert_eq!(row(Outcome::Serve("a")), [other, same, stricter, stricter, stricter]);
        assert_eq!(row(Outcome::Refuse("a")), [looser, looser, same, other, other]);
        assert_eq!(row(Outcome::Reset), [looser, looser, other, other, same]);
    }
}
