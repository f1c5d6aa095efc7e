//! How much in which time.

/// How much may be spent in which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Units in each window, more than zero.
    pub limit: u64,
    /// The window in nanoseconds, more than zero.
    pub window: u64,
    /// What `gcra` lets through at once, more than zero; the others let through `limit`.
    pub burst: u64,
}

impl Quota {
    /// Whether all of this together is within the limit. No sum is too large to be told.
    pub fn holds(&self, units: [u64; 3]) -> bool {
        units.into_iter().map(u128::from).fold(0, u128::saturating_add) <= u128::from(self.limit)
    }

    /// So many percent of it, at least one unit.
    #[must_use]
    pub fn percent(&self, percent: u64) -> Self {
        let part = |units: u64| {
            let part = u128::from(units).saturating_mul(u128::from(percent)) / 100;
            u64::try_from(part).unwrap_or(u64::MAX).max(1)
        };
        Self { limit: part(self.limit), burst: part(self.burst), ..*self }
    }

    /// A quota that lets a whole window's worth through at once.
    pub fn new(limit: u64, window: u64) -> Self {
        Self { limit, window, burst: limit }
    }
}
