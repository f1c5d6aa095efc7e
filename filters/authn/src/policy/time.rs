//! When a token is valid, at the edges too.
//!
//! 1. `exp`: accepted while `now < exp + skew`. With 60 s of skew a token is refused from the 60th second on.
//! 2. `nbf` and `iat`: accepted once `nbf <= now + skew`; an `iat` in the future is a clock that is wrong, or a lie.
//! 3. Fractions of a second are read to the token's disadvantage, sums stop at the end of time and never wrap: an
//!    `exp` of 2^63 is far away, not long ago.

use serde_json::Value;

use super::denial::{Denial, Reason};

/// The time of a decision. A policy never asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Seconds since the Unix epoch, which is what tokens count in. This clock can jump.
    pub unix_seconds: u64,
    /// Milliseconds of a clock that only moves forward, for ages.
    pub monotonic_millis: u64,
}

/// From when until when a token is valid, in seconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Validity {
    /// The later of `nbf` and `iat`.
    pub begins: u64,
    /// `exp`.
    pub ends: u64,
    /// `iat` and the provider's `max_token_age`; the end of time if it has none.
    pub ages: u64,
}

impl Validity {
    /// Whether `now` lies inside, give or take `skew_seconds`.
    pub(super) fn check(self, now: Now, skew_seconds: u64) -> Result<(), Denial> {
        if now.unix_seconds >= self.ends.saturating_add(skew_seconds) {
            return Err(Reason::TokenExpired.into());
        }
        if now.unix_seconds > self.ages.saturating_add(skew_seconds) {
            return Err(Reason::TokenTooOld.into());
        }
        if self.begins > now.unix_seconds.saturating_add(skew_seconds) {
            return Err(Reason::TokenNotYetValid.into());
        }
        Ok(())
    }
}

/// How the fraction of a `NumericDate` is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// To the second before: for what ends.
    Down,
    /// To the second after: for what begins.
    Up,
}

/// A `NumericDate` (RFC 7519 section 2): a JSON number, never a string. Before the epoch is the epoch.
pub(super) fn numeric_date(value: &Value, round: Round) -> Option<u64> {
    let number = value.as_number()?;
    number.as_u64().or_else(|| number.as_i64().map(|_| 0)).or_else(|| number.as_f64().map(|date| whole(date, round)))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from a float stops at both ends")]
fn whole(date: f64, round: Round) -> u64 {
    match round {
        Round::Down => date.floor() as u64,
        Round::Up => date.ceil() as u64,
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: u64 = 1_800_000_000;

    fn at(unix_seconds: u64) -> Now {
        Now { unix_seconds, monotonic_millis: 0 }
    }

    /// AUTHN-030.
    #[test]
    fn the_edges_are_where_the_page_says() {
        for (begins, ends, result) in [
            (0, NOW - 59, Ok(())),
            (0, NOW - 60, Err(Reason::TokenExpired.into())),
            (0, NOW - 61, Err(Reason::TokenExpired.into())),
            (NOW + 59, NOW + 300, Ok(())),
            (NOW + 60, NOW + 300, Ok(())),
            (NOW + 61, NOW + 300, Err(Reason::TokenNotYetValid.into())),
            (0, 1 << 53, Ok(())),
            (0, (1 << 63) - 1, Ok(())),
            (0, u64::MAX, Ok(())),
            (u64::MAX, u64::MAX, Err(Reason::TokenNotYetValid.into())),
            (0, 0, Err(Reason::TokenExpired.into())),
        ] {
            assert_eq!(Validity { begins, ends, ages: u64::MAX }.check(at(NOW), 60), result, "{begins}..{ends}");
        }
    }

    #[test]
    fn a_token_grows_too_old_before_it_expires() {
        let validity = Validity { begins: 0, ends: NOW + 3_600, ages: NOW };
        assert_eq!(validity.check(at(NOW + 60), 60), Ok(()));
        assert_eq!(validity.check(at(NOW + 61), 60), Err(Reason::TokenTooOld.into()));
        assert_eq!(validity.check(at(NOW + 3_660), 60), Err(Reason::TokenExpired.into()));
    }

    #[test]
    fn a_verdict_flips_once_as_time_passes() {
        let validity = Validity { begins: 1_000, ends: 2_000, ages: u64::MAX };
        let verdicts: Vec<bool> = (0..4_000).map(|now| validity.check(at(now), 60).is_ok()).collect();
        assert_eq!(verdicts.windows(2).filter(|pair| pair[0] != pair[1]).count(), 2);
        assert_eq!((verdicts[939], verdicts[940], verdicts[2_059], verdicts[2_060]), (false, true, true, false));
    }

    #[test]
    fn a_date_is_a_number_and_its_fraction_never_helps() {
        for (value, down, up) in [
            (json!(5), Some(5), Some(5)),
            (json!(5.5), Some(5), Some(6)),
            (json!(-5), Some(0), Some(0)),
            (json!(-0.5), Some(0), Some(0)),
            (json!(1e300), Some(u64::MAX), Some(u64::MAX)),
            (json!("5"), None, None),
            (json!([5]), None, None),
            (json!(null), None, None),
            (json!(true), None, None),
        ] {
            assert_eq!((numeric_date(&value, Round::Down), numeric_date(&value, Round::Up)), (down, up), "{value}");
        }
    }
}
