//! From what rules say to one decision.
//!
//! Before the body is read only those facts decide that it cannot change: if a rule that waits for it could lead to
//! another outcome, the answer is [`Outcome::NeedsBody`].

use super::Policy;
use super::bits::Bits;
use super::condition::Facts;
use super::decision::{Decision, Outcome, Reason, Verdict};
use super::model;
use super::request::{Body, Head};
use super::rule::{Effect, Rule};
use crate::config::Combining;

/// An outcome, and the rule that leads to it.
#[derive(Clone, Copy)]
struct Found<'p> {
    /// Its place among the rules; behind all of them where no rule matches.
    at: usize,
    rule: Option<&'p Rule>,
    outcome: Outcome<'p>,
}

const NOTHING: Found<'_> = Found { at: usize::MAX, rule: None, outcome: Outcome::Deny };

pub(super) fn decide<'p>(policy: &'p Policy, head: &Head<'_>, body: &Body<'_>) -> Decision<'p> {
    if let Some(reason) = model::refused(head, body) {
        return Decision { outcome: Outcome::Deny, rule: None, reason, shadowed: Vec::new() };
    }
    let held = policy.roles.held(head);
    let facts = Facts::of(head, body, &held);
    let walk = Walk { policy, facts: &facts, candidates: policy.index.candidates(&facts) };
    match walk.find() {
        Some(found) if found.outcome == Outcome::Deny || !model::needs_body(head, body) => walk.decision(found),
        _ => Decision { outcome: Outcome::NeedsBody, rule: None, reason: Reason::NeedsBody, shadowed: Vec::new() },
    }
}

/// One way through the rules that can match.
struct Walk<'p, 'a> {
    policy: &'p Policy,
    facts: &'a Facts<'a>,
    candidates: Bits,
}

