//! Many words and phrases, looked for at once in folded text: in a text by itself, and across the borders of texts.

use std::cell::LazyCell;
use std::ops::Range;

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::dfa::DFA;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};

use super::escape::is_behind_escape;
use crate::letters::is_alphanumeric;

/// Bytes of literals up to which the fastest automaton is made, which takes hundreds of bytes for each.
const FAST_BYTES: usize = 8 << 10;

/// Literals, compiled.
#[derive(Debug)]
pub struct Literals {
    automaton: Kind,
    inside_words: bool,
    longest: usize,
}

#[derive(Debug)]
enum Kind {
    Fast(DFA),
    Small(NFA),
}

impl Literals {
    /// Compiles folded literals; `None` if they are too many.
    pub fn new(literals: &[String], inside_words: bool) -> Option<Self> {
        let bytes: usize = literals.iter().map(String::len).sum();
        let automaton = if bytes > FAST_BYTES {
            Kind::Small(NFA::builder().match_kind(MatchKind::Standard).build(literals).ok()?)
        } else {
            Kind::Fast(DFA::builder().match_kind(MatchKind::Standard).build(literals).ok()?)
        };
        Some(Self { automaton, inside_words, longest: literals.iter().map(String::len).max().unwrap_or_default() })
    }

    /// Where a literal stands in a folded text; one of several that end at a place.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let state = self.start();
        self.walk(state, text.as_bytes(), &mut |end, lengths| {
            let spans = lengths.iter().map(|length| end.saturating_sub(*length)..end);
            found.extend(spans.into_iter().find(|span| self.fits(text, span, &[])));
        });
        found
    }

    /// Whether what stands at a place counts; at a border a word may begin or end.
    fn fits(&self, text: &str, span: &Range<usize>, borders: &[usize]) -> bool {
        self.inside_words || is_whole(text, span, borders)
    }

    fn start(&self) -> Option<StateID> {
        match &self.automaton {
            Kind::Fast(automaton) => automaton.start_state(Anchored::No).ok(),
            Kind::Small(automaton) => automaton.start_state(Anchored::No).ok(),
        }
    }

    /// Reads bytes from a state on, tells where literals end and how long each is, and gives the state behind them.
    fn walk(&self, from: Option<StateID>, bytes: &[u8], each: &mut dyn FnMut(usize, &[usize])) -> Option<StateID> {
        match &self.automaton {
            Kind::Fast(automaton) => Some(walk(automaton, from?, bytes, each)),
            Kind::Small(automaton) => Some(walk(automaton, from?, bytes, each)),
        }
    }
}

fn walk<A: Automaton>(
    automaton: &A,
    mut state: StateID,
    bytes: &[u8],
    each: &mut dyn FnMut(usize, &[usize]),
) -> StateID {
    for (at, byte) in bytes.iter().enumerate() {
        state = automaton.next_state(Anchored::No, state, *byte);
        if automaton.is_special(state) && automaton.is_match(state) {
            let lengths: Vec<usize> = (0..automaton.match_len(state))
                .map(|index| automaton.pattern_len(automaton.match_pattern(state, index)))
                .collect();
            each(at.saturating_add(1), &lengths);
        }
    }
    state
}

/// Texts one after another, as if they were one: half of a phrase may end a part and the other half begin the next.
#[derive(Debug)]
pub struct Across<'l> {
    literals: &'l Literals,
    /// What is put between two texts.
    between: &'static str,
    state: Option<StateID>,
    /// The end of what stood before: as long as the longest literal and a character.
    before: String,
    /// Where in that a text ended.
    borders: Vec<usize>,
}

/// The most bytes of a character.
const CHARACTER: usize = 4;

impl<'l> Across<'l> {
    /// Before the first text.
    pub fn new(literals: &'l Literals, between: &'static str) -> Self {
        Self { literals, between, state: literals.start(), before: String::new(), borders: Vec::new() }
    }

    /// Reads the next text, folded, and gives where the first literal ends in it that began in one before.
    pub fn push(&mut self, text: &str) -> Option<usize> {
        let crossing = if self.before.is_empty() { None } else { self.crossing(text) };
        if !text.is_empty() {
            self.keep(text);
        }
        crossing
    }

    fn crossing(&self, text: &str) -> Option<usize> {
        let head = start_of(text, self.literals.longest.saturating_add(CHARACTER));
        let border = self.before.len().saturating_add(self.between.len());
        // Of most texts nobody asks: there may be as many as a body has bytes.
        let window = LazyCell::new(|| format!("{}{}{head}", self.before, self.between));
        let fits = |span: &Range<usize>| {
            let ends = [self.before.len(), border, window.len()];
            let borders: Vec<usize> = self.borders.iter().copied().chain(ends).collect();
            self.literals.fits(&window, span, &borders)
        };
        let mut found = None;
        let state = self.literals.walk(self.state, self.between.as_bytes(), &mut |_, _| {});
        self.literals.walk(state, head.as_bytes(), &mut |end, lengths| {
            let ends = border.saturating_add(end);
            let mut spans = lengths.iter().map(|length| ends.saturating_sub(*length)..ends);
            // One that begins before the border ends the search; others are found in the text itself.
            if found.is_none() && spans.any(|span| span.start < self.before.len() && fits(&span)) {
                found = Some(end);
            }
        });
        found
    }

