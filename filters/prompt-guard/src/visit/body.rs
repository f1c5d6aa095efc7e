//! The body of a request: read whole, looked at whole, judged by a service if the policy says so, and only then let go on.

use std::collections::BTreeMap;

use portcullis::ai::vocabulary::{Operation, Unread};
use portcullis::prelude::*;

use super::Visit;
use super::read::{Body, Said, body};
use super::told::details;
use super::written::{Written, written};
use crate::config::{Action, Part, TokenIds};
use crate::coverage::{Coverage, Looked};
use crate::facts::Facts;
use crate::filter::{About, PromptGuard};
use crate::metrics::{self, BYTES, FLAGGED, NOT_INSPECTED, NOTHING, TEXTS, UNMATCHED};
use crate::policy::{Finding, Inspection, Policy, inspect};
use crate::refusal::{Caller, Denial, Reason};

/// A request that was looked at.
pub(super) struct Judged {
    /// The place of the policy that is about it.
    pub(super) policy: usize,
    pub(super) findings: Vec<Finding>,
    pub(super) coverage: Coverage,
    pub(super) caller: Caller,
}

impl Judged {
    pub(super) fn about(&self) -> About<'_> {
        About { policy: Some(self.policy), findings: &self.findings, coverage: Some(&self.coverage) }
    }

    pub(super) fn denied(&self, denial: impl Into<Denial>) -> Denial {
        denial.into().answering(self.caller.clone())
    }
}

impl Visit {
    pub(super) fn judge_body(&mut self, host: &dyn Host, filter: &PromptGuard, mut facts: Facts, bytes: &[u8]) -> Flow {
        if bytes.is_empty() {
            return nothing(host, filter, &facts);
        }
        match body(&filter.policies, &mut facts, bytes) {
            Ok(Body::Unmatched) => filter.grant(host, &About::default(), "unmatched", UNMATCHED),
            Ok(Body::Unseen(policy)) => unseen(host, filter, &facts, policy),
            Ok(Body::Said(said)) => self.judge(host, filter, &facts, bytes, said),
            Err((policy, denial)) => filter.refuse(host, policy, denial),
        }
    }

    fn judge(&mut self, host: &dyn Host, filter: &PromptGuard, facts: &Facts, body: &[u8], said: Said<'_>) -> Flow {
        let Said { policy: at, texts, looked, caller } = said;
        let Some(policy) = filter.policies.list.get(at) else {
            return filter.refuse(host, None, Reason::NoPolicy.into());
        };
        texts.unread.iter().for_each(|(why, _)| host.measure(metrics::unread(*why), 1));
        let inspection = inspect(policy, &texts);
        count(host, policy, &inspection);
        let has_too_many = inspection.has_too_many;
        let coverage = Coverage::of(looked, Some(facts.dialect()), &texts, &inspection);
        let judged = Judged { policy: at, findings: inspection.findings, coverage, caller };
        if let Some(reason) = texts.unread.iter().find_map(|(why, _)| refuses(policy, facts.operation(), *why)) {
            return filter.refuse_found(host, &judged.about(), judged.denied(reason));
        }
        if judged.coverage.is_cut && policy.refuses_undecoded() && !policy.rules.refuses(&judged.findings) {
            return filter.refuse_found(host, &judged.about(), judged.denied(Reason::Undecoded));
        }
        if policy.rules.refuses(&judged.findings) {
            let details = details(policy, &texts, &judged.findings);
            let denial = Denial { details, ..Reason::Found.into() };
            return filter.refuse_found(host, &judged.about(), judged.denied(denial));
        }
        if has_too_many {
            return filter.refuse_found(host, &judged.about(), judged.denied(Reason::TooMuch));
        }
        match written(policy, facts, body, &texts, &judged.findings) {
            Ok(written) => self.moderate(host, filter, facts, &texts, judged, written),
            Err(reason) => filter.refuse_found(host, &judged.about(), judged.denied(reason)),
        }
    }

    /// Lets a request go on, with the body that was written for it.
    pub(super) fn settle(&mut self, host: &dyn Host, filter: &PromptGuard, judged: &Judged, written: Written) -> Flow {
        let replaced = written.body.map_or(Ok(()), |body| host.replace_body(Side::Request, &body));
        if replaced.is_err() {
            return filter.refuse_found(host, &judged.about(), judged.denied(Reason::HostFailed));
        }
        self.masks = written.masks;
        let (code, metric) = match (written.code, judged.coverage.body) {
            ("allowed", _) if filter.flags(judged) => ("flagged", FLAGGED),
            ("allowed", Looked::NothingToInspect) => ("nothing_to_inspect", NOTHING),
            (code, _) => (code, written.metric),
        };
        filter.grant(host, &judged.about(), code, metric)
    }
}

impl PromptGuard {
    fn flags(&self, judged: &Judged) -> bool {
        let rules = self.policies.list.get(judged.policy).map(|policy| &policy.rules);
        let is_flag = |finding: &Finding| rules.and_then(|rules| rules.action(finding)) == Some(Action::Flag);
        judged.findings.iter().any(is_flag)
    }
}

/// No body has no text.
fn nothing(host: &dyn Host, filter: &PromptGuard, facts: &Facts) -> Flow {
    let coverage = Coverage { dialect: Some(facts.dialect()), ..Coverage::default() };
    let policy = filter.policies.find(&facts.asked()).ok().flatten().map(|(at, _)| at);
    filter.grant(host, &About { policy, coverage: Some(&coverage), ..About::default() }, "nothing_to_inspect", NOTHING)
}

fn unseen(host: &dyn Host, filter: &PromptGuard, facts: &Facts, policy: usize) -> Flow {
    let coverage = Coverage::none(facts.dialect());
    let about = About { policy: Some(policy), coverage: Some(&coverage), ..About::default() };
    filter.grant(host, &about, "not_inspected", NOT_INSPECTED)
}

/// Why a part that is no text is refused, if it is.
fn refuses(policy: &Policy, operation: Operation, why: Unread) -> Option<Reason> {
    let unread = &policy.unread;
    let (is_refused, reason) = match why {
        Unread::TokenIds | Unread::Tokens => {
            let acts = !matches!(operation, Operation::Embeddings | Operation::CountTokens);
            let is_refused = unread.token_ids == TokenIds::Deny || (unread.token_ids == TokenIds::Embeddings && acts);
            (is_refused, Reason::TokenIds)
        }
        Unread::ByReference => (unread.by_reference == Part::Deny, Reason::ByReference),
        Unread::Binary => (unread.binary == Part::Deny, Reason::Binary),
        Unread::Remote => (unread.remote == Part::Deny, Reason::Remote),
    };
    is_refused.then_some(reason)
}

fn count(host: &dyn Host, policy: &Policy, inspection: &Inspection) {
    let mut counts: BTreeMap<usize, u64> = BTreeMap::new();
    for finding in &inspection.findings {
        let count = counts.entry(finding.rule).or_default();
        *count = count.saturating_add(1);
    }
    for (rule, count) in counts {
        let Some(rule) = policy.rules.list.get(rule) else { continue };
        host.measure(metrics::found(rule.detector, rule.action), count);
    }
    host.measure(TEXTS, u64::try_from(inspection.texts).unwrap_or(u64::MAX));
    host.measure(BYTES, u64::try_from(inspection.bytes).unwrap_or(u64::MAX));
}
