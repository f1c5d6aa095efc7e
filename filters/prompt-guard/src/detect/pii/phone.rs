//! Telephone numbers.
//!
//! Without a word for it a number counts when it is
//! 1. international: `+` or `00`, a country code of ITU-T E.164, 8 to 15 digits;
//! 2. of North America: 3-3-4 with hyphens, full stops or the area in brackets, neither area nor exchange beginning
//!    with 0 or 1;
//! 3. an area in brackets that begins with 0, or has two or three digits, and 5 to 9 digits in groups;
//! 4. of a country with a leading zero, in groups: 9 to 12 digits.
//!
//! Behind a word for a telephone ("phone", "Fax", "手机") any 7 to 15 digits count; behind one that only says that
//! somebody is to be reached ("call me at"), or before one that says where ("mobile", "office"), those that stand in
//! groups. An extension belongs to the number: `x123`, `ext. 123`.

use std::ops::Range;

use super::Kind;
use super::boundary;
use super::context::{Near, Topic};
use super::rule::{blank, hyphen};

/// What is read of one number.
struct Shape {
    /// Digits of each group.
    groups: [usize; Shape::GROUPS],
    count: usize,
    digits: usize,
    /// What parts the groups, the same everywhere or `?`.
    gap: Option<u8>,
    /// Some gap is more than a blank.
    is_bound: bool,
    is_international: bool,
    has_brackets: bool,
    /// Where the last group begins if more numbers follow behind a blank.
    cut: Option<usize>,
    /// Where the last group begins.
    last: usize,
    end: usize,
}

/// What became of an attempt.
pub(super) enum Outcome {
    Found(Range<usize>),
    /// No number begins here.
    Nothing,
    /// No number begins before this place either.
    NothingUntil(usize),
}

impl Shape {
    const GROUPS: usize = 7;

    fn new(end: usize, is_international: bool, has_brackets: bool) -> Self {
        let groups = [0; Self::GROUPS];
        Self {
            groups,
            count: 0,
            digits: 0,
            gap: None,
            is_bound: false,
            is_international,
            has_brackets,
            cut: None,
            last: end,
            end,
        }
    }

    fn groups(&self) -> &[usize] {
        self.groups.get(..self.count).unwrap_or_default()
    }

    /// Takes the digits at the end; says whether there was room.
    fn group(&mut self, bytes: &[u8]) -> bool {
        let behind = bytes.get(self.end..).unwrap_or_default();
        let length = behind.iter().take(16).take_while(|byte| byte.is_ascii_digit()).count();
        let Some(place) = self.groups.get_mut(self.count).filter(|_| length < 16) else { return false };
        *place = length;
        self.count = self.count.saturating_add(1);
        self.digits = self.digits.saturating_add(length);
        self.last = self.end;
        self.end = self.end.saturating_add(length);
        true
    }

    /// What stands between this group and the next, if there is a next: its first sign and its length.
    fn gap(&self, bytes: &[u8]) -> Option<(u8, usize)> {
        let behind = bytes.get(self.end..)?;
        let (sign, length) = match behind {
            [b')', b' ' | b'-', ..] => (b')', 2),
            [b')', ..] => (b')', 1),
            [b' ', b'(', b'0', b')', b' ', ..] => (b'0', 5),
            [b' ', b'(', b'0', b')', ..] => (b'0', 4),
            [b' ' | b'-', b'(', ..] => (b'(', 2),
            [b'(', b'0', b')', ..] => (b'0', 3),
            [b'(', ..] => (b'(', 1),
            [b'.', ..] => (b'.', 1),
            [b'/', ..] => (b'/', 1),
            behind => match (blank(behind), hyphen(behind)) {
                (Some(length), _) => (b' ', length),
                (_, Some(length)) => (b'-', length),
                _ => return None,
            },
        };
        behind.get(length).filter(|byte| byte.is_ascii_digit()).map(|_| (sign, length))
    }

    fn pass(&mut self, sign: u8, length: usize) {
        self.end = self.end.saturating_add(length);
        self.is_bound |= sign != b' ';
        self.has_brackets |= matches!(sign, b')' | b'(');
        self.gap = Some(match self.gap {
            None | Some(b')') => sign,
            Some(gap) if gap == sign => gap,
            Some(_) => b'?',
        });
    }
}

