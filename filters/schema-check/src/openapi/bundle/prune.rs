//! Leaves out what only describes: objects of the specification, not their schemas (those are the dialect's).

use serde_json::{Value, json};

use super::super::Version;
use super::super::check::{Kind, walk_from};

/// Fields that decide nothing about a request or an answer.
const DESCRIPTIONS: [&str; 11] = [
    "summary",
    "description",
    "externalDocs",
    "tags",
    "deprecated",
    "security",
    "callbacks",
    "links",
    "example",
    "examples",
    "name",
];

/// Prunes a value of a kind. One that cannot be read is left as it is: who reads it next says why.
pub(super) fn prune(kind: Kind, version: Version, value: &mut Value) {
    let mut seen = Vec::new();
    let read = walk_from("", kind, value, version, &mut |object| {
        if object.kind != Kind::Schema {
            seen.push((object.pointer.to_owned(), object.kind, object.is_reference));
        }
        Ok(())
    });
    if read.is_err() {
        return;
    }
    // Inner ones first, while their pointers still lead to them.
    for (pointer, kind, is_reference) in seen.into_iter().rev() {
        let Some(fields) = value.pointer_mut(&pointer).and_then(Value::as_object_mut) else { continue };
        if is_reference {
            fields.retain(|key, _| key == "$ref");
            continue;
        }
        if matches!(kind, Kind::Paths | Kind::Responses | Kind::Discriminator | Kind::Xml | Kind::ExternalDocs) {
            fields.retain(|key, _| !key.starts_with("x-"));
            continue;
        }
        let is_name = |key: &str| key == "name" && kind != Kind::Server;
        fields.retain(|key, _| !key.starts_with("x-") && (is_name(key) || !DESCRIPTIONS.contains(&key.as_str())));
        if kind == Kind::Response {
            fields.insert("description".to_owned(), json!(""));
        }
    }
}
