//! What holds across a document: paths that are told apart, and operations with names of their own.
//!
//! That each expression of a path has a parameter is asked where operations are read (`document`): the specification's own
//! examples break it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::Fault;
use super::super::pointer::child;
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

pub(super) fn look(document: &Value) -> Result<(), Fault> {
    let Some(paths) = document.get("paths").and_then(Value::as_object) else { return Ok(()) };
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for path in paths.keys().filter(|path| path.starts_with('/')) {
        let at = child("/paths", path);
        let names = names(&at, path)?;
        let nameless = names.iter().fold(path.clone(), |path, name| path.replace(&format!("{{{name}}}"), "{}"));
        if let Some(other) = seen.insert(nameless, path) {
            return Err(Fault::new(
                at,
                format!("a path that differs from {other} in more than the names of parameters"),
            ));
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
