//! Where one side of a stream stands.

use crate::filter::Streaming;
use crate::host::Monotonic;
use crate::http::body::Progress;

/// One side of a stream.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Half {
    pub(super) phase: Phase,
    pub(super) progress: Progress,
}

/// What the exchange waits for on this side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Phase {
    /// Its headers have not come.
    #[default]
    Unseen,
    /// Nothing: all passes, and nobody asks.
    Passing,
    /// The whole body; headers are held.
    Collecting {
        /// When to conclude that the body callbacks never come.
        flag_due: Monotonic,
    },
    /// Each piece of the body; headers have left.
    Streaming(Streaming),
    /// An answer; everything is held.
    Waiting {
        /// What was being decided.
        stage: Stage,
        /// When it has been long enough.
        deadline: Monotonic,
    },
    /// Closing bytes were sent: what follows is dropped until the other side ends.
    Swallowing {
        /// Until when. Past it the stream is reset.
        until: Monotonic,
    },
    /// Answered or closed: nothing passes.
    Over,
}

/// What was being decided when an exchange began to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// On the headers: the body has not been judged.
    Headers,
    /// On the whole body.
    Body,
}

impl Half {
    /// Headers are here and have not been let go.
    pub(super) fn holds_headers(&self) -> bool {
        matches!(self.phase, Phase::Collecting { .. } | Phase::Waiting { .. })
    }
}
