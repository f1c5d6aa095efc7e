//! A schema as it was written, and as a validator of 2020-12 gets it.

use serde_json::{Value, json};

use super::*;

fn document(version: &str, schemas: &Value) -> Value {
    json!({"openapi": version, "info": {"title": "t", "version": "1"}, "paths": {}, "components": {"schemas": schemas}})
}

fn translated(version: &str, schemas: &Value) -> Result<(Value, Vec<Note>), Fault> {
    let mut document = document(version, schemas);
    let read = Version::read(&document)?;
    let notes = to_2020_12(&mut document, read)?;
    Ok((document["components"]["schemas"].clone(), notes))
}

#[test]
fn a_schema_says_the_same_in_2020_12() {
    for (version, from, to, notes) in [
        ("3.0.3", json!({"type": "string", "nullable": true}), json!({"type": ["string", "null"]}), 0),
        (
            "3.0.3",
            json!({"type": "string", "nullable": true, "enum": ["a"]}),
            json!({"type": ["string", "null"], "enum": ["a"]}),
            1,
        ),
        (
            "3.0.3",
            json!({"type": "string", "nullable": true, "enum": ["a", null]}),
            json!({"type": ["string", "null"], "enum": ["a", null]}),
            0,
        ),
        ("3.0.3", json!({"nullable": true, "allOf": [{}]}), json!({"allOf": [{}]}), 1),
        ("3.0.3", json!({"nullable": false, "type": "string"}), json!({"type": "string"}), 0),
        (
            "3.0.3",
            json!({"$ref": "#/components/schemas/Y", "nullable": true}),
            json!({"$ref": "#/components/schemas/Y"}),
            1,
        ),
        (
            "3.0.3",
            json!({"$ref": "#/components/schemas/Y", "description": ""}),
            json!({"$ref": "#/components/schemas/Y"}),
            0,
        ),
        ("3.0.3", json!({"minimum": 1, "exclusiveMinimum": true}), json!({"exclusiveMinimum": 1}), 0),
        ("3.0.3", json!({"maximum": 1, "exclusiveMaximum": false}), json!({"maximum": 1}), 0),
        ("3.0.3", json!({"exclusiveMaximum": true}), json!({}), 0),
        (
            "3.0.3",
            json!({"type": "string", "format": "byte"}),
            json!({"type": "string", "contentEncoding": "base64"}),
            0,
        ),
        ("3.1.0", json!({"minimum": 1, "exclusiveMinimum": true}), json!({"exclusiveMinimum": 1}), 1),
        ("3.1.0", json!({"exclusiveMinimum": 1}), json!({"exclusiveMinimum": 1}), 0),
        (
            "3.1.0",
            json!({"type": "string", "nullable": true, "enum": ["a"]}),
            json!({"type": ["string", "null"], "enum": ["a", null]}),
            1,
        ),
        (
            "3.1.0",
            json!({"$ref": "#/components/schemas/Y", "nullable": true}),
            json!({"anyOf": [{"$ref": "#/components/schemas/Y"}, {"type": "null"}]}),
            1,
        ),
        (
            "3.1.0",
            json!({"$ref": "#/components/schemas/Y", "minLength": 1}),
            json!({"$ref": "#/components/schemas/Y", "minLength": 1}),
            0,
        ),
        (
            "3.1.0",
            json!({"title": "t", "x-a": 1, "default": 1, "examples": [1], "const": {"title": 1}}),
            json!({"const": {"title": 1}}),
            0,
        ),
        (
            "3.1.0",
            json!({"properties": {"title": {"title": "t"}, "nullable": {"nullable": true}, "x-a": true}}),
            json!({"properties": {"title": {}, "nullable": {}, "x-a": true}}),
            1,
        ),
        ("3.1.0", json!({"required": ["a"], "anything": 1}), json!({"required": ["a"]}), 1),
        (
            "3.1.0",
            json!({"$recursiveAnchor": true, "items": {"$recursiveRef": "#"}}),
            json!({"items": {"$ref": "#/components/schemas/X"}}),
            1,
        ),
    ] {
        let (schemas, found) = translated(version, &json!({"X": from, "Y": {}})).unwrap();
        assert_eq!((&schemas["X"], found.len()), (&to, notes), "{version} {from}: {found:?}");
    }
}

#[test]
fn a_dialect_that_is_not_known_is_refused() {
    for (schema, at) in [
        (json!({"$schema": "http://json-schema.org/draft-07/schema#"}), "/$schema"),
        (json!({"$id": "https://a"}), "/$id"),
        (json!({"items": {"$dynamicRef": "#a"}}), "/items/$dynamicRef"),
        (json!({"items": [{}]}), "/items"),
        (json!({"dependencies": {}}), "/dependencies"),
    ] {
        let fault = translated("3.1.0", &json!({"X": schema})).unwrap_err();
        assert_eq!(fault.pointer, format!("/components/schemas/X{at}"));
    }
    let mut document = document("3.1.0", &json!({}));
    document["jsonSchemaDialect"] = json!("http://json-schema.org/draft-07/schema#");
    assert_eq!(to_2020_12(&mut document, Version::V31).unwrap_err().pointer, "/jsonSchemaDialect");
}

