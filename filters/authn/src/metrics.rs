//! What is counted. Names are stable: dashboards depend on them.

use portcullis::document;
use portcullis::prelude::Metric;

pub(crate) const ALLOWED: Metric = Metric::counter("requests_total.outcome.allow.code.ok");
/// The metadata of a resource was read.
pub(crate) const SERVED: Metric = Metric::counter("requests_total.outcome.served.code.metadata");
/// Another method than those that read was tried on it. No rule refuses that, so it is no `Reason`.
pub(crate) const NOT_SERVED: Metric = Metric::counter("requests_total.outcome.served.code.method_not_allowed");
pub(crate) const CACHE_HIT: Metric = Metric::counter("token_cache_total.result.hit");
pub(crate) const CACHE_MISS: Metric = Metric::counter("token_cache_total.result.miss");
pub(crate) const DOCUMENTS_MISSING: Metric = Metric::gauge("documents_missing");
pub(crate) const KEYS_SKIPPED: Metric = Metric::gauge("keys_skipped");
pub(crate) const OPEN: Metric = Metric::gauge("open");

/// The counter of a reason.
macro_rules! denied {
    ($outcome:literal, $reason:literal) => {
        Metric::counter(concat!("requests_total.outcome.", $outcome, ".code.", $reason))
    };
}
pub(crate) use denied;

/// What is counted beside reasons, then both counters of each reason.
macro_rules! all {
    ([$($other:expr,)*] $($reason:literal,)*) => {
        &[$($other,)* $(denied!("deny", $reason), denied!("shadow", $reason),)*]
    };
}

pub(crate) const METRICS: &[Metric] = all! {
    [
        ALLOWED,
        SERVED,
        NOT_SERVED,
        CACHE_HIT,
        CACHE_MISS,
        DOCUMENTS_MISSING,
        KEYS_SKIPPED,
        OPEN,
        document::FETCHED,
        document::FAILED,
        document::REFUSED,
    ]
    "host_failed",
    "no_path",
    "ambiguous_request",
    "no_rule",
    "no_credential",
    "ambiguous_credentials",
    "malformed_credential",
    "credential_too_large",
    "unknown_api_key",
    "api_key_disabled",
    "api_key_expired",
    "malformed_token",
    "unsupported_token",
    "unknown_issuer",
    "alg_not_allowed",
    "wrong_type",
    "wrong_audience",
    "bad_claim",
    "token_expired",
    "token_not_yet_valid",
    "token_too_old",
    "claim_mismatch",
    "identity_too_large",
    "keys_unavailable",
    "unknown_key",
    "bad_signature",
    "cannot_verify",
    "too_many_waiting",
};
