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
        let (mut number, mut signs, mut rest) = ([0; Self::LONGEST], 0_usize, text);
        let mut places = number.iter_mut();
        for sign in picture.bytes() {
            let (first, behind) = rest.split_first()?;
            rest = match sign {
                b'#' | b'A' | b'U' | b'X' if fits(sign, *first) => {
                    *places.next()? = first.to_ascii_uppercase();
                    signs = signs.saturating_add(1);
                    behind
                }
                b'#' | b'A' | b'U' | b'X' => return None,
                b' ' => rest.get(blank(rest)?..)?,
                b'-' => rest.get(hyphen(rest)?..)?,
                other if *first == other => behind,
                _ => return None,
            };
        }
        Some(Self { length: text.len().saturating_sub(rest.len()), number, signs })
    }

    /// Its digits and letters, in upper case.
    pub(super) fn number(&self) -> &[u8] {
        self.number.get(..self.signs).unwrap_or_default()
    }
}

/// Whether the sign stands for a character.
fn fits(sign: u8, byte: u8) -> bool {
    match sign {
        b'#' => byte.is_ascii_digit(),
        b'A' => byte.is_ascii_alphabetic(),
        b'U' => byte.is_ascii_uppercase(),
        _ => byte.is_ascii_alphanumeric(),
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
