use serde_json::{Value, json};

use super::*;
use crate::ai::answer::{Answer, read_whole};
use crate::ai::dialects::Dialects;
use crate::ai::fields;
use crate::ai::read::{Fault, Reading, read};
use crate::ai::testing::{notes, texts, unread};
use crate::ai::vocabulary::{Feature, Measure, Provenance, Unread, What};
use crate::http::path::Canonical;
use crate::json::Limits;

fn endpoint(described: Value) -> Result<&'static Endpoint, String> {
    let described: Described = serde_path_to_error::deserialize(described).map_err(|error| error.to_string())?;
    Draft::of(&described).map(Draft::leak).map_err(|error| error.to_string())
}

/// A text generation server, with a bit of everything.
fn rich() -> &'static Endpoint {
    endpoint(json!({
        "path": "/models/{model}:predict", "operation": "chat",
        "request": {
            "/model": "model",
            "/stream": "stream",
            "/inputs": {"text": "user"},
            "/system": {"text": "system"},
            "/messages/*/role": "role",
            "/messages/*/content": {"text": "role"},
            "/messages/*/content/*/text": {"text": "role"},
            "/messages/*/content/*/image": "url",
            "/parameters/max_new_tokens": {"number": "max_output_tokens"},
            "/parameters/details": {"feature": "logprobs"},
            "/parameters/{}": "plain",
            "/tools/*/name": {"keep": "tool"},
            "/tools/*/{}": {"text": "tool_definition"},
            "/session": {"unread": "by_reference"},
            "/graph/{}/prompt": {"text": "user"},
            "/a~1b/*": {"text": "document"}
        },
        "answer": {
            "/generated_text": {"text": "assistant"},
            "/choices/*/n": "index",
            "/choices/*/text": {"text": "assistant"},
            "/choices/*/end": {"keep": "finish"},
            "/details/generated_tokens": {"number": "output_tokens"},
            "/prompt": "again"
        }
    }))
    .unwrap()
}

fn request(body: &str) -> Result<Reading<'_>, Fault> {
    read(body.as_bytes(), rich().request, Limits::default())
}

/// The names that no pointer has.
fn unknown(body: &str) -> Vec<&str> {
    request(body).unwrap().unknown.into_iter().map(|span| body.get(span).unwrap()).collect()
}

#[test]
fn what_pointers_name_is_read() {
    let body = r#"{"model": "m", "stream": true, "inputs": ["one", ["two"]], "system": "be kind",
        "parameters": {"max_new_tokens": 7, "details": true, "seed": 3, "stop": "x"}, "session": "s",
        "messages": [{"content": "hi", "role": "user"}, {"role": "assistant", "content": [{"text": "yes"}, {"image": "https://x"}]}],
        "tools": [{"name": "search", "description": "finds", "schema": {"type": "object"}}],
        "graph": {"1": {"prompt": "a cat"}, "x": {"prompt": "a dog"}}, "a/b": ["doc"]}"#;
    let reading = request(body).unwrap();
    let expected = [
        (Provenance::User, "one"),
        (Provenance::User, "two"),
        (Provenance::System, "be kind"),
        (Provenance::User, "hi"),
        (Provenance::Assistant, "yes"),
        (Provenance::ToolDefinition, "search"),
        (Provenance::ToolDefinition, "finds"),
        (Provenance::ToolDefinition, "type"),
        (Provenance::ToolDefinition, "object"),
        (Provenance::User, "a cat"),
        (Provenance::User, "a dog"),
        (Provenance::Document, "doc"),
    ];
    assert_eq!(texts(&reading), expected.map(|(provenance, text)| (provenance, text.to_owned())));
    assert_eq!((reading.model.unwrap().unescaped().as_ref(), reading.stream), ("m", Some(true)));
    assert_eq!(
        (&reading.numbers[..], &reading.features[..]),
        (&[(Measure::MaxOutputTokens, 7)][..], &[Feature::Logprobs][..])
    );
    assert_eq!(unread(&reading), [Unread::ByReference, Unread::Remote]);
    assert_eq!((notes(&reading, What::Tool), reading.messages), (vec!["search".to_owned()], 2));
    assert_eq!(reading.unknown, []);
}

