//! A body as it goes on: with what is masked written anew, and marks around what nobody in the conversation wrote.

use std::collections::BTreeMap;

use portcullis::prelude::*;
use portcullis::splice::spliced;

use crate::config::{Action, Signed};
use crate::facts::Facts;
use crate::gather::Texts;
use crate::mask::{Marks, Masked, Masks, Spotlit, edits};
use crate::metrics::{ALLOWED, FLAGGED, MASKED, UNMASKED};
use crate::policy::{Finding, Policy};
use crate::refusal::Reason;

/// What goes on, and what is said of it.
pub(super) struct Written {
    /// The body, if it is another than the one that came.
    pub(super) body: Option<Vec<u8>>,
    /// What was written instead of values.
    pub(super) masks: Option<Masks>,
    pub(super) code: &'static str,
    pub(super) metric: Metric,
}

impl Written {
    fn same(code: &'static str, metric: Metric) -> Self {
        Self { body: None, masks: None, code, metric }
    }
}

/// Writes a body anew if something in it is masked or marked.
pub(super) fn written(
    policy: &Policy,
    facts: &Facts,
    body: &[u8],
    texts: &Texts<'_>,
    findings: &[Finding],
) -> Result<Written, Reason> {
    let is_flagged = findings.iter().any(|finding| policy.rules.action(finding) == Some(Action::Flag));
    let (code, metric) = if is_flagged { ("flagged", FLAGGED) } else { ("allowed", ALLOWED) };
    let found = to_mask(policy, findings);
    let masks_something = !found.is_empty();
    if masks_something && facts.is_signed() {
        return match policy.mask.signed {
            Signed::Deny => Err(Reason::SignedBody),
            Signed::Pass => Ok(Written::same("signed_unmasked", UNMASKED)),
        };
    }
    let marks = Marks::new();
    let spotlit = policy.spotlight.filter(|_| !facts.is_signed()).map(|scope| Spotlit { scope, marks: &marks });
    let mut masks = Masks::new(policy.mask.with);
    let edits = edits(texts, found, &mut masks, spotlit.as_ref()).map_err(|_| Reason::Unwritable)?;
    if edits.is_empty() {
        return Ok(Written::same(code, metric));
    }
    let (code, metric) = if masks_something { ("masked", MASKED) } else { (code, metric) };
    Ok(Written { body: Some(spliced(body, edits)), masks: Some(masks), code, metric })
}

/// What is masked, by the place of its text.
fn to_mask(policy: &Policy, findings: &[Finding]) -> BTreeMap<usize, Vec<Masked>> {
    let mut found: BTreeMap<usize, Vec<Masked>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| policy.rules.action(finding) == Some(Action::Mask)) {
        let Some(piece) = finding.piece else { continue };
        found.entry(piece).or_default().push(Masked { span: finding.span.clone(), kind: finding.kind });
    }
    found
}
