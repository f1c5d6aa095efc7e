//! The list of values, made from the reader's events.

use std::borrow::Cow;
use std::cell::Cell;

use portcullis::json::{Error, Event, Limits, Reader, Token};

use super::Number;

/// A document, in the order in which it is written.
///
/// The first value is an object of one member, the document itself: the name of that member says which of a contract's
/// schemas it is held against ([`Tree::under`]).
#[derive(Debug, Default)]
pub struct Tree<'a> {
    values: Vec<Value<'a>>,
    /// The members of large objects, each sorted by name: [`Kind::Object`] says where.
    sorted: Vec<u32>,
    /// The first integer that no 64 bits hold.
    large_integer: Option<u32>,
    steps: Cell<u32>,
    is_exhausted: Cell<bool>,
    /// Whether a look at a text costs a step for each of its bytes.
    charges_for_bytes: bool,
}

/// How many steps a walk may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps(pub u32);

#[derive(Debug)]
pub(super) struct Value<'a> {
    pub(super) kind: Kind<'a>,
    /// The index behind the value and everything in it.
    pub(super) end: u32,
    /// Where it begins in the body.
    pub(super) at: u32,
}

#[derive(Debug)]
pub(super) enum Kind<'a> {
    Null,
    Bool(bool),
    Number(Number<'a>),
    String(Cow<'a, str>),
    Array(u32),
    Object(u32),
    /// An object of more than [`FEW`] members, and where they begin in [`Tree::sorted`].
    Large(u32, u32),
    /// The name of a member: its value is the next in the list.
    Name(Cow<'a, str>),
}

/// Up to this many members are compared one by one; a search in more is by halves.
const FEW: u32 = 16;

/// The document itself, behind the object around it and its name.
pub(super) const ROOT: u32 = 2;

impl<'a> Tree<'a> {
    /// Reads a document, whole.
    pub fn read(body: &'a [u8], limits: Limits) -> Result<Self, Error> {
        let mut tree = Self::new();
        let mut open = Vec::new();
        let mut reader = Reader::new(body, limits);
        while let Some(event) = reader.next()? {
            tree.take(event, &mut open);
        }
        tree.close(0);
        Ok(tree)
    }

    /// A document of one string, which a client sent elsewhere than in a body.
    pub fn of_text(text: &'a str) -> Self {
        Self::of(Kind::String(Cow::Borrowed(text)))
    }

    fn of(kind: Kind<'a>) -> Self {
        let mut tree = Self::new();
        tree.push(kind, 0);
        tree.close(0);
        tree
    }

    /// An empty list, but for the object around the document.
    pub(super) fn new() -> Self {
        let mut tree = Self { steps: Cell::new(u32::MAX), ..Self::default() };
        tree.push(Kind::Object(1), 0);
        tree.push(Kind::Name(Cow::Borrowed("")), 0);
        tree
    }

    /// The same document, held against the schema of this name, with so many steps for it.
    pub fn under(&mut self, name: &'a str, steps: Steps) {
        self.call(name);
        self.refill(steps);
    }

    /// The same document, as the member of this name.
    pub fn call(&mut self, name: &'a str) {
        if let Some(value) = self.values.get_mut(1) {
            value.kind = Kind::Name(Cow::Borrowed(name));
        }
    }

    /// From now on a look at a text costs a step for each of its bytes: where a pattern goes through all of it at every
    /// look, and nobody knows how long it takes.
    pub fn charge_for_bytes(&mut self) {
        self.charges_for_bytes = true;
    }

    /// What looking at a text costs: a check of it goes through all of it.
    pub(super) fn price(&self, text: &str) -> usize {
        let bytes = if self.charges_for_bytes { text.len() } else { text.len().wrapping_shr(5) };
        bytes.saturating_add(1)
    }

    /// Begins again with so many steps.
    pub fn refill(&self, steps: Steps) {
        self.steps.set(steps.0);
        self.is_exhausted.set(false);
    }

    /// Whether the steps did not suffice: then nothing that was found out is to be believed.
    pub fn is_exhausted(&self) -> bool {
        self.is_exhausted.get()
    }

    /// The byte at which the first integer stands that no 64 bits hold.
    pub fn large_integer(&self) -> Option<usize> {
        self.large_integer.and_then(|at| usize::try_from(at).ok())
    }

    /// The strings that are members of such names, alone or in lists, anywhere; those in an object have its names.
    pub fn members<'t>(&'t self, is_wanted: impl Fn(&str) -> bool + 't) -> impl Iterator<Item = (&'t str, &'t str)> {
        let values = (0..self.next()).zip(&self.values);
        let names = values.filter_map(move |(index, value)| match &value.kind {
            Kind::Name(name) if is_wanted(name) => Some((index, name.as_ref())),
            _ => None,
        });
        names.flat_map(|(index, name)| self.strings(index.saturating_add(1)).map(move |text| (name, text)))
    }

    /// The string at `index`, or those in the list there.
    fn strings(&self, index: u32) -> impl Iterator<Item = &str> {
        let end = self.get(index).map_or(index, |value| value.end);
        let mut at = index;
        std::iter::from_fn(move || {
            while at < end {
                let value = self.get(at)?;
                at = if matches!(value.kind, Kind::Array(_)) { at.saturating_add(1) } else { value.end };
                if let Kind::String(text) = &value.kind {
                    return Some(text.as_ref());
                }
            }
            None
        })
    }

    /// How many values there are, the names of members included.
    pub fn len(&self) -> usize {
        self.values.len().saturating_sub(2)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Pays for a step; `false` if there is nothing left to pay with.
    pub(super) fn step(&self, cost: usize) -> bool {
        let cost = u32::try_from(cost).unwrap_or(u32::MAX);
        if let Some(left) = self.steps.get().checked_sub(cost) {
            self.steps.set(left);
            return true;
        }
        self.is_exhausted.set(true);
        self.steps.set(0);
        false
    }

    pub(super) fn get(&self, index: u32) -> Option<&Value<'a>> {
        self.values.get(usize::try_from(index).ok()?)
    }

    pub(super) fn name(&self, index: u32) -> &str {
        match self.get(index) {
            Some(Value { kind: Kind::Name(name), .. }) => name,
            _ => "",
        }
    }

    /// The value of a member of the object at `index`.
    pub(super) fn member(&self, index: u32, wanted: &str) -> Option<u32> {
        match self.get(index)?.kind {
            Kind::Object(members) => self.search(index, members, wanted),
            Kind::Large(members, start) => self.search_sorted(members, start, wanted),
            _ => None,
        }
    }

    fn search(&self, object: u32, members: u32, wanted: &str) -> Option<u32> {
        let mut at = object.checked_add(1)?;
        for _ in 0..members {
            let value = at.checked_add(1)?;
            if self.name(at) == wanted {
                return Some(value);
            }
            at = self.get(value)?.end;
        }
        None
    }

    fn search_sorted(&self, members: u32, start: u32, wanted: &str) -> Option<u32> {
        let start = usize::try_from(start).ok()?;
        let end = start.checked_add(usize::try_from(members).ok()?)?;
        let sorted = self.sorted.get(start..end)?;
        let found = sorted.binary_search_by(|&name| self.name(name).cmp(wanted)).ok()?;
        sorted.get(found)?.checked_add(1)
    }

    fn take(&mut self, event: Event<'a>, open: &mut Vec<u32>) {
        let at = u32::try_from(event.span.start).unwrap_or(u32::MAX);
        match event.token {
            Token::ObjectStart | Token::ArrayStart => {
                self.count(open);
                open.push(self.next());
                let is_object = matches!(event.token, Token::ObjectStart);
                self.push(if is_object { Kind::Object(0) } else { Kind::Array(0) }, at);
            }
            Token::ObjectEnd | Token::ArrayEnd => {
                let index = open.pop().unwrap_or_default();
                self.close(index);
            }
            Token::Key(name) => self.push(Kind::Name(name), at),
            Token::String(text) => self.scalar(Kind::String(text), at, open),
            Token::Number(number) => {
                let number = Number::of(number);
                if self.large_integer.is_none() && number.is_large_integer() {
                    self.large_integer = Some(at);
                }
                self.scalar(Kind::Number(number), at, open);
            }
            Token::Bool(truth) => self.scalar(Kind::Bool(truth), at, open),
            Token::Null => self.scalar(Kind::Null, at, open),
        }
    }

    fn scalar(&mut self, kind: Kind<'a>, at: u32, open: &[u32]) {
        self.count(open);
        self.push(kind, at);
    }

    /// The innermost container has one more.
    fn count(&mut self, open: &[u32]) {
        let innermost = open.last().and_then(|&index| self.values.get_mut(usize::try_from(index).ok()?));
        if let Some(Value { kind: Kind::Array(count) | Kind::Object(count), .. }) = innermost {
            *count = count.saturating_add(1);
        }
    }

    pub(super) fn push(&mut self, kind: Kind<'a>, at: u32) {
        let end = self.next().saturating_add(1);
        self.values.push(Value { kind, end, at });
    }

    fn next(&self) -> u32 {
        u32::try_from(self.values.len()).unwrap_or(u32::MAX)
    }

    /// The container at `index` ends here.
    fn close(&mut self, index: u32) {
        let end = self.next();
        let large = match self.get(index).map(|value| &value.kind) {
            Some(Kind::Object(members)) if *members > FEW => Some(self.sort(index, *members)),
            _ => None,
        };
        let Some(value) = usize::try_from(index).ok().and_then(|index| self.values.get_mut(index)) else { return };
        value.end = end;
        if let Some(large) = large {
            value.kind = large;
        }
    }

    fn sort(&mut self, object: u32, members: u32) -> Kind<'a> {
        let start = self.sorted.len();
        let mut at = object.saturating_add(1);
        for _ in 0..members {
            self.sorted.push(at);
            at = self.get(at.saturating_add(1)).map_or(at, |value| value.end);
        }
        let mut names = self.sorted.split_off(start);
        names.sort_unstable_by(|&one, &other| self.name(one).cmp(self.name(other)));
        self.sorted.append(&mut names);
        Kind::Large(members, u32::try_from(start).unwrap_or(u32::MAX))
    }
}
