//! Text in pieces that a program would put together: `'ig' + 'nore'`, `"ig" "nore" "all"`, `["ig", "nore"].join("")`.

use std::cell::LazyCell;
use std::ops::Range;

use crate::normalise::map::{Draft, Made};

/// A piece is no longer.
const PIECE: usize = 400;

/// Between two pieces stands no more.
const GAP: usize = 12;

/// The text with its pieces put together.
pub(super) fn undo(text: &str) -> Option<Made> {
    let bytes = text.as_bytes();
    let joins = LazyCell::new(|| memchr::memmem::find(bytes, b"join(").is_some());
    let mut draft = Draft::new(text);
    let mut behind = 0;
    for at in memchr::memchr3_iter(b'\'', b'"', b'`', bytes) {
        if at < behind || is_inside(bytes, at) {
            continue;
        }
        if let Some(chain) = Chain::read(bytes, at, &joins) {
            behind = chain.end;
            if chain.is_one_text(bytes) {
                chain.seams.iter().for_each(|seam| draft.drop(seam));
            }
        }
    }
    draft.undone()
}

/// Whether a quote stands behind a letter: an apostrophe, or the end of a piece.
fn is_inside(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| bytes.get(at));
    before.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'\\')
}

/// Pieces with signs between them.
#[derive(Debug)]
struct Chain {
    start: usize,
    end: usize,
    /// From the quote behind a piece to the one before the next.
    seams: Vec<Range<usize>>,
    signs: Vec<Sign>,
}

/// What stands between two pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// Blanks only.
    None,
    Comma,
    /// One that joins strings.
    Plus,
}

impl Chain {
    /// The pieces from the quote at `start`.
    fn read(bytes: &[u8], start: usize, joins: &LazyCell<bool, impl FnOnce() -> bool>) -> Option<Self> {
        let mut chain = Self { start, end: piece(bytes, start)?, seams: Vec::new(), signs: Vec::new() };
        while let Some((next, sign)) = sign(bytes, chain.end).filter(|(_, sign)| *sign != Sign::Comma || **joins) {
            let Some(end) = piece(bytes, next) else { break };
            chain.seams.push(chain.end.saturating_sub(1)..next.saturating_add(1));
            chain.signs.push(sign);
            chain.end = end;
        }
        Some(chain)
    }

    /// Whether the pieces are one text: one seam must cut a word, as a name and `+ "\n"` do not.
    fn is_one_text(&self, bytes: &[u8]) -> bool {
        let cuts = self.seams.iter().filter(|seam| cuts_word(bytes, seam)).count();
        let has = |sign: Sign| self.signs.contains(&sign);
        let is_joined = !has(Sign::Comma) || self.is_argument(bytes);
        let is_signed = has(Sign::Plus) || has(Sign::Comma);
        cuts > 0 && is_joined && (is_signed || self.seams.len() > 1)
    }

    /// Whether `join` stands before or behind a list.
    fn is_argument(&self, bytes: &[u8]) -> bool {
        let before = bytes.get(..self.start).unwrap_or_default().trim_ascii_end();
        let behind = bytes.get(self.end..).unwrap_or_default();
        let behind = behind.get(..GAP.min(behind.len())).unwrap_or_default().trim_ascii();
        [b"join([", b"join(("].iter().any(|call| before.ends_with(*call)) || behind.starts_with(b"].join(")
    }
}

/// Whether letters stand on both sides of a seam.
fn cuts_word(bytes: &[u8], seam: &Range<usize>) -> bool {
    let is_letter = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at)).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80)
    };
    is_letter(seam.start.checked_sub(1)) && is_letter(Some(seam.end))
}

/// The end of the piece that begins with the quote at `at`.
fn piece(bytes: &[u8], at: usize) -> Option<usize> {
    let (quote, rest) = bytes.get(at..)?.split_first()?;
    let mut is_escaped = false;
    for (offset, byte) in rest.iter().take(PIECE).enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'\n' => return None,
            byte if byte == quote => return Some(at.saturating_add(offset).saturating_add(2)),
            _ => {}
        }
    }
    None
}

/// The next quote, and what stands before it.
fn sign(bytes: &[u8], at: usize) -> Option<(usize, Sign)> {
    let rest = bytes.get(at..)?;
    let gap = rest.iter().take(GAP).position(|byte| matches!(byte, b'\'' | b'"' | b'`'))?;
    let between = rest.get(..gap)?;
    let sign = match between.trim_ascii() {
        b"+" | b"&" | b"." | b".." | b"<>" | b"||" | b"+ \\" => Sign::Plus,
        b"," => Sign::Comma,
        b"" if !between.is_empty() && !between.contains(&b'\n') => Sign::None,
        _ => return None,
    };
    Some((at.saturating_add(gap), sign))
}
