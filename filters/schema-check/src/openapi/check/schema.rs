//! Where a schema holds schemas: a property that is called like a keyword is no keyword.

use serde_json::{Map, Value};

use super::super::pointer::{child, item};
use super::super::{Fault, Version};
use super::table::Kind;
use super::walk::{Seen, Walk, if_it};

/// What a keyword holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A schema.
    One,
    /// A list of schemas.
    List,
    /// Schemas by name.
    Map,
    /// A list of schemas, or one (`items` before 2020-12).
    OneOrList,
    /// No schema.
    None,
}

/// What a keyword of JSON Schema, any draft that is met in documents, holds.
pub fn holds(keyword: &str) -> Holds {
    match keyword {
        "additionalProperties"
        | "not"
        | "if"
        | "then"
        | "else"
        | "contains"
        | "propertyNames"
        | "additionalItems"
        | "unevaluatedItems"
        | "unevaluatedProperties"
        | "contentSchema" => Holds::One,
        "items" => Holds::OneOrList,
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => Holds::List,
        "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => Holds::Map,
        _ => Holds::None,
    }
}

#[rustfmt::skip]
/// The fixed fields of the Schema Object of 3.0; what else stands there would say nothing.
const OF_3_0: [&str; 36] = [
    "$ref", "title", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength",
    "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxProperties", "minProperties", "required",
    "enum", "type", "allOf", "oneOf", "anyOf", "not", "items", "properties", "additionalProperties", "description",
    "format", "default", "nullable", "discriminator", "readOnly", "writeOnly", "xml", "externalDocs", "example",
    "deprecated",
];

const TYPES: [&str; 7] = ["null", "boolean", "object", "array", "number", "string", "integer"];

pub(super) fn walk(walk: &mut Walk<'_>, at: &str, value: &Value, is_subschema: bool) -> Result<(), Fault> {
    let nothing = Map::new();
    let fields = match value {
        Value::Object(fields) => fields,
        Value::Bool(_) if walk.version > Version::V30 => &nothing,
        _ if walk.version > Version::V30 => return Err(Fault::new(at, "a schema: an object, true or false")),
        _ => return Err(Fault::new(at, "a schema: an object")),
    };
    (walk.look)(&Seen { kind: Kind::Schema, pointer: at, fields, is_subschema, is_reference: false })?;
    // 3.0: beside a reference nothing counts.
    if walk.version == Version::V30 && fields.contains_key("$ref") {
        return if_it(fields.get("$ref").is_some_and(Value::is_string), &child(at, "$ref"), "a text");
    }
    fields.iter().try_for_each(|(key, value)| keyword(walk, &child(at, key), key, value))
}

fn keyword(walk: &mut Walk<'_>, at: &str, key: &str, value: &Value) -> Result<(), Fault> {
    if walk.version == Version::V30 && !key.starts_with("x-") && !OF_3_0.contains(&key) {
        return Err(Fault::new(at, "a keyword of the Schema Object of 3.0, or x-...: any other says nothing there"));
    }
    match (key, holds(key)) {
        ("discriminator", _) => walk.object(at, Kind::Discriminator, value),
        ("xml", _) => walk.object(at, Kind::Xml, value),
        ("externalDocs", _) => walk.object(at, Kind::ExternalDocs, value),
        ("additionalProperties", _) if value.is_boolean() => Ok(()),
        (_, Holds::One) => self::walk(walk, at, value, true),
        (_, Holds::OneOrList) if !value.is_array() => self::walk(walk, at, value, true),
        (_, Holds::List | Holds::OneOrList) => list(walk, at, value),
        (_, Holds::Map) => map(walk, at, value),
        (_, Holds::None) => plain(at, key, value),
    }
}

fn list(walk: &mut Walk<'_>, at: &str, value: &Value) -> Result<(), Fault> {
    let schemas = value.as_array().ok_or_else(|| Fault::new(at, "a list of schemas"))?;
    schemas.iter().enumerate().try_for_each(|(index, schema)| self::walk(walk, &item(at, index), schema, true))
}

fn map(walk: &mut Walk<'_>, at: &str, value: &Value) -> Result<(), Fault> {
    let schemas = value.as_object().ok_or_else(|| Fault::new(at, "an object of schemas"))?;
    schemas.iter().try_for_each(|(key, schema)| self::walk(walk, &child(at, key), schema, true))
}

fn plain(at: &str, key: &str, value: &Value) -> Result<(), Fault> {
    let is_type = |value: &Value| value.as_str().is_some_and(|word| TYPES.contains(&word));
    let is_all = |is: &dyn Fn(&Value) -> bool| value.as_array().is_some_and(|items| items.iter().all(is));
    match key {
        "type" => if_it(is_type(value) || is_all(&is_type), at, "a type of JSON Schema, or a list of them"),
        "required" => if_it(is_all(&Value::is_string), at, "a list of names of properties"),
        "enum" => if_it(value.as_array().is_some_and(|items| !items.is_empty()), at, "a list of values"),
        "$ref" | "$dynamicRef" | "$id" | "$schema" | "$anchor" | "$dynamicAnchor" | "pattern" | "format" => {
            if_it(value.is_string(), at, "a text")
        }
        "nullable" | "readOnly" | "writeOnly" | "deprecated" | "uniqueItems" => {
            if_it(value.is_boolean(), at, "true or false")
        }
        "maxLength" | "minLength" | "maxItems" | "minItems" | "maxProperties" | "minProperties" => {
            let is_count = value.as_f64().is_some_and(|number| number >= 0.0 && number.fract() == 0.0);
            if_it(is_count, at, "a whole number, zero or more")
        }
        "minimum" | "maximum" | "multipleOf" => if_it(value.is_number(), at, "a number"),
        "exclusiveMinimum" | "exclusiveMaximum" => if_it(value.is_number() || value.is_boolean(), at, "a number"),
        _ => Ok(()),
    }
}
