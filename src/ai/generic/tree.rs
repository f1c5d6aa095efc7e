//! Pointers and what they mean, hung into one tree, and the tables that the tree becomes.

use std::collections::BTreeMap;

use super::pointer::Step;
use crate::ai::dialects::written::Meaning;
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Provenance, What};

/// A place in a document.
#[derive(Debug, Default)]
pub(super) struct Node {
    meaning: Option<Meaning>,
    members: BTreeMap<String, Node>,
    others: Option<Box<Node>>,
}

impl Node {
    /// Says what stands at a place below this one; the error says what was expected.
    pub(super) fn put(&mut self, steps: &[Step], meaning: Meaning) -> Result<(), &'static str> {
        let mut node = self;
        for step in steps {
            node = match step {
                Step::Name(name) => node.members.entry(name.clone()).or_default(),
                Step::Any => node.others.get_or_insert_default(),
            };
        }
        match node.meaning.replace(meaning) {
            None => Ok(()),
            Some(_) => Err("one pointer to a place: a list is no step, so /a/* is /a"),
        }
    }

    /// The place at the end of these steps.
    pub(super) fn find(&self, steps: &[Step]) -> Option<&Self> {
        let mut node = self;
        for step in steps {
            node = match step {
                Step::Name(name) => node.members.get(name)?,
                Step::Any => node.others.as_deref()?,
            };
        }
        Some(node)
    }

    /// Whether what it means and what is below it can both hold: a string or an object.
    pub(super) fn is_sound(&self) -> bool {
        let is_either = matches!(self.meaning, None | Some(Meaning::Text(_) | Meaning::Plain | Meaning::Url));
        self.is_leaf() || is_either
    }

    fn is_leaf(&self) -> bool {
        self.members.is_empty() && self.others.is_none()
    }

    /// The tables. They are never given back: see [`generic`](super).
    pub(super) fn leak(self) -> Is {
        if let Some(meaning) = self.meaning.filter(|_| self.is_leaf()) {
            return is(meaning);
        }
        let members: Vec<(&'static str, Is)> =
            self.members.into_iter().map(|(name, node)| (&*name.leak(), node.leak())).collect();
        let shape = Shape { others: self.others.map(|node| node.leak()), ..Shape::of("generic", members.leak()) };
        let shape = if shape.has_role() { shape.message() } else { shape };
        let shape: &'static Shape = Box::leak(Box::new(shape));
        match self.meaning {
            None => Is::Object(shape),
            Some(Meaning::Text(provenance)) => Is::TextOr(provenance, shape),
            Some(other) => Is::Or(Box::leak(Box::new(is(other))), shape),
        }
    }
}

fn is(meaning: Meaning) -> Is {
    match meaning {
        Meaning::Model => Is::Model,
        Meaning::Stream => Is::Stream,
        Meaning::Role => Is::Role,
        Meaning::Index => Is::Index,
        Meaning::Plain => Is::Plain,
        Meaning::Url => Is::Url,
        Meaning::Again => Is::Again,
        Meaning::Text(provenance) => Is::Text(provenance),
        Meaning::Number(measure) => Is::Number(measure),
        Meaning::Feature(feature) => Is::Uses(feature),
        Meaning::Keep(What::Tool) => Is::NoteText(What::Tool, Provenance::ToolDefinition),
        Meaning::Keep(What::Call) => Is::NoteText(What::Call, Provenance::ToolArguments),
        Meaning::Keep(What::Error) => Is::NoteText(What::Error, Provenance::Unknown),
        Meaning::Keep(what) => Is::Note(what),
        Meaning::Unread(why) => Is::Unread(why),
    }
}
