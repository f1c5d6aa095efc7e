//! In which language a text is, told by its trigrams.
//!
//! A text is looked at in pieces, so that a beginning in one language does not hide the rest. A piece counts if it has enough
//! letters and its language is plain: a name, a word, a line of code is of none.

use std::ops::Range;

use whatlang::{Lang, detect};

/// The languages that a text may be in.
#[derive(Debug)]
pub struct Languages(Vec<Lang>);

/// Bytes of a piece.
const PIECE: usize = 2 << 10;
/// A piece with fewer letters is of no language.
const LEAST_LETTERS: usize = 60;

impl Languages {
    /// By their codes of ISO 639-3: `eng`, `deu`; `None` if one is not known.
    pub fn of(codes: &[String]) -> Option<Self> {
        codes.iter().map(Lang::from_code).collect::<Option<Vec<_>>>().map(Self)
    }

    /// The first piece that is in another language.
    pub(super) fn other(&self, text: &str) -> Option<Range<usize>> {
        let mut from = 0;
        while let Some(rest) = text.get(from..).filter(|rest| !rest.is_empty()) {
            let length = rest.ceil_char_boundary(PIECE.min(rest.len()));
            let piece = rest.get(..length).unwrap_or(rest);
            if self.is_other(piece) {
                return Some(from..from.saturating_add(length));
            }
            from = from.saturating_add(length);
        }
        None
    }

    fn is_other(&self, piece: &str) -> bool {
        let letters = piece.chars().filter(|character| character.is_alphabetic()).take(LEAST_LETTERS).count();
        let told = (letters == LEAST_LETTERS).then(|| detect(piece)).flatten();
        told.is_some_and(|told| told.is_reliable() && !self.0.contains(&told.lang()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: &str =
        "Please summarise the attached report for the board, and say which of its figures need a second look.";
    const GERMAN: &str =
        "Bitte fasse den angehängten Bericht für den Vorstand zusammen und sage, welche Zahlen noch geprüft werden.";

    #[test]
    fn a_text_in_another_language_is_found_wherever_it_stands() {
        let languages = Languages::of(&["eng".to_owned()]).unwrap();
        assert_eq!(languages.other(ENGLISH), None);
        assert!(languages.other(GERMAN).is_some());
        let behind = format!("{}{}", ENGLISH.repeat(80), GERMAN.repeat(40));
        assert!(languages.other(&behind).unwrap().end > ENGLISH.len() * 79);
        assert!(Languages::of(&["english".to_owned()]).is_none());
    }

    #[test]
    fn what_is_of_no_language_is_of_no_other() {
        let languages = Languages::of(&["deu".to_owned()]).unwrap();
        for text in ["", "hello", "Guten Tag", "12345 67890 ".repeat(99).as_str(), "\u{1f600}".repeat(999).as_str()] {
            assert_eq!(languages.other(text), None, "{text}");
        }
    }
}
