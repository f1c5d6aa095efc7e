//! What is left, told in header fields: those of the IETF (draft-ietf-httpapi-ratelimit-headers-10) and those of `OpenAI`.
//!
//! A field tells of the limits that were asked: who is refused learns nothing of limits behind the one that refused.

use crate::config::{Fields, Hide, Show};
use crate::policy::{Limit, Unit};
use crate::refusal::seconds;
use crate::taken::Shown;

/// A name and a value.
pub(crate) type Field = (&'static str, String);

/// Money is told in millionths of a unit of the currency.
const MICROS: u64 = 1_000_000;

/// The fields of a refusal.
pub(crate) fn of_refusal(fields: Fields, limits: &[Limit], shown: &[Shown]) -> Vec<Field> {
    told(fields.ratelimit != Show::Never, fields.openai != Hide::Never, limits, shown)
}

/// The fields of an answer that passes.
pub(crate) fn of_answer(fields: Fields, limits: &[Limit], shown: &[Shown]) -> Vec<Field> {
    told(fields.ratelimit == Show::Always, fields.openai == Hide::Always, limits, shown)
}

/// Whether answers that pass have any.
pub(crate) fn are_on_answers(fields: Fields) -> bool {
    fields.ratelimit == Show::Always || fields.openai == Hide::Always
}

fn told(ietf: bool, openai: bool, limits: &[Limit], shown: &[Shown]) -> Vec<Field> {
    let of = |shown: &Shown| limits.get(shown.limit).filter(|limit| !limit.is_shadow).map(|limit| (limit, *shown));
    let all: Vec<(&Limit, Shown)> = shown.iter().filter_map(of).collect();
    let mut fields = Vec::new();
    if ietf && !all.is_empty() {
        let list = |one: fn(&(&Limit, Shown)) -> String| all.iter().map(one).collect::<Vec<_>>().join(", ");
        fields.push(("ratelimit-policy", list(policy)));
        fields.push(("ratelimit", list(left)));
    }
    if openai {
        fields.extend(of_openai(&all, |unit| unit == Unit::Requests, REQUESTS));
        fields.extend(of_openai(&all, Unit::counts_tokens, TOKENS));
    }
    fields
}

fn policy((limit, shown): &(&Limit, Shown)) -> String {
    let quota = units(limit.unit, shown.quota.limit);
    let unit = unit(limit.unit).map(|unit| format!(";qu=\"{unit}\"")).unwrap_or_default();
    match limit.unit {
        Unit::Concurrent => format!("\"{}\";q={quota}{unit}", limit.name),
        _ => format!("\"{}\";q={quota}{unit};w={}", limit.name, seconds(shown.quota.window)),
    }
}

fn left((limit, shown): &(&Limit, Shown)) -> String {
    let left = units(limit.unit, shown.left.units);
    match limit.unit {
        Unit::Concurrent => format!("\"{}\";r={left}", limit.name),
        _ => format!("\"{}\";r={left};t={}", limit.name, shown.left.reset.div_ceil(1_000_000_000)),
    }
}

fn units(unit: Unit, count: u64) -> u64 {
    if unit == Unit::Cost { count / MICROS } else { count }
}

/// The quota unit; requests are what is meant if none is told.
fn unit(unit: Unit) -> Option<&'static str> {
    match unit {
        Unit::Requests => None,
        Unit::Bytes => Some("content-bytes"),
        Unit::Concurrent => Some("concurrent-requests"),
        Unit::Cost => Some("micros"),
        Unit::Distinct => Some("prompts"),
        _ => Some("tokens"),
    }
}

const REQUESTS: [&str; 3] =
    ["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"];
const TOKENS: [&str; 3] = ["x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"];

/// Of several limits the one of which the least is left.
fn of_openai(all: &[(&Limit, Shown)], counts: impl Fn(Unit) -> bool, names: [&'static str; 3]) -> Vec<Field> {
    let counted = all.iter().filter(|(limit, _)| counts(limit.unit) && limit.unit != Unit::Cost);
    let Some((_, shown)) = counted.min_by_key(|(_, shown)| shown.left.units) else { return Vec::new() };
    let values = [shown.quota.limit.to_string(), shown.left.units.to_string(), duration(shown.left.reset)];
    names.into_iter().zip(values).collect()
}

/// As `OpenAI` writes a length of time: `6m0s`, `1s`, `120ms`.
fn duration(nanoseconds: u64) -> String {
    let millis = nanoseconds.div_ceil(1_000_000);
    let (hours, minutes, seconds) = (millis / 3_600_000, millis / 60_000 % 60, millis / 1000 % 60);
    match (hours, minutes) {
        (0, 0) if millis < 1000 => format!("{millis}ms"),
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m{seconds}s"),
        _ => format!("{hours}h{minutes}m{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_as_openai_writes_it() {
        for (millis, written) in [(0, "0ms"), (120, "120ms"), (1000, "1s"), (360_000, "6m0s"), (3_723_000, "1h2m3s")] {
            assert_eq!(duration(millis * 1_000_000), written);
        }
    }
}
