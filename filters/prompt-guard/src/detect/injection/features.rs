//! What of a window counts: which concepts it has, where they stand and in which order, and which words and pieces of
//! words.

use std::ops::Range;

use super::lexicon::{CONCEPTS, Hash, Token};
use super::read::{Reading, Word};

/// A kind of feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// A concept.
    Has,
    /// A concept at the beginning of a sentence.
    First,
    /// A concept in quotation marks.
    Quoted,
    /// A concept in a question.
    Asked,
    /// A concept, and another right behind it.
    Near,
    /// A concept, and another some words behind it.
    Far,
    /// Three concepts in a row.
    Three,
    /// A word, two in a row, or letters in a row.
    Letters,
}

/// Pairs of concepts.
const PAIRS: usize = CONCEPTS * CONCEPTS;

/// Rows of three concepts, by hash.
pub const THREES: usize = 1 << 14;

/// Words and letters, by hash.
pub const LETTERS: usize = 1 << 16;

/// How many features there are.
pub const FEATURES: usize = Group::Letters.start() + LETTERS;

impl Group {
    /// All kinds.
    pub const ALL: [Group; 8] =
        [Group::Has, Group::First, Group::Quoted, Group::Asked, Group::Near, Group::Far, Group::Three, Group::Letters];

    /// Its place among all.
    #[inline]
    pub const fn place(self) -> usize {
        self as usize
    }

    /// The number of its first feature.
    #[inline]
    const fn start(self) -> usize {
        match self {
            Group::Has => 0,
            Group::First => CONCEPTS,
            Group::Quoted => 2 * CONCEPTS,
            Group::Asked => 3 * CONCEPTS,
            Group::Near => 4 * CONCEPTS,
            Group::Far => 4 * CONCEPTS + PAIRS,
            Group::Three => 4 * CONCEPTS + 2 * PAIRS,
            Group::Letters => 4 * CONCEPTS + 2 * PAIRS + THREES,
        }
    }

    /// The kind that a feature is of.
    pub fn of(feature: usize) -> Group {
        Self::ALL.into_iter().rev().find(|group| group.start() <= feature).unwrap_or(Group::Has)
    }

    fn at(self, place: usize) -> usize {
        self.start().wrapping_add(place)
    }
}

/// How many bytes at most are between two concepts that are near.
const NEAR: usize = 16;

/// And that have to do with each other at all.
const FAR: usize = 80;

/// How many concepts behind one are looked at.
const BEHIND: usize = 8;

/// Three words that mean more together, each the one or the other, say nothing.
const MEANINGS: u32 = 8;

/// Tells each feature of a piece, whose concepts are known; some more than once.
pub fn features(reading: &Reading, window: &Range<usize>, tokens: &[Token], see: &mut impl FnMut(Group, usize)) {
    alone(reading, tokens, see);
    together(tokens, see);
    letters(reading, window, see);
}

fn alone(reading: &Reading, tokens: &[Token], see: &mut impl FnMut(Group, usize)) {
    let words = reading.words();
    for token in tokens {
        let Some(word) = words.get(token.word) else { continue };
        let is_first =
            word.is_first() || token.word.checked_sub(1).and_then(|at| words.get(at)).is_some_and(Word::is_first);
        for concept in concepts(token.concepts) {
            see(Group::Has, Group::Has.at(concept));
            if is_first {
                see(Group::First, Group::First.at(concept));
            }
            if word.is_quoted() {
                see(Group::Quoted, Group::Quoted.at(concept));
            }
            if word.is_asked() {
                see(Group::Asked, Group::Asked.at(concept));
            }
        }
    }
}

