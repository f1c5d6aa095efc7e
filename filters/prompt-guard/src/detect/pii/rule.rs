//! How a number is written down here: by pictures.
//!
//! In a picture `#` is a digit, `A` a letter, `U` a letter in upper case, `X` a digit or a letter, a blank one of the
//! blanks and `-` one of the hyphens of Unicode; everything else is itself.

use super::Kind;

/// A number of fixed forms.
pub(super) struct Rule {
    pub(super) kind: Kind,
    /// Pictures that speak for themselves.
    pub(super) alone: &'static [&'static str],
    /// Pictures that many other numbers share: they count behind a word for the kind.
    pub(super) named: &'static [&'static str],
    /// Whether the number is sound: its letters, in upper case, and its digits.
    pub(super) check: fn(&[u8]) -> bool,
}

/// A picture, ready to be laid on a text.
pub(super) struct Signs(Vec<Sign>);

/// What stands at a place of a picture.
enum Sign {
    /// A digit or a letter of one of these classes.
    Of(u8),
    Blank,
    Hyphen,
    /// Itself.
    Byte(u8),
}

const DIGIT: u8 = 1;
const UPPER: u8 = 2;
const LOWER: u8 = 4;

impl Signs {
    pub(super) fn of(picture: &str) -> Self {
        let sign = |sign| match sign {
            b'#' => Sign::Of(DIGIT),
            b'A' => Sign::Of(UPPER | LOWER),
            b'U' => Sign::Of(UPPER),
            b'X' => Sign::Of(DIGIT | UPPER | LOWER),
            b' ' => Sign::Blank,
            b'-' => Sign::Hyphen,
            other => Sign::Byte(other),
        };
        Self(picture.bytes().map(sign).collect())
    }
}

/// A picture that was found.
pub(super) struct Match {
    /// Its bytes in the text.
    pub(super) length: usize,
    number: [u8; Match::LONGEST],
    signs: usize,
}

impl Match {
    /// More than any picture has.
    const LONGEST: usize = 24;

    /// Lays a picture on `text`, which it need not cover.
    pub(super) fn of(picture: &Signs, text: &[u8]) -> Option<Self> {
        let mut found = Self { length: 0, number: [0; Self::LONGEST], signs: 0 };
        for sign in &picture.0 {
            let rest = text.get(found.length..)?;
            let length = match sign {
                Sign::Of(classes) => found.keep(*rest.first().filter(|byte| class(**byte) & classes != 0)?)?,
                Sign::Blank => blank(rest)?,
                Sign::Hyphen => hyphen(rest)?,
                Sign::Byte(byte) => rest.first().filter(|first| *first == byte).map(|_| 1)?,
            };
            found.length = found.length.wrapping_add(length);
        }
        Some(found)
    }

    fn keep(&mut self, byte: u8) -> Option<usize> {
        *self.number.get_mut(self.signs)? = byte.to_ascii_uppercase();
        self.signs = self.signs.wrapping_add(1);
        Some(1)
    }

    /// Its digits and letters, in upper case.
    pub(super) fn number(&self) -> &[u8] {
        self.number.get(..self.signs).unwrap_or_default()
    }
}

#[inline]
fn class(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => DIGIT,
        b'A'..=b'Z' => UPPER,
        b'a'..=b'z' => LOWER,
        _ => 0,
    }
}

/// The bytes of a blank that parts the groups of a number: also one that does not break a line, or a narrow one.
pub(super) fn blank(text: &[u8]) -> Option<usize> {
    match text {
        [b' ', ..] => Some(1),
        [0xc2, 0xa0, ..] => Some(2),
        [0xe2, 0x80, 0x89 | 0xaf, ..] => Some(3),
        _ => None,
    }
}

/// The bytes of a hyphen, or of a dash that is written for one.
pub(super) fn hyphen(text: &[u8]) -> Option<usize> {
    match text {
        [b'-', ..] => Some(1),
        [0xe2, 0x80, 0x90..=0x93, ..] => Some(3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Match, Signs};

    #[test]
    fn a_picture_tells_the_number_without_what_parts_it() {
        let found = Match::of(&Signs::of("###-## A"), "123\u{2011}45\u{a0}x and more".as_bytes()).unwrap();
        assert_eq!((found.number(), found.length), (b"12345X".as_slice(), "123\u{2011}45\u{a0}x".len()));
    }

    #[test]
    fn a_picture_fits_as_a_whole_or_not() {
        for (picture, text) in [("###", "12"), ("##-##", "12 34"), ("U#", "a1"), ("A#", "11"), ("X-", "1")] {
            assert!(Match::of(&Signs::of(picture), text.as_bytes()).is_none(), "{picture} {text}");
        }
    }
}
