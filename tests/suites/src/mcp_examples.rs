//! modelcontextprotocol, the examples of 2026-07-28: each is read where it stands in a message, no member of it is unknown,
//! and the method that we note is the one that it shows.

use std::fs;
use std::path::{Path, PathBuf};

use portcullis::ai::read::read;
use portcullis::ai::vocabulary::What;
use portcullis::json::{self, Limits};
use serde_json::{Value, json};

use crate::mcp_fields::{Side, schema};
use crate::suite::{Fault, Ground, Score, Suite, Verdict, Verdicts};

pub(crate) const SUITE: Suite = Suite { name: "mcp_examples", groups: &[], run };

const REVISION: &str = "2026-07-28";

/// Where a type stands that is no whole message: in a message of whose, at which place.
const PLACES: &[(&str, Side, &str)] = &[
    ("ClientCapabilities", Side::Client, "/params/_meta/io.modelcontextprotocol~1clientCapabilities"),
    ("InputResponses", Side::Client, "/params/inputResponses"),
    ("CreateMessageResult", Side::Client, "/params/inputResponses/x"),
    ("ElicitResult", Side::Client, "/params/inputResponses/x"),
    ("ListRootsResult", Side::Client, "/params/inputResponses/x"),
    ("Root", Side::Client, "/params/inputResponses/x/roots"),
    ("AudioContent", Side::Server, "/result/content"),
    ("EmbeddedResource", Side::Server, "/result/content"),
    ("ImageContent", Side::Server, "/result/content"),
    ("ResourceLink", Side::Server, "/result/content"),
    ("TextContent", Side::Server, "/result/content"),
    ("BlobResourceContents", Side::Server, "/result/contents"),
    ("TextResourceContents", Side::Server, "/result/contents"),
    ("Resource", Side::Server, "/result/resources"),
    ("ServerCapabilities", Side::Server, "/result/capabilities"),
    ("Tool", Side::Server, "/result/tools"),
    ("InputRequests", Side::Server, "/result/inputRequests"),
    ("CreateMessageRequest", Side::Server, "/result/inputRequests/x"),
    ("ElicitRequest", Side::Server, "/result/inputRequests/x"),
    ("ListRootsRequest", Side::Server, "/result/inputRequests/x"),
    ("CreateMessageRequestParams", Side::Server, "/result/inputRequests/x/params"),
    ("ElicitRequestFormParams", Side::Server, "/result/inputRequests/x/params"),
    ("ElicitRequestURLParams", Side::Server, "/result/inputRequests/x/params"),
    ("ModelPreferences", Side::Server, "/result/inputRequests/x/params/modelPreferences"),
    ("SamplingMessage", Side::Server, "/result/inputRequests/x/params/messages"),
    ("ToolResultContent", Side::Server, "/result/inputRequests/x/params/messages/content"),
    ("ToolUseContent", Side::Server, "/result/inputRequests/x/params/messages/content"),
    ("BooleanSchema", Side::Server, FIELD),
    ("NumberSchema", Side::Server, FIELD),
    ("StringSchema", Side::Server, FIELD),
    ("TitledMultiSelectEnumSchema", Side::Server, FIELD),
    ("TitledSingleSelectEnumSchema", Side::Server, FIELD),
    ("UntitledMultiSelectEnumSchema", Side::Server, FIELD),
    ("UntitledSingleSelectEnumSchema", Side::Server, FIELD),
];

/// A field of a form.
const FIELD: &str = "/result/inputRequests/x/params/requestedSchema/properties/x";

/// Places of types whose names end so; the first that fits.
const ENDINGS: &[(&str, Side, &str)] = &[
    ("RequestParams", Side::Client, "/params"),
    ("NotificationParams", Side::Server, "/params"),
    ("Request", Side::Client, ""),
    ("Notification", Side::Server, ""),
    ("ResultResponse", Side::Server, ""),
    ("Result", Side::Server, "/result"),
    ("Error", Side::Server, "/error"),
];

/// So many examples there are at least: none is no proof of anything.
const AT_LEAST: usize = 130;

fn run(ground: &Ground) -> Result<Vec<Score>, Fault> {
    let document = schema(ground, REVISION)?;
    let folder = ground.folder.join("mcp/schema").join(REVISION).join("examples");
    let mut did = Verdicts::new();
    for kind in entries(&folder)? {
        for file in entries(&kind)? {
            let (kind, name) = (last(&kind), last(&file));
            let text = fs::read(&file).map_err(|error| surroundings(&file, &error))?;
            for (side, message) in messages(&kind, &text, &file)? {
                let is_read = is_read(side, &message, method(&document, &kind));
                did.insert(format!("{side:?}: {kind}/{name}"), Verdict::of(is_read));
            }
        }
    }
    if did.len() < AT_LEAST {
        return Err(Fault::Table(format!("expected {AT_LEAST} examples at least, found {}", did.len())));
    }
    Ok(vec![Score::of(SUITE.name, did.len(), &crate::fields::must(&did), &did)])
}

/// The messages that an example is, or is part of: both sides cancel requests and tell of progress.
fn messages(kind: &str, text: &[u8], file: &Path) -> Result<Vec<(Side, Value)>, Fault> {
    let fault = |what: &str| Fault::Table(format!("{}: {what}", file.display()));
    let example = json::parse(text, Limits::default()).map_err(|error| fault(&error.to_string()))?;
    let exact = PLACES.iter().find(|(name, ..)| *name == kind);
    let place = exact.or_else(|| ENDINGS.iter().find(|(ending, ..)| kind.ends_with(ending)));
    let (_, side, place) = place.ok_or_else(|| fault("expected a type whose place mcp_examples.rs knows"))?;
    let place = if example.get("jsonrpc").is_some() { "" } else { place };
    let message = place.rsplit('/').filter(|name| !name.is_empty()).fold(example, |value, name| {
        let name = name.replace("~1", "/");
        json!({ name: value })
    });
    let is_of_both = ["Cancelled", "Progress"].iter().any(|word| kind.starts_with(word));
    let other = is_of_both.then(|| (Side::Client, message.clone()));
    Ok([(*side, message)].into_iter().chain(other).collect())
}

/// The method of a message of this type, if it has one.
fn method<'a>(document: &'a Value, kind: &str) -> Option<&'a str> {
    document.pointer(&format!("/$defs/{kind}/properties/method/const"))?.as_str()
}

fn is_read(side: Side, message: &Value, method: Option<&str>) -> bool {
    let text = message.to_string();
    let Some(reading) = side.table().and_then(|is| read(text.as_bytes(), is, Limits::default()).ok()) else {
        return false;
    };
    let noted: Vec<_> = reading.notes.iter().filter(|note| note.what == What::Method).collect();
    let is_shown = |method| noted.iter().map(|note| note.text.unescaped()).eq([method]);
    reading.unknown.is_empty() && method.is_none_or(is_shown)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let entries = fs::read_dir(folder).map_err(|error| surroundings(folder, &error))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(|error| surroundings(folder, &error))?.path());
    }
    paths.sort();
    Ok(paths)
}

fn last(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn surroundings(path: &Path, error: &std::io::Error) -> Fault {
    Fault::Surroundings(format!("{}: {error}", path.display()))
}
