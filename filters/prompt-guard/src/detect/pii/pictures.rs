//! All pictures, by what a text must begin with, so that few are laid on it.

use std::ops::Range;

use super::rule::{Rule, Signs, blank, hyphen};
use super::{Kind, address, card, date, national};

/// Hardware addresses that are not parted by colons.
const MAC: Rule =
    Rule { kind: Kind::Mac, alone: &["XX-XX-XX-XX-XX-XX", "XXXX.XXXX.XXXX"], named: &[], check: address::is_hardware };

static BESIDES: [Rule; 3] = [card::RULE, date::RULE, MAC];

/// A picture and all whose it is, so that it is laid on a text once.
pub(super) struct Picture {
    pub(super) signs: Signs,
    pub(super) uses: Vec<Use>,
    text: &'static str,
    first: First,
    groups: Groups,
}

/// Whose a picture is.
pub(super) struct Use {
    pub(super) rule: &'static Rule,
    pub(super) is_named: bool,
}

/// The places of the first group at which there must be a digit, and those at which there must be a letter: one bit each.
#[derive(Clone, Copy)]
struct First {
    digits: u32,
    letters: u32,
}

impl First {
    /// Of what a text or a picture begins with.
    fn of(group: &[u8]) -> Self {
        let places = |is: fn(u8) -> bool| {
            let places = group.iter().rev().map(|sign| u32::from(is(*sign)));
            places.fold(0_u32, |places, place| places.wrapping_shl(1) | place)
        };
        Self {
            digits: places(|sign| matches!(sign, b'#' | b'0'..=b'9')),
            letters: places(|sign| matches!(sign, b'A' | b'U')),
        }
    }

    /// Whether a group that is all letters and digits, and has its digits there, is like this one.
    fn is_like(self, digits: u32) -> bool {
        self.digits & !digits == 0 && self.letters & digits == 0
    }
}

/// How many digits and letters each of the first groups has, a byte each from the lowest; what has fewer ends in zeros.
#[derive(Clone, Copy, Default)]
struct Groups(u64);

impl Groups {
    const MOST: usize = 5;
    /// More than a picture has in a group.
    const LONGEST: usize = 32;

    /// Of a picture.
    fn of_picture(text: &str) -> Self {
        let mut ahead = Ahead::default();
        ahead.groups(text.replace('#', "0").as_bytes(), 0)
    }

    /// Whether a text of these groups begins with `picture`.
    fn begin_with(self, picture: Self) -> bool {
        let behind = picture.0.leading_zeros() & !7;
        (self.0 ^ picture.0).checked_shl(behind).unwrap_or(0) == 0
    }
}

/// The groups of a text, parted by one sign each, or by one character of several bytes. In a row of numbers those of each
/// are the next ones of the number before: each is read once.
#[derive(Default)]
pub(super) struct Ahead([Range<usize>; Groups::MOST]);

impl Ahead {
    fn groups(&mut self, text: &[u8], start: usize) -> Groups {
        let known = self.0.iter().position(|group| group.start == start && !group.is_empty());
        let known = known.map_or(0, |gone| {
            self.0.rotate_left(gone);
            Groups::MOST.saturating_sub(gone)
        });
        let mut last = known.checked_sub(1).and_then(|last| self.0.get(last)).cloned();
        for group in self.0.iter_mut().skip(known) {
            *group = match last {
                None => group_at(text, start),
                Some(last) if last.is_empty() => last,
                Some(last) => group_at(text, last.end.saturating_add(parting(text, last.end))),
            };
            last = Some(group.clone());
        }
        let lengths = self.0.iter().rev().map(|group| u64::try_from(group.len()).unwrap_or(0));
        Groups(lengths.fold(0, |groups, length| groups.wrapping_shl(8) | length))
    }
}

fn group_at(text: &[u8], start: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let length = rest.iter().take(Groups::LONGEST).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    start..start.saturating_add(length)
}

/// The bytes of the character that parts two groups.
fn parting(text: &[u8], at: usize) -> usize {
    match text.get(at) {
        Some(0xc2 | 0xc3) => 2,
        Some(0xe2..=0xef) => 3,
        _ => 1,
    }
}

