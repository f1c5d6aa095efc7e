//! What is counted. Names are stable: dashboards depend on them.

use portcullis::ai::vocabulary::Unread;
use portcullis::prelude::Metric;

use crate::config::Action;
use crate::policy::Detector;

/// Requests in which nothing was found that something follows from.
pub(crate) const ALLOWED: Metric = Metric::counter("requests_total.outcome.allow.code.allowed");
/// Those in which something was found that is only told.
pub(crate) const FLAGGED: Metric = Metric::counter("requests_total.outcome.allow.code.flagged");
/// Those whose body was written anew.
pub(crate) const MASKED: Metric = Metric::counter("requests_total.outcome.allow.code.masked");
/// Those without any text.
pub(crate) const NOTHING: Metric = Metric::counter("requests_total.outcome.allow.code.nothing_to_inspect");
/// Those whose body was not looked at, because the policy says so.
pub(crate) const NOT_INSPECTED: Metric = Metric::counter("requests_total.outcome.allow.code.not_inspected");
/// Those that no policy is about.
pub(crate) const UNMATCHED: Metric = Metric::counter("requests_total.outcome.allow.code.unmatched");
/// Those with something that should have been masked, in a body that is signed.
pub(crate) const UNMASKED: Metric = Metric::counter("requests_total.outcome.allow.code.signed_unmasked");
/// Bytes of texts that were looked at, unescaped.
pub(crate) const BYTES: Metric = Metric::counter("inspected_bytes_total");
/// Texts that were looked at.
pub(crate) const TEXTS: Metric = Metric::counter("inspected_texts_total");
/// Questions to a service that judges texts.
pub(crate) const ASKED: Metric = Metric::counter("moderation_total.result.asked");
/// Judgements that were remembered.
pub(crate) const REMEMBERED: Metric = Metric::counter("moderation_total.result.remembered");
/// Requests that a service could not judge.
pub(crate) const UNJUDGED: Metric = Metric::counter("moderation_total.result.unavailable");
/// Whether a policy lets pass what nobody looked at.
pub(crate) const OPEN: Metric = Metric::gauge("open");

/// Counters by two words that are known.
macro_rules! table {
    ($name:ident, $all:ident, ($one:ident: $first:ty, $two:ident: $second:ty), $prefix:literal, $between:literal,
        $($a:ident $aw:literal: [$($b:ident $bw:literal),+]),+ $(,)?) => {
        pub(crate) fn $name($one: $first, $two: $second) -> Metric {
            match ($one, $two) {
                $($((<$first>::$a, <$second>::$b) => Metric::counter(concat!($prefix, $aw, $between, $bw)),)+)+
            }
        }

        pub(crate) const $all: &[Metric] = &[$($(Metric::counter(concat!($prefix, $aw, $between, $bw)),)+)+];
    };
}

table!(found, FOUND, (detector: Detector, action: Action), "findings_total.detector.", ".action.",
    Deny "deny": [Shadow "shadow", Flag "flag", Mask "mask", Block "block"],
    Signature "signature": [Shadow "shadow", Flag "flag", Mask "mask", Block "block"],
    Injection "injection": [Shadow "shadow", Flag "flag", Mask "mask", Block "block"],
    Pii "pii": [Shadow "shadow", Flag "flag", Mask "mask", Block "block"],
    Secrets "secrets": [Shadow "shadow", Flag "flag", Mask "mask", Block "block"],
    Shape "shape": [Shadow "shadow", Flag "flag", Mask "mask", Block "block"],
    Moderation "moderation": [Shadow "shadow", Flag "flag", Mask "mask", Block "block"],
);

/// Parts that are no text.
pub(crate) fn unread(why: Unread) -> Metric {
    match why {
        Unread::TokenIds => UNREAD[0],
        Unread::Tokens => UNREAD[1],
        Unread::ByReference => UNREAD[2],
        Unread::Binary => UNREAD[3],
        Unread::Remote => UNREAD[4],
    }
}

pub(crate) const UNREAD: &[Metric; 5] = &[
    Metric::counter("unread_parts_total.part.token_ids"),
    Metric::counter("unread_parts_total.part.tokens"),
    Metric::counter("unread_parts_total.part.by_reference"),
    Metric::counter("unread_parts_total.part.binary"),
    Metric::counter("unread_parts_total.part.remote"),
];
