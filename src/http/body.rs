//! How much of a body has arrived, and whether it is whole: the bookkeeping that every held body needs.
//!
//! Envoy reports a body in three shapes: none at all (the headers end the message), pieces with a last one, and
//! pieces that trailers end, none of which is the last. `Progress` folds them into two facts.

/// What is known of the body of one side while it is held. Sizes are totals: Envoy buffers what was paused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes in the proxy's buffer.
    pub buffered: usize,
    /// Nothing follows.
    pub whole: bool,
    /// Trailers have arrived: they ended the body.
    pub trailers: bool,
}

impl Progress {
    /// The headers arrived; `end` when they are all there is.
    pub fn headers(&mut self, end: bool) {
        self.whole = end;
    }

    /// A body callback after a pause: `size` is everything buffered.
    pub fn body(&mut self, size: usize, end: bool) {
        self.buffered = size;
        self.whole = self.whole || end;
    }

    /// Trailers arrived.
    pub fn trailers(&mut self) {
        self.trailers = true;
        self.whole = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailers_end_a_body_that_no_callback_ended() {
        let mut progress = Progress::default();
        progress.headers(false);
        progress.body(10, false);
        assert!(!progress.whole);
        progress.trailers();
        assert_eq!(progress, Progress { buffered: 10, whole: true, trailers: true });
    }

    #[test]
    fn headers_alone_are_a_whole_message() {
        let mut progress = Progress::default();
        progress.headers(true);
        assert!(progress.whole);
    }
}