/// By the length of the first group, and by what parts it from the next, if there is a next.
pub(super) struct Pictures(Vec<Vec<(Option<u8>, Vec<Picture>)>>);

impl Pictures {
    /// The longest first group, and one.
    const LENGTHS: usize = 24;

    pub(super) fn new(kinds: &[Kind]) -> Self {
        let mut pictures = Self((0..Self::LENGTHS).map(|_| Vec::new()).collect());
        for rule in national::rules().chain(&BESIDES).filter(|rule| kinds.contains(&rule.kind)) {
            rule.alone.iter().for_each(|text| pictures.add(text, Use { rule, is_named: false }));
            rule.named.iter().for_each(|text| pictures.add(text, Use { rule, is_named: true }));
        }
        pictures
    }

    fn add(&mut self, text: &'static str, used: Use) {
        let length = text.bytes().take_while(|sign| b"#AUX".contains(sign)).count();
        let (first, behind) = text.as_bytes().split_at_checked(length).unwrap_or_default();
        let Some(gaps) = self.0.get_mut(length) else { return };
        let gap = behind.first().copied();
        let pictures = found_or_pushed(gaps, |known| known.0 == gap, || (gap, Vec::new()));
        let new = || Picture {
            signs: Signs::of(text),
            uses: Vec::new(),
            text,
            first: First::of(first),
            groups: Groups::of_picture(text),
        };
        let picture = pictures.and_then(|(_, pictures)| found_or_pushed(pictures, |known| known.text == text, new));
        if let Some(picture) = picture {
            picture.uses.push(used);
        }
    }

    /// All whose groups are those of a text from `first` on, which is the first group.
    pub(super) fn like<'p>(
        &'p self,
        text: &str,
        first: Range<usize>,
        ahead: &mut Ahead,
    ) -> impl Iterator<Item = &'p Picture> + use<'p> {
        let bytes = text.as_bytes();
        let gaps = self.0.get(first.len()).map(Vec::as_slice).unwrap_or_default();
        let own = gap(bytes.get(first.end..).unwrap_or_default());
        let with = |gap: Option<u8>| gaps.iter().find(|known| known.0 == gap).map(|(_, pictures)| pictures.as_slice());
        let (whole, parted) = (with(None).unwrap_or_default(), own.and_then(|own| with(Some(own))).unwrap_or_default());
        let is_any = !(whole.is_empty() && parted.is_empty());
        let digits = if is_any { First::of(bytes.get(first.clone()).unwrap_or_default()).digits } else { 0 };
        let groups = if parted.is_empty() { Groups::default() } else { ahead.groups(bytes, first.start) };
        let parted = parted.iter().filter(move |picture| groups.begin_with(picture.groups));
        whole.iter().chain(parted).filter(move |picture| picture.first.is_like(digits))
    }
}

/// The first that is wanted, or a new one.
fn found_or_pushed<T>(all: &mut Vec<T>, is_wanted: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> Option<&mut T> {
    let at = all.iter().position(is_wanted).unwrap_or(all.len());
    if at == all.len() {
        all.push(new());
    }
    all.get_mut(at)
}

/// The sign of a picture that stands for what a text begins with.
fn gap(text: &[u8]) -> Option<u8> {
    match (blank(text), hyphen(text)) {
        (Some(_), _) => Some(b' '),
        (_, Some(_)) => Some(b'-'),
        _ => text.first().copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_that_were_read_ahead_are_those_that_stand_there() {
        let text = "1 22 333-4444 55555.666666 7 88 (9) 1\u{a0}22 333";
        let mut ahead = Ahead::default();
        for (start, _) in text.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
            let fresh = Ahead::default().groups(text.as_bytes(), start);
            assert_eq!(ahead.groups(text.as_bytes(), start).0, fresh.0, "{start}");
        }
        assert_eq!(Ahead::default().groups(b"22 333-4444", 0).0, 0x04_03_02);
    }
}
