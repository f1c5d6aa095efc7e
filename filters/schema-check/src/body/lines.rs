//! JSON by lines (JSONL, NDJSON) as a request body: batches and training files, line by line.
//!
//! `portcullis::http::stream::ndjson` reads the same framing for a guard of answers, and so does not fit: it skips blank
//! lines, splits at CR alone, and counts nothing. Here what two readers count differently is refused:
//! 1. LF or CR LF ends a line; a CR anywhere else is refused (`splitlines` ends a line there, JSON readers do not);
//! 2. a blank line is refused, unless it is the last: some readers skip it, others count it, others fail;
//! 3. the last line needs no end;
//! 4. a line has at most `line_bytes` without its end, a body at most `lines` lines.
//!
//! ```
//! use schema_check::body::lines::{Limits, Lines};
//!
//! let mut lines = Lines::new(Limits::default());
//! let mut seen = Vec::new();
//! for piece in ["{\"a\":", "1}\r\n{\"a\":2}"] {
//!     lines.push(piece.as_bytes(), &mut |number, line| seen.push((number, line.to_vec()))).unwrap();
//! }
//! assert_eq!(lines.finish(&mut |number, line| seen.push((number, line.to_vec()))), Ok(2));
//! assert_eq!(seen, [(1, b"{\"a\":1}".to_vec()), (2, b"{\"a\":2}".to_vec())]);
//! ```

use std::fmt;

use super::error::{self, Error, length};

/// How much is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest line, in bytes without its end. Default 1 MiB, which is all that is kept of a body.
    pub line_bytes: usize,
    /// How many lines. Default 50 000, as many as a batch of `OpenAI` has requests.
    pub lines: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { line_bytes: 1 << 20, lines: 50_000 }
    }
}

/// Reads one body; see the [module](self) for its rules.
pub struct Lines {
    /// The beginning of the line in hand, perhaps with the CR of its end.
    carried: Vec<u8>,
    limits: Limits,
    /// Where the line in hand begins.
    at: u64,
    /// How many lines have been handed over.
    count: u64,
    /// Where a blank line began: nothing may follow it.
    blank: Option<u64>,
    failed: Option<Error<Fault>>,
}

/// Who gets a line, without its end, and its number, counted from 1.
pub type Each<'e> = dyn FnMut(u64, &[u8]) + 'e;

impl Lines {
    /// At the beginning of a body.
    pub fn new(limits: Limits) -> Self {
        Self { carried: Vec::new(), limits, at: 0, count: 0, blank: None, failed: None }
    }

    /// The next piece of the body: hands over every line that it completes.
    pub fn push(&mut self, bytes: &[u8], each: &mut Each<'_>) -> Result<(), Error<Fault>> {
        self.unless_failed(|lines| lines.read(bytes, each))
    }

    /// The body is over; how many lines it had.
    pub fn finish(&mut self, each: &mut Each<'_>) -> Result<u64, Error<Fault>> {
        self.unless_failed(|lines| {
            let last = std::mem::take(&mut lines.carried);
            if last.is_empty() { Ok(()) } else { lines.line(&last, each) }
        })?;
        Ok(self.count)
    }

    fn unless_failed(&mut self, read: impl FnOnce(&mut Self) -> Result<(), Error<Fault>>) -> Result<(), Error<Fault>> {
        match self.failed {
            Some(error) => Err(error),
            None => read(self).inspect_err(|error| self.failed = Some(*error)),
        }
    }

    fn read(&mut self, mut rest: &[u8], each: &mut Each<'_>) -> Result<(), Error<Fault>> {
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, tail) = rest.split_at_checked(end).unwrap_or_default();
            rest = tail.get(1..).unwrap_or_default();
            let ended = |line: &[u8]| length(line).saturating_add(1);
            if self.carried.is_empty() {
                self.line(line.strip_suffix(b"\r").unwrap_or(line), each)?;
                self.at = self.at.saturating_add(ended(line));
            } else {
                self.carry(line)?;
                let whole = std::mem::take(&mut self.carried);
                self.line(whole.strip_suffix(b"\r").unwrap_or(&whole), each)?;
                self.at = self.at.saturating_add(ended(&whole));
            }
        }
        self.carry(rest)
    }

    fn carry(&mut self, bytes: &[u8]) -> Result<(), Error<Fault>> {
        // Behind the longest line, its CR may wait for the LF.
        let most = self.limits.line_bytes.saturating_add(1);
        let room = most.saturating_sub(self.carried.len());
        self.carried.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
        if bytes.len() > room || (self.carried.len() == most && self.carried.last() != Some(&b'\r')) {
            let begun = std::mem::take(&mut self.carried);
            self.check(&begun)?;
            return Err(self.too_long());
        }
        Ok(())
    }

    /// A line without its end.
    fn line(&mut self, line: &[u8], each: &mut Each<'_>) -> Result<(), Error<Fault>> {
        self.check(line)?;
        if line.trim_ascii().is_empty() {
            self.blank = Some(self.at);
            return Ok(());
        }
        if self.count >= self.limits.lines {
            return Err(Error { at: self.at, fault: Fault::TooManyLines { limit: self.limits.lines } });
        }
        self.count = self.count.saturating_add(1);
        each(self.count, line);
        Ok(())
    }

    /// The faults of a line's bytes, in order: what it stands behind, its first `line_bytes`, its length.
    fn check(&self, line: &[u8]) -> Result<(), Error<Fault>> {
        if let Some(at) = self.blank {
            return Err(Error { at, fault: Fault::Blank });
        }
        let read = line.get(..self.limits.line_bytes).unwrap_or(line);
        if let Some(cr) = read.iter().position(|byte| *byte == b'\r') {
            return Err(Error { at: self.at.saturating_add(error::offset(cr)), fault: Fault::LoneCr });
        }
        if line.len() > read.len() { Err(self.too_long()) } else { Ok(()) }
    }

    fn too_long(&self) -> Error<Fault> {
        let limit = self.limits.line_bytes;
        Error { at: self.at.saturating_add(error::offset(limit)), fault: Fault::LineTooLong { limit } }
    }
}

