//! modelcontextprotocol, the schemas: every string that a message of either revision may hold, from a client or a server,
//! is read by our tables or listed as one that is not. A field that the protocol gained and nobody here looked at is a
//! fault.

use std::fs;

use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::shape::Is;
use portcullis::http::path::Canonical;
use portcullis::json::{self, Limits};
use serde_json::Value;

use crate::fields;
use crate::suite::{Fault, Ground, Score, Suite, Verdict, Verdicts};

pub(crate) const SUITE: Suite = Suite { name: "mcp_fields", groups: &[], run };

const REVISIONS: [&str; 2] = ["2025-11-25", "2026-07-28"];

/// The definitions that list what each side sends, and where in a message of whose they stand.
const LISTS: &[(&str, Side, &str)] = &[
    ("ClientRequest", Side::Client, ""),
    ("ClientNotification", Side::Client, ""),
    ("ClientResult", Side::Client, "result"),
    // What 2026-07-28 has instead of results of a client.
    ("InputResponse", Side::Client, "result"),
    ("InputResponses", Side::Client, "params.inputResponses"),
    ("ServerRequest", Side::Server, ""),
    ("ServerNotification", Side::Server, ""),
    ("ServerResult", Side::Server, "result"),
    ("CreateTaskResult", Side::Server, "result"),
    ("JSONRPCErrorResponse", Side::Client, ""),
    ("JSONRPCErrorResponse", Side::Server, ""),
    ("URLElicitationRequiredError", Side::Server, ""),
    ("UnsupportedProtocolVersionError", Side::Server, ""),
    ("MissingRequiredClientCapabilityError", Side::Server, ""),
];

/// The definitions that a revision does not have.
const ABSENT: &[(&str, &str)] = &[
    ("2025-11-25", "InputResponse"),
    ("2025-11-25", "InputResponses"),
    ("2025-11-25", "UnsupportedProtocolVersionError"),
    ("2025-11-25", "MissingRequiredClientCapabilityError"),
    ("2026-07-28", "ServerRequest"),
    ("2026-07-28", "CreateTaskResult"),
    ("2026-07-28", "URLElicitationRequiredError"),
];

/// So many fields a schema has at least: one that lists none is no proof of anything.
const AT_LEAST: usize = 400;

/// Who sends a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    Server,
}

impl Side {
    /// What a message of this side is.
    pub(crate) fn table(self) -> Option<Is> {
        let path = Canonical::read(b"/mcp").ok()?;
        let endpoint = Endpoint::find("POST", &path)?.endpoint;
        Some(if self == Side::Client { endpoint.request } else { endpoint.answer })
    }
}

fn run(ground: &Ground) -> Result<Vec<Score>, Fault> {
    REVISIONS.iter().map(|revision| compare(ground, revision)).collect()
}

fn compare(ground: &Ground, revision: &str) -> Result<Score, Fault> {
    let document = schema(ground, revision)?;
    let mut did = Verdicts::new();
    for (list, side, place) in LISTS {
        let found = document.pointer(&format!("/$defs/{list}"));
        let Some(schema) = found else {
            if ABSENT.contains(&(revision, list)) {
                continue;
            }
            return Err(Fault::Table(format!("{revision}: expected a definition {list}")));
        };
        let names: Vec<_> = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten().collect();
        let schemas = if names.is_empty() { vec![schema] } else { names };
        for schema in schemas {
            let name = schema.get("$ref").and_then(Value::as_str).and_then(|name| name.rsplit('/').next());
            let name = format!("{side:?}: {} {place}", name.unwrap_or(list));
            match side.table().and_then(|is| within(is, place)) {
                None => drop(did.insert(name, Verdict::Refuse)),
                Some(is) => did.extend(fields::cases(&name, fields::of(&document, schema, is))),
            }
        }
    }
    if did.len() < AT_LEAST {
        return Err(Fault::Table(format!("{revision}: expected {AT_LEAST} fields at least, found {}", did.len())));
    }
    Ok(Score::of(format!("{}.{revision}", SUITE.name), did.len(), &fields::must(&did), &did))
}

/// What stands at a place of a message.
fn within(is: Is, place: &str) -> Option<Is> {
    place.split('.').filter(|name| !name.is_empty()).try_fold(is, Is::member)
}

/// The schema of a revision.
pub(crate) fn schema(ground: &Ground, revision: &str) -> Result<Value, Fault> {
    let file = ground.folder.join("mcp/schema").join(revision).join("schema.json");
    let text = fs::read(&file).map_err(|error| Fault::Surroundings(format!("{}: {error}", file.display())))?;
    json::parse(&text, Limits::default()).map_err(|error| Fault::Table(format!("{}: {error}", file.display())))
}
