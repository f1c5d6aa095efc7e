//! The Nordic countries.

use super::super::Kind;
use super::super::check::{is_day, luhn, part, weigh};
use super::super::rule::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        kind: Kind::Personnummer,
        alone: &["######-####", "######+####", "########-####"],
        named: &["##########", "############"],
        check: personnummer,
    },
    Rule { kind: Kind::Fodselsnummer, alone: &["###########", "###### #####"], named: &[], check: fodselsnummer },
    Rule { kind: Kind::Cpr, alone: &[], named: &["######-####", "###### ####", "##########"], check: cpr },
    Rule { kind: Kind::Hetu, alone: &["######-###X", "######+###X", "######A###X"], named: &[], check: hetu },
];

/// Skatteverket, SKV 704: a date, from whose day 60 is taken for a coordination number, and Luhn without the century.
fn personnummer(number: &[u8]) -> bool {
    let short = number.get(number.len().saturating_sub(10)..).unwrap_or_default();
    let day = match part(short, 4..6) {
        day @ 61.. => day.saturating_sub(60),
        day => day,
    };
    let is_century = short.len() == number.len() || (18..=20).contains(&part(number, 0..2));
    is_century && is_day(day, part(short, 2..4)) && luhn(short)
}

/// Skatteetaten: a date, to whose day 40 is added for a D number and to whose month 40 for a hospital's; two check
/// digits modulo 11.
fn fodselsnummer(number: &[u8]) -> bool {
    let less = |value: u32| if value > 40 { value.saturating_sub(40) } else { value };
    let first = weigh(number, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]);
    let second = weigh(number, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]);
    is_day(less(part(number, 0..2)), less(part(number, 2..4))) && first.is_multiple_of(11) && second.is_multiple_of(11)
}

/// CPR-kontoret: a date. The check digit ended in 2007.
fn cpr(number: &[u8]) -> bool {
    is_day(part(number, 0..2), part(number, 2..4))
}

/// Digital and Population Data Services Agency: a date, a sign of the century (more of them since 2023), and a check
/// character modulo 31.
fn hetu(number: &[u8]) -> bool {
    const CHECKS: &[u8] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let (date, rest) = number.split_at_checked(6).unwrap_or_default();
    // `-` and `+` are not part of the number, a letter is
    let ([b'A'..=b'F' | b'U'..=b'Y', serial @ .., check] | [serial @ .., check]) = rest else { return false };
    let whole = part(date, 0..6).wrapping_mul(1000).wrapping_add(part(serial, 0..3));
    let expected = CHECKS.get(usize::try_from(whole % 31).unwrap_or(0));
    serial.len() == 3 && expected == Some(check) && is_day(part(date, 0..2), part(date, 2..4))
}
