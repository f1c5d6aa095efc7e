//! Of several forms that a value may have, the one that was meant: its faults are worth telling, those of the others are
//! noise.
//!
//! 1. Forms inside forms are forms like the others.
//! 2. Where every form that takes a value of this type expects another word at the same place (`"role": "user"`, `"tool"`,
//!    …), the place of that word is told, with all the words that there are.
//! 3. Where one form alone takes a value of this type, it is meant.
//! 4. Else the form is meant that is nearest: one whose words fit, then the one that misses least of its own, then the one
//!    that fits furthest in. Of several that are as near, one is as good as another if they tell the same places.
//!
//! Forms may be of forms, and a body may be as deep as it likes: past so much work ([`Work`]) an error is told as it is.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;

type Branch = Vec<ValidationError<'static>>;

/// What is worth telling of an error.
#[derive(Debug)]
pub(super) enum Relevant<'e> {
    /// Itself.
    Itself,
    /// The faults of the form that was meant.
    Form(&'e Branch),
    /// No form has this word: the faults at its place, one at least of each form.
    Word(Vec<&'e ValidationError<'static>>),
}

/// How much work is left to find out what was meant: errors that are looked at.
#[derive(Debug)]
pub(super) struct Work(Cell<usize>);

impl Default for Work {
    fn default() -> Self {
        Self(Cell::new(50_000))
    }
}

impl Work {
    /// Whether so many errors may be looked at.
    fn pays(&self, errors: usize) -> bool {
        let left = self.0.get().checked_sub(errors);
        self.0.set(left.unwrap_or_default());
        left.is_some()
    }
}

/// What is worth telling of an error.
pub(super) fn relevant<'e>(error: &'e ValidationError<'_>, work: &Work) -> Relevant<'e> {
    let depth = depth(error);
    let Some(forms) = forms(error, depth) else { return Relevant::Itself };
    if !work.pays(forms.iter().map(|form| form.len()).sum()) {
        return Relevant::Itself;
    }
    let of_type: Vec<&Branch> = forms.iter().copied().filter(|form| takes_type(form, depth)).collect();
    if let [only] = of_type.as_slice() {
        return Relevant::Form(only);
    }
    if let Some(faults) = word(&of_type, depth, work) {
        return Relevant::Word(faults);
    }
    let at = Place { depth, tags: tags(&forms, depth), work };
    let scored: Vec<(Score, &Branch)> = forms.into_iter().map(|form| (Score::of(form, &at), form)).collect();
    let Some((best, form)) = scored.iter().min_by(|(one, _), (other, _)| one.cmp(other)) else {
        return Relevant::Itself;
    };
    let is_alone = scored.len() == 1;
    let as_near = scored.iter().filter(|(score, _)| score == best);
    let tell_the_same = || as_near.clone().all(|(_, other)| places(other, work) == places(form, work));
    if is_alone || (!best.is_other && tell_the_same()) { Relevant::Form(form) } else { Relevant::Itself }
}

/// The value of which there are forms.
struct Place<'w> {
    depth: usize,
    work: &'w Work,
    /// Members by whose words forms are told apart: two have either the same words for it or none in common.
    tags: BTreeSet<String>,
}

fn takes_type(form: &Branch, depth: usize) -> bool {
    !form.iter().any(|error| self::depth(error) == depth && is_type(error.kind()))
}

fn tags(forms: &[&Branch], depth: usize) -> BTreeSet<String> {
    let mut words: BTreeMap<&str, BTreeSet<BTreeSet<String>>> = BTreeMap::new();
    for error in forms.iter().copied().flatten().filter(|error| is_about_a_member(error, depth)) {
        if let Some(options) = options(error.kind()) {
            let of_member = words.entry(error.instance_path().as_str()).or_default();
            of_member.insert(options.into_iter().map(ToString::to_string).collect());
        }
    }
    let tell_apart = |words: &BTreeSet<BTreeSet<String>>| {
        let disjoint = |one: &BTreeSet<String>| words.iter().all(|other| one == other || one.is_disjoint(other));
        words.len() > 1 && words.iter().all(disjoint)
    };
    words.into_iter().filter(|(_, words)| tell_apart(words)).map(|(member, _)| member.to_owned()).collect()
}

/// The forms of a value of which none fits.
fn forms<'e>(error: &'e ValidationError<'_>, depth: usize) -> Option<Vec<&'e Branch>> {
    let (Kind::AnyOf { context } | Kind::OneOfNotValid { context }) = error.kind() else { return None };
    let mut found = Vec::new();
    for branch in context {
        let inner = match branch.as_slice() {
            [only] if self::depth(only) == depth => forms(only, depth),
            _ => None,
        };
        match inner {
            Some(inner) => found.extend(inner),
            None => found.push(branch),
        }
    }
    Some(found)
}

