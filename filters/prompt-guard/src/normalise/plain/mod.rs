//! The plain view: what a reader sees, in ordinary letters.
//!
//! 1. Controls and invisible characters go. What stands behind a right-to-left override stays in the order in which it was
//!    written, as a model reads it; in the order in which people see it, it is a view of its own ([`turned`]).
//! 2. Each character with its marks takes its compatibility form (NFKC), unless that is more than four times as long:
//!    U+FDFA alone would be eighteen letters.
//! 3. Marks heaped on letters go (`marks`).
//! 4. Letters that only look Latin become Latin where they pose as such (`alike`).
//!
//! Text of ASCII is left as it is. Of other text, only what is not ASCII and the words it stands in is looked at.

mod alike;
mod cluster;
mod invisible;
mod letters;
mod word;

use super::Seen;
use super::map::{Draft, Made, Mark};
use cluster::Cluster;
use invisible::Invisible;
use word::{Counts, Rules, Word};

/// The text as a reader sees it, and what was taken away; `None`: it is that already.
pub(super) fn plain(text: &str) -> (Option<Made>, Seen) {
    if text.len() == ordinary(text.as_bytes()) {
        return (None, Seen::default());
    }
    let (made, seen) = read(text, false);
    (Some(made).filter(|made| made.text != text), seen)
}

/// The same with what stands between a right-to-left override and its end turned around; `None` if there is no override.
pub(super) fn turned(text: &str) -> Option<Made> {
    text.contains(OVERRIDE).then(|| read(text, true).0)
}

/// The mark of an override (Unicode annex 9).
const OVERRIDE: char = '\u{202e}';

fn read(text: &str, turns: bool) -> (Made, Seen) {
    let (made, seen, counts) = Pass::new(text, Rules::default(), turns).run();
    let rules = counts.rules();
    if rules == Rules::default() {
        return (made, seen);
    }
    let (made, seen, _) = Pass::new(text, rules, turns).run();
    (made, seen)
}

/// How many bytes are printable ASCII or white space.
fn ordinary(bytes: &[u8]) -> usize {
    const STEP: usize = 32;
    let is_odd = |byte: &u8| (*byte >= 0x7f) | ((*byte < 0x20) & !matches!(*byte, b'\t'..=b'\r'));
    let whole = bytes.chunks(STEP).take_while(|chunk| !chunk.iter().fold(false, |odd, byte| odd | is_odd(byte)));
    let whole = whole.map(<[u8]>::len).sum::<usize>();
    let rest = bytes.get(whole..).unwrap_or_default();
    whole.saturating_add(rest.iter().position(is_odd).unwrap_or(rest.len()))
}

/// One reading of a text.
struct Pass<'t> {
    draft: Draft<'t>,
    word: Word,
    cluster: Cluster,
    rules: Rules,
    counts: Counts,
    seen: Seen,
    /// Whether it is as people see it.
    turns: bool,
    /// Where an override began.
    turned: Option<Mark>,
    /// The last end of an override; behind it, one ends with its line.
    last_pop: Option<usize>,
    /// How many variation selectors stand right before.
    selectors: usize,
    /// The last character that can be seen.
    last: char,
}

impl<'t> Pass<'t> {
    fn new(text: &'t str, rules: Rules, turns: bool) -> Self {
        Self {
            draft: Draft::new(text),
            word: Word::default(),
            cluster: Cluster::default(),
            rules,
            counts: Counts::default(),
            seen: Seen::default(),
            turns,
            turned: None,
            last_pop: None,
            selectors: 0,
            last: ' ',
        }
    }

    fn run(mut self) -> (Made, Seen, Counts) {
        let text = self.draft.source();
        while self.draft.at() < text.len() {
            self.copy_ordinary(text);
            self.read_word(text);
        }
        self.turn();
        (self.draft.made(), self.seen, self.counts)
    }

