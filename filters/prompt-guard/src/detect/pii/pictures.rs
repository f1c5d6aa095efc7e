//! All pictures, by what a text must begin with, so that few are laid on it.

use std::ops::Range;

use super::rule::{Match, Rule, blank, hyphen};
use super::{Kind, address, card, date, national};

/// Hardware addresses that are not parted by colons.
const MAC: Rule =
    Rule { kind: Kind::Mac, alone: &["XX-XX-XX-XX-XX-XX", "XXXX.XXXX.XXXX"], named: &[], check: address::is_hardware };

static BESIDES: [Rule; 3] = [card::RULE, date::RULE, MAC];

/// A picture and whose it is.
struct Picture {
    text: &'static str,
    rule: &'static Rule,
    is_named: bool,
    /// It begins with digits.
    has_digits: bool,
    /// What parts its first group from the next, if there is a next.
    gap: Option<u8>,
}

/// By the length of the first group.
pub(super) struct Pictures(Vec<Vec<Picture>>);

impl Pictures {
    /// The longest first group, and one.
    const LENGTHS: usize = 24;

    pub(super) fn new(kinds: &[Kind]) -> Self {
        let mut by_length: Vec<Vec<Picture>> = (0..Self::LENGTHS).map(|_| Vec::new()).collect();
        for rule in national::rules().chain(&BESIDES).filter(|rule| kinds.contains(&rule.kind)) {
            let alone = rule.alone.iter().map(|text| (text, false));
            for (text, is_named) in alone.chain(rule.named.iter().map(|text| (text, true))) {
                let length = text.bytes().take_while(|sign| b"#AUX".contains(sign)).count();
                let has_digits = text.bytes().take(length).all(|sign| sign == b'#');
                let Some(pictures) = by_length.get_mut(length) else { continue };
                pictures.push(Picture { text, rule, is_named, has_digits, gap: text.as_bytes().get(length).copied() });
            }
        }
        Self(by_length)
    }

    /// All that fit a text whose first group is `first`.
    pub(super) fn matches<'a>(
        &'a self,
        text: &'a str,
        first: Range<usize>,
    ) -> impl Iterator<Item = (&'static Rule, bool, Match)> + 'a {
        let bytes = text.as_bytes();
        let pictures = self.0.get(first.len()).map(Vec::as_slice).unwrap_or_default();
        let rest = bytes.get(first.start..).unwrap_or_default();
        let has_digits = bytes.get(first.clone()).unwrap_or_default().iter().all(u8::is_ascii_digit);
        let gap = gap(bytes.get(first.end..).unwrap_or_default());
        let fits = move |picture: &&Picture| {
            (picture.gap.is_none() || picture.gap == gap) && (has_digits || !picture.has_digits)
        };
        let of =
            move |picture: &Picture| Match::of(picture.text, rest).map(|found| (picture.rule, picture.is_named, found));
        pictures.iter().filter(fits).filter_map(of)
    }
}

/// The sign of a picture that stands for what a text begins with.
fn gap(text: &[u8]) -> Option<u8> {
    match (blank(text), hyphen(text)) {
        (Some(_), _) => Some(b' '),
        (_, Some(_)) => Some(b'-'),
        _ => text.first().copied(),
    }
}