/// The faults at the place of a word that every form has, and another than stands there.
fn word<'e>(forms: &[&'e Branch], depth: usize, work: &Work) -> Option<Vec<&'e ValidationError<'static>>> {
    let words = |form: &&'e Branch| -> Vec<_> {
        form.iter().filter_map(|error| as_word(error, work)).filter(|error| is_about_a_member(error, depth)).collect()
    };
    let words: Vec<Vec<&'e ValidationError<'static>>> = forms.iter().map(words).collect();
    let path = |error: &ValidationError<'_>| error.instance_path().as_str().to_owned();
    let (first, others) = words.split_first()?;
    let has = |words: &Vec<&ValidationError<'_>>, place: &str| words.iter().any(|error| path(error) == place);
    let place = first.iter().map(|error| path(error)).find(|place| others.iter().all(|words| has(words, place)))?;
    Some(words.into_iter().flatten().filter(|error| path(error) == place).collect())
}

/// An error that is about a word, if only because the other forms of it are of other types: the word or `null`.
fn as_word<'e>(error: &'e ValidationError<'static>, work: &Work) -> Option<&'e ValidationError<'static>> {
    match relevant(error, work) {
        Relevant::Form(form) => {
            form.iter().find(|inner| options(inner.kind()).is_some() && depth(inner) == depth(error))
        }
        Relevant::Word(_) => None,
        Relevant::Itself => Some(error).filter(|error| options(error.kind()).is_some()),
    }
}

/// The words that would have done.
pub(super) fn options(kind: &Kind) -> Option<Vec<&serde_json::Value>> {
    match kind {
        Kind::Constant { expected_value } => Some(vec![expected_value]),
        Kind::Enum { options } => Some(options.as_array()?.iter().collect()),
        _ => None,
    }
}

fn is_type(kind: &Kind) -> bool {
    matches!(kind, Kind::Type { .. } | Kind::FalseSchema)
}

/// How little a form was meant: smaller is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    /// The value is of another type, or says by a word that it is another form (`"role": "tool"`).
    is_other: bool,
    /// What the form itself misses: a word of several weighs less than a member.
    missed: usize,
    /// Deeper faults are of a form that fits as far as that.
    shallowness: usize,
    faults: usize,
}

impl Score {
    const NONE: Self = Self { is_other: false, missed: 0, shallowness: 0, faults: 0 };

    fn of(form: &Branch, at: &Place<'_>) -> Self {
        form.iter().map(|error| Self::of_fault(error, at)).fold(Self::NONE, |all, one| all.and(&one))
    }

    fn of_fault(error: &ValidationError<'_>, at: &Place<'_>) -> Self {
        let own = depth(error);
        if let Kind::AnyOf { context } | Kind::OneOfNotValid { context } = error.kind() {
            let nearest = match relevant(error, at.work) {
                Relevant::Form(form) => Self::of(form, at),
                Relevant::Word(faults) => faults.first().map_or(Self::NONE, |fault| Self::of_fault(fault, at)),
                Relevant::Itself if at.work.pays(context.len()) => {
                    context.iter().map(|form| Self::of(form, at)).min().unwrap_or(Self::NONE)
                }
                Relevant::Itself => Self::NONE,
            };
            return Self { faults: 1, ..nearest };
        }
        let words = options(error.kind()).map(|options| options.len()).filter(|_| is_about_a_member(error, at.depth));
        let is_tag = words == Some(1) || words.is_some() && at.tags.contains(error.instance_path().as_str());
        let missed = match own.checked_sub(at.depth) {
            Some(0) => 3,
            Some(1) if words.is_some() => 2,
            // An element of another kind.
            Some(1) if !is_about_a_member(error, at.depth) => 1,
            _ => 0,
        };
        Self {
            is_other: is_tag || (own == at.depth && is_type(error.kind())),
            missed,
            shallowness: usize::MAX.saturating_sub(own),
            faults: 1,
        }
    }

    fn and(self, other: &Self) -> Self {
        Self {
            is_other: self.is_other || other.is_other,
            missed: self.missed.saturating_add(other.missed),
            shallowness: if self.faults == 0 { other.shallowness } else { self.shallowness.min(other.shallowness) },
            faults: self.faults.saturating_add(other.faults),
        }
    }
}

/// Whether it is about a member of the object that the forms are forms of; an element of a list says nothing of the list.
fn is_about_a_member(error: &ValidationError<'_>, depth: usize) -> bool {
    let path = error.instance_path().as_str();
    let is_index = |segment: &str| !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
    self::depth(error) == depth.saturating_add(1) && path.rsplit('/').next().is_some_and(|last| !is_index(last))
}

fn depth(error: &ValidationError<'_>) -> usize {
    error.instance_path().as_str().matches('/').count()
}

/// The places that a form tells of.
fn places<'e>(form: &'e Branch, work: &Work) -> BTreeSet<&'e str> {
    let mut places = BTreeSet::new();
    for error in form {
        match relevant(error, work) {
            Relevant::Form(inner) => places.extend(self::places(inner, work)),
            Relevant::Word(faults) => places.extend(faults.iter().map(|error| error.instance_path().as_str())),
            Relevant::Itself => {
                places.insert(error.instance_path().as_str());
            }
        }
    }
    places
}
