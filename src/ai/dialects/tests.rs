use serde_json::{Value, json};

use super::*;
use crate::json::{Limits, parse};

fn compile(block: Value) -> Result<Dialects, String> {
    let written: Vec<written::Mapping> = serde_path_to_error::deserialize(block).map_err(|error| error.to_string())?;
    Dialects::compile(&written).map_err(|error| error.to_string())
}

fn asked(dialects: &Dialects, method: &str, path: &str) -> (Dialect, String, String) {
    let path = Canonical::read(path.as_bytes()).unwrap();
    let asked = dialects.find(method, &path);
    let target = match &asked.target {
        Target::Endpoint(endpoint) => endpoint.operation.word().to_owned(),
        Target::OtherMethod(_) => asked.allow().unwrap(),
        Target::Unknown => "-".to_owned(),
    };
    let model = match asked.model {
        ModelIn::Path(name) => format!("path {name}"),
        ModelIn::Body => "body".to_owned(),
        ModelIn::Header(name) => format!("header {name}"),
        ModelIn::Nowhere => "nowhere".to_owned(),
    };
    (asked.dialect, target, model)
}

fn block() -> Dialects {
    compile(json!([
        {"prefix": "/llm/openai", "dialect": "openai", "strip_prefix": true, "model_from": {"header": "x-model"}},
        {"prefix": "/llm/{tenant}/azure", "dialect": "openai", "strip_prefix": true, "model_from": "path"},
        {"prefix": "/llm/short", "dialect": "openai", "strip_prefix": true, "add_prefix": "/v1", "model_from": "body"},
        {"prefix": "/of/{model}", "dialect": "google", "strip_prefix": true},
        {"prefix": "/github", "dialect": "mcp", "strip_prefix": true, "add_prefix": "/mcp"},
        {"prefix": "/v1/chat", "dialect": "cohere"},
        {"prefix": "/v1/internal", "dialect": "unknown"},
    ]))
    .unwrap()
}

#[test]
fn the_first_prefix_decides_of_all_that_is_below_it() {
    let dialects = block();
    for (method, path, dialect, target, model) in [
        ("POST", "/llm/openai/v1/chat/completions", Dialect::OpenAi, "chat", "header x-model"),
        ("POST", "/llm/openai/v1/chat/completions/", Dialect::OpenAi, "chat", "header x-model"),
        ("POST", "/llm/openai/v1/messages", Dialect::OpenAi, "-", "header x-model"),
        ("POST", "/llm/openai", Dialect::OpenAi, "-", "header x-model"),
        ("POST", "/llm/a/azure/openai/deployments/gpt/chat/completions", Dialect::OpenAi, "chat", "path gpt"),
        ("POST", "/llm/a/azure/v1/chat/completions", Dialect::OpenAi, "chat", "nowhere"),
        ("POST", "/llm/short/chat/completions", Dialect::OpenAi, "chat", "body"),
        ("POST", "/llm/short/v1/chat/completions", Dialect::OpenAi, "-", "body"),
        ("POST", "/of/gemini/v1beta/models/gemini:generateContent", Dialect::Google, "chat", "path gemini"),
        ("POST", "/of/small/v1beta/models/large:generateContent", Dialect::Google, "-", "path large"),
        ("POST", "/github", Dialect::Mcp, "mcp", "body"),
        ("PUT", "/github", Dialect::Mcp, "POST, GET, DELETE", "body"),
        ("POST", "/v1/chat", Dialect::Cohere, "chat", "body"),
        ("POST", "/v1/chat/completions", Dialect::Cohere, "-", "body"),
        ("GET", "/v1/internal", Dialect::Unknown, "-", "body"),
        // What no prefix takes is where the APIs document it.
        ("POST", "/llm/openaix/v1/chat/completions", Dialect::Unknown, "-", "body"),
        ("POST", "/v1/messages", Dialect::Anthropic, "chat", "body"),
        ("GET", "/v1/messages", Dialect::Anthropic, "POST", "body"),
        ("POST", "/nothing", Dialect::Unknown, "-", "body"),
    ] {
        let expected = (dialect, target.to_owned(), model.to_owned());
        assert_eq!(asked(&dialects, method, path), expected, "{method} {path}");
    }
}

#[test]
fn without_entries_paths_are_where_the_apis_document_them() {
    for endpoint in Endpoint::all() {
        let path = endpoint.path.replace(['{', '}'], "").replace('*', "x").replace("//", "/x/");
        let Ok(path) = Canonical::read(path.as_bytes()) else { continue };
        let (dialects, method) = (Dialects::default(), endpoint.method.replace('*', "POST"));
        let found = Endpoint::find(&method, &path);
        let asked = dialects.find(&method, &path);
        assert_eq!(asked.endpoint().map(|known| known.path), found.map(|found| found.endpoint.path), "{endpoint:?}");
        assert_eq!(asked.operation(), found.map(|found| found.endpoint.operation).unwrap_or_default());
    }
}

#[test]
fn every_method_that_a_path_is_known_with_is_allowed() {
    let (dialects, path) = (Dialects::default(), Canonical::read(b"/v1/files/f").unwrap());
    let allow = dialects.find("PATCH", &path).allow().unwrap();
    assert_eq!(allow, "GET, DELETE");
    for method in allow.split(", ") {
        assert!(dialects.find(method, &path).endpoint().is_some(), "{method}");
    }
}

