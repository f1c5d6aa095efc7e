//! Which bytes of the text that was given stand behind the bytes of a view: redaction and reports speak of the former,
//! detectors of the latter.

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

/// From a view back to the text that was given, through every text in between.
#[derive(Debug, Clone, Default)]
pub(super) struct SpanMap {
    /// The first leads from the view, the last into the text that was given. None: the view is that text.
    steps: Vec<Step>,
}

/// From a text to the one it was made of.
#[derive(Debug, Clone)]
struct Step {
    pieces: Arc<[Piece]>,
    /// What was asked last, and the answer. All that is found in a block that was undone comes from the whole of it, which may
    /// be of as many pieces as it has letters: looked up anew for each, that would be the square of the text.
    last: Cell<Option<(Range32, Range32)>>,
}

/// A stretch of a text and what it was made of. Neither is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    to: Range32,
    from: Range32,
    way: Way,
}

/// Offsets of 32 bits: a map may hold a piece for every character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range32 {
    start: u32,
    end: u32,
}

/// How a stretch follows from its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Byte by byte.
    Along,
    /// Byte by byte, from the end; ASCII only.
    Against,
    /// As a whole.
    Whole,
}

impl SpanMap {
    /// Of a text made of the text this map belongs to.
    pub(super) fn behind(&self, pieces: Vec<Piece>) -> Self {
        let mut steps = vec![Step { pieces: Arc::from(pieces), last: Cell::new(None) }];
        steps.extend(self.steps.iter().cloned());
        Self { steps }
    }

    /// How many texts this map leads through.
    pub(super) fn steps(&self) -> usize {
        self.steps.len()
    }

    /// Where the text this map belongs to is not byte by byte what it was made of: such stretches, and the seams where
    /// something is gone.
    pub(super) fn changed(&self) -> impl Iterator<Item = Range<usize>> {
        let pieces = self.steps.first().map(|step| &*step.pieces).unwrap_or_default();
        pieces.iter().map(|piece| match piece.way {
            Way::Along => piece.to.start()..piece.to.start(),
            Way::Whole | Way::Against => piece.to.range(),
        })
    }

    /// What stands behind these bytes of `text`, the text this map belongs to. Any range will do: it is cut to
    /// the text, and widened to whole characters and to at least one of them.
    pub(super) fn original(&self, text: &str, span: &Range<usize>) -> Range<usize> {
        let span = whole_characters(text, span);
        self.steps.iter().fold(span, |span, step| step.source(&span))
    }
}

impl Step {
    fn source(&self, span: &Range<usize>) -> Range<usize> {
        let asked = Range32::of(span);
        if let Some((_, source)) = self.last.get().filter(|(last, _)| *last == asked) {
            return source.range();
        }
        let source = source(&self.pieces, span);
        self.last.set(Some((asked, Range32::of(&source))));
        source
    }
}

/// What `span` was made of. A span of nothing becomes a span of nothing.
fn source(pieces: &[Piece], span: &Range<usize>) -> Range<usize> {
    let first = pieces.partition_point(|piece| piece.to.end() <= span.start);
    let touched = pieces.get(first..).unwrap_or_default().iter().take_while(|piece| piece.to.start() < span.end);
    let sources = touched.map(|piece| piece.source(span));
    sources.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end)).unwrap_or(0..0)
}

impl Piece {
    /// What the part of `span` in this piece was made of.
    fn source(&self, span: &Range<usize>) -> Range<usize> {
        let before = span.start.saturating_sub(self.to.start());
        let behind = self.to.end().saturating_sub(span.end);
        let (start, end) = (self.from.start(), self.from.end());
        match self.way {
            Way::Whole => start..end,
            Way::Along => start.saturating_add(before)..end.saturating_sub(behind),
            Way::Against => start.saturating_add(behind)..end.saturating_sub(before),
        }
    }

    /// The piece that is this one and `next`, if they follow each other in both texts.
    fn joined(&self, next: &Self) -> Option<Self> {
        let to = Range32 { start: self.to.start, end: next.to.end };
        let from = match (self.way, next.way) {
            (Way::Along, Way::Along) if self.from.end == next.from.start => {
                Range32 { start: self.from.start, end: next.from.end }
            }
            (Way::Against, Way::Against) if next.from.end == self.from.start => {
                Range32 { start: next.from.start, end: self.from.end }
            }
            _ => return None,
        };
        Some(Self { to, from, way: self.way })
    }
}

