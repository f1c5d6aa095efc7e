//! `readOnly` and `writeOnly`: what a schema is in a request, and what in an answer.
//!
//! In a request a property that is `readOnly` is not required, and strictly may not be there; in an answer the same with
//! `writeOnly`. A schema that leads to none of these is the same in both directions and is not copied.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::check::{Holds, holds};
use super::super::pointer::{child, find, of_reference, to_reference};
use super::super::schemas::{inner, resolve};
use super::super::{Fault, document::Where};

/// Which way a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the server.
    Request,
    /// From it.
    Response,
}

/// The views of a document's schemas in one direction, made when they are asked for.
#[derive(Debug)]
pub struct Views<'a> {
    document: &'a mut Value,
    direction: Direction,
    is_strict: bool,
    /// Whether the keyword is anywhere: most documents have none, and then nothing is looked for.
    is_needed: bool,
    made: BTreeMap<Where, Where>,
}

impl Direction {
    fn keyword(self) -> &'static str {
        match self {
            Self::Request => "readOnly",
            Self::Response => "writeOnly",
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
        }
    }
}

impl<'a> Views<'a> {
    /// Views of a document that was translated. Strict ones refuse properties that do not go this way.
    pub fn new(document: &'a mut Value, direction: Direction, is_strict: bool) -> Self {
        let is_needed = mentions(document, direction.keyword());
        Self { document, direction, is_strict, is_needed, made: BTreeMap::new() }
    }

    /// Where the view of a schema stands: in its own place, or in a component that is made for it.
    pub fn of(&mut self, schema: &str) -> Result<Where, Fault> {
        if let Some(made) = self.made.get(schema) {
            return Ok(made.clone());
        }
        if !self.is_affected(schema)? {
            self.made.insert(schema.to_owned(), schema.to_owned());
            return Ok(schema.to_owned());
        }
        let place = self.free_place(schema);
        // Before its inside is looked at: it may lead back here.
        self.made.insert(schema.to_owned(), place.clone());
        let mut copy = self.document.pointer(schema).cloned().unwrap_or_default();
        self.put(&place, json!(true));
        self.turn(&mut copy, &BTreeSet::new())?;
        self.put(&place, copy);
        Ok(place)
    }

    fn is_affected(&self, schema: &str) -> Result<bool, Fault> {
        if !self.is_needed {
            return Ok(false);
        }
        let reached = resolve(self.document, [schema])?;
        Ok(reached.iter().any(|at| self.document.pointer(at).is_some_and(|schema| self.has_keyword(schema))))
    }

    fn has_keyword(&self, schema: &Value) -> bool {
        let mut open = vec![schema];
        while let Some(schema) = open.pop() {
            if schema.get(self.direction.keyword()) == Some(&json!(true)) {
                return true;
            }
            open.extend(inner("", schema).into_iter().map(|(_, schema)| schema));
        }
        false
    }

    fn free_place(&self, schema: &str) -> Where {
        let name = schema.strip_prefix("/components/schemas/").filter(|name| !name.contains('/')).unwrap_or("schema");
        let mut name = format!("{name}.{}", self.direction.suffix());
        while self.document.pointer(&child("/components/schemas", &name)).is_some() {
            name.push('-');
        }
        child("/components/schemas", &name)
    }

    fn put(&mut self, place: &str, schema: Value) {
        let name = place.rsplit('/').next().unwrap_or_default().to_owned();
        let Some(document) = self.document.as_object_mut() else { return };
        let components = document.entry("components").or_insert_with(|| json!({}));
        let schemas = components.as_object_mut().map(|fields| fields.entry("schemas").or_insert_with(|| json!({})));
        if let Some(schemas) = schemas.and_then(Value::as_object_mut) {
            schemas.insert(name, schema);
        }
    }

    /// `outer` are the properties that schemas around this one describe and that do not go this way.
    fn turn(&mut self, schema: &mut Value, outer: &BTreeSet<String>) -> Result<(), Fault> {
        let mut names = outer.clone();
        self.names(schema, &mut names, MAX_DEPTH);
        let Value::Object(fields) = schema else { return Ok(()) };
        if let Some(Value::Array(required)) = fields.get_mut("required") {
            required.retain(|name| name.as_str().is_none_or(|name| !names.contains(name)));
        }
        if self.is_strict
            && let Some(Value::Object(properties)) = fields.get_mut("properties")
        {
            let closed = properties.iter_mut().filter(|(name, _)| names.contains(*name));
            closed.for_each(|(_, property)| *property = json!(false));
        }
        for (key, value) in fields.iter_mut() {
            let nothing = BTreeSet::new();
            self.turn_inner(key, value, if key == "allOf" { &names } else { &nothing })?;
        }
        if let Some(target) = fields.get("$ref").and_then(Value::as_str).and_then(of_reference) {
            let view = self.of(&target)?;
            fields.insert("$ref".to_owned(), json!(to_reference(&view)));
        }
        fields.remove("readOnly");
        fields.remove("writeOnly");
        Ok(())
    }

    fn turn_inner(&mut self, key: &str, value: &mut Value, outer: &BTreeSet<String>) -> Result<(), Fault> {
        match (holds(key), value) {
            (Holds::One | Holds::OneOrList, value @ Value::Object(_)) => self.turn(value, outer),
            (Holds::List, Value::Array(items)) => items.iter_mut().try_for_each(|item| self.turn(item, outer)),
            (Holds::Map, Value::Object(members)) => members.values_mut().try_for_each(|item| self.turn(item, outer)),
            _ => Ok(()),
        }
    }

    /// The properties of a schema, and of those that it is made of, that do not go this way.
    fn names(&self, schema: &Value, names: &mut BTreeSet<String>, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if self.is_marked(property, depth) {
                names.insert(name.clone());
            }
        }
        for part in self.parts(schema) {
            self.names(part, names, depth);
        }
    }

    fn is_marked(&self, schema: &Value, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        schema.get(self.direction.keyword()) == Some(&json!(true))
            || self.parts(schema).any(|part| self.is_marked(part, depth))
    }

    fn parts<'s>(&'s self, schema: &'s Value) -> impl Iterator<Item = &'s Value> {
        let referred = schema.get("$ref").and_then(Value::as_str).and_then(|to| find(self.document, to));
        let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
        parts.chain(referred.map(|(_, schema)| schema))
    }
}

fn mentions(value: &Value, key: &str) -> bool {
    match value {
        Value::Object(fields) => fields.contains_key(key) || fields.values().any(|value| mentions(value, key)),
        Value::Array(items) => items.iter().any(|value| mentions(value, key)),
        _ => false,
    }
}

/// So deep are parts looked into: `$ref` and `allOf`.
const MAX_DEPTH: usize = 8;
