//! The words of a text, read eight bytes at a time: nearly all of what a first reading costs is here.

use crate::normalise::words::Key;

/// Letters of ASCII and whatever is not ASCII, with nothing else in between.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) key: Key,
    pub(super) is_ascii: bool,
}

const HIGH: u64 = 0x8080_8080_8080_8080;

impl Word {
    /// The word that begins at `start`; one of no bytes if there is none.
    #[inline]
    pub(super) fn at(bytes: &[u8], start: usize) -> Self {
        let first = chunk(bytes, start);
        let (mut length, mut others) = leading(first);
        let key = (first | 0x2020_2020_2020_2020) & up_to(length);
        let mut end = start.saturating_add(length);
        while length == 8 {
            let (more, other) = leading(chunk(bytes, end));
            (length, others) = (more, others | other);
            end = end.saturating_add(length);
        }
        Self { start, end, key: Key(key), is_ascii: others == 0 }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// The key of the word read from its end.
    pub(super) fn backwards(&self, bytes: &[u8]) -> Key {
        let letters = bytes.get(self.start..self.end).unwrap_or_default();
        if let Some(last) = letters.last_chunk::<8>() {
            return Key(u64::from_be_bytes(*last) | 0x2020_2020_2020_2020);
        }
        let others = u32::try_from(8_usize.saturating_sub(self.len())).unwrap_or(0).saturating_mul(8);
        Key(self.key.0.swap_bytes().checked_shr(others).unwrap_or(0))
    }
}

/// The words of a text that are of ASCII.
pub(super) fn words(bytes: &[u8]) -> impl Iterator<Item = Word> {
    let mut at = 0_usize;
    let words = std::iter::from_fn(move || {
        let gap = bytes.get(at..)?.iter().position(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80)?;
        let word = Word::at(bytes, at.saturating_add(gap));
        at = word.end;
        Some(word)
    });
    words.filter(|word| word.is_ascii)
}

/// Eight bytes of a text, the first in the lowest; zeros behind its end.
#[inline]
fn chunk(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    if let Some(chunk) = rest.first_chunk::<8>() {
        return u64::from_le_bytes(*chunk);
    }
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(byte, of)| *byte = *of);
    u64::from_le_bytes(last)
}

/// How many bytes of a chunk, from the first, are of a word; the high bits of those that are not ASCII.
#[inline]
fn leading(chunk: u64) -> (usize, u64) {
    // Seven bits and a carry: the high bit says whether a byte is `a` or more, and whether it is more than `z`.
    let lower = chunk & !HIGH | 0x2020_2020_2020_2020;
    let from_a = lower.wrapping_add(0x1f1f_1f1f_1f1f_1f1f);
    let behind_z = lower.wrapping_add(0x0505_0505_0505_0505);
    let of_word = from_a & !behind_z | chunk;
    let bits = (!of_word & HIGH).trailing_zeros();
    let length = usize::try_from(bits / 8).unwrap_or(0);
    (length, chunk & HIGH & up_to(length))
}

/// The first so many bytes.
#[inline]
fn up_to(length: usize) -> u64 {
    let others = u32::try_from(8_usize.saturating_sub(length)).unwrap_or(0).saturating_mul(8);
    u64::MAX.checked_shr(others).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_with_their_keys() {
        let text = "The [quick] instructions été z{`@ end".as_bytes();
        let found: Vec<_> = words(text).map(|word| (word.start..word.end, word.key)).collect();
        let key = |word: &str| Key::of(word.bytes());
        assert_eq!(
            found,
            [
                (0..3, key("the")),
                (5..10, key("quick")),
                (12..24, key("instructions")),
                (31..32, key("z")),
                (36..39, key("end"))
            ]
        );
        let turned: Vec<_> = words(text).map(|word| word.backwards(text)).collect();
        assert_eq!(turned, [key("eht"), key("kciuq"), key("snoitcur"), key("z"), key("dne")]);
    }
}
