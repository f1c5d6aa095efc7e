//! What one Envoy may let through without asking: units that were taken from the service's counter in advance.
//!
//! They are good for a while, and not beyond the window that they were taken from. What a request does not use of its share
//! comes back, if they are still the same.

use super::bytes::{Bytes, Reader};

/// Nobody knows.
const UNKNOWN: u64 = u64::MAX;

/// Units that were taken in advance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Leased {
    units: u64,
    /// When they were taken, and until when they are good.
    began: u64,
    ends: u64,
    /// Until when somebody is asking for more.
    asking: u64,
    /// How many the counter had left when they were taken, if anybody knows.
    beyond: Option<u64>,
}

impl Leased {
    /// Forgets what is good no more.
    pub fn advance(&mut self, monotonic: u64) {
        if self.ends <= monotonic {
            self.units = 0;
        }
    }

    /// Takes units, if there are as many.
    pub fn take(&mut self, units: u64) -> bool {
        let rest = self.units.checked_sub(units);
        self.units = rest.unwrap_or(self.units);
        rest.is_some()
    }

    /// Takes as many units as there are, this many at most; tells how many.
    pub fn take_some(&mut self, units: u64) -> u64 {
        let some = self.units.min(units);
        self.units = self.units.saturating_sub(some);
        some
    }

    /// Adds units that are good until `ends`: with what is there already as long as the shorter. `beyond` is what their
    /// counter has left.
    pub fn add(&mut self, monotonic: u64, units: u64, ends: u64, beyond: Option<u64>) {
        let is_over = self.ends <= monotonic;
        self.began = if is_over { monotonic } else { self.began };
        self.ends = if is_over || self.units == 0 { ends } else { self.ends.min(ends) };
        self.units = self.units.saturating_add(units);
        (self.asking, self.beyond) = (0, beyond);
    }

    /// Takes back what was not used of units that were taken at a moment.
    pub fn give_back(&mut self, at: u64, units: u64) {
        if at >= self.began {
            self.units = self.units.saturating_add(units);
        }
    }

    /// Whether so many more are to be asked for: nobody does yet, and as many were left. Who is told so asks, until then at
    /// most.
    pub fn begins_asking(&mut self, monotonic: u64, until: u64, units: u64) -> bool {
        let are_there = self.ends <= monotonic || self.beyond.is_none_or(|beyond| beyond >= units);
        let is_first = are_there && self.asking <= monotonic;
        if is_first {
            self.asking = until;
        }
        is_first
    }

    /// Until when they are good.
    pub fn ends(&self) -> u64 {
        self.ends
    }

    /// When nothing of it counts.
    pub fn forgotten_at(&self) -> u64 {
        self.ends.max(self.asking)
    }

    /// Writes it.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        for number in [self.units, self.began, self.ends, self.asking, self.beyond.unwrap_or(UNKNOWN)] {
            bytes.put(&number.to_le_bytes());
        }
    }

    /// Reads what [`write`](Self::write) wrote.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let (units, began, ends, asking) = (reader.u64()?, reader.u64()?, reader.u64()?, reader.u64()?);
        Some(Self { units, began, ends, asking, beyond: Some(reader.u64()?).filter(|beyond| *beyond != UNKNOWN) })
    }
}
