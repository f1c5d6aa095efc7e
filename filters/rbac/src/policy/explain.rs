//! The same conditions, told rule by rule, and which models a caller may use at all.

use super::Policy;
use super::condition::{Condition, Facts};
use super::decision::{Explained, Verdict};
use super::request::{Body, Head};
use super::rule::{Effect, Rule};
use super::truth::Truth;
use crate::config::Combining;

pub(super) fn explain<'p>(policy: &'p Policy, head: &Head<'_>, body: &Body<'_>) -> Vec<Explained<'p>> {
    let held = policy.roles.held(head);
    let facts = Facts::of(head, body, &held);
    policy.rules.iter().map(|rule| of_rule(rule, &facts)).collect()
}

fn of_rule<'p>(rule: &'p Rule, facts: &Facts<'_>) -> Explained<'p> {
    let verdict = rule.judge(facts);
    let is_told = |truth: Truth| match verdict {
        Verdict::Not => truth == Truth::Fails || (truth == Truth::Error && rule.effect == Effect::Allow),
        Verdict::Unknown => truth == Truth::Unknown,
        Verdict::Matches => truth != Truth::Holds,
    };
    let truths = rule.conditions.iter().map(|placed| (placed, placed.condition.truth(facts, rule.effect)));
    let first = truths.into_iter().find(|(_, truth)| is_told(*truth));
    Explained {
        rule,
        verdict,
        place: first.map(|(placed, _)| placed.place.as_str()),
        truth: first.map(|(_, truth)| truth),
    }
}

/// Whether some request of this caller with this model could be allowed: what depends on the request is taken as it would
/// have to be, what depends on the caller as it is.
pub(super) fn may_use(policy: &Policy, head: &Head<'_>, model: &str) -> bool {
    let is_reached = |allowed: &Vec<String>| allowed.iter().any(|allowed| allowed == model);
    if !head.identity.is_none_or(|identity| identity.models.as_ref().is_none_or(is_reached)) {
        return false;
    }
    let held = policy.roles.held(head);
    let facts = Facts::of(head, &Body::Unread, &held);
    let mut verdicts = policy
        .rules
        .iter()
        .filter(|rule| !rule.is_shadow && rule.is_about_models)
        .map(|rule| (rule.effect, rule.judge_with(|condition| of_model(condition, model, &facts, rule.effect))));
    let allows = |(effect, verdict)| effect == Effect::Allow && verdict != Verdict::Not;
    let denies = |(effect, verdict)| effect == Effect::Deny && verdict == Verdict::Matches;
    match policy.combining {
        Combining::FirstMatch => verdicts.find(|found| allows(*found) || denies(*found)).is_some_and(allows),
        Combining::DenyOverrides => {
            let mut is_allowed = false;
            let is_denied = verdicts.any(|found| {
                is_allowed |= allows(found);
                denies(found)
            });
            is_allowed && !is_denied
        }
    }
}

fn of_model(condition: &Condition, model: &str, facts: &Facts<'_>, effect: Effect) -> Truth {
    match condition {
        Condition::Models(patterns) => patterns.iter().any(|pattern| pattern.fits(model)).into(),
        other if other.is_about_any_request() => other.truth(facts, effect),
        _ => Truth::Unknown,
    }
}
