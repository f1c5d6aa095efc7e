//! Which words say which concept, in many languages: stems, kept as hashes.
//!
//! From where a word begins, the hash of what follows is made byte by byte. One table says whether any stem goes on there,
//! so that the walk ends after a few letters; the other what a stem means that ends there.

use std::collections::BTreeMap;
use std::ops::Range;

use super::read::{Reading, Word};

/// How many concepts there may be.
pub const CONCEPTS: usize = 64;

/// The bits of the table of beginnings: a power of two.
pub const BEGINNINGS: usize = 1 << 21;

/// A running hash of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hash(u64);

impl Hash {
    /// Of nothing.
    pub const START: Hash = Hash(0x243f_6a88_85a3_08d3);

    /// With one byte more.
    #[inline]
    #[must_use]
    pub fn with(self, byte: u8) -> Self {
        Self((self.0 ^ u64::from(byte)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23))
    }

    /// Of all these.
    pub fn of(bytes: &[u8]) -> Self {
        bytes.iter().fold(Self::START, |hash, byte| hash.with(*byte))
    }

    /// Of a word: eight bytes at once.
    pub fn of_word(letters: &[u8]) -> Self {
        let mut chunks = letters.chunks_exact(8);
        let mix = |hash: u64, bytes: u64| (hash ^ bytes).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        let whole = chunks
            .by_ref()
            .fold(Self::START.0, |hash, chunk| mix(hash, chunk.try_into().map_or(0, u64::from_le_bytes)));
        let mut last = [0; 8];
        last.iter_mut().zip(chunks.remainder()).for_each(|(to, from)| *to = *from);
        let length = u64::try_from(letters.len()).unwrap_or_default();
        Self(mix(mix(whole, u64::from_le_bytes(last)), length))
    }

    /// Of two words in a row.
    #[inline]
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        Self((self.0.rotate_left(17) ^ next.0).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// As many of its bits, at most 32.
    #[inline]
    pub fn bits(self, count: u32) -> u32 {
        let mixed = self.0.wrapping_mul(0xd6e8_feb8_6659_fd93);
        u32::try_from(mixed >> 32).unwrap_or_default() >> (32_u32.saturating_sub(count))
    }

    /// What a table keeps of it.
    #[inline]
    pub fn mark(self) -> u32 {
        let [a, b, c, d, ..] = self.0.to_le_bytes();
        u32::from_le_bytes([a, b, c, d]) | 1
    }
}

/// Stems and what they mean.
#[derive(Debug, Clone)]
pub struct Lexicon {
    /// A bit for the hash of each beginning of a stem.
    pub(super) beginnings: Vec<u64>,
    /// The stems, by hash: a power of two.
    pub(super) stems: Vec<Stem>,
    /// What they mean: a bit for each concept.
    pub(super) meanings: Vec<u64>,
}

/// A stem; none if its mark is 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stem {
    /// Of its hash.
    pub mark: u32,
    /// The place of its meaning as the beginning of a word, and 0 if it is none.
    pub of_beginning: u16,
    /// The same as a whole word.
    pub of_whole: u16,
}

/// A stem in a text.
#[derive(Debug, Clone, Copy)]
pub struct Token {
    /// Its concepts.
    pub concepts: u64,
    /// Its first byte in the letters.
    pub start: usize,
    /// Behind its last.
    pub end: usize,
    /// The place of the word in which it begins.
    pub word: usize,
}

impl Lexicon {
    /// The stems in words of a text, from left to right, none inside of another; of several from one place on the longest.
    pub fn tokens(&self, reading: &Reading, words: Range<usize>, out: &mut Vec<Token>) {
        out.clear();
        let letters = reading.letters();
        let mut free = 0;
        let last = reading.words().get(..words.end).and_then(<[Word]>::last);
        let end = last.map_or(0, |word| word.range().end);
        let letters = letters.get(..end).unwrap_or_default();
        for (at, word) in reading.words().iter().enumerate().take(words.end).skip(words.start) {
            let range = word.range();
            if word.is_dense() {
                let mut start = range.start.max(free);
                while start < range.end {
                    let found = if is_start(letters, start) { self.longest(letters, start, true) } else { None };
                    if let Some((concepts, end)) = found {
                        out.push(Token { concepts, start, end, word: at });
                        free = end;
                    }
                    start = free.max(start.saturating_add(1));
                }
            } else if range.start >= free
                && let Some((concepts, end)) = self.longest(letters, range.start, false)
            {
                out.push(Token { concepts, start: range.start, end, word: at });
                free = end;
            }
        }
    }