/// What was sent stays out of logs.
impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("at", &self.at).field("failed", &self.failed).finish_non_exhaustive()
    }
}

/// What is wrong with a body of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A blank line, and something behind it.
    Blank,
    /// A CR without an LF.
    LoneCr,
    /// A longer line than the limit.
    LineTooLong {
        /// [`Limits::line_bytes`]
        limit: usize,
    },
    /// More lines than the limit.
    TooManyLines {
        /// [`Limits::lines`]
        limit: u64,
    },
}

impl error::Fault for Fault {
    fn code(self) -> &'static str {
        match self {
            Fault::Blank => "lines_blank",
            Fault::LoneCr => "lines_lone_cr",
            Fault::LineTooLong { .. } => "lines_line_too_long",
            Fault::TooManyLines { .. } => "lines_too_many",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Blank => f.write_str("expected no blank line but the last"),
            Fault::LoneCr => f.write_str("expected an LF behind each CR"),
            Fault::LineTooLong { limit } => write!(f, "expected a line of at most {limit} bytes"),
            Fault::TooManyLines { limit } => write!(f, "expected at most {limit} lines"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::tests::cut_everywhere;

    fn read(body: &str) -> (Vec<String>, Result<u64, Error<Fault>>) {
        cut_everywhere(body.as_bytes(), |pieces| {
            let (mut lines, mut seen) = (Lines::new(Limits { line_bytes: 4, lines: 3 }), Vec::new());
            let mut each = |number: u64, line: &[u8]| seen.push(format!("{number}{}", line.escape_ascii()));
            let pushed = pieces.iter().try_for_each(|piece| lines.push(piece, &mut each));
            let end = pushed.and_then(|()| lines.finish(&mut each));
            (seen, end)
        })
    }

    #[test]
    fn lines_are_counted_as_every_reader_counts_them() {
        for (body, seen) in [
            ("", &[][..]),
            ("\n", &[]),
            ("a", &["1a"]),
            ("a\n", &["1a"]),
            ("a\r\nb\r\n", &["1a", "2b"]),
            ("a\nb\n \n", &["1a", "2b"]),
            ("abcd\r\nabcd\nabcd", &["1abcd", "2abcd", "3abcd"]),
        ] {
            let expected = seen.iter().map(|&line| line.to_owned()).collect::<Vec<_>>();
            assert_eq!(read(body), (expected, Ok(u64::try_from(seen.len()).unwrap())), "{body:?}");
        }
    }

    #[test]
    fn what_readers_count_differently_is_refused() {
        for (body, at, fault) in [
            ("a\n\nb", 2, Fault::Blank),
            ("\n\n", 0, Fault::Blank),
            ("a\n\t\r\n ", 2, Fault::Blank),
            ("a\rb\n", 1, Fault::LoneCr),
            ("a\r", 1, Fault::LoneCr),
            ("a\r\r\n", 1, Fault::LoneCr),
            ("abcde", 4, Fault::LineTooLong { limit: 4 }),
            ("a\nabcde\n", 6, Fault::LineTooLong { limit: 4 }),
            ("abcd\re\n", 4, Fault::LineTooLong { limit: 4 }),
            ("abcd\r", 4, Fault::LineTooLong { limit: 4 }),
            ("a\nb\nc\nd\n", 6, Fault::TooManyLines { limit: 3 }),
        ] {
            assert_eq!(read(body).1, Err(Error { at, fault }), "{body:?}");
        }
    }
}
