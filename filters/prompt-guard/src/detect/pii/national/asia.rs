//! India, China, Taiwan, Japan, Korea, Singapore, Thailand.

use super::super::Kind;
use super::super::check::{is_day, is_varied, part, value, verhoeff, weigh};
use super::super::rule::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        kind: Kind::Aadhaar,
        alone: &["#### #### ####", "####-####-####"],
        named: &["############"],
        check: aadhaar,
    },
    Rule { kind: Kind::Pan, alone: &["UUUUU####U"], named: &["AAAAA####A"], check: pan },
    Rule { kind: Kind::Rrn, alone: &["######-#######"], named: &[], check: rrn },
    Rule { kind: Kind::Rrn, alone: &[], named: &["#############"], check: old_rrn },
    Rule {
        kind: Kind::MyNumber,
        alone: &[],
        named: &["############", "#### #### ####", "####-####-####"],
        check: my_number,
    },
    Rule {
        kind: Kind::ResidentId,
        alone: &["#################X", "###### ######## ###X"],
        named: &[],
        check: resident_id,
    },
    Rule { kind: Kind::TaiwaneseId, alone: &[], named: &["A#########"], check: taiwanese },
    Rule {
        kind: Kind::ThaiId,
        alone: &["#-####-#####-##-#"],
        named: &["#############", "# #### ##### ## #"],
        check: thai,
    },
    Rule { kind: Kind::Nric, alone: &["A#######A"], named: &[], check: nric },
];

/// UIDAI: Verhoeff; none begins with 0 or 1.
fn aadhaar(number: &[u8]) -> bool {
    matches!(number.first(), Some(b'2'..=b'9')) && is_varied(number) && verhoeff(number)
}

/// Income Tax Department: the fourth letter tells who holds it; how the last one checks is not published.
fn pan(number: &[u8]) -> bool {
    number.get(3).is_some_and(|holder| b"ABCFGHLJPT".contains(holder)) && part(number, 5..9) != 0
}

/// Resident Registration Act: a date, and a digit for century and sex. Since October 2020 the rest is drawn by lot.
fn rrn(number: &[u8]) -> bool {
    matches!(number.get(6), Some(b'1'..=b'8')) && is_day(part(number, 4..6), part(number, 2..4))
}

/// What was given out before: a check digit modulo 11.
fn old_rrn(number: &[u8]) -> bool {
    let sum = weigh(number, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
    rrn(number) && 11_u32.saturating_sub(sum % 11) % 10 == part(number, 12..13)
}

/// Ministry of Internal Affairs, ordinance 85 of 2014: modulo 11, where a remainder of 0 or 1 is 0.
fn my_number(number: &[u8]) -> bool {
    let expected = match weigh(number, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11 {
        0 | 1 => 0,
        rest => 11_u32.saturating_sub(rest),
    };
    is_varied(number) && expected == part(number, 11..12)
}

/// GB 11643-1999: a place, a date, and ISO 7064 MOD 11-2.
fn resident_id(number: &[u8]) -> bool {
    let sum = weigh(number, &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
    let expected = b"10X98765432".get(usize::try_from(sum % 11).unwrap_or(0));
    let is_born = (18..=20).contains(&part(number, 6..8)) && is_day(part(number, 12..14), part(number, 10..12));
    is_born && number.first() != Some(&b'0') && number.get(17) == expected
}

/// Ministry of the Interior: a letter of the place, which is two digits, a sex, and a check digit modulo 10.
fn taiwanese(number: &[u8]) -> bool {
    const PLACES: &[u8] = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";
    let [place, digits @ ..] = number else { return false };
    let Some(place) = PLACES.iter().position(|letter| letter == place) else { return false };
    let place = u32::try_from(place).unwrap_or(0).saturating_add(10);
    let head = (place / 10).saturating_add((place % 10).wrapping_mul(9));
    let sum = head.saturating_add(weigh(digits, &[8, 7, 6, 5, 4, 3, 2, 1, 1]));
    matches!(digits.first(), Some(b'1' | b'2' | b'8' | b'9')) && sum.is_multiple_of(10)
}

/// Department of Provincial Administration: modulo 11.
fn thai(number: &[u8]) -> bool {
    let sum = weigh(number, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    let expected = 11_u32.saturating_sub(sum % 11) % 10;
    matches!(number.first(), Some(b'1'..=b'8')) && expected == part(number, 12..13)
}

/// Immigration and Checkpoints Authority: modulo 11, with a series of letters for citizens (`S`, `T`), foreigners
/// (`F`, `G`) and foreigners since 2022 (`M`).
fn nric(number: &[u8]) -> bool {
    let [series, digits @ .., check] = number else { return false };
    let (offset, letters): (u32, &[u8]) = match series {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"XWUTRQPNJLK"),
        _ => return false,
    };
    let sum = weigh(digits, &[2, 7, 6, 5, 4, 3, 2]).saturating_add(offset);
    digits.iter().all(|digit| value(*digit) < 10) && letters.get(usize::try_from(sum % 11).unwrap_or(0)) == Some(check)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_are_sound() {
        assert!(aadhaar(b"234123412346") && resident_id(b"11010519491231002X") && taiwanese(b"A123456789"));
        assert!(thai(b"1101700230708") && nric(b"S1234567D") && my_number(b"123456789018"));
    }
}
