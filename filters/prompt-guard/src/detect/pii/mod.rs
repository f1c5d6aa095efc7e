//! Personal data: what can be told by its form, its checksum and the words before it. Names and places cannot.
//!
//! One scan stops at digits, `:` and `@`; what begins there is read by strict parsers, once, so that the time is
//! proportional to the text. The rules, in their order:
//!
//! 1. A number is whole: no letter, digit or underscore touches it, and no hyphen or full stop with a digit behind.
//! 2. A number is told by a form that few others have, or by a checksum that lets pass fewer than one in a hundred.
//!    Otherwise a word for it, in English or the language of the country, stands within 40 bytes before.
//! 3. Findings do not overlap: the longest stays; of equally long ones the operator's own, then what a word names, then
//!    the kind that [`Kind`] has first.

mod address;
mod boundary;
mod card;
mod check;
mod context;
mod date;
mod email;
mod iban;
mod keccak;
mod kind;
mod national;
mod own;
mod passport;
mod phone;
mod pictures;
mod rule;
mod wallet;
mod words;

use std::ops::Range;

pub use check::Check;
pub use kind::Kind;
pub use own::Own;

use super::Hit;
use super::escape::is_behind_escape;
use context::{Near, Topic, Words};
use pictures::{Ahead, Pictures, Use};
use rule::Match;

/// What is looked for.
pub struct Pii {
    wanted: Wanted,
    pictures: Pictures,
    words: &'static Words,
    own: Vec<(&'static str, Own)>,
}

impl Pii {
    /// Looks for `kinds` and for what is the operator's own.
    pub fn new(kinds: &[Kind], own: Vec<Own>) -> Self {
        let own = own.into_iter().map(|own| (own::kept(&own.name), own)).collect();
        Self { wanted: Wanted::new(kinds), pictures: Pictures::new(kinds), words: Words::all(), own }
    }

    /// Everything that was found, from left to right, nothing overlapping.
    pub fn find(&self, text: &str) -> Vec<Hit> {
        let mut search = Search::new(self, text);
        search.run();
        let mut found = search.found;
        for (name, own) in &self.own {
            found.extend(own.find(text).map(|span| Found { kind: name, rank: (Weight::Own, 0), span }));
        }
        resolve(found)
    }
}

/// The kinds that are looked for.
struct Wanted([bool; Kind::ALL.len()]);

impl Wanted {
    fn new(kinds: &[Kind]) -> Self {
        let mut wanted = [false; Kind::ALL.len()];
        for (place, kind) in wanted.iter_mut().zip(Kind::ALL) {
            *place = kinds.contains(kind);
        }
        Self(wanted)
    }

    fn has(&self, kind: Kind) -> bool {
        self.0.get(kind as usize).is_some_and(|wanted| *wanted)
    }
}

/// Why one finding is preferred to another that is as long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Own,
    Named,
    Alone,
}

#[derive(Debug)]
struct Found {
    kind: &'static str,
    rank: (Weight, usize),
    span: Range<usize>,
}

/// Rule 3.
fn resolve(mut found: Vec<Found>) -> Vec<Hit> {
    found.sort_by_key(|found| found.span.start);
    let mut kept: Vec<Found> = Vec::with_capacity(found.len());
    for next in found {
        match kept.last_mut() {
            Some(last) if next.span.start < last.span.end => {
                if is_better(&next, last) {
                    *last = next;
                }
            }
            _ => kept.push(next),
        }
    }
    kept.into_iter().map(|found| Hit { kind: found.kind, span: found.span }).collect()
}

fn is_better(one: &Found, other: &Found) -> bool {
    let length = |found: &Found| found.span.len();
    length(one) > length(other) || (length(one) == length(other) && one.rank < other.rank)
}

/// The search of one text.
struct Search<'a> {
    pii: &'a Pii,
    text: &'a str,
    near: Near<'a>,
    ahead: Ahead,
    found: Vec<Found>,
    /// What stands before is looked at.
    done: usize,
    /// No telephone number begins before.
    no_phone_until: usize,
}

