//! What of a text is judged by itself: pieces, which are a sentence or a few short ones, and windows of several pieces, the
//! last of one again the first of the next. An attack in a long document is judged without the document. What is longer than
//! [`STRETCH`] is read in stretches.

use std::ops::Range;

use super::read::{Reading, Word};

/// The most bytes of letters of a piece.
pub const PIECE: usize = 200;

/// The most of a piece of several sentences.
pub const SEVERAL: usize = 80;

/// The most of a window.
pub const WINDOW: usize = 600;

/// The most bytes of a text that are read at once: a word takes 32 bytes of memory, and may be one letter.
pub const STRETCH: usize = 16 << 10;

/// How many bytes of a stretch are read again with the next: more than a window of ASCII and what stands between its words.
pub const OVERLAP: usize = 1 << 10;

/// A range of a text in stretches that overlap, each but the first from behind a blank where there is one.
pub fn stretches(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut next = Some(range.start);
    std::iter::from_fn(move || {
        let start = next?;
        let end = text.ceil_char_boundary(start.saturating_add(STRETCH)).min(range.end);
        let again = text.ceil_char_boundary(end.saturating_sub(OVERLAP));
        let blank = text.get(again..end).and_then(|text| text.find([' ', '\n']));
        next = (end < range.end).then(|| again.saturating_add(blank.map_or(0, |blank| blank.saturating_add(1))));
        Some(start..end)
    })
}

/// The pieces of a text, as ranges of its words: as many short sentences as fit, or a long one, in parts if it must be.
pub fn pieces(reading: &Reading) -> Vec<Range<usize>> {
    let words = reading.words();
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for sentence in sentences(words) {
        match pieces.last_mut() {
            Some(piece) if length(words, &(piece.start..sentence.end)) <= SEVERAL => piece.end = sentence.end,
            _ => pieces.push(sentence),
        }
    }
    pieces
}

/// The windows of a text, as ranges of its pieces.
pub fn windows(reading: &Reading, pieces: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut windows = Vec::new();
    let mut first = 0;
    while let Some(piece) = pieces.get(first) {
        let fits = |last: &&Range<usize>| length(reading.words(), &(piece.start..last.end)) <= WINDOW;
        let count = pieces.iter().skip(first).take_while(fits).count().max(1);
        let last = first.saturating_add(count);
        windows.push(first..last);
        if last >= pieces.len() {
            break;
        }
        first = last.saturating_sub(usize::from(count > 1));
    }
    windows
}

/// Sentences, and parts of those that are longer than a piece.
fn sentences(words: &[Word]) -> Vec<Range<usize>> {
    let mut sentences: Vec<Range<usize>> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let next = at.saturating_add(1);
        match sentences.last_mut() {
            Some(sentence) if goes_on(words, sentence, word) => sentence.end = next,
            _ => sentences.push(at..next),
        }
    }
    sentences
}

fn goes_on(words: &[Word], sentence: &Range<usize>, word: &Word) -> bool {
    let is_same = words.get(sentence.start).is_some_and(|first| first.sentence() == word.sentence());
    is_same && length(words, &(sentence.start..sentence.end.saturating_add(1))) <= PIECE
}

/// The bytes of letters of a range of words.
fn length(words: &[Word], range: &Range<usize>) -> usize {
    let start = words.get(range.start).map_or(0, |word| word.range().start);
    let last = range.end.checked_sub(1).and_then(|last| words.get(last));
    last.map_or(0, |word| word.range().end).saturating_sub(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The letters of each window, its pieces apart.
    fn texts(text: &str) -> Vec<Vec<String>> {
        let reading = Reading::of(text);
        let pieces = pieces(&reading);
        let of = |piece: &Range<usize>| {
            let words = reading.words()[piece.clone()].iter().map(|word| reading.letters_of(word));
            words.map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
        };
        windows(&reading, &pieces).into_iter().map(|window| pieces[window].iter().map(of).collect()).collect()
    }

    #[test]
    fn stretches_overlap_and_cover_all() {
        for unit in ["a ", "a", "规", "word, and more. "] {
            let text = unit.repeat((100 << 10) / unit.len());
            let all: Vec<_> = stretches(&text, 0..text.len()).collect();
            assert_eq!((all[0].start, all[all.len() - 1].end), (0, text.len()));
            assert!(all.iter().all(|stretch| stretch.len() <= STRETCH + 3 && text.get(stretch.clone()).is_some()));
            let overlaps = |pair: &[Range<usize>]| (OVERLAP - 64..=OVERLAP).contains(&(pair[0].end - pair[1].start));
            assert!(all.windows(2).all(overlaps), "{unit}: {all:?}");
        }
        assert!(stretches("word", 1..3).eq(std::iter::once(1..3)));
        assert!(stretches("", 0..0).eq(std::iter::once(0..0)));
    }

    #[test]
    fn what_fits_is_one_piece() {
        assert_eq!(texts("One. Two! Three?"), [["one two three"]]);
        assert!(texts("").is_empty());
    }

    #[test]
    fn each_window_begins_with_the_last_piece_of_the_one_before() {
        let sentence = |name: &str| format!("{name} {}. ", "word ".repeat(30));
        let windows = texts(&["a", "b", "c", "d", "e", "f"].map(sentence).concat());
        let firsts = |window: &Vec<String>| window.iter().filter_map(|piece| piece.chars().next()).collect::<String>();
        assert_eq!(windows.iter().map(firsts).collect::<Vec<_>>(), ["abc", "cde", "ef"]);
    }

    #[test]
    fn a_long_sentence_is_a_piece_of_its_own() {
        let long = "word ".repeat(20);
        let pieces = texts(&format!("One. Two. {long}. Three. <b>Four"));
        assert_eq!(pieces, [["one two", long.trim(), "three b four"]]);
    }

    #[test]
    fn a_sentence_without_end_is_parted() {
        let windows = texts(&"word ".repeat(1000));
        assert!(windows.iter().flatten().all(|piece| piece.len() <= PIECE), "{windows:?}");
        assert!(windows.iter().all(|window| window.iter().map(String::len).sum::<usize>() <= WINDOW), "{windows:?}");
        assert!((10..=15).contains(&windows.len()), "{}", windows.len());
    }
}
