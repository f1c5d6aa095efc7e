//! All pictures, by what a text must begin with, so that few are laid on it.

use std::ops::Range;

use super::rule::{Rule, blank, hyphen};
use super::{Kind, address, card, date, national};

/// Hardware addresses that are not parted by colons.
const MAC: Rule =
    Rule { kind: Kind::Mac, alone: &["XX-XX-XX-XX-XX-XX", "XXXX.XXXX.XXXX"], named: &[], check: address::is_hardware };

static BESIDES: [Rule; 3] = [card::RULE, date::RULE, MAC];

/// A picture and whose it is.
pub(super) struct Picture {
    pub(super) text: &'static str,
    pub(super) rule: &'static Rule,
    pub(super) is_named: bool,
    /// It begins with digits.
    has_digits: bool,
    /// What parts its first group from the next, if there is a next.
    gap: Option<u8>,
    groups: Groups,
}

/// How many digits and letters each of the first groups has; what has fewer groups ends in zeros.
#[derive(Clone, Copy)]
struct Groups([usize; Groups::MOST]);

impl Groups {
    const MOST: usize = 5;

    /// The groups of a text, parted by one sign each, or by one character of several bytes.
    fn of(text: &[u8]) -> Self {
        let mut groups = [0; Self::MOST];
        let mut rest = text;
        for group in &mut groups {
            *group = rest.iter().take(32).take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let behind = rest.get(*group..).unwrap_or_default();
            let gap = match behind {
                _ if *group == 0 => break,
                [0xc2 | 0xc3, ..] => 2,
                [0xe2..=0xef, ..] => 3,
                _ => 1,
            };
            rest = behind.get(gap..).unwrap_or_default();
        }
        Self(groups)
    }

    /// Of a picture, whose sign for a letter or digit may be `#`.
    fn of_picture(text: &str) -> Self {
        Self::of(text.replace('#', "0").as_bytes())
    }

    /// Whether a text of these groups begins with `picture`.
    fn begin_with(&self, picture: &Self) -> bool {
        self.0.iter().zip(&picture.0).take_while(|(_, group)| **group > 0).all(|(own, group)| own == group)
    }
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
                let gap = text.as_bytes().get(length).copied();
                let Some(pictures) = by_length.get_mut(length) else { continue };
                pictures.push(Picture { text, rule, is_named, has_digits, gap, groups: Groups::of_picture(text) });
            }
        }
        Self(by_length)
    }

    /// All whose groups are those of a text from `first` on, which is the first group.
    pub(super) fn like(&self, text: &str, first: Range<usize>) -> impl Iterator<Item = &Picture> {
        let bytes = text.as_bytes();
        let pictures = self.0.get(first.len()).map(Vec::as_slice).unwrap_or_default();
        let rest = bytes.get(first.start..).unwrap_or_default();
        let has_digits = bytes.get(first.clone()).unwrap_or_default().iter().all(u8::is_ascii_digit);
        let gap = gap(bytes.get(first.end..).unwrap_or_default());
        let mut groups = None;
        pictures.iter().filter(move |picture| match picture.gap {
            _ if picture.has_digits && !has_digits => false,
            None => true,
            own => own == gap && groups.get_or_insert_with(|| Groups::of(rest)).begin_with(&picture.groups),
        })
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