impl Range32 {
    fn of(range: &Range<usize>) -> Self {
        let short = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: short(range.start), end: short(range.end) }
    }

    fn start(self) -> usize {
        usize::try_from(self.start).unwrap_or(usize::MAX)
    }

    fn end(self) -> usize {
        usize::try_from(self.end).unwrap_or(usize::MAX)
    }

    fn range(self) -> Range<usize> {
        self.start()..self.end()
    }
}

fn whole_characters(text: &str, span: &Range<usize>) -> Range<usize> {
    let mut start = span.start.min(text.len());
    if start == text.len() {
        start = start.saturating_sub(1);
    }
    let start = text.floor_char_boundary(start);
    let end = span.end.clamp(start.saturating_add(1).min(text.len()), text.len());
    start..text.ceil_char_boundary(end)
}

/// A text in the making, written from another one, with the map between them.
#[derive(Debug)]
pub(super) struct Draft<'t> {
    source: &'t str,
    text: String,
    pieces: Vec<Piece>,
    /// What of the source has been dealt with.
    at: usize,
    /// How many bytes of the source were undone.
    undone: usize,
    /// The first piece that may still grow.
    open: usize,
}

/// A text that was made, and the map to its source.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) text: String,
    pub(super) pieces: Vec<Piece>,
    /// How many bytes of the source were undone.
    pub(super) undone: usize,
}

impl<'t> Draft<'t> {
    pub(super) fn new(source: &'t str) -> Self {
        Self { source, text: String::new(), pieces: Vec::new(), at: 0, undone: 0, open: 0 }
    }

    pub(super) fn source(&self) -> &'t str {
        self.source
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The source as it is, as far as `end`.
    pub(super) fn copy_to(&mut self, end: usize) {
        let range = self.at..end.max(self.at);
        let text = self.source.get(range.clone()).unwrap_or_default();
        self.write(&range, text, Way::Along);
        self.at = range.end;
    }

    /// Nothing, instead of the source as far as `end`.
    pub(super) fn skip_to(&mut self, end: usize) {
        self.at = end.max(self.at);
    }

    /// `text` instead of a stretch of the source. What stands before it and was not dealt with is copied.
    pub(super) fn replace(&mut self, range: &Range<usize>, text: &str) {
        self.undone = self.undone.saturating_add(range.len());
        self.put(range, text, Way::Whole);
    }

    /// Nothing instead of a stretch of the source.
    pub(super) fn drop(&mut self, range: &Range<usize>) {
        self.copy_to(range.start);
        self.undone = self.undone.saturating_add(range.len());
        self.skip_to(range.end);
    }

    /// As many bytes of ASCII instead of as many of the source.
    pub(super) fn translate(&mut self, range: &Range<usize>, text: &str) {
        self.undone = self.undone.saturating_add(range.len());
        self.put(range, text, if text.len() == range.len() { Way::Along } else { Way::Whole });
    }

    /// What a stretch of the source is, kept or written in another way; it does not count as undone.
    pub(super) fn settle(&mut self, range: &Range<usize>, text: &str) {
        let is_same = self.source.get(range.clone()) == Some(text);
        self.put(range, text, if is_same { Way::Along } else { Way::Whole });
    }

    /// A stretch of the source from its end to its beginning, with `each` character as it is told.
    pub(super) fn reverse(&mut self, range: &Range<usize>, each: impl Fn(char) -> char) {
        self.copy_to(range.start);
        let text = self.source.get(range.clone()).unwrap_or_default();
        for (at, character) in text.char_indices().rev() {
            let start = range.start.saturating_add(at);
            let from = start..start.saturating_add(character.len_utf8());
            let new = each(character);
            let is_ascii = character.is_ascii() && new.is_ascii();
            let way = if is_ascii { Way::Against } else { Way::Whole };
            self.write(&from, new.encode_utf8(&mut [0; 4]), way);
        }
        self.undone = self.undone.saturating_add(range.len());
        self.at = range.end.max(self.at);
    }

    /// The words of a stretch of the source, and the blanks between them, from the last to the first.
    pub(super) fn reverse_words(&mut self, range: &Range<usize>) {
        self.copy_to(range.start);
        let text = self.source.get(range.clone()).unwrap_or_default();
        let mut end = range.end;
        for word in text.split_inclusive(char::is_whitespace).rev() {
            let start = end.saturating_sub(word.len());
            let letters = word.trim_end();
            let gap = start.saturating_add(letters.len());
            // The blank behind a word stands before it now.
            self.write(&(gap..end), word.get(letters.len()..).unwrap_or_default(), Way::Along);
            self.write(&(start..gap), letters, Way::Along);
            end = start;
        }
        self.undone = self.undone.saturating_add(range.len());
        self.at = range.end.max(self.at);
    }

