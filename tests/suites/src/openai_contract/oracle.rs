//! Whether a document is as a schema says, by the jsonschema crate over `serde_json` alone: none of our reading, none of
//! our representation, and none of what is said about faults.

use std::collections::BTreeSet;

use jsonschema::{Draft, Registry, Validator};
use serde_json::{Map, Value, json};

use crate::suite::Fault;

/// One validator for every schema that somebody asks about: what they refer to is compiled once.
pub(super) struct Oracle {
    validator: Validator,
    known: BTreeSet<String>,
}

const BASE: &str = "contract:///oracle";

impl Oracle {
    /// For the schemas of bodies at these pointers, and every form of `anyOf` and `oneOf` of the document.
    pub(super) fn of(document: &Value, bodies: impl IntoIterator<Item = String>) -> Result<Self, Fault> {
        let mut known: BTreeSet<String> = bodies.into_iter().collect();
        forms("", document, &mut known);
        let schema = |pointer: &String| (pointer.clone(), json!({"$ref": format!("{BASE}#{}", escaped(pointer))}));
        let properties: Map<String, Value> = known.iter().map(schema).collect();
        let registry = Registry::new().draft(Draft::Draft202012).add(BASE, document);
        let registry = registry.and_then(jsonschema::RegistryBuilder::prepare);
        let registry = registry.map_err(|error| fault(&error))?;
        let options = jsonschema::options().with_draft(Draft::Draft202012).with_registry(&registry);
        let validator = options.should_validate_formats(true).build(&json!({"properties": properties}));
        Ok(Self { validator: validator.map_err(|error| fault(&error))?, known })
    }

    /// Whether a value is as the schema at this pointer says.
    pub(super) fn allows(&self, pointer: &str, value: &Value) -> bool {
        let held: Map<String, Value> = [(pointer.to_owned(), value.clone())].into_iter().collect();
        self.known.contains(pointer) && self.validator.is_valid(&Value::Object(held))
    }
}

fn forms(at: &str, value: &Value, known: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                if matches!(name.as_str(), "anyOf" | "oneOf") {
                    let count = value.as_array().map_or(0, Vec::len);
                    known.extend((0..count).map(|index| format!("{at}/{index}")));
                }
                forms(&at, value, known);
            }
        }
        Value::Array(elements) => {
            for (index, value) in elements.iter().enumerate() {
                forms(&format!("{at}/{index}"), value, known);
            }
        }
        _ => {}
    }
}

/// A pointer as the fragment of a URI.
fn escaped(pointer: &str) -> String {
    pointer.replace('%', "%25").replace('{', "%7B").replace('}', "%7D").replace(' ', "%20")
}

fn fault(error: &dyn std::fmt::Display) -> Fault {
    Fault::Table(format!("openai.json: {error}"))
}
