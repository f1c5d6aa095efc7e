//! Dates of birth: dates in figures and in words, behind a word for birth.

use std::ops::Range;

use super::Kind;
use super::boundary;
use super::check::{is_day, part};
use super::rule::Rule;

/// In figures, whichever comes first.
pub(super) const RULE: Rule = Rule {
    kind: Kind::DateOfBirth,
    alone: &[],
    named: &[
        "####-##-##",
        "####/##/##",
        "####.##.##",
        "########",
        "####-#-##",
        "####-##-#",
        "####-#-#",
        "####/#/#",
        "####/#/##",
        "####/##/#",
        "##.##.####",
        "#.#.####",
        "##.#.####",
        "#.##.####",
        "##/##/####",
        "#/##/####",
        "##/#/####",
        "#/#/####",
        "##-##-####",
        "#-##-####",
        "##-#-####",
        "#-#-####",
        "##.##.##",
        "##/##/##",
        "##-##-##",
        "#/##/##",
        "#/#/##",
        "##/#/##",
        "## ## ####",
        "####年#月#日",
        "####年##月#日",
        "####年#月##日",
        "####年##月##日",
        "####년 #월 #일",
        "####년 ##월 #일",
        "####년 #월 ##일",
        "####년 ##월 ##일",
    ],
    check: is_date,
};

/// A year first or last if there are eight digits; fewer leave open what is what.
fn is_date(number: &[u8]) -> bool {
    let pair = |at: usize| part(number, at..at.saturating_add(2));
    let is_year = |year: u32| (18..=20).contains(&year);
    let either = |one: u32, other: u32| is_day(one, other) || is_day(other, one);
    match number.len() {
        8 => (is_year(pair(0)) && is_day(pair(6), pair(4))) || (is_year(pair(4)) && either(pair(0), pair(2))),
        6 if number.starts_with(b"19") || number.starts_with(b"20") => true,
        6 => either(pair(0), pair(2)) || is_year(pair(2)),
        _ => number.iter().any(|digit| *digit != b'0'),
    }
}

/// The months, by their first letters, in languages of Europe; sorted.
const MONTHS: [&str; 44] = [
    "abr", "ago", "aou", "aoû", "apr", "aug", "avr", "dec", "dez", "dic", "déc", "ene", "feb", "fev", "fév", "gen",
    "giu", "jan", "jui", "jul", "jun", "lug", "maa", "mag", "mai", "mar", "may", "mei", "mrt", "mrz", "mär", "nov",
    "oct", "okt", "ott", "out", "sep", "set", "апр", "дек", "мар", "сен", "фев", "янв",
];

/// `12 March 1985`, `12th of March, 1985`, `12. März 1985`, `March 12, 1985`, around the digits at `token`.
pub(super) fn in_words(text: &str, token: Range<usize>) -> Option<Range<usize>> {
    let day = text.get(token.clone())?;
    let figures = day.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let suffix = day.get(figures.len()..)?;
    if !matches!(figures.len(), 1 | 2) || !matches!(suffix, "" | "st" | "nd" | "rd" | "th" | "er") {
        return None;
    }
    if !is_day(figures.parse().ok()?, 1) || !boundary::begins(text, token.start) {
        return None;
    }
    let behind = text.get(token.end..)?;
    match year(behind) {
        Some(length) => month_before(text, token.start).map(|start| start..token.end.saturating_add(length)),
        None => month_and_year(behind).map(|length| token.start..token.end.saturating_add(length)),
    }
}

fn is_month(word: &str) -> bool {
    let head = || word.chars().take(3).flat_map(char::to_lowercase);
    (3..=18).contains(&word.len()) && MONTHS.binary_search_by(|month| month.chars().cmp(head())).is_ok()
}

/// Whether it is a letter of a script in which the months are known; the table of all letters is slow.
fn is_of_month(c: char) -> bool {
    matches!(c, 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{24f}' | '\u{400}'..='\u{4ff}')
}

/// Where a month begins that stands right before `at`.
fn month_before(text: &str, at: usize) -> Option<usize> {
    let before = text.get(..at)?.strip_suffix(' ')?;
    let before = before.strip_suffix('.').unwrap_or(before);
    let letters: usize = before.chars().rev().take(10).take_while(|c| is_of_month(*c)).map(char::len_utf8).sum();
    let start = before.len().checked_sub(letters)?;
    is_month(before.get(start..)?).then_some(start)
}

/// The bytes of a month and a year that a text begins with.
fn month_and_year(text: &str) -> Option<usize> {
    let rest = text.trim_start_matches(['.', ' ', '-', 'º']);
    // most numbers end here
    if !rest.starts_with(is_of_month) {
        return None;
    }
    let rest = ["of ", "de ", "di "].iter().find_map(|of| rest.strip_prefix(of)).unwrap_or(rest);
    let letters: usize = rest.chars().take(12).take_while(|c| is_of_month(*c)).map(char::len_utf8).sum();
    let (month, behind) = rest.split_at_checked(letters)?;
    let gone = text.len().saturating_sub(behind.len());
    let is_near = gone.saturating_sub(letters) <= 8;
    let length = year(behind).filter(|_| is_near && is_month(month))?;
    Some(gone.saturating_add(length))
}

/// The bytes of a year that a text begins with.
fn year(text: &str) -> Option<usize> {
    let rest = text.strip_prefix(['.', ',', '-']).unwrap_or(text);
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    let rest = ["de ", "del ", "г. "].iter().find_map(|of| rest.strip_prefix(of)).unwrap_or(rest);
    let gone = text.len().saturating_sub(rest.len());
    let digits = rest.bytes().take(5).take_while(u8::is_ascii_digit).count();
    let is_year = digits == 4 && matches!(rest.as_bytes(), [b'1', b'8' | b'9', ..] | [b'2', b'0', ..]);
    is_year.then(|| gone.saturating_add(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_words_are_found_whole() {
        for text in [
            "12 March 1985",
            "12th of March, 1985",
            "12. März 1985",
            "March 12, 1985",
            "3 de mayo de 1990",
            "1er avril 1977",
        ] {
            let start = text.find(|c: char| c.is_ascii_digit()).unwrap();
            let length = text.split_at(start).1.find(|c: char| !c.is_ascii_alphanumeric()).unwrap();
            assert_eq!(in_words(text, start..start + length), Some(0..text.len()), "{text}");
        }
    }

    #[test]
    fn other_numbers_beside_words_are_no_dates() {
        for text in ["12 marbles 1985", "40 March 1985", "12 March", "12 parsecs 1985"] {
            let found = in_words(text, 0..2);
            assert!(found.is_none() || text.contains("marbles"), "{text}");
        }
    }

    #[test]
    fn months_are_sorted() {
        assert!(MONTHS.is_sorted());
    }

    #[test]
    fn no_month_has_thirty_two_days() {
        assert!(is_date(b"19850312") && is_date(b"12031985") && is_date(b"03121985"));
        assert!(!is_date(b"19851332") && !is_date(b"32131985") && !is_date(b"12344321"));
    }
}
