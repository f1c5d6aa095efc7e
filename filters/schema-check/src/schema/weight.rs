//! What a schema may ask of one value: how often subschemas apply to it in place, through `allOf`, `anyOf`, `oneOf`, `not`,
//! `if` and references. Twenty `anyOf` of two references to the next are a million checks of one `null`, which pays for
//! nothing; a reference that leads back to itself without going into the value never ends. Both are refused at load.
//!
//! A subschema that goes into the value (`properties`, `items`) begins anew: there a walk pays for its steps.

use std::collections::HashMap;

use jsonschema::Draft;
use referencing::{Registry, Resolver, ResourceRef};
use serde_json::{Map, Value};

use super::{Author, BadSchema, Common};
use crate::openapi::check::{Holds, holds};
use crate::openapi::pointer::{child, item, of_reference};

impl Author {
    /// So often subschemas may apply to one value. The heaviest schema of `OpenAI`'s document does it a thousand times.
    fn most_applied(self) -> u64 {
        match self {
            Self::Operator => 10_000,
            Self::Client => 64,
        }
    }
}

/// So many of them may be inside each other: each is a frame on the stack of the VM, at every level of a document.
const MOST_NESTED: u32 = 32;

/// So many patterns of names a contract may have: every member of an object is held against each of its own.
const MOST_PATTERNS: usize = 1_000;

/// So many values an `enum` may have.
const MOST_VALUES: usize = 10_000;

/// Keywords whose schemas apply to the value itself.
const IN_PLACE: [&str; 8] = ["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"];

/// Keywords that refer to a schema that applies to the value itself.
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// Refuses schemas that may ask too much: those that these references name, and what they lead to.
pub(super) fn look<'r>(
    registry: &Registry<'_>,
    common: &Common<'_>,
    base: &str,
    references: impl Iterator<Item = &'r str>,
) -> Result<(), BadSchema> {
    let base = jsonschema::uri::from_str(base).map_err(|fault| BadSchema::of_registry(&fault))?;
    let resolver = registry.resolver(base);
    let mut look = Look { author: common.author, known: HashMap::new(), open: Vec::new(), inside: 0, patterns: 0 };
    for reference in references {
        // The base is where we keep the document, whatever it calls itself.
        let place = referred(&resolver, reference, "")?;
        look.open.push(Place { is_entered: false, draft: common.draft.theirs().detect(place.schema), ..place });
        while let Some(place) = look.open.pop() {
            look.weigh(place)?;
        }
    }
    Ok(())
}

/// A schema, where it is, and to what its references are relative.
struct Place<'r> {
    schema: &'r Value,
    resolver: Resolver<'r>,
    at: String,
    /// What it is written in, unless it says so itself.
    draft: Draft,
    /// Whether `resolver` knows of its `$id`: after a look-up it does, and a relative one must not count twice.
    is_entered: bool,
}

/// How often subschemas apply, this one included, and how many are inside each other.
#[derive(Clone, Copy)]
struct Weight {
    applied: u64,
    nested: u32,
}

struct Look<'r> {
    author: Author,
    /// What is known of a schema, by its address; `None` while it is looked at.
    known: HashMap<usize, Option<Weight>>,
    /// What is still to be looked at.
    open: Vec<Place<'r>>,
    /// How many are being looked at, inside each other: a chain that is refused is not followed to its end.
    inside: u32,
    patterns: usize,
}

impl<'r> Look<'r> {
    fn weigh(&mut self, place: Place<'r>) -> Result<Weight, BadSchema> {
        let address = std::ptr::from_ref(place.schema).addr();
        match self.known.get(&address) {
            Some(Some(weight)) => return Ok(*weight),
            Some(None) => return Err(bad(&place.at, "a reference leads back to it without going into the value")),
            None => {}
        }
        if self.inside >= MOST_NESTED {
            return Err(nested(&place.at));
        }
        self.known.insert(address, None);
        self.inside = self.inside.saturating_add(1);
        let weight = self.weigh_new(place)?;
        self.inside = self.inside.saturating_sub(1);
        self.known.insert(address, Some(weight));
        Ok(weight)
    }

