//! What an operation is when everything that it refers to was followed.

use serde_json::{Value as Json, json};

use super::super::Fault;
use super::*;

fn pets() -> Json {
    json!({
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
        "servers": [{"url": "https://{env}.example.com/{v}", "variables": {
            "env": {"default": "a"}, "v": {"enum": ["v1", "v2"], "default": "v1"}}}],
        "paths": {"/pets/{id}": {
            "parameters": [
                {"$ref": "#/components/parameters/Id"},
                {"name": "Authorization", "in": "header", "schema": {}},
                {"name": "limit", "in": "query", "schema": {"type": "integer"}},
            ],
            "post": {
                "operationId": "post",
                "parameters": [{"name": "limit", "in": "query", "required": true, "content": {"application/json": {}}}],
                "requestBody": {"$ref": "#/components/requestBodies/B"},
                "responses": {
                    "default": {"description": "d"},
                    "4XX": {"description": "d"},
                    "200": {"description": "d", "headers": {"x-n": {"schema": {}}, "Content-Type": {"schema": {}}}},
                },
            },
        }},
        "components": {
            "parameters": {"Id": {"name": "id", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/Id"}}},
            "requestBodies": {"B": {"content": {"Application/JSON": {"schema": {}}}}},
            "schemas": {"Id": {"type": "string"}},
        },
    })
}

fn fault(change: impl Fn(&mut Json)) -> Option<Fault> {
    let mut document = pets();
    change(&mut document);
    Document::read(&document).err()
}

#[test]
fn references_are_followed_and_parameters_merged() {
    let document = Document::read(&pets()).unwrap();
    assert_eq!(document.bases, ["/v1", "/v2"]);
    let [operation] = document.operations.as_slice() else { panic!("{:?}", document.operations) };
    assert_eq!((operation.method.as_str(), operation.id.as_deref()), ("POST", Some("post")));
    let parameters: Vec<_> =
        operation.parameters.iter().map(|found| (found.name.as_str(), found.place, found.required)).collect();
    assert_eq!(parameters, [("id", Place::Path, true), ("limit", Place::Query, true)]);
    assert_eq!(operation.parameters[1].value, Value::Content("application/json".to_owned(), None));
    assert!(operation.parameters[1].explode && operation.parameters[1].style == Style::Form);
    assert_eq!(operation.body.as_ref().unwrap().content[0].range, "application/json");
    let statuses: Vec<_> = operation.responses.iter().map(|response| response.statuses).collect();
    assert_eq!(statuses, [Statuses::Exact(200), Statuses::Class(4), Statuses::Default]);
    assert_eq!(operation.responses[0].headers.len(), 1);
    let schemas: Vec<_> = document.schemas().into_iter().collect();
    assert_eq!(
        schemas,
        [
            "/components/parameters/Id/schema",
            "/components/requestBodies/B/content/Application~1JSON/schema",
            "/paths/~1pets~1{id}/post/responses/200/headers/x-n/schema",
        ]
    );
}

#[test]
fn what_leads_nowhere_is_refused_where_it_stands() {
    let body_ref = "/components/requestBodies/B/$ref";
    let schema_ref = "/components/parameters/Id/schema/$ref";
    let set = |at: &'static str, value: &'static str| {
        fault(move |document| *document.pointer_mut(at).unwrap() = json!({"$ref": value}))
    };
    for (found, at, expected) in [
        (set("/components/requestBodies/B", "#/components/requestBodies/C"), body_ref, "a place in this document"),
        (set("/components/requestBodies/B", "#/components/requestBodies/B"), body_ref, "a circle"),
        (set("/components/requestBodies/B", "other.yaml#/B"), body_ref, "portcullis bundle"),
        (
            set("/components/requestBodies/B", "#/components/schemas/Id"),
            "/components/schemas/Id",
            "a RequestBody Object",
        ),
        (set("/components/parameters/Id/schema", "#/components/schemas/No"), schema_ref, "a schema in this document"),
        (set("/components/parameters/Id/schema", "http://a/b"), schema_ref, "portcullis bundle"),
    ] {
        let found = found.unwrap();
        assert!(found.pointer == at && found.expected.contains(expected), "{found}");
    }
}

#[test]
fn a_server_whose_path_is_not_known_is_refused() {
    for (url, is_taken) in
        [("v1", false), ("//a/b", false), ("/", true), ("https://a?b=/c", false), ("https://a/b/", true)]
    {
        let found = fault(|document| document["servers"] = json!([{"url": url}]));
        assert_eq!(found.is_none(), is_taken, "{url}: {found:?}");
    }
}

#[test]
fn an_expression_and_its_parameter_need_each_other() {
    let path = "/paths/~1pets~1{id}";
    let missing = fault(|document| document["paths"]["/pets/{id}"]["parameters"] = json!([])).unwrap();
    assert_eq!(missing.to_string(), format!("#{path}/post: expected a parameter in: path for {{id}}"));
    let other = json!({"name": "no", "in": "path", "required": true, "schema": {}});
    let fault = fault(|document| document["paths"]["/pets/{id}"]["parameters"][1] = other.clone()).unwrap();
    assert_eq!(fault.to_string(), format!("#{path}/parameters/1: expected a name of the path /pets/{{id}}, found no"));
}

#[test]
fn headers_that_are_no_parameters_are_left_out() {
    let document = Document::read(&pets()).unwrap();
    assert!(
        document
            .operations
            .iter()
            .flat_map(|operation| &operation.parameters)
            .all(|found| found.place != Place::Header)
    );
}
