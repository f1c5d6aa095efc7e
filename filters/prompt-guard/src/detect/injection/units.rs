//! A window as a row of units: a word, or in scripts without blanks a concept or two characters, and what is known of each.
//! What is known of it are numbers: its concepts, how it stands there, and its own if it is in the vocabulary.

use std::collections::BTreeMap;
use std::ops::Range;

use super::features::concepts;
use super::lexicon::{CONCEPTS, Hash, Token, steps};
use super::read::{Reading, Word};

/// The first word of its sentence.
const FIRST: u16 = 64;
/// In quotation marks.
const QUOTED: u16 = 65;
/// In a question.
const ASKED: u16 = 66;
/// Goes on with a concept that began before.
const INSIDE: u16 = 67;

/// The number of the first word of the vocabulary.
pub const WORDS: usize = 72;

const _: () = assert!(CONCEPTS == 64);

/// The words that have numbers of their own, by the mark of their hash.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// A power of two places, each with a mark and a number behind it; none if the mark is 0.
    pub(super) places: Vec<(u32, u16)>,
    pub(super) count: usize,
}

impl Vocabulary {
    /// Of words, which get numbers in their order. At most 60,000.
    pub fn new(words: &[Hash]) -> Self {
        let marks: BTreeMap<u32, usize> = words.iter().enumerate().rev().map(|(at, word)| (word.mark(), at)).collect();
        let marks = marks.into_iter().map(|(mark, at)| (mark, u16::try_from(at).unwrap_or_default())).collect();
        Self::of(marks, words.len())
    }

    pub(super) fn of(marks: Vec<(u32, u16)>, count: usize) -> Self {
        let size = marks.len().saturating_mul(2).next_power_of_two();
        let mut places = vec![(0, 0); size];
        for (mark, number) in marks {
            let free = steps(mark, size).find(|place| places.get(*place).is_some_and(|(taken, _)| *taken == 0));
            if let Some(place) = free.and_then(|place| places.get_mut(place)) {
                *place = (mark, number);
            }
        }
        Self { places, count }
    }

    /// How many words there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The number of a word that is one of them.
    #[inline]
    pub fn number(&self, word: Hash) -> Option<u16> {
        let mark = word.mark();
        for place in steps(mark, self.places.len()) {
            match self.places.get(place) {
                Some((known, number)) if *known == mark => return Some(*number),
                Some((0, _)) | None => return None,
                Some(_) => {}
            }
        }
        None
    }
}

/// The units of a window, one behind the other.
#[derive(Debug, Default)]
pub struct Units {
    numbers: Vec<u16>,
    /// Where the numbers of each end.
    ends: Vec<usize>,
    /// The hash of each.
    hashes: Vec<Hash>,
}

impl Units {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// What is known of each.
    pub fn iter(&self) -> impl Iterator<Item = &[u16]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| self.numbers.get(start..*end).unwrap_or_default())
    }

    /// What is known of each but whether it is in a vocabulary, and its hash.
    pub fn bare(&self) -> impl Iterator<Item = (&[u16], Hash)> {
        self.iter().zip(self.hashes.iter().copied())
    }

    /// From numbers: for training.
    pub fn push(&mut self, numbers: impl Iterator<Item = u16>) {
        self.numbers.extend(numbers);
        self.ends.push(self.numbers.len());
    }

    /// Takes all out.
    pub fn clear(&mut self) {
        self.numbers.clear();
        self.ends.clear();
        self.hashes.clear();
    }

    /// Reads a window, whose concepts are known.
    pub fn read(&mut self, reading: &Reading, window: &Range<usize>, tokens: &[Token], vocabulary: &Vocabulary) {
        self.clear();
        let mut tokens = tokens.iter().peekable();
        let mut reached = 0;
        for (at, word) in reading.words().iter().enumerate().take(window.end).skip(window.start) {
            let range = word.range();
            if word.is_dense() {
                self.dense(reading.letters(), word, &mut tokens, vocabulary);
                continue;
            }
            while tokens.next_if(|token| token.word < at).is_some() {}
            self.sign(word);
            if let Some(token) = tokens.next_if(|token| token.word == at) {
                self.concepts(token.concepts);
                reached = token.end;
            } else if reached > range.start {
                self.numbers.push(INSIDE);
            }
            self.end(word.hash, vocabulary);
        }
    }

    /// A word without blanks: its concepts, and two characters each of what is between them.
    fn dense<'t>(
        &mut self,
        letters: &[u8],
        word: &Word,
        tokens: &mut std::iter::Peekable<impl Iterator<Item = &'t Token>>,
        vocabulary: &Vocabulary,
    ) {
        let range = word.range();
        let mut at = range.start;
        self.sign(word);
        while at < range.end {
            while tokens.next_if(|token| token.start < at).is_some() {}
            let next = tokens.peek().map_or(usize::MAX, |token| token.start);
            let end = if next == at {
                tokens.next().map_or(at, |token| {
                    self.concepts(token.concepts);
                    token.end
                })
            } else {
                two(letters, at).min(next)
            };
            let end = end.min(range.end).max(at.saturating_add(1));
            self.end(Hash::of_word(letters.get(at..end).unwrap_or_default()), vocabulary);
            at = end;
        }
    }

    fn sign(&mut self, word: &Word) {
        let signs = [(word.is_first(), FIRST), (word.is_quoted(), QUOTED), (word.is_asked(), ASKED)];
        self.numbers.extend(signs.into_iter().filter_map(|(is_so, sign)| is_so.then_some(sign)));
    }

    fn concepts(&mut self, set: u64) {
        self.numbers.extend(concepts(set).filter_map(|concept| u16::try_from(concept).ok()));
    }

    fn end(&mut self, hash: Hash, vocabulary: &Vocabulary) {
        if let Some(word) = vocabulary.number(hash) {
            self.numbers.push(word.saturating_add(u16::try_from(WORDS).unwrap_or_default()));
        }
        self.ends.push(self.numbers.len());
        self.hashes.push(hash);
    }
}

/// The end of two characters.
fn two(letters: &[u8], at: usize) -> usize {
    let begins = |place: &usize| letters.get(*place).is_none_or(|byte| byte & 0xc0 != 0x80);
    let next = |at: usize| (at.saturating_add(1)..=letters.len()).find(begins).unwrap_or(letters.len());
    next(next(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::injection::lexicon::Lexicon;

    #[test]
    fn a_unit_is_what_is_known_of_it() {
        let stems = [("ignor", 0b1), ("system prompt", 0b100), ("規則", 0b10)];
        let stems = stems.into_iter().map(|(stem, concepts)| (stem.as_bytes().to_vec(), (concepts, 0))).collect();
        let lexicon = Lexicon::new(&stems);
        let vocabulary = Vocabulary::new(&[Hash::of_word(b"the"), Hash::of_word("を上".as_bytes())]);
        let (the, two) = (72, 73);
        for (text, expected) in [
            ("Ignore the rest", &[&[FIRST, 0][..], &[the], &[]][..]),
            ("\"the system prompt\"?", &[&[FIRST, QUOTED, ASKED, the], &[QUOTED, ASKED, 2], &[QUOTED, ASKED, INSIDE]]),
            ("規則を上の", &[&[FIRST, 1], &[two], &[]]),
        ] {
            let reading = Reading::of(text);
            let window = 0..reading.words().len();
            let (mut tokens, mut units) = (Vec::new(), Units::default());
            lexicon.tokens(&reading, window.clone(), &mut tokens);
            units.read(&reading, &window, &tokens, &vocabulary);
            assert_eq!(units.iter().collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
