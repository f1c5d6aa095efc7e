//! A document in several files, and the one that is made of it.

use serde_json::{Value, json};

use super::*;

fn main_file() -> Value {
    json!({
        "openapi": "3.0.3", "info": {"title": "t", "version": "1", "description": "long"},
        "tags": [{"name": "pets"}],
        "paths": {
            "/pets": {"get": {
                "operationId": "listPets", "tags": ["pets"], "summary": "s",
                "parameters": [{"$ref": "parts/all.json#/parameters/limit"}],
                "responses": {"200": {"description": "d", "content": {"application/json": {
                    "example": [], "schema": {"type": "array", "items": {"$ref": "parts/pet.json"}}}}}},
            }},
            "/toys": {"$ref": "parts/all.json#/toys"},
            "/old?beta=true": {"get": {"operationId": "old", "responses": {"200": {"description": ""}}}},
        },
        "components": {"schemas": {"pet": {"type": "string", "nullable": true, "description": "d"}, "unused": {}}},
    })
}

fn resolve(file: &str) -> Result<Value, String> {
    match file {
        "parts/pet.json" => Ok(json!({"type": "object", "properties": {
            "mother": {"$ref": "#"}, "owner": {"$ref": "../people.json#/Owner"}, "description": {"type": "string"}}})),
        "parts/all.json" => Ok(json!({
            "parameters": {"limit": {"name": "limit", "in": "query", "schema": {"type": "integer"}}},
            "toys": {"post": {"operationId": "addToy", "responses": {"200": {"description": ""}},
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "pet.json#/properties/mother"}}}}}},
        })),
        "people.json" => Ok(json!({"Owner": {"type": "string", "title": "o"}})),
        other => Err(format!("a file that is there, found {other}")),
    }
}

fn bundled(names: &[&str]) -> Result<Bundle, Fault> {
    bundle(&main_file(), &Selection::of(names.iter().copied()), &mut |file| resolve(file))
}

#[test]
fn what_is_needed_is_in_the_bundle_and_nothing_else() {
    let made = bundled(&["listPets"]).unwrap();
    assert_eq!(made.operations, 1);
    assert_eq!(
        made.document,
        json!({
            "openapi": "3.1.1", "info": {"title": "t", "version": "1"}, "x-portcullis-bundle": 1,
            "paths": {"/pets": {"get": {
                "operationId": "listPets",
                "parameters": [{"$ref": "#/components/parameters/limit"}],
                "responses": {"200": {"description": "", "content": {"application/json": {
                    "schema": {"type": "array", "items": {"$ref": "#/components/schemas/pet_"}}}}}},
            }}},
            "components": {
                "parameters": {"limit": {"name": "limit", "in": "query", "schema": {"type": "integer"}}},
                "schemas": {
                    "pet_": {"type": "object", "properties": {
                        "mother": {"$ref": "#/components/schemas/pet_"}, "owner": {"$ref": "#/components/schemas/Owner"},
                        "description": {"type": "string"}}},
                    "Owner": {"type": "string"},
                },
            },
        })
    );
}

#[test]
fn an_operation_is_named_in_three_ways() {
    for (names, operations) in [(&[][..], 2), (&["addToy"], 1), (&["POST /toys", "listPets"], 2), (&["tag:pets"], 1)] {
        assert_eq!(bundled(names).unwrap().operations, operations, "{names:?}");
    }
    let fault = bundled(&["listPet"]).unwrap_err();
    assert!(fault.expected.ends_with("such as listPets"), "{fault}");
}

#[test]
fn a_path_that_is_no_template_is_told() {
    assert_eq!(bundled(&[]).unwrap().notes[0].pointer, "/paths/~1old?beta=true");
    assert!(bundled(&["GET /old?beta=true"]).unwrap_err().expected.contains("without its query"));
}

#[test]
fn a_bundle_of_a_bundle_is_the_same() {
    let once = bundled(&[]).unwrap();
    let twice = bundle(&once.document, &Selection::default(), &mut |file| resolve(file)).unwrap();
    assert_eq!(once.document.to_string(), twice.document.to_string());
}

#[test]
fn what_is_not_found_is_told_where_it_is_wanted() {
    let mut document = main_file();
    document["paths"]["/pets"]["get"]["parameters"] = json!([{"$ref": "none.json#/a"}]);
    let fault = bundle(&document, &Selection::default(), &mut |file| resolve(file)).unwrap_err();
    assert_eq!(fault.to_string(), "#/paths/~1pets: expected a file that is there, found none.json");
}

#[test]
fn a_branch_keeps_its_name_when_its_component_is_called_otherwise() {
    let pets = json!({"components": {"schemas": {"pet": {"type": "object"}, "cat": {"type": "object"}}}});
    let mut document = main_file();
    document["paths"]["/pets"]["get"]["parameters"] = json!([{"name": "p", "in": "query", "schema": {
        "oneOf": [{"$ref": "all.json#/components/schemas/pet"}, {"$ref": "all.json#/components/schemas/cat"}],
        "discriminator": {"propertyName": "kind", "mapping": {"tiger": "all.json#/components/schemas/cat"}},
    }}]);
    let selection = Selection::of(["listPets"]);
    let made =
        bundle(&document, &selection, &mut |file| if file == "all.json" { Ok(pets.clone()) } else { resolve(file) });
    let made = made.unwrap();
    let branch = |index: usize| {
        let at = format!("/paths/~1pets/get/parameters/0/schema/oneOf/{index}/allOf/1/properties/kind/enum");
        made.document.pointer(&at).cloned().unwrap()
    };
    assert!(branch(0).as_array().unwrap().contains(&json!("pet")), "{}", made.document);
    assert_eq!(branch(1), json!(["cat", "tiger"]));
}
