//! `docs/fields.md` is what the tables of `src/ai/` say.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::{env, fs};

use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::fields;

#[test]
fn the_documentation_of_fields_is_printed_from_the_tables() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fields.md");
    let text = fields::document();
    if env::var_os("UPDATE").is_some() {
        fs::write(file, &text).unwrap();
    }
    let found = fs::read_to_string(file).unwrap_or_default();
    assert!(found == text, "docs/fields.md is old: UPDATE=1 cargo test -p portcullis --test fields");
}

/// Members that are named like a model and are none, or are told as one elsewhere.
const NO_MODELS: &[(&str, &str)] = &[
    ("content.from", "an object: the model that answered before another took over"),
    ("content.from.model", "a record of an earlier answer; no model works because of it"),
    ("invokeModel", "an object: the body of another request"),
];

#[test]
fn a_member_that_names_a_model_is_told_as_one() {
    let mut faults = Vec::new();
    for endpoint in Endpoint::all() {
        for field in fields::of_request(endpoint) {
            let name = field.path.rsplit('.').next().unwrap_or_default().to_lowercase();
            let is_named = name == "from" || name.ends_with("model") || name.ends_with("modelname");
            let is_told = field.meaning == "model" || field.meaning == "kept: model";
            let has_reason = NO_MODELS.iter().any(|(path, _)| field.path.ends_with(path));
            if is_named && !is_told && !has_reason {
                faults.push(format!("{}: {}: {}", endpoint.path, field.path, field.meaning));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
