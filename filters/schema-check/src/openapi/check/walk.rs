//! Reads a document by the tables: every object is seen once, with its place, outer ones first.

use serde_json::{Map, Value};

use super::super::pointer::{child, item};
use super::super::{Fault, Version};
use super::schema;
use super::table::{Field, Is, Keys, Kind};

/// An object of a document.
#[derive(Debug)]
pub struct Seen<'a> {
    /// Which.
    pub kind: Kind,
    /// Where.
    pub pointer: &'a str,
    /// What it holds. Of a schema that is `true` or `false`: nothing.
    pub fields: &'a Map<String, Value>,
    /// Whether it stands in another schema.
    pub is_subschema: bool,
    /// Whether it is a Reference Object to one of its kind.
    pub is_reference: bool,
}

/// Looks at an object.
pub type Look<'l> = &'l mut dyn FnMut(&Seen<'_>) -> Result<(), Fault>;

/// Shows every object of a document, and refuses what the tables do not know.
pub fn walk(document: &Value, version: Version, look: Look<'_>) -> Result<(), Fault> {
    walk_from("", Kind::Document, document, version, look)
}

/// The same of a part of a document.
pub fn walk_from(at: &str, kind: Kind, value: &Value, version: Version, look: Look<'_>) -> Result<(), Fault> {
    Walk { version, look }.is(at, Is::OrReference(kind), value)
}

pub(super) struct Walk<'l> {
    pub(super) version: Version,
    pub(super) look: Look<'l>,
}

impl Walk<'_> {
    pub(super) fn object(&mut self, at: &str, kind: Kind, value: &Value) -> Result<(), Fault> {
        if kind == Kind::Schema {
            return schema::walk(self, at, value, false);
        }
        let fields = object(at, kind, value)?;
        // First, for a misspelt field is a better reason than the one that is missing for it.
        fields.keys().try_for_each(|key| self.known(&child(at, key), kind, key))?;
        self.needed(at, kind, fields)?;
        (self.look)(&Seen { kind, pointer: at, fields, is_subschema: false, is_reference: false })?;
        fields.iter().try_for_each(|(key, value)| self.field(&child(at, key), kind, key, value))
    }

    fn needed(&self, at: &str, kind: Kind, fields: &Map<String, Value>) -> Result<(), Fault> {
        let is_needed = |until: Option<Version>| until.is_some_and(|until| self.version <= until);
        match kind.fields().iter().find(|field| is_needed(field.needed_until) && !fields.contains_key(field.name)) {
            Some(field) => Err(Fault::new(at, format!("the field {}: {} needs it", field.name, kind.name()))),
            None => Ok(()),
        }
    }

    fn field(&mut self, at: &str, kind: Kind, key: &str, value: &Value) -> Result<(), Fault> {
        match (self.of_name(kind, key), kind.pattern()) {
            _ if is_extension(kind, key) => Ok(()),
            (Some(field), _) => self.is(at, field.is, value),
            (None, Some((_, is))) => self.is(at, is, value),
            (None, None) => Ok(()),
        }
    }

    fn known(&self, at: &str, kind: Kind, key: &str) -> Result<(), Fault> {
        if is_extension(kind, key) || self.of_name(kind, key).is_some() {
            return Ok(());
        }
        if let Some((keys, _)) = kind.pattern() {
            return fits(at, keys, key);
        }
        let fields = kind.fields().iter().filter(|field| field.since <= self.version);
        let names: Vec<_> = fields.map(|field| field.name).collect();
        Err(Fault::new(at, format!("a field of {}: {}, or x-...", kind.name(), names.join(", "))))
    }

    fn of_name(&self, kind: Kind, key: &str) -> Option<&'static Field> {
        kind.fields().iter().find(|field| field.name == key && field.since <= self.version)
    }

    fn is(&mut self, at: &str, is: Is, value: &Value) -> Result<(), Fault> {
        match is {
            Is::Any => Ok(()),
            Is::Text => if_it(value.is_string(), at, "a text"),
            Is::Flag => if_it(value.is_boolean(), at, "true or false"),
            Is::Object(kind) => self.object(at, kind, value),
            Is::OrReference(kind) => self.object_or_reference(at, kind, value),
            Is::List(is) => self.list(at, *is, value),
            Is::Map(keys, is) => self.map(at, keys, *is, value),
        }
    }

    fn list(&mut self, at: &str, is: Is, value: &Value) -> Result<(), Fault> {
        let items = value.as_array().ok_or_else(|| Fault::new(at, "a list"))?;
        items.iter().enumerate().try_for_each(|(index, value)| self.is(&item(at, index), is, value))
    }

    fn map(&mut self, at: &str, keys: Keys, is: Is, value: &Value) -> Result<(), Fault> {
        let members = value.as_object().ok_or_else(|| Fault::new(at, "an object"))?;
        members.iter().try_for_each(|(key, value)| {
            let at = child(at, key);
            fits(&at, keys, key)?;
            self.is(&at, is, value)
        })
    }

    /// A Media Type Object can be referred to since 3.2. What stands beside a reference is ignored, so that nobody may
    /// believe in it: `required: true`, say. 3.0 says so without naming what may stand there.
    fn object_or_reference(&mut self, at: &str, kind: Kind, value: &Value) -> Result<(), Fault> {
        let Some(reference) = value.get("$ref") else { return self.object(at, kind, value) };
        let is_object = kind == Kind::MediaType && self.version < Version::V32;
        if is_object || matches!(kind, Kind::PathItem | Kind::Schema) {
            return self.object(at, kind, value);
        }
        if_it(reference.is_string(), &child(at, "$ref"), "a text")?;
        let allowed = ["$ref", "summary", "description"];
        let fields = object(at, kind, value)?;
        (self.look)(&Seen { kind, pointer: at, fields, is_subschema: false, is_reference: true })?;
        match fields.keys().find(|key| !allowed.contains(&key.as_str())) {
            Some(key) if self.version > Version::V30 => {
                Err(Fault::new(child(at, key), "summary and description alone beside $ref: anything else is ignored"))
            }
            _ => Ok(()),
        }
    }
}

fn is_extension(kind: Kind, key: &str) -> bool {
    kind.is_extensible() && key.starts_with("x-")
}

fn object<'a>(at: &str, kind: Kind, value: &'a Value) -> Result<&'a Map<String, Value>, Fault> {
    value.as_object().ok_or_else(|| Fault::new(at, format!("an object: {}", kind.name())))
}

/// A condition that must hold.
pub(super) fn if_it(holds: bool, at: &str, expected: &str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::new(at, expected)) }
}

fn fits(at: &str, keys: Keys, key: &str) -> Result<(), Fault> {
    match keys {
        Keys::Any => Ok(()),
        Keys::Component => {
            if_it(is_component_name(key), at, "a name of letters, digits, dots, hyphens and underscores")
        }
        Keys::Path => if_it(key.starts_with('/'), at, "a path that begins with /"),
        Keys::Status => if_it(is_status(key), at, "a status such as \"200\", a class such as \"2XX\", or default"),
        Keys::Token => if_it(is_token(key), at, "a name of the characters of RFC 9110 section 5.6.2"),
    }
}

fn is_component_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

pub(super) fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn is_status(key: &str) -> bool {
    match key.as_bytes() {
        [b'1'..=b'5', b'X', b'X'] => true,
        [b'1'..=b'5', tens, ones] => tens.is_ascii_digit() && ones.is_ascii_digit(),
        _ => key == "default",
    }
}