    /// Turns around what was written since `mark`, character by character.
    pub(super) fn turn(&mut self, mark: Mark) {
        let tail = self.text.split_off(mark.text.min(self.text.len()));
        self.undone = self.undone.saturating_add(tail.len());
        let pieces = self.pieces.split_off(mark.pieces.min(self.pieces.len()));
        for piece in pieces.iter().rev() {
            let to = piece.to.start().saturating_sub(mark.text)..piece.to.end().saturating_sub(mark.text);
            let written = tail.get(to).unwrap_or_default();
            if piece.way == Way::Along {
                for (at, character) in written.char_indices().rev() {
                    let start = piece.from.start().saturating_add(at);
                    let way = if character.is_ascii() { Way::Against } else { Way::Whole };
                    let from = start..start.saturating_add(character.len_utf8());
                    self.write(&from, character.encode_utf8(&mut [0; 4]), way);
                }
            } else {
                self.write(&piece.from.range(), written, piece.way);
            }
        }
        self.open = self.pieces.len();
    }

    /// A place to turn from.
    pub(super) fn mark(&mut self) -> Mark {
        self.open = self.pieces.len();
        Mark { text: self.text.len(), pieces: self.pieces.len() }
    }

    /// The text, with what is left of the source; `None` if nothing was undone.
    pub(super) fn undone(self) -> Option<Made> {
        (self.undone > 0).then(|| self.made())
    }

    /// The text, with what is left of the source.
    pub(super) fn made(mut self) -> Made {
        self.copy_to(self.source.len());
        Made { text: self.text, pieces: self.pieces, undone: self.undone }
    }

    fn put(&mut self, range: &Range<usize>, text: &str, way: Way) {
        self.copy_to(range.start);
        self.write(range, text, way);
        self.at = range.end.max(self.at);
    }

    fn write(&mut self, from: &Range<usize>, text: &str, way: Way) {
        if text.is_empty() || from.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.push_str(text);
        let to = Range32::of(&(start..self.text.len()));
        let piece = Piece { to, from: Range32::of(from), way };
        let may_grow = self.pieces.len() > self.open;
        match self.pieces.last_mut().filter(|_| may_grow).map(|last| (last.joined(&piece), last)) {
            Some((Some(joined), last)) => *last = joined,
            _ => self.pieces.push(piece),
        }
    }
}

/// A place in a draft.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    text: usize,
    pieces: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(made: &Made) -> SpanMap {
        SpanMap::default().behind(made.pieces.clone())
    }

    #[test]
    fn a_span_leads_back_to_what_it_was_made_of() {
        let mut draft = Draft::new("say %41%42 now");
        draft.replace(&(4..7), "A");
        draft.replace(&(7..10), "B");
        let made = draft.undone().unwrap();
        assert_eq!(made.text, "say AB now");
        let map = map(&made);
        assert_eq!(map.original(&made.text, &(4..5)), 4..7);
        assert_eq!(map.original(&made.text, &(3..8)), 3..12);
        assert_eq!(map.original(&made.text, &(0..10)), 0..14);
    }

    #[test]
    fn a_reversed_stretch_leads_back_letter_by_letter() {
        let mut draft = Draft::new("a: olé");
        draft.reverse(&(3..7), |character| character);
        let made = draft.undone().unwrap();
        assert_eq!(made.text, "a: élo");
        assert_eq!(map(&made).original(&made.text, &(3..5)), 5..7);
        assert_eq!(map(&made).original(&made.text, &(6..7)), 3..4);
    }

    #[test]
    fn a_block_of_many_pieces_is_looked_up_once() {
        const LETTERS: usize = 1 << 18;
        let wide = "ａ".repeat(LETTERS);
        let mut draft = Draft::new(&wide);
        for at in (0..wide.len()).step_by(3) {
            draft.settle(&(at..at + 3), "a");
        }
        let plain = draft.made();
        let mut draft = Draft::new(&plain.text);
        draft.replace(&(0..LETTERS), &plain.text);
        let undone = draft.made();
        let map = SpanMap::default().behind(plain.pieces).behind(undone.pieces);
        assert!((0..LETTERS).all(|at| map.original(&undone.text, &(at..at + 1)) == (0..wide.len())));
    }

    #[test]
    fn no_span_is_out_of_bounds() {
        let made = Draft::new("é").made();
        for span in [0..0, 0..1, 1..2, 5..9, usize::MAX..usize::MAX] {
            assert_eq!(map(&made).original(&made.text, &span), 0..2);
        }
        assert_eq!(SpanMap::default().original("", &(3..4)), 0..0);
    }
}