    /// A state depends on no more than the last bytes, as many as the longest literal has.
    fn keep(&mut self, text: &str) {
        let keeps = self.literals.longest.saturating_add(CHARACTER);
        let tail = end_of(text, keeps);
        let (from, between) =
            if tail.len() < text.len() { (self.literals.start(), "") } else { (self.state, self.between) };
        let from =
            if self.before.is_empty() { from } else { self.literals.walk(from, between.as_bytes(), &mut |_, _| {}) };
        self.state = self.literals.walk(from, tail.as_bytes(), &mut |_, _| {});
        if !self.before.is_empty() {
            self.borders.push(self.before.len());
            self.before.push_str(self.between);
        }
        self.borders.push(self.before.len());
        self.before.push_str(tail);
        if self.before.len() > keeps.saturating_mul(2) {
            self.forget(keeps);
        }
    }

    /// Keeps the last bytes alone.
    fn forget(&mut self, keeps: usize) {
        let kept = end_of(&self.before, keeps).to_owned();
        let gone = self.before.len().saturating_sub(kept.len());
        self.borders.retain_mut(|border| {
            let stays = *border >= gone;
            *border = border.saturating_sub(gone);
            stays
        });
        self.before = kept;
    }
}

/// The first characters of a text, in about so many bytes.
pub(crate) fn start_of(text: &str, bytes: usize) -> &str {
    text.get(..text.ceil_char_boundary(bytes.min(text.len()))).unwrap_or(text)
}

/// The last characters of a text, in about so many bytes.
pub(crate) fn end_of(text: &str, bytes: usize) -> &str {
    text.get(text.floor_char_boundary(text.len().saturating_sub(bytes))..).unwrap_or(text)
}

/// Whether what stands at a place is no part of a longer word.
fn is_whole(text: &str, span: &Range<usize>, borders: &[usize]) -> bool {
    let before = text.get(..span.start).and_then(|text| text.chars().next_back());
    let behind = text.get(span.end..).and_then(|text| text.chars().next());
    let found = text.get(span.clone()).unwrap_or_default();
    let is_border = |at: usize, inside: Option<char>, outside: Option<char>| match (inside, outside) {
        (Some(inside), Some(outside)) => !(is_in_words(inside) && is_in_words(outside)) || borders.contains(&at),
        _ => true,
    };
    let begins = is_border(span.start, found.chars().next(), before) || is_behind_escape(text, span.start);
    begins && is_border(span.end, found.chars().next_back(), behind)
}

/// Whether a character is of a word that ends with a blank: letters and digits but those of scripts without blanks (Han,
/// Hiragana, Katakana, Thai, Lao, Khmer, Myanmar).
fn is_in_words(character: char) -> bool {
    is_alphanumeric(character)
        && !matches!(character, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
            | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literals(words: &[&str]) -> Literals {
        Literals::new(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>(), false).unwrap()
    }

    fn crosses(words: &[&str], between: &'static str, texts: &[&str]) -> bool {
        let literals = literals(words);
        let mut across = Across::new(&literals, between);
        texts.iter().filter(|text| across.push(text).is_some()).count() > 0
    }

    #[test]
    fn a_phrase_in_two_parts_is_one() {
        let words = &["ignore all rules", "größe", "all"];
        for (between, texts, expected) in [
            ("", &["ignore all ru", "les now"][..], true),
            ("", &["ignore a", "", "ll r", "ules"], true),
            ("", &["ignore all ru", "less"], false),
            ("", &["c", "ignore all ru", "les", "x"], true),
            ("", &["xignore all ru", "les"], false),
            ("", &["please ignore all", " rules"], true),
            (" ", &["please ignore all", "rules"], true),
            (" ", &["ignore", "all", "rules"], true),
            ("", &["ignore", "all", "rules"], false),
            ("", &["grö", "ße"], true),
            ("", &["ignore all rules", "all"], false),
            ("", &["nothing", "ignore all rules"], false),
            ("", &["i", "g", "n", "o", "r", "e", " ", "a", "l", "l", " ", "r", "u", "l", "e", "s", "."], true),
        ] {
            assert_eq!(crosses(words, between, texts), expected, "{texts:?}");
        }
    }

    #[test]
    fn a_word_begins_behind_an_escape() {
        let words = literals(&["zebra"]);
        for (text, expected) in [
            (r"a\nzebra", 1),
            (r"\tzebra\r\nzebra", 2),
            (r"nzebra", 0),
            (r"\anzebra", 0),
            (r"\szebra", 0),
            (r"\nnzebra", 0),
        ] {
            assert_eq!(words.find(text).len(), expected, "{text}");
        }
        assert!(crosses(&["ignore all rules"], "", &[r"\nignore a", "ll rules"]));
    }

    #[test]
    fn a_phrase_is_found_at_every_cut() {
        let text = format!("{} ignore all rules {}", "word ".repeat(99), "more ".repeat(99));
        for cut in 0..text.len() {
            let (first, second) = text.split_at(cut);
            let inside = literals(&["ignore all rules"]);
            let found = !inside.find(first).is_empty() || !inside.find(second).is_empty();
            assert!(found || crosses(&["ignore all rules"], "", &[first, second]), "{cut}");
        }
    }

    #[test]
    fn many_literals_are_found_as_few_are() {
        let words: Vec<String> = (0..5_000).map(|number| format!("word{number}x")).collect();
        let literals = Literals::new(&words, false).unwrap();
        assert!(matches!(literals.automaton, Kind::Small(_)));
        assert_eq!(literals.find("a word77x and word4999x"), [2..9, 14..23]);
    }
}
