//! A view for looking words up in: lower case, with one blank between words.

use std::ops::Range;

use super::View;
use super::map::{Draft, SpanMap};

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
}

/// Folds a view.
pub fn folded(view: &View<'_>) -> Folded {
    let mut draft = Draft::new(&view.text);
    let mut lower = String::new();
    let mut rest = view.text.char_indices().peekable();
    while let Some((start, character)) = rest.next() {
        let mut end = start.saturating_add(character.len_utf8());
        lower.clear();
        if character.is_whitespace() {
            while let Some((at, blank)) = rest.next_if(|(_, next)| next.is_whitespace()) {
                end = at.saturating_add(blank.len_utf8());
            }
            lower.push(' ');
        } else if character.is_ascii() {
            lower.push(character.to_ascii_lowercase());
        } else {
            lower.extend(character.to_lowercase());
        }
        draft.translate(&(start..end), &lower);
    }
    let made = draft.made();
    Folded { text: made.text, map: view.map.behind(made.pieces) }
}
