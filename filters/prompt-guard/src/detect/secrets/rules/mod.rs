//! Which secrets are known. One entry is one kind of secret; its forms are facts that vendors publish, or that follow
//! from keys they issued. A new one is an entry in the table of its trade, and needs no other line.

mod clouds;
mod code;
mod commerce;
mod common;
mod messages;
mod models;
mod operations;
mod social;
mod work;

use std::ops::Range;

use super::shape::{Alphabet, Part, Shape};
use super::sight::Sight;

/// One kind of secret.
pub(super) struct Rule {
    /// Its stable word.
    pub(super) name: &'static str,
    /// How it is written.
    pub(super) forms: &'static [Form],
    /// What it must stand besides having the form.
    pub(super) trial: Trial,
}

/// One way to write a secret. The keyword, found by a single search in any case of its letters, says where to look.
pub(super) enum Form {
    /// The secret begins with the keyword, in this very case.
    Begins(&'static str, Shape),
    /// The keyword stands inside the secret, in this very case.
    Around(Shape, &'static str, Shape),
    /// The secret has nothing of its own; the keyword is part of the name that it is assigned to.
    Named(&'static str, Shape),
    /// The secret follows somewhere on the same line.
    Near(&'static str, Shape),
    /// None of these: read by a function, which judges for itself.
    Read(&'static [&'static str], Reader),
}

/// Finds the secret that a keyword, standing there, announces.
pub(super) type Reader = fn(&mut Sight<'_>, Range<usize>) -> Option<Range<usize>>;

/// What must be true of a secret behind its keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trial {
    /// It seems drawn by lot.
    Random,
    /// That, and it has digits, capitals and small letters: for forms with next to no prefix.
    Mixed,
    /// That it seems drawn by lot, and blanks or quotes are around: for forms that also names of files have.
    Alone,
    /// Nothing: the form says it all.
    Form,
}

impl Rule {
    const fn new(name: &'static str, forms: &'static [Form]) -> Rule {
        Rule { name, forms, trial: Trial::Random }
    }

    const fn with(self, trial: Trial) -> Rule {
        Rule { name: self.name, forms: self.forms, trial }
    }
}

impl Form {
    /// What to search for.
    pub(super) fn keywords(&self) -> impl Iterator<Item = &'static str> {
        let (one, more): (&[&'static str], &[&'static str]) = match self {
            Form::Begins(keyword, _)
            | Form::Around(_, keyword, _)
            | Form::Named(keyword, _)
            | Form::Near(keyword, _) => (std::slice::from_ref(keyword), &[]),
            Form::Read(keywords, _) => (&[], keywords),
        };
        one.iter().chain(more).copied()
    }
}

/// All of them. Where two find the same, the earlier is right: what anybody could have written comes last.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    [
        clouds::RULES,
        code::RULES,
        models::RULES,
        commerce::RULES,
        messages::RULES,
        social::RULES,
        operations::RULES,
        work::RULES,
        common::RULES,
    ]
    .into_iter()
    .flatten()
}

/// 8-4-4-4-12 hexadecimal digits (RFC 9562).
const UUID: Shape = &[
    Alphabet::Hex.of(8),
    Part::Literal("-"),
    Alphabet::Hex.of(4),
    Part::Literal("-"),
    Alphabet::Hex.of(4),
    Part::Literal("-"),
    Alphabet::Hex.of(4),
    Part::Literal("-"),
    Alphabet::Hex.of(12),
];
