//! A text as a whole: every view of it in parts, and the worst stretch of them all, which is what the text scores. Training
//! and measuring ask here too, so that there is one score.

use std::ops::Range;

use super::model::Model;
use super::read::{Reading, Word};
use super::score::{Room, Worst};
use super::window::stretches;
use crate::detect::signature::comments;
use crate::normalise::{View, Views};

/// The worst stretch of a text.
pub struct Stretch<'v> {
    /// The view that it stands in.
    pub view: &'v View<'v>,
    /// Where the part of the view begins that was read.
    pub at: usize,
    /// That part in words.
    pub reading: Reading,
    /// Its score, and which words it is.
    pub worst: Worst,
}

impl Model {
    /// The worst stretch of all views of a text; `None` if there are no words but short ones.
    pub fn worst_of<'v>(&self, views: &'v Views<'_>, room: &mut Room) -> Option<Stretch<'v>> {
        let parts = views.all().flat_map(|view| parts(view).map(move |part| (view, part)));
        let stretches = parts.filter_map(|(view, part)| self.worst_in(view, part, room));
        stretches.max_by_key(|stretch| stretch.worst.score)
    }

    fn worst_in<'v>(&self, view: &'v View<'v>, part: Range<usize>, room: &mut Room) -> Option<Stretch<'v>> {
        let reading = Reading::of(view.text.get(part.clone())?);
        let worst = self.worst(&reading, room)?;
        Some(Stretch { view, at: part.start, reading, worst })
    }
}

impl Stretch<'_> {
    /// Its bytes in the text as it was sent.
    pub fn span(&self) -> Range<usize> {
        let words = self.reading.words().get(self.worst.words.clone()).unwrap_or_default();
        let (first, last) = (words.first().map_or(0..0, Word::span), words.last().map_or(0..0, Word::span));
        self.view.original(self.at.saturating_add(first.start)..self.at.saturating_add(last.end))
    }
}

/// What of a view is judged by itself: all of it, and each comment of HTML; in stretches, so that the memory that reading
/// takes has a bound.
pub fn parts(view: &View<'_>) -> impl Iterator<Item = Range<usize>> {
    let text = &*view.text;
    std::iter::once(0..text.len()).chain(comments(text)).flat_map(|range| stretches(text, range))
}
