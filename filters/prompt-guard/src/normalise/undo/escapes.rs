//! Characters written by their number, as strings, URLs, HTML and mail have them, and a backslash before each letter.

mod entity;

use crate::letters::is_alphabetic;
use crate::normalise::map::{Draft, Made};

/// So many pairs of backslash and letter are a disguise, if so many of them mean nothing in a string or a pattern.
const PAIRS: usize = 5;
const MEANINGLESS: usize = 3;

/// So many bytes of quoted-printable follow each other in none but an encoded text: `a=20` is a formula.
const QUOTED: usize = 3;

/// The characters where their numbers stand.
pub(super) fn undo(text: &str) -> Option<Made> {
    let bytes = text.as_bytes();
    let mut draft = Draft::new(text);
    let mut known_pairs = 0;
    for at in memchr::memchr3_iter(b'\\', b'%', b'&', bytes) {
        let rest = bytes.get(at..).unwrap_or_default();
        if at < draft.at() {
            continue;
        }
        match rest {
            [b'&', ..] => number(&mut draft, at, entity::read(text.get(at..).unwrap_or_default())),
            [b'\\' | b'%', b'u' | b'U', ..] | [b'\\', b'x', b'{', ..] => number(&mut draft, at, code_point(rest)),
            [b'\\', b'x' | b'X', ..] => octets(&mut draft, at, rest, 2),
            [b'%', ..] if is_encoding(bytes, at) => octets(&mut draft, at, rest, 1),
            _ => {}
        }
        if rest.first() == Some(&b'\\') && draft.at() <= at && at >= known_pairs {
            known_pairs = at.saturating_add(backslashed(&mut draft, at, text.get(at..).unwrap_or_default()));
        }
    }
    draft.undone().or_else(|| quoted_printable(text))
}

/// Whether a percent sign begins a byte, and does not stand before a number: in Turkish it does.
fn is_encoding(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
    let is_inside =
        before.is_ascii_alphanumeric() || matches!(before, b'/' | b'=' | b'&' | b'?' | b'_' | b'-' | b'.' | b'~');
    is_inside || bytes.get(at.saturating_add(3)).is_some_and(|behind| *behind == b'%' || behind.is_ascii_alphabetic())
}

/// Writes a character that was read with its length.
fn number(draft: &mut Draft<'_>, at: usize, read: Option<(char, usize)>) {
    if let Some((character, length)) = read.filter(|(character, _)| is_text(*character)) {
        draft.replace(&(at..at.saturating_add(length)), character.encode_utf8(&mut [0; 4]));
    }
}

/// Other controls stay as they are written: they colour terminals.
fn is_text(character: char) -> bool {
    !character.is_control() || matches!(character, '\t' | '\n' | '\r')
}

/// `\uHHHH`, two of them for characters beyond, `\u{H...}`, `\x{H...}`, `\UHHHHHHHH`, `%uHHHH`; with the length.
fn code_point(rest: &[u8]) -> Option<(char, usize)> {
    if let [_, b'u' | b'x', b'{', digits @ ..] = rest {
        let end = digits.iter().take(7).position(|byte| *byte == b'}')?;
        return Some((char::from_u32(hex(digits.get(..end)?)?)?, end.saturating_add(4)));
    }
    if let Some(code) = rest.strip_prefix(b"\\U").and_then(|digits| hex(digits.get(..8)?)) {
        return Some((char::from_u32(code)?, 10));
    }
    let first = hex(rest.get(2..6)?)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, 6));
    }
    let second = hex(rest.get(6..12)?.strip_prefix(b"\\u")?)?;
    let pair = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    Some((char::decode_utf16(pair).next()?.ok()?, 12))
}

fn hex(digits: &[u8]) -> Option<u32> {
    let is_hex = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    is_hex.then(|| u32::from_str_radix(str::from_utf8(digits).ok()?, 16).ok())?
}

/// Bytes in hexadecimal behind a sign of so many bytes: those that follow each other are UTF-8.
fn octets(draft: &mut Draft<'_>, at: usize, rest: &[u8], sign: usize) {
    let length = sign.saturating_add(2);
    let read = |unit: &[u8]| hex(unit.get(sign..)?).and_then(|code| u8::try_from(code).ok());
    let units = rest.chunks_exact(length).take_while(|unit| unit.get(..sign) == rest.get(..sign));
    let bytes: Vec<u8> = units.map_while(read).collect();
    let mut start = at;
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            let end = start.saturating_add(length.saturating_mul(character.len_utf8()));
            if is_text(character) {
                draft.replace(&(start..end), character.encode_utf8(&mut [0; 4]));
            } else {
                draft.copy_to(end);
            }
            start = end;
        }
        start = start.saturating_add(length.saturating_mul(chunk.invalid().len()));
        draft.copy_to(start);
    }
}

/// Drops the backslashes of a run of `\i\g\n\o\r\e`, if it is one; the length of the run.
fn backslashed(draft: &mut Draft<'_>, at: usize, rest: &str) -> usize {
    let (mut end, mut pairs, mut meaningless) = (0_usize, 0_usize, 0_usize);
    let mut characters = rest.chars();
    while let Some(first) = characters.next() {
        let blank = first == ' ' && characters.as_str().starts_with('\\');
        let second = if first == '\\' { characters.next().filter(|next| !next.is_control()) } else { None };
        match second {
            Some(second) => {
                pairs = pairs.saturating_add(1);
                let means = !is_alphabetic(second) || "abfnrtvdswDSWBux".contains(second);
                meaningless = meaningless.saturating_add(usize::from(!means));
            }
            None if blank => {}
            None => break,
        }
        end = rest.len().saturating_sub(characters.as_str().len());
    }
    if pairs >= PAIRS && meaningless >= MEANINGLESS {
        let run = rest.get(..end).unwrap_or_default();
        let mut is_behind = false;
        for (offset, character) in run.char_indices() {
            let start = at.saturating_add(offset);
            if character == '\\' && !is_behind {
                draft.copy_to(start);
                draft.skip_to(start.saturating_add(1));
                is_behind = true;
            } else {
                let range = start.saturating_sub(usize::from(is_behind))..start.saturating_add(character.len_utf8());
                draft.replace(&range, character.encode_utf8(&mut [0; 4]));
                is_behind = false;
            }
        }
    }
    end
}

/// `=69=67`, where many stand in a row.
fn quoted_printable(text: &str) -> Option<Made> {
    let bytes = text.as_bytes();
    let mut draft = Draft::new(text);
    for at in memchr::memchr_iter(b'=', bytes) {
        let rest = bytes.get(at..).unwrap_or_default();
        if at < draft.at() || rest.get(3) != Some(&b'=') {
            continue;
        }
        let units = rest.chunks_exact(3).take_while(|unit| unit.first() == Some(&b'='));
        if units.map_while(|unit| hex(unit.get(1..)?)).take(QUOTED).count() >= QUOTED {
            octets(&mut draft, at, rest, 1);
        }
    }
    draft.undone()
}
