//! Where a body is at fault, told without repeating any of it.

use std::fmt;

/// What can be wrong with a body of one kind. It prints what was expected.
pub trait Fault: fmt::Display + fmt::Debug + Copy + PartialEq {
    /// The fault's stable name, for replies, metrics and logs.
    fn code(self) -> &'static str;
}

/// Why a body was refused, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error<F> {
    /// The first byte that is at fault, counted from 0; the length of the body if something is missing at its end.
    pub at: u64,
    /// What is wrong there.
    pub fault: F,
}

impl<F: Fault> Error<F> {
    /// The fault's stable name.
    pub fn code(&self) -> &'static str {
        self.fault.code()
    }
}

impl<F> Error<F> {
    /// The same, as a fault of what it stands in.
    pub(super) fn map<G>(self, into: impl FnOnce(F) -> G) -> Error<G> {
        Error { at: self.at, fault: into(self.fault) }
    }

    /// The same, of something that begins at `start`.
    #[must_use]
    pub(super) fn behind(self, start: u64) -> Self {
        Self { at: self.at.saturating_add(start), fault: self.fault }
    }
}

impl<F: Fault> fmt::Display for Error<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.at, self.fault)
    }
}

impl<F: Fault> std::error::Error for Error<F> {}

/// The length of bytes in memory.
pub(super) fn length(bytes: &[u8]) -> u64 {
    offset(bytes.len())
}

/// A place in bytes in memory.
pub(super) fn offset(at: usize) -> u64 {
    u64::try_from(at).unwrap_or(u64::MAX)
}
