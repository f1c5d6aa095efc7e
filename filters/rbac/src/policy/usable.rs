//! Which models a caller may use at all: for lists, of which each can name thousands. Who is calling, and which rules have
//! a say then, is worked out once for a list.

use super::Policy;
use super::condition::{Condition, Facts};
use super::decision::Verdict;
use super::names::Names;
use super::request::{Body, Head};
use super::rule::{Effect, Rule};
use super::truth::Truth;
use crate::config::Combining;
use portcullis::pattern::Pattern;

/// The models that a caller may use.
#[derive(Debug)]
pub struct Usable<'p> {
    combining: Combining,
    /// Those that the credential is limited to, if it is.
    limits: Option<&'p [String]>,
    /// What has a say, in order.
    rules: Vec<Saying<'p>>,
}

/// What a rule says of models: it matches those that fit all of these.
#[derive(Debug)]
struct Saying<'p> {
    effect: Effect,
    models: Vec<&'p [Pattern]>,
}

impl<'p> Usable<'p> {
    /// What depends on the request is taken as it would have to be, what depends on the caller as it is.
    pub(super) fn of(policy: &'p Policy, head: &Head<'p>) -> Self {
        let held = policy.roles.held(head);
        let facts = Facts::of(head, &Body::Unread, &held);
        let live = policy.rules.iter().filter(|rule| !rule.is_shadow && rule.is_about_models);
        let mut rules: Vec<Saying<'_>> = live.filter_map(|rule| Saying::of(rule, &facts)).collect();
        if policy.combining == Combining::FirstMatch {
            // Behind one that matches every model none is asked.
            let last = rules.iter().position(|rule| rule.models.is_empty());
            rules.truncate(last.map_or(rules.len(), |last| last.saturating_add(1)));
        }
        let limits = head.identity.and_then(|identity| identity.models.as_deref());
        Self { combining: policy.combining, limits, rules }
    }

    /// Whether some request with this model could be allowed.
    pub fn has(&self, model: &str) -> bool {
        if self.limits.is_some_and(|limits| limits.iter().all(|allowed| allowed != model)) {
            return false;
        }
        let names = Names::of(std::iter::once(model));
        let mut effects = self.rules.iter().filter(|rule| rule.fits(&names)).map(|rule| rule.effect);
        match self.combining {
            Combining::FirstMatch => effects.next() == Some(Effect::Allow),
            Combining::DenyOverrides => {
                let mut is_allowed = false;
                let is_denied = effects.any(|effect| {
                    is_allowed |= effect == Effect::Allow;
                    effect == Effect::Deny
                });
                is_allowed && !is_denied
            }
        }
    }
}

impl<'p> Saying<'p> {
    /// Nothing of a rule that is not about this caller, or that denies what is about a request alone.
    fn of(rule: &'p Rule, facts: &Facts<'_>) -> Option<Self> {
        let verdict = rule.judge_with(|condition| match condition {
            Condition::Models(_) => Truth::Holds,
            other if other.is_about_any_request() => other.truth(facts, rule.effect),
            _ => Truth::Unknown,
        });
        let has_say = match rule.effect {
            Effect::Allow => verdict != Verdict::Not,
            Effect::Deny => verdict == Verdict::Matches,
        };
        let models = rule.conditions.iter().filter_map(|placed| match &placed.condition {
            Condition::Models(patterns) => Some(patterns.as_slice()),
            _ => None,
        });
        has_say.then(|| Self { effect: rule.effect, models: models.collect() })
    }

    fn fits(&self, model: &Names<'_>) -> bool {
        self.models.iter().all(|patterns| match self.effect {
            Effect::Allow => model.all_fit(patterns),
            Effect::Deny => model.one_could_fit(patterns),
        })
    }
}
