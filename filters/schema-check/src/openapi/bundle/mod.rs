//! A document made ready ahead of time: everything it refers to is in it, and nothing that is not needed.
//!
//! 1. Only the operations that are named are kept; all of them if none is.
//! 2. What they refer to is moved into `components`, from other files as well; what they do not reach is left out.
//! 3. What only describes is left out, and schemas become those of JSON Schema 2020-12: see [`super::dialect`].
//! 4. The result is read as a filter reads it before it is given out, so what is bundled can be loaded.
//!
//! The same input makes the same bundle, byte for byte. It says `"x-portcullis-bundle": 1`.

mod moving;
mod prune;
mod select;

use serde_json::{Map, Value, json};

use super::check::{Kind, check};
use super::dialect::to_2020_12;
use super::pointer::child;
use super::template::Template;
use super::{Document, Fault, Note, Version};
use moving::Mover;
pub use select::Selection;

/// Gives the document that a reference names: a path beside the document that is bundled, or a URL. The error says what
/// was expected.
pub type Resolve<'r> = &'r mut dyn FnMut(&str) -> Result<Value, String>;

/// A bundle, and what its author should know.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// A document of OpenAPI 3.1 or 3.2.
    pub document: Value,
    /// What was changed in meaning, or left out.
    pub notes: Vec<Note>,
    /// So many operations it has.
    pub operations: usize,
}

/// Makes a bundle.
pub fn bundle(document: &Value, selection: &Selection, resolve: Resolve<'_>) -> Result<Bundle, Fault> {
    let version = check(document)?;
    let mut mover = Mover::new(document, version, resolve);
    let mut notes = Vec::new();
    let paths = paths(document, selection, &mut mover, &mut notes)?;
    let mut bundled = head(document, version);
    if let Some(fields) = bundled.as_object_mut() {
        fields.insert("paths".to_owned(), Value::Object(paths));
        fields.insert("components".to_owned(), mover.components()?);
    }
    notes.extend(to_2020_12(&mut bundled, version)?);
    say_version(&mut bundled);
    let operations = Document::read(&bundled)?.operations.len();
    Ok(Bundle { document: bundled, notes, operations })
}

fn paths(
    document: &Value,
    selection: &Selection,
    mover: &mut Mover<'_>,
    notes: &mut Vec<Note>,
) -> Result<Map<String, Value>, Fault> {
    let mut items = Vec::new();
    for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        let at = child("/paths", path);
        if path.starts_with('/') {
            items.push((path, at.clone(), mover.path_item(&at, item)?));
        }
    }
    selection.all_known(items.iter().map(|(path, _, (_, item))| (path.as_str(), item)))?;
    let mut kept = Map::new();
    for (path, at, (file, mut item)) in items {
        selection.keep(path, &mut item);
        let is_template = Template::parse(path).is_ok() || selection.names_path(path);
        if !select::has_operations(&item) {
            continue;
        }
        if !is_template {
            notes.push(Note { pointer: at, what: "not a path template (it holds a query, say): left out" });
            continue;
        }
        mover.localize(&at, Kind::PathItem, &file, &mut item)?;
        kept.insert(path.clone(), item);
    }
    Ok(kept)
}

/// Who it is, and where its servers are.
fn head(document: &Value, version: Version) -> Value {
    let info = |field: &str| document.pointer(&format!("/info/{field}")).cloned().unwrap_or_default();
    let mut head = json!({
        "openapi": document.get("openapi"),
        "info": {"title": info("title"), "version": info("version")},
        "x-portcullis-bundle": 1,
    });
    for field in ["servers", "jsonSchemaDialect"] {
        if let Some(value) = document.get(field) {
            let mut value = value.clone();
            if let Value::Array(servers) = &mut value {
                for server in servers {
                    prune::prune(Kind::Server, version, server);
                }
            }
            head.as_object_mut().map(|head| head.insert(field.to_owned(), value));
        }
    }
    head
}

/// 3.1.1, unless that does not know what is in it.
fn say_version(bundled: &mut Value) {
    for version in ["3.1.1", "3.2.0"] {
        bundled.as_object_mut().map(|fields| fields.insert("openapi".to_owned(), json!(version)));
        if check(bundled).is_ok() {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
