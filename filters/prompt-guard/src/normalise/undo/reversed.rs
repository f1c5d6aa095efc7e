//! Text from the end to the beginning, letter by letter or word by word, and text that stands on its head.

use std::ops::Range;

use crate::normalise::map::{Draft, Made};
use crate::normalise::words::{Kind, Words};

use super::blocks::{self, Block, Sense};
use super::walk::words;
use crate::letters::is_alphanumeric;

/// Fewer links behind articles are a slip.
const BACKWARDS: usize = 2;

/// The text with the blocks turned that make sense from their end.
pub(super) fn undo(text: &str, sense: &Sense) -> Option<Made> {
    let mut draft = Draft::new(text);
    let turned: Vec<&Block> = sense.blocks.iter().filter(|block| is_reversed(text, block)).collect();
    for range in joined(text, &turned) {
        if has_words_in_order(text.get(range.clone()).unwrap_or_default()) {
            turn_words(&mut draft, text, &range);
        } else {
            draft.reverse(&range, |character| character);
        }
    }
    draft.undone()
}

/// The text with the words of each line in the other order, if links stand behind articles.
pub(super) fn undo_order(text: &str, sense: &Sense) -> Option<Made> {
    if sense.backwards < BACKWARDS || sense.backwards <= sense.forwards.saturating_mul(2) {
        return None;
    }
    let mut draft = Draft::new(text);
    let mut start = 0_usize;
    for line in text.split_inclusive('\n') {
        let end = start.saturating_add(line.trim_end().len());
        draft.reverse_words(&(start..end));
        start = start.saturating_add(line.len());
    }
    draft.undone()
}

fn is_reversed(text: &str, block: &Block) -> bool {
    if !block.has_odd_edges() {
        return false;
    }
    let bytes = text.get(block.range.clone()).unwrap_or_default().as_bytes();
    blocks::gain(block, words(bytes), |word| word.backwards(bytes)) > 0
}

/// Blocks with no letters between them belong together.
fn joined(text: &str, blocks: &[&Block]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for block in blocks {
        match ranges.last_mut() {
            Some(last) if is_gap(text, last.end..block.range.start) => last.end = block.range.end,
            _ => ranges.push(block.range.clone()),
        }
    }
    ranges
}

fn is_gap(text: &str, between: Range<usize>) -> bool {
    text.get(between).is_some_and(|gap| !gap.contains(is_alphanumeric))
}

/// Whether each word is reversed, and stands where it belongs.
fn has_words_in_order(text: &str) -> bool {
    let (mut forwards, mut backwards) = (0_usize, 0_usize);
    let mut before = None;
    let bytes = text.as_bytes();
    for word in words(bytes) {
        let this = Words::common().kind(word.backwards(bytes));
        match (before, this) {
            (Some(Kind::Link), Some(Kind::Article)) => forwards = forwards.saturating_add(1),
            (Some(Kind::Article), Some(Kind::Link)) => backwards = backwards.saturating_add(1),
            _ => {}
        }
        before = this;
    }
    forwards > backwards
}

fn turn_words(draft: &mut Draft<'_>, text: &str, range: &Range<usize>) {
    let mut at = range.start;
    for word in text.get(range.clone()).unwrap_or_default().split_inclusive(|c: char| !is_alphanumeric(c)) {
        let letters = word.trim_end_matches(|c: char| !is_alphanumeric(c));
        if !letters.is_empty() {
            draft.reverse(&(at..at.saturating_add(letters.len())), |character| character);
        }
        at = at.saturating_add(word.len());
    }
}
