//! Where a text makes no sense: pieces of it with few common words. What is in another alphabet or runs backwards is
//! there, and the rest of the text need not be tried.

use std::ops::Range;

use super::parted;
use super::walk::Word;
use crate::normalise::words::{Key, Kind, Words};

/// A stretch of a text with few common words.
#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    pub(super) range: Range<usize>,
    /// How many letters of ASCII.
    pub(super) letters: usize,
    /// How many of them are in common words.
    pub(super) known: usize,
    /// How much its words begin and end as in English.
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
    /// Where letters stand alone, so many in a row.
    pub(super) rows: Vec<Range<usize>>,
    /// Letters right before a digit, or a sign that looks like a letter.
    pub(super) mixed: usize,
    /// Letters right before a sign with which a word may be parted.
    pub(super) seams: usize,
    /// Digits outside of words.
    pub(super) digits: usize,
    /// Long stretches of letters, digits and the other signs of base64.
    pub(super) codes: Vec<Range<usize>>,
    /// The most dots and dashes between two words.
    pub(super) strokes: usize,
}

/// Fewer letters that stand alone are an abbreviation, or a formula.
const ROW: usize = 4;

/// Shorter stretches are words.
pub(super) const CODE: usize = 16;

/// Shorter blocks say nothing.
const LEAST: usize = 10;

/// What is gathered under one key: more could be skewed by what stands around it.
const MOST: usize = 200;

/// A piece with so few letters goes with the piece before it.
const NEUTRAL: usize = 8;

impl Block {
    /// Whether another alphabet is worth trying: letters are not shared out as in English or its neighbours.
    pub(super) fn has_odd_letters(&self, odds: i32) -> bool {
        odds < self.weight().saturating_mul(UNIT).saturating_div(6)
    }

    /// Whether reading from the end is worth trying: words do not begin and end as in English.
    pub(super) fn has_odd_edges(&self) -> bool {
        self.edges < self.weight().saturating_mul(2)
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
        self.edges = self.edges.saturating_add(other.edges);
    }
}

/// Reads a text.
pub(super) fn read(text: &str) -> Sense {
    let bytes = text.as_bytes();
    let mut reader = Reader::new();
    let mut at = 0;
    while at < bytes.len() {
        let word = Word::at(bytes, at);
        if word.len() > 0 {
            reader.word(bytes, &word);
        }
        at = reader.gap(bytes, &word);
    }
    reader.end_code(at);
    reader.end_row();
    reader.end_piece(bytes.len());
    reader.end_block();
    reader.sense
}

/// Whether two bytes behind a letter may be letters too.
#[inline]
fn is_mixed(sign: u8, next: Option<&u8>) -> bool {
    let is_sign = matches!(sign, b'0'..=b'9' | b'@' | b'$' | b'|' | b'!');
    is_sign && next.is_some_and(u8::is_ascii_alphanumeric)
}

