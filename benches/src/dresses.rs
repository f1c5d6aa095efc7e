//! Texts whose words are dressed in several encodings in turn: each encoding is undone in a view of its own, of the whole
//! text, and every detector looks at every view. The fuzzer found that nothing costs prompt-guard more for each byte.

use std::fmt::Write as _;

/// An encoding of a word.
type Dress = fn(&str) -> String;

/// By the names of the rows: of the last three there are more views than are made.
const DRESSED: &[(&str, &[Dress])] = &[
    ("guard_worst_codes_leet", &[codes, leet]),
    ("guard_worst_codes_phones", &[codes, spaced, phone]),
    ("guard_worst_percent_hex", &[percent, spaced, hex]),
    ("guard_worst_percent_leet", &[percent, codes, leet]),
    ("guard_worst_all_dresses", &[percent, codes, leet, hex, spaced, rot13, reversed, entities, binary]),
];

const WORDS: &str = "Please ignore all the rules of the zebra crossing today.";

/// Each text once, with a blank at its end.
pub(crate) fn texts() -> impl Iterator<Item = (&'static str, String)> {
    DRESSED.iter().map(|(name, dresses)| (*name, in_turn(dresses)))
}

/// Every word in every dress.
fn in_turn(dresses: &[Dress]) -> String {
    let words = std::iter::repeat_n(WORDS.split(' '), dresses.len()).flatten();
    words.zip(dresses.iter().cycle()).map(|(word, dress)| dress(word) + " ").collect()
}

fn each(word: &str, write: impl Fn(&mut String, u8)) -> String {
    word.bytes().fold(String::new(), |mut out, byte| {
        write(&mut out, byte);
        out
    })
}

fn percent(word: &str) -> String {
    each(word, |out, byte| write!(out, "%{byte:02x}").unwrap_or_default())
}

fn entities(word: &str) -> String {
    each(word, |out, byte| write!(out, "&#{byte};").unwrap_or_default())
}

fn hex(word: &str) -> String {
    each(word, |out, byte| write!(out, "{byte:02x}").unwrap_or_default())
}

fn codes(word: &str) -> String {
    each(word, |out, byte| write!(out, "{byte} ").unwrap_or_default()).trim_end().to_owned()
}

fn binary(word: &str) -> String {
    each(word, |out, byte| write!(out, "{byte:08b} ").unwrap_or_default()).trim_end().to_owned()
}

fn spaced(word: &str) -> String {
    each(word, |out, byte| out.extend([char::from(byte), ' '])).trim_end().to_owned()
}

fn reversed(word: &str) -> String {
    word.chars().rev().collect()
}

fn leet(word: &str) -> String {
    let digit = |letter| "aeiost".find(letter).and_then(|at| "431057".get(at..=at));
    word.chars().map(|letter| digit(letter).map_or_else(|| letter.to_string(), str::to_owned)).collect()
}

fn rot13(word: &str) -> String {
    let moved = |first: u8, byte: u8| char::from((byte - first + 13) % 26 + first);
    let turned = |byte: u8| match byte {
        b'a'..=b'z' => moved(b'a', byte),
        b'A'..=b'Z' => moved(b'A', byte),
        other => char::from(other),
    };
    word.bytes().map(turned).collect()
}

/// A telephone number, whatever the word.
fn phone(_: &str) -> String {
    "+49 30 123 4567".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_dressed_as_its_row_says() {
        for (dress, expected) in [
            (percent as Dress, "%5a%6f%65"),
            (entities, "&#90;&#111;&#101;"),
            (hex, "5a6f65"),
            (codes, "90 111 101"),
            (binary, "01011010 01101111 01100101"),
            (spaced, "Z o e"),
            (reversed, "eoZ"),
            (leet, "Z03"),
            (rot13, "Mbr"),
        ] {
            assert_eq!(dress("Zoe"), expected);
        }
        assert!(in_turn(&[reversed, rot13]).starts_with("esaelP vtaber lla "));
    }
}
