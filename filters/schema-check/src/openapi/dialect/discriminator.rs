//! `discriminator` as constraints that validate: a value is the branch that its property names.
//!
//! The names of a branch are those that `mapping` gives it and the name of its component. A branch that fixes the
//! property itself to other values is left as it is: it decides by those. Without `oneOf` or `anyOf` there is nothing to
//! decide between.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::pointer::{child, find, of_reference};
use super::{Fields, Translation};

pub(super) fn translate(translation: &mut Translation<'_>, at: &str, fields: &mut Fields) {
    let Some(discriminator) = fields.remove("discriminator") else { return };
    let Some(property) = discriminator.get("propertyName").and_then(Value::as_str) else { return };
    let at = child(at, "discriminator");
    let Some(keyword) = ["oneOf", "anyOf"].into_iter().find(|keyword| fields.contains_key(*keyword)) else {
        translation.note(at, "discriminator without oneOf or anyOf beside it decides nothing");
        return;
    };
    let Some(branches) = fields.get_mut(keyword).and_then(Value::as_array_mut) else { return };
    let names = Names::of(&discriminator, branches);
    if names.is_mapping_elsewhere {
        translation.note(&at, "mapping names a schema that is no branch: left out");
    }
    for branch in branches {
        constrain(translation, &at, property, &names, branch);
    }
}

/// Which names a branch has, by the pointer that it refers to.
struct Names {
    of: BTreeMap<String, BTreeSet<String>>,
    default: Option<String>,
    is_mapping_elsewhere: bool,
}

impl Names {
    fn of(discriminator: &Value, branches: &[Value]) -> Self {
        let targets: BTreeSet<String> = branches.iter().filter_map(target).collect();
        let mapping = discriminator.get("mapping").and_then(Value::as_object).into_iter().flatten();
        let mapped: BTreeMap<&str, String> =
            mapping.filter_map(|(name, to)| Some((name.as_str(), mapped(to.as_str()?)?))).collect();
        let mut of: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, target) in &mapped {
            of.entry(target.clone()).or_default().insert((*name).to_owned());
        }
        for target in &targets {
            let name = component(target).filter(|name| !mapped.contains_key(*name));
            of.entry(target.clone()).or_default().extend(name.map(str::to_owned));
        }
        let is_mapping_elsewhere = mapped.values().any(|target| !targets.contains(target));
        let default = discriminator.get("defaultMapping").and_then(Value::as_str).and_then(mapped_default);
        Self { of, default, is_mapping_elsewhere }
    }
}

fn mapped_default(to: &str) -> Option<String> {
    mapped(to)
}

/// What a value of `mapping` means: a reference, or the name of a component.
fn mapped(to: &str) -> Option<String> {
    if to.starts_with('#') { of_reference(to) } else { Some(child("/components/schemas", to)) }
}

fn component(target: &str) -> Option<&str> {
    target.strip_prefix("/components/schemas/").filter(|name| !name.contains('/'))
}

fn target(branch: &Value) -> Option<String> {
    branch.get("$ref").and_then(Value::as_str).and_then(of_reference)
}

fn constrain(translation: &mut Translation<'_>, at: &str, property: &str, names: &Names, branch: &mut Value) {
    let Some(target) = target(branch) else {
        return translation.note(at, "a branch that is no $ref: the discriminator says nothing about it");
    };
    let of_branch = names.of.get(&target).cloned().unwrap_or_default();
    if names.default.as_ref() == Some(&target) {
        let others: BTreeSet<&String> =
            names.of.iter().filter(|(other, _)| **other != target).flat_map(|(_, names)| names).collect();
        *branch = json!({"allOf": [branch.take(), {"properties": {property: {"not": {"enum": others}}}}]});
        return;
    }
    let own = Own::of(translation.source, &target, property);
    if own.values.as_ref().is_some_and(|values| values.is_disjoint(&of_branch)) {
        return translation
            .note(at, "a branch fixes the property to other values than the discriminator: its own count");
    }
    if of_branch.is_empty() {
        return translation.note(at, "a branch without a name: the discriminator says nothing about it");
    }
    let mut constraint = json!({"properties": {property: {"enum": of_branch}}, "required": [property]});
    if own.values.is_some() && !own.is_required {
        translation.note(at, "a branch does not require the property that decides: it may be missing");
        constraint = json!({"properties": {property: {"enum": of_branch}}});
    }
    *branch = json!({"allOf": [branch.take(), constraint]});
}

/// What a branch itself says about the property.
#[derive(Default)]
struct Own {
    /// The values that it fixes it to.
    values: Option<BTreeSet<String>>,
    is_required: bool,
}

/// So deep are branches looked into: `$ref` and `allOf`.
const MAX_DEPTH: usize = 8;

impl Own {
    fn of(document: &Value, target: &str, property: &str) -> Self {
        let mut own = Self::default();
        if let Some(schema) = document.pointer(target) {
            own.look(document, schema, property, MAX_DEPTH);
        }
        own
    }

    fn look(&mut self, document: &Value, schema: &Value, property: &str, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        let required = schema.get("required").and_then(Value::as_array);
        self.is_required |= required.is_some_and(|names| names.contains(&json!(property)));
        if let Some(found) = schema.get("properties").and_then(|properties| properties.get(property)) {
            self.fixed(document, found, depth);
        }
        let referred = schema.get("$ref").and_then(Value::as_str).and_then(|reference| find(document, reference));
        let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
        for part in parts.chain(referred.map(|(_, schema)| schema)) {
            self.look(document, part, property, depth);
        }
    }

    fn fixed(&mut self, document: &Value, schema: &Value, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        let values = schema.get("enum").and_then(Value::as_array).into_iter().flatten().chain(schema.get("const"));
        let values: BTreeSet<String> = values.filter_map(Value::as_str).map(str::to_owned).collect();
        if !values.is_empty() {
            self.values.get_or_insert_default().extend(values);
        }
        if let Some((_, schema)) = schema.get("$ref").and_then(Value::as_str).and_then(|to| find(document, to)) {
            self.fixed(document, schema, depth);
        }
    }
}
