//! Text as a block of letters or numbers: base64, base32, hexadecimal, binary, decimal codes, Morse. A block is undone if
//! what comes out can be read; pictures, keys and hashes stay.

mod codes;
mod groups;
mod morse;
mod packed;
mod runs;

use super::blocks::Sense;
use crate::letters::is_alphabetic;
use crate::normalise::map::{Draft, Made};
use crate::wide;

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

/// What stands in a block, if it is text that can be read, or what of it can be.
fn readable(bytes: Vec<u8>) -> Option<String> {
    let bytes = wide::decoded(&bytes).map_or(bytes, String::into_bytes);
    match String::from_utf8(bytes) {
        Ok(text) if is_text(&text) => Some(text),
        Ok(text) => legible(&text),
        Err(error) => legible(&String::from_utf8_lossy(error.as_bytes())),
    }
}

fn is_text(text: &str) -> bool {
    let (mut letters, mut others, mut length) = (0_usize, 0_usize, 0_usize);
    for character in text.chars() {
        let is_letter = is_alphabetic(character);
        if is_unseen(character) || character == '\u{fffd}' {
            return false;
        }
        length = length.saturating_add(1);
        letters = letters.saturating_add(usize::from(is_letter));
        others = others.saturating_add(usize::from(character.is_whitespace() || character.is_ascii_digit()));
    }
    let is_text = letters >= 4 && letters.saturating_add(others).saturating_mul(10) >= length.saturating_mul(7);
    is_text && letters.saturating_mul(2) >= length
}

fn is_unseen(character: char) -> bool {
    character.is_control() && !matches!(character, '\t' | '\n' | '\r')
}

/// Among bytes that are no text, so many characters in a row with so many letters are: in a picture of 64 KiB there is one
/// such stretch in ten by chance.
const STRETCH: usize = 12;
const LETTERS: usize = 8;

/// The stretches that can be read of what is no text as a whole: a byte that is none hides nothing. One control is passed
/// over, as in text of two bytes a character; two end a stretch.
fn legible(text: &str) -> Option<String> {
    let (mut said, mut stretch, mut was_unseen) = (Vec::new(), String::new(), false);
    for character in text.chars().chain(['\u{fffd}']) {
        let is_unseen = is_unseen(character);
        if character == '\u{fffd}' || is_unseen && was_unseen {
            if is_stretch(&stretch) {
                said.push(stretch.clone());
            }
            stretch.clear();
        } else if !is_unseen {
            stretch.push(character);
        }
        was_unseen = is_unseen;
    }
    (!said.is_empty()).then(|| said.join("\u{fffd}"))
}

fn is_stretch(text: &str) -> bool {
    let letters = || text.chars().filter(|character| is_alphabetic(*character));
    text.len() >= STRETCH && text.chars().nth(STRETCH - 1).is_some() && letters().nth(LETTERS - 1).is_some()
}
