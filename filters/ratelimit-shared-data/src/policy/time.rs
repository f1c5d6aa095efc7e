//! When something is asked: on the clock that measures, and on the one that people read.

/// Nanoseconds in a second.
pub const SECOND: u64 = 1_000_000_000;

/// A moment, in nanoseconds.
///
/// Everything is measured by `monotonic`. `wall` says only where an aligned window begins, so that a jump of it moves the
/// next window and neither cuts nor lengthens the one that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now {
    /// Since some start, and never backwards.
    pub monotonic: u64,
    /// Since the Unix epoch.
    pub wall: u64,
}
