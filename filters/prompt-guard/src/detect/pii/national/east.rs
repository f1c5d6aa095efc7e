//! Poland, Romania, Czechia and Slovakia, Croatia, Estonia and Lithuania, Russia, Türkiye, Israel.

use super::super::Kind;
use super::super::check::{is_day, is_varied, luhn, mod11_10, part, weigh};
use super::super::rule::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule { kind: Kind::Pesel, alone: &[], named: &["###########"], check: pesel },
    Rule { kind: Kind::Cnp, alone: &[], named: &["#############"], check: cnp },
    Rule { kind: Kind::RodneCislo, alone: &["######/####"], named: &["##########", "###### ####"], check: rodne_cislo },
    Rule { kind: Kind::Oib, alone: &[], named: &["###########"], check: oib },
    Rule { kind: Kind::Isikukood, alone: &[], named: &["###########"], check: isikukood },
    Rule { kind: Kind::Snils, alone: &["###-###-### ##"], named: &["###########", "### ### ### ##"], check: snils },
    Rule { kind: Kind::Tckn, alone: &[], named: &["###########", "### ### ### ##"], check: tckn },
    Rule { kind: Kind::IsraeliId, alone: &[], named: &["#########", "########-#"], check: israeli },
];

/// Ustawa o ewidencji ludności: a date, the century being in the month, and a check digit modulo 10.
fn pesel(number: &[u8]) -> bool {
    let sum = weigh(number, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]);
    is_day(part(number, 4..6), part(number, 2..4) % 20) && sum.is_multiple_of(10)
}

/// Ordonanța de urgență 97/2005: a sex, a date, and a check digit modulo 11, where 10 is 1.
fn cnp(number: &[u8]) -> bool {
    let expected = match weigh(number, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11 {
        10 => 1,
        rest => rest,
    };
    number.first() != Some(&b'0') && is_day(part(number, 5..7), part(number, 3..5)) && expected == part(number, 12..13)
}

/// Zákon 133/2000 Sb.: a date, to whose month 50 is added for women and 20 when a day runs out; the whole is a multiple
/// of 11.
fn rodne_cislo(number: &[u8]) -> bool {
    let month = part(number, 2..4) % 50;
    let month = if month > 20 { month.saturating_sub(20) } else { month };
    let (body, check) = (part(number, 0..9), part(number, 9..10));
    is_day(part(number, 4..6), month) && body % 11 % 10 == check
}

/// Zakon o osobnom identifikacijskom broju: ISO 7064 MOD 11,10.
fn oib(number: &[u8]) -> bool {
    is_varied(number) && mod11_10(number)
}

/// EVS 585:2007: a century and sex, a date, and a check digit modulo 11, weighed anew where it would be 10.
fn isikukood(number: &[u8]) -> bool {
    let first = weigh(number, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    let second = weigh(number, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
    let expected = if first == 10 { second % 10 } else { first };
    let is_century = matches!(number.first(), Some(b'1'..=b'8'));
    is_century && is_day(part(number, 5..7), part(number, 3..5)) && expected == part(number, 10..11)
}

/// Pension Fund of Russia: modulo 101.
fn snils(number: &[u8]) -> bool {
    let sum = weigh(number, &[9, 8, 7, 6, 5, 4, 3, 2, 1]);
    is_varied(number) && sum % 101 % 100 == part(number, 9..11)
}

/// Nüfus ve Vatandaşlık İşleri: the tenth digit from the first nine, the eleventh from the first ten.
fn tckn(number: &[u8]) -> bool {
    let tenth = weigh(number, &[7, 9, 7, 9, 7, 9, 7, 9, 7]) % 10;
    let eleventh = weigh(number, &[1; 10]) % 10;
    number.first() != Some(&b'0') && tenth == part(number, 9..10) && eleventh == part(number, 10..11)
}

/// Population and Immigration Authority: Luhn over nine digits.
fn israeli(number: &[u8]) -> bool {
    is_varied(number) && luhn(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_are_sound() {
        assert!(pesel(b"44051401359") && cnp(b"1800101221144") && rodne_cislo(b"7103192745") && oib(b"33392005961"));
        assert!(isikukood(b"38001085718") && snils(b"11223344595") && tckn(b"10000000146"));
    }
}