/// Reads the number whose first digit stands at `first`.
pub(super) fn find(text: &str, first: usize, near: &mut Near<'_>) -> Outcome {
    let bytes = text.as_bytes();
    let (start, is_international, has_brackets) = lead(bytes, first);
    if !boundary::begins(text, start) || is_path(bytes, start) {
        return Outcome::Nothing;
    }
    let shape = match shape(bytes, first, is_international, has_brackets) {
        Ok(shape) => shape,
        Err(last) => return Outcome::NothingUntil(last),
    };
    if shape.digits < 7 || !boundary_behind(text, shape.end) {
        return Outcome::Nothing;
    }
    let number: &[u8] = bytes.get(first..shape.end).unwrap_or_default();
    let is_phone = !is_something_else(&shape, number)
        && (speaks_for_itself(&shape, number) || is_named(&shape, text, start, near));
    match shape.cut {
        _ if is_phone => Outcome::Found(start..extension(bytes, shape.end)),
        // a row of numbers
        Some(last) if !shape.is_bound => Outcome::NothingUntil(last),
        _ => Outcome::Nothing,
    }
}

/// Where the number begins that has its first digit there: before a plus and a bracket.
fn lead(bytes: &[u8], first: usize) -> (usize, bool, bool) {
    let before = bytes.get(first.saturating_sub(2)..first).unwrap_or_default();
    match before {
        [b'+', b'('] => (first.saturating_sub(2), true, true),
        [b'(', b'+'] if is_closed(bytes, first) => (first.saturating_sub(2), true, true),
        [.., b'+'] => (first.saturating_sub(1), true, false),
        [.., b'('] if is_closed(bytes, first) => (first.saturating_sub(1), false, true),
        _ => (first, false, false),
    }
}

/// Whether a bracket stands behind the digits.
fn is_closed(bytes: &[u8], first: usize) -> bool {
    let behind = bytes.get(first..).unwrap_or_default();
    behind.iter().take(7).find(|byte| !byte.is_ascii_digit()) == Some(&b')')
}

/// Whether it is a piece of a path or an identifier.
fn is_path(bytes: &[u8], start: usize) -> bool {
    let before = bytes.get(start.saturating_sub(2)..start).unwrap_or_default();
    match before {
        [.., b'#' | b'$' | b'=' | b'%' | b'&' | b'@' | b'^' | b'~' | b'*'] => !matches!(before, [.., b'=']),
        [one, b'-' | b'/' | b'+' | b'.'] => one.is_ascii_alphanumeric(),
        _ => false,
    }
}

/// The groups from `first`; if there are too many, where the last begins that was read.
fn shape(bytes: &[u8], first: usize, is_international: bool, has_brackets: bool) -> Result<Shape, usize> {
    let mut shape = Shape::new(first, is_international, has_brackets);
    if !shape.group(bytes) {
        return Err(first);
    }
    let is_long = is_international || bytes.get(first..).is_some_and(|digits| digits.starts_with(b"00"));
    let most = if is_long { 15 } else { 12 };
    while let Some((sign, length)) = shape.gap(bytes) {
        let next = bytes.get(shape.end.saturating_add(length)..).unwrap_or_default();
        let digits = next.iter().take(16).take_while(|byte| byte.is_ascii_digit()).count();
        // what follows a whole number behind a blank is another
        let is_full = shape.digits >= 7 && shape.digits.saturating_add(digits) > most;
        if sign == b' ' && (is_full || (shape.is_bound && !shape.has_brackets && shape.digits >= 10)) {
            shape.cut = Some(shape.last);
            break;
        }
        shape.pass(sign, length);
        if !shape.group(bytes) {
            return Err(shape.last);
        }
    }
    if shape.digits <= 15 { Ok(shape) } else { Err(shape.last) }
}

/// A letter may follow that introduces an extension.
fn boundary_behind(text: &str, end: usize) -> bool {
    boundary::ends(text, end) || extension(text.as_bytes(), end) > end
}

