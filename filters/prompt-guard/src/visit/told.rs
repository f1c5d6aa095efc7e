//! What a caller learns of what was found: what it is and in whose text, never what it says nor which rule looked for it.

use portcullis::ai::details::Detail;

use crate::config::Action;
use crate::gather::Texts;
use crate::policy::{Finding, Policy};

/// More faults are not told to a caller.
const MOST: usize = 8;

/// What is refused.
pub(super) fn details(policy: &Policy, texts: &Texts<'_>, findings: &[Finding]) -> Vec<Detail> {
    let mut details: Vec<Detail> = Vec::new();
    let refused = findings.iter().filter(|finding| policy.rules.action(finding) == Some(Action::Block));
    for detail in refused.filter_map(|finding| detail(policy, texts, finding)) {
        if details.len() < MOST && !details.contains(&detail) {
            details.push(detail);
        }
    }
    details
}

fn detail(policy: &Policy, texts: &Texts<'_>, finding: &Finding) -> Option<Detail> {
    let rule = policy.rules.list.get(finding.rule)?;
    let piece = finding.piece.and_then(|piece| texts.pieces.get(piece));
    let place = match piece.map(|piece| (piece.provenance.word(), piece.message)) {
        None => "this request".to_owned(),
        Some((provenance, 0)) => format!("a text of {provenance}"),
        Some((provenance, message)) => format!("a text of {provenance} in message {message}"),
    };
    Some(Detail::new("body", "", rule.detector.category(), format!("no {} in {place}", finding.kind)))
}
