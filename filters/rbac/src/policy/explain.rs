//! The same conditions, told rule by rule.

use super::Policy;
use super::condition::Facts;
use super::decision::{Explained, Verdict};
use super::request::{Body, Head};
use super::rule::{Effect, Rule};
use super::truth::Truth;

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
