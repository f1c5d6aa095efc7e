//! What a schema lets a value be, as far as a text must know it to become a value: `5` is a number to one schema and a
//! string to another.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// The kinds of values that a schema allows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Kinds {
    /// `string`, `integer`, `number`, `boolean`, `null`, `array`, `object`; empty: any, and a text is a string.
    types: BTreeSet<&'static str>,
    /// What elements are.
    items: Option<Box<Kinds>>,
    /// What members are.
    members: BTreeMap<String, Kinds>,
    /// What other members are; `None` if there are none.
    others: Option<Box<Kinds>>,
}

const TYPES: [&str; 7] = ["string", "integer", "number", "boolean", "null", "array", "object"];

/// Parameters are flat: what is deeper is not written in one.
const MAX_DEPTH: usize = 24;

impl Kinds {
    /// Of the schema at a pointer into the document that holds it.
    pub(crate) fn of(document: &Value, pointer: &str) -> Self {
        let mut kinds = Self::default();
        if let Some(schema) = document.pointer(pointer) {
            kinds.read(document, schema, MAX_DEPTH);
        }
        kinds
    }

    pub(crate) fn is_array(&self) -> bool {
        self.types.contains("array")
    }

    pub(crate) fn is_object(&self) -> bool {
        self.types.contains("object")
    }

    /// Whether a text can be a value of its own.
    pub(crate) fn is_scalar(&self) -> bool {
        self.types.is_empty() || self.types.iter().any(|kind| !matches!(*kind, "array" | "object"))
    }

    pub(crate) fn item(&self) -> &Kinds {
        self.items.as_deref().unwrap_or(ANY)
    }

    /// What a member is; `None` if there is none of this name.
    pub(crate) fn member(&self, name: &str) -> Option<&Kinds> {
        self.members.get(name).or(self.others.as_deref())
    }

    /// The members that are named.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    /// The values that a text can be, as JSON: what it looks like first, then the text itself.
    pub(crate) fn values(&self, text: &str) -> Vec<String> {
        let mut values = Vec::new();
        let may = |kind| self.types.contains(kind);
        let is_number = may("number") && is_number(text) || may("integer") && is_integer(text);
        let is_word = may("boolean") && matches!(text, "true" | "false") || may("null") && text == "null";
        if is_number || is_word {
            values.push(text.to_owned());
        }
        // A number where a number belongs is no string, unless the schema says that it may be one.
        if values.is_empty() || may("string") {
            values.push(quoted(text));
        }
        values
    }

    fn read(&mut self, document: &Value, schema: &Value, depth: usize) {
        let (Value::Object(schema), Some(depth)) = (schema, depth.checked_sub(1)) else { return };
        let target = schema.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix('#'));
        if let Some(schema) = target.and_then(|target| document.pointer(&decoded(target))) {
            self.read(document, schema, depth);
        }
        self.read_types(schema.get("type"));
        for value in
            schema.get("const").into_iter().chain(schema.get("enum").and_then(Value::as_array).into_iter().flatten())
        {
            self.types.insert(type_of(value));
        }
        for word in ["allOf", "anyOf", "oneOf"] {
            let branches = schema.get(word).and_then(Value::as_array).into_iter().flatten();
            branches.for_each(|branch| self.read(document, branch, depth));
        }
        if let Some(items) = schema.get("items") {
            self.items.get_or_insert_default().read(document, items, depth);
            self.types.insert("array");
        }
        self.read_members(document, schema, depth);
    }

    fn read_members(&mut self, document: &Value, schema: &serde_json::Map<String, Value>, depth: usize) {
        for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            self.members.entry(name.clone()).or_default().read(document, member, depth);
            self.types.insert("object");
        }
        match schema.get("additionalProperties") {
            Some(Value::Bool(false)) => {}
            Some(others) => {
                self.others.get_or_insert_default().read(document, others, depth);
                self.types.insert("object");
            }
            None if self.types.contains("object") => {
                self.others.get_or_insert_default();
            }
            None => {}
        }
    }

    fn read_types(&mut self, written: Option<&Value>) {
        let words: Vec<&str> = match written {
            Some(Value::String(word)) => vec![word],
            Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        self.types.extend(TYPES.into_iter().filter(|known| words.contains(known)));
    }
}

const ANY: &Kinds = &Kinds { types: BTreeSet::new(), items: None, members: BTreeMap::new(), others: None };

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A pointer in a fragment is percent-encoded (RFC 6901 section 6).
fn decoded(fragment: &str) -> String {
    super::text::decoded(fragment.as_bytes(), false).unwrap_or_default()
}

/// `-?(0|[1-9][0-9]*)`: what every parser of integers takes for the same. Not `+1`, `01`, `1.0`, `1e2` or ` 1`.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_plain && (digits == "0" || !digits.starts_with('0')) && text != "-0"
}

/// A number as JSON has it (RFC 8259 section 6).
fn is_number(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (is_integer(whole) || whole == "-0") && fraction.is_none_or(digits) && exponent.is_none_or(digits)
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
