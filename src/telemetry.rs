//! What an operator sees: metrics with fixed names, and log lines that client input can neither forge nor fill.
//!
//! A metric's full name is `portcullis_<filter>_<name>.instance.<instance>`; parts of the form `.key.value` become
//! Prometheus labels by the `stats_tags` in `envoy/stats.yaml`. All are defined when the configuration is read; nothing
//! is ever named by a client.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt::Write as _;

use crate::host::{Millis, Monotonic, Proxy};

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MetricKind {
    /// Only grows.
    Counter,
    /// Set to a value.
    Gauge,
    /// Collects values.
    Histogram,
}

/// A metric of a filter, without the prefix that the kit adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Metric {
    /// What it is.
    pub kind: MetricKind,
    /// Its name with labels: `requests_total.outcome.deny.code.no_credential`.
    pub name: &'static str,
}

impl Metric {
    /// A counter.
    pub const fn counter(name: &'static str) -> Self {
        Self { kind: MetricKind::Counter, name }
    }

    /// A gauge.
    pub const fn gauge(name: &'static str) -> Self {
        Self { kind: MetricKind::Gauge, name }
    }

    /// A histogram.
    pub const fn histogram(name: &'static str) -> Self {
        Self { kind: MetricKind::Histogram, name }
    }
}

/// The counter of a refusal, by its code.
///
/// ```
/// assert_eq!(portcullis::denied!("no_rule").name, "requests_total.outcome.deny.code.no_rule");
/// ```
#[macro_export]
macro_rules! denied {
    ($code:literal) => {
        $crate::telemetry::Metric::counter(concat!("requests_total.outcome.deny.code.", $code))
    };
}

/// All metrics of a filter: what it counts beside refusals, then the counter of each refusal by its code.
#[macro_export]
macro_rules! metrics {
    ([$($other:expr,)*] $($code:literal,)*) => {
        &[$($other,)* $($crate::denied!($code),)*]
    };
}

/// Metrics that the adapter keeps for every filter.
pub mod kit {
    use super::Metric;

    /// Requests answered 503 because the VM holds as much as `memory_budget` allows.
    pub const OVERLOADED: Metric = Metric::counter("kit_total.event.overloaded");
    /// Requests refused because a host call failed that the filter did not tolerate.
    pub const HOST_FAILED: Metric = Metric::counter("kit_total.event.host_failed");
    /// Requests refused because a header that must be single was repeated.
    pub const REPEATED_HEADER: Metric = Metric::counter("kit_total.event.repeated_header");
    /// Bodies that were announced and never came to the filter: `allow_on_headers_stop_iteration` is not set.
    pub const FLAG_MISSING: Metric = Metric::counter("kit_total.event.flag_missing");
    /// Bodies over the cap.
    pub const BODY_TOO_LARGE: Metric = Metric::counter("kit_total.event.body_too_large");
    /// Waits that ended by their deadline.
    pub const TIMED_OUT: Metric = Metric::counter("kit_total.event.timed_out");
    /// Replies that came too late, after the response's headers had left: the stream was reset.
    pub const LATE_REPLY: Metric = Metric::counter("kit_total.event.late_reply");
    /// Streams that were reset.
    pub const CLOSED: Metric = Metric::counter("kit_total.event.closed");
    /// Streams reset because held-back bytes could not be sent once trailers had arrived.
    pub const TAIL_LOST: Metric = Metric::counter("kit_total.event.tail_lost");
    /// Streamed answers that a filter stopped.
    pub const STOPPED: Metric = Metric::counter("kit_total.event.stopped");
    /// Refusals that were let pass because the policy is in `shadow`.
    pub const SHADOWED: Metric = Metric::counter("kit_total.event.shadowed");
    /// Exchanges on which a candidate decided as the policy in force.
    pub const CANDIDATE_SAME: Metric = Metric::counter("kit_total.event.candidate_same");
    /// Those that passed, and that it would have refused.
    pub const CANDIDATE_STRICTER: Metric = Metric::counter("kit_total.event.candidate_stricter");
    /// Those that were refused, and that it would have let pass.
    pub const CANDIDATE_LOOSER: Metric = Metric::counter("kit_total.event.candidate_looser");
    /// Those that both refused, or neither, in another way.
    pub const CANDIDATE_OTHER_CODE: Metric = Metric::counter("kit_total.event.candidate_other_code");
    /// Those on which it could not decide without touching anything.
    pub const CANDIDATE_UNDECIDED: Metric = Metric::counter("kit_total.event.candidate_undecided");
    /// 1 while the policy is in `shadow`.
    pub const SHADOW: Metric = Metric::gauge("kit_shadow");

