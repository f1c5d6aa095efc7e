//! The body of a request: read whole, looked at whole, and written anew where something is masked or marked.

use std::collections::BTreeMap;

use portcullis::ai::LIMITS;
use portcullis::ai::details::Detail;
use portcullis::ai::read::{Reading, read};
use portcullis::ai::rpc::Asked;
use portcullis::ai::vocabulary::{Operation, Unread, What};
use portcullis::prelude::*;
use portcullis::splice::spliced;

use super::Visit;
use crate::config::{Action, Part, Signed, TokenIds, Unmatched, Unrecognised};
use crate::coverage::{Coverage, Looked};
use crate::facts::{Facts, Plan};
use crate::filter::{About, PromptGuard};
use crate::gather::{Texts, gather, raw};
use crate::mask::{Marks, Masked, Masks, Spotlit, edits};
use crate::metrics::{self, ALLOWED, BYTES, FLAGGED, MASKED, NOT_INSPECTED, NOTHING, TEXTS, UNMASKED, UNMATCHED};
use crate::policy::{Finding, Inspection, Policy, inspect};
use crate::refusal::{Denial, Reason};

/// A body that was read, and the policy that is about it.
struct Judged<'a> {
    at: usize,
    policy: &'a Policy,
    facts: &'a Facts,
    body: &'a [u8],
    texts: Texts<'a>,
    looked: Looked,
    asked: Asked,
}

/// More faults are not told to a caller.
const MOST_TOLD: usize = 8;

impl Visit {
    pub(super) fn judge_body(&mut self, host: &dyn Host, filter: &PromptGuard, mut facts: Facts, body: &[u8]) -> Flow {
        if body.is_empty() {
            return empty(host, filter, &facts);
        }
        match self.read_body(host, filter, &mut facts, body) {
            Ok(flow) => flow,
            Err((policy, denial)) => filter.refuse(host, policy, denial),
        }
    }

    /// The place of the policy is told with the denial, if one is about the request.
    fn read_body(
        &mut self,
        host: &dyn Host,
        filter: &PromptGuard,
        facts: &mut Facts,
        body: &[u8],
    ) -> Result<Flow, (Option<usize>, Denial)> {
        let unplaced = |denial: Denial| (None, denial);
        match (facts.plan(), facts.endpoint) {
            (Plan::Read, Some(endpoint)) => {
                let reading = read(body, endpoint.request, LIMITS).map_err(|fault| unplaced(fault.into()))?;
                facts.naming(models(&reading));
                let asked = Asked::by(body, &reading);
                let found = filter.policies.find(&facts.asked());
                let found =
                    found.map_err(|several| unplaced(Denial::from(Reason::from(several)).answering(asked.clone())))?;
                let Some((at, policy)) = found else {
                    return without_policy(host, filter).map_err(|denial| unplaced(denial.answering(asked)));
                };
                let texts = gather(body, &reading).map_err(|_| unplaced(Reason::Json.into()))?;
                let judged = Judged { at, policy, facts, body, texts, looked: Looked::Read, asked };
                self.judge(host, filter, judged)
            }
            (Plan::Unreadable(reason), _) => {
                let found = filter.policies.find(&facts.asked());
                let found = found.map_err(|several| unplaced(Reason::from(several).into()))?;
                let Some((at, policy)) = found else {
                    return without_policy(host, filter).map_err(unplaced);
                };
                let placed = |reason: Reason| (Some(at), Denial::from(reason));
                if policy.unrecognised == Unrecognised::Allow {
                    // The head did not say that there would be one.
                    let coverage = Coverage::none(facts.dialect);
                    let about = About { policy: Some(at), coverage: Some(&coverage), ..About::default() };
                    return Ok(filter.grant(host, &about, "not_inspected", NOT_INSPECTED));
                }
                if policy.unrecognised != Unrecognised::ScanRaw || facts.is_encoded() {
                    return Err(placed(reason));
                }
                let texts = raw(body).ok_or_else(|| placed(Reason::NotText))?;
                let judged = Judged { at, policy, facts, body, texts, looked: Looked::Raw, asked: Asked::Unknown };
                self.judge(host, filter, judged)
            }
            _ => Err(unplaced(Reason::UnknownOperation.into())),
        }
    }

    fn judge(
        &mut self,
        host: &dyn Host,
        filter: &PromptGuard,
        judged: Judged<'_>,
    ) -> Result<Flow, (Option<usize>, Denial)> {
        let Judged { at, policy, facts, body, texts, looked, asked } = judged;
        let denied = |denial: Denial| (Some(at), denial.answering(asked.clone()));
        texts.unread.iter().for_each(|(why, _)| host.measure(metrics::unread(*why), 1));
        let refused = texts.unread.iter().find_map(|(why, _)| refuses(policy, facts.operation(), *why));
        if let Some(reason) = refused {
            return Err(denied(reason.into()));
        }
        let inspection = inspect(&policy.rules, &texts);
        count(host, policy, &inspection);
        let coverage = Coverage::of(looked, Some(facts.dialect), &texts, &inspection);
        let about = About { policy: Some(at), findings: &inspection.findings, coverage: Some(&coverage) };
        if has(policy, &inspection, Action::Block) {
            let denial = Denial { details: details(policy, &texts, &inspection), ..Reason::Found.into() };
            return Ok(filter.refuse_found(host, &about, denied(denial).1));
        }
        let (code, metric) =
            self.write(host, policy, facts, body, &texts, &inspection).map_err(|reason| denied(reason.into()))?;
        let (code, metric) = if coverage.body == Looked::NothingToInspect && code == "allowed" {
            ("nothing_to_inspect", NOTHING)
        } else {
            (code, metric)
        };
        Ok(filter.grant(host, &about, code, metric))
    }

