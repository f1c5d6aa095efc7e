//! `portcullis bundle`: one document for schema-check, of the operations that a gateway serves and what they refer to.
//!
//! 1. The document is YAML or JSON. What it refers to is read from files in its folder or below; nothing is ever fetched.
//! 2. Only operations that are named are kept, and only what they reach. Descriptions are left out, and schemas become
//!    those of JSON Schema 2020-12.
//! 3. The result is read as the filter reads it before it is written. The same input makes the same bytes.
//! 4. What was changed in meaning or left out is told on standard error.
//!
//! ```text
//! $ portcullis bundle openapi.yaml --operations createChat,tag:Files --output chat.json
//! operations  6
//! bytes       48211 (document: 3396665)
//! notes       2  nullable is of 3.0: read as leave to be null
//!                #/components/schemas/Message/properties/content/nullable
//!                #/components/schemas/Message/properties/name/nullable
//! ```

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use portcullis::json::{self, Limits};
use schema_check::openapi::bundle::{Bundle, Selection, bundle};
use serde::Serialize;
use serde_json::Value;

use crate::Fault;

/// Make one small document of an OpenAPI document, for schema-check
#[derive(Args)]
pub(crate) struct Arguments {
    /// The OpenAPI document: YAML or JSON
    file: PathBuf,
    /// Operations to keep: an operationId, "METHOD /path" or tag:NAME; may be repeated [default: all]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    operations: Vec<String>,
    /// Leave out what is said of answers
    #[arg(long)]
    without_answers: bool,
    /// Where the bundle is written [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// How the report on standard error is printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

/// What is told beside the bundle.
#[derive(Serialize)]
struct Report {
    operations: usize,
    bytes: usize,
    document_bytes: usize,
    /// The places of notes, by what they say.
    notes: BTreeMap<&'static str, Vec<String>>,
}

/// So many places of a note are printed as text.
const SHOWN: usize = 5;

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Fault> {
    let named = |what: &dyn std::fmt::Display| Fault(format!("{}: {what}", arguments.file.display()));
    let (document, document_bytes) = read(&arguments.file).map_err(|error| named(&error))?;
    let folder = arguments.file.parent().unwrap_or(Path::new(""));
    let selection =
        Selection::of(arguments.operations.iter().map(|name| name.trim())).without_answers(arguments.without_answers);
    let made =
        bundle(&document, &selection, &mut |reference| beside(folder, reference)).map_err(|fault| named(&fault))?;
    let text = made.document.to_string();
    let report = Report::of(&made, text.len(), document_bytes);
    match &arguments.output {
        Some(file) => std::fs::write(file, &text).map_err(|error| Fault(format!("{}: {error}", file.display())))?,
        None => println!("{text}"),
    }
    match arguments.format {
        Format::Text => eprint!("{}", report.text()),
        Format::Json => eprintln!("{}", serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?),
    }
    Ok(ExitCode::SUCCESS)
}

/// A document, and how long it is.
fn read(file: &Path) -> Result<(Value, usize), String> {
    let text = std::fs::read(file).map_err(|error| error.to_string())?;
    let is_json = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let value =
        if is_json { json::parse(&text, Limits::default()).map_err(|error| error.to_string())? } else { yaml(&text)? };
    Ok((value, text.len()))
}

/// By way of YAML's own values: they refuse a key that is there twice, and know that `200:` is a number.
fn yaml(text: &[u8]) -> Result<Value, String> {
    let value: serde_norway::Value = serde_norway::from_slice(text).map_err(|error| error.to_string())?;
    serde_json::to_value(value).map_err(|error| error.to_string())
}

/// What a reference names, which must lie in the folder of the document: who wrote the document does not choose among
/// the other files of whoever bundles it.
fn beside(folder: &Path, reference: &str) -> Result<Value, String> {
    if reference.contains("://") {
        return Err(format!("a file beside the document, found {reference}: download it, and refer to the file"));
    }
    let path = Path::new(reference);
    if !path.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(format!("a file in the folder of the document or below, found {reference}: move it there"));
    }
    let inside = |file: &Path| file.canonicalize().map_err(|error| format!("a file {reference}: {error}"));
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let file = inside(&folder.join(path))?;
    if !file.starts_with(inside(here)?) {
        return Err(format!(
            "a file in the folder of the document or below, found the link {reference}: move it there"
        ));
    }
    read(&file).map(|(value, _)| value).map_err(|error| format!("a document in {reference}: {error}"))
}

impl Report {
    fn of(made: &Bundle, bytes: usize, document_bytes: usize) -> Self {
        let mut notes: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
        for note in &made.notes {
            notes.entry(note.what).or_default().push(format!("#{}", note.pointer));
        }
        Self { operations: made.operations, bytes, document_bytes, notes }
    }

    fn text(&self) -> String {
        let mut lines = vec![
            format!("operations  {}", self.operations),
            format!("bytes       {} (document: {})", self.bytes, self.document_bytes),
        ];
        for (what, places) in &self.notes {
            lines.push(format!("notes       {}  {what}", places.len()));
            lines.extend(places.iter().take(SHOWN).map(|place| format!("               {place}")));
            if places.len() > SHOWN {
                lines.push("               ... (all of them with --format json)".to_owned());
            }
        }
        lines.join("\n") + "\n"
    }
}
