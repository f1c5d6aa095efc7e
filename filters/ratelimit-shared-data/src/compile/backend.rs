//! `backend`, and which limits it counts.

use portcullis::config::in_range;
use portcullis::prelude::{ConfigError, Millis};

use super::meters::nanoseconds;
use crate::backend::{Backend, Leases};
use crate::config::{self, CountedBy, OnUnavailable, OnUnmatched, Overrun, Refunds, Rls};
use crate::policy::Unit;

const TIMEOUTS: std::ops::RangeInclusive<Millis> = Millis(5)..=Millis(10_000);
const LEASES: std::ops::RangeInclusive<Millis> = Millis(100)..=Millis(3_600_000);
const MAX_DOMAIN: usize = 128;

pub(super) fn compile(written: Option<&config::Backend>) -> Result<Option<Backend>, ConfigError> {
    let Some(config::Backend::Rls(rls)) = written else { return Ok(None) };
    of_rls(rls).map(Some).map_err(|fault| fault.within("rls").within("backend"))
}

fn of_rls(written: &Rls) -> Result<Backend, ConfigError> {
    if written.cluster.is_empty() {
        return Err(ConfigError::new("cluster", "", "the name of an Envoy cluster"));
    }
    let authority = written.authority.as_ref().unwrap_or(&written.cluster);
    visible("domain", &written.domain)?;
    visible("authority", authority)?;
    in_range("timeout", written.timeout, TIMEOUTS)?;
    Ok(Backend {
        cluster: written.cluster.clone(),
        authority: authority.clone(),
        domain: written.domain.clone(),
        timeout: written.timeout,
        on_unavailable: written.on_unavailable,
        passes_unmatched: written.on_unmatched == OnUnmatched::Allow,
        local_percent: local_percent(written)?,
        takes_back: written.refunds == Refunds::NegativeHits,
        leases: leases(written)?,
    })
}

fn visible(place: &str, text: &str) -> Result<(), ConfigError> {
    let fits = (1..=MAX_DOMAIN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(()) } else { Err(ConfigError::new(place, text, "1 to 128 visible ASCII characters")) }
}

fn local_percent(written: &Rls) -> Result<u64, ConfigError> {
    let percent = written.local_percent.unwrap_or(100);
    in_range("local_percent", percent, 1..=100)?;
    if written.local_percent.is_some() && written.on_unavailable != OnUnavailable::Local {
        return Err(ConfigError::new("local_percent", percent, "it with on_unavailable: local alone"));
    }
    Ok(percent)
}

fn leases(written: &Rls) -> Result<Option<Leases>, ConfigError> {
    let Some(local_first) = written.local_first else { return Ok(None) };
    if written.refunds == Refunds::NegativeHits {
        return Err(ConfigError::new("refunds", "negative_hits", "none: what is not used goes back to the lease"));
    }
    let within = |fault: ConfigError| fault.within("local_first");
    in_range("percent", local_first.percent, 1..=50).map_err(within)?;
    in_range("lease", local_first.lease, LEASES).map_err(within)?;
    Ok(Some(Leases { percent: local_first.percent, lasts: nanoseconds(local_first.lease) }))
}

/// Whether the backend counts a limit.
pub(super) fn is_remote(written: &config::Limit, has_backend: bool) -> Result<bool, ConfigError> {
    let can = !matches!(written.unit, Unit::Concurrent | Unit::Distinct);
    let is_remote = match written.counted_by {
        None => has_backend && can,
        Some(CountedBy::Envoy) => false,
        Some(CountedBy::Backend) => true,
    };
    match (is_remote, written.counted_by) {
        (true, Some(_)) if !has_backend => {
            Err(ConfigError::new("counted_by", "backend", "a backend in the configuration"))
        }
        (true, _) if !can => {
            let expected = "envoy: a service knows neither what is under way nor which prompts differ";
            Err(ConfigError::new("counted_by", "backend", expected))
        }
        (true, _) if written.overrun == Overrun::Cut => {
            let expected = "debit, or counted_by: envoy: a stream does not wait for a service";
            Err(ConfigError::new("overrun", "cut", expected))
        }
        _ => Ok(is_remote),
    }
}
