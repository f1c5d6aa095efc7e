//! The headers of a part: few, short, each once.

use super::disposition::{Disposition, part_type};
use super::{Fault, Limits};
use crate::body::error::{Error, offset};
use crate::body::field::is_token;
use crate::body::media::MediaType;

/// What the headers of a part say.
pub(super) struct Part {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
    pub(super) content_type: Option<MediaType>,
    /// `content-length`.
    pub(super) length: Option<u64>,
}

/// The headers of a part, until they are whole; never longer than the limit.
pub(super) struct Block {
    bytes: Vec<u8>,
    /// Where they begin in the body.
    base: u64,
}

impl Block {
    pub(super) fn new(base: u64) -> Self {
        Self { bytes: Vec::new(), base }
    }

    /// The next byte, which stands at `at`; the part if it was the last of its headers.
    pub(super) fn push(&mut self, byte: u8, at: u64, limits: &Limits) -> Result<Option<Part>, Error<Fault>> {
        let is_behind_cr = self.bytes.last() == Some(&b'\r');
        let fault = match byte {
            _ if self.bytes.len() >= limits.header_bytes => Fault::HeadersTooLong { limit: limits.header_bytes },
            byte if is_behind_cr != (byte == b'\n') => Fault::LineEnd,
            b'\r' | b'\n' | b'\t' | 0x20..=0x7e | 0x80.. => {
                self.bytes.push(byte);
                return self.whole().map(|lines| part(lines, self.base, limits)).transpose();
            }
            _ => Fault::Control,
        };
        Err(Error { at, fault })
    }

    /// The lines, if the empty one is there.
    fn whole(&self) -> Option<&[u8]> {
        let lines = self.bytes.strip_suffix(b"\r\n")?;
        (lines.is_empty() || lines.ends_with(b"\r\n")).then_some(lines)
    }
}

/// What lines say that begin at `base`.
fn part(mut lines: &[u8], base: u64, limits: &Limits) -> Result<Part, Error<Fault>> {
    let (mut disposition, mut content_type, mut length) = (None, None, None);
    let mut at = base;
    while let Some(end) = lines.iter().position(|byte| *byte == b'\n') {
        let line = lines.get(..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (name, value, value_at) = halves(line, at)?;
        let is_new = match name.to_ascii_lowercase().as_slice() {
            b"content-disposition" => disposition.replace(Disposition::read(value, value_at, limits)?).is_none(),
            b"content-type" => content_type.replace(part_type(value, value_at)?).is_none(),
            b"content-length" => length.replace(number(value, value_at)?).is_none(),
            _ => return Err(Error { at, fault: Fault::Header }),
        };
        if !is_new {
            return Err(Error { at, fault: Fault::DuplicateHeader });
        }
        let next = end.saturating_add(1);
        lines = lines.get(next..).unwrap_or_default();
        at = at.saturating_add(offset(next));
    }
    let Disposition { name, file_name } = disposition.ok_or(Error { at, fault: Fault::NoDisposition })?;
    Ok(Part { name, file_name, content_type, length })
}

/// The name, the value, and where the value begins.
type Halves<'a> = (&'a [u8], &'a [u8], u64);

fn halves(line: &[u8], at: u64) -> Result<Halves<'_>, Error<Fault>> {
    if line.first().is_some_and(|first| matches!(first, b' ' | b'\t')) {
        return Err(Error { at, fault: Fault::Folded });
    }
    let colon = line.iter().position(|byte| !is_token(*byte)).unwrap_or(line.len());
    let behind = colon.saturating_add(1);
    match (line.get(..colon), line.get(colon), line.get(behind..)) {
        (Some(name), Some(b':'), Some(value)) if !name.is_empty() => {
            Ok((name, value, at.saturating_add(offset(behind))))
        }
        _ => Err(Error { at: at.saturating_add(offset(colon)), fault: Fault::HeaderName }),
    }
}

/// Digits without a sign or a leading zero.
fn number(value: &[u8], at: u64) -> Result<u64, Error<Fault>> {
    let digits = value.trim_ascii();
    let is_plain = digits.iter().all(u8::is_ascii_digit) && (digits == b"0" || !digits.starts_with(b"0"));
    let number = str::from_utf8(digits).ok().filter(|_| is_plain).and_then(|text| text.parse().ok());
    number.ok_or(Error { at, fault: Fault::WrongLength })
}
