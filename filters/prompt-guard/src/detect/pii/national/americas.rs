//! The Americas but for Canada.

use super::super::Kind;
use super::super::check::{is_day, is_varied, part, value, weigh};
use super::super::rule::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule { kind: Kind::Ssn, alone: &["###-##-####"], named: &["### ## ####", "#########"], check: ssn },
    Rule { kind: Kind::Itin, alone: &["###-##-####"], named: &["### ## ####", "#########"], check: itin },
    Rule {
        kind: Kind::Cpf,
        alone: &["###.###.###-##", "#########-##"],
        named: &["###########", "### ### ### ##"],
        check: cpf,
    },
    Rule {
        kind: Kind::Cnpj,
        alone: &["XX.XXX.XXX/XXXX-##", "XXXXXXXX/XXXX-##"],
        named: &["##############"],
        check: cnpj,
    },
    Rule {
        kind: Kind::Rut,
        alone: &["##.###.###-X", "#.###.###-X"],
        named: &["########-X", "#######-X", "########X", "#######X"],
        check: rut,
    },
    Rule { kind: Kind::Cuit, alone: &["##-########-#"], named: &["###########", "## ######## #"], check: cuit },
    Rule { kind: Kind::Curp, alone: &["AAAA######AAAAAAX#"], named: &[], check: curp },
];

/// Social Security Administration, POMS RM 10201.035: no area 000, 666 or from 900, no group 00, no serial 0000. Two
/// numbers were printed in advertisements and are nobody's.
fn ssn(number: &[u8]) -> bool {
    let (area, group, serial) = (part(number, 0..3), part(number, 3..5), part(number, 5..9));
    let is_sample = matches!(number, b"078051120" | b"219099999");
    (1..900).contains(&area) && area != 666 && group != 0 && serial != 0 && !is_sample && is_varied(number)
}

/// Internal Revenue Manual 3.21.263: an area from 900, and the groups that are given out.
fn itin(number: &[u8]) -> bool {
    part(number, 0..3) >= 900 && matches!(part(number, 3..5), 50..=65 | 70..=88 | 90..=92 | 94..=99)
}

/// Receita Federal, Instrução Normativa 1548/2015: two check digits modulo 11.
fn cpf(number: &[u8]) -> bool {
    const WEIGHTS: [u32; 10] = [11, 10, 9, 8, 7, 6, 5, 4, 3, 2];
    let check = |weights: &[u32]| digit_of_11(weigh(number, weights));
    is_varied(number)
        && check(WEIGHTS.get(1..).unwrap_or_default()) == part(number, 9..10)
        && check(&WEIGHTS) == part(number, 10..11)
}

/// Receita Federal, Instrução Normativa 2229/2024: two check digits modulo 11, and letters since July 2026, whose value
/// is their place in ASCII less that of zero.
fn cnpj(number: &[u8]) -> bool {
    const WEIGHTS: [u32; 13] = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
    let value = |byte: u8| u32::from(byte.saturating_sub(b'0'));
    let check = |weights: &[u32]| {
        let weighed = number.iter().zip(weights).map(|(byte, weight)| value(*byte).wrapping_mul(*weight));
        digit_of_11(weighed.sum())
    };
    is_varied(number)
        && check(WEIGHTS.get(1..).unwrap_or_default()) == part(number, 12..13)
        && check(&WEIGHTS) == part(number, 13..14)
}

/// What makes the sum a multiple of 11; 10 and 11 are zero.
fn digit_of_11(sum: u32) -> u32 {
    match sum % 11 {
        0 | 1 => 0,
        rest => 11_u32.saturating_sub(rest),
    }
}

/// Servicio de Registro Civil: the weights 2 to 7 from the right, again and again; 10 is `K`, and 11 is 0.
fn rut(number: &[u8]) -> bool {
    let Some((check, body)) = number.split_last() else { return false };
    let weights = (2_u32..=7).cycle();
    let sum: u32 = body.iter().rev().zip(weights).map(|(digit, weight)| value(*digit).wrapping_mul(weight)).sum();
    let expected = b"0K987654321".get(usize::try_from(sum % 11).unwrap_or(0));
    expected == Some(check) && body.first() != Some(&b'0')
}

/// AFIP, Resolución General 10/97: modulo 11; the first two digits tell men, women and companies.
fn cuit(number: &[u8]) -> bool {
    let sum = weigh(number, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]);
    matches!(part(number, 0..2), 20 | 23..=27 | 30 | 33 | 34) && sum.is_multiple_of(11)
}

/// RENAPO, "Instructivo normativo para la asignación de la CURP": a date, a sex, a state, and a check digit modulo 10
/// over digits and the Spanish alphabet, where Ñ stands before O.
fn curp(number: &[u8]) -> bool {
    let value = |byte: u8| value(byte).saturating_add(u32::from(byte >= b'O'));
    let weighed = number.iter().zip((2..=18_u32).rev()).map(|(byte, weight)| value(*byte).wrapping_mul(weight));
    let sum: u32 = weighed.sum();
    let is_person = matches!(number.get(10), Some(b'H' | b'M' | b'X'));
    is_person
        && is_day(part(number, 8..10), part(number, 6..8))
        && sum.saturating_add(part(number, 17..18)).is_multiple_of(10)
}
