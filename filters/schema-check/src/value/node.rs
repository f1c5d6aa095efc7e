//! What the validator asks of a document, in its own words.

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, NodeIdentity, Object};
use serde_json::Value;

use super::compare;
use super::number::Number;
use super::tree::{Kind, Tree, Value as Slot};

/// Our representation of JSON, to the validator.
#[derive(Debug)]
pub struct Own;

/// A value of a document.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    pub(super) tree: &'a Tree<'a>,
    pub(super) index: u32,
}

/// The members of an object, or the elements of an array.
#[derive(Debug, Clone, Copy)]
pub struct Container<'a> {
    of: Node<'a>,
    len: u32,
}

/// A walk through a container, which ends early where the steps do.
#[derive(Debug)]
pub struct Walk<'a> {
    tree: &'a Tree<'a>,
    at: u32,
    left: u32,
}

impl Json for Own {
    type Node<'a> = Node<'a>;
    type PreparedKey = Box<str>;
    /// Going through the members costs less than looking each up: a look-up goes through them too.
    const KEYS_PER_LOOKUP: usize = 1;
    type StringBuffer = Tree<'static>;

    fn prepare_key(key: &str) -> Box<str> {
        key.into()
    }

    fn with_string_node<T>(buffer: &mut Tree<'static>, string: &str, f: impl FnOnce(Node<'_>) -> T) -> T {
        *buffer = Tree::new();
        buffer.push(Kind::String(Cow::Owned(string.to_owned())), 0);
        f(buffer.document())
    }
}

impl<'a> Tree<'a> {
    /// The object around the document.
    pub fn held(&'a self) -> Node<'a> {
        Node { tree: self, index: 0 }
    }

    /// The document.
    pub fn document(&'a self) -> Node<'a> {
        Node { tree: self, index: super::tree::ROOT }
    }
}

impl<'a> Node<'a> {
    /// The byte of the body at which it begins.
    pub fn at(self) -> usize {
        self.slot().map_or(0, |slot| usize::try_from(slot.at).unwrap_or(usize::MAX))
    }

    /// The byte of the body at which the name of a member begins.
    pub fn name_at(self, name: &str) -> Option<usize> {
        let value = self.tree.member(self.index, name)?;
        Some(self.nth(value.checked_sub(1)?).at())
    }

    fn slot(self) -> Option<&'a Slot<'a>> {
        self.tree.get(self.index)
    }

    pub(super) fn kind(self) -> Option<&'a Kind<'a>> {
        self.slot().map(|slot| &slot.kind)
    }

    fn nth(self, index: u32) -> Self {
        Self { tree: self.tree, index }
    }

    /// Where the value lies that a JSON pointer's segments name.
    pub fn find<'s>(self, segments: impl IntoIterator<Item = &'s str>) -> Option<Self> {
        segments.into_iter().try_fold(self, |node, segment| match node.kind()? {
            Kind::Array(_) => segment.parse().ok().and_then(|nth| Container::of(node, 0).walk().nth(nth)),
            _ => node.tree.member(node.index, segment).map(|index| node.nth(index)),
        })
    }
}

impl<'a> jsonschema::json::Node<'a, Own> for Node<'a> {
    type Object = Container<'a>;
    type Array = Container<'a>;
    type Number = Number<'a>;

    fn as_object(&self) -> Option<Container<'a>> {
        match self.kind()? {
            Kind::Object(len) | Kind::Large(len, _) if self.tree.step(1) => Some(Container::of(*self, *len)),
            _ => None,
        }
    }

    fn as_array(&self) -> Option<Container<'a>> {
        match self.kind()? {
            Kind::Array(len) if self.tree.step(1) => Some(Container::of(*self, *len)),
            _ => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        match self.kind()? {
            Kind::String(text) if self.tree.step(self.tree.price(text)) => Some(Cow::Borrowed(text)),
            _ => None,
        }
    }

    fn as_number(&self) -> Option<Number<'a>> {
        match self.kind()? {
            Kind::Number(number) if self.tree.step(1) => Some(*number),
            _ => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match self.kind()? {
            Kind::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self.kind(), Some(Kind::Null))
    }

    fn is_number(&self) -> bool {
        matches!(self.kind(), Some(Kind::Number(_)))
    }

    fn is_string(&self) -> bool {
        matches!(self.kind(), Some(Kind::String(_)))
    }

    fn json_type(&self) -> JsonType {
        self.tree.step(1);
        match self.kind() {
            None | Some(Kind::Null | Kind::Name(_)) => JsonType::Null,
            Some(Kind::Bool(_)) => JsonType::Boolean,
            Some(Kind::Number(_)) => JsonType::Number,
            Some(Kind::String(_)) => JsonType::String,
            Some(Kind::Array(_)) => JsonType::Array,
            Some(Kind::Object(_) | Kind::Large(..)) => JsonType::Object,
        }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        compare::equals_value(*self, expected)
    }

    /// For annotations, which nobody asks for here, and for what is told of faults, in which nothing of a body may stand.
    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned(Value::Null)
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(NodeIdentity::tagged(std::ptr::from_ref(self.tree).addr(), self.index))
    }
}

impl<'a> Container<'a> {
    fn of(of: Node<'a>, len: u32) -> Self {
        Self { of, len }
    }

    fn walk(self) -> Walk<'a> {
        let end = self.of.slot().map_or(0, |slot| slot.end);
        Walk { tree: self.of.tree, at: self.of.index.saturating_add(1), left: end }
    }

    fn size(self) -> usize {
        usize::try_from(self.len).unwrap_or(usize::MAX)
    }
}

impl Walk<'_> {
    /// Where the next name or element is, unless this is the end or nothing is left to pay with.
    fn advance(&self) -> Option<u32> {
        (self.at < self.left && self.tree.step(1)).then_some(self.at)
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        let index = self.advance()?;
        self.at = self.tree.get(index)?.end;
        Some(Node { tree: self.tree, index })
    }
}

/// The members of an object.
#[derive(Debug)]
pub struct Members<'a>(Walk<'a>);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, Node<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let name = self.0.advance()?;
        self.0.at = name.saturating_add(1);
        let value = self.0.next()?;
        Some((self.0.tree.name(name), value))
    }
}

impl<'a> Object<'a, Own> for Container<'a> {
    type Node = Node<'a>;
    type MemberName = &'a str;
    type MembersIter = Members<'a>;

    fn len(&self) -> usize {
        self.size()
    }

    fn get(&self, key: &Box<str>) -> Option<Node<'a>> {
        let tree = self.of.tree;
        if !tree.step(self.size().min(8)) {
            return None;
        }
        tree.member(self.of.index, key).map(|index| self.of.nth(index))
    }

    fn members(&self) -> Members<'a> {
        Members(self.walk())
    }
}

impl<'a> Array<'a, Own> for Container<'a> {
    type Node = Node<'a>;
    type ElementsIter = Walk<'a>;

    fn len(&self) -> usize {
        self.size()
    }

    fn elements(&self) -> Walk<'a> {
        self.walk()
    }

    fn is_unique(&self) -> bool {
        compare::is_unique(self.walk())
    }
}
