//! Blocks without gaps: base64, base32, hexadecimal, binary, also broken into lines.

use std::ops::Range;

use super::{codes, readable, runs};
use crate::normalise::undo::blocks;

/// Shorter blocks are words.
const LEAST: usize = blocks::CODE;

/// A line of a block that goes on in the next line is no shorter.
const LINE: usize = LEAST;

/// Which of these stretches are blocks, and what they say.
pub(super) fn find(text: &str, stretches: &[Range<usize>]) -> Vec<(Range<usize>, String)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    // What was read ends here; and lines that say nothing together, each of which is read by itself.
    let (mut at, mut lines) = (0, 0);
    for first in stretches {
        if first.start < at {
            continue;
        }
        let block = if first.start < lines { first.clone() } else { with_lines(bytes, first) };
        let whole =
            decode(bytes.get(block.clone()).unwrap_or_default()).map(|(range, said)| (moved(&range, &block), said));
        if let Some(one) = whole {
            found.push(one);
            at = block.end;
            continue;
        }
        lines = lines.max(block.end);
        let by_itself = || decode(bytes.get(first.clone()).unwrap_or_default());
        let alone = (block.end > first.end).then(by_itself).flatten();
        match alone {
            Some((range, said)) => found.push((moved(&range, first), said)),
            None => found.extend(parts(bytes, first)),
        }
    }
    found
}

fn is_code(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_')
}

/// The run with the lines below that continue it.
fn with_lines(bytes: &[u8], first: &Range<usize>) -> Range<usize> {
    let mut block = first.clone();
    let mut line = first.len();
    while line >= LINE && line == first.len() {
        let rest = bytes.get(block.end..).unwrap_or_default();
        let end = match rest {
            [b'\r', b'\n', ..] => 2_usize,
            [b'\n', ..] => 1,
            _ => break,
        };
        let blanks = rest.iter().skip(end).take(16).take_while(|byte| **byte == b' ').count();
        let skipped = end.saturating_add(blanks);
        line = rest.iter().skip(skipped).take_while(|byte| is_code(**byte)).count();
        let next = rest.get(skipped.saturating_add(line));
        // A line of words begins with a code too.
        if line == 0 || line > first.len() || next.is_some_and(|byte| *byte == b' ') {
            break;
        }
        block.end = block.end.saturating_add(skipped).saturating_add(line);
    }
    block
}

/// What a block says, and where in it: a name and `=` may stand before it.
fn decode(block: &[u8]) -> Option<(Range<usize>, String)> {
    let code = block.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last.saturating_add(1));
    let start = block.iter().take(code).rposition(|byte| *byte == b'=').map_or(0, |name| name.saturating_add(1));
    let code = block.get(start..code).filter(|code| code.len() >= LEAST)?;
    let letters: Vec<u8> = code.iter().copied().filter(|byte| is_code(*byte)).collect();
    let decoders = [codes::binary, hex, codes::base32, codes::base64];
    let said = decoders.iter().find_map(|decode| readable(decode(&letters)?));
    said.map(|said| (start..block.len(), said))
}

/// Text has letters among its digits; a number has none.
fn hex(letters: &[u8]) -> Option<Vec<u8>> {
    let digits = letters.strip_prefix(b"0x").unwrap_or(letters);
    digits.iter().any(u8::is_ascii_alphabetic).then(|| codes::hex(digits))?
}

/// What the parts of a path say.
fn parts(bytes: &[u8], run: &Range<usize>) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut at = run.start;
    let code = bytes.get(..run.end).unwrap_or_default();
    while let Some(part) = runs::next(code, at, LEAST, |byte| byte.is_ascii_alphanumeric()) {
        if part.len() < run.len() {
            let said = decode(code.get(part.clone()).unwrap_or_default());
            found.extend(said.map(|(range, said)| (moved(&range, &part), said)));
        }
        at = part.end;
    }
    found
}

fn moved(range: &Range<usize>, by: &Range<usize>) -> Range<usize> {
    by.start.saturating_add(range.start)..by.start.saturating_add(range.end)
}
