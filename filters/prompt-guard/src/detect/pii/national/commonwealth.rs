//! The United Kingdom, Ireland, Canada, Australia, South Africa.

use super::super::Kind;
use super::super::check::{is_day, is_varied, luhn, part, value, weigh};
use super::super::rule::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        kind: Kind::Nino,
        alone: &["UU######U", "UU ## ## ## U"],
        named: &["AA######A", "AA ## ## ## A"],
        check: nino,
    },
    Rule { kind: Kind::Nhs, alone: &[], named: &["### ### ####", "###-###-####", "##########"], check: nhs },
    Rule { kind: Kind::Sin, alone: &[], named: &["### ### ###", "###-###-###", "#########"], check: sin },
    Rule { kind: Kind::Tfn, alone: &[], named: &["### ### ###", "###-###-###", "#########"], check: tfn },
    Rule {
        kind: Kind::Medicare,
        alone: &["#### ##### #", "####-#####-#"],
        named: &["##########", "##### ##### #"],
        check: medicare,
    },
    Rule { kind: Kind::Ppsn, alone: &[], named: &["#######A", "#######AA", "####### A"], check: ppsn },
    Rule { kind: Kind::SouthAfricanId, alone: &[], named: &["#############", "###### #### ###"], check: south_african },
];

/// HMRC, National Insurance Manual NIM39110: no check digit, but letters that are not given out.
fn nino(number: &[u8]) -> bool {
    let [first, second, .., last] = number else { return false };
    let is_reserved = [b"BG", b"GB", b"NK", b"KN", b"TN", b"NT", b"ZZ"].contains(&&[*first, *second]);
    !b"DFIQUV".contains(first) && !b"DFIOQUV".contains(second) && !is_reserved && (b'A'..=b'D').contains(last)
}

/// NHS Data Dictionary, "NHS number": modulo 11; 10 is never given out.
fn nhs(number: &[u8]) -> bool {
    is_varied(number) && weigh(number, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

/// Canada Revenue Agency: Luhn; none begins with 0, and those with 8 belong to businesses.
fn sin(number: &[u8]) -> bool {
    !matches!(number.first(), Some(b'0' | b'8')) && is_varied(number) && luhn(number)
}

/// Australian Taxation Office: weighed, modulo 11.
fn tfn(number: &[u8]) -> bool {
    is_varied(number) && weigh(number, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11)
}

/// Services Australia: the ninth digit checks the first eight, the tenth counts cards.
fn medicare(number: &[u8]) -> bool {
    let sum = weigh(number, &[1, 3, 7, 9, 1, 3, 7, 9]);
    matches!(number.first(), Some(b'2'..=b'6')) && sum % 10 == part(number, 8..9) && part(number, 9..10) != 0
}

/// Department of Social Protection: modulo 23, with a second letter since 2013, which weighs 9; `W` was once a wife's.
fn ppsn(number: &[u8]) -> bool {
    let letter = |byte: u8| match byte {
        b'W' => 0,
        byte => u32::from(byte.saturating_sub(b'@')),
    };
    let second = number.get(8).map_or(0, |byte| letter(*byte).wrapping_mul(9));
    let sum = weigh(number, &[8, 7, 6, 5, 4, 3, 2]).saturating_add(second);
    number.get(7).is_some_and(|check| letter(*check) == sum % 23)
}

/// Department of Home Affairs: a date, a citizenship, Luhn.
fn south_african(number: &[u8]) -> bool {
    let is_status = number.get(10).is_some_and(|digit| value(*digit) <= 2);
    is_status && is_day(part(number, 4..6), part(number, 2..4)) && luhn(number)
}