/// Whether reading a block in another way makes sense of it: how many letters more are in common words, or 0.
pub(super) fn gain(block: &Block, words: impl Iterator<Item = Word>, key: impl Fn(&Word) -> Key) -> usize {
    let common = Words::common();
    let (mut known, mut first, mut is_second) = (0_usize, Key::default(), false);
    for word in words {
        let key = key(&word);
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

/// What a byte between two words is, one bit each.
mod class {
    pub(super) const WORD: u8 = 1;
    pub(super) const DIGIT: u8 = 2;
    /// It may stand in a block of base64.
    pub(super) const CODE: u8 = 4;
    pub(super) const ENDS_PIECE: u8 = 8;
    /// A dot or a dash.
    pub(super) const STROKE: u8 = 16;

    const ENDS: &[u8] = b"\n.!?:;\"(){}[]<>`";

    /// The classes of each byte.
    pub(super) static OF: [u8; 256] = {
        let mut classes = [0; 256];
        let mut left: &mut [u8] = &mut classes;
        let mut byte = 0_u8;
        while let Some((class, rest)) = left.split_first_mut() {
            *class = of(byte);
            byte = byte.wrapping_add(1);
            left = rest;
        }
        classes
    };

    const fn of(byte: u8) -> u8 {
        let code =
            if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_') { CODE } else { 0 };
        let word = if byte.is_ascii_alphabetic() || byte >= 0x80 { WORD } else { 0 };
        let digit = if byte.is_ascii_digit() { DIGIT } else { 0 };
        let stroke = if matches!(byte, b'.' | b'-') { STROKE } else { 0 };
        code | word | digit | stroke | if ends_piece(byte, ENDS) { ENDS_PIECE } else { 0 }
    }

    const fn ends_piece(byte: u8, ends: &[u8]) -> bool {
        match ends {
            [] => false,
            [end, rest @ ..] => *end == byte || ends_piece(byte, rest),
        }
    }
}

#[derive(Debug)]
struct Reader {
    words: &'static Words,
    before: Option<Kind>,
    piece: Block,
    block: Block,
    sense: Sense,
    /// Where what may be a block of base64 began.
    code: usize,
    /// From the first to the last of the letters that stand alone, and how many they are.
    row: Range<usize>,
    row_length: usize,
}

impl Reader {
    fn new() -> Self {
        let (piece, block) = (Block::default(), Block::default());
        let sense = Sense::default();
        Self { words: Words::common(), before: None, piece, block, sense, code: 0, row: 0..0, row_length: 0 }
    }

    /// The next word.
    #[inline]
    fn word(&mut self, bytes: &[u8], word: &Word) {
        let length = word.len();
        if length < 2 {
            if self.row_length == 0 {
                self.row.start = word.start;
            }
            self.row.end = word.end;
            self.row_length = self.row_length.saturating_add(1);
            self.piece.letters = self.piece.letters.saturating_add(length);
            return;
        }
        if !word.is_ascii {
            self.end_codes(bytes, word);
        }
        // An accented letter may stand in a row.
        if self.row_length > 0 && (word.is_ascii || length > 4) {
            self.end_row();
        }
        let kind = self.words.kind(word.key);
        if kind.is_none() && !word.is_ascii {
            self.before = None;
            return;
        }
        // Without a branch: no processor could guess it.
        let both = |before, behind| usize::from(self.before == Some(before)) & usize::from(kind == Some(behind));
        self.sense.forwards = self.sense.forwards.saturating_add(both(Kind::Link, Kind::Article));
        self.sense.backwards = self.sense.backwards.saturating_add(both(Kind::Article, Kind::Link));
        self.before = kind;
        self.piece.letters = self.piece.letters.saturating_add(length);
        self.piece.known = self.piece.known.saturating_add(if kind.is_some() { length } else { 0 });
        let [first, ..] = word.key.0.to_le_bytes();
        let last = bytes.get(word.end.saturating_sub(1)).copied().unwrap_or(0);
        let edges = i32::from(of_letter(&EDGES, first)).saturating_sub(of_letter(&EDGES, last).into());
        self.piece.edges = self.piece.edges.saturating_add(if word.is_ascii { edges } else { 0 });
    }

    /// What stands behind a word, as far as the next.
    #[inline]
    fn gap(&mut self, bytes: &[u8], word: &Word) -> usize {
        let rest = bytes.get(word.end..).unwrap_or_default();
        let Some((sign, behind)) = rest.split_first() else { return word.end };
        if *sign == b' ' && behind.first().is_some_and(u8::is_ascii_alphabetic) {
            self.end_code(word.end);
            return word.end.saturating_add(1);
        }
        if word.len() > 0 && is_mixed(*sign, behind.first()) {
            self.sense.mixed = self.sense.mixed.saturating_add(1);
        }
        if word.len() > 0 && parted::is_seam(rest) {
            self.sense.seams = self.sense.seams.saturating_add(1);
        }
        let (mut at, mut strokes) = (word.end, 0_usize);
        for byte in rest {
            let class = class::OF.get(usize::from(*byte)).copied().unwrap_or(0);
            if class & class::WORD != 0 {
                break;
            }
            self.sense.digits = self.sense.digits.saturating_add(usize::from(class & class::DIGIT != 0));
            if class & class::CODE == 0 {
                self.end_code(at);
            }
            strokes = strokes.saturating_add(usize::from(class & class::STROKE != 0));
            at = at.saturating_add(1);
            if class & class::ENDS_PIECE != 0 {
                self.end_piece(at);
            }
        }
        self.sense.strokes = self.sense.strokes.max(strokes);
        at
    }

    /// A byte that no code has, or the end.
    #[inline]
    fn end_code(&mut self, at: usize) {
        if at.saturating_sub(self.code) >= CODE {
            self.sense.codes.push(self.code..at);
        }
        self.code = at.saturating_add(1);
    }

    fn end_codes(&mut self, bytes: &[u8], word: &Word) {
        for (at, byte) in (word.start..word.end).zip(bytes.get(word.start..word.end).unwrap_or_default()) {
            if !byte.is_ascii() {
                self.end_code(at);
            }
        }
    }

    fn end_row(&mut self) {
        if self.row_length >= ROW {
            self.sense.rows.push(self.row.clone());
        }
        self.row_length = 0;
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
        if is_neutral || !self.piece.makes_sense() {
            if self.block.letters == 0 {
                self.block = self.piece.clone();
            } else {
                self.block.add(&self.piece);
            }
            if self.block.letters > MOST {
                self.end_block();
            }
        } else {
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

/// How often each letter stands in some words.
pub(super) fn count(bytes: &[u8], words: &[Word]) -> [i32; 26] {
    let mut counts = [0_i32; 32];
    for word in words {
        for letter in bytes.get(word.start..word.end).unwrap_or_default() {
            if let Some(count) = counts.get_mut(usize::from(letter & 0x1f)) {
                *count = count.wrapping_add(1);
            }
        }
    }
    let [_, letters @ .., _, _, _, _, _] = counts;
    letters
}

/// How much like English letters are shared out, if each of these counts is that of a letter so many places on.
pub(super) fn odds_ahead(counts: &[i32; 26], by: usize) -> i32 {
    let odds = ODDS_TWICE.get(by..).and_then(|odds| odds.first_chunk::<26>()).unwrap_or(&[0; 26]);
    counts.iter().zip(odds).fold(0, |sum: i32, (count, odds)| sum.wrapping_add(count.wrapping_mul(*odds)))
}

/// Sixteenths of a bit.
const UNIT: i32 = 16;

/// How much more often a letter stands in English than one of 26 would, measured on training text; the alphabet twice,
/// so that each beginning of it is a reading.
const ODDS_TWICE: [i32; 52] = [
    17, -25, 1, -6, 27, -12, -15, 1, 14, -83, -49, 2, -8, 15, 16, -9, -54, 12, 11, 20, -2, -32, -18, -54, -19, -84, 17,
    -25, 1, -6, 27, -12, -15, 1, 14, -83, -49, 2, -8, 15, 16, -9, -54, 12, 11, 20, -2, -32, -18, -54, -19, -84,
];

/// How much more often English words begin with a letter than end with it.
const EDGES: [i8; 32] = [
    0, 48, 52, 45, -20, -39, 10, -14, 4, 52, 30, -19, -13, 13, -30, 9, 34, 54, -19, -9, 8, 5, 41, 38, -16, -20, -1, 0,
    0, 0, 0, 0,
];
