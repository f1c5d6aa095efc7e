//! One small document for each sentence, and what is said about it.

use serde_json::{Value, json};

use super::*;

/// A document that holds this beside what every document needs.
fn with(version: &str, parts: &Value) -> Value {
    let mut document = json!({"openapi": version, "info": {"title": "t", "version": "1"}});
    document.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
    document
}

fn component(version: &str, kind: &str, value: &Value) -> Value {
    with(version, &json!({"paths": {}, "components": {kind: {"X": value}}}))
}

fn path_item(path: &str, value: &Value) -> Value {
    with("3.2.0", &json!({"paths": {path: value}}))
}

fn place(document: &Value) -> Option<String> {
    check(document).err().map(|fault| fault.pointer)
}

#[test]
fn what_the_specification_does_not_know_is_refused_where_it_stands() {
    let parameter = |value: Value| component("3.2.0", "parameters", &value);
    let media = |value: Value| component("3.2.0", "requestBodies", &json!({"content": {"a/b": value}}));
    let query = json!({"name": "q", "in": "query", "schema": {}});
    let whole = json!({"name": "w", "in": "querystring", "content": {"a/b": {}}});
    let whole_2 = json!({"name": "w2", "in": "querystring", "content": {"a/b": {}}});
    let server = |value: Value| with("3.1.0", &json!({"paths": {}, "servers": [value]}));
    for (document, at) in [
        (with("3.1.0", &json!({})), ""),
        (with("3.0.0", &json!({"components": {}})), ""),
        (with("3.1.0", &json!({"paths": {}, "overlays": {}})), "/overlays"),
        (with("3.0.0", &json!({"paths": {}, "webhooks": {}})), "/webhooks"),
        (with("3.1.0", &json!({"paths": {}, "servers": {"url": "/"}})), "/servers"),
        (
            server(json!({"url": "/{v}", "variables": {"v": {"enum": [], "default": "a"}}})),
            "/servers/0/variables/v/enum",
        ),
        (
            server(json!({"url": "/{v}", "variables": {"v": {"enum": ["b"], "default": "a"}}})),
            "/servers/0/variables/v/default",
        ),
        (server(json!({"url": "/{v}"})), "/servers/0/url"),
        (
            parameter(json!({"name": "a", "in": "query", "schema": {}, "example": 1, "examples": {}})),
            "/components/parameters/X/examples",
        ),
        (
            parameter(json!({"name": "a", "in": "query", "schema": {}, "content": {"a/b": {}}})),
            "/components/parameters/X/content",
        ),
        (parameter(json!({"name": "a", "in": "query"})), "/components/parameters/X"),
        (parameter(json!({"name": "a", "in": "body", "schema": {}})), "/components/parameters/X/in"),
        (parameter(json!({"name": "a", "in": "path", "schema": {}})), "/components/parameters/X"),
        (
            parameter(json!({"name": "a{b}", "in": "path", "schema": {}, "required": true})),
            "/components/parameters/X/name",
        ),
        (parameter(json!({"name": "a[b]", "in": "header", "schema": {}})), "/components/parameters/X/name"),
        (
            parameter(json!({"name": "a", "in": "header", "schema": {}, "allowReserved": false})),
            "/components/parameters/X/allowReserved",
        ),
        (
            parameter(json!({"name": "a", "in": "cookie", "style": "cookie", "schema": {}, "allowReserved": true})),
            "/components/parameters/X/allowReserved",
        ),
        (
            parameter(json!({"name": "a", "in": "header", "schema": {}, "allowEmptyValue": true})),
            "/components/parameters/X/allowEmptyValue",
        ),
        (parameter(json!({"name": "a", "in": "querystring", "schema": {}})), "/components/parameters/X/schema"),
        (
            parameter(json!({"name": "a", "in": "querystring", "content": {"a/b": {}}, "style": "form"})),
            "/components/parameters/X/style",
        ),
        (
            parameter(json!({"name": "a", "in": "query", "schema": {}, "style": "simple"})),
            "/components/parameters/X/style",
        ),
        (
            parameter(json!({"name": "a", "in": "query", "schema": {}, "requried": true})),
            "/components/parameters/X/requried",
        ),
        (
            parameter(json!({"$ref": "#/components/parameters/Y", "required": true})),
            "/components/parameters/X/required",
        ),
        (
            component(
                "3.1.0",
                "parameters",
                &json!({"name": "a", "in": "path", "required": true, "schema": {}, "allowReserved": false}),
            ),
            "/components/parameters/X/allowReserved",
        ),
        (component("3.1.0", "parameters", &whole), "/components/parameters/X/in"),
        (
            component("3.1.0", "headers", &json!({"schema": {}, "allowReserved": true})),
            "/components/headers/X/allowReserved",
        ),
        (component("3.1.0", "links", &json!({"operationId": "a", "body": {}})), "/components/links/X/body"),
        (component("3.1.0", "schemas", &json!(null)), "/components/schemas/X"),
        (component("3.0.0", "schemas", &json!(true)), "/components/schemas/X"),
        (component("3.0.0", "schemas", &json!({"const": 1})), "/components/schemas/X/const"),
        (component("3.1.0", "schemas", &json!({"type": "strnig"})), "/components/schemas/X/type"),
        (
            component("3.1.0", "schemas", &json!({"properties": {"a": {"items": 1}}})),
            "/components/schemas/X/properties/a/items",
        ),
        (component("3.1.0", "schemas", &json!({"discriminator": {}})), "/components/schemas/X/discriminator"),
        (
            component("3.2.0", "schemas", &json!({"xml": {"attribute": true, "nodeType": "attribute"}})),
            "/components/schemas/X/xml/attribute",
        ),
        (
            component("3.2.0", "schemas", &json!({"xml": {"wrapped": true, "nodeType": "element"}})),
            "/components/schemas/X/xml/wrapped",
        ),
        (component("3.2.0", "examples", &json!({"value": 1, "dataValue": 1})), "/components/examples/X/dataValue"),
        (
            component("3.2.0", "examples", &json!({"value": 1, "externalValue": "u"})),
            "/components/examples/X/externalValue",
        ),
        (
            component("3.2.0", "examples", &json!({"serializedValue": "1", "externalValue": "u"})),
            "/components/examples/X/externalValue",
        ),
        (component("3.1.0", "examples", &json!({"dataValue": 1})), "/components/examples/X/dataValue"),
        (component("3.1.0", "responses", &json!({})), "/components/responses/X"),
        (component("3.1.0", "securitySchemes", &json!({"type": "http"})), "/components/securitySchemes/X"),
        (media(json!({"encoding": {}, "itemEncoding": {}})), "/components/requestBodies/X/content/a~1b/itemEncoding"),
        (
            media(json!({"encoding": {}, "prefixEncoding": []})),
            "/components/requestBodies/X/content/a~1b/prefixEncoding",
        ),
        (
            media(json!({"itemEncoding": {"encoding": {}, "prefixEncoding": []}})),
            "/components/requestBodies/X/content/a~1b/itemEncoding/prefixEncoding",
        ),
        (with("3.1.0", &json!({"components": {"schemas": {"a b": {}}}})), "/components/schemas/a b"),
        (path_item("a", &json!({})), "/paths/a"),
        (path_item("/a{b", &json!({})), "/paths/~1a{b"),
        (path_item("/{b}/{b}", &json!({})), "/paths/~1{b}~1{b}"),
        (path_item("/b", &json!({"get": {"responses": {}}})), "/paths/~1b/get/responses"),
        (path_item("/b", &json!({"get": {"responses": {"20": {}}}})), "/paths/~1b/get/responses/20"),
        (
            path_item("/b", &json!({"get": {"responses": {"200": {"headers": {"a=b": {"schema": {}}}}}}})),
            "/paths/~1b/get/responses/200/headers/a=b",
        ),
        (path_item("/b", &json!({"additionalOperations": {"POST": {}}})), "/paths/~1b/additionalOperations/POST"),
        (path_item("/b", &json!({"parameters": [query, query]})), "/paths/~1b/parameters/1"),
        (path_item("/b", &json!({"get": {"parameters": [whole, query]}})), "/paths/~1b/get/parameters/0"),
        (path_item("/b", &json!({"parameters": [whole], "get": {"parameters": [query]}})), "/paths/~1b/parameters/0"),
        (path_item("/b", &json!({"parameters": [whole, whole_2]})), "/paths/~1b/parameters/1"),
        (with("3.1.0", &json!({"paths": {"/{a}": {}, "/{b}": {}}})), "/paths/~1{b}"),
        (
            with(
                "3.1.0",
                &json!({"paths": {"/a": {"get": {"operationId": "o"}}, "/b": {"get": {"operationId": "o"}}}}),
            ),
            "/paths/~1b/get/operationId",
        ),
    ] {
        assert_eq!(place(&document).as_deref(), Some(at), "{document} {:?}", check(&document));
    }
}

