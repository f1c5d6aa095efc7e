//! What holds across a document: paths that are told apart, with parameters for all their expressions, and operations
//! with names of their own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::super::Fault;
use super::super::pointer::{child, find};
use super::parameters;
use super::rules::expressions;
use super::table::Kind;
use super::walk::Seen;

/// The names of operations and tags so far.
#[derive(Default)]
pub(super) struct Ids {
    operations: BTreeSet<String>,
    tags: BTreeSet<String>,
}

impl Ids {
    pub(super) fn look(&mut self, seen: &Seen<'_>) -> Result<(), Fault> {
        let (known, field) = match seen.kind {
            Kind::Operation => (&mut self.operations, "operationId"),
            Kind::Tag => (&mut self.tags, "name"),
            _ => return Ok(()),
        };
        match seen.fields.get(field).and_then(Value::as_str) {
            Some(name) if !known.insert(name.to_owned()) => {
                Err(Fault::new(child(seen.pointer, field), "a name that no other has in this document"))
            }
            _ => Ok(()),
        }
    }
}

const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

pub(super) fn look(document: &Value) -> Result<(), Fault> {
    let Some(paths) = document.get("paths").and_then(Value::as_object) else { return Ok(()) };
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (path, path_item) in paths.iter().filter(|(path, _)| path.starts_with('/')) {
        let at = child("/paths", path);
        let names = names(&at, path)?;
        let nameless = names.iter().fold(path.clone(), |path, name| path.replace(&format!("{{{name}}}"), "{}"));
        if let Some(other) = seen.insert(nameless, path) {
            return Err(Fault::new(
                at,
                format!("a path that differs from {other} in more than the names of parameters"),
            ));
        }
        if let Some(fields) = path_item.as_object() {
            declared(document, &at, fields, &names)?;
        }
    }
    Ok(())
}

fn names<'a>(at: &str, path: &'a str) -> Result<Vec<&'a str>, Fault> {
    let names = expressions(path).ok_or_else(|| Fault::new(at, "a closing } for each {"))?;
    let mut different = BTreeSet::new();
    match names.iter().find(|name| name.is_empty() || name.contains('/') || !different.insert(**name)) {
        Some(_) => Err(Fault::new(at, "expressions in braces with a name, each of them once")),
        None => Ok(names),
    }
}

/// Every operation has a parameter for each expression of its path, and none for what is not there. A path without
/// operations says nothing, so nothing is asked of it.
fn declared(document: &Value, at: &str, fields: &Map<String, Value>, names: &[&str]) -> Result<(), Fault> {
    let (at, fields) = match fields.get("$ref").and_then(Value::as_str) {
        None => (at.to_owned(), fields),
        Some(reference) => match find(document, reference).and_then(|(at, value)| Some((at, value.as_object()?))) {
            Some(found) => found,
            None => return Ok(()),
        },
    };
    let outer = parameters::of(document, &at, fields);
    for (operation_at, operation) in operations(&at, fields) {
        let own = parameters::of(document, &operation_at, operation);
        let of_path = || own.iter().chain(&outer).filter(|parameter| parameter.place == "path");
        let has_references = [fields, operation].iter().any(|fields| is_leading_out(fields, document));
        if let Some(name) = names.iter().find(|name| !has_references && !of_path().any(|found| found.name == **name)) {
            return Err(Fault::new(operation_at, format!("a parameter in: path for {{{name}}}")));
        }
        if let Some(found) = of_path().find(|found| !names.contains(&found.name)) {
            return Err(Fault::new(&found.pointer, format!("a name of the path, found {}", found.name)));
        }
    }
    Ok(())
}

/// Whether a parameter stands in another file: what it declares is not known before it is bundled.
fn is_leading_out(fields: &Map<String, Value>, document: &Value) -> bool {
    let list = fields.get("parameters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let references = list.iter().filter_map(|parameter| parameter.get("$ref")?.as_str());
    references.into_iter().any(|reference| find(document, reference).is_none())
}

fn operations<'a>(at: &str, fields: &'a Map<String, Value>) -> Vec<(String, &'a Map<String, Value>)> {
    let added_at = child(at, "additionalOperations");
    let added = fields.get("additionalOperations").and_then(Value::as_object);
    let added = added.into_iter().flatten().map(|(method, value)| (child(&added_at, method), value));
    let fixed = METHODS.iter().filter_map(|method| Some((child(at, method), fields.get(*method)?)));
    fixed.chain(added).filter_map(|(at, value)| Some((at, value.as_object()?))).collect()
}
