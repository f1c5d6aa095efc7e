//! A view for looking words up in: lower case, with one blank between words.

use std::ops::Range;

use super::map::{Draft, SpanMap};
use super::{View, accents};

/// A view in lower case, in which every run of white space is one blank.
#[derive(Debug, Clone)]
pub struct Folded {
    /// What to search.
    pub text: String,
    map: SpanMap,
}

impl Folded {
    /// The bytes of the text that was given from which these bytes of [`Folded::text`] come; as [`View::original`].
    pub fn original(&self, span: Range<usize>) -> Range<usize> {
        self.map.original(&self.text, &span)
    }

    /// The same without the marks on Latin letters, if it has any: for words that are written without them.
    pub fn bare(&self) -> Option<Self> {
        if self.text.is_ascii() {
            return None;
        }
        let mut draft = Draft::new(&self.text);
        for (at, character) in self.text.char_indices() {
            if let Some(letters) = accents::bare(character) {
                draft.settle(&(at..at.saturating_add(character.len_utf8())), letters);
            }
        }
        let is_changed = draft.at() > 0;
        let made = draft.made();
        is_changed.then(|| Self { text: made.text, map: self.map.behind(made.pieces) })
    }
}

/// Folds a view.
pub fn folded(view: &View<'_>) -> Folded {
    let fold = Fold::new(&view.text);
    let fold = if view.text.is_ascii() { fold.by_bytes() } else { fold.by_characters() };
    fold.made(&view.map)
}

/// A folded text in the making.
struct Fold<'t> {
    draft: Draft<'t>,
    /// What stands in the draft's source behind what it has dealt with, in lower case: as many bytes, each at its place.
    lower: String,
}

impl<'t> Fold<'t> {
    fn new(text: &'t str) -> Self {
        Self { draft: Draft::new(text), lower: String::with_capacity(text.len()) }
    }

    fn by_bytes(mut self) -> Self {
        let text = self.draft.source();
        let lower = |byte: u8| if matches!(byte, b'\t'..=b'\r') { b' ' } else { byte.to_ascii_lowercase() };
        let lower = String::from_utf8(text.bytes().map(lower).collect()).unwrap_or_default();
        let mut at = 0;
        while let Some(run) = wide_blank(lower.as_bytes(), at) {
            self.lower.push_str(lower.get(at..run.start).unwrap_or_default());
            at = run.end;
            self.put(&run, " ");
        }
        if at == 0 {
            self.lower = lower;
        } else {
            self.lower.push_str(lower.get(at..).unwrap_or_default());
        }
        self
    }

    fn by_characters(mut self) -> Self {
        let mut rest = self.draft.source().char_indices().peekable();
        let mut other = String::new();
        while let Some((start, character)) = rest.next() {
            let mut end = start.saturating_add(character.len_utf8());
            if is_blank(character) {
                while let Some((at, blank)) = rest.next_if(|(_, next)| is_blank(*next)) {
                    end = at.saturating_add(blank.len_utf8());
                }
                self.push(&(start..end), ' ');
            } else if let Some(lower) = lower(character) {
                self.push(&(start..end), lower);
            } else {
                other.clear();
                other.extend(character.to_lowercase());
                self.put(&(start..end), &other);
            }
        }
        self
    }

    fn push(&mut self, range: &Range<usize>, character: char) {
        if character.len_utf8() == range.len() {
            self.lower.push(character);
        } else {
            self.put(range, character.encode_utf8(&mut [0; 4]));
        }
    }

    /// Text of another length.
    fn put(&mut self, range: &Range<usize>, text: &str) {
        self.flush();
        self.draft.translate(range, text);
    }

    fn flush(&mut self) {
        let start = self.draft.at();
        self.draft.translate(&(start..start.saturating_add(self.lower.len())), &self.lower);
        self.lower.clear();
    }

    fn made(mut self, map: &SpanMap) -> Folded {
        if self.draft.at() == 0 {
            return Folded { text: self.lower, map: map.clone() };
        }
        self.flush();
        let made = self.draft.made();
        Folded { text: made.text, map: map.behind(made.pieces) }
    }
}

/// The first run of more than one space, at or behind `at`.
fn wide_blank(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    const STEP: usize = 32;
    let mut at = at;
    loop {
        let step = bytes.get(at..)?.get(..=STEP);
        let Some(step) = step else { break };
        let pairs = step.iter().zip(step.iter().skip(1));
        if pairs.map(|(one, next)| (one ^ b' ') | (next ^ b' ')).min() == Some(0) {
            break;
        }
        at = at.saturating_add(STEP);
    }
    let rest = bytes.get(at..)?;
    let start = at.saturating_add(rest.windows(2).position(|pair| pair == b"  ")?);
    let length = bytes.get(start..)?.iter().take_while(|byte| **byte == b' ').count();
    Some(start..start.saturating_add(length))
}

#[inline]
fn is_blank(character: char) -> bool {
    matches!(character, '\t'..='\r' | ' ') || !character.is_ascii() && character.is_whitespace()
}

/// A character in lower case, if that is one character: quickly for most letters there are.
#[inline]
fn lower(character: char) -> Option<char> {
    match character {
        '\0'..='\x7f' => Some(character.to_ascii_lowercase()),
        '\u{df}'..='\u{ff}' | '\u{430}'..='\u{45f}' | '\u{590}'..='\u{109f}' | '\u{2010}'..='\u{2027}' => {
            Some(character)
        }
        '\u{300}'..='\u{36f}' | '\u{3000}'..='\u{a63f}' | '\u{ac00}'..='\u{d7ff}' => Some(character),
        // Of Latin letters with marks, every second one is small.
        '\u{1e00}'..='\u{1eff}' if u32::from(character) % 2 == 1 => Some(character),
        _ => {
            let mut lower = character.to_lowercase();
            lower.next().filter(|_| lower.len() == 0)
        }
    }
}
