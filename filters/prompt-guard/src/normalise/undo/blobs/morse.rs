//! Dots and dashes.

use std::ops::Range;

use super::runs;

/// The shortest run, in bytes and in signs.
const LEAST: usize = 10;
pub(super) const SIGNS: usize = 5;

/// So many different letters: a line of dots or dashes is a rule.
const LETTERS: usize = 3;

/// Where Morse stands, and what it says.
pub(super) fn find(text: &str) -> Vec<(Range<usize>, String)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(run) = runs::next(bytes, at, LEAST, is_morse) {
        at = run.end;
        found.extend(read(text, run));
    }
    found
}

/// Signs that Morse has no letter for are written between.
fn is_morse(byte: u8) -> bool {
    matches!(
        byte,
        b'.' | b'-' | b' ' | b'\n' | b'/' | b'|' | b'\'' | b'"' | b',' | b':' | b';' | b'?' | b'!' | b'(' | b')'
    )
}

fn read(text: &str, run: Range<usize>) -> Option<(Range<usize>, String)> {
    let written = text.get(run.clone())?;
    let mut said = String::new();
    let (mut signs, mut seen) = (0_usize, 0_u64);
    let (mut start, mut at) = (run.start, run.start);
    for word in written.split_inclusive([' ', '\n']) {
        at = at.saturating_add(word.len());
        let sign = word.trim_end();
        match sign {
            "/" | "|" | "" => {
                if !said.is_empty() && !said.ends_with(' ') && (!sign.is_empty() || word.len() == 1) {
                    said.push(' ');
                }
            }
            _ => match letter(sign) {
                Some((at, letter)) => {
                    said.push(letter);
                    signs = signs.saturating_add(1);
                    seen |= 1_u64.checked_shl(at).unwrap_or(0);
                }
                // Before the first letter, it belongs to the text before.
                None if said.is_empty() => start = at,
                None => said.push_str(sign),
            },
        }
    }
    let different = usize::try_from(seen.count_ones()).unwrap_or(0);
    // The run begins with the blank behind a word, and ends with the one before the next.
    let rest = text.get(start..run.end)?;
    let start = start.saturating_add(rest.len().saturating_sub(rest.trim_start().len()));
    let end = run.end.saturating_sub(written.len().saturating_sub(written.trim_end().len()));
    (signs >= SIGNS && different >= LETTERS).then(|| (start..end, said.trim().to_owned()))
}

/// The place in the table and the letter of a sign.
fn letter(sign: &str) -> Option<(u32, char)> {
    let mut place = 1_u32;
    for stroke in sign.bytes() {
        let dash = match stroke {
            b'.' => 0,
            b'-' => 1,
            _ => return None,
        };
        place = place.checked_mul(2)?.checked_add(dash).filter(|place| *place < 64)?;
    }
    let letter = TREE.get(usize::try_from(place).ok()?).copied().filter(|letter| *letter != b'_')?;
    Some((place, char::from(letter)))
}

/// Behind the sign at n, a dot leads to 2n and a dash to 2n + 1.
const TREE: &[u8; 64] = b"__etianmsurwdkgohvf_l_pjbxcyzq__54_3___2_______16_______7___8_90";
