//! Where a text makes no sense: pieces of it with few common words. What is in another alphabet or runs backwards is
//! there, and the rest of the text need not be tried.

use std::ops::Range;

use crate::normalise::words::{Key, Kind, Words};

/// A stretch of a text with few common words.
#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    pub(super) range: Range<usize>,
    /// How many letters of ASCII.
    pub(super) letters: usize,
    /// How many of them are in common words.
    pub(super) known: usize,
}

/// What a first reading finds.
#[derive(Debug, Default)]
pub(super) struct Sense {
    /// Where the text makes none.
    pub(super) blocks: Vec<Block>,
    /// An article behind a link: as it should be.
    pub(super) forwards: usize,
    /// A link behind an article.
    pub(super) backwards: usize,
    /// Letters that stand alone.
    pub(super) singles: usize,
    /// Letters right before a digit, or a sign that looks like a letter.
    pub(super) mixed: usize,
}

/// Shorter blocks say nothing.
const LEAST: usize = 10;

/// What is gathered under one key: more could be skewed by what stands around it.
const MOST: usize = 200;

/// A piece with so few letters goes with the piece before it.
const NEUTRAL: usize = 8;

impl Block {
    /// Whether another alphabet is worth trying: letters are not shared out as in English or its neighbours.
    pub(super) fn has_odd_letters(&self, text: &str) -> bool {
        let odds: i32 = words(text.as_bytes()).flatten().map(|letter| odds(*letter)).sum();
        odds < self.weight().saturating_mul(UNIT).saturating_div(6)
    }

    /// Whether reading from the end is worth trying: words do not begin and end as in English.
    pub(super) fn has_odd_edges(&self, text: &str) -> bool {
        let edge = |letter: Option<&u8>| letter.map_or(0, |letter| i32::from(of_letter(&EDGES, *letter)));
        let edges: i32 = words(text.as_bytes()).map(|word| edge(word.first()).saturating_sub(edge(word.last()))).sum();
        edges < self.weight().saturating_mul(2)
    }

    fn weight(&self) -> i32 {
        i32::try_from(self.letters).unwrap_or(i32::MAX)
    }

    /// In a text that makes sense, common words have nearly half of the letters; in gibberish, one in thirty.
    fn makes_sense(&self) -> bool {
        self.known.saturating_mul(5) >= self.letters
    }

    fn add(&mut self, other: &Self) {
        self.range.end = other.range.end;
        self.letters = self.letters.saturating_add(other.letters);
        self.known = self.known.saturating_add(other.known);
    }
}

/// Reads a text.
pub(super) fn read(text: &str) -> Sense {
    let bytes = text.as_bytes();
    let mut reader = Reader::new();
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let length = rest.iter().position(|byte| !is_of_word(*byte)).unwrap_or(rest.len());
        if length > 0 {
            reader.word(rest, length);
        }
        at = at.saturating_add(length).saturating_add(1);
        if length > 0 && is_mixed(rest.get(length), rest.get(length.saturating_add(1))) {
            reader.sense.mixed = reader.sense.mixed.saturating_add(1);
        }
        if rest.get(length).is_some_and(|byte| ends_piece(*byte)) {
            reader.end_piece(at);
        }
    }
    reader.end_piece(bytes.len());
    reader.end_block();
    reader.sense
}

/// Whether two bytes behind a letter may be letters too.
#[inline]
fn is_mixed(sign: Option<&u8>, next: Option<&u8>) -> bool {
    let is_sign = sign.is_some_and(|sign| matches!(sign, b'0'..=b'9' | b'@' | b'$' | b'|' | b'!'));
    is_sign && next.is_some_and(u8::is_ascii_alphanumeric)
}

#[inline]
fn is_of_word(byte: u8) -> bool {
    (byte | 0x20).wrapping_sub(b'a') < 26 || byte >= 0x80
}

/// The words of a text that are of ASCII, in the bytes they have.
pub(super) fn words(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let words = bytes.split(|byte| byte.is_ascii() && !byte.is_ascii_alphabetic());
    words.filter(|word| !word.is_empty() && word.is_ascii())
}

/// Whether reading a block in another way makes sense of it: how many letters more are in common words, or 0.
pub(super) fn gain(block: &Block, text: &str, key: impl Fn(&[u8]) -> Key) -> usize {
    let common = Words::common();
    let (mut known, mut first, mut is_second) = (0_usize, Key::default(), false);
    for word in words(text.as_bytes()) {
        let key = key(word);
        if common.kind(key).is_some() {
            known = known.saturating_add(word.len());
            is_second |= known > word.len() && key != first;
            first = key;
        }
    }
    let gain = known.saturating_sub(block.known);
    let is_clear = known >= 5 && known.saturating_mul(9) >= block.letters.saturating_mul(2);
    if is_clear && is_second && gain.saturating_mul(6) >= block.letters { gain } else { 0 }
}

