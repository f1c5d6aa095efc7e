//! `spike` and `risk`: what is unusual about a key, and what follows.

use portcullis::config::in_range;
use portcullis::prelude::{ConfigError, Millis};

use super::meters::nanoseconds;
use crate::config;
use crate::policy::watch::{Risk, Shrinking, Spike};
use crate::policy::{Unit, Watch};

const LASTS: std::ops::RangeInclusive<Millis> = Millis(1000)..=Millis(24 * 3_600_000);

/// What a limit watches.
pub(super) fn watch(written: &config::Limit, is_remote: bool) -> Result<Option<Watch>, ConfigError> {
    let (spike, risk) = (spike(written)?, risk(written)?);
    match (&spike, &risk) {
        (None, None) => Ok(None),
        _ if is_remote => {
            let place = if spike.is_some() { "spike" } else { "risk" };
            Err(ConfigError::new(place, "a limit that the backend counts", "it with counted_by: envoy alone"))
        }
        _ => Ok(Some(Watch { spike, risk })),
    }
}

fn spike(written: &config::Limit) -> Result<Option<Spike>, ConfigError> {
    let Some(spike) = written.spike else { return Ok(None) };
    if matches!(written.unit, Unit::Concurrent | Unit::Distinct) {
        return Err(ConfigError::new("spike", written.unit.word(), "a unit that is spent over time"));
    }
    let read = in_range("factor", spike.factor, 2..=20).and_then(|()| shrinking(spike.r#for, spike.percent, 100));
    let then = read.map_err(|fault| fault.within("spike"))?;
    Ok(Some(Spike { factor: spike.factor, then }))
}

fn risk(written: &config::Limit) -> Result<Option<Risk>, ConfigError> {
    let Some(risk) = written.risk else { return Ok(None) };
    let is_one = risk.threshold > 0.0 && risk.threshold <= 1.0;
    let threshold =
        if is_one { Ok(()) } else { Err(ConfigError::new("threshold", risk.threshold, "above 0, up to 1")) };
    let read = threshold.and_then(|()| shrinking(risk.r#for, risk.percent, 99));
    let then = read.map_err(|fault| fault.within("risk"))?;
    if written.unit == Unit::Distinct && then.percent > 0 {
        return Err(ConfigError::new("risk.percent", then.percent, "0: distinct has one limit for all"));
    }
    Ok(Some(Risk { threshold: risk.threshold, then }))
}

fn shrinking(lasts: Millis, percent: u64, most: u64) -> Result<Shrinking, ConfigError> {
    in_range("for", lasts, LASTS)?;
    in_range("percent", percent, 0..=most)?;
    Ok(Shrinking { percent, lasts: nanoseconds(lasts) })
}
