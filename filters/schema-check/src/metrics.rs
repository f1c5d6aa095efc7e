//! What is counted. Names are stable: dashboards depend on them.

use portcullis::prelude::Metric;

pub(crate) const ALLOWED: Metric = Metric::counter("requests_total.outcome.allow.code.allowed");
/// No rule is about it.
pub(crate) const UNMATCHED: Metric = Metric::counter("requests_total.outcome.allow.code.unmatched");
/// Requests that a rule in shadow would have refused.
pub(crate) const SHADOW: Metric = Metric::counter("requests_total.outcome.shadow.code.refused");
pub(crate) const ANSWER_VALID: Metric = Metric::counter("responses_total.outcome.allow.code.valid");
/// Answers of which there is nothing to look at: without a body, or of a type that the contract has no schema for.
pub(crate) const ANSWER_UNSEEN: Metric = Metric::counter("responses_total.outcome.allow.code.unseen");
/// Answers that a rule in shadow would have refused.
pub(crate) const ANSWER_SHADOW: Metric = Metric::counter("responses_total.outcome.shadow.code.refused");
/// Answers from which members were taken out.
pub(crate) const ANSWER_REDACTED: Metric = Metric::counter("responses_total.outcome.allow.code.redacted");
/// Whether requests pass that no rule is about, or rules only look on.
pub(crate) const OPEN: Metric = Metric::gauge("open");

/// The counter of an answer that was refused.
macro_rules! answer_denied {
    ($code:literal) => {
        Metric::counter(concat!("responses_total.outcome.deny.code.", $code))
    };
}
pub(crate) use answer_denied;
