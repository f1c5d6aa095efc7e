//! The one place where a reason becomes a status, a code, a message and a counter.

use portcullis::ai::read::Fault;
use portcullis::head::Unclear;
use portcullis::prelude::*;

use portcullis::denied;

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denial {
    /// A limit has no more, for so many nanoseconds.
    Exceeded(u64),
    /// It may use more than a limit ever lets through.
    TooMuch,
    /// Its model has no price.
    NoPrice,
    /// Others changed its bucket at each attempt.
    Contention,
    /// The table has no room for its bucket.
    TableFull,
    /// The service that counts for many Envoys does not answer.
    BackendUnavailable,
    /// It has no limit for the request.
    BackendUnmatched,
    /// The bucket is a caller's, and nobody knows who calls: authn did not run, or let a stranger pass.
    NoIdentity,
    /// Its head can be read in two ways, or the proxy could not be asked.
    Unclear(Unclear),
    /// The proxy refused a read or a write.
    HostFailed,
    /// Its body is not what the API documents.
    Body(Fault),
    /// Its body is coded, and a limit counts what it says.
    ContentEncoding,
    /// Its body is said to be no JSON, and a limit counts what it says.
    ContentType,
}

/// What a denial becomes.
pub(crate) struct Refusal {
    status: Status,
    /// What the caller is told.
    pub(crate) code: &'static str,
    message: &'static str,
    /// Counts it.
    pub(crate) metric: Metric,
}

impl Refusal {
    /// The reply; of what is free again after a while it says when.
    pub(crate) fn reply(&self, wait: Option<u64>) -> Reply {
        let reply = match self.status {
            Status::Unavailable => Reply::unavailable(self.code),
            status => Reply::new(status, self.code, self.message),
        };
        match wait {
            Some(wait) => reply.header("retry-after", seconds(wait).to_string()),
            None => reply,
        }
    }
}

/// Whole seconds, rounded up: who comes back then is not too early.
pub(crate) fn seconds(nanoseconds: u64) -> u64 {
    nanoseconds.div_ceil(1_000_000_000).max(1)
}

macro_rules! refusal {
    ($status:ident, $name:literal, $message:literal) => {
        refusal!($status, $name as $name, $message)
    };
    ($status:ident, $name:literal as $code:expr, $message:literal) => {
        Refusal { status: Status::$status, code: $code, message: $message, metric: denied!($name) }
    };
}

/// What a denial becomes. A caller learns that a limit is exceeded; which, the `RateLimit` field says.
#[rustfmt::skip]
pub(crate) fn of(denial: Denial) -> Refusal {
    match denial {
        Denial::Exceeded(_) => refusal!(TooManyRequests, "rate_limit_exceeded", "A rate limit is exceeded. Try again later."),
        Denial::TooMuch => refusal!(Forbidden, "exceeds_limit", "This request may use more than a rate limit ever lets through. Ask for less."),
        Denial::NoIdentity => refusal!(Forbidden, "no_identity", "A rate limit needs to know who calls."),
        Denial::NoPrice => refusal!(Forbidden, "no_price", "This model has no price here."),
        Denial::Contention => refusal!(Unavailable, "contention", ""),
        Denial::TableFull => refusal!(Unavailable, "table_full", ""),
        Denial::BackendUnavailable => refusal!(Unavailable, "backend_unavailable", ""),
        Denial::BackendUnmatched => refusal!(Unavailable, "backend_unmatched", ""),
        Denial::Unclear(Unclear::Ambiguous) => refusal!(BadRequest, "ambiguous_request", "The path, query, host or method is missing or can be read in two ways."),
        Denial::Unclear(Unclear::IdentityMalformed) => refusal!(Unavailable, "identity_malformed", ""),
        Denial::Unclear(Unclear::Host) | Denial::HostFailed => refusal!(Unavailable, "host_failed", ""),
        Denial::Body(fault) => refusal!(BadRequest, "body_not_readable" as fault.code(), "The body is not what this API documents, or can be read in two ways."),
        Denial::ContentEncoding => refusal!(UnsupportedMediaType, "content_encoding", "A body in a content coding cannot be read here."),
        Denial::ContentType => refusal!(UnsupportedMediaType, "content_type", "The body must be JSON in UTF-8, and its content-type must say so: application/json."),
    }
}

impl Denial {
    /// How long until it may be otherwise.
    pub(crate) fn wait(self) -> Option<u64> {
        match self {
            Self::Exceeded(wait) => Some(wait),
            _ => None,
        }
    }
}