    /// Copies ASCII as far as the word in which something else stands.
    fn copy_ordinary(&mut self, text: &str) {
        let at = self.draft.at();
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        let mut ordinary = rest.get(..ordinary(rest)).unwrap_or_default();
        if self.turned.is_some()
            && at > self.last_pop.unwrap_or(0)
            && let Some(line) = memchr::memchr(b'\n', ordinary)
        {
            ordinary = ordinary.get(..=line).unwrap_or_default();
            self.draft.copy_to(at.saturating_add(line));
            self.turn();
            self.draft.copy_to(at.saturating_add(ordinary.len()));
            return;
        }
        self.counts.latin = self.counts.latin.saturating_add(bytecount(ordinary));
        let is_end = ordinary.len() == rest.len();
        let letters = ordinary.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        // A mark may stand on anything.
        let kept = if is_end { 0 } else { letters.max(1) };
        self.draft.copy_to(at.saturating_add(ordinary.len().saturating_sub(kept)));
    }

    /// Reads as far as the next ASCII character that is no part of a word.
    fn read_word(&mut self, text: &str) {
        let at = self.draft.at();
        let mut end = text.len();
        for (offset, character) in text.get(at..).unwrap_or_default().char_indices() {
            let from = at.saturating_add(offset);
            let is_over = offset > 0 && matches!(character, '\t'..='\r' | ' '..='~') && !character.is_alphanumeric();
            if is_over {
                end = from;
                break;
            }
            self.read(character, from);
        }
        self.end_word();
        self.selectors = 0;
        self.draft.skip_to(end);
    }

    fn read(&mut self, character: char, from: usize) {
        let to = from.saturating_add(character.len_utf8());
        if let Some(kind) = invisible::of(character) {
            self.note(kind, from);
            return;
        }
        self.selectors = 0;
        self.last = character;
        if cluster::is_calm(character) {
            self.end_word();
            self.draft.skip_to(from);
            self.draft.copy_to(to);
            return;
        }
        if !cluster::extends(character) || self.cluster.is_empty() {
            self.end_cluster();
        }
        self.cluster.push(character, from..to);
    }

    fn note(&mut self, kind: Invisible, from: usize) {
        let count = match kind {
            Invisible::Override | Invisible::Pop => {
                self.end_word();
                self.draft.skip_to(from);
                self.turn();
                if kind == Invisible::Override && self.turns {
                    let text = self.draft.source();
                    self.last_pop.get_or_insert_with(|| text.rfind('\u{202c}').unwrap_or(0));
                    self.turned = Some(self.draft.mark());
                }
                &mut self.seen.bidi
            }
            Invisible::Bidi => &mut self.seen.bidi,
            Invisible::Tag => &mut self.seen.tags,
            Invisible::Selector => {
                self.selectors = self.selectors.saturating_add(1);
                // One chooses the form of a character, as of an emoji; more are a message.
                self.seen.selectors = self.seen.selectors.saturating_add(match self.selectors {
                    0 | 1 => 0,
                    2 => 2,
                    _ => 1,
                });
                return;
            }
            // Joiners belong to emoji and to the scripts of Persian and India.
            Invisible::Joiner if !self.last.is_ascii_alphanumeric() => return,
            Invisible::Joiner | Invisible::ZeroWidth | Invisible::Filler => &mut self.seen.zero_width,
            Invisible::Control | Invisible::Other => return,
        };
        *count = count.saturating_add(1);
    }

    /// Ends an override.
    fn turn(&mut self) {
        if let Some(mark) = self.turned.take() {
            self.draft.turn(mark);
        }
    }

    fn end_cluster(&mut self) {
        if self.cluster.is_empty() {
            return;
        }
        self.cluster.settle(self.rules.strips_marks);
        if self.cluster.is_of_word() {
            self.word.push(&self.cluster);
        } else {
            self.end_letters();
            self.draft.skip_to(self.cluster.from.start);
            self.draft.settle(&self.cluster.from, &self.cluster.text);
        }
        self.cluster.clear();
    }

    fn end_word(&mut self) {
        self.end_cluster();
        self.end_letters();
    }

    fn end_letters(&mut self) {
        self.word.write(&mut self.draft, self.rules, &mut self.counts);
    }
}

fn bytecount(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count()
}
