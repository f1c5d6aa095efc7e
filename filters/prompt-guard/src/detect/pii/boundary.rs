//! Where a word ends: what is found is no piece of something longer.

use crate::detect::escape::is_behind_escape;
use crate::letters::is_alphanumeric;

/// Whether nothing that belongs to a word stands before `at`. A hyphen or a full stop with a digit before it does:
/// what follows is the rest of a longer number, of a UUID or a version.
pub(super) fn begins(text: &str, at: usize) -> bool {
    if at.checked_sub(1).and_then(|at| text.as_bytes().get(at)).is_none_or(|byte| *byte == b' ') {
        return true;
    }
    let mut before = text.get(..at).unwrap_or_default().chars().rev();
    match before.next() {
        Some('-' | '.' | '\u{2011}' | '\u{2013}') => !before.next().is_some_and(|c| c.is_ascii_digit()),
        Some(other) => !joins(other) || is_behind_escape(text, at),
        None => true,
    }
}

/// Whether nothing that belongs to a word stands at `at`. A hyphen or a full stop with a digit behind it does.
pub(super) fn ends(text: &str, at: usize) -> bool {
    let mut behind = text.get(at..).unwrap_or_default().chars();
    match behind.next() {
        Some('-' | '.' | '\u{2011}' | '\u{2013}') => !behind.next().is_some_and(|c| c.is_ascii_digit()),
        Some(other) => !joins(other),
        None => true,
    }
}

/// Whether it is part of a word: a letter or digit of any script, or the underscore of an identifier. Scripts without
/// blanks between their words are not: "电话13812345678" is a word and a number.
pub(super) fn joins(c: char) -> bool {
    match c {
        '_' => true,
        c => !is_unspaced(c) && is_alphanumeric(c),
    }
}

/// Thai, Lao, Khmer and Burmese, Kana, Han and Hangul, whose particles follow a number at once.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::{begins, ends};

    #[test]
    fn letters_of_any_script_join() {
        for text in ["a1", "é1", "я1", "_1", "91", "n1", "\\nn1"] {
            assert!(!begins(text, text.len() - 1), "{text}");
        }
        assert!(!ends("1я", 1) && !ends("1_", 1));
    }

    #[test]
    fn an_escape_does_not_join() {
        assert!(begins(r"\n1", 2) && begins(r"a\t1", 3) && begins(r"\rDE", 2) && !begins(r"\s1", 2));
    }

    #[test]
    fn scripts_without_blanks_do_not_join() {
        assert!(begins("话1", "话".len()) && ends("1です", 1) && ends("1번", 1));
    }

    #[test]
    fn a_hyphen_joins_digits_and_parts_words() {
        assert!(!begins("2-1", 2) && begins("x-1", 2) && !ends("1-2", 1) && ends("1-x", 1) && ends("1.", 1));
    }
}
