//! Other alphabets: letters moved along (Caesar, rot13) or mirrored (Atbash).

use crate::normalise::map::{Draft, Made};
use crate::normalise::words::Key as Word;

use super::blocks::{self, Block};

/// A way to read letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    /// So many letters ahead.
    Ahead(u8),
    Mirrored,
}

impl Key {
    fn all() -> impl Iterator<Item = Self> {
        (1..26).map(Key::Ahead).chain(std::iter::once(Key::Mirrored))
    }

    /// The letter that stands for `letter`, which is one of ASCII.
    fn letter(self, letter: u8) -> u8 {
        let first = if letter.is_ascii_lowercase() { b'a' } else { b'A' };
        let place = letter.wrapping_sub(first);
        let place = match self {
            Key::Ahead(by) => place.wrapping_add(by).wrapping_rem(26),
            Key::Mirrored => 25_u8.wrapping_sub(place),
        };
        first.wrapping_add(place)
    }

    fn read(self, text: &str) -> String {
        let read = |character| match u8::try_from(character) {
            Ok(byte) if byte.is_ascii_alphabetic() => char::from(self.letter(byte)),
            _ => character,
        };
        text.chars().map(read).collect()
    }
}

/// The text with the blocks read that make sense in another alphabet.
pub(super) fn undo(text: &str, blocks: &[Block]) -> Option<Made> {
    let mut draft = Draft::new(text);
    let mut used: Vec<Key> = Vec::new();
    let of_block = |block: &Block| text.get(block.range.clone()).unwrap_or_default();
    let keys: Vec<Option<Key>> = blocks.iter().map(|block| key(block, of_block(block))).collect();
    for key in keys.iter().flatten() {
        if !used.contains(key) {
            used.push(*key);
        }
    }
    for (block, key) in blocks.iter().zip(keys) {
        let written = of_block(block);
        let known = used.iter().find(|key| gain(block, written, **key) > 0).copied();
        if let Some(key) = key.or_else(|| known.filter(|_| block.has_odd_letters())) {
            draft.translate(&block.range, &key.read(written));
        }
    }
    draft.undone()
}

/// The key by which a block makes sense.
fn key(block: &Block, text: &str) -> Option<Key> {
    if !block.has_odd_letters() {
        return None;
    }
    let mut counts = [0_i32; 32];
    for letter in text.bytes().filter(u8::is_ascii_alphabetic) {
        if let Some(count) = counts.get_mut(usize::from(letter & 0x1f)) {
            *count = count.saturating_add(1);
        }
    }
    let score = |key: &Key| {
        let letters = (b'a'..=b'z').zip(counts.iter().skip(1));
        letters.map(|(letter, count)| blocks::odds(key.letter(letter)).saturating_mul(*count)).sum::<i32>()
    };
    let mut keys: Vec<(i32, Key)> = Key::all().map(|key| (score(&key), key)).collect();
    keys.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let likely = keys.into_iter().take(3).map(|(_, key)| key).chain([Key::Ahead(13), Key::Mirrored]);
    likely
        .map(|key| (gain(block, text, key), key))
        .filter(|(gain, _)| *gain > 0)
        .max_by_key(|(gain, _)| *gain)
        .map(|(_, key)| key)
}

/// How much more sense a block makes.
fn gain(block: &Block, text: &str, key: Key) -> usize {
    blocks::gain(block, text, |word| Word::of(word.iter().map(|letter| key.letter(letter.to_ascii_lowercase()))))
}
