//! References between the objects of a document: followed to the object of the kind that is wanted, or refused.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::super::check::{Kind, walk};
use super::super::pointer::{child, find};
use super::super::{Fault, Version};

/// A document with the kind of every object in it.
pub(super) struct Source<'a> {
    pub(super) document: &'a Value,
    kinds: BTreeMap<String, Kind>,
}

/// An object and its place.
#[derive(Clone)]
pub(super) struct At<'a> {
    pub(super) pointer: String,
    pub(super) fields: &'a Map<String, Value>,
}

/// So many references in a row are a circle.
const MAX_HOPS: usize = 32;

impl<'a> Source<'a> {
    pub(super) fn of(document: &'a Value, version: Version) -> Result<Self, Fault> {
        let mut kinds = BTreeMap::new();
        walk(document, version, &mut |seen| {
            if seen.kind != Kind::Schema && !seen.is_reference {
                kinds.insert(seen.pointer.to_owned(), seen.kind);
            }
            Ok(())
        })?;
        Ok(Self { document, kinds })
    }

    /// The object at a place, or where its reference leads.
    pub(super) fn object(&self, pointer: String, kind: Kind) -> Result<At<'a>, Fault> {
        let mut pointer = pointer;
        for _ in 0..MAX_HOPS {
            let fields = self.document.pointer(&pointer).and_then(Value::as_object);
            let fields = fields.ok_or_else(|| Fault::new(&pointer, format!("an object: {}", kind.name())))?;
            let Some(reference) = fields.get("$ref").and_then(Value::as_str) else {
                return self.of_kind(At { pointer, fields }, kind);
            };
            alone(&pointer, fields)?;
            pointer = self.target(&pointer, reference)?;
        }
        Err(Fault::new(child(&pointer, "$ref"), "a reference that leads to an object: this one leads in a circle"))
    }

    fn of_kind(&self, at: At<'a>, kind: Kind) -> Result<At<'a>, Fault> {
        if self.kinds.get(&at.pointer) == Some(&kind) {
            return Ok(at);
        }
        Err(Fault::new(at.pointer, format!("a {}, for something refers to one here", kind.name())))
    }

    fn target(&self, at: &str, reference: &str) -> Result<String, Fault> {
        let at = child(at, "$ref");
        if !reference.starts_with('#') {
            let expected = format!("a reference within the document, found {reference}: run `portcullis bundle` first");
            return Err(Fault::new(at, expected));
        }
        match find(self.document, reference) {
            Some((pointer, _)) => Ok(pointer),
            None => Err(Fault::new(at, format!("a place in this document, found {reference}"))),
        }
    }
}

/// What a path item means that has a reference and fields of its own is undefined.
fn alone(at: &str, fields: &Map<String, Value>) -> Result<(), Fault> {
    let is_harmless = |key: &str| ["$ref", "summary", "description"].contains(&key) || key.starts_with("x-");
    let meant = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query", "additionalOperations"];
    let is_meant = |key: &str| meant.contains(&key) || key == "servers" || key == "parameters";
    match fields.keys().find(|key| !is_harmless(key) && is_meant(key)) {
        Some(key) => Err(Fault::new(child(at, key), "no such field beside $ref: which of both counts is not defined")),
        None => Ok(()),
    }
}

impl<'a> At<'a> {
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.fields.get(name).and_then(Value::as_str)
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.fields.get(name).and_then(Value::as_bool)
    }

    pub(super) fn child(&self, name: &str) -> String {
        child(&self.pointer, name)
    }

    /// The pointer of a field that is there.
    pub(super) fn place(&self, name: &str) -> Option<String> {
        self.fields.contains_key(name).then(|| self.child(name))
    }

    /// The members of a map: name and pointer.
    pub(super) fn map(&self, name: &str) -> Vec<(&'a str, String)> {
        let at = self.child(name);
        let members = self.fields.get(name).and_then(Value::as_object).into_iter().flatten();
        members.map(|(key, _)| (key.as_str(), child(&at, key))).collect()
    }

    /// The pointers of a list's items.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let count = self.fields.get(name).and_then(Value::as_array).map(Vec::len).unwrap_or_default();
        (0..count).map(|index| super::super::pointer::item(&self.child(name), index)).collect()
    }
}
