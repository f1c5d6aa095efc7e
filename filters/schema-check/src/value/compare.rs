//! When two values are one, as JSON Schema has it (2020-12 core, section 4.2.2): numbers by what they are worth, objects
//! whatever the order of their members.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash, Hasher};

use jsonschema::json::{Array, Node as _, Object};
use serde_json::Value;

use super::node::{Node, Walk};
use super::number::Number;
use super::tree::Kind;

/// Whether a value is what a schema's `const` or `enum` says.
pub(super) fn equals_value(node: Node<'_>, expected: &Value) -> bool {
    if !node.tree.step(1) {
        return false;
    }
    match (node.kind(), expected) {
        (Some(Kind::Null), Value::Null) => true,
        (Some(Kind::Bool(one)), Value::Bool(other)) => one == other,
        (Some(Kind::String(one)), Value::String(other)) => *one == other.as_str(),
        // What a number of the schema is worth is read anew each time.
        (Some(Kind::Number(one)), Value::Number(other)) if node.tree.step(7) => {
            one.equals(Number::of_schema(&other.to_string()))
        }
        (Some(Kind::Array(_)), Value::Array(other)) => node.as_array().is_some_and(|one| {
            Array::len(&one) == other.len() && one.elements().zip(other).all(|(one, other)| equals_value(one, other))
        }),
        (Some(Kind::Object(_) | Kind::Large(..)), Value::Object(other)) => node.as_object().is_some_and(|one| {
            Object::len(&one) == other.len()
                && one.members().all(|(name, one)| other.get(name).is_some_and(|other| equals_value(one, other)))
        }),
        _ => false,
    }
}

/// Whether no two of these are one. In time that grows with the array, not with its square: values are told apart by a
/// keyed hash, and only those that share one are compared.
pub(super) fn is_unique(elements: Walk<'_>) -> bool {
    let keys = RandomState::new();
    let mut seen: HashMap<u64, Vec<Node<'_>>> = HashMap::new();
    for element in elements {
        let same = seen.entry(hash(&keys, element)).or_default();
        if same.iter().any(|&other| are_one(element, other)) {
            return false;
        }
        same.push(element);
    }
    true
}

fn hash(keys: &RandomState, node: Node<'_>) -> u64 {
    let mut hasher = keys.build_hasher();
    match node.kind() {
        None | Some(Kind::Null | Kind::Name(_)) => 0_u8.hash(&mut hasher),
        Some(Kind::Bool(truth)) => (1_u8, truth).hash(&mut hasher),
        Some(Kind::Number(number)) => number.feed(&mut hasher),
        Some(Kind::String(text)) => (3_u8, text).hash(&mut hasher),
        Some(Kind::Array(_)) => {
            for element in node.as_array().iter().flat_map(Array::elements) {
                hash(keys, element).hash(&mut hasher);
            }
        }
        Some(Kind::Object(_) | Kind::Large(..)) => of_members(keys, node).hash(&mut hasher),
    }
    hasher.finish()
}

/// The same in whatever order the members stand.
fn of_members(keys: &RandomState, node: Node<'_>) -> u64 {
    let members = node.as_object();
    let each = members.iter().flat_map(Object::members).map(|(name, value)| keys.hash_one((name, hash(keys, value))));
    each.fold(5, u64::wrapping_add)
}

fn are_one(one: Node<'_>, other: Node<'_>) -> bool {
    if !one.tree.step(1) {
        return false;
    }
    match (one.kind(), other.kind()) {
        (Some(Kind::Null), Some(Kind::Null)) => true,
        (Some(Kind::Bool(one)), Some(Kind::Bool(other))) => one == other,
        (Some(Kind::String(one)), Some(Kind::String(other))) => one == other,
        (Some(Kind::Number(one)), Some(Kind::Number(other))) => one.equals(*other),
        (Some(Kind::Array(_)), Some(Kind::Array(_))) => match (one.as_array(), other.as_array()) {
            (Some(one), Some(other)) => {
                Array::len(&one) == Array::len(&other)
                    && one.elements().zip(other.elements()).all(|(one, other)| are_one(one, other))
            }
            _ => false,
        },
        (Some(Kind::Object(_) | Kind::Large(..)), Some(Kind::Object(_) | Kind::Large(..))) => {
            match (one.as_object(), other.as_object()) {
                (Some(one), Some(other)) => {
                    Object::len(&one) == Object::len(&other)
                        && one
                            .members()
                            .all(|(name, one)| other.get(&name.into()).is_some_and(|other| are_one(one, other)))
                }
                _ => false,
            }
        }
        _ => false,
    }
}
