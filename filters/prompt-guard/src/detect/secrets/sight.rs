//! A text on its way through the search: what was seen in it, so that no stretch is read twice.

use std::ops::Range;

use crate::detect::words::Words;

/// The longest value that is looked at.
pub(super) const LONGEST: usize = 512;

/// How often a byte may be judged as a part of values, on the way through a text.
const NESTED: usize = 2;

/// The text, and where the search is.
pub(super) struct Sight<'t> {
    pub(super) text: &'t [u8],
    /// Behind the last `curl`, while that may still be the command.
    pub(super) curl: Option<usize>,
    /// The last value that was asked for: several rules may share a keyword.
    value: (usize, Option<Value>),
    /// The last run without blanks and quotes: who asks for the end of one within it need not look.
    run: Range<usize>,
    /// How many bytes of values were judged.
    judged: usize,
}

impl<'t> Sight<'t> {
    pub(super) fn new(text: &'t [u8]) -> Sight<'t> {
        Sight { text, curl: None, value: (0, None), run: 0..0, judged: 0 }
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    /// The value that is assigned to the name in which a keyword ends at `at`: behind the rest of the name, an
    /// operator and blanks or quotes. `None` if nothing is assigned there.
    pub(super) fn value(&mut self, at: usize) -> Option<Value> {
        if self.value.0 != at {
            self.value = (at, self.read_value(at));
        }
        self.value.1
    }

    /// Whether a value may be judged. Names within a value, as in `token=password=…`, each begin one that has nearly the
    /// same bytes: once more was judged than is bearable, what is nested is not, until the search is farther on.
    pub(super) fn judges(&mut self, value: &Range<usize>) -> bool {
        let judged = self.judged.saturating_add(value.len());
        let is_bearable = judged <= value.end.saturating_mul(NESTED).saturating_add(LONGEST);
        if is_bearable {
            self.judged = judged;
        }
        is_bearable
    }

    fn read_value(&mut self, at: usize) -> Option<Value> {
        let (name, closed) = self.name_end(at)?;
        let start = self.operator(name.end.saturating_add(closed), closed > 0)?;
        if NO_SECRET.any_in(self.text.get(name)?) {
            return None;
        }
        let start = self.type_end(start).and_then(|end| self.operator(end, false)).unwrap_or(start);
        let (start, quote) = self.opened(start);
        let end = match quote {
            Some(quote) => self.closed(start, quote)?,
            None => self.run_end(start),
        };
        let length = end.saturating_sub(start);
        (1..=LONGEST).contains(&length).then_some(Value { start, end, quoted: quote.is_some() })
    }

    /// What is left of the name, and how many quotes and brackets close it.
    fn name_end(&self, at: usize) -> Option<(Range<usize>, usize)> {
        let rest = self.text.get(at..)?;
        let tail = rest.iter().take(25).take_while(|byte| is_name(**byte)).count();
        let marks = rest.iter().skip(tail).take(4).take_while(|byte| b"\"'`\\])*".contains(byte)).count();
        (tail < 25).then(|| (at..at.saturating_add(tail), marks))
    }

    /// Behind the operator and the blanks around it. Between two quotes also a comma assigns: `setenv("TOKEN", "…")`.
    fn operator(&self, at: usize, closed: bool) -> Option<usize> {
        let at = self.blanks(at, 8);
        let rest = self.text.get(at..)?;
        let operator = OPERATORS.iter().find(|operator| rest.starts_with(operator.as_bytes()));
        let length = match operator {
            Some(operator) => operator.len(),
            None if closed && rest.first() == Some(&b',') => 1,
            None => return None,
        };
        Some(self.blanks(at.saturating_add(length), 8))
    }

    /// Behind the type in `token: String = "…"`.
    fn type_end(&self, at: usize) -> Option<usize> {
        let rest = self.text.get(at..)?;
        let length =
            rest.iter().take(24).take_while(|byte| byte.is_ascii_alphabetic() || b"&<>[]?".contains(byte)).count();
        (length > 0).then(|| at.saturating_add(length))
    }

    fn blanks(&self, at: usize, most: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        at.saturating_add(rest.iter().take(most).take_while(|byte| matches!(byte, b' ' | b'\t')).count())
    }

    /// Behind the quote with which a value opens, be it escaped or marked (`b"…"`, `r'…'`), and which one it is.
    fn opened(&self, at: usize) -> (usize, Option<u8>) {
        let rest = self.text.get(at..).unwrap_or_default();
        let marks = rest.iter().take(2).take_while(|byte| b"\\bfru@".contains(byte)).count();
        match rest.get(marks) {
            Some(quote) if is_quote(*quote) => (at.saturating_add(marks).saturating_add(1), Some(*quote)),
            _ => (at, None),
        }
    }

    /// The end of what a quote opened before `start`, on the same line.
    fn closed(&self, start: usize, quote: u8) -> Option<usize> {
        let rest = self.text.get(start..)?;
        let length = rest.iter().take(LONGEST).position(|byte| *byte == quote || *byte == b'\n')?;
        let value = rest.get(..length)?;
        let escape = usize::from(value.ends_with(b"\\"));
        (rest.get(length) == Some(&quote)).then(|| start.saturating_add(length).saturating_sub(escape))
    }

    /// The end of the run of characters that a value without quotes may have, without what ends a sentence or a
    /// bracket.
    pub(super) fn run_end(&mut self, start: usize) -> usize {
        if !self.run.contains(&start) {
            let rest = self.text.get(start..).unwrap_or_default();
            let length = rest.iter().take_while(|byte| is_value(**byte)).count();
            self.run = start..start.saturating_add(length);
        }
        let run = self.text.get(start..self.run.end).unwrap_or_default();
        let trailing = run.iter().rev().take_while(|byte| b".:?)]}".contains(byte)).take(4).count();
        self.run.end.saturating_sub(trailing).max(start)
    }
}

/// What is assigned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) quoted: bool,
}

impl Value {
    pub(super) fn span(self) -> Range<usize> {
        self.start..self.end
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

pub(super) fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

fn is_value(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !is_quote(byte) && !b",;<>\\&|".contains(&byte)
}

/// The longer before those they begin with.
const OPERATORS: &[&str] =
    &["=>", ":=", "::=", "===", "==", "->", "=", ":", ">", "is ", "ist ", "est ", "es ", "：", "是"];

/// Rests of names: `secret_name`, `token_url`, `password_file`, `tokenizer`.
static NO_SECRET: Words = Words::new(&[
    "alias",
    "algorithm",
    "arn",
    "attempt",
    "class",
    "column",
    "config",
    "count",
    "endpoint",
    "enabled",
    "expir",
    "field",
    "file",
    "format",
    "hash",
    "header",
    "hint",
    "id",
    "izer",
    "label",
    "lifetime",
    "length",
    "limit",
    "link",
    "manager",
    "max",
    "min",
    "mode",
    "name",
    "page",
    "path",
    "policy",
    "prefix",
    "ref",
    "regex",
    "required",
    "reset",
    "scope",
    "size",
    "store",
    "ttl",
    "type",
    "uri",
    "url",
    "usage",
    "version",
]);
