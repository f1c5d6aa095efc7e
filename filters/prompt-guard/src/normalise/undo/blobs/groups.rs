//! A byte at a time: `69 67 6e`, `0x69, 0x67`, `105 103 110`, `01101001 01100111`.

use std::ops::Range;

use super::{codes, readable, runs};

/// Fewer groups are a list of numbers.
const GROUPS: usize = 6;

/// In nearly every group there is a digit.
pub(super) const DIGITS: usize = GROUPS;

/// The shortest text of so many groups.
const LEAST: usize = 12;

/// Where groups stand, and what they say.
pub(super) fn find(text: &str) -> Vec<(Range<usize>, String)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(run) = runs::next(bytes, at, LEAST, |byte| byte.is_ascii_hexdigit() || is_gap(byte)) {
        at = run.end;
        let mut block = Block::default();
        for group in groups(bytes, run) {
            let code = bytes.get(group.clone()).unwrap_or_default();
            if let Some(done) = block.push(group, Codes::of(code)) {
                found.extend(done.read(bytes));
            }
        }
        found.extend(block.read(bytes));
    }
    found
}

fn is_gap(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b';' | b':' | b'x' | b'|')
}

/// The whole words of a run.
fn groups(bytes: &[u8], run: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let text = bytes.get(run.clone()).unwrap_or_default();
    let is_word = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    let (before, behind) = (is_word(run.start.checked_sub(1)), is_word(Some(run.end)));
    let mut at = run.start;
    let words = text.split(|byte| is_gap(*byte)).map(move |word| {
        let start = at;
        at = at.saturating_add(word.len()).saturating_add(1);
        start..start.saturating_add(word.len())
    });
    let is_cut = move |word: &Range<usize>| before && word.start == run.start || behind && word.end == run.end;
    words.filter(move |word| !word.is_empty() && !is_cut(word))
}

/// The codes that a group may be of, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Codes(u8);

impl Codes {
    const HEX: Self = Self(1);
    const DECIMAL: Self = Self(2);
    const BINARY: Self = Self(4);
    /// Also the 0 of `0x`.
    const ALL: Self = Self(7);

    fn of(code: &[u8]) -> Self {
        let is_decimal = matches!(code.len(), 2 | 3) && code.iter().all(u8::is_ascii_digit);
        let is_binary = code.len() == 8 && code.iter().all(|digit| matches!(digit, b'0' | b'1'));
        let is_hex = code.len() == 2 && code.iter().all(u8::is_ascii_hexdigit);
        match code {
            b"0" => Self::ALL,
            _ if is_binary => Self::BINARY,
            _ if is_decimal && is_hex => Self(Self::DECIMAL.0 | Self::HEX.0),
            _ if is_decimal => Self::DECIMAL,
            _ if is_hex => Self::HEX,
            _ => Self(0),
        }
    }

    fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// Groups of one code.
#[derive(Debug)]
struct Block {
    groups: Vec<Range<usize>>,
    codes: Codes,
}

impl Default for Block {
    fn default() -> Self {
        Self { groups: Vec::new(), codes: Codes::ALL }
    }
}

impl Block {
    /// Adds a group; the block before it, if the group is of another code.
    fn push(&mut self, group: Range<usize>, codes: Codes) -> Option<Self> {
        if self.codes.has(codes) {
            self.codes = Codes(self.codes.0 & codes.0);
            self.groups.push(group);
            return None;
        }
        let done = std::mem::take(self);
        if codes.has(Codes::ALL) {
            self.codes = codes;
            self.groups.push(group);
        }
        Some(done)
    }

    fn read(self, bytes: &[u8]) -> Option<(Range<usize>, String)> {
        let range = self.groups.first()?.start..self.groups.last()?.end;
        let codes = self.groups.iter().map(|group| bytes.get(group.clone()).unwrap_or_default());
        let codes: Vec<&[u8]> = codes.filter(|code| *code != b"0").collect();
        if codes.len() < GROUPS && !(self.codes == Codes::BINARY && codes.len() >= 4) {
            return None;
        }
        let joined = codes.concat();
        let hex = self.codes.has(Codes::HEX).then(|| codes::hex(&joined)).flatten().and_then(readable);
        let decimal = || self.codes.has(Codes::DECIMAL).then(|| decimal(&codes)).flatten().and_then(readable);
        let binary = || self.codes.has(Codes::BINARY).then(|| codes::binary(&joined)).flatten().and_then(readable);
        Some((range, hex.or_else(decimal).or_else(binary)?))
    }
}

fn decimal(codes: &[&[u8]]) -> Option<Vec<u8>> {
    codes.iter().map(|code| str::from_utf8(code).ok()?.parse().ok()).collect()
}
