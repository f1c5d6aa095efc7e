//! Plain text: UTF-8 that shows what it holds.
//!
//! 1. It is valid UTF-8: no overlong form, no surrogate, nothing past U+10FFFF, no cut sequence;
//! 2. it holds no control character but tab, LF and CR: not the rest of C0, not DEL, not C1 (terminals and logs obey them);
//! 3. it has at most `max_bytes`.
//!
//! ```
//! use schema_check::body::text::{Read, Text};
//!
//! let mut text = Text::new(100);
//! text.push(b"gr\xc3").unwrap();
//! text.push(b"\xbcn\n").unwrap();
//! assert_eq!(text.finish(), Ok(Read { bytes: 6, characters: 5 }));
//! assert_eq!(Text::new(100).push(b"\x1b[2J").unwrap_err().code(), "text_control_character");
//! ```

use std::fmt;

use super::error::{self, Error};

/// What a text measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// Its length in bytes.
    pub bytes: u64,
    /// Its length in code points.
    pub characters: u64,
}

/// Reads one text; see the [module](self) for its rules. It keeps nothing of it.
#[derive(Debug, Clone)]
pub struct Text {
    max_bytes: u64,
    read: Read,
    /// Where the code point in hand begins.
    start: u64,
    /// How many of its bytes are missing.
    missing: u8,
    /// What its next byte may be.
    next: (u8, u8),
    /// Its first byte was C2: C1 controls begin so.
    is_c2: bool,
    failed: Option<Error<Fault>>,
}

/// What continues a code point, unless its first byte says less.
const CONTINUATION: (u8, u8) = (0x80, 0xbf);

impl Text {
    /// At the beginning of a text.
    pub fn new(max_bytes: u64) -> Self {
        let read = Read { bytes: 0, characters: 0 };
        Self { max_bytes, read, start: 0, missing: 0, next: CONTINUATION, is_c2: false, failed: None }
    }

    /// The next piece of the text.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Error<Fault>> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        bytes.iter().try_for_each(|byte| self.byte(*byte)).inspect_err(|error| self.failed = Some(*error))
    }

    /// The text is over.
    pub fn finish(&self) -> Result<Read, Error<Fault>> {
        match self.failed {
            Some(error) => Err(error),
            None if self.missing > 0 => Err(Error { at: self.start, fault: Fault::Unicode }),
            None => Ok(self.read),
        }
    }

    fn byte(&mut self, byte: u8) -> Result<(), Error<Fault>> {
        if self.read.bytes >= self.max_bytes {
            return Err(Error { at: self.max_bytes, fault: Fault::TooLong { limit: self.max_bytes } });
        }
        let told = if self.missing == 0 { self.first(byte) } else { self.continued(byte) };
        told.map_err(|fault| Error { at: self.start, fault })?;
        self.read.bytes = self.read.bytes.saturating_add(1);
        if self.missing == 0 {
            self.read.characters = self.read.characters.saturating_add(1);
        }
        Ok(())
    }

    /// The first byte of a code point (Unicode 16, table 3-7).
    fn first(&mut self, byte: u8) -> Result<(), Fault> {
        self.start = self.read.bytes;
        self.is_c2 = byte == 0xc2;
        (self.missing, self.next) = match byte {
            b'\t' | b'\n' | b'\r' | 0x20..=0x7e => (0, CONTINUATION),
            0..=0x1f | 0x7f => return Err(Fault::Control),
            0xc2..=0xdf => (1, CONTINUATION),
            0xe0 => (2, (0xa0, 0xbf)),
            0xed => (2, (0x80, 0x9f)),
            0xe1..=0xef => (2, CONTINUATION),
            0xf0 => (3, (0x90, 0xbf)),
            0xf1..=0xf3 => (3, CONTINUATION),
            0xf4 => (3, (0x80, 0x8f)),
            _ => return Err(Fault::Unicode),
        };
        Ok(())
    }

    fn continued(&mut self, byte: u8) -> Result<(), Fault> {
        let (low, high) = std::mem::replace(&mut self.next, CONTINUATION);
        if !(low..=high).contains(&byte) {
            return Err(Fault::Unicode);
        }
        if self.is_c2 && byte < 0xa0 {
            return Err(Fault::Control);
        }
        self.missing = self.missing.saturating_sub(1);
        Ok(())
    }
}

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is not UTF-8.
    Unicode,
    /// A control character.
    Control,
    /// A longer text than the limit, in bytes.
    TooLong {
        /// What the reader was made with.
        limit: u64,
    },
}

impl error::Fault for Fault {
    fn code(self) -> &'static str {
        match self {
            Fault::Unicode => "text_bad_unicode",
            Fault::Control => "text_control_character",
            Fault::TooLong { .. } => "text_too_long",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Unicode => f.write_str("expected valid UTF-8"),
            Fault::Control => f.write_str("expected no control character but tab, LF and CR"),
            Fault::TooLong { limit } => write!(f, "expected at most {limit} bytes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::tests::{Numbers, cut_everywhere};

    fn read(body: &[u8]) -> Result<Read, Error<Fault>> {
        cut_everywhere(body, |pieces| {
            let mut text = Text::new(12);
            pieces.iter().try_for_each(|piece| text.push(piece)).and_then(|()| text.finish())
        })
    }

    #[test]
    fn a_text_is_what_is_seen() {
        for (body, expected) in [
            (&b""[..], Ok((0, 0))),
            (b"a\t\r\n~", Ok((5, 5))),
            ("gr\u{fc}\u{a0}\u{4e2d}\u{1f600}".as_bytes(), Err((12, Fault::TooLong { limit: 12 }))),
            ("\u{fc}\u{a0}\u{4e2d}\u{1f600}".as_bytes(), Ok((11, 4))),
            (b"a\0", Err((1, Fault::Control))),
            (b"\x7f", Err((0, Fault::Control))),
            (b"a\xc2\x9b", Err((1, Fault::Control))),
            (b"a\xc3", Err((1, Fault::Unicode))),
            (b"\xff", Err((0, Fault::Unicode))),
        ] {
            let expected = match expected {
                Ok((bytes, characters)) => Ok(Read { bytes, characters }),
                Err((at, fault)) => Err(Error { at, fault }),
            };
            assert_eq!(read(body), expected, "{}", body.escape_ascii());
        }
    }

    #[test]
    fn it_is_utf8_exactly_if_the_standard_library_says_so() {
        let edges =
            [0x20, 0x7e, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4];
        let mut numbers = Numbers::new(1);
        for _ in 0..50_000 {
            let body: Vec<u8> = (0..=numbers.below(4)).map(|_| edges[numbers.below(edges.len())]).collect();
            let mut text = Text::new(12);
            let end = text.push(&body).and_then(|()| text.finish());
            match str::from_utf8(&body) {
                Ok(known) if known.contains(char::is_control) => assert_eq!(end.unwrap_err().fault, Fault::Control),
                Ok(known) => assert_eq!(end.unwrap().characters, u64::try_from(known.chars().count()).unwrap()),
                Err(_) => assert!(end.is_err()),
            }
        }
    }
}
