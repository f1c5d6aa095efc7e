//! Checksums that more than one number has. A number is its letters and digits in ASCII, letters in upper case, without
//! what stands between them.

use std::ops::Range;

/// A check that an operator asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// ISO/IEC 7812-1: cards.
    Luhn,
    /// ISO 7064 MOD 97-10 over what an IBAN has, its first four characters last.
    Iban,
    /// ISO 7064 MOD 97-10: the two check digits stand last.
    Mod97,
    /// The weights 2, 3, 4 and so on from the last digit but one, modulo 11; `X` stands for 10: ISBN-10.
    Mod11,
    /// ISO 7064 MOD 11,10: the last digit checks.
    #[serde(rename = "mod11_10")]
    Mod11And10,
    /// The dihedral group of ten: Verhoeff 1969.
    Verhoeff,
}

impl Check {
    /// Whether `number` is sound.
    pub fn passes(self, number: &[u8]) -> bool {
        match self {
            Check::Luhn => luhn(number),
            Check::Iban => iban(number),
            Check::Mod97 => mod97(number.iter()) == 1,
            Check::Mod11 => mod11(number),
            Check::Mod11And10 => mod11_10(number),
            Check::Verhoeff => verhoeff(number),
        }
    }
}

/// The value of a character: a digit, or a letter in upper case from 10.
pub(super) fn value(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => u32::from(byte.wrapping_sub(b'0')),
        b'A'..=b'Z' => u32::from(byte.wrapping_sub(b'A')).wrapping_add(10),
        _ => 0,
    }
}

/// The digits of a part of a number, as a number. Parts are short.
pub(super) fn part(number: &[u8], range: Range<usize>) -> u32 {
    let digits = number.get(range).unwrap_or_default();
    digits.iter().fold(0, |sum, digit| sum.wrapping_mul(10).wrapping_add(value(*digit)))
}

/// Digits times weights, summed up; what has no weight is left out.
pub(super) fn weigh(number: &[u8], weights: &[u32]) -> u32 {
    number.iter().zip(weights).map(|(digit, weight)| value(*digit).wrapping_mul(*weight)).sum()
}

/// Whether all digits are digits, and not all are the same.
pub(super) fn is_varied(number: &[u8]) -> bool {
    number.iter().zip(number.iter().skip(1)).any(|(one, next)| one != next)
}

/// ISO/IEC 7812-1 annex B: every second digit from the right counts twice.
pub(super) fn luhn(number: &[u8]) -> bool {
    const TWICE: [u32; 10] = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    let twice = |digit: u32| usize::try_from(digit).ok().and_then(|at| TWICE.get(at)).copied().unwrap_or(0);
    let digits = number.iter().rev().map(|digit| value(*digit)).enumerate();
    let sum: u32 = digits.map(|(at, digit)| if at % 2 == 0 { digit } else { twice(digit) }).sum();
    sum.is_multiple_of(10)
}

/// ISO 7064 MOD 97-10: the remainder, letters being two digits.
pub(super) fn mod97<'a>(number: impl Iterator<Item = &'a u8>) -> u64 {
    const FULL: u64 = 1 << 56;
    let sum = number.fold(0_u64, |rest, byte| {
        let value = u64::from(value(*byte));
        let rest = if rest > FULL { rest % 97 } else { rest };
        rest.wrapping_mul(if value < 10 { 10 } else { 100 }).wrapping_add(value)
    });
    sum % 97
}

/// ISO 13616-1: country and check digits go last.
pub(super) fn iban(number: &[u8]) -> bool {
    let (head, body) = number.split_at_checked(4).unwrap_or_default();
    mod97(body.iter().chain(head)) == 1
}

/// ISBN-10 and its like.
fn mod11(number: &[u8]) -> bool {
    let value = |byte: &u8| if *byte == b'X' { 10 } else { value(*byte) };
    let weighed = number.iter().rev().zip(1_u32..).map(|(byte, weight)| value(byte).wrapping_mul(weight));
    weighed.fold(0_u32, u32::wrapping_add).is_multiple_of(11)
}

/// ISO 7064 MOD 11,10.
pub(super) fn mod11_10(number: &[u8]) -> bool {
    let Some((check, body)) = number.split_last() else { return false };
    let rest = body.iter().fold(10_u32, |product, digit| {
        let sum = product.wrapping_add(value(*digit)) % 10;
        (if sum == 0 { 10 } else { sum }).wrapping_mul(2) % 11
    });
    rest.wrapping_add(value(*check)) % 10 == 1
}

/// Verhoeff, "Error detecting decimal codes", 1969.
pub(super) fn verhoeff(number: &[u8]) -> bool {
    let digits = number.iter().rev().zip(0_u32..);
    let end = digits.fold(0, |sum, (digit, at)| dihedral(sum, permuted(value(*digit), at)));
    end == 0
}

/// The product of two elements of the dihedral group of ten: 0 to 4 turn, 5 to 9 turn and mirror.
fn dihedral(a: u32, b: u32) -> u32 {
    const PRODUCTS: [[u8; 10]; 10] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];
    entry(&PRODUCTS, a, b)
}

/// A digit behind `times` times the permutation of Verhoeff, which comes back after eight.
fn permuted(digit: u32, times: u32) -> u32 {
    const PERMUTED: [[u8; 10]; 8] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];
    entry(&PERMUTED, times % 8, digit)
}

fn entry<const ROWS: usize>(table: &[[u8; 10]; ROWS], row: u32, column: u32) -> u32 {
    let place = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    table.get(place(row)).and_then(|row| row.get(place(column))).copied().map_or(0, u32::from)
}

/// Whether a day exists in some year.
pub(super) fn is_day(day: u32, month: u32) -> bool {
    let last = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=last).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_pass_and_neighbours_do_not() {
        let sound: [(Check, &str, &str); 6] = [
            (Check::Luhn, "79927398713", "79927398710"),
            (Check::Iban, "GB82WEST12345698765432", "GB82WEST12345698765423"),
            (Check::Mod97, "79444", "79445"),
            (Check::Mod11, "097522980X", "0975229801"),
            (Check::Mod11And10, "07945", "07946"),
            (Check::Verhoeff, "2363", "3263"),
        ];
        for (check, right, wrong) in sound {
            assert!(check.passes(right.as_bytes()), "{check:?} {right}");
            assert!(!check.passes(wrong.as_bytes()), "{check:?} {wrong}");
        }
    }

    #[test]
    fn nothing_panics_on_nothing() {
        for check in [Check::Luhn, Check::Iban, Check::Mod97, Check::Mod11, Check::Mod11And10, Check::Verhoeff] {
            check.passes(b"");
            check.passes(&[0xff; 40]);
        }
    }
}