#[test]
fn a_refusal_is_in_the_dialect_of_the_prefix_even_if_the_path_is_ambiguous() {
    let dialects = block();
    for (path, dialect) in [
        ("/llm/openai/x?y", Dialect::OpenAi),
        ("/llm/open%61i/x", Dialect::OpenAi),
        ("/llm/openai/../x", Dialect::OpenAi),
        ("//llm/openai/%2", Dialect::OpenAi),
        ("/v1/chat/completions", Dialect::Cohere),
        ("/v1/completions/../x", Dialect::OpenAi),
        ("/llm", Dialect::Unknown),
        ("", Dialect::Unknown),
    ] {
        assert_eq!(dialects.of_path(path.as_bytes()), dialect, "{path}");
    }
    assert_eq!(Dialects::default().of_path(b"/v1/messages"), Dialect::Anthropic);
    assert_eq!(dialects.headers().collect::<Vec<_>>(), ["x-model"]);
}

#[test]
fn a_fault_names_place_value_and_expectation() {
    let one = |entry: Value| json!([entry]);
    let generic = |endpoints: Value| json!([{"prefix": "/p", "dialect": "generic", "endpoints": endpoints}]);
    let endpoint = |path: &str| json!({"path": path, "operation": "chat"});
    for (block, sentence) in [
        (
            one(json!({"prefix": "/a", "dialect": "opanai"})),
            "[0].dialect: unknown variant `opanai`, expected one of `openai`, ",
        ),
        (one(json!({"prefix": "/a", "dialect": "openai", "strip": true})), "[0].strip: unknown field `strip`"),
        (one(json!({"dialect": "openai"})), "[0]: missing field `prefix`"),
        (
            one(json!({"prefix": "llm", "dialect": "openai"})),
            "dialects[0].prefix: found \"llm\", expected a path that begins",
        ),
        (
            one(json!({"prefix": "/llm/", "dialect": "openai"})),
            "dialects[0].prefix: found \"/llm/\", expected segments",
        ),
        (
            one(json!({"prefix": "/llm/*", "dialect": "openai"})),
            "dialects[0].prefix: found \"/llm/*\", expected a prefix without *",
        ),
        (
            one(json!({"prefix": "/{model}/{model}", "dialect": "openai"})),
            "dialects[0].prefix: found \"/{model}/{model}\", expected one {model}",
        ),
        (
            json!([{"prefix": "/llm/{x}", "dialect": "cohere", "strip_prefix": true},
                {"prefix": "/llm/openai", "dialect": "openai", "strip_prefix": true}]),
            "dialects[1].prefix: found \"/llm/openai\", expected to stand before dialects[0], which takes every path of it",
        ),
        (
            one(json!({"prefix": "/llm/openai", "dialect": "openai"})),
            "dialects[0].strip_prefix: found \"false\", expected a beginning of paths of openai, and not /llm/openai",
        ),
        (
            one(json!({"prefix": "/a", "dialect": "openai", "strip_prefix": true, "add_prefix": "/v9"})),
            "dialects[0].add_prefix: found \"/v9\", expected a beginning of paths of openai, and not /v9",
        ),
        (
            one(json!({"prefix": "/a", "dialect": "openai", "strip_prefix": true, "add_prefix": "/{v}"})),
            "dialects[0].add_prefix: found \"/{v}\", expected literal segments",
        ),
        (
            one(json!({"prefix": "/a", "dialect": "cohere", "strip_prefix": true, "model_from": "path"})),
            "dialects[0].model_from: found \"path\", expected a prefix or an endpoint with {model}",
        ),
        (
            one(json!({"prefix": "/{model}", "dialect": "cohere", "strip_prefix": true, "model_from": "body"})),
            "dialects[0].model_from: found \"body\", expected path, or another name",
        ),
        (
            one(
                json!({"prefix": "/a", "dialect": "cohere", "strip_prefix": true, "model_from": {"header": "X-Model"}}),
            ),
            "dialects[0].model_from.header: found \"X-Model\", expected a header name in lower case",
        ),
        (
            one(json!({"prefix": "/a", "dialect": "cohere", "strip_prefix": true, "model_from": {"header": "host"}})),
            "dialects[0].model_from.header: found \"host\"",
        ),
        (
            one(json!({"prefix": "/a", "dialect": "generic"})),
            "dialects[0].endpoints: missing, expected what this API has",
        ),
        (
            one(json!({"prefix": "/v1", "dialect": "openai", "endpoints": [endpoint("/v1/x")]})),
            "dialects[0].endpoints: found \"openai\", expected dialect: generic",
        ),
        (
            generic(json!([endpoint("/other")])),
            "dialects[0].endpoints[0].path: found \"/other\", expected a path below /p, or strip_prefix",
        ),
        (
            generic(json!([endpoint("/p/x"), endpoint("/p/x")])),
            "dialects[0].endpoints[1].path: found \"POST /p/x\", expected a path and method that no endpoint before",
        ),
        (
            json!(vec![json!({"prefix": "/v1", "dialect": "openai"}); 65]),
            "dialects: found \"65 entries\", expected at most 64",
        ),
        (
            generic(json!(vec![endpoint("/p"); 65])),
            "dialects[0].endpoints: found \"65 endpoints\", expected at most 64",
        ),
    ] {
        let fault = compile(block.clone()).map_or_else(|fault| fault, |_| String::new());
        assert!(fault.starts_with(sentence), "{block}\n  {fault}\n  {sentence}");
    }
}

/// The examples of `docs/dialects.md` are taken as they stand there.
#[test]
fn what_the_documentation_shows_compiles() {
    let document = include_str!("../../../docs/dialects.md");
    let blocks: Vec<&str> = document.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!blocks.is_empty(), "{blocks:?}");
    for block in blocks {
        let value = parse(block.as_bytes(), Limits::default()).unwrap_or_else(|error| panic!("{block}: {error}"));
        compile(value["dialects"].clone()).unwrap_or_else(|error| panic!("{block}: {error}"));
    }
}
