//! What `OpenAI`'s own SDK sends, as `make fixtures` recorded it.
//!
//! A request to an operation that the document does not have is left out, by name.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis::json::{self, Limits};
use schema_check::openapi::template::Template;
use serde_json::Value;

use super::SUITE;
use super::contract::{Answer, Contract};
use crate::suite::{Fault, Ground, Score, Verdict, Verdicts};

/// A recorded request.
pub(super) struct Request {
    pub(super) name: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) content_type: Option<String>,
    pub(super) body: Vec<u8>,
    /// The path of its operation in the document; `None` if the document has none.
    pub(super) operation: Option<String>,
}

/// So many are recorded at least.
const AT_LEAST: usize = 90;

/// Those whose bodies are JSON or none; a form is left to whoever reads forms.
pub(super) fn judge(ground: &Ground, contract: &Contract, requests: &[Request]) -> Result<Score, Fault> {
    let name = format!("{}.requests", SUITE.name);
    let (mut labels, mut did, mut told, mut left_out) = (Verdicts::new(), Verdicts::new(), Vec::new(), Vec::new());
    for request in requests {
        if request.operation.is_none() {
            left_out.push(format!("{}: the document has no {} {}", request.name, request.method, request.path));
            continue;
        }
        let answer = contract.ask(&request.method, &request.path, request.content_type.as_deref(), &request.body);
        if let Answer::Refused { code, faults } = &answer {
            told.push(format!("{}: refused: {code} {faults:?}", request.name));
        }
        labels.insert(request.name.clone(), Verdict::Accept);
        did.insert(request.name.clone(), Verdict::of(matches!(answer, Answer::Passed)));
    }
    let must = ground.differences.applied(&name, &labels)?;
    for line in &told {
        eprintln!("{name}: {line}");
    }
    Ok(Score::of(name, labels.len(), &must, &did).leaving_out(left_out))
}

/// The recordings, by name.
pub(super) fn read(bundle: &Value) -> Result<Vec<Request>, Fault> {
    let folder = harness::workspace().join("tests/fixtures/ai/openai");
    let fault = |what: &dyn std::fmt::Display| Fault::Surroundings(format!("{}: {what}", folder.display()));
    let mut files = Vec::new();
    for version in fs::read_dir(&folder).map_err(|error| fault(&error))? {
        let version = version.map_err(|error| fault(&error))?.path();
        for file in fs::read_dir(&version).map_err(|error| fault(&error))? {
            files.push(file.map_err(|error| fault(&error))?.path());
        }
    }
    files.sort();
    let mut requests = Vec::new();
    for file in files {
        let text = fs::read(&file).map_err(|error| fault(&error))?;
        let recorded = json::parse(&text, Limits::default()).map_err(|error| fault(&error))?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        requests.push(request(name, &recorded, bundle));
    }
    if requests.len() < AT_LEAST {
        return Err(fault(&format!("expected {AT_LEAST} recordings at least, found {}", requests.len())));
    }
    Ok(requests)
}

fn request(name: String, recorded: &Value, bundle: &Value) -> Request {
    let text = |pointer: &str| recorded.pointer(pointer).and_then(Value::as_str);
    let (method, path) = (text("/method").unwrap_or_default(), text("/path").unwrap_or_default());
    Request {
        name,
        method: method.to_owned(),
        path: path.to_owned(),
        content_type: text("/request_headers/content-type").map(str::to_owned),
        body: body(recorded),
        operation: operation(bundle, method, path),
    }
}

/// The body of a recorded request; a form with bytes that are no text is recorded in base64.
pub(super) fn body(recorded: &Value) -> Vec<u8> {
    let text = |pointer: &str| recorded.pointer(pointer).and_then(Value::as_str);
    match text("/request/base64") {
        Some(coded) => STANDARD.decode(coded).unwrap_or_default(),
        None => text("/request").unwrap_or_default().as_bytes().to_vec(),
    }
}

/// The template of the document that the path is below `/v1`.
fn operation(bundle: &Value, method: &str, path: &str) -> Option<String> {
    let path = path.split('?').next()?.strip_prefix("/v1")?;
    let paths = bundle.get("paths")?.as_object()?;
    let fits = |template: &&String| {
        let segments = (template.split('/'), path.split('/'));
        Template::parse(template).is_ok()
            && segments.0.clone().count() == segments.1.clone().count()
            && segments.0.zip(segments.1).all(|(pattern, segment)| pattern.starts_with('{') || pattern == segment)
    };
    let method = method.to_ascii_lowercase();
    let known = |template: &&String| paths.get(*template).is_some_and(|item| item.get(&method).is_some());
    paths.keys().filter(fits).filter(known).min_by_key(|template| template.contains('{')).cloned()
}
