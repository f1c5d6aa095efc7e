//! openai/openai-openapi: every string that a request of its schemas may hold is read by our tables or listed as one that
//! is not. A field that the API gained and nobody here looked at is a fault.
//!
//! Forms are compared too, though nobody reads them yet: their tables are ready.
//!
//! Endpoints that are no part of the vocabulary (accounts, assistants) are left out by name: nothing decides on their
//! bodies, and their operation is `unknown`.

use std::fs;

use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::shape::Is;
use portcullis::ai::vocabulary::Reads;
use portcullis::http::path::Canonical;
use portcullis::json::{self, Limits};
use serde_json::Value;

use crate::fields;
use crate::suite::{Fault, Ground, Score, Suite, Verdicts};

pub(crate) const SUITE: Suite = Suite { name: "openai_fields", groups: &[], run };

/// So many fields the schema has at least: one that lists none is no proof of anything.
const AT_LEAST: usize = 1300;

fn run(ground: &Ground) -> Result<Vec<Score>, Fault> {
    let file = ground.folder.join("openapi/openai.json");
    let fault = |what: &dyn std::fmt::Display| Fault::Table(format!("{}: {what}", file.display()));
    let text = fs::read(&file).map_err(|error| Fault::Surroundings(format!("{}: {error}", file.display())))?;
    let document = json::parse(&text, Limits::default()).map_err(|error| fault(&error))?;
    let paths = document.get("paths").and_then(Value::as_object).ok_or_else(|| fault(&"expected paths"))?;
    let (mut did, mut left_out) = (Verdicts::new(), Vec::new());
    for (path, operations) in paths {
        for schema in schemas(operations) {
            match request_at(path) {
                None => left_out.push(format!("{path}: not in the vocabulary")),
                Some(is) => did.extend(fields::cases(path, fields::of(&document, schema, is))),
            }
        }
    }
    left_out.dedup();
    if did.len() < AT_LEAST {
        return Err(fault(&format!("expected {AT_LEAST} fields at least, found {}", did.len())));
    }
    let must = fields::must(&did);
    Ok(vec![Score::of(SUITE.name, did.len(), &must, &did).leaving_out(left_out)])
}

/// What a body may be there, as JSON or as a form.
fn schemas(operations: &Value) -> impl Iterator<Item = &Value> {
    let content = operations.pointer("/post/requestBody/content").and_then(Value::as_object);
    let kinds = ["application/json", "multipart/form-data"];
    kinds.into_iter().filter_map(move |kind| content?.get(kind)?.get("schema"))
}

/// What a request there is, if its body is read.
fn request_at(path: &str) -> Option<Is> {
    let path = format!("/v1{}", path.split('?').next()?).replace(['{', '}'], "x");
    let path = Canonical::read(path.as_bytes()).ok()?;
    let endpoint = Endpoint::find("POST", &path)?.endpoint;
    (endpoint.reads != Reads::Head).then_some(endpoint.request)
}