#[test]
fn what_the_specification_allows_is_taken() {
    let id = json!({"name": "id", "in": "path", "required": true, "schema": {}});
    for document in [
        with("3.0.4", &json!({"paths": {}, "x-any": 1})),
        with("3.1.0", &json!({"components": {}})),
        with("3.1.0", &json!({"paths": {"/{id}": {}}})),
        with("3.1.0", &json!({"paths": {"/{id}": {"parameters": [id], "get": {}}}})),
        component("3.1.0", "schemas", &json!(false)),
        component("3.1.0", "schemas", &json!({"anything": 1, "properties": {"discriminator": {"type": "string"}}})),
        component("3.0.0", "schemas", &json!({"$ref": "#/components/schemas/Y", "anything": 1})),
        component("3.2.0", "mediaTypes", &json!({"itemSchema": {}})),
        component("3.2.0", "parameters", &json!({"name": "a", "in": "cookie", "allowReserved": true, "schema": {}})),
    ] {
        assert_eq!(place(&document), None, "{document}: {:?}", check(&document));
    }
}

#[test]
fn a_fault_reads_as_a_place_and_what_was_expected_there() {
    let fault = check(&path_item("/x", &json!({"get": {"summry": ""}}))).unwrap_err().to_string();
    assert!(fault.starts_with("#/paths/~1x/get/summry: expected a field of Operation Object: tags, "), "{fault}");
}
