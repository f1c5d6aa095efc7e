//! Spain, Portugal, Italy.

use super::super::Kind;
use super::super::check::{is_day, part, value, weigh};
use super::super::rule::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule { kind: Kind::Dni, alone: &["########A", "########-A", "##.###.###-A"], named: &["######## A"], check: dni },
    Rule { kind: Kind::Nie, alone: &["A#######A", "A-#######-A", "A#######-A"], named: &["A ####### A"], check: nie },
    Rule { kind: Kind::Nif, alone: &[], named: &["#########", "### ### ###"], check: nif },
    Rule {
        kind: Kind::CodiceFiscale,
        alone: &["AAAAAAXXAXXAXXXA", "AAA AAA XXAXX AXXXA"],
        named: &[],
        check: codice_fiscale,
    },
];

/// Real Decreto 1553/2005: a letter modulo 23.
fn dni(number: &[u8]) -> bool {
    let (digits, letter) = number.split_at_checked(8).unwrap_or_default();
    letter.first() == letter_of_23(part(digits, 0..8)) && part(digits, 0..8) != 0
}

/// Orden INT/2058/2008: the same, `X`, `Y`, `Z` being 0, 1, 2.
fn nie(number: &[u8]) -> bool {
    let [first @ b'X'..=b'Z', digits @ .., letter] = number else { return false };
    let first = u32::from(first.saturating_sub(b'X')).wrapping_mul(10_000_000);
    Some(letter) == letter_of_23(part(digits, 0..7).wrapping_add(first))
}

fn letter_of_23(number: u32) -> Option<&'static u8> {
    b"TRWAGMYFPDXBNJZSQVHLCKE".get(usize::try_from(number % 23).unwrap_or(0))
}

/// Decreto-Lei 14/2013: modulo 11; people's begin with 1, 2, 3 or 45.
fn nif(number: &[u8]) -> bool {
    let expected = match weigh(number, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 {
        0 | 1 => 0,
        rest => 11_u32.saturating_sub(rest),
    };
    (matches!(number, [b'1'..=b'3', ..]) || number.starts_with(b"45")) && expected == part(number, 8..9)
}

/// Decreto Ministeriale 23.12.1976: characters at odd places weigh by a table; letters stand for digits where two
/// people would have one code ("omocodia").
fn codice_fiscale(number: &[u8]) -> bool {
    const ODD: [u32; 36] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16,
        10, 22, 25, 24, 23,
    ];
    let [body @ .., check] = number else { return false };
    let weight = |(at, byte): (usize, &u8)| match (at % 2, value(*byte)) {
        (0, value) => usize::try_from(value).ok().and_then(|value| ODD.get(value)).copied().unwrap_or(0),
        (_, digit @ 0..10) => digit,
        (_, letter) => letter.saturating_sub(10),
    };
    let sum: u32 = body.iter().enumerate().map(weight).sum();
    let letter = value(*check).saturating_sub(10);
    let is_month = number.get(8).is_some_and(|month| b"ABCDEHLMPRST".contains(month));
    let day = plain(number, 9).wrapping_mul(10).wrapping_add(plain(number, 10));
    let is_born = is_day(day, 1) || is_day(day.saturating_sub(40), 1);
    sum % 26 == letter && is_month && is_born
}

/// The digit at a place, which omocodia may have made a letter.
fn plain(number: &[u8], at: usize) -> u32 {
    let byte = number.get(at).copied().unwrap_or_default();
    match b"LMNPQRSTUV".iter().position(|letter| *letter == byte) {
        Some(digit) => u32::try_from(digit).unwrap_or(0),
        None => value(byte),
    }
}
