//! Base64 in pieces, in the one spelling that every decoder takes (RFC 4648 section 4, with its sections 3.3 and 3.5 read
//! strictly): the standard alphabet, padding where it belongs, unused bits zero, no white space. A second spelling of the
//! same bytes is refused: decoders differ on what it says, and lists of known files do not find it.

use std::fmt;

use super::error::{self, Error, offset};

/// How many bytes are handed over at once; a multiple of three.
const CHUNK: usize = 3072;

/// Decodes one text; it keeps no more than 3 KiB of it.
#[derive(Clone, Default)]
pub struct Decoder {
    /// How many characters have been read.
    at: u64,
    /// The bits of the group in hand.
    bits: u32,
    /// How many characters of it have been read, padding included.
    in_group: u8,
    /// How many of them were padding.
    padding: u8,
    /// How many bytes have been decoded.
    decoded: u64,
    failed: Option<Error<Fault>>,
}

impl Decoder {
    /// At the beginning of a text.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next piece of the text: hands over what it decodes to, in pieces of at most 3 KiB.
    pub fn push(&mut self, text: &[u8], each: &mut dyn FnMut(&[u8])) -> Result<(), Error<Fault>> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let mut out = Vec::with_capacity(CHUNK.min(text.len()));
        let told = text.iter().try_for_each(|byte| {
            if out.len() >= CHUNK {
                each(&out);
                out.clear();
            }
            self.character(*byte, &mut out).map_err(|fault| Error { at: self.at, fault })?;
            self.at = self.at.saturating_add(1);
            Ok(())
        });
        if !out.is_empty() {
            each(&out);
        }
        told.inspect_err(|error| self.failed = Some(*error))
    }

    /// The text is over; how many bytes it stands for.
    pub fn finish(&self) -> Result<u64, Error<Fault>> {
        match self.failed {
            Some(error) => Err(error),
            None if self.in_group > 0 => Err(Error { at: self.at, fault: Fault::Cut }),
            None => Ok(self.decoded),
        }
    }

    fn character(&mut self, byte: u8, out: &mut Vec<u8>) -> Result<(), Fault> {
        if self.in_group == 0 && self.padding > 0 {
            return Err(Fault::BehindPadding);
        }
        let value = match byte {
            b'=' if self.in_group >= 2 => {
                self.padding = self.padding.saturating_add(1);
                0
            }
            _ if self.padding > 0 => return Err(Fault::BehindPadding),
            byte => value(byte).ok_or(Fault::Character)?,
        };
        self.bits = (self.bits << 6) | value;
        self.in_group = self.in_group.saturating_add(1);
        if self.in_group == 4 { self.group(out) } else { Ok(()) }
    }

    fn group(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        let [_, bytes @ ..] = std::mem::take(&mut self.bits).to_be_bytes();
        self.in_group = 0;
        let (kept, unused) = bytes.split_at_checked(3_usize.saturating_sub(self.padding.into())).unwrap_or_default();
        if unused.iter().any(|byte| *byte != 0) {
            return Err(Fault::UnusedBits);
        }
        out.extend_from_slice(kept);
        self.decoded = self.decoded.saturating_add(offset(kept.len()));
        Ok(())
    }
}

/// What was sent stays out of logs.
impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("at", &self.at).field("failed", &self.failed).finish_non_exhaustive()
    }
}

fn value(byte: u8) -> Option<u32> {
    let from = |first: u8, base: u8| Some(u32::from(byte.wrapping_sub(first).wrapping_add(base)));
    match byte {
        b'A'..=b'Z' => from(b'A', 0),
        b'a'..=b'z' => from(b'a', 26),
        b'0'..=b'9' => from(b'0', 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// What is wrong with a text of base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A character of another alphabet, or white space.
    Character,
    /// Something behind the padding.
    BehindPadding,
    /// Bits that padding leaves unused, and that are not zero.
    UnusedBits,
    /// The last group is not whole: padding is missing.
    Cut,
}

impl error::Fault for Fault {
    fn code(self) -> &'static str {
        match self {
            Fault::Character => "base64_character",
            Fault::BehindPadding => "base64_behind_padding",
            Fault::UnusedBits => "base64_unused_bits",
            Fault::Cut => "base64_cut",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::Character => "expected a character of the standard base64 alphabet",
            Fault::BehindPadding => "expected nothing behind the padding",
            Fault::UnusedBits => "expected unused bits to be zero",
            Fault::Cut => "expected groups of four characters, with padding",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::tests::cut_everywhere;

    fn read(text: &str) -> (Vec<u8>, Result<u64, Error<Fault>>) {
        cut_everywhere(text.as_bytes(), |pieces| {
            let (mut decoder, mut bytes) = (Decoder::new(), Vec::new());
            let mut each = |decoded: &[u8]| bytes.extend_from_slice(decoded);
            let end = pieces.iter().try_for_each(|piece| decoder.push(piece, &mut each));
            (bytes, end.and_then(|()| decoder.finish()))
        })
    }

    /// RFC 4648 section 10.
    #[test]
    fn the_examples_of_the_standard_are_read() {
        let examples = ["", "f", "fo", "foo", "foob", "fooba", "foobar"];
        let texts = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        for (text, bytes) in texts.iter().zip(examples) {
            assert_eq!(read(text), (bytes.as_bytes().to_vec(), Ok(u64::try_from(bytes.len()).unwrap())), "{text}");
        }
        assert_eq!(read("+/8A").0, [0xfb, 0xff, 0]);
    }

    #[test]
    fn another_spelling_is_refused() {
        for (text, at, fault) in [
            ("Zm9v\n", 4, Fault::Character),
            ("Zm 9v", 2, Fault::Character),
            ("-_8A", 0, Fault::Character),
            ("=", 0, Fault::Character),
            ("Z===", 1, Fault::Character),
            ("Zg=a", 3, Fault::BehindPadding),
            ("Zg==Zg==", 4, Fault::BehindPadding),
            ("Zg===", 4, Fault::BehindPadding),
            ("Zh==", 3, Fault::UnusedBits),
            ("Zm9=", 3, Fault::UnusedBits),
            ("Zg", 2, Fault::Cut),
            ("Zg=", 3, Fault::Cut),
            ("Zm9vY", 5, Fault::Cut),
        ] {
            assert_eq!(read(text).1, Err(Error { at, fault }), "{text}");
        }
    }
}
