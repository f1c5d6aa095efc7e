//! Which rules can match at all, told without asking each: a set of rules for every value that rules wait for.
//!
//! A rule is left out only if one of its conditions certainly fails; where a fact is not known, all stay. Whoever is left
//! is asked in full, so the index makes decisions faster and never different.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use portcullis::ai::vocabulary::Operation;
use portcullis::http::path::Canonical;
use portcullis::identity::Identity;

use super::bits::Bits;
use super::condition::{Condition, Facts};
use super::role::RoleId;
use super::rule::Rule;
use portcullis::pattern::Pattern;

/// Sets of rules.
#[derive(Debug)]
pub(super) struct Index {
    /// Every rule.
    all: Bits,
    methods: Dimension<String>,
    operations: Dimension<Operation>,
    roles: Dimension<RoleId>,
    subjects: Dimension<String>,
    tenants: Dimension<String>,
    models: Dimension<String>,
    /// By the place of a segment: rules that wait for a text there.
    segments: Vec<BTreeMap<String, Bits>>,
    /// Rules that wait for no segment.
    any_path: Bits,
}

/// The rules that wait for one of some values, by value.
#[derive(Debug)]
struct Dimension<K> {
    waiting: BTreeMap<K, Bits>,
    /// Rules that wait for none.
    free: Bits,
}

impl Index {
    pub(super) fn of(rules: &[Rule]) -> Self {
        let (segments, any_path) = by_segment(rules);
        Self {
            all: Bits::all(rules.len()),
            methods: Dimension::of(rules, |condition| match condition {
                Condition::Methods(methods) => Some(methods.clone()),
                _ => None,
            }),
            operations: Dimension::of(rules, |condition| match condition {
                Condition::Operations(operations) => Some(operations.clone()),
                _ => None,
            }),
            roles: Dimension::of(rules, |condition| match condition {
                Condition::RolesAny(roles) => Some(roles.clone()),
                Condition::RolesAll(roles) => Some(roles.first().copied().into_iter().collect()),
                _ => None,
            }),
            subjects: Dimension::of(rules, |condition| match condition {
                Condition::Subjects(subjects) => Some(subjects.clone()),
                _ => None,
            }),
            tenants: Dimension::of(rules, |condition| match condition {
                Condition::Tenants(tenants) => Some(tenants.clone()),
                _ => None,
            }),
            models: Dimension::of(rules, |condition| match condition {
                Condition::Models(patterns) => exact(patterns),
                _ => None,
            }),
            segments,
            any_path,
        }
    }

    /// The rules that can match.
    pub(super) fn candidates(&self, facts: &Facts<'_>) -> Bits {
        let mut candidates = self.whoever(facts);
        if facts.held.is_complete {
            self.roles.keep(&mut candidates, &facts.held.roles.iter().collect::<Vec<_>>());
        }
        let identity = facts.head.identity;
        self.subjects.keep(&mut candidates, identity.map(|identity| identity.sub.as_str()));
        self.tenants.keep(&mut candidates, identity.and_then(tenant));
        candidates
    }

    /// The rules that can match if somebody else is calling.
    pub(super) fn whoever(&self, facts: &Facts<'_>) -> Bits {
        let mut candidates = self.all.clone();
        self.methods.keep(&mut candidates, [facts.head.subject.method()]);
        self.operations.keep(&mut candidates, [&facts.head.operation]);
        self.keep_paths(&mut candidates, facts);
        if let Some(asked) = facts.body.asked() {
            self.models.keep(&mut candidates, facts.head.models().chain(asked.models.iter().map(String::as_str)));
        }
        candidates
    }

    fn keep_paths(&self, candidates: &mut Bits, facts: &Facts<'_>) {
        if self.segments.is_empty() {
            return;
        }
        let segments = facts.head.subject.path().map(Canonical::segments).unwrap_or_default();
        let mut fitting = self.any_path.clone();
        for (waiting, segment) in self.segments.iter().zip(segments) {
            waiting.get(segment).into_iter().for_each(|rules| fitting.add(rules));
        }
        candidates.keep(&fitting);
    }
}

