//! A word in which something is not ASCII, and what it passes for.

use std::ops::Range;

use super::alike;
use super::cluster::{Cluster, stripped};
use crate::normalise::map::Draft;

/// What applies to a whole text, known once it has been read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Rules {
    /// Words made only of letters that look Latin are meant to be Latin.
    folds_words: bool,
    /// Accents mean nothing here.
    pub(super) strips_marks: bool,
}

/// So many letters of which all but one in eight look like ours are no Russian.
const MANY: usize = 24;

/// What stands in a text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    /// Letters of ASCII.
    pub(super) latin: usize,
    /// Letters that look Latin.
    alike: usize,
    /// Of these, those of scripts in which honest words may have no other.
    living: usize,
    /// Those in words of nothing else.
    unmixed: usize,
    /// Other letters of the scripts that have such letters.
    foreign: usize,
    /// Words with accents apart from their letters.
    marked: usize,
    /// Words with more of them than a language has.
    heaped: usize,
}

impl Counts {
    pub(super) fn rules(self) -> Rules {
        // In Russian, every second letter looks like none of ours; in a text that poses as Latin, none does.
        let is_posing = self.foreign.saturating_mul(8) <= self.alike;
        let is_latin = self.latin.saturating_mul(3) >= self.living || self.living >= MANY;
        Rules {
            folds_words: self.unmixed > 0 && is_posing && is_latin,
            strips_marks: self.heaped > 0 && self.heaped.saturating_mul(2) > self.marked,
        }
    }
}

/// Letters, digits and the marks on them, with nothing in between but what cannot be seen.
#[derive(Debug, Default)]
pub(super) struct Word {
    text: String,
    parts: Vec<Part>,
    latin: usize,
    alike: usize,
    greek: usize,
    living: usize,
    /// Letters that look Latin from afar.
    rough: usize,
    foreign: usize,
    marked: usize,
    is_heaped: bool,
}

/// A cluster of the word.
#[derive(Debug)]
struct Part {
    /// Where its text ends.
    end: usize,
    from: Range<usize>,
}

impl Word {
    pub(super) fn push(&mut self, cluster: &Cluster) {
        self.text.push_str(&cluster.text);
        self.parts.push(Part { end: self.text.len(), from: cluster.from.clone() });
        let first = cluster.first();
        let kind = match first {
            _ if first.is_ascii_alphabetic() => &mut self.latin,
            _ if first.is_ascii() => return,
            _ if alike::latin(first).is_some() => {
                self.rough = self.rough.saturating_add(usize::from(alike::is_rough(first)));
                self.living = self.living.saturating_add(usize::from(is_living(first)));
                &mut self.alike
            }
            '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => &mut self.latin,
            _ => &mut self.foreign,
        };
        *kind = kind.saturating_add(1);
        self.greek = self.greek.saturating_add(usize::from(matches!(first, '\u{370}'..='\u{3ff}')));
        self.marked = self.marked.saturating_add(usize::from(cluster.marks > 0));
        self.is_heaped |= cluster.is_heaped();
    }

    /// Writes the word as it is read, and forgets it.
    pub(super) fn write(&mut self, draft: &mut Draft<'_>, rules: Rules, counts: &mut Counts) {
        if self.parts.is_empty() {
            return;
        }
        self.count(counts);
        let folds = self.folds(rules);
        let strips = self.is_heaped();
        let mut start = 0;
        for part in &self.parts {
            let text = self.text.get(start..part.end).unwrap_or_default();
            start = part.end;
            draft.skip_to(part.from.start);
            match text.chars().next().and_then(alike::latin).filter(|_| folds) {
                Some(letter) => draft.settle(&part.from, letter.encode_utf8(&mut [0; 4])),
                None if strips => draft.settle(&part.from, &stripped(text)),
                None => draft.settle(&part.from, text),
            }
        }
        self.clear();
    }

    fn count(&self, counts: &mut Counts) {
        for (count, of) in [
            (&mut counts.latin, self.latin),
            (&mut counts.alike, self.alike),
            (&mut counts.living, self.living),
            (&mut counts.foreign, self.foreign),
            (&mut counts.unmixed, if self.is_unmixed() { self.alike } else { 0 }),
            (&mut counts.marked, usize::from(self.marked > 0)),
            (&mut counts.heaped, usize::from(self.is_heaped())),
        ] {
            *count = count.saturating_add(of);
        }
    }

    /// Only letters that look Latin. One Greek letter alone is a symbol.
    fn is_unmixed(&self) -> bool {
        self.latin == 0 && self.foreign == 0 && self.rough == 0 && self.alike > 0 && (self.alike > 1 || self.greek == 0)
    }

    fn folds(&self, rules: Rules) -> bool {
        // A Latin and a Greek letter are a product, or a unit.
        let is_mixed = self.latin > 0 && self.foreign == 0 && self.latin.saturating_add(self.alike) > 1;
        let is_formula = self.greek == 1 && self.latin == 1;
        self.alike > 0 && (is_mixed && !is_formula || rules.folds_words && self.is_unmixed())
    }

    /// Whether its accents are there to hide it: too many on a letter, or one on most letters.
    fn is_heaped(&self) -> bool {
        let letters = self.latin.saturating_add(self.alike);
        self.is_heaped || letters >= 4 && self.marked.saturating_mul(5) > letters.saturating_mul(3)
    }

    fn clear(&mut self) {
        let (mut text, mut parts) = (std::mem::take(&mut self.text), std::mem::take(&mut self.parts));
        text.clear();
        parts.clear();
        *self = Self { text, parts, ..Self::default() };
    }
}

/// Greek, Cyrillic, Armenian and Cherokee. Small capitals and what else looks Latin is written by nobody who means something
/// else; Lisu has turned letters as well, which look like none of ours.
fn is_living(letter: char) -> bool {
    matches!(letter, '\u{370}'..='\u{58f}' | '\u{13a0}'..='\u{13ff}')
}
