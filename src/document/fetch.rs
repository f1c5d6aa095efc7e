//! How a document is fetched and how long it lasts, as an operator writes it.

use std::ops::RangeInclusive;

use serde::Deserialize;

use crate::config::{ConfigError, Size, in_range};
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
    /// The largest document. Default `256KiB`, `1KiB` to `4MiB`.
    pub max_bytes: Size,
}

/// The least and the most that each field may be. Documents are compared with this table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Of `refresh`.
    pub refresh: RangeInclusive<Millis>,
    /// Of `max_stale`, which is at least `refresh` too.
    pub max_stale: RangeInclusive<Millis>,
    /// Of `timeout`.
    pub timeout: RangeInclusive<Millis>,
    /// Of `cooldown`.
    pub cooldown: RangeInclusive<Millis>,
    /// Of `max_bytes`.
    pub max_bytes: RangeInclusive<Size>,
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
    /// What may be written.
    pub const BOUNDS: Bounds = Bounds {
        refresh: RangeInclusive::new(Millis(1000), Millis(24 * 3_600_000)),
        max_stale: RangeInclusive::new(Millis(1000), Millis(720 * 3_600_000)),
        timeout: RangeInclusive::new(Millis(50), Millis(30_000)),
        cooldown: RangeInclusive::new(Millis(1000), Millis(3_600_000)),
        max_bytes: RangeInclusive::new(Size(1 << 10), Size(4 << 20)),
    };

    /// What the types cannot say.
    pub fn check(&self) -> Result<(), ConfigError> {
        let Bounds { refresh, max_stale, timeout, cooldown, max_bytes } = Self::BOUNDS;
        in_range("refresh", self.refresh, refresh)?;
        in_range("max_stale", self.max_stale, self.refresh..=*max_stale.end())?;
        in_range("timeout", self.timeout, timeout)?;
        in_range("cooldown", self.cooldown, cooldown)?;
        in_range("max_bytes", self.max_bytes, max_bytes)
    }
}
