//! A character with the marks that stand on it, in its compatibility form.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, compose, decompose_compatible, is_combining_mark};

use super::letters;
use crate::letters::is_alphabetic;
use crate::normalise::accents::is_accent;

/// A character and its marks: first as written, then settled.
#[derive(Debug, Default)]
pub(super) struct Cluster {
    pub(super) text: String,
    pub(super) from: Range<usize>,
    /// How many marks of the kind that any letter may carry were written.
    pub(super) marks: usize,
    /// How many characters are kept.
    length: usize,
    scratch: String,
    /// The number sign of braille was read, and no end of it.
    in_number: bool,
}

/// No script needs more on one letter, and what comes behind is dropped: the work is linear in the marks.
const LENGTH: usize = 8;

/// No language needs more accents on one letter.
const MARKS: usize = 2;

/// The longest compatibility form, in lengths of the character.
const GROWTH: usize = 4;

/// From a sign of ASCII to the same in full width, as Chinese has its commas.
const FULL_WIDTH: u32 = 0xfee0;

/// Whether `character` is its own compatibility form, takes no marks and is no letter of a word: the most of Chinese.
pub(super) fn is_calm(character: char) -> bool {
    matches!(character, '\u{4e00}'..='\u{9fff}' | '\u{3001}' | '\u{3002}' | '\u{2014}' | '\u{2018}'..='\u{201d}')
}

/// Whether `character` belongs to the character before it.
pub(super) fn extends(character: char) -> bool {
    match character {
        '\0'..='\u{2ff}'
        | '\u{370}'..='\u{482}'
        | '\u{2100}'..='\u{2cee}'
        | '\u{2e80}'..='\u{3029}'
        | '\u{3030}'..='\u{3098}'
        | '\u{309b}'..='\u{a66e}'
        | '\u{ac00}'..='\u{d7a3}' => false,
        '\u{300}'..='\u{36f}' | '\u{1161}'..='\u{11ff}' => true,
        _ => is_combining_mark(character),
    }
}

impl Cluster {
    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.length = 0;
        self.marks = 0;
    }

    pub(super) fn push(&mut self, character: char, from: Range<usize>) {
        if self.is_empty() {
            self.from.start = from.start;
        }
        self.from.end = from.end;
        self.marks = self.marks.saturating_add(usize::from(is_accent(character)));
        if self.length < LENGTH {
            self.text.push(character);
            self.length = self.length.saturating_add(1);
        }
    }

    /// Gives the cluster its compatibility form; without accents, if it `strips` them.
    pub(super) fn settle(&mut self, strips: bool) {
        let first = self.first();
        let is_sign = first.is_ascii() && !first.is_ascii_alphanumeric();
        if self.marks > MARKS || self.marks > 0 && (strips || is_sign) {
            self.strip();
        }
        let rest = self.text.get(first.len_utf8()..).unwrap_or_default();
        if rest.is_empty() && (is_settled(first) || is_own_form(first)) {
            self.in_number = false;
            return;
        }
        if rest.is_empty() && matches!(first, '\u{ff01}'..='\u{ff5e}') {
            self.in_number = false;
            self.text.clear();
            self.text.extend(char::from_u32(u32::from(first).saturating_sub(FULL_WIDTH)));
            return;
        }
        self.in_number = letters::is_number_sign(first) || self.in_number && matches!(first, '\u{2801}'..='\u{283f}');
        self.scratch.clear();
        if letters::is_number_sign(first) {
            self.text.clear();
            return;
        }
        match letters::of(first) {
            Some(letter) => self.scratch.push(letters::digit(letter).filter(|_| self.in_number).unwrap_or(letter)),
            None => write_compatible(&mut self.scratch, &self.text),
        }
        std::mem::swap(&mut self.text, &mut self.scratch);
    }

    /// How many accents are left that no letter took in.
    pub(super) fn loose(&self) -> usize {
        self.text.chars().skip(1).filter(|mark| is_accent(*mark)).count()
    }

    /// Whether more accents stand here than any language has.
    pub(super) fn is_heaped(&self) -> bool {
        self.marks > MARKS || self.marks >= MARKS && self.loose() >= MARKS
    }

    pub(super) fn first(&self) -> char {
        self.text.chars().next().unwrap_or_default()
    }

    /// Whether it is a part of a word of letters.
    pub(super) fn is_of_word(&self) -> bool {
        let first = self.first();
        first.is_ascii_alphanumeric()
            || !first.is_ascii()
                && (is_letter(first) || is_alphabetic(first))
                && !matches!(first, '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..)
    }

    fn strip(&mut self) {
        if self.first().is_ascii() {
            self.text.retain(|character| !is_accent(character));
        } else {
            self.text = stripped(&self.text);
        }
    }
}