fn together(tokens: &[Token], see: &mut impl FnMut(Group, usize)) {
    for (at, one) in tokens.iter().enumerate() {
        let behind = tokens.iter().skip(at.saturating_add(1)).take(BEHIND);
        for other in behind {
            let gap = other.start.saturating_sub(one.end);
            if gap > FAR {
                break;
            }
            let group = if gap <= NEAR { Group::Near } else { Group::Far };
            for first in concepts(one.concepts) {
                for second in concepts(other.concepts) {
                    see(group, group.at(first.wrapping_mul(CONCEPTS).wrapping_add(second)));
                }
            }
        }
    }
    for three in tokens.windows(3) {
        let [one, two, three] = three else { continue };
        let meanings = [one, two, three].map(|token| token.concepts.count_ones()).iter().product::<u32>();
        if three.start.saturating_sub(one.end) > FAR || meanings > MEANINGS {
            continue;
        }
        for first in concepts(one.concepts) {
            for second in concepts(two.concepts) {
                for third in concepts(three.concepts) {
                    let row = Hash::START.with(byte(first)).with(byte(second)).with(byte(third));
                    see(Group::Three, Group::Three.at(place(row, THREES)));
                }
            }
        }
    }
}

fn letters(reading: &Reading, window: &Range<usize>, see: &mut impl FnMut(Group, usize)) {
    let mut before: Option<Hash> = None;
    for word in reading.words().get(window.clone()).unwrap_or_default() {
        if word.is_dense() {
            in_a_row(reading.letters_of(word), 1..=3, see);
            before = None;
            continue;
        }
        see(Group::Letters, Group::Letters.at(place(word.hash, LETTERS)));
        if let Some(before) = before {
            see(Group::Letters, Group::Letters.at(place(before.then(word.hash), LETTERS)));
        }
        before = Some(word.hash);
        in_word(reading.letters(), word, see);
    }
}

/// Four letters in a row, the blanks around a word among them; of other scripts, of which a letter has more bytes, eight
/// bytes.
fn in_word(letters: &[u8], word: &Word, see: &mut impl FnMut(Group, usize)) {
    let range = word.range();
    let letters = letters.get(range.start.saturating_sub(1)..range.end.saturating_add(1)).unwrap_or_default();
    let mut tell = |row: u64| {
        let hash = row.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        see(Group::Letters, Group::Letters.at(usize::try_from(hash >> 48).unwrap_or_default()));
    };
    if letters.is_ascii() {
        letters.windows(4).for_each(|row| tell(row.try_into().map_or(0, u32::from_le_bytes).into()));
    } else {
        let begins = |row: &&[u8]| row.first().is_some_and(|byte| byte & 0xc0 != 0x80);
        letters.windows(8).filter(begins).for_each(|row| tell(row.try_into().map_or(0, u64::from_le_bytes)));
    }
}

const _: () = assert!(LETTERS == 1 << 16);

/// So many characters in a row, from every character on.
#[inline]
fn in_a_row(text: &[u8], wanted: std::ops::RangeInclusive<usize>, see: &mut impl FnMut(Group, usize)) {
    for (start, first) in text.iter().enumerate() {
        if first & 0xc0 == 0x80 {
            continue;
        }
        let mut hash = Hash::START;
        let mut count = 0_usize;
        for byte in text.iter().skip(start) {
            if byte & 0xc0 != 0x80 {
                if wanted.contains(&count) {
                    see(Group::Letters, Group::Letters.at(place(hash, LETTERS)));
                }
                count = count.saturating_add(1);
                if count > *wanted.end() {
                    break;
                }
            }
            hash = hash.with(*byte);
        }
        if count <= *wanted.end() && wanted.contains(&count) {
            see(Group::Letters, Group::Letters.at(place(hash, LETTERS)));
        }
    }
}

#[inline]
fn place(hash: Hash, size: usize) -> usize {
    usize::try_from(hash.bits(size.trailing_zeros())).unwrap_or_default()
}

fn byte(concept: usize) -> u8 {
    u8::try_from(concept).unwrap_or(u8::MAX)
}

/// The concepts of a set, by number.
#[inline]
pub fn concepts(set: u64) -> impl Iterator<Item = usize> {
    let mut rest = set;
    std::iter::from_fn(move || {
        let next = rest.trailing_zeros();
        rest &= rest.wrapping_sub(1);
        (next < 64).then(|| usize::try_from(next).unwrap_or_default())
    })
}
