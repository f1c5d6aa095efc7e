//! What is held back of an answer until the event that it belongs to is there.

use portcullis::http::stream::{Ends, Framing};
use portcullis::prelude::Pass;

use super::MAX_BYTES;

/// Bytes of an event that has not ended.
pub(super) struct Held {
    ends: Ends,
    bytes: Vec<u8>,
}

impl Held {
    pub(super) fn new(framing: Framing) -> Self {
        Self { ends: Ends::new(framing), bytes: Vec::new() }
    }

    /// What passes with this piece; `None` if too much would have to be held.
    pub(super) fn pass(&mut self, piece: &[u8], last: bool) -> Option<Pass> {
        let end = self.ends.last(piece);
        let end = if last { piece.len() } else { end.unwrap_or_default() };
        if self.bytes.is_empty() && end == piece.len() {
            return Some(Pass::Same);
        }
        let (ready, rest) = piece.split_at_checked(end)?;
        let mut out = Vec::new();
        if end > 0 || last {
            out = std::mem::take(&mut self.bytes);
            out.extend_from_slice(ready);
        }
        self.bytes.extend_from_slice(rest);
        (self.bytes.len() <= MAX_BYTES).then_some(Pass::Instead(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_passes_when_all_of_it_is_there() {
        let mut held = Held::new(Framing::Sse);
        assert_eq!(held.pass(b"data: 1\n\n", false), Some(Pass::Same));
        assert_eq!(held.pass(b"data", false), Some(Pass::Instead(Vec::new())));
        assert_eq!(held.pass(b": 2\n\ndata: 3", false), Some(Pass::Instead(b"data: 2\n\n".to_vec())));
        assert_eq!(held.pass(b"\n", true), Some(Pass::Instead(b"data: 3\n".to_vec())));
        let mut held = Held::new(Framing::Sse);
        assert!(held.pass(&vec![b'a'; MAX_BYTES], false).is_some());
        assert_eq!(held.pass(b"a", false), None);
    }
}
