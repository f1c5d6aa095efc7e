//! The generic cell rate algorithm (ITU-T I.371, annex A), as a bucket that leaks: what was spent flows off with `limit`
//! units in each window, and what is in it may never be more than `burst`.
//!
//! In any stretch of time `t`, at most `burst + limit * t / window` units are let through.
//!
//! What is in the bucket is counted in units times nanoseconds of the window, so that it flows off in whole numbers: nothing
//! is rounded, however slowly it flows.

use super::super::bytes::{Bytes, Reader};
use super::super::quota::Quota;
use super::super::time::Now;

/// What was spent and has not flowed off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gcra {
    /// Units times nanoseconds of the window.
    level: u128,
    /// When it was that.
    at: u64,
}

impl Gcra {
    /// Lets flow off what does until now. A moment that is past changes nothing.
    pub fn advance(&mut self, quota: &Quota, now: Now) {
        let elapsed = u128::from(now.monotonic.saturating_sub(self.at));
        self.level = self.level.saturating_sub(elapsed.saturating_mul(u128::from(quota.limit)));
        self.at = self.at.max(now.monotonic);
    }

    /// How long until so many units fit beside `held`; zero if they do. Call it after `advance`.
    pub fn wait(&self, quota: &Quota, units: u64, held: u64) -> u64 {
        let wanted = scaled(quota, units).saturating_add(scaled(quota, held)).saturating_add(self.level);
        let over = wanted.saturating_sub(scaled(quota, quota.burst));
        u64::try_from(over.div_ceil(u128::from(quota.limit.max(1)))).unwrap_or(u64::MAX)
    }

    /// Spends units. More than the bucket holds is an overrun: it weighs on the next window and no longer.
    pub fn spend(&mut self, quota: &Quota, units: u64) {
        let most = scaled(quota, quota.burst.saturating_add(quota.limit));
        self.level = self.level.saturating_add(scaled(quota, units)).min(most);
    }

    /// Takes back units that were spent.
    pub fn give_back(&mut self, quota: &Quota, units: u64) {
        self.level = self.level.saturating_sub(scaled(quota, units));
    }

    /// What is spent, rounded up.
    pub fn spent(&self, quota: &Quota) -> u64 {
        u64::try_from(self.level.div_ceil(u128::from(quota.window.max(1)))).unwrap_or(u64::MAX)
    }

    /// When nothing of it is left.
    pub fn over_at(&self, quota: &Quota) -> u64 {
        let rest = self.level.div_ceil(u128::from(quota.limit.max(1)));
        self.at.saturating_add(u64::try_from(rest).unwrap_or(u64::MAX))
    }

    /// Writes it.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        bytes.put(&self.level.to_le_bytes());
        bytes.put(&self.at.to_le_bytes());
    }

    /// Reads what [`write`](Self::write) wrote.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self { level: u128::from_le_bytes(reader.array()?), at: reader.u64()? })
    }
}

fn scaled(quota: &Quota, units: u64) -> u128 {
    u128::from(units).saturating_mul(u128::from(quota.window))
}
