//! Where a string or number ends, and whether it is one: the inner loops.

use std::borrow::Cow;

use super::{Error, Expected, Fault, Limits};

/// The document as text, if it is text throughout.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, Error> {
    // UTF-16 is not UTF-8 either, but its mark says why.
    let marks: [&[u8]; 3] = [b"\xEF\xBB\xBF", b"\xFE\xFF", b"\xFF\xFE"];
    if marks.iter().any(|mark| bytes.starts_with(mark)) {
        return Err(Fault::ByteOrderMark.at(0));
    }
    std::str::from_utf8(bytes).map_err(|error| Fault::BadUnicode.at(error.valid_up_to()))
}

/// What stands between two quotes; its escapes are sound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Text<'a> {
    raw: &'a str,
    escaped: bool,
    number: bool,
}

impl<'a> Text<'a> {
    /// A number, where a word is as good.
    pub fn of_number(number: super::Number<'a>) -> Self {
        Self { raw: number.raw(), escaped: false, number: true }
    }

    /// A word that stands in no document, and needs no escapes.
    pub fn of_word(raw: &'a str) -> Self {
        Self { raw, escaped: false, number: false }
    }

    /// Whether it is a number: no quotes stand around it.
    pub fn is_number(self) -> bool {
        self.number
    }

    /// As written, escapes and all.
    pub fn raw(self) -> &'a str {
        self.raw
    }

    /// As meant; borrowed where there was nothing to unescape.
    pub fn unescaped(self) -> Cow<'a, str> {
        if self.escaped { Cow::Owned(unescape(self.raw)) } else { Cow::Borrowed(self.raw) }
    }
}

/// The text whose opening quote is at `quote`, and what comes behind it.
pub(super) fn text(document: &str, quote: usize) -> Result<(Text<'_>, usize), Error> {
    let bytes = document.as_bytes();
    let start = quote.saturating_add(1);
    let mut escaped = false;
    let mut at = start;
    loop {
        at = plain_end(bytes, at);
        match bytes.get(at) {
            Some(b'"') => break,
            Some(b'\\') => {
                escaped = true;
                (_, at) = escape(bytes, at)?;
            }
            Some(_) => return Err(Fault::ControlCharacter.at(at)),
            None => return Err(Fault::Ended(Expected::StringEnd).at(at)),
        }
    }
    // Both ends are beside an ASCII quote, so `get` finds a character boundary.
    let raw = document.get(start..at).unwrap_or_default();
    Ok((Text { raw, escaped, number: false }, at.saturating_add(1)))
}

/// The first byte from `at` that a string cannot hold as it is: a quote, a
/// backslash, a control character; or the end of the document.
fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let special = special_bytes(u64::from_le_bytes(*eight));
        if special != 0 {
            // The lowest mark is exact; only those above it may be false.
            return at.saturating_add((special.trailing_zeros() / 8) as usize);
        }
        at = at.saturating_add(8);
    }
    while let Some(&byte) = bytes.get(at) {
        if byte < b' ' || byte == b'"' || byte == b'\\' {
            break;
        }
        at = at.saturating_add(1);
    }
    at
}

/// The top bit of each byte that is a quote, a backslash or below a space.
/// Eight bytes at once: subtracting borrows into the top bit of a byte that
/// is less than the subtrahend, and only of a byte whose top bit was clear.
const fn special_bytes(eight: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const TOP: u64 = EACH << 7;
    const QUOTE: u64 = EACH.wrapping_mul(b'"' as u64);
    const BACKSLASH: u64 = EACH.wrapping_mul(b'\\' as u64);
    const SPACE: u64 = EACH.wrapping_mul(b' ' as u64);
    let quote = (eight ^ QUOTE).wrapping_sub(EACH);
    let backslash = (eight ^ BACKSLASH).wrapping_sub(EACH);
    let control = eight.wrapping_sub(SPACE);
    (quote | backslash | control) & !eight & TOP
}

/// The character that the escape at `at` means, and what comes behind it.
fn escape(bytes: &[u8], at: usize) -> Result<(char, usize), Error> {
    let code = at.saturating_add(1);
    let character = match bytes.get(code) {
        Some(b'u') => return unicode_escape(bytes, at),
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(&same @ (b'"' | b'\\' | b'/')) => char::from(same),
        Some(_) => return Err(Fault::BadEscape.at(at)),
        None => return Err(Fault::Ended(Expected::StringEnd).at(code)),
    };
    Ok((character, code.saturating_add(1)))
}