    /// Writes the body anew if something is masked or marked, and tells what came of it.
    fn write(
        &mut self,
        host: &dyn Host,
        policy: &Policy,
        facts: &Facts,
        body: &[u8],
        texts: &Texts<'_>,
        inspection: &Inspection,
    ) -> Result<(&'static str, Metric), Reason> {
        let plain = if has(policy, inspection, Action::Flag) { ("flagged", FLAGGED) } else { ("allowed", ALLOWED) };
        let found = to_mask(policy, inspection);
        let masks_something = !found.is_empty();
        if masks_something && facts.is_signed() {
            return match policy.mask.signed {
                Signed::Deny => Err(Reason::SignedBody),
                Signed::Pass => Ok(("signed_unmasked", UNMASKED)),
            };
        }
        let marks = Marks::new();
        let spotlit = policy.spotlight.filter(|_| !facts.is_signed()).map(|scope| Spotlit { scope, marks: &marks });
        let mut masks = Masks::new(policy.mask.with);
        let edits = edits(texts, found, &mut masks, spotlit.as_ref()).map_err(|_| Reason::Unwritable)?;
        if edits.is_empty() {
            return Ok(plain);
        }
        host.replace_body(Side::Request, &spliced(body, edits)).map_err(|_| Reason::HostFailed)?;
        self.masks = Some(masks);
        Ok(if masks_something { ("masked", MASKED) } else { plain })
    }
}

/// No body has no text.
fn empty(host: &dyn Host, filter: &PromptGuard, facts: &Facts) -> Flow {
    let coverage = Coverage { dialect: Some(facts.dialect), ..Coverage::default() };
    let policy = filter.policies.find(&facts.asked()).ok().flatten().map(|(at, _)| at);
    filter.grant(host, &About { policy, coverage: Some(&coverage), ..About::default() }, "nothing_to_inspect", NOTHING)
}

fn without_policy(host: &dyn Host, filter: &PromptGuard) -> Result<Flow, Denial> {
    match filter.policies.unmatched {
        Unmatched::Pass => Ok(filter.grant(host, &About::default(), "unmatched", UNMATCHED)),
        Unmatched::Deny => Err(Reason::NoPolicy.into()),
    }
}

/// Every model that a body names.
fn models(reading: &Reading<'_>) -> impl Iterator<Item = String> {
    let others = reading.notes.iter().filter(|note| note.what == What::Model).map(|note| note.text);
    reading.model.into_iter().chain(others).map(|model| model.unescaped().into_owned())
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

fn has(policy: &Policy, inspection: &Inspection, action: Action) -> bool {
    inspection.findings.iter().any(|finding| action_of(policy, finding) == Some(action))
}

fn action_of(policy: &Policy, finding: &Finding) -> Option<Action> {
    policy.rules.list.get(finding.rule).map(|rule| rule.action)
}

fn to_mask(policy: &Policy, inspection: &Inspection) -> BTreeMap<usize, Vec<Masked>> {
    let mut found: BTreeMap<usize, Vec<Masked>> = BTreeMap::new();
    for finding in inspection.findings.iter().filter(|finding| action_of(policy, finding) == Some(Action::Mask)) {
        let Some(piece) = finding.piece else { continue };
        found.entry(piece).or_default().push(Masked { span: finding.span.clone(), kind: finding.kind });
    }
    found
}

fn count(host: &dyn Host, policy: &Policy, inspection: &Inspection) {
    for finding in &inspection.findings {
        let Some(rule) = policy.rules.list.get(finding.rule) else { continue };
        host.measure(metrics::found(rule.detector, rule.action), 1);
    }
    host.measure(TEXTS, u64::try_from(inspection.texts).unwrap_or(u64::MAX));
    host.measure(BYTES, u64::try_from(inspection.bytes).unwrap_or(u64::MAX));
}

/// What is refused, and in whose text: never what it says.
fn details(policy: &Policy, texts: &Texts<'_>, inspection: &Inspection) -> Vec<Detail> {
    let mut details: Vec<Detail> = Vec::new();
    for finding in &inspection.findings {
        let Some(rule) = policy.rules.list.get(finding.rule).filter(|rule| rule.action == Action::Block) else {
            continue;
        };
        let piece = finding.piece.and_then(|piece| texts.pieces.get(piece));
        let place = match piece.map(|piece| (piece.provenance.word(), piece.message)) {
            None => "this request".to_owned(),
            Some((provenance, 0)) => format!("a text of {provenance}"),
            Some((provenance, message)) => format!("a text of {provenance} in message {message}"),
        };
        let detail = Detail::new("body", "", rule.detector.category(), format!("no {} in {place}", finding.kind));
        if !details.contains(&detail) {
            details.push(detail);
        }
        if details.len() == MOST_TOLD {
            break;
        }
    }
    details
}
