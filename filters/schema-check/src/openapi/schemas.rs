//! Which schemas a schema leads to, and that all of them are there.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Fault;
use super::check::{Holds, holds};
use super::pointer::{child, item, of_reference};

/// The schemas that stand in a schema, with their pointers.
pub(super) fn inner<'a>(at: &str, schema: &'a Value) -> Vec<(String, &'a Value)> {
    let mut found = Vec::new();
    for (key, value) in schema.as_object().into_iter().flatten() {
        let at = child(at, key);
        match (holds(key), value) {
            (Holds::List | Holds::OneOrList, Value::Array(items)) => {
                found.extend(items.iter().enumerate().map(|(index, value)| (item(&at, index), value)));
            }
            (Holds::One | Holds::OneOrList, _) => found.push((at, value)),
            (Holds::Map, Value::Object(members)) => {
                found.extend(members.iter().map(|(key, value)| (child(&at, key), value)));
            }
            _ => {}
        }
    }
    found
}

/// Every `$ref` in a schema and in those that stand in it: the pointer of the schema that has it, and the reference.
pub(super) fn references(at: &str, schema: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![(at.to_owned(), schema)];
    while let Some((at, schema)) = open.pop() {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            found.push((at.clone(), reference.to_owned()));
        }
        open.extend(inner(&at, schema));
    }
    found
}

/// Whether everything that schemas lead to is there: all that is reached.
pub(super) fn resolve<'a>(
    document: &Value,
    roots: impl IntoIterator<Item = &'a str>,
) -> Result<BTreeSet<String>, Fault> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<String> = roots.into_iter().map(str::to_owned).collect();
    while let Some(pointer) = open.pop() {
        if !reached.insert(pointer.clone()) {
            continue;
        }
        let Some(schema) = document.pointer(&pointer) else { return Err(Fault::new(pointer, "a schema")) };
        for (at, reference) in references(&pointer, schema) {
            open.push(target(document, &at, &reference)?);
        }
    }
    Ok(reached)
}

fn target(document: &Value, at: &str, reference: &str) -> Result<String, Fault> {
    let at = child(at, "$ref");
    if !reference.starts_with('#') {
        let expected = format!("a reference within the document, found {reference}: run `portcullis bundle` first");
        return Err(Fault::new(at, expected));
    }
    let found = of_reference(reference).and_then(|pointer| Some((document.pointer(&pointer)?, pointer)));
    match found {
        Some((Value::Object(_) | Value::Bool(_), pointer)) => Ok(pointer),
        _ => Err(Fault::new(at, format!("a schema in this document, found {reference}"))),
    }
}
