//! How spending counts over time: three algorithms with one face.

mod fixed;
mod gcra;
mod sliding;

use fixed::Fixed;
use gcra::Gcra;
use sliding::Sliding;

use super::bytes::Reader;
use super::quota::Quota;
use super::time::Now;

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// A bucket that leaks.
    Gcra,
    /// A window that slides.
    SlidingWindow,
    /// Windows that follow one another, aligned to the calendar's clock.
    FixedWindow,
}

/// What was spent, and still counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// Of a bucket that leaks.
    Gcra(Gcra),
    /// Of a window that slides.
    Sliding(Sliding),
    /// Of a window among others.
    Fixed(Fixed),
}

impl Spent {
    /// Nothing.
    pub fn nothing(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Gcra => Self::Gcra(Gcra::default()),
            Algorithm::SlidingWindow => Self::Sliding(Sliding::default()),
            Algorithm::FixedWindow => Self::Fixed(Fixed::default()),
        }
    }

    /// Forgets what does not count any more. The others are called after it.
    pub fn advance(&mut self, quota: &Quota, now: Now) {
        match self {
            Self::Gcra(spent) => spent.advance(quota, now),
            Self::Sliding(spent) => spent.advance(quota, now),
            Self::Fixed(spent) => spent.advance(quota, now),
        }
    }

    /// How long until so many units fit beside those that are held, in nanoseconds; zero if they do.
    pub fn wait(&self, quota: &Quota, now: Now, units: u64, held: u64) -> u64 {
        match self {
            Self::Gcra(spent) => spent.wait(quota, units, held),
            Self::Sliding(spent) => spent.wait(quota, now, units, held),
            Self::Fixed(spent) => spent.wait(quota, now, units, held),
        }
    }

    /// Spends units now.
    pub fn spend(&mut self, quota: &Quota, units: u64) {
        match self {
            Self::Gcra(spent) => spent.spend(quota, units),
            Self::Sliding(spent) => spent.spend(units),
            Self::Fixed(spent) => spent.spend(units),
        }
    }

    /// Takes back units that were spent at this moment.
    pub fn give_back(&mut self, quota: &Quota, at: u64, units: u64) {
        match self {
            Self::Gcra(spent) => spent.give_back(quota, units),
            Self::Sliding(spent) => spent.give_back(quota, at, units),
            Self::Fixed(spent) => spent.give_back(at, units),
        }
    }

    /// How many units count, rounded up.
    pub fn total(&self, quota: &Quota) -> u64 {
        match self {
            Self::Gcra(spent) => spent.spent(quota),
            Self::Sliding(spent) => spent.total(),
            Self::Fixed(spent) => spent.spent(),
        }
    }

    /// When the window ends that runs now; the others have none.
    pub fn ends(&self) -> u64 {
        match self {
            Self::Fixed(spent) => spent.ends(),
            Self::Gcra(_) | Self::Sliding(_) => 0,
        }
    }

    /// When nothing of it counts.
    pub fn over_at(&self, quota: &Quota) -> u64 {
        match self {
            Self::Gcra(spent) => spent.over_at(quota),
            Self::Sliding(spent) => spent.over_at(quota),
            Self::Fixed(spent) => spent.ends(),
        }
    }

    /// When its place can be another's.
    pub fn forgotten_at(&self, quota: &Quota) -> u64 {
        match self {
            Self::Fixed(spent) => spent.forgotten_at(quota),
            Self::Gcra(_) | Self::Sliding(_) => self.over_at(quota),
        }
    }

    /// Writes it.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Gcra(spent) => spent.write(bytes),
            Self::Sliding(spent) => spent.write(bytes),
            Self::Fixed(spent) => spent.write(bytes),
        }
    }

    /// Reads what [`write`](Self::write) wrote.
    pub fn read(algorithm: Algorithm, reader: &mut Reader<'_>) -> Option<Self> {
        match algorithm {
            Algorithm::Gcra => Gcra::read(reader).map(Self::Gcra),
            Algorithm::SlidingWindow => Sliding::read(reader).map(Self::Sliding),
            Algorithm::FixedWindow => Fixed::read(reader).map(Self::Fixed),
        }
    }
}
