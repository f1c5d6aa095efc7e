//! Letters that stand on their head: ɹǝʇʇǝl. Whoever turns the page reads from the other end.

use std::ops::Range;

use crate::normalise::map::{Draft, Made};

/// Fewer such letters are a word in phonetic script.
const LEAST: usize = 3;

/// The text with the lines turned that stand on their head.
pub(super) fn undo(text: &str) -> Option<Made> {
    // Most such letters begin with one of these bytes, and few others do.
    memchr::memchr3(0xc7, 0xc9, 0xca, text.as_bytes())?;
    let mut draft = Draft::new(text);
    let mut start = 0_usize;
    for line in text.split_inclusive('\n') {
        let range = start..start.saturating_add(line.trim_end().len());
        start = start.saturating_add(line.len());
        if let Some(stretch) = stretch(line) {
            let from = range.start.saturating_add(stretch.start);
            let to = range.start.saturating_add(stretch.end).min(range.end);
            draft.reverse(&(from..to), turned);
        }
    }
    draft.undone()
}

/// From the first to the last word of a line in which such letters stand, if they are many of the letters there.
fn stretch(line: &str) -> Option<Range<usize>> {
    let mut found: Option<Range<usize>> = None;
    let mut at = 0_usize;
    for word in line.split_inclusive(' ') {
        let end = at.saturating_add(word.trim_end().len());
        if word.chars().any(is_flipped) {
            found = Some(found.map_or(at, |range| range.start)..end);
        }
        at = at.saturating_add(word.len());
    }
    let mut range = found?;
    // What stands around is turned with it, but for a line of other text.
    let inside = line.get(range.clone())?;
    let flipped = inside.chars().filter(|letter| is_flipped(*letter)).count();
    let letters = inside.chars().filter(|letter| is_letter(*letter)).count();
    let around = line.chars().filter(|letter| is_letter(*letter)).count().saturating_sub(letters);
    if around.saturating_mul(2) <= letters {
        range = 0..line.trim_end().len();
    }
    (flipped >= LEAST && flipped.saturating_mul(5) >= letters).then_some(range)
}

/// Phonetic letters first: finding out is slow.
fn is_letter(letter: char) -> bool {
    matches!(letter, 'A'..='Z' | 'a'..='z' | '\u{250}'..='\u{2af}') || !letter.is_ascii() && letter.is_alphabetic()
}

fn is_flipped(letter: char) -> bool {
    !letter.is_ascii() && turned(letter) != letter
}

/// What a letter is on its head.
fn turned(letter: char) -> char {
    match letter {
        'ɐ' => 'a',
        'q' => 'b',
        'ɔ' => 'c',
        'p' => 'd',
        'ǝ' | 'ə' => 'e',
        'ɟ' => 'f',
        'ƃ' | 'ᵷ' => 'g',
        'ɥ' => 'h',
        'ᴉ' | 'ı' => 'i',
        'ɾ' | 'ſ' => 'j',
        'ʞ' => 'k',
        'ꞁ' | 'ʃ' => 'l',
        'ɯ' => 'm',
        'u' => 'n',
        'd' => 'p',
        'b' => 'q',
        'ɹ' => 'r',
        'ʇ' => 't',
        'n' => 'u',
        'ʌ' => 'v',
        'ʍ' => 'w',
        'ʎ' => 'y',
        '¡' => '!',
        '¿' => '?',
        '˙' => '.',
        '(' => ')',
        ')' => '(',
        other => other,
    }
}
