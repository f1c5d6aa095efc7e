//! Private keys in text: PEM (RFC 7468), `OpenPGP` (RFC 9580 section 6.2), and `PuTTY`'s own. A header without a key
//! in it is documentation.

use std::ops::Range;

use memchr::memmem;

use super::judge;
use super::shape::Alphabet;
use super::sight::Sight;

/// How much base64 is a key: an Ed25519 key in PKCS #8 has 64 characters.
const LEAST: usize = 60;

/// Keys of 16,384 bits take 13,000 characters.
const LONGEST: usize = 32_768;

/// The whole block, from `-----BEGIN … PRIVATE KEY-----` to the end of its last line, or to where its text is cut off.
pub(super) fn key(sight: &mut Sight<'_>, keyword: Range<usize>) -> Option<Range<usize>> {
    let text = sight.text.get(keyword.start..)?;
    let label = text.get(5..)?.iter().take(64).position(|byte| *byte == b'-')?.saturating_add(5);
    let label_text = text.get(..label)?.to_ascii_uppercase();
    memmem::find(&label_text, b"PRIVATE KEY")?;
    let body_start = label.saturating_add(5);
    let body = text.get(body_start..)?;
    let window = body.get(..LONGEST).unwrap_or(body);
    let length = memmem::find(window, b"-----").unwrap_or_else(|| cut_off(window));
    if !holds_key(body.get(..length)?) {
        return None;
    }
    let end = body_start.saturating_add(length);
    let end = end.saturating_add(footer(text.get(end..)?));
    Some(keyword.start..keyword.start.saturating_add(end))
}

/// The same for what `ssh` and `PuTTY` write.
pub(super) fn ssh(sight: &mut Sight<'_>, keyword: Range<usize>) -> Option<Range<usize>> {
    if sight.byte(keyword.start) == Some(b'-') {
        return key(sight, keyword);
    }
    let lines = sight.text.get(keyword.end..)?;
    let lines = lines.get(..LONGEST).unwrap_or(lines);
    let count = lines.iter().take_while(|byte| **byte == b' ' || byte.is_ascii_digit() || **byte == b'\r').count();
    let start = keyword.end.saturating_add(count);
    let length = cut_off(lines.get(count..)?);
    let key = lines.get(count..count.saturating_add(length))?;
    holds_key(key).then(|| start..start.saturating_add(length))
}

/// How long base64 and blanks go on.
fn cut_off(text: &[u8]) -> usize {
    let blank = |byte: &u8| byte.is_ascii_whitespace() || b"=\\".contains(byte);
    text.iter().take_while(|byte| Alphabet::Base64.has(**byte) || blank(byte)).count()
}

/// Whether enough base64 is among the lines that seems drawn by lot, headers aside.
fn holds_key(body: &[u8]) -> bool {
    let lines = body.split(|byte| matches!(byte, b'\n' | b'\r' | b'\\' | b' ' | b'"' | b'\''));
    let key: Vec<u8> =
        lines.filter(|line| line.len() >= 16 && !line.contains(&b':')).flatten().copied().take(4096).collect();
    key.len() >= LEAST && !judge::is_placeholder(&key) && judge::is_spread(&key) && !judge::is_wordy(&key)
}

/// The length of `-----END … KEY-----`.
fn footer(text: &[u8]) -> usize {
    if !text.starts_with(b"-----END ") {
        return 0;
    }
    let label = text.iter().skip(9).take(64).position(|byte| *byte == b'-');
    label.map_or(0, |label| label.saturating_add(14).min(text.len()))
}
