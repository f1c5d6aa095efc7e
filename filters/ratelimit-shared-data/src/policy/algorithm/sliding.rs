//! A window that slides: in any stretch of time as long as the window, at most `limit` units are let through.
//!
//! What was spent is kept by sixteenths of the window and counts until its whole sixteenth is a window old: never too
//! short, and at most a sixteenth too long. So the limit holds wherever the stretch begins, and who spends all of it evenly
//! gets 16/17 of it.

use super::super::bytes::{Bytes, Reader};
use super::super::quota::Quota;
use super::super::time::Now;

/// The parts of a window.
const PARTS: u64 = 16;
/// Those that count: a window and the part that has begun.
const KEPT: usize = 17;

/// What was spent, by parts of the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sliding {
    /// The number of the part that has begun.
    part: u64,
    /// What was spent in it and those before, oldest first.
    spent: [u64; KEPT],
}

impl Sliding {
    /// Forgets what is a window old. A moment that is past changes nothing.
    pub fn advance(&mut self, quota: &Quota, now: Now) {
        let part = number(quota, now.monotonic);
        let passed = usize::try_from(part.saturating_sub(self.part)).unwrap_or(KEPT).min(KEPT);
        self.spent.rotate_left(passed);
        self.spent.iter_mut().rev().take(passed).for_each(|spent| *spent = 0);
        self.part = self.part.max(part);
    }

    /// How long until so many units fit beside `held`; zero if they do. Call it after `advance`.
    pub fn wait(&self, quota: &Quota, now: Now, units: u64, held: u64) -> u64 {
        let mut total = self.total();
        if quota.holds([total, units, held]) {
            return 0;
        }
        let fits = self.parts().find(|(spent, _)| {
            total = total.saturating_sub(*spent);
            quota.holds([total, units, held])
        });
        fits.map_or(quota.window, |(_, part)| over_at(quota, part).saturating_sub(now.monotonic)).max(1)
    }

    /// Spends units now.
    pub fn spend(&mut self, units: u64) {
        if let Some(spent) = self.spent.last_mut() {
            *spent = spent.saturating_add(units);
        }
    }

    /// Takes back units that were spent at this moment, if they still count.
    pub fn give_back(&mut self, quota: &Quota, at: u64, units: u64) {
        let back = self.part.saturating_sub(number(quota, at));
        let place = usize::try_from(back).ok().and_then(|back| self.spent.iter_mut().rev().nth(back));
        if let Some(spent) = place {
            *spent = spent.saturating_sub(units);
        }
    }

    /// What counts.
    pub fn total(&self) -> u64 {
        self.spent.iter().fold(0, |total, spent| total.saturating_add(*spent))
    }

    /// When nothing of it counts.
    pub fn over_at(&self, quota: &Quota) -> u64 {
        let last = self.parts().filter(|(spent, _)| *spent > 0).last();
        last.map_or(0, |(_, part)| over_at(quota, part))
    }

    /// What was spent in which part, oldest first.
    fn parts(&self) -> impl Iterator<Item = (u64, u64)> {
        self.spent.into_iter().zip(self.part.saturating_sub(PARTS)..)
    }

    /// Writes it.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        bytes.put(&self.part.to_le_bytes());
        self.spent.iter().for_each(|spent| bytes.put(&spent.to_le_bytes()));
    }

    /// Reads what [`write`](Self::write) wrote.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut read = Self { part: reader.u64()?, spent: [0; KEPT] };
        for spent in &mut read.spent {
            *spent = reader.u64()?;
        }
        Some(read)
    }
}

/// The length of a part.
fn length(quota: &Quota) -> u64 {
    quota.window.div_ceil(PARTS).max(1)
}

/// The number of the part that a moment is in. They begin with that of a window that was over when time began.
fn number(quota: &Quota, monotonic: u64) -> u64 {
    monotonic.checked_div(length(quota)).unwrap_or_default().saturating_add(PARTS)
}

/// When a part does not count any more.
fn over_at(quota: &Quota, part: u64) -> u64 {
    part.saturating_add(1).saturating_mul(length(quota))
}
