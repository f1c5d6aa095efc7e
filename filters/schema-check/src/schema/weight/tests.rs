//! Schemas that ask too much, and those that ask much.

#![allow(clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::schema::{Author, Common, Draft, Formats, Schemas};

fn fault(schema: &Value) -> String {
    let library = BTreeMap::new();
    let common =
        Common { library: &library, draft: Draft::Draft202012, formats: Formats::Check, author: Author::Operator };
    Schemas::of_one(schema, &common).map_or_else(|fault| fault.to_string(), |_| "taken".to_owned())
}

/// So many `anyOf` of two references to the next.
fn doubling(levels: usize) -> Value {
    let mut defs = Map::new();
    for level in 0..levels {
        let next = json!({"$ref": format!("#/$defs/{}", level + 1)});
        defs.insert(level.to_string(), json!({"anyOf": [next, next]}));
    }
    defs.insert(levels.to_string(), json!({"type": "string"}));
    json!({"$ref": "#/$defs/0", "$defs": defs})
}

#[test]
fn what_applies_to_one_value_too_often_is_refused_at_its_place() {
    assert_eq!(fault(&doubling(10)), "taken");
    assert!(fault(&doubling(20)).contains("inside each other"));
    let fault = fault(&doubling(13));
    assert!(fault.starts_with("/$defs/") && fault.contains("more than 10000 subschemas"), "{fault}");
}

#[test]
fn what_goes_into_the_value_begins_anew() {
    let mut schema = json!({"type": "string"});
    for _ in 0..20 {
        schema = json!({"anyOf": [{"properties": {"a": schema}}, {"items": true}]});
    }
    assert_eq!(fault(&schema), "taken");
    assert_eq!(fault(&json!({"properties": {"a": {"$ref": "#"}}, "items": {"$ref": "#"}})), "taken");
}

#[test]
fn a_loop_that_goes_into_nothing_is_refused() {
    for schema in [
        json!({"$ref": "#"}),
        json!({"properties": {"a": {"not": {"$ref": "#/properties/a"}}}}),
        json!({"$ref": "#/$defs/a", "$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}]}, "b": {"$ref": "#/$defs/a"}}}),
        json!({"$dynamicAnchor": "n", "anyOf": [{"type": "null"}, {"$dynamicRef": "#n"}]}),
        json!({"$id": "https://example.com/a", "if": {"$ref": "https://example.com/a"}}),
        json!({"dependentSchemas": {"a": {"$ref": "#"}}}),
    ] {
        let fault = fault(&schema);
        assert!(fault.contains("without going into the value"), "{schema}: {fault}");
    }
}

#[test]
fn schemas_inside_each_other_are_counted() {
    let nested = |levels| (0..levels).fold(json!(true), |inner, _| json!({"allOf": [inner]}));
    assert_eq!(fault(&nested(31)), "taken");
    assert!(fault(&nested(32)).contains("more than 32 subschemas inside each other"));
    let chain: Map<String, Value> =
        (0..20_000).map(|n| (n.to_string(), json!({"$ref": format!("#/$defs/{}", n + 1)}))).collect();
    assert!(fault(&json!({"$ref": "#/$defs/0", "$defs": chain})).contains("more than 32 subschemas inside each other"));
}

#[test]
fn patterns_of_names_and_values_of_enums_are_counted() {
    let patterns =
        |count: usize| -> Map<String, Value> { (0..count).map(|n| (format!("^{n}$"), json!(true))).collect() };
    let two = |one, other| json!({"items": {"patternProperties": patterns(one)}, "not": {"patternProperties": patterns(other)}});
    assert_eq!(fault(&two(500, 500)), "taken");
    assert!(fault(&two(500, 501)).contains("patternProperties: more than 1000 patterns"));
    let values = |count: usize| json!({"properties": {"a": {"enum": (0..count).collect::<Vec<_>>()}}});
    assert_eq!(fault(&values(10_000)), "taken");
    assert_eq!(fault(&values(10_001)), "/properties/a/enum: more than 10000 values");
}

#[test]
#[allow(clippy::disallowed_methods)] // What is measured is this machine's time.
fn references_that_lead_back_are_loaded_or_refused_within_a_second() {
    let tree = json!({"$dynamicAnchor": "n", "properties": {"a": {"$dynamicRef": "#n"}}, "items": {"$ref": "#"}});
    let mutual = json!({"$ref": "#/$defs/a", "$defs": {
        "a": {"properties": {"b": {"$ref": "#/$defs/b"}}}, "b": {"properties": {"a": {"$ref": "#/$defs/a"}}},
    }});
    let all = json!({"properties": (0..50).map(|n| (n.to_string(), json!({"$ref": "#"}))).collect::<Map<_, _>>()});
    for schema in [tree, mutual, all, json!({"$ref": "#"}), doubling(11), doubling(20)] {
        let begin = std::time::Instant::now();
        fault(&schema);
        assert!(begin.elapsed().as_millis() < 1000, "{schema}: {:?}", begin.elapsed());
    }
}

/// A folder in a relative `$id` is one folder, also for who comes by a reference.
#[test]
fn a_relative_identifier_counts_once() {
    let schema = json!({
        "$id": "https://example.com/a.json",
        "properties": {"list": {"$ref": "folder/"}},
        "$defs": {"list": {"$id": "folder/", "items": {"$ref": "b.json"}}, "b": {"$id": "folder/b.json", "type": "integer"}},
    });
    assert_eq!(fault(&schema), "taken");
}
