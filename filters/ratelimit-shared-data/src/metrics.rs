//! What is counted. Names are stable: dashboards depend on them.

use portcullis::prelude::Metric;

pub(crate) const ALLOWED: Metric = Metric::counter("requests_total.outcome.allow.code.allowed");
/// A limit in shadow would have refused what passed.
pub(crate) const SHADOWED: Metric = Metric::counter("requests_total.outcome.shadow.code.rate_limit_exceeded");

/// Tokens of answers that told what they used, and what is taken for those that did not.
pub(crate) const INPUT_TOKENS: Metric = Metric::counter("tokens_total.part.input");
pub(crate) const CACHED_TOKENS: Metric = Metric::counter("tokens_total.part.cached");
pub(crate) const OUTPUT_TOKENS: Metric = Metric::counter("tokens_total.part.output");
pub(crate) const REASONING_TOKENS: Metric = Metric::counter("tokens_total.part.reasoning");

/// The upstream told what it used.
pub(crate) const TOLD: Metric = Metric::counter("settled_total.result.usage");
/// It did not, and the text was counted.
pub(crate) const ESTIMATED: Metric = Metric::counter("settled_total.result.estimate");
/// Nobody could read the answer, and what was reserved counts.
pub(crate) const RESERVED: Metric = Metric::counter("settled_total.result.reservation");
/// Nothing was used: the upstream refused, or nobody was asked.
pub(crate) const REFUNDED: Metric = Metric::counter("settled_total.result.refund");
/// More was used than was reserved.
pub(crate) const OVERRUN: Metric = Metric::counter("overruns_total.event.debited");
/// A streamed answer was ended because its limit had no more.
pub(crate) const CUT: Metric = Metric::counter("overruns_total.event.cut");

/// Keys without room in the table that shared one bucket.
pub(crate) const OVERFLOWED: Metric = Metric::counter("table_total.event.overflowed");
/// Requests without a bucket of their own.
pub(crate) const FULL: Metric = Metric::counter("table_total.event.full");
/// Buckets that others changed at each attempt.
pub(crate) const CONTENDED: Metric = Metric::counter("table_total.event.contended");
/// Requests whose page was corrupt, or is closed since it was.
pub(crate) const CLOSED: Metric = Metric::counter("table_total.event.closed");
/// What could not be read or written when an answer was settled: the reservation expires by itself.
pub(crate) const LOST: Metric = Metric::counter("table_total.event.lost");

/// Keys that began to spend much faster than they used to.
pub(crate) const SPIKED: Metric = Metric::counter("unusual_total.event.spike");
/// Keys that another filter found risky, and that were not watched yet.
pub(crate) const SUSPECTED: Metric = Metric::counter("unusual_total.event.risk");

/// Questions to the backend.
pub(crate) const ASKED: Metric = Metric::counter("backend_total.event.asked");
/// Those that it did not answer.
pub(crate) const UNAVAILABLE: Metric = Metric::counter("backend_total.event.unavailable");
/// Requests that a lease was enough for.
pub(crate) const LEASED: Metric = Metric::counter("backend_total.event.leased");
/// Requests that this Envoy counted while the backend was away.
pub(crate) const LOCAL: Metric = Metric::counter("backend_total.event.local");
/// Answers that say that the backend has no limit for what was asked.
pub(crate) const UNMATCHED: Metric = Metric::counter("backend_total.event.unmatched");
/// What was told to the backend after an answer.
pub(crate) const OWED: Metric = Metric::counter("backend_total.event.owed");
/// What should have been, and was not.
pub(crate) const UNTOLD: Metric = Metric::counter("backend_total.event.untold");

/// Whether requests pass that could not be counted.
pub(crate) const OPEN: Metric = Metric::gauge("open");

pub(crate) const METRICS: &[Metric] = portcullis::metrics! {
    [
        ALLOWED,
        SHADOWED,
        INPUT_TOKENS,
        CACHED_TOKENS,
        OUTPUT_TOKENS,
        REASONING_TOKENS,
        TOLD,
        ESTIMATED,
        RESERVED,
        REFUNDED,
        OVERRUN,
        CUT,
        OVERFLOWED,
        FULL,
        CONTENDED,
        CLOSED,
        LOST,
        SPIKED,
        SUSPECTED,
        ASKED,
        UNAVAILABLE,
        LEASED,
        LOCAL,
        UNMATCHED,
        OWED,
        UNTOLD,
        OPEN,
    ]
    "rate_limit_exceeded",
    "exceeds_limit",
    "no_identity",
    "no_price",
    "contention",
    "table_full",
    "backend_unavailable",
    "backend_unmatched",
    "ambiguous_request",
    "identity_malformed",
    "host_failed",
    "body_not_readable",
    "content_encoding",
    "content_type",
};
