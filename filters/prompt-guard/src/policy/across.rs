//! Literals of `deny` across the borders of texts: half of a phrase may end a part and the other half begin the next.

use portcullis::ai::vocabulary::Provenance;

use super::inspect::Finding;
use super::looked::{DENIED, Looked};
use super::rules::{Finder, Rules};
use crate::detect::literals::Across;
use crate::gather::Piece;
use crate::scope::Scope;

/// What is looked for across borders, with nothing and with a blank between.
pub(super) struct Borders<'r>(Vec<Border<'r>>);

/// What a rule looks for across the borders of texts.
struct Border<'r> {
    rule: usize,
    scope: Scope,
    /// Of texts from one hand alone.
    of: Option<Provenance>,
    /// In letters without marks.
    is_bare: bool,
    across: Across<'r>,
}

impl<'r> Borders<'r> {
    /// Across all texts, and across those of whoever writes most freely.
    pub(super) fn of(rules: &'r Rules) -> Self {
        let hands = [None, Some(Provenance::User), Some(Provenance::ToolResult), Some(Provenance::Document)];
        let literals = rules.list.iter().enumerate().filter_map(|(rule, written)| match &written.finder {
            Finder::Deny(patterns) => Some((rule, written.scope, patterns.literals()?)),
            _ => None,
        });
        let between =
            |(rule, scope, literals)| {
                hands.into_iter().flat_map(move |of| {
                    [("", false), (" ", false), ("", true), (" ", true)].into_iter().map(move |(between, is_bare)| {
                        Border { rule, scope, of, is_bare, across: Across::new(literals, between) }
                    })
                })
            };
        Self(literals.flat_map(between).collect())
    }

    /// What crosses from the texts before into this one. Words of the API stand in between in no order that a reader sees:
    /// they are left out.
    pub(super) fn push(&mut self, at: usize, piece: &Piece<'_>, looked: &Looked<'_>) -> Vec<Finding> {
        let mut crossing = Vec::new();
        let Some(folded) = looked.folded.first().filter(|_| !piece.is_of_others()) else { return crossing };
        for border in self.0.iter_mut().filter(|border| border.is_about(piece.provenance)) {
            let folded = looked.bare.first().and_then(Option::as_ref).filter(|_| border.is_bare).unwrap_or(folded);
            if let Some(end) = border.across.push(&folded.text) {
                let finding = Finding::plain(border.rule, DENIED, Some(at), 0..folded.original(0..end).end);
                if !crossing.contains(&finding) {
                    crossing.push(finding);
                }
            }
        }
        crossing
    }
}

impl Border<'_> {
    fn is_about(&self, provenance: Provenance) -> bool {
        self.scope.has(provenance) && self.of.is_none_or(|of| of == provenance)
    }
}
