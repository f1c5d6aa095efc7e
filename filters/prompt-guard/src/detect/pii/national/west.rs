//! Germany, France, the Netherlands, Belgium, Switzerland.

use super::super::Kind;
use super::super::check::{is_varied, mod11_10, part, value, weigh};
use super::super::rule::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule { kind: Kind::SteuerId, alone: &["###########", "## ### ### ###"], named: &[], check: steuer_id },
    Rule {
        kind: Kind::Nir,
        alone: &["######X########", "# ## ## #X ### ### ##", "######X###### ##", "#.##.##.#X.###.###.##"],
        named: &[],
        check: nir,
    },
    Rule {
        kind: Kind::Bsn,
        alone: &[],
        named: &["#########", "####.##.###", "#### ## ###", "### ### ###"],
        check: bsn,
    },
    Rule {
        kind: Kind::BelgianNumber,
        alone: &["##.##.##-###.##"],
        named: &["###########", "###### ### ##"],
        check: belgian,
    },
    Rule { kind: Kind::Ahv, alone: &["###.####.####.##", "### #### #### ##", "#############"], named: &[], check: ahv },
];

/// Bundeszentralamt für Steuern, "Aufbau der Identifikationsnummer": ISO 7064 MOD 11,10; of the first ten digits
/// exactly one comes two or three times.
fn steuer_id(number: &[u8]) -> bool {
    let body = number.get(..10).unwrap_or_default();
    let mut times = [0_u8; 10];
    for digit in body {
        if let Some(times) = usize::try_from(value(*digit)).ok().and_then(|digit| times.get_mut(digit)) {
            *times = times.saturating_add(1);
        }
    }
    let mut often = times.into_iter().filter(|times| *times > 1);
    let is_once = matches!((often.next(), often.next()), (Some(2 | 3), None));
    number.first() != Some(&b'0') && is_once && mod11_10(number)
}

/// INSEE: the key is 97 less the remainder of the rest; `2A` and `2B`, Corsica, count as 19 and 18.
fn nir(number: &[u8]) -> bool {
    let digits =
        |number: &[u8]| number.iter().fold(0_u64, |sum, digit| sum.wrapping_mul(10).wrapping_add(value(*digit).into()));
    let (body, key) = number.split_at_checked(13).unwrap_or_default();
    let (head, tail) = body.split_at_checked(7).unwrap_or_default();
    let head = match head {
        [head @ .., b'A'] if head.ends_with(b"2") => digits(head).wrapping_mul(10).wrapping_sub(1),
        [head @ .., b'B'] if head.ends_with(b"2") => digits(head).wrapping_mul(10).wrapping_sub(2),
        head if head.iter().all(u8::is_ascii_digit) => digits(head),
        _ => return false,
    };
    let rest = head.wrapping_mul(1_000_000).wrapping_add(digits(tail)) % 97;
    let is_month = matches!(part(body, 3..5), 1..=12 | 20);
    matches!(number.first(), Some(b'1'..=b'4' | b'7' | b'8')) && is_month && digits(key) == 97_u64.saturating_sub(rest)
}

/// Logisch ontwerp BSN: the "elfproef", where the last digit counts against the others.
fn bsn(number: &[u8]) -> bool {
    let sum = weigh(number, &[9, 8, 7, 6, 5, 4, 3, 2, 10]);
    is_varied(number) && sum.is_multiple_of(11)
}

/// Rijksregister, Koninklijk Besluit 3.4.1984: 97 less the remainder; who was born from 2000 gets a 2 in front. Months
/// are higher by 20 or 40 in a BIS number.
fn belgian(number: &[u8]) -> bool {
    let body = u64::from(part(number, 0..9));
    let key = u64::from(part(number, 9..11));
    let is_key = |body: u64| 97_u64.saturating_sub(body % 97) == key;
    let month = part(number, 2..4) % 20;
    month <= 12 && part(number, 4..6) <= 31 && (is_key(body) || is_key(body.wrapping_add(2_000_000_000)))
}

/// Zentrale Ausgleichsstelle: 756 for Switzerland, and the check digit of EAN-13.
fn ahv(number: &[u8]) -> bool {
    let sum = weigh(number, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]);
    number.starts_with(b"756") && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_are_sound() {
        assert!(steuer_id(b"86095742719") && steuer_id(b"65929970489"));
        assert!(nir(b"255081416802538"));
        assert!(bsn(b"111222333") && belgian(b"85073003328") && ahv(b"7569217076985"));
    }

    #[test]
    fn a_month_that_no_calendar_has_makes_no_number() {
        assert!(!nir(b"255131416802538"));
    }
}
