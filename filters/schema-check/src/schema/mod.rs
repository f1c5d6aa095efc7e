//! The schemas of a contract, compiled together: what two of them refer to is there once.
//!
//! One validator holds all of them, behind one object with a property for each. A document is held against one of them by
//! being put under its name ([`Tree::under`]). Compiled one by one, the 1,422 schemas of `OpenAI`'s document take 178 MB;
//! together they take a tenth of it.

mod expected;
mod fault;
mod relevant;

use std::collections::BTreeSet;

use jsonschema::{Draft, PatternOptions, Registry, Validator};
use serde_json::{Map, Value, json};

use crate::value::{Own, Steps, Tree};

pub use fault::Fault;

/// What is wrong with a schema, for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadSchema {
    /// Where, as far as it is known: a JSON pointer.
    pub place: String,
    /// What was found there and what is wrong with it.
    pub problem: String,
}

/// Documents that schemas refer to, by their URI.
pub type Resources<'a> = &'a [(&'a str, &'a Value)];

/// What is compiled.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// What each schema is called, and the reference to it: a URI of `resources` with a JSON pointer as its fragment.
    pub schemas: &'a [(String, String)],
    /// Where they are.
    pub resources: Resources<'a>,
    /// What a resource follows that does not say so by `$schema`.
    pub draft: Draft,
    /// Whether `format` is checked, or only said.
    pub formats: bool,
}

/// Compiled schemas.
#[derive(Debug)]
pub struct Schemas {
    validator: Validator<Own>,
    /// Every name of a property that the schemas know: others are a client's words.
    names: BTreeSet<Box<str>>,
}

/// What a document is to a schema.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it says.
    Valid,
    /// Not as it says: at least one fault, and whether there are more.
    Invalid(Vec<Fault>, bool),
    /// Nobody knows: it would have taken too many steps to find out.
    TooComplex,
}

/// A pattern may take this many bytes when it is compiled, and as many while it is matched: one that needs more could take
/// long on every text. `\p{L}{1,3}` takes half of it.
const PATTERN_BYTES: usize = 256 << 10;

/// A larger document is not looked through for all of its faults: the first is told. Ten thousand faults are a hundred
/// times the memory of the values they are in.
const FEW_VALUES: usize = 4096;

impl Schemas {
    /// Compiles them.
    pub fn compile(sources: &Sources<'_>) -> Result<Self, BadSchema> {
        let mut registry = Registry::new().draft(sources.draft).retriever(Nowhere);
        for (uri, resource) in sources.resources {
            registry = registry.add(*uri, *resource).map_err(|fault| BadSchema::of_registry(&fault))?;
        }
        let registry = registry.prepare().map_err(|fault| BadSchema::of_registry(&fault))?;
        let properties: Map<String, Value> =
            sources.schemas.iter().map(|(name, reference)| (name.clone(), json!({"$ref": reference}))).collect();
        let validator = jsonschema::options_for::<Own>()
            .with_draft(Draft::Draft202012)
            .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_BYTES).dfa_size_limit(PATTERN_BYTES))
            .should_validate_formats(sources.formats)
            .with_registry(&registry)
            .build(&json!({"properties": properties}))
            .map_err(|fault| BadSchema::of(&fault))?;
        let mut names = BTreeSet::new();
        sources.resources.iter().for_each(|(_, resource)| collect_names(resource, &mut names));
        Ok(Self { validator, names })
    }

    /// Holds a document against the schema it was put under, and tells at most so many faults.
    pub fn check(&self, tree: &Tree<'_>, steps: Steps, most: usize) -> Verdict {
        let is_valid = self.validator.is_valid(tree.held());
        if tree.is_exhausted() {
            return Verdict::TooComplex;
        }
        if is_valid {
            return Verdict::Valid;
        }
        tree.refill(steps);
        self.faults(tree, most)
    }

    fn faults(&self, tree: &Tree<'_>, most: usize) -> Verdict {
        let held = tree.held();
        let mut faults: Vec<Fault> = if tree.len() > FEW_VALUES {
            self.validator.validate(held).err().iter().flat_map(|error| fault::told(error, tree, &self.names)).collect()
        } else {
            let errors = self.validator.iter_errors(held);
            errors.flat_map(|error| fault::told(&error, tree, &self.names)).collect()
        };
        faults.sort_by(|one, other| one.at.cmp(&other.at).then_with(|| one.pointer.cmp(&other.pointer)));
        faults.dedup();
        let has_more = faults.len() > most || tree.is_exhausted();
        faults.truncate(most);
        Verdict::Invalid(faults, has_more)
    }
}

/// The names of properties anywhere in a schema. A name that stands there as something else does no harm: it is the
/// operator's.
fn collect_names(value: &Value, names: &mut BTreeSet<Box<str>>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get("properties") {
                names.extend(properties.keys().map(|name| name.as_str().into()));
            }
            members.values().for_each(|value| collect_names(value, names));
        }
        Value::Array(elements) => elements.iter().for_each(|value| collect_names(value, names)),
        _ => {}
    }
}

/// Nothing is fetched: what a schema refers to is in the configuration.
struct Nowhere;

impl jsonschema::Retrieve for Nowhere {
    fn retrieve(
        &self,
        uri: &jsonschema::Uri<String>,
    ) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Err(format!("expected every document in the configuration, and {uri} is not there: `portcullis bundle` puts it in").into())
    }
}

impl BadSchema {
    fn of(error: &jsonschema::ValidationError<'_>) -> Self {
        Self { place: error.instance_path().as_str().to_owned(), problem: error.to_string() }
    }

    fn of_registry(error: &jsonschema::ReferencingError) -> Self {
        Self { place: String::new(), problem: error.to_string() }
    }
}

impl std::fmt::Display for BadSchema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.place.is_empty() { "the schema" } else { &self.place };
        write!(f, "{place}: {}", self.problem)
    }
}

#[cfg(test)]
mod tests;
