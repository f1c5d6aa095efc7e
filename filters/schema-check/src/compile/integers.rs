//! `int32` and `int64`, which are formats of OpenAPI (3.1, "Data Types") and none of JSON Schema: as bounds, so that what is
//! too large for the server's integers does not reach it.

use serde_json::{Map, Value, json};

use crate::openapi::check::{Kind, walk};
use crate::openapi::{Fault, Version};

/// Bounds every integer of a document that says how wide it is.
pub(super) fn bound(document: &mut Value, version: Version) -> Result<(), Fault> {
    let mut found = Vec::new();
    walk(document, version, &mut |seen| {
        if let Some(bounds) = bounds(document.pointer(seen.pointer)).filter(|_| seen.kind == Kind::Schema) {
            found.push((seen.pointer.to_owned(), bounds));
        }
        Ok(())
    })?;
    for (pointer, (least, most)) in found {
        if let Some(Value::Object(schema)) = document.pointer_mut(&pointer) {
            tighten(schema, "minimum", least, |own| own >= least);
            tighten(schema, "maximum", most, |own| own <= most);
        }
    }
    Ok(())
}

fn bounds(schema: Option<&Value>) -> Option<(i64, i64)> {
    match schema?.get("format")?.as_str()? {
        "int32" => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
        "int64" => Some((i64::MIN, i64::MAX)),
        _ => None,
    }
}

fn tighten(schema: &mut Map<String, Value>, keyword: &str, bound: i64, is_tighter: impl Fn(i64) -> bool) {
    let own = schema.get(keyword).and_then(Value::as_i64);
    if !own.is_some_and(is_tighter) {
        schema.insert(keyword.to_owned(), json!(bound));
    }
}