    fn weigh_new(&mut self, mut place: Place<'r>) -> Result<Weight, BadSchema> {
        let mut weight = Weight { applied: 1, nested: 1 };
        let Value::Object(keywords) = place.schema else { return Ok(weight) };
        if !place.is_entered {
            let own = place.resolver.in_subresource(ResourceRef::new(place.schema, place.draft));
            place.resolver = own.map_err(|fault| BadSchema::of_registry(&fault))?;
        }
        self.count(keywords, &place.at)?;
        for inner in in_place(keywords, &place)? {
            let inner = self.weigh(inner)?;
            weight.applied = weight.applied.saturating_add(inner.applied);
            weight.nested = weight.nested.max(inner.nested.saturating_add(1));
        }
        let most = self.author.most_applied();
        if weight.applied > most {
            return Err(bad(&place.at, &format!("more than {most} subschemas apply to one value")));
        }
        if weight.nested > MOST_NESTED {
            return Err(nested(&place.at));
        }
        let deeper = keywords.iter().filter(|(keyword, _)| !is_in_place(keyword));
        self.open.extend(deeper.flat_map(|(keyword, value)| held(keyword, value, &place)));
        Ok(weight)
    }

    fn count(&mut self, keywords: &Map<String, Value>, at: &str) -> Result<(), BadSchema> {
        // The validator builds anew for each of them what applies in place: a hundred of them are a hundred schemas.
        let is_unevaluated = |keyword: &String| keyword.starts_with("unevaluated");
        if self.author == Author::Client && keywords.keys().any(is_unevaluated) {
            return Err(bad(at, "unevaluatedProperties or unevaluatedItems"));
        }
        let patterns = keywords.get("patternProperties").and_then(Value::as_object).map_or(0, Map::len);
        self.patterns = self.patterns.saturating_add(patterns);
        if self.patterns > MOST_PATTERNS {
            return Err(bad(&child(at, "patternProperties"), "more than 1000 patterns of names in one contract"));
        }
        let values = keywords.get("enum").and_then(Value::as_array).map_or(0, Vec::len);
        if values > MOST_VALUES {
            return Err(bad(&child(at, "enum"), "more than 10000 values"));
        }
        Ok(())
    }
}

fn is_in_place(keyword: &str) -> bool {
    // What is defined is looked at where something refers to it. `dependencies` was parted in two later.
    IN_PLACE.contains(&keyword) || matches!(keyword, "dependencies" | "$defs" | "definitions")
}

fn in_place<'r>(keywords: &'r Map<String, Value>, place: &Place<'r>) -> Result<Vec<Place<'r>>, BadSchema> {
    let mut inner = Vec::new();
    for (keyword, value) in keywords {
        if REFERENCES.contains(&keyword.as_str()) {
            let reference = value.as_str().unwrap_or_default();
            inner.push(referred(&place.resolver, reference, &child(&place.at, keyword))?);
        } else if keyword == "dependencies" {
            inner.extend(of_map(value, &child(&place.at, keyword), place));
        } else if IN_PLACE.contains(&keyword.as_str()) {
            inner.extend(held(keyword, value, place));
        }
    }
    Ok(inner)
}

/// The schemas that a keyword holds.
fn held<'r>(keyword: &str, value: &'r Value, place: &Place<'r>) -> Vec<Place<'r>> {
    let at = child(&place.at, keyword);
    match (holds(keyword), value) {
        (Holds::Map, value) => of_map(value, &at, place),
        (Holds::List | Holds::OneOrList, Value::Array(schemas)) => {
            schemas.iter().enumerate().map(|(index, schema)| place.inner(schema, item(&at, index))).collect()
        }
        (Holds::One | Holds::OneOrList, schema) => vec![place.inner(schema, at)],
        (Holds::List | Holds::None, _) => Vec::new(),
    }
}

fn of_map<'r>(value: &'r Value, at: &str, place: &Place<'r>) -> Vec<Place<'r>> {
    let schemas = value.as_object().into_iter().flatten();
    schemas.map(|(name, schema)| place.inner(schema, child(at, name))).collect()
}

fn referred<'r>(resolver: &Resolver<'r>, reference: &str, at: &str) -> Result<Place<'r>, BadSchema> {
    let found = resolver.lookup(reference).map_err(|fault| bad(at, &fault.to_string()))?;
    let (schema, resolver, draft) = found.into_inner();
    let at = of_reference(reference).unwrap_or_else(|| reference.to_owned());
    Ok(Place { schema, resolver, at, draft, is_entered: true })
}

impl<'r> Place<'r> {
    fn inner(&self, schema: &'r Value, at: String) -> Self {
        let draft = self.draft.detect(schema);
        Self { schema, resolver: self.resolver.clone(), at, draft, is_entered: false }
    }
}

fn nested(at: &str) -> BadSchema {
    bad(at, "more than 32 subschemas inside each other apply to one value")
}

fn bad(at: &str, problem: &str) -> BadSchema {
    BadSchema { place: at.to_owned(), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests;