impl<'a> Search<'a> {
    fn new(pii: &'a Pii, text: &'a str) -> Self {
        let (near, ahead) = (Near::new(pii.words, text), Ahead::default());
        Self { pii, text, near, ahead, found: Vec::new(), done: 0, no_phone_until: 0 }
    }

    fn run(&mut self) {
        while let Some(at) = next_anchor(self.text.as_bytes(), self.done) {
            let next = match self.text.as_bytes().get(at) {
                Some(b'@') => self.at_sign(at),
                Some(b':') => self.colon(at),
                _ => self.digit(at),
            };
            self.done = next.max(at.saturating_add(1));
        }
    }

    fn add(&mut self, kind: Kind, weight: Weight, span: Range<usize>) {
        if self.pii.wanted.has(kind) {
            self.found.push(Found { kind: kind.word(), rank: (weight, kind as usize), span });
        }
    }

    /// Looks around an `@`; says where to go on.
    fn at_sign(&mut self, at: usize) -> usize {
        let found = email::find(self.text, at).filter(|_| self.pii.wanted.has(Kind::Email));
        let Some(span) = found else { return at };
        let end = span.end;
        self.add(Kind::Email, Weight::Alone, span);
        end
    }

    fn colon(&mut self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit() || *byte == b':');
        if !is_part(bytes.get(at.saturating_add(1))) {
            return at;
        }
        let colons = address::colons(self.text, at);
        match colons.found {
            Some(address::Colon::V6(span)) => self.add(Kind::Ip, Weight::Alone, span),
            Some(address::Colon::Mac(span)) => self.add(Kind::Mac, Weight::Alone, span),
            // "tel:41 22", "ip:10.1.2.3": what stands behind the colon is looked at by itself
            None if colons.count < 3 => return at,
            None => {}
        }
        colons.run.end
    }

    /// Looks at the letters and digits around the digit at `at`; says where they end.
    fn digit(&mut self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let before = bytes.get(self.done..at).unwrap_or_default();
        let letters = before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        // The letter of an escape is of no word.
        let first = at.saturating_sub(letters).saturating_add(1);
        let letters = letters.saturating_sub(usize::from(letters > 0 && is_behind_escape(self.text, first)));
        let behind = bytes.get(at..).unwrap_or_default();
        let length = behind.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(behind.len());
        let token = at.saturating_sub(letters)..at.saturating_add(length);
        if let Some(end) = self.token(token.clone()) {
            return end;
        }
        let digits = behind.iter().take(17).take_while(|byte| byte.is_ascii_digit()).count();
        if letters == 0 && digits < 17 && at >= self.no_phone_until && self.pii.wanted.has(Kind::Phone) {
            self.phone(at);
        }
        token.end
    }

    /// Looks at a token; says where it ends if nothing else can be in it.
    fn token(&mut self, token: Range<usize>) -> Option<usize> {
        const LONGEST: usize = 90;
        if token.len() > LONGEST || !boundary::begins(self.text, token.start) {
            return None;
        }
        self.numbers(token.clone());
        match token.len() {
            1..=3 => self.short(token),
            _ => self.long(token),
        }
    }

    /// Whatever has pictures, from the token on, and from one or two words of a few letters before it.
    fn numbers(&mut self, token: Range<usize>) {
        let one = before(self.text, token.start);
        let two = one.as_ref().and_then(|one| before(self.text, one.start));
        for first in [Some(token), one, two].into_iter().flatten() {
            self.pictures(first);
        }
    }

    fn pictures(&mut self, first: Range<usize>) {
        let start = first.start;
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        for picture in self.pii.pictures.like(self.text, first, &mut self.ahead) {
            let mut found = None;
            for Use { rule, is_named } in &picture.uses {
                let topic = Topic::Of(rule.kind);
                if *is_named && !self.near.names(topic, start) {
                    continue;
                }
                let Some(found) = found.get_or_insert_with(|| Match::of(&picture.signs, rest)) else { break };
                let end = start.saturating_add(found.length);
                if (rule.check)(found.number()) && boundary::ends(self.text, end) {
                    let weight = if self.near.names(topic, start) { Weight::Named } else { Weight::Alone };
                    self.add(rule.kind, weight, start..end);
                }
            }
        }
    }

    /// A number of up to three digits can begin an address or a date.
    fn short(&mut self, token: Range<usize>) -> Option<usize> {
        let start = token.start;
        if self.text.as_bytes().get(token.end) == Some(&b'.') {
            let address = address::v4(self.text, start).filter(|_| !self.near.names(Topic::Version, start));
            if let Some(end) = address {
                self.add(Kind::Ip, Weight::Alone, start..end);
                return Some(end);
            }
        }
        self.worded_date(token);
        None
    }

    fn worded_date(&mut self, token: Range<usize>) {
        if !has_word_beside(self.text.as_bytes(), &token) {
            return;
        }
        let Some(span) = date::in_words(self.text, token.clone()) else { return };
        if self.near.names(Topic::Of(Kind::DateOfBirth), token.start) {
            self.add(Kind::DateOfBirth, Weight::Named, span);
        }
    }

    /// What is one token, or begins with one of four characters.
    fn long(&mut self, token: Range<usize>) -> Option<usize> {
        let text = self.text.get(token.clone())?;
        if token.len() == 4 && text.ends_with(|c: char| c.is_ascii_alphabetic()) {
            self.worded_date(token.clone());
        }
        if let Some(end) = iban::find(self.text, token.start) {
            self.add(Kind::Iban, Weight::Alone, token.start..end);
            return Some(end);
        }
        if !boundary::ends(self.text, token.end) {
            return None;
        }
        if let Some(kind) = wallet::kind(text) {
            self.add(kind, Weight::Alone, token.clone());
        }
        if passport::is_number(text) && self.near.names(Topic::Of(Kind::Passport), token.start) {
            self.add(Kind::Passport, Weight::Named, token);
        }
        None
    }

    fn phone(&mut self, first: usize) {
        match phone::find(self.text, first, &mut self.near) {
            phone::Outcome::Found(span) => {
                self.no_phone_until = span.end;
                self.add(Kind::Phone, Weight::Alone, span);
            }
            phone::Outcome::NothingUntil(end) => self.no_phone_until = end,
            phone::Outcome::Nothing => {}
        }
    }
}

