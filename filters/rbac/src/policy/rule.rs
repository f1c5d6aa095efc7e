//! A rule: conditions in an order, cheap ones first and those on the body last, and what follows when all hold.

use portcullis::ai::vocabulary::Operation;

use super::condition::{Condition, Facts};
use super::decision::{Outcome, Verdict};
use super::request::Head;
use super::truth::Truth;
pub use crate::config::Effect;

/// A rule.
#[derive(Debug, PartialEq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// What follows when it matches.
    pub effect: Effect,
    /// Whether it is only counted.
    pub is_shadow: bool,
    /// How fresh and strong a login must be.
    pub step_up: Option<StepUp>,
    /// What the body is cut to.
    pub clamp: Option<Clamp>,
    /// What must hold.
    pub(crate) conditions: Vec<Placed>,
    /// Whether it says anything of requests that name models: one about a list of models does not.
    pub(crate) is_about_models: bool,
}

/// A condition, and where it is written.
#[derive(Debug, PartialEq)]
pub(crate) struct Placed {
    pub(crate) place: String,
    pub(crate) condition: Condition,
}

/// What a body is cut to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clamp {
    /// Tokens of the answer.
    pub max_output_tokens: Option<u64>,
    /// Answers.
    pub choices: Option<u64>,
}

impl Clamp {
    /// Whether an operation has what this cuts.
    pub(crate) const fn is_about(&self, operation: Operation) -> bool {
        self.max_output_tokens.is_some() && operation.has_output() || self.choices.is_some() && operation.has_choices()
    }
}

/// How fresh and strong a login must be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepUp {
    /// One of these authentication context classes; empty: any.
    pub acr: Vec<String>,
    /// All of these authentication methods.
    pub amr: Vec<String>,
    /// How many seconds ago the user may have logged in.
    pub max_age: Option<u64>,
}

/// How far the issuer's clock may be ahead of ours, in seconds.
const CLOCK_SKEW: u64 = 60;

impl Eq for Rule {}

impl Rule {
    pub(super) fn judge(&self, facts: &Facts<'_>) -> Verdict {
        self.judge_with(|condition| condition.truth(facts, self.effect))
    }

    /// All conditions must hold. An error counts against the caller, and what fails fails whatever the rest is.
    pub(super) fn judge_with(&self, truth: impl Fn(&Condition) -> Truth) -> Verdict {
        let mut verdict = Verdict::Matches;
        for placed in &self.conditions {
            match truth(&placed.condition) {
                Truth::Fails => return Verdict::Not,
                Truth::Error if self.effect == Effect::Allow => return Verdict::Not,
                Truth::Holds | Truth::Error => {}
                Truth::Unknown => verdict = Verdict::Unknown,
            }
        }
        verdict
    }

    /// What follows when it matches.
    pub(super) fn outcome(&self, head: &Head<'_>) -> Outcome<'_> {
        match (self.effect, &self.step_up) {
            (Effect::Deny, _) => Outcome::Deny,
            (Effect::Allow, Some(step_up)) if !step_up.is_satisfied(head) => Outcome::StepUp(step_up),
            (Effect::Allow, _) => Outcome::Allow { clamp: self.clamp.as_ref() },
        }
    }

    /// Whether the body has a say in it.
    pub(super) fn reads_body(&self) -> bool {
        self.conditions.iter().any(|placed| placed.condition.reads_body())
    }

    /// Whether it can match before the body is read: a deny that one model in the path is enough for.
    pub(super) fn can_settle_on_head(&self) -> bool {
        let settles = |condition: &Condition| match condition {
            Condition::Models(_) => self.effect == Effect::Deny,
            other => !other.reads_body(),
        };
        self.conditions.iter().all(|placed| settles(&placed.condition))
    }

    /// Whether a login could change what it says.
    pub(super) fn is_about_caller(&self) -> bool {
        self.conditions.iter().any(|placed| placed.condition.is_about_caller())
    }
}

impl StepUp {
    fn is_satisfied(&self, head: &Head<'_>) -> bool {
        let Some(identity) = head.identity else { return false };
        let is_strong = self.acr.is_empty() || identity.acr.as_ref().is_some_and(|acr| self.acr.contains(acr));
        let has_all = self.amr.iter().all(|method| identity.amr.contains(method));
        let is_fresh = |max_age| identity.auth_time.is_some_and(|time| is_recent(time, max_age, head.now));
        is_strong && has_all && self.max_age.is_none_or(is_fresh)
    }
}

/// A login in the future is none: a clock is wrong, and nobody knows how old it is.
fn is_recent(time: u64, max_age: u64, now: u64) -> bool {
    time <= now.saturating_add(CLOCK_SKEW) && now.saturating_sub(time) <= max_age
}
