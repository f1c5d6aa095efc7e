//! What becomes of single keywords.

use serde_json::{Value, json};

use super::super::pointer::child;
use super::super::{Fault, Version};
use super::{Fields, Translation};

/// Those that a validator of 2020-12 acts on, and the two that [`super::view`] does.
const KEPT: [&str; 48] = [
    "$ref",
    "$defs",
    "definitions",
    "type",
    "enum",
    "const",
    "multipleOf",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxContains",
    "minContains",
    "maxProperties",
    "minProperties",
    "required",
    "dependentRequired",
    "dependentSchemas",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "items",
    "prefixItems",
    "contains",
    "properties",
    "patternProperties",
    "additionalProperties",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "format",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "readOnly",
    "writeOnly",
    "nullable",
    "discriminator",
];

/// Whether a keyword only tells people something.
pub(super) fn is_description(key: &str) -> bool {
    let words = [
        "title",
        "description",
        "summary",
        "default",
        "example",
        "examples",
        "xml",
        "externalDocs",
        "deprecated",
        "$comment",
    ];
    key.starts_with("x-") || words.contains(&key) || key == "$schema"
}

pub(super) fn known_dialect(at: &str, dialect: &str) -> Result<(), Fault> {
    let is_known = dialect.trim_end_matches('#') == "https://json-schema.org/draft/2020-12/schema"
        || ["https://spec.openapis.org/oas/3.1/dialect/", "https://spec.openapis.org/oas/3.2/dialect/"]
            .iter()
            .any(|base| dialect.starts_with(base));
    let expected =
        "the dialect of OpenAPI or JSON Schema 2020-12: schemas of another would be read as what they are not";
    if is_known { Ok(()) } else { Err(Fault::new(at, expected)) }
}

pub(super) fn refuse(at: &str, fields: &Fields) -> Result<(), Fault> {
    if let Some(dialect) = fields.get("$schema").and_then(Value::as_str) {
        known_dialect(&child(at, "$schema"), dialect)?;
    }
    let moving = ["$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$vocabulary", "id"];
    let is_moving = |key: &&&str| fields.get(**key).is_some_and(|value| **key != "id" || value.is_string());
    if let Some(key) = moving.iter().find(is_moving) {
        let expected = "no such keyword: references are JSON pointers into the document, as #/components/schemas/Name";
        return Err(Fault::new(child(at, key), expected));
    }
    if fields.get("items").is_some_and(Value::is_array) {
        return Err(Fault::new(child(at, "items"), "prefixItems for a list of schemas (JSON Schema 2020-12)"));
    }
    match ["dependencies", "additionalItems"].iter().find(|key| fields.contains_key(**key)) {
        Some(key) => {
            let expected =
                "keywords of JSON Schema 2020-12: dependentRequired, dependentSchemas, or items behind prefixItems";
            Err(Fault::new(child(at, key), expected))
        }
        None => Ok(()),
    }
}

/// `minimum: 0, exclusiveMinimum: true`, of JSON Schema draft 4 and OpenAPI 3.0.
pub(super) fn limits(translation: &mut Translation<'_>, at: &str, fields: &mut Fields) {
    for (limit, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        let Some(Value::Bool(is_exclusive)) = fields.get(exclusive).cloned() else { continue };
        fields.remove(exclusive);
        if is_exclusive && let Some(number) = fields.remove(limit) {
            fields.insert(exclusive.to_owned(), number);
        }
        if translation.version > Version::V30 {
            translation.note(child(at, exclusive), "true or false here is of 3.0: read as it is there");
        }
    }
}

/// `format: binary` and `byte` say how content is coded, which 2020-12 has keywords for.
pub(super) fn content(fields: &mut Fields) {
    let (keyword, value) = match fields.get("format").and_then(Value::as_str) {
        Some("binary") => ("contentMediaType", "application/octet-stream"),
        Some("byte") => ("contentEncoding", "base64"),
        _ => return,
    };
    fields.remove("format");
    fields.entry(keyword).or_insert_with(|| json!(value));
}

/// Whether the whole schema must be wrapped to allow null.
pub(super) fn nullable(translation: &mut Translation<'_>, at: &str, fields: &mut Fields) -> bool {
    if fields.remove("nullable") != Some(json!(true)) {
        return false;
    }
    let at = child(at, "nullable");
    let is_of_3_0 = translation.version == Version::V30;
    if !is_of_3_0 {
        translation.note(&at, "nullable is of 3.0: read as leave to be null");
    }
    let has_type = with_null(fields);
    let list = fields.get_mut("enum").and_then(Value::as_array_mut);
    match list {
        Some(list) if !list.contains(&Value::Null) && is_of_3_0 => {
            translation.note(&at, "nullable does not add null to an enum (3.0.3): null is refused");
        }
        Some(list) if !list.contains(&Value::Null) => list.push(Value::Null),
        _ => {}
    }
    if is_of_3_0 && !has_type {
        translation.note(&at, "nullable without a type beside it does nothing (3.0.3)");
    }
    let is_narrowed = ["$ref", "allOf", "anyOf", "oneOf", "const"].iter().any(|key| fields.contains_key(*key));
    !is_of_3_0 && is_narrowed
}

fn with_null(fields: &mut Fields) -> bool {
    match fields.get_mut("type") {
        Some(Value::Array(types)) if !types.contains(&json!("null")) => types.push(json!("null")),
        Some(Value::Array(_)) => {}
        Some(one) => *one = json!([one.take(), "null"]),
        None => return false,
    }
    true
}

/// Takes out what no validator acts on.
pub(super) fn strip(translation: &mut Translation<'_>, at: &str, fields: &mut Fields) {
    let unknown: Vec<String> =
        fields.keys().filter(|key| !KEPT.contains(&key.as_str()) && !is_description(key)).cloned().collect();
    for key in unknown {
        translation.note(child(at, &key), "not a keyword: it says nothing and was left out");
    }
    fields.retain(|key, _| KEPT.contains(&key.as_str()));
}
