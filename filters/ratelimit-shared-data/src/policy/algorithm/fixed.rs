//! Windows that follow one another, aligned to the calendar's clock: a minute begins with the minute, a day at midnight of
//! UTC. In each, at most `limit` units are let through; around the border of two, up to twice as many.
//!
//! The wall clock says where a window ends when it begins. From then on the other clock measures it, so that a jump neither
//! opens a new window nor holds an old one open. After a jump the first window is shorter or longer than others, by half a
//! window at most.

use super::super::bytes::{Bytes, Reader};
use super::super::quota::Quota;
use super::super::time::Now;

/// What was spent in the window that runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fixed {
    /// The number of the window since the epoch.
    number: u64,
    /// When it began and when it ends, on the clock that measures.
    began: u64,
    ends: u64,
    spent: u64,
}

impl Fixed {
    /// Begins the window of this moment if the last one is over. A moment that is past changes nothing.
    pub fn advance(&mut self, quota: &Quota, now: Now) {
        // Where time ends, no window begins any more.
        if now.monotonic < self.ends || self.ends == u64::MAX {
            return;
        }
        let window = quota.window.max(1);
        let number = now.wall.checked_div(window).unwrap_or_default();
        let rest = window.saturating_sub(now.wall.checked_rem(window).unwrap_or_default());
        // The clocks differ by a moment: the last window ended a little too early, and what is left belongs to the next.
        let is_remainder = self.ends > 0 && number == self.number && rest < window.div_ceil(2);
        let (number, length) =
            if is_remainder { (number.saturating_add(1), rest.saturating_add(window)) } else { (number, rest) };
        *self = Self { number, began: now.monotonic, ends: now.monotonic.saturating_add(length), spent: 0 };
    }

    /// How long until so many units fit beside `held`; zero if they do. Call it after `advance`.
    pub fn wait(&self, quota: &Quota, now: Now, units: u64, held: u64) -> u64 {
        if quota.holds([self.spent, units, held]) { 0 } else { self.ends.saturating_sub(now.monotonic).max(1) }
    }

    /// Spends units now.
    pub fn spend(&mut self, units: u64) {
        self.spent = self.spent.saturating_add(units);
    }

    /// Takes back units that were spent at this moment, if its window still runs.
    pub fn give_back(&mut self, at: u64, units: u64) {
        if at >= self.began {
            self.spent = self.spent.saturating_sub(units);
        }
    }

    /// What was spent in this window.
    pub fn spent(&self) -> u64 {
        self.spent
    }

    /// When the window ends.
    pub fn ends(&self) -> u64 {
        self.ends
    }

    /// When the next window needs to know this one no more: what is left of it by the other clock is less than half.
    pub fn forgotten_at(&self, quota: &Quota) -> u64 {
        self.ends.saturating_add(quota.window.div_ceil(2))
    }

    /// Writes it.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        for number in [self.number, self.began, self.ends, self.spent] {
            bytes.put(&number.to_le_bytes());
        }
    }

    /// Reads what [`write`](Self::write) wrote.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self { number: reader.u64()?, began: reader.u64()?, ends: reader.u64()?, spent: reader.u64()? })
    }
}
