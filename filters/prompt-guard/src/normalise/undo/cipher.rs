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

/// The keys of other blocks that are tried on one that tells too little by itself.
const KEYS: usize = 2;

/// So many letters show by how they are shared out which key it is.
const CLEAR: usize = 80;

/// The text with the blocks read that make sense in another alphabet.
pub(super) fn undo(text: &str, blocks: &[Block]) -> Option<Made> {
    let mut draft = Draft::new(text);
    let mut used: Vec<Key> = Vec::new();
    let of_block = |block: &Block| text.get(block.range.clone()).unwrap_or_default();
    let keys: Vec<Option<Key>> = blocks.iter().map(|block| key(block, of_block(block))).collect();
    for key in keys.iter().flatten() {
        if !used.contains(key) && used.len() < KEYS {
            used.push(*key);
        }
    }
    for (block, key) in blocks.iter().zip(keys) {
        let written = of_block(block);
        let is_short = key.is_none() && block.letters <= CLEAR;
        let known = || used.iter().filter(|_| is_short).find(|key| gain(block, written, **key) > 0).copied();
        if let Some(key) = key.or_else(known) {
            draft.translate(&block.range, &key.read(written));
        }
    }
    draft.undone()
}

/// The key by which a block makes sense.
fn key(block: &Block, text: &str) -> Option<Key> {
    if !block.has_odd_letters(text) {
        return None;
    }
    let mut counts = [0_i32; 26];
    for letter in text.bytes().filter(u8::is_ascii_alphabetic) {
        if let Some(count) = counts.get_mut(usize::from((letter & 0x1f).saturating_sub(1))) {
            *count = count.saturating_add(1);
        }
    }
    let mut mirrored = counts;
    mirrored.reverse();
    let ahead = (1..26_u8).map(|by| (blocks::odds_ahead(&counts, by.into()), Key::Ahead(by)));
    let mut keys: Vec<_> = ahead.chain([(blocks::odds_ahead(&mirrored, 0), Key::Mirrored)]).collect();
    keys.sort_unstable_by_key(|(odds, _)| std::cmp::Reverse(*odds));
    // Many letters leave no doubt; of few, the most used keys are tried too.
    let (likely, usual): (_, &[Key]) =
        if block.letters > CLEAR { (1, &[]) } else { (3, &[Key::Ahead(13), Key::Mirrored]) };
    let keys = keys.into_iter().take(likely).map(|(_, key)| key).chain(usual.iter().copied());
    let gains = keys.map(|key| (gain(block, text, key), key)).filter(|(gain, _)| *gain > 0);
    gains.max_by_key(|(gain, _)| *gain).map(|(_, key)| key)
}

/// How much more sense a block makes.
fn gain(block: &Block, text: &str, key: Key) -> usize {
    blocks::gain(block, text, |word| Word::of(word.iter().map(|letter| key.letter(letter.to_ascii_lowercase()))))
}