fn tenant(identity: &Identity) -> Option<&str> {
    identity.tenant.as_deref()
}

/// The models, if none has a star.
fn exact(patterns: &[Pattern]) -> Option<Vec<String>> {
    patterns.iter().map(|pattern| pattern.exact().map(str::to_owned)).collect()
}

impl<K: Ord> Dimension<K> {
    /// `wait` says for which values a condition waits, if for any. Of several conditions of a rule the first counts.
    fn of(rules: &[Rule], wait: impl Fn(&Condition) -> Option<Vec<K>>) -> Self {
        let mut dimension = Self { waiting: BTreeMap::new(), free: Bits::none(rules.len()) };
        for (number, rule) in rules.iter().enumerate() {
            match rule.conditions.iter().find_map(|placed| wait(&placed.condition)) {
                None => dimension.free.insert(number),
                Some(values) => values.into_iter().for_each(|value| {
                    dimension.waiting.entry(value).or_insert_with(|| Bits::none(rules.len())).insert(number);
                }),
            }
        }
        dimension
    }

    /// Keeps rules that wait for one of these values, or for none.
    fn keep<'a, Q: Ord + ?Sized + 'a>(&self, candidates: &mut Bits, values: impl IntoIterator<Item = &'a Q>)
    where
        K: Borrow<Q>,
    {
        if self.waiting.is_empty() {
            return;
        }
        let mut fitting = self.free.clone();
        for value in values {
            self.waiting.get(value).into_iter().for_each(|rules| fitting.add(rules));
        }
        candidates.keep(&fitting);
    }
}

/// Each template waits for the text of one of its segments, the one that the fewest templates share.
fn by_segment(rules: &[Rule]) -> (Vec<BTreeMap<String, Bits>>, Bits) {
    let templates: Vec<Vec<Vec<(usize, &str)>>> = rules.iter().map(literals).collect();
    let mut shared: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for literal in templates.iter().flatten().flatten() {
        let count = shared.entry(*literal).or_default();
        *count = count.saturating_add(1);
    }
    let (mut segments, mut any_path) = (Vec::new(), Bits::none(rules.len()));
    for (number, templates) in templates.iter().enumerate() {
        let rarest =
            templates.iter().map(|literals| literals.iter().min_by_key(|literal| shared.get(literal)).copied());
        let chosen: Option<Vec<(usize, &str)>> = rarest.collect();
        match chosen.filter(|chosen| !chosen.is_empty()) {
            None => any_path.insert(number),
            Some(chosen) => chosen.into_iter().for_each(|literal| wait(&mut segments, literal, number, rules.len())),
        }
    }
    (segments, any_path)
}

fn wait(segments: &mut Vec<BTreeMap<String, Bits>>, (place, text): (usize, &str), rule: usize, size: usize) {
    if segments.len() <= place {
        segments.resize_with(place.saturating_add(1), BTreeMap::new);
    }
    if let Some(waiting) = segments.get_mut(place) {
        waiting.entry(text.to_owned()).or_insert_with(|| Bits::none(size)).insert(rule);
    }
}

/// For each template of a rule the segments that are written out.
fn literals(rule: &Rule) -> Vec<Vec<(usize, &str)>> {
    let written = rule.conditions.iter().find_map(|placed| match &placed.condition {
        Condition::Paths(paths) => Some(paths.written.iter()),
        _ => None,
    });
    written.into_iter().flatten().map(|template| literals_of(template)).collect()
}

fn literals_of(template: &str) -> Vec<(usize, &str)> {
    let segments = template.split('/').skip(1).enumerate();
    segments.filter(|(_, text)| !text.is_empty() && !text.starts_with('{') && *text != "*").collect()
}
