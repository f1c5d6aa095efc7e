//! Integers, as the documents of these APIs write them.

use crate::json::Number;

/// An integer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Whole {
    Natural(u64),
    BelowZero,
}

/// An integer in quotes, as the JSON of protocol buffers has it: digits, and nothing that only some readers take.
pub(super) fn decimal(text: &str) -> Option<Whole> {
    let (digits, is_negative) = text.strip_prefix('-').map_or((text, false), |digits| (digits, true));
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    let value = digits.parse().ok().filter(|_| is_plain)?;
    Some(if is_negative && value > 0 { Whole::BelowZero } else { Whole::Natural(value) })
}

/// An integer, also as JavaScript may write it (`100.0`, `1e2`).
pub(super) fn whole(number: Number<'_>) -> Option<Whole> {
    if let Some(value) = number.as_u64() {
        return Some(Whole::Natural(value));
    }
    let value = number.as_f64()?;
    let is_whole = value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0;
    if !is_whole {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and below 2^53")]
    Some(if value < 0.0 { Whole::BelowZero } else { Whole::Natural(value as u64) })
}
