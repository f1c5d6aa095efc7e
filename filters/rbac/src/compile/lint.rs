//! What an operator wrote for nothing: rules that can never decide, rules in shadow that no body is read for, and models
//! that another pattern covers. Only what is certain is told.

use crate::config::{Combining, Effect};
use crate::policy::{Condition, Pattern, Rule};

pub(super) fn sentences(combining: Combining, rules: &[Rule]) -> Vec<String> {
    let live: Vec<(usize, &Rule)> = rules.iter().enumerate().filter(|(_, rule)| !rule.is_shadow).collect();
    let hidden = live.iter().filter_map(|(at, rule)| {
        let others = live.iter().filter(|(other, _)| other != at);
        let mut hiding = others.filter(|(other, hider)| match combining {
            Combining::FirstMatch => other < at,
            Combining::DenyOverrides => hider.effect == Effect::Deny && rule.effect == Effect::Allow,
        });
        hiding.find(|(_, hider)| hides(hider, rule)).map(|(_, hider)| sentence(combining, rule, hider))
    });
    hidden.chain(unread(rules)).chain(rules.iter().flat_map(needless_models)).collect()
}

/// Rules in shadow that no body is read for. One that a rule in force cuts is.
fn unread(rules: &[Rule]) -> impl Iterator<Item = String> {
    let reads = |rule: &Rule| rule.conditions.iter().any(|placed| placed.condition.reads_body());
    let is_read = rules.iter().any(|rule| !rule.is_shadow && (rule.clamp.is_some() || reads(rule)));
    let unread = rules.iter().filter(move |rule| !is_read && rule.is_shadow && reads(rule));
    unread.map(|rule| {
        let name = &rule.name;
        format!(
            "rule {name:?} is in shadow and looks at the body, and no rule in force does: no body is awaited for it"
        )
    })
}

fn sentence(combining: Combining, rule: &Rule, hider: &Rule) -> String {
    let (rule, hider) = (&rule.name, &hider.name);
    match combining {
        Combining::FirstMatch => {
            format!("rule {rule:?} never decides: {hider:?} before it matches all that it matches")
        }
        Combining::DenyOverrides => format!("rule {rule:?} never decides: {hider:?} denies all that it allows"),
    }
}

/// Whether a rule matches whatever another does. An allow asks more of a value than a deny, so before a deny only those
/// conditions of it count that both ask alike.
fn hides(hider: &Rule, rule: &Rule) -> bool {
    let is_laxer = hider.effect == rule.effect || hider.effect == Effect::Deny;
    hider.conditions.iter().all(|wider| {
        (is_laxer || is_plain(&wider.condition))
            && rule.conditions.iter().any(|narrower| covers(&wider.condition, &narrower.condition))
    })
}

/// Whether a condition is the same for allow and deny, and never an error.
fn is_plain(condition: &Condition) -> bool {
    matches!(
        condition,
        Condition::Methods(_)
            | Condition::Paths(_)
            | Condition::Hosts(_)
            | Condition::Routes(_)
            | Condition::Dialects(_)
            | Condition::Operations(_)
    )
}

/// Whether one holds wherever the other does.
fn covers(wider: &Condition, narrower: &Condition) -> bool {
    use Condition as C;
    match (wider, narrower) {
        (C::RolesAny(wider), C::RolesAny(narrower)) => is_within(narrower, wider),
        (C::RolesAll(wider), C::RolesAll(narrower)) => is_within(wider, narrower),
        (C::Subjects(wider), C::Subjects(narrower))
        | (C::Tenants(wider), C::Tenants(narrower))
        | (C::Issuers(wider), C::Issuers(narrower))
        | (C::UriSans(wider), C::UriSans(narrower))
        | (C::Methods(wider), C::Methods(narrower)) => is_within(narrower, wider),
        (C::Paths(wider), C::Paths(narrower)) => is_within(&narrower.written, &wider.written),
        (C::Hosts(wider), C::Hosts(narrower)) => {
            narrower.written.iter().all(|narrower| wider.written.iter().any(|wider| covers_host(wider, narrower)))
        }
        (C::Routes(wider), C::Routes(narrower)) => is_within(&narrower.written, &wider.written),
        (C::Dialects(wider), C::Dialects(narrower)) => is_within(narrower, wider),
        (C::Operations(wider), C::Operations(narrower)) => is_within(narrower, wider),
        (C::Models(wider), C::Models(narrower)) | (C::Resources(wider), C::Resources(narrower)) => {
            narrower.iter().all(|narrower| wider.iter().any(|wider| wider.covers(narrower)))
        }
        (wider, narrower) => wider == narrower,
    }
}

fn covers_host(wider: &str, narrower: &str) -> bool {
    let at_any_port = || wider.strip_suffix(":*").is_some_and(|host| narrower.split(':').next() == Some(host));
    wider == narrower || at_any_port()
}

fn is_within<T: PartialEq>(some: &[T], all: &[T]) -> bool {
    some.iter().all(|one| all.contains(one))
}

fn needless_models(rule: &Rule) -> impl Iterator<Item = String> {
    let patterns = rule.conditions.iter().filter_map(|placed| match &placed.condition {
        Condition::Models(patterns) => Some(patterns),
        _ => None,
    });
    patterns.flat_map(|patterns| (0..patterns.len()).filter_map(|at| needless(rule, patterns, at)))
}

fn needless(rule: &Rule, patterns: &[Pattern], at: usize) -> Option<String> {
    let pattern = patterns.get(at)?;
    let covers = |(other, wider): &(usize, &Pattern)| *other != at && wider.covers(pattern);
    let (_, wider) = patterns.iter().enumerate().find(covers)?;
    Some(format!("rule {:?}: model {pattern:?} is covered by {wider:?}", rule.name))
}
