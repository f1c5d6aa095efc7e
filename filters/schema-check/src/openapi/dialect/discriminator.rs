//! `discriminator` as constraints that validate: a value is the branch that its property names.
//!
//! The names of a branch are those that `mapping` gives it and the name of its component. A branch that fixes the
//! property itself to other values, or each of whose own forms does, is left as it is: it decides by those. Without `oneOf`
//! or `anyOf` there is nothing to decide between.
//!
//! `oneOf` whose branches the property does not tell apart is read as `anyOf`, with a note: who writes a discriminator means
//! the branch that fits, and generators make two of what is one message (`OpenAI`'s `InputItem`), which then no value fits.

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
    let mut told_apart = Some(BTreeSet::new());
    for branch in branches {
        let values = constrain(translation, &at, property, &names, branch);
        told_apart = told_apart.zip(values).and_then(|(all, own)| all.is_disjoint(&own).then(|| &all | &own));
    }
    if keyword == "oneOf"
        && told_apart.is_none()
        && !fields.contains_key("anyOf")
        && let Some(branches) = fields.remove("oneOf")
    {
        translation.note(&at, "branches of oneOf that the discriminator does not tell apart: any that fits is enough");
        fields.insert("anyOf".to_owned(), branches);
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

/// Constrains a branch; gives the values of the property that a value of this branch has, if it has one of them for sure.
fn constrain(
    translation: &mut Translation<'_>,
    at: &str,
    property: &str,
    names: &Names,
    branch: &mut Value,
) -> Option<BTreeSet<String>> {
    let Some(target) = target(branch) else {
        translation.note(at, "a branch that is no $ref: the discriminator says nothing about it");
        return None;
    };
    let of_branch = names.of.get(&target).cloned().unwrap_or_default();
    if names.default.as_ref() == Some(&target) {
        let others: BTreeSet<&String> =
            names.of.iter().filter(|(other, _)| **other != target).flat_map(|(_, names)| names).collect();
        *branch = json!({"allOf": [branch.take(), {"properties": {property: {"not": {"enum": others}}}}]});
        return None;
    }
    let own = Own::of(translation.source, &target, property);
    if own.values.as_ref().is_some_and(|values| values.is_disjoint(&of_branch)) {
        translation.note(at, "a branch fixes the property to other values than the discriminator: its own count");
        return own.values.filter(|_| own.is_required);
    }
    if of_branch.is_empty() {
        translation.note(at, "a branch without a name: the discriminator says nothing about it");
        return None;
    }
    if own.values.is_some() && !own.is_required {
        translation.note(at, "a branch does not require the property that decides: it may be missing");
        *branch = json!({"allOf": [branch.take(), {"properties": {property: {"enum": of_branch}}}]});
        return None;
    }
    let constraint = json!({"properties": {property: {"enum": of_branch}}, "required": [property]});
    *branch = json!({"allOf": [branch.take(), constraint]});
    Some(of_branch)
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
            let (values, _) = fixed(document, found, depth);
            self.take(values);
        }
        let referred = schema.get("$ref").and_then(Value::as_str).and_then(|reference| find(document, reference));
        let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
        for part in parts.chain(referred.map(|(_, schema)| schema)) {
            self.look(document, part, property, depth);
        }
        for forms in ["oneOf", "anyOf"].into_iter().filter_map(|keyword| schema.get(keyword)?.as_array()) {
            self.look_at_forms(document, forms, property, depth);
        }
    }

    /// What all forms of the branch say together.
    fn look_at_forms(&mut self, document: &Value, forms: &[Value], property: &str, depth: usize) {
        let mut all = Self { values: Some(BTreeSet::new()), is_required: true };
        for form in forms {
            let mut own = Self::default();
            own.look(document, form, property, depth);
            all.is_required &= own.is_required;
            all.values = all.values.zip(own.values).map(|(all, own)| &all | &own);
        }
        self.is_required |= all.is_required;
        self.take(all.values);
    }

    fn take(&mut self, values: Option<BTreeSet<String>>) {
        if let Some(values) = values.filter(|values| !values.is_empty()) {
            self.values.get_or_insert_default().extend(values);
        }
    }
}

/// The words that a schema fixes a value to, and whether it fixes it at all: `null` is no word, and another than these.
fn fixed(document: &Value, schema: &Value, depth: usize) -> (Option<BTreeSet<String>>, bool) {
    let Some(depth) = depth.checked_sub(1) else { return (None, false) };
    let values = schema.get("enum").and_then(Value::as_array).into_iter().flatten().chain(schema.get("const"));
    let mut values: BTreeSet<String> = values.filter_map(Value::as_str).map(str::to_owned).collect();
    if let Some((_, schema)) = schema.get("$ref").and_then(Value::as_str).and_then(|to| find(document, to)) {
        values.extend(fixed(document, schema, depth).0.into_iter().flatten());
    }
    if let Some(forms) = ["oneOf", "anyOf"].into_iter().find_map(|keyword| schema.get(keyword)?.as_array()) {
        let each = forms.iter().map(|form| fixed(document, form, depth));
        let all: Option<Vec<_>> = each.map(|(values, is_fixed)| is_fixed.then_some(values)).collect();
        values.extend(all.into_iter().flatten().flatten().flatten());
    }
    let is_fixed = !values.is_empty() || schema.get("type") == Some(&json!("null"));
    (Some(values).filter(|values| !values.is_empty()), is_fixed)
}
