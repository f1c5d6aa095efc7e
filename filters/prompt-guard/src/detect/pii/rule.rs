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

    /// Lays `picture` on `text`, which it need not cover.
    pub(super) fn of(picture: &str, text: &[u8]) -> Option<Self> {
        let mut found = Self { length: 0, number: [0; Self::LONGEST], signs: 0 };
        for sign in picture.bytes() {
            let rest = text.get(found.length..)?;
            found.length = found.length.saturating_add(width(sign, rest)?);
            if matches!(sign, b'#' | b'A' | b'U' | b'X') {
                *found.number.get_mut(found.signs)? = rest.first()?.to_ascii_uppercase();
                found.signs = found.signs.saturating_add(1);
            }
        }
        Some(found)
    }

    /// Its digits and letters, in upper case.
    pub(super) fn number(&self) -> &[u8] {
        self.number.get(..self.signs).unwrap_or_default()
    }
}

/// How many bytes of `text` the sign stands for, if it does.
fn width(sign: u8, text: &[u8]) -> Option<usize> {
    let first = *text.first()?;
    let fits = match sign {
        b'#' => first.is_ascii_digit(),
        b'A' => first.is_ascii_alphabetic(),
        b'U' => first.is_ascii_uppercase(),
        b'X' => first.is_ascii_alphanumeric(),
        b' ' => return blank(text),
        b'-' => return hyphen(text),
        other => first == other,
    };
    fits.then_some(1)
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
    use super::Match;

    #[test]
    fn a_picture_tells_the_number_without_what_parts_it() {
        let found = Match::of("###-## A", "123\u{2011}45\u{a0}x and more".as_bytes()).unwrap();
        assert_eq!((found.number(), found.length), (b"12345X".as_slice(), "123\u{2011}45\u{a0}x".len()));
    }

    #[test]
    fn a_picture_fits_as_a_whole_or_not() {
        for (picture, text) in [("###", "12"), ("##-##", "12 34"), ("U#", "a1"), ("A#", "11"), ("X-", "1")] {
            assert!(Match::of(picture, text.as_bytes()).is_none(), "{picture} {text}");
        }
    }
}