/// Whether a letter stands a few bytes before or behind: what many numbers have not is found out soon.
fn has_word_beside(bytes: &[u8], token: &Range<usize>) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
    let before = bytes.get(token.start.saturating_sub(3)..token.start).unwrap_or_default();
    let behind = bytes.get(token.end..).unwrap_or_default();
    before.iter().any(is_letter) || behind.iter().take(4).any(is_letter)
}

/// The word of one to three letters that stands before `at`, with a blank or hyphen between.
fn before(text: &str, at: usize) -> Option<Range<usize>> {
    let (rest, sign) = text.as_bytes().get(..at)?.split_last().map(|(sign, rest)| (rest, *sign))?;
    let letters = rest.iter().rev().take(4).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let start = rest.len().saturating_sub(letters);
    let is_word = matches!(sign, b' ' | b'-') && (1..=3).contains(&letters);
    (is_word && boundary::begins(text, start)).then_some(start..rest.len())
}

/// The next digit, `:` or `@` from `from` on. Prose has few: blocks without any are passed at once.
fn next_anchor(bytes: &[u8], from: usize) -> Option<usize> {
    const BLOCK: usize = 32;
    let rest = bytes.get(from..)?;
    let blocks = rest.as_chunks::<BLOCK>().0;
    let passed =
        blocks.iter().take_while(|block| !block.iter().fold(false, |any, byte| any | is_anchor(*byte))).count();
    let from = from.saturating_add(passed.saturating_mul(BLOCK));
    let found = bytes.get(from..)?.iter().position(|byte| is_anchor(*byte))?;
    Some(from.saturating_add(found))
}

/// `0` to `9` and `:` stand beside one another in ASCII.
const fn is_anchor(byte: u8) -> bool {
    byte.wrapping_sub(b'0') < 11 || byte == b'@'
}

#[cfg(test)]
mod tests;
