//! About how many different things were seen: linear counting (Whang, Vander-Zanden, Taylor 1990).
//!
//! Each thing sets one bit, which a keyed hash chooses, so that nobody outside can find things that share one. Of `m` bits,
//! `n` different things set about `m * (1 - exp(-n / m))`. The limit is turned into a number of bits when the configuration
//! is read; at run time bits are counted, and nothing is estimated.
//!
//! There are as many bits as the limit asks for, rounded up to a power of two, from 1,024 to 32,768. What is let through is
//! then the limit give or take, with one standard deviation: 2.6 % at a limit of 1,000, 0.7 % at 10,000, 0.8 % at 100,000.

use super::bytes::{Bytes, Reader};

/// The fewest bits, and the most.
const FEWEST: u64 = 1 << 10;
const MOST: u64 = 1 << 15;

/// The largest number that can be told apart with so many bits.
pub const MOST_THINGS: u64 = 100_000;

/// How a sketch of so many things is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    bits: u64,
    /// How many bits so many things set.
    full: u64,
}

impl Scale {
    /// The scale on which so many different things are many.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // both are small
    pub fn of(things: u64) -> Self {
        let bits = things.min(MOST_THINGS).next_power_of_two().clamp(FEWEST, MOST);
        let empty = (-(things.min(MOST_THINGS) as f64) / bits as f64).exp();
        Self { bits, full: ((1.0 - empty) * bits as f64).round() as u64 }
    }

    /// How many bytes a sketch takes.
    fn bytes(self) -> usize {
        usize::try_from(self.bits >> 3).unwrap_or_default()
    }
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch {
    bits: Vec<u8>,
}

impl Sketch {
    /// Nothing was seen.
    pub fn new(scale: Scale) -> Self {
        Self { bits: vec![0; scale.bytes()] }
    }

    /// Whether a thing with this hash may have been seen.
    pub fn has(&self, scale: Scale, hash: u64) -> bool {
        let (byte, bit) = place(scale, hash);
        self.bits.get(byte).is_some_and(|byte| byte & bit != 0)
    }

    /// Whether there is room for one more.
    pub fn has_room(&self, scale: Scale) -> bool {
        self.set() < scale.full
    }

    /// Notes a thing.
    pub fn note(&mut self, scale: Scale, hash: u64) {
        let (byte, bit) = place(scale, hash);
        if let Some(byte) = self.bits.get_mut(byte) {
            *byte |= bit;
        }
    }

    /// How many bits are set, and how many may be: about how much is left.
    pub fn left(&self, scale: Scale) -> u64 {
        scale.full.saturating_sub(self.set())
    }

    fn set(&self) -> u64 {
        self.bits.iter().fold(0, |set, byte| set.saturating_add(u64::from(byte.count_ones())))
    }

    /// Writes it.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        bytes.put(&self.bits);
    }

    /// Reads what [`write`](Self::write) wrote.
    pub fn read(reader: &mut Reader<'_>, scale: Scale) -> Option<Self> {
        reader.take(scale.bytes()).map(|bits| Self { bits: bits.to_vec() })
    }
}

/// The byte and the bit of a hash.
fn place(scale: Scale, hash: u64) -> (usize, u8) {
    let at = hash & scale.bits.saturating_sub(1);
    (usize::try_from(at >> 3).unwrap_or_default(), 1 << (at & 7))
}