/// Letters, told quickly.
fn is_letter(character: char) -> bool {
    matches!(character, '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2af}' | '\u{1e00}'..='\u{1eff}' | '\u{3a3}'..='\u{3ce}'
        | '\u{400}'..='\u{481}' | '\u{5d0}'..='\u{5ea}' | '\u{620}'..='\u{64a}' | '\u{904}'..='\u{939}')
}

fn write_compatible(form: &mut String, text: &str) {
    match composed(text) {
        Some((letter, loose)) => form.extend(std::iter::once(letter).chain(loose.into_iter().flatten())),
        None if text.chars().next().is_some_and(is_too_long) => form.push_str(text),
        None => form.extend(text.nfkc()),
    }
}

/// The compatibility form of a character of ASCII with one or two accents: the letter, and the accents that it does not
/// take in. The general way costs more, and few clusters are anything else.
fn composed(text: &str) -> Option<(char, [Option<char>; 2])> {
    let mut characters = text.chars();
    let letter = characters.next().filter(char::is_ascii)?;
    let (first, second) = (characters.next().filter(|mark| is_own_accent(*mark))?, characters.next());
    if characters.next().is_some() || !second.is_none_or(is_own_accent) {
        return None;
    }
    let (class, taken) = (canonical_combining_class, |letter, mark| match compose(letter, mark) {
        Some(letter) => (letter, None),
        None => (letter, Some(mark)),
    });
    let Some(second) = second else {
        let (letter, loose) = taken(letter, first);
        return Some((letter, [loose, None]));
    };
    let (one, two) = if class(second) < class(first) { (second, first) } else { (first, second) };
    let (letter, loose) = taken(letter, one);
    // Of two marks at one place the first stands between.
    if loose.is_some() && class(one) == class(two) {
        return Some((letter, [loose, Some(two)]));
    }
    let (letter, other) = taken(letter, two);
    Some((letter, [loose, other]))
}

/// An accent that is no other accents' short form, and none that has a form of its own behind a letter.
fn is_own_accent(mark: char) -> bool {
    matches!(mark, '\u{300}'..='\u{33f}' | '\u{346}'..='\u{34e}' | '\u{350}'..='\u{36f}')
}

/// A cluster without accents.
pub(super) fn stripped(text: &str) -> String {
    text.nfd().filter(|character| !is_accent(*character)).nfc().collect()
}

/// Whether a character that stands alone is its own compatibility form, or the form is too long.
fn is_own_form(character: char) -> bool {
    if letters::of(character).is_some() || letters::is_number_sign(character) {
        return false;
    }
    let mut is_other = false;
    decompose_compatible(character, |part| is_other |= part != character);
    !is_other || is_too_long(character)
}

/// Whether the compatibility form of a character would make much of little: that of U+FDFA is eleven times as long.
fn is_too_long(character: char) -> bool {
    let mut length = 0_usize;
    decompose_compatible(character, |part| length = length.saturating_add(part.len_utf8()));
    length > character.len_utf8().saturating_mul(GROWTH)
}

/// Whether a character that stands alone is its own compatibility form: a quick answer for most letters there are.
fn is_settled(character: char) -> bool {
    matches!(character, '!'..='~' | '\u{c0}'..='\u{131}' | '\u{388}'..='\u{3ce}' | '\u{400}'..='\u{52f}' | '\u{5d0}'..='\u{5ea}'
        | '\u{620}'..='\u{64a}' | '\u{904}'..='\u{939}' | '\u{e01}'..='\u{e30}' | '\u{2013}'..='\u{2015}' | '\u{2018}'..='\u{2022}'
        | '\u{3001}' | '\u{3002}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_does_not_make_a_form_longer_than_may_be() {
        let mut cluster = Cluster::default();
        for (at, character) in "\u{fdfa}\u{1161}".char_indices() {
            cluster.push(character, at..at + character.len_utf8());
        }
        cluster.settle(false);
        assert_eq!(cluster.text, "\u{fdfa}\u{1161}");
    }

    #[test]
    fn accents_are_composed_as_the_standard_does() {
        let marks: Vec<char> = ('\u{300}'..='\u{36f}').filter(|mark| is_own_accent(*mark)).collect();
        for letter in ('!'..='~').step_by(3).chain("aeiouy=<".chars()) {
            for one in &marks {
                for text in marks.iter().map(|two| format!("{letter}{one}{two}")).chain([format!("{letter}{one}")]) {
                    let (first, loose) = composed(&text).unwrap();
                    let own: String = std::iter::once(first).chain(loose.into_iter().flatten()).collect();
                    assert_eq!(own, text.nfkc().collect::<String>(), "{text:?}");
                }
            }
        }
    }
}
