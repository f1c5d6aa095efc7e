//! How much of a text says again what stood before it.
//!
//! The text is cut into blocks, as rsync does: where a window of a block's length, moved byte by byte, is a block that
//! began before, it repeats. One look at each byte, and a table of one entry for each block.

/// Bytes of a block.
const BLOCK: usize = 16;
/// The base of the rolling hash; odd, so that no byte is lost.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// How many bytes repeat what stood before.
pub(super) fn repeated(text: &[u8]) -> usize {
    let mut blocks = Blocks::of(text.len());
    let (mut at, mut repeated) = (0_usize, 0_usize);
    let mut hash: Option<u64> = None;
    while let Some(window) = window(text, at) {
        let current = hash.unwrap_or_else(|| whole(window));
        if blocks.has(text, current, window, at) {
            repeated = repeated.saturating_add(BLOCK);
            blocks.remember(text, at, at.saturating_add(BLOCK));
            (at, hash) = (at.saturating_add(BLOCK), None);
            continue;
        }
        blocks.remember(text, at, at.saturating_add(1));
        hash = text.get(at.saturating_add(BLOCK)).map(|next| rolled(current, window, *next));
        at = at.saturating_add(1);
    }
    repeated
}

fn window(text: &[u8], at: usize) -> Option<&[u8]> {
    text.get(at..at.saturating_add(BLOCK))
}

fn whole(window: &[u8]) -> u64 {
    window.iter().fold(0, |hash, byte| hash.wrapping_mul(BASE).wrapping_add(u64::from(*byte).wrapping_add(1)))
}

fn rolled(hash: u64, window: &[u8], next: u8) -> u64 {
    let first = window.first().map_or(0, |byte| u64::from(*byte).wrapping_add(1));
    let highest = BASE.wrapping_pow(15);
    hash.wrapping_sub(first.wrapping_mul(highest)).wrapping_mul(BASE).wrapping_add(u64::from(next).wrapping_add(1))
}

/// Blocks by their hash: the last one that has a place keeps it.
struct Blocks {
    starts: Vec<u32>,
    mask: u64,
}

const FREE: u32 = u32::MAX;

impl Blocks {
    fn of(bytes: usize) -> Self {
        let places = (bytes / BLOCK).next_power_of_two().saturating_mul(2);
        Self { starts: vec![FREE; places], mask: u64::try_from(places.saturating_sub(1)).unwrap_or_default() }
    }

    fn place(&self, hash: u64) -> usize {
        usize::try_from((hash ^ (hash >> 32)) & self.mask).unwrap_or_default()
    }

    /// Whether a block that ended before `at` is this window.
    fn has(&self, text: &[u8], hash: u64, found: &[u8], at: usize) -> bool {
        let start = self.starts.get(self.place(hash)).copied().unwrap_or(FREE);
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        start.saturating_add(BLOCK) <= at && window(text, start) == Some(found)
    }

    /// Remembers the blocks that begin from `from` to before `to`.
    fn remember(&mut self, text: &[u8], from: usize, to: usize) {
        let first = from.next_multiple_of(BLOCK);
        for start in (first..to).step_by(BLOCK) {
            let Some(block) = window(text, start) else { return };
            let place = self.place(whole(block));
            if let Some(kept) = self.starts.get_mut(place) {
                *kept = u32::try_from(start).unwrap_or(FREE);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_there_twice_is_half_repetition() {
        let once = (0..200).map(|number| format!("{number} ")).collect::<Vec<_>>().concat();
        let twice = format!("{once}...{once}");
        let share = repeated(twice.as_bytes()) * 100 / twice.len();
        assert!((40..=50).contains(&share), "{share}");
    }

    #[test]
    fn a_rolled_hash_is_that_of_the_window() {
        let text: Vec<u8> = (0..=255).collect();
        let mut hash = whole(&text[..BLOCK]);
        for at in 0..text.len() - BLOCK {
            hash = rolled(hash, &text[at..at + BLOCK], text[at + BLOCK]);
            assert_eq!(hash, whole(&text[at + 1..at + 1 + BLOCK]));
        }
    }

    #[test]
    fn one_byte_again_and_again_is_all_repetition() {
        assert!(repeated(&[b'a'; 4096]) > 4000);
        assert_eq!(repeated(b"short"), 0);
        assert_eq!(repeated(b""), 0);
    }
}