/// The end of an extension that may stand at `end`.
fn extension(bytes: &[u8], end: usize) -> usize {
    let rest = bytes.get(end..).unwrap_or_default();
    // most numbers end here
    if !matches!(rest, [b'x' | b'X' | b'e' | b'E' | b',', ..] | [b' ', b'x' | b'X' | b'e' | b'E', ..]) {
        return end;
    }
    let introductions: [&[u8]; 9] =
        [b"x", b" x", b" ext. ", b" ext.", b" ext ", b" ext", b", ext. ", b"ext", b" extension "];
    for introduction in introductions {
        let Some(digits) = rest.get(introduction.len()..) else { continue };
        if !rest.get(..introduction.len()).is_some_and(|head| head.eq_ignore_ascii_case(introduction)) {
            continue;
        }
        let count = digits.iter().take(8).take_while(|byte| byte.is_ascii_digit()).count();
        let is_whole = !digits.get(count).is_some_and(u8::is_ascii_alphanumeric);
        if (1..=6).contains(&count) && is_whole {
            return end.saturating_add(introduction.len()).saturating_add(count);
        }
    }
    end
}

/// A date, a decimal, years, a version: whatever stands before it.
fn is_something_else(shape: &Shape, number: &[u8]) -> bool {
    let dotted = shape.gap == Some(b'.');
    let is_century = |digits: Option<&[u8]>| {
        digits.is_some_and(|digits| matches!(digits, [b'1', b'8' | b'9', ..] | [b'2', b'0', ..]))
    };
    match shape.groups() {
        [4, 2, 2, ..] => is_century(number.get(..2)),
        [2 | 1, 2 | 1, 4] if shape.is_bound => is_century(number.get(number.len().saturating_sub(4)..)),
        [4, 4] => is_century(number.get(..2)) && is_century(number.get(5..)),
        [3, 2, 4] => true,
        [_, _] if dotted => true,
        [a, b, c, d] if dotted => [a, b, c, d].into_iter().all(|digits| *digits <= 3),
        [1, ..] => !matches!(number.first(), Some(b'1' | b'7' | b'8')) && !shape.is_international,
        _ => false,
    }
}

/// The four rules that need no word.
fn speaks_for_itself(shape: &Shape, number: &[u8]) -> bool {
    let groups = shape.groups();
    if shape.is_international {
        return is_international(shape, number);
    }
    match number {
        [b'0', b'0', b'1'..=b'9', ..] => {
            let behind = number.get(2..).unwrap_or_default();
            return groups.len() > 2 && shape.digits >= 11 && country(behind).is_some();
        }
        // "(0)20 7946 0958" and "0123 456789"
        [b'0', b'1'..=b'9', ..] if groups.len() > 1 => return is_national(shape) || is_bracketed(shape),
        _ => {}
    }
    is_north_american(shape, number) || is_bracketed(shape)
}

/// A country code, and as many digits as there may be.
fn is_international(shape: &Shape, number: &[u8]) -> bool {
    let is_bare = shape.groups().len() == 1;
    match country(number) {
        Some(1) if is_bare => shape.digits == 11 && number.get(1).is_some_and(|area| *area >= b'2'),
        Some(_) => (8..=15).contains(&shape.digits),
        None => false,
    }
}

/// How many digits the country code has that a number begins with: ITU-T E.164 list of assigned codes.
fn country(number: &[u8]) -> Option<usize> {
    let [first, second, third, ..] = number else { return None };
    let is_two = match first {
        b'1' | b'7' => return Some(1),
        b'2' => matches!(second, b'0' | b'7'),
        b'3' => matches!(second, b'0'..=b'4' | b'6' | b'9'),
        b'4' => !matches!(second, b'2'),
        b'5' => matches!(second, b'1'..=b'8'),
        b'6' => matches!(second, b'0'..=b'6'),
        b'8' => matches!(second, b'1' | b'2' | b'4' | b'6'),
        b'9' => matches!(second, b'0'..=b'5' | b'8'),
        _ => return None,
    };
    if is_two {
        return Some(2);
    }
    let is_free = matches!(
        (first, second, third),
        (b'2', b'1', b'0' | b'4' | b'5' | b'7' | b'9')
            | (b'2', b'8', _)
            | (b'8', b'3' | b'9', _)
            | (b'9', b'9', b'0' | b'1' | b'7' | b'9')
    );
    (!is_free).then_some(3)
}

