//! openai/openai-openapi: every string that a request of its schemas may hold is read by our tables or listed as one that
//! is not. A field that the API gained and nobody here looked at is a fault.
//!
//! Endpoints that are no part of the vocabulary (accounts, assistants) are left out by name: nothing decides on their
//! bodies, and their operation is `unknown`.

use std::collections::{BTreeSet, HashSet};
use std::fs;

use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::fields::meaning;
use portcullis::ai::shape::{Is, Shape};
use portcullis::ai::vocabulary::Reads;
use portcullis::http::path::Canonical;
use portcullis::json::{self, Limits};
use serde_json::Value;

use crate::suite::{Fault, Ground, Score, Suite, Verdict, Verdicts};

pub(crate) const SUITE: Suite = Suite { name: "openai_fields", groups: &[], run };

fn run(ground: &Ground) -> Result<Vec<Score>, Fault> {
    let file = ground.folder.join("openapi/openai.json");
    let fault = |what: &dyn std::fmt::Display| Fault::Table(format!("{}: {what}", file.display()));
    let text = fs::read(&file).map_err(|error| Fault::Surroundings(format!("{}: {error}", file.display())))?;
    let document = json::parse(&text, Limits::default()).map_err(|error| fault(&error))?;
    let paths = document.get("paths").and_then(Value::as_object).ok_or_else(|| fault(&"expected paths"))?;
    let (mut did, mut left_out) = (Verdicts::new(), Vec::new());
    for (path, operations) in paths {
        let body = "/post/requestBody/content/application~1json/schema";
        let Some(schema) = operations.pointer(body) else { continue };
        match request_at(path) {
            None => left_out.push(format!("{path}: not in the vocabulary")),
            Some(is) => {
                let mut visit = Visit { document: &document, seen: HashSet::new(), found: BTreeSet::new() };
                visit.value(schema, Some(is), String::new());
                did.extend(
                    visit.found.into_iter().map(|(field, is_known)| (format!("{path} {field}"), Verdict::of(is_known))),
                );
            }
        }
    }
    let must: Verdicts = did.keys().map(|case| (case.clone(), Verdict::Accept)).collect();
    Ok(vec![Score::of(SUITE.name, did.len(), &must, &did).leaving_out(left_out)])
}

/// What a request there is, if its body is read.
fn request_at(path: &str) -> Option<Is> {
    let path = format!("/v1{}", path.split('?').next()?).replace(['{', '}'], "x");
    let path = Canonical::read(path.as_bytes()).ok()?;
    let endpoint = Endpoint::find("POST", &path)?.endpoint;
    (endpoint.reads != Reads::Head).then_some(endpoint.request)
}

/// A walk through a schema and a table at once.
struct Visit<'a> {
    document: &'a Value,
    /// Schemas that were met with this meaning: both are recursive.
    seen: HashSet<(&'a str, Option<*const Shape>, String)>,
    /// Each field that may be a string, and whether our table has it.
    found: BTreeSet<(String, bool)>,
}

impl<'a> Visit<'a> {
    fn value(&mut self, schema: &'a Value, is: Option<Is>, path: String) {
        if let Some(name) = text(schema, "$ref") {
            let table = is.and_then(Is::shape).map(std::ptr::from_ref);
            if self.seen.insert((name, table, is.map(meaning).unwrap_or_default())) {
                self.value(self.resolve(name), is, path);
            }
            return;
        }
        for one in ["allOf", "anyOf", "oneOf"].iter().filter_map(|key| schema.get(key)?.as_array()).flatten() {
            self.value(one, is, path.clone());
        }
        if takes_strings(schema) && !path.is_empty() {
            self.found.insert((path.clone(), is.is_some_and(Is::takes_text)));
        }
        if let Some(items) = schema.get("items") {
            self.value(items, is, path.clone());
        }
        for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            self.value(member, is.and_then(|is| is.member(name)), join(&path, name));
        }
        if let Some(any) = schema.get("additionalProperties").filter(|any| any.is_object()) {
            self.value(any, is.and_then(|is| is.member("*")), join(&path, "*"));
        }
    }

    fn resolve(&self, reference: &str) -> &'a Value {
        self.document.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null)
    }
}

fn text<'a>(schema: &'a Value, name: &str) -> Option<&'a str> {
    schema.get(name)?.as_str()
}

fn takes_strings(schema: &Value) -> bool {
    match schema.get("type") {
        Some(Value::String(kind)) => kind == "string",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "string"),
        _ => false,
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