#[test]
fn what_no_pointer_names_is_text_that_nobody_vouches_for_and_is_reported() {
    for (body, names) in [
        (r#"{"inputs": "a", "hidden": "b"}"#, &["\"hidden\""][..]),
        (r#"{"messages": [{"role": "user", "content": "a", "extra": {"x": "b"}}]}"#, &["\"extra\""]),
        (r#"{"graph": {"1": {"seed": "b"}}}"#, &["\"seed\""]),
    ] {
        let said = texts(&request(body).unwrap());
        assert!(said.contains(&(Provenance::Unknown, "b".to_owned())), "{body}: {said:?}");
        assert_eq!(unknown(body), names, "{body}");
    }
    // Nothing is described: all is unknown.
    let bare = endpoint(json!({"path": "/x", "operation": "completion"})).unwrap();
    let reading = read(br#"{"a": "b"}"#, bare.request, Limits::default()).unwrap();
    assert_eq!((texts(&reading), reading.unknown.len()), (vec![(Provenance::Unknown, "b".to_owned())], 1));
    assert_eq!(
        texts(&read(b"\"b\"", bare.answer, Limits::default()).unwrap()),
        [(Provenance::Unknown, "b".to_owned())]
    );
    // An object where a plain value was promised is not passed over.
    let reading = request(r#"{"parameters": {"seed": {"x": "b"}}}"#).unwrap();
    assert!(texts(&reading).contains(&(Provenance::Unknown, "b".to_owned())));
}

#[test]
fn what_other_servers_would_read_otherwise_is_refused() {
    for (body, code) in [
        (r#"{"Model": "m"}"#, "case_variant"),
        (r#"{"parameters": {"Max_new_tokens": 1}}"#, "case_variant"),
        (r#"{"model": 1}"#, "wrong_type"),
        (r#"{"stream": "true"}"#, "wrong_type"),
        (r#"{"parameters": {"max_new_tokens": "7"}}"#, "wrong_type"),
        (r#"{"inputs": "a", "inputs": "b"}"#, "duplicate_member"),
    ] {
        assert_eq!(request(body).unwrap_err().code(), code, "{body}");
    }
}

#[test]
fn an_answer_is_read_whole_and_streamed() {
    let body = br#"{"generated_text": "hello", "details": {"generated_tokens": 2}, "prompt": "said before"}"#;
    let (reading, told) = read_whole(rich(), body, Limits::default()).unwrap();
    assert_eq!(texts(&reading), [(Provenance::Assistant, "hello".to_owned())]);
    assert_eq!((told.usage.output(), reading.unknown.len()), (Some(2), 0));

    let mut answer = Answer::streamed(rich(), b"text/event-stream", 4096).unwrap();
    let mut said = Vec::new();
    let stream = concat!(
        "data: {\"choices\":[{\"text\":\"he\",\"n\":1}]}\n\n",
        "data: {\"choices\":[{\"n\":1,\"text\":\"y\",\"end\":\"stop\"}],\"details\":{\"generated_tokens\":3}}\n\n",
    );
    answer
        .push(stream.as_bytes(), &mut |reading| {
            said.extend(reading.texts.iter().map(|text| (text.index[0], text.text.unescaped().into_owned())));
        })
        .unwrap();
    assert_eq!(said, [(1, "he".to_owned()), (1, "y".to_owned())]);
    assert_eq!((answer.told().usage.output(), &answer.told().finish[..]), (Some(3), &["stop".to_owned()][..]));
}

#[test]
fn its_fields_can_be_printed_as_those_of_every_dialect() {
    let fields = fields::of_request(rich());
    let meaning = |path: &str| fields.iter().find(|field| field.path == path).map(|field| field.meaning.as_str());
    for (path, printed) in [
        ("inputs", "text: user"),
        ("messages", "object"),
        ("messages.role", "says the provenance"),
        ("messages.content", "text: role, or object"),
        ("messages.content.image", "unread: remote, or binary in a data URL"),
        ("parameters.*", "passed over"),
        ("tools.name", "kept: tool, text: tool_definition"),
        ("graph.*.prompt", "text: user"),
    ] {
        assert_eq!(meaning(path), Some(printed), "{path}");
    }
}

#[test]
fn a_model_can_stand_in_the_path() {
    let block = json!([{
        "prefix": "/ml", "dialect": "generic", "strip_prefix": true, "add_prefix": "/v1",
        "endpoints": [
            {"path": "/v1/models/{model}:predict", "operation": "completion"},
            {"path": "/v1/models/{model}", "method": "GET", "operation": "models"},
            {"path": "/v1/files/*", "method": "*", "operation": "files", "reads": "stream"},
        ],
    }]);
    let dialects = Dialects::compile(&serde_json::from_value::<Vec<_>>(block).unwrap()).unwrap();
    for (method, path, operation, reads, allow) in [
        ("POST", "/ml/models/m:predict", Operation::Completion, Some(Reads::Whole), None),
        ("GET", "/ml/models/m", Operation::Models, Some(Reads::Head), None),
        ("DELETE", "/ml/models/m", Operation::Unknown, None, Some("GET")),
        ("DELETE", "/ml/models/m:predict", Operation::Unknown, None, Some("POST, GET")),
        ("PATCH", "/ml/files/a/b", Operation::Files, Some(Reads::Stream), None),
        ("POST", "/ml/models", Operation::Unknown, None, None),
    ] {
        let canonical = Canonical::read(path.as_bytes()).unwrap();
        let asked = dialects.find(method, &canonical);
        let found = (asked.operation(), asked.endpoint().map(|endpoint| endpoint.reads), asked.allow());
        assert_eq!(found, (operation, reads, allow.map(str::to_owned)), "{method} {path}");
        assert_eq!(asked.dialect, Dialect::Generic);
    }
}

#[test]
fn a_fault_names_place_value_and_expectation() {
    let with = |member: &str, value: Value| {
        let mut described = json!({"path": "/x", "operation": "completion"});
        described[member] = value;
        described
    };
    let many: serde_json::Map<String, Value> = (0..257).map(|n| (format!("/m{n}"), json!("plain"))).collect();
    for (described, sentence) in [
        (with("path", json!("x")), "path: found \"x\", expected a path that begins with /"),
        (with("path", json!("/a{b}")), "path: found \"/a{b}\""),
        (with("path", json!("/{a}{b}")), "path: found \"/{a}{b}\""),
        (with("path", json!("/*/a")), "path: found \"/*/a\""),
        (with("path", json!("/{model}/{model}:x")), "path: found \"/{model}/{model}:x\", expected one {model}"),
        (with("method", json!("post")), "method: found \"post\", expected a method in upper case"),
        (with("operation", json!("mcp")), "operation: found \"mcp\", expected an operation that one request asks for"),
        (with("operation", json!("talk")), "operation: unknown variant `talk`, expected one of `chat`, "),
        (
            json!({"path": "/x", "operation": "chat", "method": "GET", "request": {"/a": "plain"}}),
            "reads: found \"head\", expected whole, where request has pointers",
        ),
        (
            with("request", json!({"inputs": {"text": "user"}})),
            "request.inputs: found \"inputs\", expected a JSON Pointer",
        ),
        (
            with("request", json!({"/a/0": "plain"})),
            "request./a/0: found \"/a/0\", expected * for the elements of a list",
        ),
        (with("request", json!({"/a~b": "plain"})), "request./a~b: found \"/a~b\", expected ~0 for a tilde"),
        (
            with("request", json!({"/a": "plain", "/a/*": {"text": "user"}})),
            "request./a/*: found \"/a/*\", expected one pointer to a place",
        ),
        (
            with("request", json!({"/a": "model", "/a/b": "plain"})),
            "request./a: found \"model\", expected text, plain or url where a pointer goes on",
        ),
        (
            with("request", json!({"": {"unread": "binary"}, "/a": "plain"})),
            "request: found \"unread\", expected text, plain or url where a pointer goes on",
        ),
        (with("request", json!({"/a": "again"})), "request./a: found \"again\", expected another meaning"),
        (
            with("request", json!({"/a": {"text": "users"}})),
            "request./a.text: unknown variant `users`, expected one of",
        ),
        (with("answer", json!({"/a": "texts"})), "answer./a: unknown variant `texts`, expected one of `model`"),
        (with("answer", Value::Object(many)), "answer: found \"257 pointers\", expected at most 256"),
    ] {
        let fault = endpoint(described.clone()).map_or_else(|fault| fault, |_| String::new());
        assert!(fault.starts_with(sentence), "{described}\n  {fault}\n  {sentence}");
    }
}
