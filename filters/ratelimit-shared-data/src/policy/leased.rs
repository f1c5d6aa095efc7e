//! What one Envoy may let through without asking: units that were taken from the service's counter in advance.
//!
//! They are good for a while, and not beyond the window that they were taken from. What a request does not use of its share
//! comes back, if they are still the same.

use super::bytes::{Bytes, Reader};

/// Units that were taken in advance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Leased {
    units: u64,
    /// When they were taken, and until when they are good.
    began: u64,
    ends: u64,
    /// Until when somebody is asking for more.
    asking: u64,
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

    /// Adds units that are good until `ends`: with what is there already as long as the shorter.
    pub fn add(&mut self, monotonic: u64, units: u64, ends: u64) {
        let is_over = self.ends <= monotonic;
        self.began = if is_over { monotonic } else { self.began };
        self.ends = if is_over { ends } else { self.ends.min(ends) };
        self.units = self.units.saturating_add(units);
        self.asking = 0;
    }

    /// Takes back what was not used of units that were taken at a moment.
    pub fn give_back(&mut self, at: u64, units: u64) {
        if at >= self.began {
            self.units = self.units.saturating_add(units);
        }
    }

    /// Whether nobody asks for more yet; who is told so does, until then at most.
    pub fn begins_asking(&mut self, monotonic: u64, until: u64) -> bool {
        let is_first = self.asking <= monotonic;
        if is_first {
            self.asking = until;
        }
        is_first
    }

    /// How many there are.
    pub fn units(&self) -> u64 {
        self.units
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
        for number in [self.units, self.began, self.ends, self.asking] {
            bytes.put(&number.to_le_bytes());
        }
    }

    /// Reads what [`write`](Self::write) wrote.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self { units: reader.u64()?, began: reader.u64()?, ends: reader.u64()?, asking: reader.u64()? })
    }
}
