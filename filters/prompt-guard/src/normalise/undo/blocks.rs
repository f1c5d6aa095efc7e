//! Where a text makes no sense: pieces of it with few common words. What is in another alphabet or runs backwards is
//! there, and the rest of the text need not be tried.

use std::ops::Range;

use crate::normalise::words::{Key, Kind};

/// A stretch of a text with few common words.
#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    pub(super) range: Range<usize>,
    /// How many letters of ASCII.
    pub(super) letters: usize,
    /// How many of them are in common words.
    pub(super) known: usize,
    /// How the letters are shared out: above zero as in English, below as in none of its neighbours; in `UNIT`s.
    odds: i32,
    /// How words begin and end: below zero if they rather begin as English words end.
    edges: i32,
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
    /// Whether another alphabet is worth trying.
    pub(super) fn has_odd_letters(&self) -> bool {
        let letters = i32::try_from(self.letters).unwrap_or(i32::MAX);
        self.odds < letters.saturating_mul(UNIT).saturating_div(6)
    }

    /// Whether reading from the end is worth trying.
    pub(super) fn has_odd_edges(&self) -> bool {
        self.edges < i32::try_from(self.letters).unwrap_or(i32::MAX).saturating_mul(2)
    }

    /// In a text that makes sense, common words have nearly half of the letters; in gibberish, one in thirty.
    fn makes_sense(&self) -> bool {
        self.known.saturating_mul(5) >= self.letters
    }

    fn add(&mut self, other: &Self) {
        self.range.end = other.range.end;
        self.letters = self.letters.saturating_add(other.letters);
        self.known = self.known.saturating_add(other.known);
        self.odds = self.odds.saturating_add(other.odds);
        self.edges = self.edges.saturating_add(other.edges);
    }
}

/// Reads a text.
pub(super) fn read(text: &str) -> Sense {
    let mut reader = Reader::default();
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let lower = byte | 0x20;
        if lower.is_ascii_lowercase() {
            reader.letter(lower);
            continue;
        }
        if *byte >= 0x80 {
            reader.is_foreign = true;
            continue;
        }
        if reader.is_foreign {
            reader.skip_word();
        } else if reader.length > 0 {
            reader.end_word();
            let is_mixed = matches!(byte, b'0'..=b'9' | b'@' | b'$' | b'|' | b'!');
            reader.sense.mixed = reader.sense.mixed.saturating_add(usize::from(is_mixed));
        }
        if ends_piece(*byte) {
            reader.end_piece(at.saturating_add(1));
        }
    }
    if reader.is_foreign {
        reader.skip_word();
    }
    reader.end_word();
    reader.end_piece(bytes.len());
    reader.end_block();
    reader.sense
}

/// The words of a text that are of ASCII, in the bytes they have.
pub(super) fn words(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let words = bytes.split(|byte| byte.is_ascii() && !byte.is_ascii_alphabetic());
    words.filter(|word| !word.is_empty() && word.is_ascii())
}

/// Whether reading a block in another way makes sense of it: how many letters more are in common words, or 0.
pub(super) fn gain(block: &Block, text: &str, key: impl Fn(&[u8]) -> Key) -> usize {
    let (mut known, mut first, mut is_second) = (0_usize, Key::default(), false);
    for word in words(text.as_bytes()) {
        let key = key(word);
        if key.kind().is_some() {
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

#[derive(Debug, Default)]
struct Reader {
    key: Key,
    length: usize,
    first: u8,
    last: u8,
    odds: i32,
    /// Without the word in hand.
    odds_before: i32,
    /// The word has letters beyond ASCII, and tells nothing.
    is_foreign: bool,
    before: Option<Kind>,
    piece: Block,
    block: Block,
    sense: Sense,
}

impl Reader {
    #[inline]
    fn letter(&mut self, lower: u8) {
        if self.length == 0 {
            self.first = lower;
        }
        self.key.push(lower);
        self.length = self.length.saturating_add(1);
        self.last = lower;
        self.odds = self.odds.saturating_add(i32::from(of_letter(&ODDS, lower)));
    }

    #[inline]
    fn end_word(&mut self) {
        if self.length == 0 {
            return;
        }
        let kind = self.key.kind();
        match (self.before, kind) {
            (Some(Kind::Link), Some(Kind::Article)) => self.sense.forwards = self.sense.forwards.saturating_add(1),
            (Some(Kind::Article), Some(Kind::Link)) => self.sense.backwards = self.sense.backwards.saturating_add(1),
            _ => {}
        }
        self.before = kind;
        self.piece.letters = self.piece.letters.saturating_add(self.length);
        if kind.is_some() {
            self.piece.known = self.piece.known.saturating_add(self.length);
        }
        if self.length == 1 {
            self.sense.singles = self.sense.singles.saturating_add(1);
        } else {
            let edges = i32::from(of_letter(&EDGES, self.first)).saturating_sub(of_letter(&EDGES, self.last).into());
            self.piece.edges = self.piece.edges.saturating_add(edges);
        }
        self.key = Key::default();
        self.length = 0;
        self.odds_before = self.odds;
    }

    fn skip_word(&mut self) {
        self.is_foreign = false;
        self.before = None;
        self.odds = self.odds_before;
        self.key = Key::default();
        self.length = 0;
    }

    fn end_piece(&mut self, end: usize) {
        self.piece.odds = std::mem::take(&mut self.odds);
        self.odds_before = 0;
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
fn of_letter(table: &[i8; 32], lower: u8) -> i8 {
    table.get(usize::from(lower & 0x1f)).copied().unwrap_or(0)
}

/// The odds of a letter in English against chance.
pub(super) fn odds(lower: u8) -> i32 {
    of_letter(&ODDS, lower).into()
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
