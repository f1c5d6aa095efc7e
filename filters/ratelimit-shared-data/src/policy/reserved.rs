//! What is set aside for requests that are under way, until it is known what they used.
//!
//! Eight sums by when they expire, so that what nobody settles is free again: a stream in a VM that trapped, for example. A
//! reservation holds for its lease and up to a seventh longer. Who is under way longer renews it.

use super::bytes::{Bytes, Reader};

/// How many sums there are.
const SUMS: usize = 8;
/// How many steps a reservation holds from the one that it is made in.
const STEPS: u64 = 7;

/// Sums of units, by the step in which they expire.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reserved {
    /// The step that has begun: what expires in it comes first.
    step: u64,
    sums: [u64; SUMS],
}

/// Until when a reservation holds, in steps of its lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry(u64);

impl Reserved {
    /// Forgets what has expired. A moment that is past changes nothing.
    pub fn advance(&mut self, lease: u64, monotonic: u64) {
        let step = step(lease, monotonic);
        let passed = usize::try_from(step.saturating_sub(self.step)).unwrap_or(SUMS).min(SUMS);
        self.sums.rotate_left(passed);
        self.sums.iter_mut().rev().take(passed).for_each(|sum| *sum = 0);
        self.step = self.step.max(step);
    }

    /// Sets units aside. Call it after `advance`, as all that follow.
    pub fn add(&mut self, units: u64) -> Expiry {
        if let Some(sum) = self.sums.last_mut() {
            *sum = sum.saturating_add(units);
        }
        Expiry(self.step.saturating_add(STEPS))
    }

    /// Frees units, unless they have expired.
    pub fn free(&mut self, expiry: Expiry, units: u64) {
        let Some(place) = expiry.0.checked_sub(self.step).and_then(|place| usize::try_from(place).ok()) else { return };
        if let Some(sum) = self.sums.get_mut(place) {
            *sum = sum.saturating_sub(units);
        }
    }

    /// All that is set aside.
    pub fn total(&self) -> u64 {
        self.sums.iter().fold(0, |total, sum| total.saturating_add(*sum))
    }

    /// How long until something of it expires.
    pub fn wait(&self, lease: u64, monotonic: u64) -> u64 {
        let first = self.sums.iter().zip(self.step..).find(|(sum, _)| **sum > 0);
        first.map_or(0, |(_, step)| over_at(lease, step).saturating_sub(monotonic))
    }

    /// When all of it has expired.
    pub fn over_at(&self, lease: u64) -> u64 {
        let last = self.sums.iter().zip(self.step..).filter(|(sum, _)| **sum > 0).last();
        last.map_or(0, |(_, step)| over_at(lease, step))
    }

    /// Writes it.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        bytes.put(&self.step.to_le_bytes());
        self.sums.iter().for_each(|sum| bytes.put(&sum.to_le_bytes()));
    }

    /// Reads what [`write`](Self::write) wrote.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut read = Self { step: reader.u64()?, sums: [0; SUMS] };
        for sum in &mut read.sums {
            *sum = reader.u64()?;
        }
        Some(read)
    }
}

/// The step that a moment is in.
fn step(lease: u64, monotonic: u64) -> u64 {
    monotonic.checked_div(length(lease)).unwrap_or_default()
}

fn length(lease: u64) -> u64 {
    lease.div_ceil(STEPS).max(1)
}

fn over_at(lease: u64, step: u64) -> u64 {
    step.saturating_add(1).saturating_mul(length(lease))
}