/// The North American Numbering Plan.
fn is_north_american(shape: &Shape, number: &[u8]) -> bool {
    let number = match shape.groups() {
        [3, 3, 4] => number,
        [1, 3, 3, 4] => number.get(2..).unwrap_or_default(),
        [3, 7] if shape.has_brackets => number,
        _ => return false,
    };
    let is_parted = shape.has_brackets || matches!(shape.gap, Some(b'-' | b'.'));
    let mut digits = number.iter().filter(|byte| byte.is_ascii_digit());
    let is_area = digits.next().is_some_and(|digit| *digit >= b'2');
    let is_exchange = digits.nth(2).is_some_and(|digit| *digit >= b'2');
    is_parted && is_area && is_exchange
}

/// An area in brackets.
fn is_bracketed(shape: &Shape) -> bool {
    let [area @ 2..=3, rest @ ..] = shape.groups() else { return false };
    let behind = shape.digits.saturating_sub(*area);
    shape.has_brackets && rest.len() == 2 && (6..=9).contains(&behind) && rest.iter().all(|group| *group > 2)
}

/// A leading zero and groups of two and more; five pairs are French.
fn is_national(shape: &Shape) -> bool {
    let groups = shape.groups();
    let is_pairs = groups == [2, 2, 2, 2, 2];
    let is_grouped = (2..=4).contains(&groups.len()) && groups.iter().all(|group| *group > 2);
    let is_even = shape.gap.is_some_and(|gap| gap != b'?' && gap != b'.') || shape.has_brackets || is_pairs;
    is_even && (is_pairs || (is_grouped && (9..=12).contains(&shape.digits)))
}

/// Whether words around it say that it is one.
fn is_named(shape: &Shape, text: &str, start: usize, near: &mut Near<'_>) -> bool {
    let is_grouped = (2..=6).contains(&shape.groups().len());
    let is_long = shape.groups().iter().any(|group| *group > 2) || shape.groups().len() == 4;
    near.names(Topic::Of(Kind::Phone), start)
        || (is_grouped && is_long && (near.names(Topic::Reach, start) || is_labelled(text, shape.end)))
        || (shape.digits == 10 && !is_grouped && is_labelled(text, shape.end))
}

/// Whether a word follows that says where the telephone is: `9472 7916 office`, `084 282 1-Fax`.
fn is_labelled(text: &str, end: usize) -> bool {
    const LABELS: [&str; 11] =
        ["office", "mobile", "fax", "cell", "home", "work", "phone", "tel", "desk", "direct", "mobil"];
    let behind = text.as_bytes().get(end..).unwrap_or_default();
    let ([b' ', b'(', behind @ ..] | [b' ' | b'-' | b'(' | b'/', behind @ ..]) = behind else { return false };
    let length = behind.iter().take(8).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let word = behind.get(..length).unwrap_or_default();
    LABELS.iter().any(|label| word.eq_ignore_ascii_case(label.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::context::Words;
    use super::*;

    fn found(text: &str) -> Option<String> {
        let mut near = Near::new(Words::all(), text);
        let first = text.find(|c: char| c.is_ascii_digit()).unwrap();
        match find(text, first, &mut near) {
            Outcome::Found(span) => text.get(span).map(str::to_owned),
            _ => None,
        }
    }

    #[test]
    fn numbers_that_speak_for_themselves() {
        for text in [
            "+41 (0)96 471 07 95",
            "+447700 208 815",
            "+14155552671",
            "001-518-640-0854",
            "(579)888-3058",
            "541-714-1388",
            "751.954.9268x123",
            "1-800-555-0199 ext. 12",
            "(08) 8747 6301",
            "01.84.17.61.18",
            "020 7946 0958",
            "0431/350690",
        ] {
            assert_eq!(found(text).as_deref(), Some(text));
        }
    }

    #[test]
    fn numbers_behind_a_word() {
        for (text, number) in [
            ("Phone: 4513321", "4513321"),
            ("call me on 9472 7916, please", "9472 7916"),
            ("手机13812345678。", "13812345678"),
            ("78 651 450 office", "78 651 450"),
        ] {
            assert_eq!(found(text).as_deref(), Some(number), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_none() {
        for text in [
            "13812345678",
            "9472 7916",
            "1985-11-18 22:50:23",
            "call on 12.11.2024 or later",
            "call 192.168.1.10",
            "1.2.3.4.5.6.7.8",
            "01 02 03 04 05 06 07 08",
            "3.14159265358979",
            "call me in 2024-2025",
            "+99912345678",
            "#5415551388",
            "a-541-714-1388",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
