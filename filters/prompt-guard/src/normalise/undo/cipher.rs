//! Other alphabets: letters moved along (Caesar, rot13) or mirrored (Atbash).

use crate::normalise::map::{Draft, Made};
use crate::normalise::words::Key as Common;

use super::blocks::{self, Block};
use super::walk::{Word, words};

/// A way to read letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    /// So many letters ahead.
    Ahead(u8),
    Mirrored,
}

/// Each byte of eight.
const EACH: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

impl Key {
    /// The letter that stands for `letter`, which is one of ASCII.
    fn letter(self, letter: u8) -> u8 {
        let first = if letter.is_ascii_lowercase() { b'a' } else { b'A' };
        let place = letter.wrapping_sub(first);
        let place = match self {
            // Below 26, the other is far above.
            Key::Ahead(by) => place.wrapping_add(by).min(place.wrapping_add(by).wrapping_sub(26)),
            Key::Mirrored => 25_u8.wrapping_sub(place),
        };
        first.wrapping_add(place)
    }

    /// The word that stands for a word, all its letters at once.
    fn word(self, word: Common) -> Common {
        // 1 for each letter, 0 behind the last.
        let letters = word.0.wrapping_shr(6) & EACH;
        let places = word.0.wrapping_sub(letters.wrapping_mul(b'a'.into()));
        let places = match self {
            Key::Ahead(by) => {
                let places = places.wrapping_add(letters.wrapping_mul(by.into()));
                // A high bit where a place is 26 or more.
                let beyond = places.wrapping_add(EACH.wrapping_mul(0x80 - 26)) & HIGH;
                places.wrapping_sub(beyond.wrapping_shr(7).wrapping_mul(26))
            }
            Key::Mirrored => letters.wrapping_mul(25).wrapping_sub(places),
        };
        Common(places.wrapping_add(letters.wrapping_mul(b'a'.into())))
    }

    fn read(self, text: &str) -> String {
        let mut read = text.to_owned().into_bytes();
        for byte in read.iter_mut().filter(|byte| byte.is_ascii_alphabetic()) {
            *byte = self.letter(*byte);
        }
        String::from_utf8(read).unwrap_or_default()
    }
}

/// The keys of other blocks that are tried on one that tells too little by itself.
const KEYS: usize = 2;

/// So many letters show by how they are shared out which key it is.
const CLEAR: usize = 80;

/// The text with the blocks read that make sense in another alphabet.
pub(super) fn undo(text: &str, blocks: &[Block]) -> Option<Made> {
    let mut draft = Draft::new(text);
    let mut used: Vec<Key> = Vec::new();
    let of_block = |block: &Block| text.get(block.range.clone()).unwrap_or_default();
    // One for all blocks: there may be many.
    let mut read: Vec<Word> = Vec::new();
    let keys: Vec<Option<Key>> = blocks.iter().map(|block| key(block, of_block(block), &mut read)).collect();
    for key in keys.iter().flatten() {
        if !used.contains(key) && used.len() < KEYS {
            used.push(*key);
        }
    }
    for (block, key) in blocks.iter().zip(keys) {
        let is_short = !used.is_empty() && key.is_none() && block.letters <= CLEAR;
        let known = || is_short.then(|| fitting(block, of_block(block), &used))?;
        if let Some(key) = key.or_else(known) {
            draft.translate(&block.range, &key.read(of_block(block)));
        }
    }
    draft.undone()
}

/// The first of some keys by which a block makes sense.
fn fitting(block: &Block, text: &str, keys: &[Key]) -> Option<Key> {
    let words: Vec<Word> = words(text.as_bytes()).collect();
    keys.iter().find(|key| gain(block, &words, **key) > 0).copied()
}

/// The key by which a block makes sense; its words are read into `read`.
fn key(block: &Block, text: &str, read: &mut Vec<Word>) -> Option<Key> {
    read.clear();
    read.extend(words(text.as_bytes()));
    let counts = blocks::count(text.as_bytes(), read);
    let written = blocks::odds_ahead(&counts, 0);
    if !block.has_odd_letters(written) {
        return None;
    }
    let mut mirrored = counts;
    mirrored.reverse();
    let ahead = (1..26_u8).map(|by| (blocks::odds_ahead(&counts, by.into()), Key::Ahead(by)));
    let keys = ahead.chain([(blocks::odds_ahead(&mirrored, 0), Key::Mirrored)]);
    // What looks less like English than what is written is no reading of it.
    let mut keys: Vec<_> = keys.filter(|(odds, _)| *odds > written).collect();
    keys.sort_unstable_by_key(|(odds, _)| std::cmp::Reverse(*odds));
    // Many letters leave no doubt; of few, the most used keys are tried too.
    let (likely, usual): (_, &[Key]) =
        if block.letters > CLEAR { (1, &[]) } else { (3, &[Key::Ahead(13), Key::Mirrored]) };
    let keys = keys.into_iter().take(likely).map(|(_, key)| key).chain(usual.iter().copied());
    let gains = keys.map(|key| (gain(block, read, key), key)).filter(|(gain, _)| *gain > 0);
    gains.max_by_key(|(gain, _)| *gain).map(|(_, key)| key)
}

/// How much more sense a block makes.
fn gain(block: &Block, words: &[Word], key: Key) -> usize {
    blocks::gain(block, words.iter().copied(), |word| key.word(word.key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_as_its_letters_are() {
        let keys = (1..26).map(Key::Ahead).chain([Key::Mirrored]);
        for (key, word) in keys.flat_map(|key| ["az", "ignore", "zyxwvuts"].map(|word| (key, word))) {
            let letters = Common::of(word.bytes().map(|letter| key.letter(letter)));
            assert_eq!(key.word(Common::of(word.bytes())), letters, "{key:?} {word}");
        }
    }
}
