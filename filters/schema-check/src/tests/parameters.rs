//! Parameters in every place and style.

use portcullis::host::fake::Request;
use serde_json::{Value, json};

use super::{code, envoy, of_document, parsed};

/// Whether a request passes whose operation has these parameters.
fn passes(parameters: &Value, request: &Request) -> bool {
    let ok = json!({"200": {"description": "ok"}});
    let envoy = envoy(&of_document(json!({"/x": {"get": {"parameters": parameters, "responses": ok}}})));
    let answer = envoy.send(request);
    assert!(answer.status == 200 || code(&answer) == "invalid_parameter", "{request:?}: {}", answer.status);
    answer.status == 200
}

fn query(parameter: Value, cases: &[(&str, bool)]) {
    let mut parameter = parameter;
    parameter["name"] = json!("q");
    parameter["in"] = json!("query");
    for (query, is_taken) in cases {
        let request = Request::get(&format!("/x{query}"));
        assert_eq!(passes(&json!([parameter]), &request), *is_taken, "{parameter} {query}");
    }
}

#[test]
fn a_number_in_a_query_is_one_to_every_server() {
    for schema in [json!({"type": "integer"}), json!({"type": "integer", "format": "int64"})] {
        query(
            json!({"schema": schema}),
            &[
                ("", true),
                ("?q=1", true),
                ("?q=-12", true),
                ("?q=%31", true),
                ("?q=1e2", false),
                ("?q=+1", false),
                ("?q=%2B1", false),
                ("?q=01", false),
                ("?q=%201", false),
                ("?q=1.0", false),
                ("?q=%EF%BC%91", false),
                ("?q=0x1", false),
                ("?q=", false),
                ("?q", false),
                ("?q=99999999999999999999", false),
                ("?q=1&q=1", false),
                ("?q=1&q=2", false),
                ("?q[]=1", false),
                ("?q=%zz", false),
            ],
        );
    }
    query(
        json!({"schema": {"type": "integer", "format": "int32"}}),
        &[("?q=2147483647", true), ("?q=2147483648", false)],
    );
    query(
        json!({"schema": {"type": "number"}}),
        &[("?q=1e2", true), ("?q=1.50", true), ("?q=.5", false), ("?q=NaN", false)],
    );
    query(json!({"schema": {"type": "boolean"}}), &[("?q=true", true), ("?q=True", false), ("?q=1", false)]);
}

#[test]
fn a_parameter_that_must_be_there_is_and_one_that_nobody_knows_is_not() {
    query(json!({"required": true, "schema": {"type": "string"}}), &[("", false), ("?q=x", true), ("?q=", true)]);
    query(
        json!({"schema": {"type": "string"}}),
        &[("?q=x&other=1", false), ("?Q=x", false), ("?%71=x", true), ("?&q=x", true)],
    );
}

#[test]
fn arrays_are_read_in_their_style() {
    let list = json!({"type": "array", "items": {"type": "integer"}, "maxItems": 2});
    query(json!({"schema": list}), &[("?q=1&q=2", true), ("?q=1", true), ("?q=1,2", false), ("?q=1&q=2&q=3", false)]);
    query(json!({"schema": list, "explode": false}), &[("?q=1,2", true), ("?q=1%2C2", false), ("?q=1&q=2", false)]);
    let of = |style: &str| json!({"schema": list, "style": style, "explode": false});
    query(of("pipeDelimited"), &[("?q=1|2", true), ("?q=1%7C2", true), ("?q=1,2", false)]);
    query(of("spaceDelimited"), &[("?q=1%202", true), ("?q=1+2", true), ("?q=1,2", false)]);
}

#[test]
fn objects_are_read_in_their_style() {
    let point = json!({"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}},
        "required": ["x"], "additionalProperties": false});
    query(
        json!({"schema": point, "style": "deepObject", "explode": true}),
        &[
            ("?q[x]=1&q[y]=2", true),
            ("?q%5Bx%5D=1", true),
            ("?q[y]=2", false),
            ("?q[x]=a", false),
            ("?q[z]=1&q[x]=1", false),
            ("?q[x][y]=1", false),
            ("?q[x]=1&q[x]=2", false),
            ("?q=1", false),
        ],
    );
    query(json!({"schema": point, "explode": false}), &[("?q=x,1,y,2", true), ("?q=x,1,y", false), ("?q=y,1", false)]);
    query(json!({"schema": point}), &[("?x=1&y=2", true), ("?y=2", false), ("?x=1&z=1", false), ("?x=1&x=1", false)]);
}

#[test]
fn a_text_with_a_content_is_read_as_that() {
    let filter = json!({"content": {"application/json": {"schema": {"type": "object", "required": ["a"]}}}});
    query(filter, &[("?q=%7B%22a%22:1%7D", true), ("?q=%7B%7D", false), ("?q=x", false)]);
}

#[test]
fn headers_and_cookies_are_parameters_too() {
    let header =
        json!([{"name": "X-Count", "in": "header", "required": true, "schema": {"type": "integer", "maximum": 9}}]);
    for (value, is_taken) in [(Some("3"), true), (Some("10"), false), (Some("x"), false), (None, false)] {
        let request = value.iter().fold(Request::get("/x"), |request, value| request.header("x-count", value));
        assert_eq!(passes(&header, &request), is_taken, "{value:?}");
    }
    let twice = Request::get("/x").header("x-count", "1").header("x-count", "1");
    assert!(!passes(&header, &twice));
    let list = json!([{"name": "x-list", "in": "header", "schema": {"type": "array", "items": {"type": "integer"}}}]);
    assert!(passes(&list, &Request::get("/x").header("x-list", "1, 2")));
    let cookie = json!([{"name": "lang", "in": "cookie", "schema": {"enum": ["en", "de"]}}]);
    for (value, is_taken) in [("lang=en", true), ("lang=fr", false), ("lang=en; lang=de", false), ("other=1", true)] {
        assert_eq!(passes(&cookie, &Request::get("/x").header("cookie", value)), is_taken, "{value}");
    }
}

#[test]
fn a_fault_names_the_parameter_and_not_its_value() {
    let ok = json!({"200": {"description": "ok"}});
    let limit = json!([{"name": "limit", "in": "query", "schema": {"type": "integer"}}]);
    let envoy = envoy(&of_document(json!({"/x": {"get": {"parameters": limit, "responses": ok}}})));
    let answer = envoy.send(&Request::get("/x?limit=sk-secret&sk-secret=1"));
    let errors = parsed(&answer.body)["errors"].clone();
    let told: Vec<_> = errors
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["in"].as_str(), error["pointer"].as_str(), error["keyword"].as_str()))
        .collect();
    assert_eq!(told, [(Some("query"), Some("/limit"), Some("type")), (Some("query"), Some("/*"), Some("undeclared"))]);
    assert!(!String::from_utf8_lossy(&answer.body).contains("sk-secret"));
}
