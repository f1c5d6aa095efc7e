//! Bodies: that there is one, what it says that it is, and what it is.

use portcullis::host::fake::Request;
use serde_json::{Value, json};

use super::{code, envoy, metric, of_document, of_schema, parsed, post, request, verdict};

fn pets() -> Value {
    let ok = json!({"200": {"description": "ok"}});
    let body = |is_required: bool| json!({"required": is_required, "content": {"application/json": {"schema": {"type": "object"}}}});
    of_document(json!({
        "/must": {"post": {"responses": ok, "requestBody": body(true)}},
        "/may": {"post": {"responses": ok, "requestBody": body(false)}},
        "/none": {"get": {"responses": ok}, "delete": {"responses": ok}, "post": {"responses": ok}},
        "/file": {"post": {"responses": ok, "requestBody": {"content": {"image/*": {}}}}},
    }))
}

#[test]
fn a_body_is_there_where_one_belongs_and_nowhere_else() {
    let envoy = envoy(&pets());
    for (sent, expected) in [
        (request("POST", "/must", "{}"), ""),
        (Request::post("/must", b"").header("content-type", "application/json"), "body_missing"),
        (request("POST", "/must", ""), "body_missing"),
        (request("POST", "/may", "{}"), ""),
        (request("POST", "/may", ""), ""),
        (request("POST", "/may", ""), ""),
        (request("GET", "/none", "{}"), "body_unexpected"),
        (request("DELETE", "/none", "{}"), "body_unexpected"),
        (request("POST", "/none", "x"), "body_unexpected"),
        (request("GET", "/none", ""), ""),
        (request("POST", "/must", "[]"), "schema_violation"),
        (request("POST", "/must", "{} {}"), "malformed_json"),
    ] {
        let answer = envoy.send(&sent);
        let status = if expected.is_empty() { 200 } else { 400 };
        assert_eq!((answer.status, answer.upstream.is_some()), (status, status == 200), "{sent:?}");
        if status != 200 {
            assert_eq!(code(&answer), expected, "{sent:?}");
        }
    }
}

#[test]
fn a_body_is_of_a_type_of_the_contract_or_refused() {
    let envoy = envoy(&pets());
    for (path, content_type, status) in [
        ("/must", "application/json", 200),
        ("/must", "Application/JSON; charset=\"UTF-8\"", 200),
        ("/must", "application/json; charset=utf-16", 415),
        ("/must", "text/plain", 415),
        ("/must", "multipart/form-data; boundary=x", 415),
        ("/must", "application/x-www-form-urlencoded", 415),
        ("/must", "application/problem+json", 415),
        ("/must", "application/json, text/plain", 400),
        ("/file", "image/png", 400),
        ("/file", "application/json", 415),
    ] {
        let answer = envoy.send(&Request::post(path, b"{}").header("content-type", content_type));
        assert_eq!(answer.status, status, "{path} {content_type}");
    }
    assert_eq!(envoy.send(&Request::post("/must", b"{}")).status, 415);
    let coded = post("/must", "{}").header("content-encoding", "gzip");
    assert_eq!(code(&envoy.send(&coded)), "content_encoding");
}

