//! Text as a block of letters or numbers: base64, base32, hexadecimal, binary, decimal codes, Morse. A block is undone if
//! what comes out can be read; pictures, keys and hashes stay.

mod codes;
mod groups;
mod morse;
mod packed;
mod runs;

use super::blocks::Sense;
use crate::normalise::map::{Draft, Made};

/// The text where its blocks stand.
pub(super) fn undo(text: &str, sense: &Sense) -> Option<Made> {
    let mut found = packed::find(text, &sense.codes);
    if sense.digits >= groups::DIGITS {
        found.extend(groups::find(text));
    }
    if sense.strokes >= morse::SIGNS {
        found.extend(morse::find(text));
    }
    if found.is_empty() {
        return None;
    }
    found.sort_by_key(|(range, _)| range.start);
    let mut draft = Draft::new(text);
    for (range, decoded) in found {
        if range.start >= draft.at() {
            draft.replace(&range, &decoded);
        }
    }
    draft.undone()
}

/// What stands in a block, if it is text that can be read.
fn readable(bytes: Vec<u8>) -> Option<String> {
    let bytes = narrow(bytes);
    let text = String::from_utf8(bytes).ok()?;
    let (mut letters, mut others, mut length) = (0_usize, 0_usize, 0_usize);
    for character in text.chars() {
        let is_letter = character.is_alphabetic();
        if character.is_control() && !matches!(character, '\t' | '\n' | '\r') || character == '\u{fffd}' {
            return None;
        }
        length = length.saturating_add(1);
        letters = letters.saturating_add(usize::from(is_letter));
        others = others.saturating_add(usize::from(character.is_whitespace() || character.is_ascii_digit()));
    }
    let is_text = letters >= 4 && letters.saturating_add(others).saturating_mul(10) >= length.saturating_mul(7);
    (is_text && letters.saturating_mul(2) >= length).then_some(text)
}

/// Text of two bytes a character, as Windows has it, in one byte.
fn narrow(bytes: Vec<u8>) -> Vec<u8> {
    let is_wide = bytes.len() >= 4 && bytes.chunks(2).all(|pair| matches!(pair, [low, 0] if *low > 0));
    if is_wide { bytes.into_iter().step_by(2).collect() } else { bytes }
}
