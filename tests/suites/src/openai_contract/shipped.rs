//! Contracts that come with the filter: the committed one is what its command makes of the suites' document, and what the
//! SDKs of all dialects send is as they say, members that an API does not document refused.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use portcullis::ai::endpoint::Endpoint;
use portcullis::host::fake::Envoy;
use portcullis::http::path::Canonical;
use portcullis::json::{self, Limits};
use schema_check::SchemaCheck;
use schema_check::openapi::bundle::{Selection, bundle};
use serde_json::{Value, json};

use super::SUITE;
use super::contract::{Answer, Contract};
use super::requests;
use crate::suite::{Fault, Ground, Score, Verdict, Verdicts};

/// Whether `contracts/openai.json` is what `make contracts` makes of this document.
pub(super) fn committed(document: &Value) -> Result<Score, Fault> {
    let folder = harness::workspace().join("filters/schema-check/contracts");
    let read = |name: &str| {
        let file = folder.join(name);
        fs::read_to_string(&file).map_err(|error| Fault::Surroundings(format!("{}: {error}", file.display())))
    };
    let operations = read("openai.operations")?;
    let selection = Selection::of(operations.trim().split(',')).without_answers(true);
    let made = bundle(document, &selection, &mut |_| Err("no other file".to_owned()));
    let made = made.map_err(|error| Fault::Table(format!("openai.json: {error}")))?;
    let (made, shipped) = (made.document.to_string(), read("openai.json")?);
    let is_same = made == shipped;
    let one = |verdict| Verdicts::from([("openai.json".to_owned(), verdict)]);
    let name = format!("{}.committed", SUITE.name);
    Ok(Score::of(name, 1, &one(Verdict::Accept), &one(Verdict::of(is_same))))
}

/// What SDKs send, of every dialect.
pub(super) fn judge(ground: &Ground) -> Result<Score, Fault> {
    let name = format!("{}.sdks", SUITE.name);
    let mut contracts: BTreeMap<&str, Contract> = BTreeMap::new();
    let (mut labels, mut did, mut left_out) = (Verdicts::new(), Verdicts::new(), Vec::new());
    let mut files = Vec::new();
    gather(&harness::workspace().join("tests/fixtures/ai"), &mut files)?;
    files.sort();
    for file in files {
        let text = fs::read(&file).map_err(|error| Fault::Surroundings(format!("{}: {error}", file.display())))?;
        let recorded = json::parse(&text, Limits::default())
            .map_err(|error| Fault::Surroundings(format!("{}: {error}", file.display())))?;
        let text = |pointer: &str| recorded.pointer(pointer).and_then(Value::as_str);
        let (method, path) = (text("/method").unwrap_or_default(), text("/path").unwrap_or_default());
        let case = case(&file);
        let canonical = Canonical::read(path.as_bytes()).ok();
        let Some(found) = canonical.as_ref().and_then(|path| Endpoint::find(method, path)) else {
            left_out.push(format!("{case}: the tables have no {method} {path}"));
            continue;
        };
        let dialect = found.endpoint.dialect.word();
        if !contracts.contains_key(dialect) {
            contracts.insert(dialect, shipped(dialect)?);
        }
        let Some(contract) = contracts.get(dialect) else { continue };
        let answer = contract.ask(method, path, text("/request_headers/content-type"), &requests::body(&recorded));
        if let Answer::Refused { code, faults } = &answer {
            eprintln!("{name}: {case}: refused: {code} {faults:?}");
        }
        labels.insert(case.clone(), Verdict::Accept);
        did.insert(case, Verdict::of(matches!(answer, Answer::Passed)));
    }
    let must = ground.differences.applied(&name, &labels)?;
    Ok(Score::of(name, labels.len(), &must, &did).leaving_out(left_out))
}

fn shipped(dialect: &str) -> Result<Contract, Fault> {
    let configuration = json!({"rules": [{"name": "ai", "contract": dialect, "unknown_members": "deny"}]});
    let envoy = Envoy::of_filter::<SchemaCheck>(&configuration.to_string());
    Ok(Contract { envoy: envoy.map_err(|error| Fault::Table(format!("{dialect}: {error}")))? })
}

/// `openai/chat`.
fn case(file: &Path) -> String {
    let name = |path: Option<&Path>| path.and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    format!("{}/{stem}", name(file.parent()))
}

fn gather(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Fault> {
    let fault = |error: std::io::Error| Fault::Surroundings(format!("{}: {error}", folder.display()));
    for entry in fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if path.is_dir() { gather(&path, found)? } else { found.push(path) }
    }
    Ok(())
}
