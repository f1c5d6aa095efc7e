//! Where frames end, for whoever lets bytes pass only behind frames that were read.
//!
//! Rules:
//! 1. for server-sent events the end is an empty line, for NDJSON every line's end;
//! 2. a line ends with LF, CR or CR LF. An LF that comes behind a CR belongs to it, also in the next piece;
//! 3. what is no end for some client is none here: more is held back, never less. JSON arrays and AWS messages have no
//!    ends that show by themselves: nothing of them is whole before the body is.
//!
//! ```
//! use portcullis::http::stream::{Ends, Framing};
//!
//! let mut ends = Ends::new(Framing::Sse);
//! assert_eq!(ends.last(b"data: 1\n\ndata:"), Some(9));
//! assert_eq!(ends.last(b" 2\r\n"), None);
//! assert_eq!(ends.last(b"\r\n"), Some(2));
//! ```

use super::Framing;

/// Looks for the ends of frames.
#[derive(Debug)]
pub struct Ends {
    framing: Framing,
    is_line_empty: bool,
    is_behind_cr: bool,
}

impl Ends {
    /// At the beginning of a body.
    pub fn new(framing: Framing) -> Self {
        Self { framing, is_line_empty: true, is_behind_cr: false }
    }

    /// The byte of the next piece behind which a frame begins, the last of them; `None` if no frame ends in it.
    pub fn last(&mut self, piece: &[u8]) -> Option<usize> {
        let mut last = None;
        for (byte, next) in piece.iter().zip(1_usize..) {
            let is_end = self.take(*byte);
            // An LF behind the CR that ended a frame.
            let belongs = *byte == b'\n' && last == next.checked_sub(1);
            if is_end || belongs {
                last = Some(next);
            }
        }
        last
    }

    /// Whether a frame ends with this byte.
    fn take(&mut self, byte: u8) -> bool {
        let is_second = std::mem::replace(&mut self.is_behind_cr, byte == b'\r') && byte == b'\n';
        if !matches!(byte, b'\n' | b'\r') {
            self.is_line_empty = false;
            return false;
        }
        if is_second {
            return false;
        }
        let is_line_empty = std::mem::replace(&mut self.is_line_empty, true);
        match self.framing {
            Framing::Sse => is_line_empty,
            Framing::Ndjson => true,
            Framing::JsonArray | Framing::EventStream => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The last end, wherever the body is cut.
    fn last(framing: Framing, body: &[u8]) -> usize {
        let whole = Ends::new(framing).last(body).unwrap_or_default();
        for cut in 0..=body.len() {
            let (mut ends, (first, second)) = (Ends::new(framing), body.split_at(cut));
            let first = ends.last(first).unwrap_or_default();
            let found = ends.last(second).map_or(first, |at| cut.saturating_add(at));
            // Where it is cut between a CR and its LF, the frame has ended with the CR already.
            let rest = body.get(found..whole);
            assert!(matches!(rest, Some(b"" | b"\n")), "{} cut at {cut}: {found}, not {whole}", body.escape_ascii());
        }
        whole
    }

    #[test]
    fn a_frame_ends_where_every_client_takes_it_to_end() {
        for (body, expected) in [
            (&b"data: 1\n\n"[..], 9),
            (b"data: 1\n", 0),
            (b"data: 1\n\ndata: 2\n", 9),
            (b"data: 1\r\n\r\n", 11),
            (b"data: 1\r\r", 9),
            (b"data: 1\n\r\ndata", 10),
            (b"data: 1\r\ndata: 2\r\n", 0),
            (b"\n\n", 2),
            (b"", 0),
        ] {
            assert_eq!(last(Framing::Sse, body), expected, "{}", body.escape_ascii());
        }
        for (body, expected) in [(&b"1\n2"[..], 2), (b"1\r\n2\r\n", 6), (b"12", 0)] {
            assert_eq!(last(Framing::Ndjson, body), expected, "{}", body.escape_ascii());
        }
        assert_eq!(last(Framing::JsonArray, b"[1,\n\n2]"), 0);
    }
}