#[test]
fn a_discriminator_decides() {
    let schemas = json!({
        "Pet": {
            "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}, {"$ref": "#/components/schemas/Own"}],
            "discriminator": {"propertyName": "kind", "mapping": {"hound": "Dog", "wolf": "#/components/schemas/Dog"}},
        },
        "Cat": {"properties": {"lives": {"type": "integer"}}}, "Dog": {}, "Own": {"properties": {"kind": {"const": "mine"}}, "required": ["kind"]},
    });
    let (schemas, notes) = translated("3.1.0", &schemas).unwrap();
    let branch = |name: &str, names: Value| json!({"allOf": [{"$ref": name}, {"properties": {"kind": {"enum": names}}, "required": ["kind"]}]});
    let expected = json!([
        branch("#/components/schemas/Cat", json!(["Cat"])),
        branch("#/components/schemas/Dog", json!(["Dog", "hound", "wolf"])),
        {"$ref": "#/components/schemas/Own"},
    ]);
    assert_eq!((&schemas["Pet"]["oneOf"], notes.len()), (&expected, 1), "{notes:?}");

    let mut whole = document("3.1.0", &schemas);
    whole["$ref"] = json!("#/components/schemas/Pet");
    let validator = jsonschema::options().with_draft(jsonschema::Draft::Draft202012).build(&whole).unwrap();
    for (value, fits) in [
        (json!({"kind": "Cat", "lives": 9}), true),
        (json!({"kind": "hound", "lives": "many"}), true),
        (json!({"kind": "Cat", "lives": "many"}), false),
        (json!({"kind": "Bird"}), false),
        (json!({"kind": "mine"}), true),
    ] {
        assert_eq!(validator.is_valid(&value), fits, "{value}");
    }
}

/// As `OpenAI` writes what a response is made of: two messages that are one, forms of forms, and a word that may be null.
#[test]
fn forms_that_the_discriminator_does_not_tell_apart_need_not_be_one() {
    let message =
        json!({"properties": {"type": {"enum": ["message"]}, "role": {"type": "string"}}, "required": ["role"]});
    let call = |word: &str| json!({"properties": {"type": {"const": word}}, "required": ["type"]});
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let schemas = json!({
        "Item": {
            "oneOf": [reference("Easy"), reference("Other"), reference("Reference")],
            "discriminator": {"propertyName": "type"},
        },
        "Easy": message,
        "Other": {"oneOf": [reference("Message"), reference("Call")], "discriminator": {"propertyName": "type"}},
        "Message": message,
        "Call": call("call"),
        "Reference": {
            "properties": {"type": {"anyOf": [{"enum": ["reference"]}, {"type": "null"}]}, "id": {}}, "required": ["id"],
        },
    });
    let (schemas, notes) = translated("3.1.0", &schemas).unwrap();
    let overlap = "branches of oneOf that the discriminator does not tell apart: any that fits is enough";
    assert_eq!(notes.iter().filter(|note| note.what == overlap).count(), 2, "{notes:?}");
    let mut whole = document("3.1.0", &schemas);
    whole["$ref"] = json!("#/components/schemas/Item");
    let validator = jsonschema::options().with_draft(jsonschema::Draft::Draft202012).build(&whole).unwrap();
    for (value, fits) in [
        (json!({"role": "user"}), true),
        (json!({"type": "message", "role": "user"}), true),
        (json!({"type": "call"}), true),
        (json!({"type": "reference", "id": 1}), true),
        (json!({"type": null, "id": 1}), true),
        (json!({"type": "other", "id": 1, "role": "user"}), false),
        (json!({"type": "message"}), false),
    ] {
        assert_eq!(validator.is_valid(&value), fits, "{value}");
    }
}

#[test]
fn what_only_the_server_writes_is_not_asked_of_a_request() {
    let schemas = json!({
        "Pet": {"required": ["id", "name"], "properties": {"id": {"readOnly": true}, "name": {}, "next": {"$ref": "#/components/schemas/Pet"}}},
        "List": {"items": {"$ref": "#/components/schemas/Pet"}},
        "Plain": {"required": ["id"]},
        "Pet.request": {},
    });
    let before = document("3.1.0", &schemas);
    let mut lax = before.clone();
    let mut views = Views::new(&mut lax, Direction::Request, false);
    assert_eq!(views.of("/components/schemas/Plain").unwrap(), "/components/schemas/Plain");
    assert_eq!(views.of("/components/schemas/List").unwrap(), "/components/schemas/List.request");
    let schemas = &lax["components"]["schemas"];
    assert_eq!(schemas["List.request"], json!({"items": {"$ref": "#/components/schemas/Pet.request-"}}));
    assert_eq!(schemas["Pet.request-"]["required"], json!(["name"]));
    assert_eq!(schemas["Pet.request-"]["properties"]["next"], json!({"$ref": "#/components/schemas/Pet.request-"}));
    assert_eq!(schemas["Pet.request-"]["properties"]["id"], json!({}));
    assert_eq!(schemas["Pet"], before["components"]["schemas"]["Pet"]);

    let mut strict = before.clone();
    let at = Views::new(&mut strict, Direction::Request, true).of("/components/schemas/Pet").unwrap();
    assert_eq!(strict.pointer(&at).unwrap()["properties"]["id"], json!(false));

    let mut answer = before.clone();
    let at = Views::new(&mut answer, Direction::Response, true).of("/components/schemas/Pet").unwrap();
    assert_eq!((at.as_str(), answer), ("/components/schemas/Pet", before));
}