fn ends_piece(byte: u8) -> bool {
    matches!(
        byte,
        b'\n' | b'.' | b'!' | b'?' | b':' | b';' | b'"' | b'(' | b')' | b'{' | b'}' | b'[' | b']' | b'<' | b'>' | b'`'
    )
}

#[derive(Debug)]
struct Reader {
    words: &'static Words,
    before: Option<Kind>,
    piece: Block,
    block: Block,
    sense: Sense,
}

impl Reader {
    fn new() -> Self {
        let (piece, block) = (Block::default(), Block::default());
        Self { words: Words::common(), before: None, piece, block, sense: Sense::default() }
    }

    /// The next word: so many bytes of `rest`.
    #[inline]
    fn word(&mut self, rest: &[u8], length: usize) {
        if length < 2 {
            // Two words of one letter are common, and two letters behind an apostrophe.
            let is_single =
                length == 1 && rest.first().is_some_and(|letter| !matches!(letter | 0x20, b'a' | b'i' | b's' | b't'));
            self.sense.singles = self.sense.singles.saturating_add(usize::from(is_single));
            self.piece.letters = self.piece.letters.saturating_add(length);
            return;
        }
        let kind = self.words.kind(Key::of_word(rest, length));
        if kind.is_none() && rest.iter().take(length).any(|byte| !byte.is_ascii()) {
            self.before = None;
            return;
        }
        match (self.before, kind) {
            (Some(Kind::Link), Some(Kind::Article)) => self.sense.forwards = self.sense.forwards.saturating_add(1),
            (Some(Kind::Article), Some(Kind::Link)) => self.sense.backwards = self.sense.backwards.saturating_add(1),
            _ => {}
        }
        self.before = kind;
        self.piece.letters = self.piece.letters.saturating_add(length);
        if kind.is_some() {
            self.piece.known = self.piece.known.saturating_add(length);
        }
    }

    fn end_piece(&mut self, end: usize) {
        if self.piece.letters == 0 {
            self.before = None;
            self.piece.range = end..end;
            return;
        }
        self.piece.range.end = end;
        self.before = None;
        let is_neutral = self.piece.letters < NEUTRAL && self.block.letters > 0;
        if is_neutral || self.piece.letters > 0 && !self.piece.makes_sense() {
            if self.block.letters == 0 {
                self.block = self.piece.clone();
            } else {
                self.block.add(&self.piece);
            }
            if self.block.letters > MOST {
                self.end_block();
            }
        } else if self.piece.letters > 0 {
            self.end_block();
        }
        self.piece = Block { range: end..end, ..Block::default() };
    }

    fn end_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        if block.letters >= LEAST {
            self.sense.blocks.push(block);
        }
    }
}

#[inline]
fn of_letter(table: &[i8; 32], letter: u8) -> i8 {
    table.get(usize::from(letter & 0x1f)).copied().unwrap_or(0)
}

/// How much like English letters are shared out, if each of these counts is that of a letter so many places on.
pub(super) fn odds_ahead(counts: &[i32; 26], by: usize) -> i32 {
    let letters = ODDS.get(1..27).unwrap_or_default();
    let (before, behind) = letters.split_at_checked(by).unwrap_or((letters, &[]));
    let odds = behind.iter().chain(before).map(|odds| i32::from(*odds));
    counts.iter().zip(odds).map(|(count, odds)| count.saturating_mul(odds)).sum()
}

/// The odds of a letter in English against chance.
fn odds(letter: u8) -> i32 {
    of_letter(&ODDS, letter).into()
}

/// Sixteenths of a bit.
const UNIT: i32 = 16;

/// How much more often a letter stands in English than one of 26 would, measured on training text.
const ODDS: [i8; 32] = [
    0, 17, -25, 1, -6, 27, -12, -15, 1, 14, -83, -49, 2, -8, 15, 16, -9, -54, 12, 11, 20, -2, -32, -18, -54, -19, -84,
    0, 0, 0, 0, 0,
];

/// How much more often English words begin with a letter than end with it.
const EDGES: [i8; 32] = [
    0, 48, 52, 45, -20, -39, 10, -14, 4, 52, 30, -19, -13, 13, -30, 9, 34, 54, -19, -9, 8, 5, 41, 38, -16, -20, -1, 0,
    0, 0, 0, 0,
];
