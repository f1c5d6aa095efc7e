//! A text in every way in which it could be read, and what a rule finds there.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use portcullis::ai::vocabulary::Provenance;

use super::inspect::Finding;
use super::rules::{Finder, Rule};
use crate::detect::Hit;
use crate::detect::injection::model::Hand;
use crate::detect::injection::{Attack, Injection, Scored};
use crate::detect::patterns::Patterns;
use crate::gather::Piece;
use crate::normalise::{Folded, Via, View, Views, folded};

/// What an operator's pattern finds.
pub(super) const DENIED: &str = "denied_pattern";

/// What the trained detector finds.
pub(super) const INJECTED: &str = "injection";

/// A text in every way in which it could be read.
pub(super) struct Looked<'t> {
    views: Views<'t>,
    /// Of the plain view, then of the decoded ones; none if nobody looks at them.
    pub(super) folded: Vec<Folded>,
    /// The same without marks on letters, of those that have any.
    pub(super) bare: Vec<Option<Folded>>,
    /// What the trained detector makes of it, for all rules that ask.
    scored: OnceCell<Option<Scored>>,
}

/// Something at a place of the text that was sent.
pub(super) struct Found {
    kind: &'static str,
    pub(super) span: Range<usize>,
    via: Via,
    reasons: Vec<&'static str>,
    /// How many of its kind were found at this place in the same view: in a run of base64 all have one place.
    before: usize,
}

impl Found {
    fn new(kind: &'static str, span: Range<usize>, via: Via) -> Self {
        Self { kind, span, via, reasons: Vec::new(), before: 0 }
    }

    /// An attack.
    pub(super) fn of(attack: Attack) -> Self {
        Self { reasons: attack.reasons, ..Self::new(INJECTED, attack.span, attack.via) }
    }

    fn place(&self) -> (&'static str, usize, usize) {
        (self.kind, self.span.start, self.span.end)
    }

    pub(super) fn finding(self, rule: usize, piece: usize) -> Finding {
        let Self { kind, span, via, reasons, .. } = self;
        Finding { rule, kind, piece: Some(piece), span, via, reasons }
    }
}

impl<'t> Looked<'t> {
    pub(super) fn at(views: Views<'t>, folds: bool) -> Self {
        let folded: Vec<Folded> = if folds { views.all().map(folded).collect() } else { Vec::new() };
        let bare = folded.iter().map(Folded::bare).collect();
        Self { views, folded, bare, scored: OnceCell::new() }
    }

    pub(super) fn with_folded(&self) -> impl Iterator<Item = (&View<'_>, &Folded)> {
        self.views.all().zip(&self.folded)
    }

    /// What a rule finds, each once.
    pub(super) fn find(&self, rule: &Rule, piece: &Piece<'_>, tells_why: bool) -> Vec<Found> {
        once(self.find_all(rule, piece, tells_why))
    }

    fn find_all(&self, rule: &Rule, piece: &Piece<'_>, tells_why: bool) -> Vec<Found> {
        let text = &piece.text;
        match &rule.finder {
            Finder::Deny(patterns) => self.denied(patterns),
            Finder::Signature(signature) => self.in_all(text, |via| via != Via::Markup, |text| signature.find(text)),
            Finder::Injection(injection) => self.injected(injection, piece.provenance, tells_why),
            Finder::Pii(pii) => self.in_all(text, keeps_digits, |text| pii.find(text)),
            Finder::Secrets(secrets) => self.in_all(text, keeps_digits, |text| secrets.find(text)),
            // A service is asked when nothing here refuses the request.
            Finder::Moderation(_) => Vec::new(),
            Finder::Shape(shape) => {
                let hits = shape.find(text, piece.longest(), &self.views.seen).into_iter();
                hits.map(|hit| Found::new(hit.kind, hit.span, Via::Plain)).collect()
            }
        }
    }

    fn denied(&self, patterns: &Patterns) -> Vec<Found> {
        let found = self.with_folded().zip(&self.bare).flat_map(|((view, folded), bare)| {
            let spans = patterns.find(view, folded).into_iter();
            let bare = bare.iter().flat_map(|bare| patterns.find_bare(bare));
            spans.chain(bare).map(|span| Found::new(DENIED, span, view.via)).collect::<Vec<_>>()
        });
        found.collect()
    }

    fn injected(&self, injection: &Injection, provenance: Provenance, tells_why: bool) -> Vec<Found> {
        let scored = self.scored.get_or_init(|| injection.score(&self.views)).as_ref();
        let found = scored.and_then(|scored| injection.attack(scored, hand_of(provenance), tells_why));
        found.map(Found::of).into_iter().collect()
    }

    /// In the text as it was sent and in views of it: there characters are that no view has, and what cannot be seen may
    /// stand between two words.
    fn in_all(&self, text: &str, wanted: impl Fn(Via) -> bool, find: impl Fn(&str) -> Vec<Hit>) -> Vec<Found> {
        let mut found = self.in_views(wanted, &find);
        if matches!(self.views.plain.text, Cow::Owned(_)) {
            found.extend(numbered(
                find(text).into_iter().map(|hit| Found::new(hit.kind, hit.span, Via::Plain)).collect(),
            ));
        }
        found
    }

    fn in_views(&self, wanted: impl Fn(Via) -> bool, find: impl Fn(&str) -> Vec<Hit>) -> Vec<Found> {
        let wanted = self.views.all().filter(|view| wanted(view.via));
        let found = |view: &View<'_>| {
            let hits = find(&view.text).into_iter();
            numbered(hits.map(|hit| Found::new(hit.kind, view.original(hit.span), view.via)).collect())
        };
        wanted.flat_map(found).collect()
    }
}

/// What was found in one view, each with how many of its kind were found before at its place.
fn numbered(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(Found::place);
    let mut last: Option<(&'static str, usize, usize)> = None;
    let mut before = 0_usize;
    for found in &mut found {
        before = if last == Some(found.place()) { before.saturating_add(1) } else { 0 };
        (found.before, last) = (before, Some(found.place()));
    }
    found
}

/// What was found, each once: at one place in several views there are as many as in the view with most.
fn once(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(|found| (found.place(), found.before));
    found.dedup_by_key(|found| (found.place(), found.before));
    found
}

/// Whether numbers are numbers still: an alphabet in another order, or digits taken for letters, makes numbers of others;
/// and without the tags of a table, two are one.
fn keeps_digits(via: Via) -> bool {
    !matches!(via, Via::Leet | Via::Cipher | Via::Reversed | Via::Markup)
}

/// Who gives a model a text of this kind.
pub(super) fn hand_of(provenance: Provenance) -> Hand {
    if provenance == Provenance::User { Hand::Said } else { Hand::Read }
}
