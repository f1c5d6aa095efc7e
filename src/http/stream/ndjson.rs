//! NDJSON, or JSON lines: a value on each line.
//!
//! Rules:
//! 1. LF, CR LF or CR alone ends a line. Anthropic's Python SDK splits at CR alone, others only at LF; it makes no
//!    difference, because a value cut at white space is no two values, and JSON has no other use for a raw CR;
//! 2. empty lines are skipped, every other line is a frame, without its end;
//! 3. the last line needs no end: whether it is whole, its JSON will tell;
//! 4. `max_frame_bytes` is the length of a line.
//!
//! httpx, and with it Ollama's Python SDK, also splits at U+0085, U+2028 and U+2029, which may stand in a JSON string.
//! What it reads of the pieces is in the frame too: a string that begins in the middle of another one holds, up to the
//! next quotation mark, nothing but the JSON between two strings.

use super::lines::Lines;
use super::{Border, Fault, Frame};

/// See the [module](self).
pub(super) struct Ndjson {
    lines: Lines,
}

impl Ndjson {
    pub(super) fn new(max_frame_bytes: usize) -> Self {
        Self { lines: Lines::new(max_frame_bytes) }
    }

    pub(super) fn push(&mut self, mut bytes: &[u8], each: &mut dyn FnMut(Frame<'_>)) -> Result<(), Fault> {
        while let Some(line) = self.lines.next(&mut bytes)? {
            self.lines.settle();
            if !line.is_empty() {
                each(frame(&line));
            }
        }
        Ok(())
    }

    pub(super) fn border(&self) -> Border {
        self.lines.border()
    }

    pub(super) fn finish(&mut self, each: &mut dyn FnMut(Frame<'_>)) {
        if let Some(line) = self.lines.last() {
            each(frame(&line));
        }
    }
}

fn frame(line: &[u8]) -> Frame<'_> {
    Frame { event: b"", data: line, is_error: false, is_text: false }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Seen, cut_everywhere, seen};
    use super::super::{Fault, Framing::Ndjson};

    fn read(body: &[u8]) -> Seen {
        cut_everywhere(Ndjson, 64, body)
    }

    #[test]
    fn each_line_is_a_frame_whatever_ends_it() {
        for (body, frames) in [
            (&b""[..], &[][..]),
            (b"\n", &[]),
            (b"1\n2\n", &[&b"1"[..], b"2"]),
            (b"1\r\n2\r\n", &[b"1", b"2"]),
            (b"1\r2\r", &[b"1", b"2"]),
            (b"1\n\n\r\n\r2", &[b"1", b"2"]),
            (b"{\"a\":\"\\n\"}\n {}\n", &[b"{\"a\":\"\\n\"}", b" {}"]),
        ] {
            assert_eq!(read(body), seen(frames, Ok(())), "{}", body.escape_ascii());
        }
    }

    #[test]
    fn a_last_line_without_its_end_is_a_frame() {
        assert_eq!(read(b"{\"done\":false}\n{\"done\":tr"), seen(&[b"{\"done\":false}", b"{\"done\":tr"], Ok(())));
    }

    #[test]
    fn separators_that_only_some_clients_know_stay_in_the_frame() {
        let body = "{\"text\":\"one\u{2028}two\u{2029}three\u{85}four\"}";
        assert_eq!(read(format!("{body}\n").as_bytes()), seen(&[body.as_bytes()], Ok(())));
    }

    #[test]
    fn a_line_may_be_as_long_as_the_limit_and_no_longer() {
        let line = [b'1'; 65];
        assert_eq!(read(&line[1..]), seen(&[&line[1..]], Ok(())));
        assert_eq!(read(&[&line[1..], b"\r\n"].concat()), seen(&[&line[1..]], Ok(())));
        assert_eq!(read(&line), seen(&[], Err(Fault::TooLarge)));
        assert_eq!(read(&[b"2\n", &line[..], b"\n3"].concat()), seen(&[b"2"], Err(Fault::TooLarge)));
    }
}