#[test]
fn a_refusal_says_where_and_what_was_expected_and_never_what_was_there() {
    let envoy = envoy(&of_schema(json!({
        "properties": {"role": {"enum": ["user", "tool"]}, "n": {"type": "integer", "maximum": 8}},
        "required": ["model"], "additionalProperties": false,
    })));
    let answer = envoy.send(&post("/x", r#"{"role": "sk-secret", "n": 99, "sk-secret": 1}"#));
    let body = parsed(&answer.body);
    assert_eq!((answer.status, body["code"].as_str()), (400, Some("schema_violation")));
    let faults: Vec<_> = body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            (error["pointer"].as_str().unwrap(), error["keyword"].as_str().unwrap(), error["at"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(
        faults,
        [("", "required", 0), ("/*", "additionalProperties", 0), ("/role", "enum", 9), ("/n", "maximum", 27)]
    );
    assert!(!String::from_utf8_lossy(&answer.body).contains("sk-secret") && answer.body.len() < 4096);
}

#[test]
fn a_hundred_thousand_faults_make_a_small_answer() {
    let envoy = envoy(&of_schema(json!({"items": {"type": "string", "description": "x"}})));
    for count in [3000, 100_000] {
        let answer = envoy.send(&post("/x", &format!("[{}]", vec!["1"; count].join(","))));
        assert_eq!((answer.status, code(&answer).as_str()), (400, "schema_violation"));
        assert!(answer.body.len() < 4096, "{}", answer.body.len());
    }
}

#[test]
fn numbers_pass_as_they_are_written_or_not_at_all() {
    let integer = envoy(&of_schema(json!({"type": "integer"})));
    let cents = envoy(&of_schema(json!({"type": "number", "multipleOf": 0.01})));
    for (filter, number, is_taken) in [
        (&integer, "1.0", true),
        (&integer, "1e0", true),
        (&integer, "-0", true),
        (&integer, "1E+2", true),
        (&integer, "1.5", false),
        (&integer, "9007199254740993", true),
        (&integer, "18446744073709551615", true),
        (&integer, "18446744073709551616", false),
        (&integer, "-9223372036854775809", false),
        (&integer, "1e400", false),
        (&integer, "-1e400", false),
        (&integer, "1e-400", false),
        (&integer, "9007199254740993.0", true),
        (&integer, "9007199254740993.5", false),
        (&cents, "0.1", true),
        (&cents, "0.115", false),
    ] {
        let answer = filter.send(&post("/", number));
        assert_eq!(answer.upstream.map(|sent| sent.body).as_deref(), is_taken.then_some(number.as_bytes()), "{number}");
    }
}

#[test]
fn a_string_is_as_long_as_it_has_code_points() {
    let envoy = envoy(&of_schema(json!({"type": "string", "minLength": 1, "maxLength": 1})));
    for (text, is_taken) in [("\u{1f600}", true), ("e\u{301}", false), ("\u{1f1e9}\u{1f1ea}", false), ("", false)] {
        assert_eq!(envoy.send(&post("/", &json!(text).to_string())).status == 200, is_taken, "{text}");
    }
    assert_eq!(envoy.send(&post("/", r#""\ud83d\ude00""#)).status, 200);
    assert_eq!(envoy.send(&post("/", r#""\ud83d""#)).status, 400);
}

/// What is looked on at is read all the same, and what can be read in two ways is refused.
#[test]
fn a_fault_that_was_noted_keeps_nobody_from_reading_on() {
    let mut configuration = of_schema(json!({"required": ["a"]}));
    configuration["rules"][0]["requests"] = json!("shadow");
    let mut document = of_document(json!({"/x": {"post": {"responses": {"200": {"description": "ok"}},
        "requestBody": {"content": {"application/json": {}, "multipart/form-data": {}}}}}}));
    document["rules"][0]["requests"] = json!("shadow");
    let envoys = [envoy(&configuration), envoy(&document)];
    assert_eq!(code(&envoys[0].send(&post("/x", "{}"))), "");
    assert_eq!(code(&envoys[0].send(&post("/x", r#"{"b": 1, "b": 2}"#))), "malformed_json");
    assert_eq!(code(&envoys[1].send(&post("/x?b=1", "{}"))), "");
    let refused = envoys[1].send(&post("/x?b=1", r#"{"b": 1, "b": 2}"#));
    assert_eq!(code(&refused), "malformed_json");
    // What is written is what became of it, and it is written once.
    assert_eq!((&verdict(&refused)["outcome"], &verdict(&refused)["code"]), (&json!("deny"), &json!("malformed_json")));
    let noted = envoys[1].send(&post("/x?b=1", "{}"));
    assert_eq!((&verdict(&noted)["outcome"], &verdict(&noted)["code"]), (&json!("allow"), &json!("invalid_parameter")));
    let form =
        Request::post("/x", b"--b\r\ncontent-disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\n\r\n--b--\r\n");
    assert_eq!(
        code(&envoys[1].send(&form.header("content-type", "multipart/form-data; boundary=b"))),
        "malformed_form"
    );
    assert_eq!(metric(&envoys[1], "requests_total.outcome.shadow.code.refused"), 3);
    assert_eq!(metric(&envoys[1], "requests_total.outcome.allow.code.allowed"), 0);
}

/// Who sends a body chooses its type: one that nobody reads is no way around the schema of a range.
#[test]
fn a_range_with_a_schema_is_for_what_can_be_held_against_it() {
    let strict = json!({"type": "object", "required": ["id"]});
    let content = |schema: Value| json!({"*/*": {"schema": schema}});
    let operation = |schema: Value| {
        json!({"post": {"requestBody": {"content": content(schema.clone())},
        "responses": {"200": {"description": "ok", "content": content(schema)}}}})
    };
    let mut configuration = of_document(
        json!({"/strict": operation(strict), "/any": operation(json!({"type": "string", "format": "binary"}))}),
    );
    configuration["rules"][0]["responses"] = json!("enforce");
    let envoy = envoy(&configuration);
    let sent = |path: &str, asked: &str, answered: &str| {
        let request = Request::post(path, br#"{"id": 1}"#).header("content-type", asked);
        code(&envoy.send(&request.answered(
            &[(":status", "200"), ("content-type", answered)],
            &[br#"{"id": 1}"#],
            None,
        )))
    };
    let json = "application/json";
    assert_eq!(sent("/strict", json, json), "");
    for other in ["text/plain", "application/octet-stream", "application/xml", "multipart/mixed; boundary=b"] {
        assert_eq!(sent("/strict", other, json), "content_type", "{other}");
        assert_eq!(sent("/strict", json, other), "undeclared_content_type", "{other}");
    }
    assert_eq!(sent("/any", "application/octet-stream", "text/plain"), "");
}
