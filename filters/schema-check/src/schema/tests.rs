use std::collections::BTreeMap;

use portcullis::json::Limits;
use serde_json::{Value, json};

use super::{Common, Draft, Fault, Formats, Schemas, Verdict};
use crate::value::{Steps, Tree};

const PLENTY: Steps = Steps(1_000_000);

fn common() -> Common<'static> {
    const NONE: &BTreeMap<String, Value> = &BTreeMap::new();
    Common { library: NONE, draft: Draft::Draft202012, formats: Formats::Check, author: super::Author::Operator }
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
fn a_word_that_no_form_has_is_told_with_those_that_there_are() {
    let form = |word: Value| json!({"type": "object", "properties": {"type": word}, "required": ["type"]});
    let inner = json!({"oneOf": [form(json!({"const": "b"})), form(json!({"enum": ["c", "d"]}))]});
    let schema = json!({"anyOf": [{"type": "string"}, form(json!({"enum": ["a"]})), inner]});
    let expected = ("/type".to_owned(), 9, "enum".to_owned(), r#"one of ["a","b","c","d"]"#.to_owned());
    assert_eq!(faults(&schema, r#"{"type": "x"}"#), [expected]);
    assert_eq!(pointers(&schema, r#"{"type": true}"#), ["/type"]);
    assert_eq!(pointers(&schema, "{}"), [""]);
}

#[test]
fn a_word_of_a_list_says_nothing_of_the_form_of_the_list() {
    let schema = json!({"anyOf": [{"type": "array", "items": {"enum": ["text", "audio"]}}, {"type": "null"}]});
    assert_eq!(pointers(&schema, r#"["text", "video"]"#), ["/1"]);
}

#[test]
fn a_wrong_word_of_several_is_nearer_than_a_form_that_misses_a_member() {
    let message = json!({"properties": {"role": {"enum": ["user", "system"]}}, "required": ["role"]});
    let reference = json!({"properties": {"id": {"type": "string"}}, "required": ["id"]});
    let schema = json!({"anyOf": [message, {"oneOf": [message, reference]}]});
    assert_eq!(pointers(&schema, r#"{"role": "x"}"#), ["/role"]);
    let image = json!({"properties": {"type": {"const": "i"}, "detail": {"enum": ["high", "low"]}}});
    let text = json!({"properties": {"type": {"const": "t"}}});
    assert_eq!(pointers(&json!({"oneOf": [text, image]}), r#"{"type": "i", "detail": "x"}"#), ["/detail"]);
}

#[test]
fn a_form_that_is_told_apart_by_one_of_two_words_is_another_like_the_rest() {
    let tool =
        |words: Value, needs: &str| json!({"properties": {"type": {"enum": words}}, "required": ["type", needs]});
    let schema = json!({"oneOf": [
        tool(json!(["function"]), "name"), tool(json!(["mcp"]), "url"),
        json!({"properties": {"type": {"enum": ["search", "search_2"]}}, "required": ["type"]}),
    ]});
    assert_eq!(pointers(&schema, r#"{"type": "function"}"#), [""]);
    assert_eq!(faults(&schema, r#"{"type": "function"}"#)[0].2, "required");
}

#[test]
fn the_only_form_of_its_type_is_meant() {
    let object = json!({"type": "object", "properties": {"type": {"const": "content"}}, "required": ["type"]});
    assert_eq!(pointers(&json!({"anyOf": [object, {"type": "null"}]}), r#"{"type": "x"}"#), ["/type"]);
}

#[test]
fn a_list_that_is_too_long_is_no_list_of_something_else() {
    let list = |of: &str, most: usize| json!({"type": "array", "items": {"type": of}, "maxItems": most});
    let schema = json!({"oneOf": [{"type": "string"}, list("string", 4), list("integer", 4)]});
    assert_eq!(pointers(&schema, r#"["a", "b", "c", "d", "e"]"#), [""]);
    assert_eq!(faults(&schema, r#"["a", "b", "c", "d", "e"]"#)[0].2, "maxItems");
    assert_eq!(pointers(&schema, r#"["a", "b", 3]"#), ["/2"]);
}

#[test]
fn forms_that_tell_the_same_places_are_one() {
    let part = json!({"oneOf": [
        {"properties": {"type": {"const": "t"}, "text": {"type": "string"}}, "required": ["type"]},
        {"properties": {"type": {"const": "i"}}, "required": ["type"]},
    ]});
    let list = json!({"type": "array", "items": part});
    let schema = json!({"anyOf": [
        {"properties": {"content": {"oneOf": [{"type": "string"}, list]}}}, {"properties": {"content": list}},
    ]});
    assert_eq!(pointers(&schema, r#"{"content": [{"type": "t", "text": 1}]}"#), ["/content/0/text"]);
    assert_eq!(pointers(&schema, r#"{"content": [{"type": "x"}]}"#), ["/content/0/type"]);
}

#[test]
fn a_word_that_may_be_null_is_a_word() {
    let item = |word: Value| json!({"properties": {"type": word, "id": {}, "summary": {"type": "array"}}});
    let mut reasoning = item(json!({"const": "reasoning"}));
    reasoning["required"] = json!(["summary"]);
    let schema = json!({"oneOf": [reasoning, item(json!({"anyOf": [{"const": "reference"}, {"type": "null"}]}))]});
    assert_eq!(pointers(&schema, r#"{"type": "reasoning", "id": "x"}"#), [""]);
    assert_eq!(pointers(&schema, r#"{"type": "reasoning", "summary": 1}"#), ["/summary"]);
    assert_eq!(pointers(&schema, r#"{"type": "other", "summary": []}"#), ["/type"]);
}

#[test]
fn forms_of_forms_take_no_more_time_the_deeper_they_are() {
    let again = json!({"anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b"}]});
    let form = json!({"type": "object", "properties": {"a": again}, "required": ["x"]});
    let schema = json!({"$ref": "#/$defs/a", "$defs": {"a": form, "b": form}});
    let depth = 11;
    let body = format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
    assert!(matches!(check(&schema, &body), Verdict::Invalid(..) | Verdict::TooComplex));
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
        [("/1/x", "enum")]
    );
}

/// What a schema says of itself counts: `items` of a list is something else in each draft.
#[test]
fn a_schema_is_of_the_draft_that_it_says() {
    let seven = json!({"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}], "additionalItems": false});
    let four = json!({"$schema": "http://json-schema.org/draft-04/schema#", "maximum": 3, "exclusiveMaximum": true});
    let newest = json!({"prefixItems": [{"type": "string"}], "items": false});
    for (schema, good, bad) in [
        (&seven, r#"["a"]"#, &["[1]", r#"["a", 1]"#][..]),
        (&four, "2", &["3", "4"]),
        (&newest, r#"["a"]"#, &["[1]", r#"["a", 1]"#]),
    ] {
        assert_eq!(check(schema, good), Verdict::Valid, "{schema} {good}");
        for document in bad {
            assert_ne!(check(schema, document), Verdict::Valid, "{schema} {document}");
        }
    }
}
