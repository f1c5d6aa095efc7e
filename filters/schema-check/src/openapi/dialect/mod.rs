//! Every schema of a document as one of JSON Schema 2020-12, so that one validator serves all versions.
//!
//! 1. What only describes is taken out: it costs memory. A property that is called `description` is no description.
//! 2. `nullable`: in 3.0 it adds `null` to the `type` beside it and does nothing else (3.0.3, Schema Object). Documents
//!    that say 3.1 and use it anyway mean that null is allowed: so it is, with a note.
//! 3. `exclusiveMinimum: true` becomes the number; in 3.0 nothing beside `$ref` counts.
//! 4. `discriminator` becomes constraints: it decides which branch a value is, by the names of the branch.
//! 5. `readOnly` and `writeOnly` stay: what they mean depends on the direction, see [`Views`].
//! 6. What cannot be translated is refused: another `$schema`, `$id` and anchors, which make references mean another
//!    place, `$dynamicRef`, and lists in `items`.

mod discriminator;
mod keywords;
mod view;

use serde_json::{Map, Value, json};

use super::check::{Holds, Kind, holds, walk};
use super::pointer::{child, item};
use super::{Fault, Note, Version};
pub use view::{Direction, Views};

type Fields = Map<String, Value>;

/// Translates all schemas of a document in place. A document of 3.0 is one of 3.1 afterwards.
pub fn to_2020_12(document: &mut Value, version: Version) -> Result<Vec<Note>, Fault> {
    if let Some(dialect) = document.get("jsonSchemaDialect").and_then(Value::as_str) {
        keywords::known_dialect("/jsonSchemaDialect", dialect)?;
    }
    let mut roots = Vec::new();
    walk(document, version, &mut |seen| {
        if seen.kind == Kind::Schema && !seen.is_subschema {
            roots.push(seen.pointer.to_owned());
        }
        Ok(())
    })?;
    // Branches are looked at as they were written.
    let source = document.clone();
    let mut translation = Translation { version, source: &source, notes: Vec::new() };
    for root in roots {
        if let Some(schema) = document.pointer_mut(&root) {
            translation.schema(&root, &root, schema)?;
        }
    }
    let mut notes = translation.notes;
    if let Some(fields) = document.as_object_mut() {
        fields.remove("jsonSchemaDialect");
        if version == Version::V30 {
            fields.insert("openapi".to_owned(), json!("3.1.1"));
        }
    }
    notes.sort();
    notes.dedup();
    Ok(notes)
}

struct Translation<'a> {
    version: Version,
    source: &'a Value,
    notes: Vec<Note>,
}

impl Translation<'_> {
    fn note(&mut self, pointer: impl Into<String>, what: &'static str) {
        self.notes.push(Note { pointer: pointer.into(), what });
    }

    /// `anchor` is the innermost schema around this that says `$recursiveAnchor`, or the root.
    fn schema(&mut self, at: &str, anchor: &str, schema: &mut Value) -> Result<(), Fault> {
        let Value::Object(fields) = schema else { return Ok(()) };
        if self.version == Version::V30 && fields.contains_key("$ref") {
            self.reference_alone(at, fields);
            return Ok(());
        }
        let anchor = if fields.get("$recursiveAnchor") == Some(&json!(true)) { at } else { anchor };
        keywords::refuse(at, fields)?;
        self.recursive(at, anchor, fields);
        for (key, value) in fields.iter_mut() {
            self.inner(&child(at, key), anchor, key, value)?;
        }
        keywords::limits(self, at, fields);
        keywords::content(fields);
        discriminator::translate(self, at, fields);
        let is_nullable = keywords::nullable(self, at, fields);
        keywords::strip(self, at, fields);
        if is_nullable {
            *schema = json!({"anyOf": [schema.take(), {"type": "null"}]});
        }
        Ok(())
    }

    fn inner(&mut self, at: &str, anchor: &str, key: &str, value: &mut Value) -> Result<(), Fault> {
        match (holds(key), value) {
            (Holds::One | Holds::OneOrList, value @ Value::Object(_)) => self.schema(at, anchor, value),
            (Holds::List, Value::Array(items)) => {
                items.iter_mut().enumerate().try_for_each(|(index, value)| self.schema(&item(at, index), anchor, value))
            }
            (Holds::Map, Value::Object(members)) => {
                members.iter_mut().try_for_each(|(key, value)| self.schema(&child(at, key), anchor, value))
            }
            _ => Ok(()),
        }
    }

    fn reference_alone(&mut self, at: &str, fields: &mut Fields) {
        let says_something = |key: &String| key != "$ref" && !keywords::is_description(key);
        if fields.keys().any(says_something) {
            self.note(at, "beside $ref nothing counts in 3.0: what stood there was left out");
        }
        fields.retain(|key, _| key == "$ref");
    }

    /// 2019-09, met in documents of 3.1: a reference to the schema around it that is marked.
    fn recursive(&mut self, at: &str, anchor: &str, fields: &mut Fields) {
        fields.remove("$recursiveAnchor");
        if fields.remove("$recursiveRef").is_some() {
            fields.insert("$ref".to_owned(), json!(super::pointer::to_reference(anchor)));
            self.note(at, "$recursiveRef is of JSON Schema 2019-09: made a $ref to the schema around it");
        }
    }
}

#[cfg(test)]
mod tests;
