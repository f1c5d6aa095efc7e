//! Where the last whole frame of a body ended, for whoever ends the body there in a sender's name.
//!
//! Nothing takes back what was sent: behind half a frame no client reads another one. So a body ends behind a whole frame,
//! and what was begun of the next is left out. It can be, as long as all of it stands in the piece at hand: a frame ends in
//! most pieces, and in each that says anything new.
//!
//! ```
//! use portcullis::http::stream::{Frames, Framing};
//!
//! let mut frames = Frames::new(Framing::Ndjson, 1024);
//! let piece = b"{\"a\":1}\n{\"b\"";
//! frames.push(piece, &mut |_| {}).unwrap();
//! assert_eq!(frames.border().end(piece, b"{}\n").unwrap(), b"{\"a\":1}\n{}\n");
//!
//! // What was begun has passed: it must end first.
//! frames.push(b":2", &mut |_| {}).unwrap();
//! assert_eq!(frames.border().end(b":2", b"{}\n"), None);
//! ```

/// The end of the last whole frame.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Border {
    /// How many bytes were read since.
    pub begun: usize,
    /// Whether it ended with a CR: who writes on begins with an LF, for readers to whom a CR alone ends nothing.
    pub is_behind_cr: bool,
}

impl Border {
    /// What to send instead of the piece that was read last, so that the body ends with these frames. `None` if bytes that
    /// were begun stand in pieces before it: then a later piece must do.
    pub fn end(self, piece: &[u8], frames: &[u8]) -> Option<Vec<u8>> {
        let whole = piece.get(..piece.len().checked_sub(self.begun)?)?;
        let line_end: &[u8] = if self.is_behind_cr { b"\n" } else { b"" };
        Some([whole, line_end, frames].concat())
    }
}

#[cfg(test)]
mod tests {
    use crate::http::stream::{Frame, Frames, Framing, event_stream};

    /// What is read of a body that is ended with one more frame in its second piece, if it can be.
    fn read(framing: Framing, body: &[u8], cut: usize, last: &[u8]) -> Option<Vec<Vec<u8>>> {
        let mut frames = Frames::new(framing, 1024);
        let (first, second) = body.split_at(cut);
        frames.push(first, &mut |_| {}).unwrap();
        frames.push(second, &mut |_| {}).unwrap();
        let ended = frames.border().end(second, last)?;
        let (mut again, mut seen) = (Frames::new(framing, 1024), Vec::new());
        again.push(&[first, &ended].concat(), &mut |frame: Frame<'_>| seen.push(frame.data.to_vec())).unwrap();
        Some(seen)
    }

    #[test]
    fn what_was_begun_is_left_out_and_nothing_else() {
        let message = |data: &str| event_stream::encode(&[(":event-type", "e")], data.as_bytes());
        let messages = [message("1"), message("2"), message("3")];
        let begun = [messages[0].as_slice(), &messages[1], &messages[2][..9]].concat();
        for (framing, body, border, last) in [
            (Framing::Sse, &b"data: 1\n\ndata: 2\n\n"[..], 18, &b"data: 9\n\n"[..]),
            (Framing::Sse, b"data: 1\n\ndata: 2\n\nevent: a\ndata: 3\n", 18, b"data: 9\n\n"),
            (Framing::Sse, b"data: 1\r\n\r\ndata: 2\r\n\r\nid: 3\r", 28, b"data: 9\n\n"),
            (Framing::Sse, b"data: 1\r\rdata: 2\r\rdata: 3\r", 18, b"data: 9\n\n"),
            (Framing::Sse, b"data: 1\n\ndata: 2\r\n\r\n: ping", 20, b"data: 9\n\n"),
            (Framing::Ndjson, b"1\r\n2\r\n3", 6, b"9\n"),
            (Framing::Ndjson, b"1\n\n2\n", 5, b"9\n"),
            (Framing::JsonArray, b"[1\n,\n2\n", 6, b",9]"),
            (Framing::JsonArray, b"[1,{\"2\":2},[3", 10, b",9]"),
            (Framing::EventStream, &begun, begun.len() - 9, &message("9")),
        ] {
            for cut in 0..=body.len() {
                let (seen, text) = (read(framing, body, cut, last), body.escape_ascii());
                assert_eq!(seen.is_some(), cut <= border, "{text} cut at {cut}: {seen:?}");
                let Some(seen) = seen else { continue };
                assert!(seen.len() == 3 && seen[2] != b"3", "{text} cut at {cut}: {seen:?}");
            }
        }
    }

    #[test]
    fn a_reader_of_lf_finds_the_frame_behind_a_cr() {
        for (framing, body) in [(Framing::Sse, &b"data: 1\r\n\r"[..]), (Framing::Ndjson, b"1\r")] {
            let mut frames = Frames::new(framing, 64);
            frames.push(body, &mut |_| {}).unwrap();
            assert!(frames.border().end(body, b"9\n").unwrap().ends_with(b"\r\n9\n"));
            frames.push(b"\n", &mut |_| {}).unwrap();
            assert_eq!(frames.border().end(b"\n", b"9\n").unwrap(), b"\n9\n");
        }
    }
}