/// `\uXXXX`, or two of them that are a surrogate pair.
fn unicode_escape(bytes: &[u8], at: usize) -> Result<(char, usize), Error> {
    let (first, behind) = code_unit(bytes, at).ok_or(Fault::BadEscape.at(at))?;
    if let Some(character) = char::from_u32(u32::from(first)) {
        return Ok((character, behind));
    }
    let lone = Fault::BadUnicode.at(at);
    let (second, behind) = code_unit(bytes, behind).ok_or(lone)?;
    match char::decode_utf16([first, second]).next() {
        Some(Ok(character)) => Ok((character, behind)),
        _ => Err(lone),
    }
}

/// The UTF-16 code unit in the `\uXXXX` at `at`, and what comes behind it.
fn code_unit(bytes: &[u8], at: usize) -> Option<(u16, usize)> {
    let [b'\\', b'u', digits @ ..] = bytes.get(at..)?.first_chunk::<6>()? else {
        return None;
    };
    let mut unit: u16 = 0;
    for &digit in digits {
        let digit = char::from(digit).to_digit(16)?;
        unit = unit << 4 | u16::try_from(digit).ok()?;
    }
    Some((unit, at.saturating_add(6)))
}

/// A text that [`text`] has found sound, with its escapes replaced.
fn unescape(raw: &str) -> String {
    let mut plain = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, _)) = rest.split_once('\\') {
        plain.push_str(before);
        // An escape that is none cannot be here; it would read as U+FFFD.
        let (character, behind) =
            escape(rest.as_bytes(), before.len()).unwrap_or((char::REPLACEMENT_CHARACTER, rest.len()));
        plain.push(character);
        rest = rest.get(behind..).unwrap_or_default();
    }
    plain.push_str(rest);
    plain
}

/// The end of the number that begins at `start` with a sign or digit.
pub(super) fn number(document: &str, start: usize, limits: &Limits) -> Result<usize, Error> {
    let bytes = document.as_bytes();
    let byte = |at: usize| bytes.get(at).copied();
    let whole = match byte(start) {
        Some(b'-') => start.saturating_add(1),
        _ => start,
    };
    let mut at = digits_end(bytes, whole)?;
    if byte(whole) == Some(b'0') && at > whole.saturating_add(1) {
        return Err(Fault::Unexpected(Expected::NoLeadingZero).at(whole.saturating_add(1)));
    }
    let whole_digits = at.saturating_sub(whole);
    if byte(at) == Some(b'.') {
        at = digits_end(bytes, at.saturating_add(1))?;
    }
    let mut exponent = at..at;
    if let Some(b'e' | b'E') = byte(at) {
        exponent.start = at.saturating_add(1);
        at = match byte(exponent.start) {
            Some(b'+' | b'-') => exponent.start.saturating_add(1),
            _ => exponent.start,
        };
        at = digits_end(bytes, at)?;
        exponent.end = at;
    }
    let raw = document.get(start..at).unwrap_or_default();
    let exponent = document.get(exponent).unwrap_or_default();
    magnitude(raw, whole_digits, exponent, limits).map_err(|fault| fault.at(start))?;
    Ok(at)
}

/// The end of the digits at `at`, of which there must be one.
fn digits_end(bytes: &[u8], start: usize) -> Result<usize, Error> {
    let mut at = start;
    while let Some(b'0'..=b'9') = bytes.get(at) {
        at = at.saturating_add(1);
    }
    match bytes.get(at) {
        _ if at > start => Ok(at),
        Some(_) => Err(Fault::Unexpected(Expected::Digit).at(at)),
        None => Err(Fault::Ended(Expected::Digit).at(at)),
    }
}

/// Whether a number is one we let pass.
fn magnitude(raw: &str, whole_digits: usize, exponent: &str, limits: &Limits) -> Result<(), Fault> {
    if raw.len() > limits.number_bytes {
        return Err(Fault::NumberTooLong { limit: limits.number_bytes });
    }
    // The number is less than ten to the `order`. Mostly that is enough to
    // know: converting is dear, and a client could make it dearer (twenty
    // times, with long digits near the least f64).
    let exponent = if exponent.is_empty() { 0 } else { exponent.parse().unwrap_or(i64::MAX) };
    let order = exponent.saturating_add_unsigned(whole_digits as u64);
    if order <= if limits.exact_integers { 15 } else { 308 } {
        return Ok(());
    }
    let magnitude = raw.parse::<f64>().map_or(f64::INFINITY, f64::abs);
    if magnitude.is_infinite() {
        return Err(Fault::NumberOverflow);
    }
    if limits.exact_integers && magnitude > MOST_EXACT {
        return Err(Fault::InexactInteger);
    }
    Ok(())
}

/// 2^53 - 1.
const MOST_EXACT: f64 = 9_007_199_254_740_991.0;
