//! Whether a condition holds. What cannot be told is never what the caller would like.

/// Whether a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It does.
    Holds,
    /// It does not, whatever the body says.
    Fails,
    /// Nobody can tell, and the body does not either: an allow rule does not match, a deny rule does.
    Error,
    /// The body decides.
    Unknown,
}

impl Truth {
    /// This, turned around.
    #[must_use]
    pub(super) fn not(self) -> Self {
        match self {
            Self::Holds => Self::Fails,
            Self::Fails => Self::Holds,
            other => other,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::Fails }
    }
}