    /// The longest stem that begins there, and where it ends.
    #[inline]
    fn longest(&self, letters: &[u8], start: usize, is_dense: bool) -> Option<(u64, usize)> {
        let mut found = None;
        let mut hash = Hash::START;
        for (at, byte) in letters.iter().enumerate().skip(start) {
            hash = hash.with(*byte);
            if !self.goes_on(hash) {
                break;
            }
            let Some(stem) = self.stem(hash) else { continue };
            let end = at.saturating_add(1);
            let is_whole = is_dense || letters.get(end).is_none_or(|next| *next == b' ');
            let meaning = if is_whole { stem.of_whole } else { stem.of_beginning };
            if let Some(concepts) = self.meanings.get(usize::from(meaning)).filter(|concepts| **concepts != 0) {
                found = Some((*concepts, end));
            }
        }
        found
    }

    #[inline]
    fn goes_on(&self, hash: Hash) -> bool {
        let bit = hash.bits(BEGINNINGS.trailing_zeros());
        let word = self.beginnings.get(usize::try_from(bit >> 6).unwrap_or_default());
        word.is_some_and(|word| word.wrapping_shr(bit & 63) & 1 == 1)
    }

    #[inline]
    fn stem(&self, hash: Hash) -> Option<&Stem> {
        let mark = hash.mark();
        for place in steps(mark, self.stems.len()) {
            match self.stems.get(place) {
                Some(stem) if stem.mark == mark => return Some(stem),
                Some(stem) if stem.mark != 0 => {}
                _ => return None,
            }
        }
        None
    }
}

fn is_start(letters: &[u8], at: usize) -> bool {
    letters.get(at).is_some_and(|byte| *byte & 0xc0 != 0x80)
}

impl Lexicon {
    /// Of stems in the letters of a [`Reading`], each with its concepts as the beginning of a word and as a whole one.
    pub fn new(stems: &BTreeMap<Vec<u8>, (u64, u64)>) -> Self {
        let mut meanings = vec![0];
        let mut beginnings = vec![0_u64; BEGINNINGS / 64];
        let mut list = Vec::with_capacity(stems.len());
        for (text, (beginning, whole)) in stems {
            let mut hash = Hash::START;
            for byte in text {
                hash = hash.with(*byte);
                let bit = hash.bits(BEGINNINGS.trailing_zeros());
                if let Some(word) = beginnings.get_mut(usize::try_from(bit >> 6).unwrap_or_default()) {
                    *word |= 1_u64.wrapping_shl(bit & 63);
                }
            }
            let of_beginning = place_of(&mut meanings, *beginning);
            let of_whole = place_of(&mut meanings, beginning | whole);
            list.push(Stem { mark: hash.mark(), of_beginning, of_whole });
        }
        Self::of(beginnings, &list, meanings)
    }

    pub(super) fn of(beginnings: Vec<u64>, list: &[Stem], meanings: Vec<u64>) -> Self {
        let size = list.len().saturating_mul(2).next_power_of_two();
        let mut stems = vec![Stem::default(); size];
        for stem in list {
            let free = steps(stem.mark, size).find(|place| stems.get(*place).is_some_and(|stem| stem.mark == 0));
            if let Some(place) = free.and_then(|place| stems.get_mut(place)) {
                *place = *stem;
            }
        }
        Self { beginnings, stems, meanings }
    }
}

/// Where a meaning stands, behind all others if it is new.
fn place_of(meanings: &mut Vec<u64>, concepts: u64) -> u16 {
    let known = meanings.iter().position(|known| *known == concepts);
    let place = known.unwrap_or_else(|| {
        meanings.push(concepts);
        meanings.len().saturating_sub(1)
    });
    u16::try_from(place).unwrap_or_default()
}

/// Where something with this mark may stand in a table of so many places, a power of two: the best place first.
#[inline]
pub(super) fn steps(mark: u32, size: usize) -> impl Iterator<Item = usize> {
    let first = usize::try_from(mark.wrapping_mul(0x9e37_79b1) >> 8).unwrap_or_default();
    (0..size).map(move |step| first.wrapping_add(step) & size.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexicon(stems: &[(&str, u64, u64)]) -> Lexicon {
        let stems = stems.iter().map(|(stem, beginning, whole)| (stem.as_bytes().to_vec(), (*beginning, *whole)));
        Lexicon::new(&stems.collect())
    }

    #[test]
    fn of_stems_from_one_place_the_longest_counts() {
        let lexicon =
            lexicon(&[("ignor", 1, 0), ("no", 0, 2), ("no longer", 4, 0), ("規則", 8, 0), ("system prompt", 16, 0)]);
        for (text, expected) in [
            ("Ignore it", &[(1, "ignor")][..]),
            ("no, noise", &[(2, "no")]),
            ("You no longer ignored", &[(4, "no longer"), (1, "ignor")]),
            ("上の規則を", &[(8, "規則")]),
            ("my system-prompts", &[(16, "system prompt")]),
            ("nolonger signore", &[]),
        ] {
            let reading = Reading::of(text);
            let mut tokens = Vec::new();
            lexicon.tokens(&reading, 0..reading.words().len(), &mut tokens);
            let letters = |token: &Token| std::str::from_utf8(&reading.letters()[token.start..token.end]).unwrap();
            let found: Vec<_> = tokens.iter().map(|token| (token.concepts, letters(token))).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
