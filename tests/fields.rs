//! `docs/fields.md` is what the tables of `src/ai/` say.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::{env, fs};

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
