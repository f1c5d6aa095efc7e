//! How a document is fetched and how long it lasts, as an operator writes it.

use serde::Deserialize;

use crate::config::{ConfigError, Size};
use crate::host::Millis;

/// How a document is fetched, and how long it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fetch {
    /// How long after a good answer it is asked for again, less up to a tenth so that gateways do not ask together.
    /// Default `10m`, `1s` to `24h`.
    pub refresh: Millis,
    /// How long a good document is used after it was fetched, if nothing better comes. Default `24h`, at least `refresh`,
    /// at most `720h`. What an issuer withdraws while it cannot be reached is believed for so long.
    pub max_stale: Millis,
    /// How long a fetch may take. Default `2s`, `50ms` to `30s`.
    pub timeout: Millis,
    /// The least time between two fetches that requests bring about (an unknown key). Default `30s`, `1s` to `1h`.
    pub cooldown: Millis,
    /// The largest document. Default `256KiB`, at most `4MiB`.
    pub max_bytes: Size,
}

impl Default for Fetch {
    fn default() -> Self {
        Self {
            refresh: Millis(600_000),
            max_stale: Millis(24 * 3_600_000),
            timeout: Millis(2000),
            cooldown: Millis(30_000),
            max_bytes: Size(256 << 10),
        }
    }
}

impl Fetch {
    /// What the types cannot say.
    pub fn check(&self) -> Result<(), ConfigError> {
        in_range("refresh", self.refresh, Millis(1000), Millis(24 * 3_600_000))?;
        in_range("max_stale", self.max_stale, self.refresh, Millis(720 * 3_600_000))?;
        in_range("timeout", self.timeout, Millis(50), Millis(30_000))?;
        in_range("cooldown", self.cooldown, Millis(1000), Millis(3_600_000))?;
        let (found, most) = (self.max_bytes, Size(4 << 20));
        if found > most { Err(ConfigError::new("max_bytes", found, format!("at most {most}"))) } else { Ok(()) }
    }
}

fn in_range(place: &str, found: Millis, least: Millis, most: Millis) -> Result<(), ConfigError> {
    let fits = (least..=most).contains(&found);
    if fits { Ok(()) } else { Err(ConfigError::new(place, found, format!("{least} to {most}"))) }
}
