//! Bank accounts: ISO 13616-1, lengths as the SWIFT registry (release 100) gives them.

use super::boundary;
use super::check::iban;
use super::rule::{blank, hyphen};

/// Countries and the length of their accounts.
const LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];

/// More than any account has.
const LONGEST: usize = 34;

/// The end of the account that begins at `start`: letters in either case, with or without blanks or hyphens between
/// groups of four.
pub(super) fn find(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let head = bytes.get(start..start.saturating_add(4))?;
    let (country, check) = head.split_at_checked(2)?;
    // most numbers end here
    let is_head = country.iter().all(u8::is_ascii_alphabetic) && check.iter().all(u8::is_ascii_digit);
    if !is_head || !boundary::begins(text, start) {
        return None;
    }
    let length = length(country)?;
    let mut number = [0; LONGEST];
    let mut end = start;
    for (count, place) in number.get_mut(..length)?.iter_mut().enumerate() {
        let mut rest = bytes.get(end..)?;
        if count % 4 == 0 && count > 0 {
            let gap = blank(rest).or_else(|| hyphen(rest)).unwrap_or(0);
            end = end.saturating_add(gap);
            rest = rest.get(gap..)?;
        }
        *place = rest.first().filter(|byte| byte.is_ascii_alphanumeric())?.to_ascii_uppercase();
        end = end.saturating_add(1);
    }
    (iban(number.get(..length)?) && boundary::ends(text, end)).then_some(end)
}

fn length(country: &[u8]) -> Option<usize> {
    let country = country.to_ascii_uppercase();
    let at = LENGTHS.binary_search_by(|(known, _)| known.as_slice().cmp(country.as_slice())).ok()?;
    LENGTHS.get(at).map(|(_, length)| *length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_registry_are_found_in_all_spellings() {
        for account in [
            "GB33 BUKB 2020 1555 5555 55",
            "de89370400440532013000",
            "NO93-8601-1117-947",
            "MT84MALT011000012345MTLCAST001S",
        ] {
            let text = format!("to {account}.");
            assert_eq!(find(&text, 3), Some(text.len() - 1), "{account}");
        }
    }

    #[test]
    fn an_account_of_another_length_or_sum_is_none() {
        for account in
            ["GB33BUKB202015555555", "GB33BUKB20201555555556", "GB34BUKB20201555555555", "XX33BUKB20201555555555"]
        {
            assert_eq!(find(account, 0), None, "{account}");
        }
    }

    #[test]
    fn countries_stand_in_order() {
        assert!(LENGTHS.is_sorted_by_key(|(country, _)| *country));
    }
}
