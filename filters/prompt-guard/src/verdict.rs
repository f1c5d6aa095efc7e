//! What access logs read of a decision. Nothing in it comes from a request but numbers.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::config::Action;
use crate::coverage::Coverage;
use crate::policy::{Detector, Finding, Policy, Rules};

/// What access logs read as `%FILTER_STATE(wasm.portcullis.prompt_guard:PLAIN)%`.
#[derive(Debug, Serialize)]
pub(crate) struct Verdict<'a> {
    pub(crate) outcome: &'static str,
    pub(crate) code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<&'a str>,
    /// From 0 to 1.
    pub(crate) risk: f32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) found: Vec<Told<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) coverage: Option<&'a Coverage>,
}

/// How often a rule found something.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub(crate) struct Told<'a> {
    detector: &'static str,
    /// The operator's name for the rule, where it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
    kind: &'static str,
    action: &'static str,
    count: usize,
    /// What moved the score of the first most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<&'static str>,
}

/// More are not told: a verdict is a line in a log.
const MOST: usize = 16;

/// What was found, the weightiest first.
pub(crate) fn told<'r>(rules: &'r Rules, findings: &[Finding]) -> Vec<Told<'r>> {
    type Key = (std::cmp::Reverse<Action>, usize, &'static str);
    let mut counts: BTreeMap<Key, (usize, &Finding)> = BTreeMap::new();
    for finding in findings {
        let Some(rule) = rules.list.get(finding.rule) else { continue };
        let key = (std::cmp::Reverse(rule.action), finding.rule, finding.kind);
        let (count, _) = counts.entry(key).or_insert((0, finding));
        *count = count.saturating_add(1);
    }
    let told = |((_, rule, kind), (count, first)): (Key, (usize, &Finding))| {
        let rule = rules.list.get(rule)?;
        let named = Some(rule.name.as_str()).filter(|name| *name != rule.detector.word());
        let (detector, action, reasons) = (rule.detector.word(), rule.action.word(), first.reasons.clone());
        Some(Told { detector, rule: named, kind, action, count, reasons })
    };
    counts.into_iter().take(MOST).filter_map(told).collect()
}

/// How much what was found weighs, from 0 to 1: what is refused all, what is told half, personal data that is told a fifth,
/// what is masked a tenth, because nothing of it goes on. A text that is refused as undecoded weighs all.
pub(crate) fn risk(policy: &Policy, findings: &[Finding], is_cut: bool) -> f32 {
    if is_cut && policy.refuses_undecoded() {
        return 1.0;
    }
    let weight = |finding: &Finding| match policy.rules.list.get(finding.rule).map(|rule| (rule.detector, rule.action))
    {
        Some((_, Action::Block)) => 1.0,
        Some((Detector::Pii, Action::Flag)) => 0.2,
        Some((_, Action::Flag)) => 0.5,
        Some((_, Action::Mask)) => 0.1,
        Some((_, Action::Shadow)) | None => 0.0,
    };
    findings.iter().map(weight).fold(0.0, f32::max)
}
