use std::collections::BTreeMap;

use portcullis::json::Limits;
use serde_json::{Value, json};

use super::{Common, Draft, Fault, Formats, Schemas, Verdict};
use crate::value::{Steps, Tree};

const PLENTY: Steps = Steps(1_000_000);

fn common() -> Common<'static> {
    const NONE: &BTreeMap<String, Value> = &BTreeMap::new();
    Common { library: NONE, draft: Draft::Draft202012, formats: Formats::Check }
}

fn compile(schema: &Value) -> Schemas {
    Schemas::of_one(schema, &common()).unwrap()
}

fn check(schema: &Value, body: &str) -> Verdict {
    let mut tree = Tree::read(body.as_bytes(), Limits::default()).unwrap();
    tree.under("/s", PLENTY);
    compile(schema).check(&tree, 8)
}

fn faults(schema: &Value, body: &str) -> Vec<(String, usize, String, String)> {
    match check(schema, body) {
        Verdict::Invalid(faults, _) => faults
            .into_iter()
            .map(|Fault { pointer, at, keyword, expected }| (pointer, at, keyword, expected))
            .collect(),
        verdict => panic!("{verdict:?}"),
    }
}

fn pointers(schema: &Value, body: &str) -> Vec<String> {
    faults(schema, body).into_iter().map(|(pointer, ..)| pointer).collect()
}

#[test]
fn a_fault_says_where_it_is_and_what_was_expected() {
    let schema = json!({"properties": {"n": {"type": "integer", "maximum": 5}}, "required": ["n", "m"]});
    assert_eq!(check(&schema, r#"{"n": 5, "m": 0}"#), Verdict::Valid);
    let owned =
        |pointer: &str, at, keyword: &str, expected: &str| (pointer.into(), at, keyword.into(), expected.into());
    assert_eq!(
        faults(&schema, r#"{"n": 6}"#),
        [owned("", 0, "required", "the member \"m\""), owned("/n", 6, "maximum", "at most 5")]
    );
}

#[test]
fn a_name_that_the_contract_does_not_know_is_not_repeated() {
    let schema =
        json!({"properties": {"a": {"additionalProperties": {"type": "string"}}}, "additionalProperties": false});
    assert_eq!(pointers(&schema, r#"{"a": {"sk-secret": 1}}"#), ["/a/*"]);
    assert_eq!(pointers(&schema, r#"{"sk-secret": 1}"#), ["/*"]);
}

#[test]
fn of_several_forms_the_one_that_was_meant_is_told() {
    let message = |role: &str, content: Value| json!({"properties": {"role": {"const": role}, "content": content}, "required": ["role", "content"]});
    let schema = json!({"properties": {"messages": {"items": {"oneOf": [
        message("user", json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "object"}}]})),
        message("tool", json!({"type": "string"})),
    ]}}}});
    let told = |body: &str| pointers(&schema, body);
    assert_eq!(told(r#"{"messages": [{"role": "tool", "content": 1}]}"#), ["/messages/0/content"]);
    assert_eq!(told(r#"{"messages": [{"role": "user", "content": ["x"]}]}"#), ["/messages/0/content/0"]);
    assert_eq!(told(r#"{"messages": [{"role": "user"}]}"#), ["/messages/0"]);
}

#[test]
fn a_walk_that_takes_too_long_is_no_verdict() {
    let schema = json!({"uniqueItems": true});
    let body = format!("[{}]", vec!["[[1]]"; 10_000].join(","));
    let mut tree = Tree::read(body.as_bytes(), Limits::default()).unwrap();
    tree.under("x", Steps(1000));
    assert_eq!(compile(&json!({"items": {"items": {"items": schema}}})).check(&tree, 8), Verdict::TooComplex);
}

#[test]
fn schemas_of_one_document_are_told_apart_by_their_pointers() {
    let document = json!({
        "paths": {"/a b/{c}": {"schema": {"properties": {"n": {"$ref": "#/components/n"}}}}},
        "components": {"n": {"type": "integer"}, "s": {"type": "string"}},
    });
    let pointers = ["/paths/~1a b~1{c}/schema", "/components/s"];
    let schemas = Schemas::of_document(&document, pointers, &common()).unwrap();
    let check = |name: &'static str, body: &'static str| {
        let mut tree = Tree::read(body.as_bytes(), Limits::default()).unwrap();
        tree.under(name, PLENTY);
        schemas.check(&tree, 8)
    };
    assert_eq!(check(pointers[0], r#"{"n": 1}"#), Verdict::Valid);
    assert_eq!(check(pointers[1], "\"x\""), Verdict::Valid);
    assert!(matches!(check(pointers[1], "1"), Verdict::Invalid(..)));
    let Verdict::Invalid(faults, false) = check(pointers[0], r#"{"n": "x"}"#) else { panic!("expected a fault") };
    assert_eq!((faults.len(), faults[0].pointer.as_str(), faults[0].at), (1, "/n", 6));
}

#[test]
fn what_is_not_in_the_configuration_is_not_fetched() {
    let fault = Schemas::of_one(&json!({"$ref": "https://example.com/x.json"}), &common()).unwrap_err();
    assert!(fault.to_string().contains("https://example.com/x.json"), "{fault}");
}

#[test]
fn a_pattern_that_looks_around_or_is_too_large_is_refused_at_load() {
    for pattern in [r"(?=a)b", r"(a)\1", "(a{1000}){1000}"] {
        assert!(Schemas::of_one(&json!({"pattern": pattern}), &common()).is_err(), "{pattern}");
    }
}

/// Where the steps end, containers look empty: what is "missing" then is not told.
#[test]
fn where_faults_take_too_long_to_find_none_is_invented() {
    let member = json!({"anyOf": (0..100).map(|n| json!({"required": [format!("m{n}")], "properties": {"x": {"const": n}}})).collect::<Vec<_>>()});
    let schema = json!({"type": "array", "items": member, "prefixItems": [{"required": ["a"]}]});
    let body = format!("[{{\"a\": 1, \"m1\": 1}}{}]", ", {\"x\": -1}".repeat(1000));
    let told = faults(&schema, &body);
    assert_eq!(
        told.iter().map(|(pointer, _, keyword, _)| (pointer.as_str(), keyword.as_str())).collect::<Vec<_>>(),
        [("/1", "anyOf")]
    );
}
