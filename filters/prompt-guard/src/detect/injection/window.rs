//! Stretches of a text that are judged by themselves: whole sentences, as many as fit, the last of one again the first of
//! the next. An attack in a long document is judged without the document.

use std::ops::Range;

use super::read::{Reading, Word};

/// The most bytes of letters.
pub const BYTES: usize = 600;

/// The windows of a text, as ranges of its words.
pub fn windows(reading: &Reading) -> Vec<Range<usize>> {
    let words = reading.words();
    let pieces = pieces(words);
    let mut windows = Vec::new();
    let mut first = 0;
    while let Some(piece) = pieces.get(first) {
        let from = start(words, piece.start);
        let fits = |piece: &&Range<usize>| end(words, piece.end).saturating_sub(from) <= BYTES;
        let count = pieces.iter().skip(first).take_while(fits).count().max(1);
        let last = first.saturating_add(count);
        let until = pieces.get(last.saturating_sub(1)).map_or(piece.end, |piece| piece.end);
        windows.push(piece.start..until);
        if last >= pieces.len() {
            break;
        }
        first = last.saturating_sub(usize::from(count > 1));
    }
    windows
}

/// Sentences, and parts of those that are longer than a window.
fn pieces(words: &[Word]) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let next = at.saturating_add(1);
        match pieces.last_mut() {
            Some(piece) if goes_on(words, piece.start, word) => piece.end = next,
            _ => pieces.push(at..next),
        }
    }
    pieces
}

fn goes_on(words: &[Word], first: usize, word: &Word) -> bool {
    let is_same = words.get(first).is_some_and(|first| first.sentence() == word.sentence());
    is_same && word.range().end.saturating_sub(start(words, first)) <= BYTES / 2
}

fn start(words: &[Word], at: usize) -> usize {
    words.get(at).map_or(0, |word| word.range().start)
}

fn end(words: &[Word], until: usize) -> usize {
    until.checked_sub(1).and_then(|last| words.get(last)).map_or(0, |word| word.range().end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        let reading = Reading::of(text);
        let of = |window: Range<usize>| {
            let letters = start(reading.words(), window.start)..end(reading.words(), window.end);
            String::from_utf8_lossy(&reading.letters()[letters]).into_owned()
        };
        windows(&reading).into_iter().map(of).collect()
    }

    #[test]
    fn what_fits_is_one_window() {
        assert_eq!(texts("One. Two! Three?"), ["one two three"]);
        assert!(texts("").is_empty());
    }

    #[test]
    fn each_window_begins_with_the_last_sentence_of_the_one_before() {
        let sentence = |name: &str| format!("{name} {}. ", "word ".repeat(39));
        let windows = texts(&(sentence("a") + &sentence("b") + &sentence("c") + &sentence("d") + &sentence("e")));
        let firsts: Vec<&str> = windows.iter().filter_map(|window| window.split(' ').next()).collect();
        assert_eq!(firsts, ["a", "c"], "{windows:?}");
        assert!(windows.iter().all(|window| window.len() <= BYTES));
    }

    #[test]
    fn a_sentence_without_end_is_parted() {
        let windows = texts(&"word ".repeat(1000));
        assert!(windows.iter().all(|window| window.len() <= BYTES), "{windows:?}");
        assert!((12..=20).contains(&windows.len()), "{}", windows.len());
    }
}
