//! What is counted. Names are stable: dashboards depend on them.

use portcullis::prelude::Metric;

pub(crate) const ALLOWED: Metric = Metric::counter("requests_total.outcome.allow.code.allowed");
/// A rule in shadow would have let pass what was refused.
pub(crate) const SHADOW_ALLOW: Metric = Metric::counter("requests_total.outcome.shadow.code.allowed");
/// A rule in shadow would have refused what passed.
pub(crate) const SHADOW_DENY: Metric = Metric::counter("requests_total.outcome.shadow.code.denied_by_rule");
/// Bodies that were cut to the caps of a rule.
pub(crate) const CLAMPED: Metric = Metric::counter("bodies_total.result.clamped");
/// Lists of models from which something was cut.
pub(crate) const FILTERED: Metric = Metric::counter("lists_total.result.filtered");
/// Requests whose method another header or parameter would have changed.
pub(crate) const OVERRIDES: Metric = Metric::counter("method_overrides_total.event.stripped");
pub(crate) const INVENTORY_SEEN: Metric = Metric::counter("inventory_total.event.first_seen");
pub(crate) const INVENTORY_FULL: Metric = Metric::counter("inventory_total.event.full");
/// The table could not be read or written.
pub(crate) const INVENTORY_LOST: Metric = Metric::counter("inventory_total.event.lost");
/// Whether everybody passes everywhere.
pub(crate) const OPEN: Metric = Metric::gauge("open");

pub(crate) const METRICS: &[Metric] = portcullis::metrics! {
    [
        ALLOWED,
        SHADOW_ALLOW,
        SHADOW_DENY,
        CLAMPED,
        FILTERED,
        OVERRIDES,
        INVENTORY_SEEN,
        INVENTORY_FULL,
        INVENTORY_LOST,
        OPEN,
    ]
    "denied_by_rule",
    "no_rule",
    "model_not_allowed",
    "model_missing",
    "too_many_models",
    "model_name_too_long",
    "step_up_required",
    "cap_required",
    "unauthenticated",
    "ambiguous_request",
    "method_override",
    "identity_malformed",
    "host_failed",
    "route_moved",
    "needs_body",
    "body_not_readable",
    "content_encoding",
    "content_type",
    "list_not_readable",
};
