//! A walk through an API's published schema and our table of it at once: which of the strings it may hold we read, or
//! list as one that we do not.

use std::collections::{BTreeSet, HashSet};

use portcullis::ai::fields::meaning;
use portcullis::ai::shape::{Is, Shape};
use serde_json::Value;

use crate::suite::{Verdict, Verdicts};

/// Each field of a schema that may be a string, and whether the table has it.
pub(crate) fn of(document: &Value, schema: &Value, is: Is) -> BTreeSet<(String, bool)> {
    let mut visit = Visit { document, seen: HashSet::new(), found: BTreeSet::new() };
    visit.value(schema, Some(is), String::new());
    visit.found
}

/// The same as cases of this name.
pub(crate) fn cases(name: &str, fields: BTreeSet<(String, bool)>) -> impl Iterator<Item = (String, Verdict)> + use<'_> {
    fields.into_iter().map(move |(field, is_known)| (format!("{name} {field}"), Verdict::of(is_known)))
}

/// All of them must be known.
pub(crate) fn must(did: &Verdicts) -> Verdicts {
    did.keys().map(|case| (case.clone(), Verdict::Accept)).collect()
}

/// What a reference says.
pub(crate) fn resolve<'a>(document: &'a Value, reference: &str) -> &'a Value {
    document.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null)
}

struct Visit<'a> {
    document: &'a Value,
    /// Schemas that were met with this meaning: both are recursive.
    seen: HashSet<(&'a str, Option<*const Shape>, String)>,
    found: BTreeSet<(String, bool)>,
}

impl<'a> Visit<'a> {
    fn value(&mut self, schema: &'a Value, is: Option<Is>, path: String) {
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            let table = is.and_then(Is::shape).map(std::ptr::from_ref);
            if self.seen.insert((name, table, is.map(meaning).unwrap_or_default())) {
                self.value(resolve(self.document, name), is, path);
            }
            return;
        }
        for one in ["allOf", "anyOf", "oneOf"].iter().filter_map(|key| schema.get(key)?.as_array()).flatten() {
            self.value(one, is, path.clone());
        }
        if takes_strings(schema) && !path.is_empty() {
            self.found.insert((path.clone(), is.is_some_and(Is::takes_text)));
        }
        if let Some(items) = schema.get("items") {
            self.value(items, is, path.clone());
        }
        for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            self.value(member, is.and_then(|is| is.member(name)), join(&path, name));
        }
        if let Some(any) = schema.get("additionalProperties").filter(|any| any.is_object()) {
            self.value(any, is.and_then(|is| is.member("*")), join(&path, "*"));
        }
    }
}

fn takes_strings(schema: &Value) -> bool {
    match schema.get("type") {
        Some(Value::String(kind)) => kind == "string",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "string"),
        _ => false,
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
