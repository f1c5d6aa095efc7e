//! Undoes encodings: which ones are tried on a text, and how much of it there may be.

mod blobs;
mod blocks;
mod cipher;
mod escapes;
mod flipped;
mod hidden;
mod joined;
mod leet;
mod markup;
mod parted;
mod reversed;
mod spelled;
mod walk;

use std::borrow::Cow;

use super::map::{Draft, Made, SpanMap};
use super::plain::{plain, turned};
use super::{GROWTH, SPARE, Seen, VIEWS, Via, View};

/// The decoded views of a text, within their bounds.
pub(super) struct Decoded {
    views: Vec<View<'static>>,
    /// How many bytes of views there may still be.
    bytes_left: usize,
    /// In how many bytes of views something more may still be looked for.
    again_left: usize,
    is_cut: bool,
}

impl Decoded {
    pub(super) fn new(text: &str) -> Self {
        let most = most(text.len());
        Self { views: Vec::new(), bytes_left: most, again_left: most, is_cut: false }
    }

    /// All views of a text, then those of each of them. Nothing is done any more once they are too many.
    pub(super) fn add_all(&mut self, text: &str, plain: &View<'_>, seen: &Seen) {
        if seen.tags > 0 || seen.selectors > 0 {
            self.add(Via::Hidden, hidden::undo(text), text, &SpanMap::default(), false, text);
        }
        if seen.bidi > 0 {
            self.add(Via::Turned, turned(text), text, &SpanMap::default(), false, text);
        }
        self.add_from(plain, None, &plain.text);
        // What was taken for another alphabet, leet or reversed was so because words came out.
        let is_done = |view: &&View<'_>| matches!(view.via, Via::Cipher | Via::Leet | Via::Reversed);
        let first: Vec<_> = self.views.iter().filter(|view| !is_done(view)).cloned().collect();
        for view in &first {
            // With one step more than the plain view, the map tells what was undone; with two, what was settled behind it.
            let is_told = !matches!(view.via, Via::Hidden | Via::Turned)
                && view.map.steps() == plain.map.steps().saturating_add(1);
            let excerpt = is_told.then(|| excerpt(view)).flatten();
            let again = excerpt.as_ref().unwrap_or(view);
            self.is_cut |= again.text.len() > self.again_left;
            self.again_left = self.again_left.saturating_sub(again.text.len());
            self.add_from(again, Some(view.via), &view.text);
        }
        self.add_without_markup(plain);
    }

    /// What a page shows. It is in no other view's way: it has no more bytes than the text, and nothing is undone in it.
    fn add_without_markup(&mut self, plain: &View<'_>) {
        if let Some(made) = markup::undo(&plain.text) {
            let map = plain.map.behind(made.pieces);
            self.views.push(View { text: Cow::Owned(made.text), via: Via::Markup, stands_for_all: false, map });
        }
    }

    pub(super) fn finish(self) -> (Vec<View<'static>>, bool) {
        (self.views, self.is_cut)
    }

    /// What can be undone in `view`, which is `whole` or an excerpt of it; `outer` is what was undone before.
    fn add_from(&mut self, view: &View<'_>, outer: Option<Via>, whole: &str) {
        if self.is_cut {
            return;
        }
        let text: &str = &view.text;
        let sense = blocks::read(text);
        let ways: [(Via, &dyn Fn() -> Option<Made>); 10] = [
            (Via::Escapes, &|| escapes::undo(text)),
            (Via::Blobs, &|| blobs::undo(text, &sense)),
            (Via::Cipher, &|| cipher::undo(text, &sense.blocks)),
            (Via::Reversed, &|| reversed::undo(text, &sense)),
            (Via::Reversed, &|| reversed::undo_order(text, &sense)),
            (Via::Reversed, &|| flipped::undo(text)),
            (Via::Spelled, &|| spelled::undo(text, &sense.rows)),
            (Via::Spelled, &|| if sense.seams >= parted::WORDS { parted::undo(text) } else { None }),
            (Via::Leet, &|| if sense.mixed >= leet::LEAST { leet::undo(text) } else { None }),
            (Via::Joined, &|| joined::undo(text)),
        ];
        for (via, undo) in ways {
            if !self.is_cut {
                self.add(outer.unwrap_or(via), undo(), text, &view.map, view.stands_for_all, whole);
            }
        }
    }

    fn add(&mut self, via: Via, made: Option<Made>, source: &str, map: &SpanMap, stands_for_all: bool, whole: &str) {
        let Some(made) = made else { return };
        let stands_for_all = stands_for_all || is_most(made.undone, whole);
        let mut map = map.behind(made.pieces);
        let mut text = made.text;
        if let (Some(made), _) = plain(&text) {
            map = map.behind(made.pieces);
            text = made.text;
        }
        if self.views.len() >= VIEWS || text.len() > self.bytes_left {
            self.is_cut = true;
            return;
        }
        if text == source || self.views.iter().any(|view| view.text == text) {
            return;
        }
        self.bytes_left = self.bytes_left.saturating_sub(text.len());
        self.views.push(View { text: Cow::Owned(text), via, stands_for_all, map });
    }
}

/// How many bytes the decoded views of a text may have: enough for a short one in every way, and for a long one in one way
/// and a bit more, so that none takes much longer to read than it would without them.
fn most(bytes: usize) -> usize {
    bytes.saturating_mul(GROWTH).min(bytes.saturating_add(SPARE))
}

/// How much stands around what was undone, where a second encoding is looked for.
const AROUND: usize = 256;

/// What was undone with what stands around it, unless that is most of the text.
fn excerpt(view: &View<'_>) -> Option<View<'static>> {
    let text: &str = &view.text;
    let mut draft = Draft::new(text);
    let mut kept = 0_usize;
    for range in view.map.changed() {
        let start = text.floor_char_boundary(range.start.saturating_sub(AROUND)).max(draft.at());
        let end = text.ceil_char_boundary(range.end.saturating_add(AROUND).min(text.len()));
        draft.skip_to(start);
        draft.copy_to(end);
        kept = kept.saturating_add(end.saturating_sub(start));
        if kept.saturating_mul(2) > text.len() {
            return None;
        }
    }
    draft.skip_to(text.len());
    let made = draft.made();
    let map = view.map.behind(made.pieces);
    Some(View { text: Cow::Owned(made.text), via: view.via, stands_for_all: view.stands_for_all, map })
}

/// Whether so many bytes are most of a text.
fn is_most(undone: usize, text: &str) -> bool {
    let blanks = text.bytes().filter(u8::is_ascii_whitespace).count();
    undone.saturating_mul(10) >= text.len().saturating_sub(blanks).saturating_mul(7)
}
