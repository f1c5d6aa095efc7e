//! What becomes of a request, and why: reasons have stable names.

use super::rule::{Clamp, Effect, Rule, StepUp};
use super::truth::Truth;

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome<'p> {
    /// It goes on, cut to this.
    Allow {
        /// What the body is cut to.
        clamp: Option<&'p Clamp>,
    },
    /// It is refused.
    Deny,
    /// The caller must log in again, like this.
    StepUp(&'p StepUp),
    /// The body decides.
    NeedsBody,
}

/// An outcome, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision<'p> {
    /// What becomes of the request.
    pub outcome: Outcome<'p>,
    /// The rule that decided.
    pub rule: Option<&'p Rule>,
    /// Why.
    pub reason: Reason,
    /// Rules in shadow that match and would have decided otherwise.
    pub shadowed: Vec<(&'p Rule, Effect)>,
}

/// What a rule says to a request, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained<'p> {
    /// The rule.
    pub rule: &'p Rule,
    /// Whether it matches: an error counts against the caller.
    pub verdict: Verdict,
    /// The first condition that does not hold: `who.roles_any`.
    pub place: Option<&'p str>,
    /// What that condition is: `Fails`, `Error` or `Unknown`.
    pub truth: Option<Truth>,
}

/// Whether a rule matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Matches,
    /// It does not, whatever the body says.
    Not,
    /// The body decides.
    Unknown,
}

portcullis::reasons! {
    /// Why a request goes on or not. The names are stable: metrics, verdicts and dashboards depend on them.
    pub enum Reason {
        /// A rule allows it.
        Allowed = "allowed",
        /// A rule denies it.
        DeniedByRule = "denied_by_rule",
        /// No rule allows it.
        NoRule = "no_rule",
        /// The caller's credential is limited to other models.
        ModelNotAllowed = "model_not_allowed",
        /// The caller's credential is limited to some models, and the request says none, or says it where nobody reads.
        ModelMissing = "model_missing",
        /// It names more different models than anybody needs.
        TooManyModels = "too_many_models",
        /// A model's name is longer than any model has.
        ModelNameTooLong = "model_name_too_long",
        /// The login is too old or too weak.
        StepUpRequired = "step_up_required",
        /// There is no cap to cut, and no place to put one.
        CapRequired = "cap_required",
        /// It is not said who is calling, and an answer would depend on it.
        Unauthenticated = "unauthenticated",
        /// Path, host or method can be read in two ways.
        AmbiguousRequest = "ambiguous_request",
        /// What stands where the identity should cannot be read.
        IdentityMalformed = "identity_malformed",
        /// The proxy could not be asked, or did not take what was written.
        HostFailed = "host_failed",
        /// Another filter moved the request to another route after the decision.
        RouteMoved = "route_moved",
        /// The body is needed.
        NeedsBody = "needs_body",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_fit_into_a_metric() {
        let names: HashSet<_> = Reason::ALL.iter().map(|reason| reason.name()).collect();
        assert_eq!(names.len(), Reason::ALL.len());
        assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')));
    }
}