impl<'p> Walk<'p, '_> {
    /// What the rules say, or nothing while the body has a say.
    fn find(&self) -> Option<Found<'p>> {
        match self.policy.combining {
            Combining::FirstMatch => self.first(),
            Combining::DenyOverrides => self.strongest(),
        }
    }

    /// The candidates, in order.
    fn rules(&self) -> impl Iterator<Item = (usize, &'p Rule)> {
        self.candidates.iter().filter_map(|at| Some((at, self.policy.rules.get(at)?)))
    }

    /// The candidates that count, and match already.
    fn matching(&self) -> impl Iterator<Item = Found<'p>> {
        let is_unread = self.facts.body.is_unread();
        self.rules()
            .filter(move |(at, rule)| !rule.is_shadow && (!is_unread || self.policy.settling.contains(*at)))
            .filter(|(_, rule)| rule.judge(self.facts) == Verdict::Matches)
            .map(|(at, rule)| self.found(at, rule))
    }

    /// The candidates that count, and wait for the body.
    fn waiting(&self) -> impl Iterator<Item = Found<'p>> {
        let rules = self.facts.body.is_unread().then(|| self.rules()).into_iter().flatten();
        rules
            .filter(|(at, rule)| !rule.is_shadow && self.policy.waiting.contains(*at))
            .filter(|(_, rule)| rule.judge(self.facts) == Verdict::Unknown)
            .map(|(at, rule)| self.found(at, rule))
    }

    fn found(&self, at: usize, rule: &'p Rule) -> Found<'p> {
        Found { at, rule: Some(rule), outcome: rule.outcome(self.facts.head) }
    }

    fn first(&self) -> Option<Found<'p>> {
        let found = self.matching().next().unwrap_or(NOTHING);
        let mut before = self.waiting().take_while(|waiting| waiting.at < found.at);
        if before.any(|waiting| waiting.outcome != found.outcome) { None } else { Some(found) }
    }

    fn strongest(&self) -> Option<Found<'p>> {
        let mut best = NOTHING;
        for found in self.matching() {
            if found.outcome == Outcome::Deny {
                return Some(found);
            }
            best = if found.is_before(&best) { found } else { best };
        }
        let mut waiting = self.waiting();
        let could_change = |waiting: Found<'p>| match waiting.outcome {
            Outcome::Deny => best.outcome != Outcome::Deny,
            outcome => outcome != best.outcome && waiting.is_before(&best),
        };
        if waiting.any(could_change) { None } else { Some(best) }
    }

    fn decision(&self, found: Found<'p>) -> Decision<'p> {
        Decision {
            outcome: found.outcome,
            rule: found.rule,
            reason: self.reason(&found),
            shadowed: self.shadowed(&found),
        }
    }

    fn reason(&self, found: &Found<'p>) -> Reason {
        match (found.outcome, found.rule) {
            (Outcome::Allow { .. }, _) => Reason::Allowed,
            (Outcome::StepUp(_), _) => Reason::StepUpRequired,
            (Outcome::NeedsBody, _) => Reason::NeedsBody,
            (Outcome::Deny, _) if self.could_log_in() => Reason::Unauthenticated,
            (Outcome::Deny, Some(_)) => Reason::DeniedByRule,
            (Outcome::Deny, None) => Reason::NoRule,
        }
    }

    /// Rules in shadow that match and would have changed the outcome.
    fn shadowed(&self, found: &Found<'p>) -> Vec<(&'p Rule, Effect)> {
        if !self.policy.has_shadows {
            return Vec::new();
        }
        let is_denied = found.outcome == Outcome::Deny;
        let would_change = |at: usize, rule: &Rule| {
            let is_heard = match (self.policy.combining, rule.effect) {
                (Combining::FirstMatch, _) => at < found.at,
                (Combining::DenyOverrides, Effect::Deny) => true,
                (Combining::DenyOverrides, Effect::Allow) => found.rule.is_none(),
            };
            is_heard && is_denied == (rule.effect == Effect::Allow)
        };
        self.rules()
            .filter(|(at, rule)| rule.is_shadow && would_change(*at, rule))
            .filter(|(_, rule)| rule.judge(self.facts) == Verdict::Matches)
            .map(|(_, rule)| (rule, rule.effect))
            .collect()
    }

    /// Whether somebody whom nobody knows could be allowed if somebody knew: some rule would look at who is calling, and
    /// all else that it wants is there. Rules that deny whoever calls stand in the way.
    fn could_log_in(&self) -> bool {
        if self.facts.head.identity.is_some() {
            return false;
        }
        let whoever = self.policy.index.whoever(self.facts);
        let rules = || whoever.iter().filter_map(|at| self.policy.rules.get(at)).filter(|rule| !rule.is_shadow);
        let could_allow = |rule: &&Rule| rule.effect == Effect::Allow && self.could_match_somebody(rule);
        match self.policy.combining {
            Combining::FirstMatch => {
                rules().take_while(|rule| !self.denies_whoever(rule)).any(|rule| could_allow(&rule))
            }
            Combining::DenyOverrides => {
                !rules().any(|rule| self.denies_whoever(rule)) && rules().any(|rule| could_allow(&rule))
            }
        }
    }

    fn denies_whoever(&self, rule: &Rule) -> bool {
        rule.effect == Effect::Deny && !rule.is_about_caller() && rule.judge(self.facts) == Verdict::Matches
    }

    fn could_match_somebody(&self, rule: &Rule) -> bool {
        let verdict = rule.judge_with(|condition| {
            if condition.is_about_caller() { condition.of_somebody() } else { condition.truth(self.facts, rule.effect) }
        });
        rule.is_about_caller() && verdict != Verdict::Not
    }
}

impl Found<'_> {
    /// Whether it goes before another where order means nothing: the more it permits, the stronger it is. Of equals the
    /// first counts.
    fn is_before(&self, other: &Self) -> bool {
        let (one, other) = ((self.outcome.strength(), other.at), (other.outcome.strength(), self.at));
        one > other
    }
}

impl Outcome<'_> {
    fn strength(&self) -> (u8, u64, u64) {
        match self {
            Self::NeedsBody | Self::Deny => (0, 0, 0),
            Self::StepUp(_) => (1, 0, 0),
            Self::Allow { clamp: Some(clamp) } => {
                (2, clamp.max_output_tokens.unwrap_or(u64::MAX), clamp.choices.unwrap_or(u64::MAX))
            }
            Self::Allow { clamp: None } => (3, 0, 0),
        }
    }
}