    /// All of them.
    pub const ALL: &[Metric] = &[
        OVERLOADED,
        HOST_FAILED,
        REPEATED_HEADER,
        FLAG_MISSING,
        BODY_TOO_LARGE,
        TIMED_OUT,
        LATE_REPLY,
        CLOSED,
        TAIL_LOST,
        STOPPED,
        SHADOWED,
        CANDIDATE_SAME,
        CANDIDATE_STRICTER,
        CANDIDATE_LOOSER,
        CANDIDATE_OTHER_CODE,
        CANDIDATE_UNDECIDED,
        SHADOW,
    ];
}

/// The metrics of one plugin configuration, by the numbers that the proxy gave them.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    ids: HashMap<&'static str, u32>,
}

impl Meter {
    /// Defines every metric of a filter and the kit's own.
    pub(crate) fn define(proxy: &dyn Proxy, filter: &str, instance: &str, metrics: &[Metric]) -> Self {
        let define = |metric: &Metric| {
            let name = format!("portcullis_{filter}_{}.instance.{instance}", metric.name);
            proxy.define_metric(metric.kind, &name).ok().map(|id| (metric.name, id))
        };
        Self { ids: metrics.iter().chain(kit::ALL).filter_map(define).collect() }
    }

    /// Adds, sets or records; a metric that was not defined is a mistake in the filter, shown by the fake host.
    pub(crate) fn measure(&self, proxy: &dyn Proxy, metric: Metric, value: u64) {
        debug_assert!(self.ids.contains_key(metric.name), "{} is not in Filter::METRICS", metric.name);
        let Some(id) = self.ids.get(metric.name) else { return };
        match metric.kind {
            MetricKind::Counter if value == 0 => {}
            MetricKind::Counter => proxy.increment_metric(*id, value),
            MetricKind::Gauge | MetricKind::Histogram => proxy.record_metric(*id, value),
        }
    }
}

/// Lets one log line a second through: what happens with every request is counted, and shown by an example.
#[derive(Debug, Default)]
pub(crate) struct Sampler {
    last: Cell<Option<Monotonic>>,
}

impl Sampler {
    const PAUSE: Millis = Millis(1000);

    /// Whether it is time for a line.
    pub(crate) fn takes(&self, now: Monotonic) -> bool {
        let is_due = self.last.get().is_none_or(|last| last.plus(Self::PAUSE) <= now);
        if is_due {
            self.last.set(Some(now));
        }
        is_due
    }
}

/// How much of a client's text a log line shows.
const SHOWN_BYTES: usize = 64;

/// Client text for a log line or a reply: escaped, so that it stays on its line and in its field, and cut to 64 bytes.
///
/// ```
/// use portcullis::telemetry::shown;
///
/// assert_eq!(shown(b"k1"), "k1");
/// assert_eq!(shown(b"a\r\nx: \x1b[31m\xff"), r"a\r\nx: \x1b[31m\xff");
/// ```
pub fn shown(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes.iter().take(SHOWN_BYTES) {
        match byte {
            b'\\' => text.push_str(r"\\"),
            b'"' => text.push_str(r#"\""#),
            b'\r' => text.push_str(r"\r"),
            b'\n' => text.push_str(r"\n"),
            0x20..=0x7e => text.push(char::from(*byte)),
            _ => drop(write!(text, r"\x{byte:02x}")),
        }
    }
    if bytes.len() > SHOWN_BYTES {
        text.push_str("...");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_text_is_one_bounded_line_of_printable_ascii() {
        let hostile: Vec<u8> = (0..=255).cycle().take(8192).collect();
        let text = shown(&hostile);
        assert!(text.bytes().all(|byte| (0x20..=0x7e).contains(&byte)));
        assert!(text.len() <= 4 * SHOWN_BYTES + 3);
    }

    #[test]
    fn metric_names_of_the_kit_are_unique() {
        let names: std::collections::HashSet<_> = kit::ALL.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), kit::ALL.len());
    }
}
