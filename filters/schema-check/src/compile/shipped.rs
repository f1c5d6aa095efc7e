//! A contract that comes with the filter: `openai.chat`.
//!
//! 1. Its operations are those that the AI tables have for a dialect and an operation, at the paths that the API documents
//!    and at those that `dialects` gives it.
//! 2. A body that `OpenAI`'s own document describes is what that says (`contracts/openai.json`); another is what the tables
//!    know of it ([`derived`](super::derived)). `unknown_members: deny` asks for both.
//! 3. Nothing is said of parameters, of forms, and of answers.

use std::collections::BTreeMap;
use std::rc::Rc;

use portcullis::ai::dialect::Dialect;
use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::vocabulary::{Operation as Word, Reads};
use portcullis::json::{self, Limits};
use portcullis::prelude::*;
use serde_json::{Value, json};

use super::derived::Derived;
use crate::body::media::MediaRange;
use crate::config::{Rule, UnknownMembers};
use crate::policy::{Api, Content, Contract, Operation, Operations, RequestBody};
use crate::schema::{Author, Common, Draft, Formats, Schemas};

/// `portcullis bundle` made it of `OpenAI`'s document 2.3.0: see `contracts/README.md`.
const OPENAI: &[u8] = include_bytes!("../../contracts/openai.json");

/// The versions that there are; the last is the newest.
const VERSIONS: [&str; 1] = ["1"];

/// Compiles it.
pub(super) fn compile(named: &str, rule: &Rule, env: &Env) -> Result<Contract, ConfigError> {
    let (dialect, word) = read(named)?;
    let mut document = if dialect == Dialect::OpenAi { openai()? } else { json!({}) };
    let mut derived = Derived::new(rule.unknown_members);
    let mut operations = BTreeMap::new();
    let mut bodies = Vec::new();
    for endpoint in endpoints(dialect, word) {
        let place = format!("/$defs/body-{}", bodies.len());
        let body = body(&document, endpoint, &mut derived, rule.unknown_members);
        let operation = operation(endpoint, body.as_ref().map(|_| place.clone()))?;
        operations.insert(std::ptr::from_ref(endpoint), Rc::new(operation));
        bodies.extend(body.map(|body| (place, body)));
    }
    let mut defs = derived.into_schemas();
    let mut places = Vec::new();
    for (place, body) in bodies {
        if let (Some(defs), Some(name)) = (defs.as_object_mut(), place.strip_prefix("/$defs/")) {
            defs.insert(name.to_owned(), body);
        }
        places.push(place);
    }
    if let Some(document) = document.as_object_mut() {
        document.insert("$defs".to_owned(), defs);
    }
    let none = BTreeMap::new();
    let formats = if rule.formats.unwrap_or(true) { Formats::Check } else { Formats::Ignore };
    let common = Common { library: &none, draft: Draft::Draft202012, formats, author: Author::Operator };
    let schemas = Schemas::of_document(&document, places.iter().map(String::as_str), &common);
    let schemas =
        Rc::new(schemas.map_err(|fault| ConfigError::new("contract", fault, "schemas that can be enforced"))?);
    let api = Api { dialects: Rc::clone(env.dialects()), operations };
    Ok(Contract { operations: Operations::Api(api), requests: Rc::clone(&schemas), answers: schemas })
}

/// `openai`, `openai.chat`, `openai.chat@1`.
fn read(named: &str) -> Result<(Dialect, Option<Word>), ConfigError> {
    let (name, version) = named.split_once('@').unwrap_or((named, VERSIONS[0]));
    let (dialect, word) = name.split_once('.').map_or((name, None), |(dialect, word)| (dialect, Some(word)));
    let dialect = Dialect::ALL.iter().copied().find(|known| known.word() == dialect);
    let operation = Word::ALL.iter().copied().find(|known| Some(known.word()) == word);
    let is_known = word.is_none() || operation.is_some();
    match dialect.filter(|dialect| is_known && endpoints(*dialect, operation).next().is_some()) {
        Some(dialect) if VERSIONS.contains(&version) => Ok((dialect, operation)),
        Some(_) => Err(ConfigError::new("contract", named, format!("a version among {}", VERSIONS.join(", ")))),
        None => Err(ConfigError::new("contract", named, format!("one of {}", known().join(", ")))),
    }
}

/// The names of all contracts.
pub(crate) fn known() -> Vec<String> {
    let mut names: Vec<String> = Endpoint::all()
        .flat_map(|endpoint| {
            let dialect = endpoint.dialect.word();
            [dialect.to_owned(), format!("{dialect}.{}", endpoint.operation.word())]
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

fn endpoints(dialect: Dialect, word: Option<Word>) -> impl Iterator<Item = &'static Endpoint> {
    Endpoint::all()
        .filter(move |endpoint| endpoint.dialect == dialect && word.is_none_or(|word| endpoint.operation == word))
}

fn openai() -> Result<Value, ConfigError> {
    json::parse(OPENAI, Limits::DEFAULT)
        .map_err(|error| ConfigError::new("contract", error, "the contract of this build"))
}

/// The schema of a body of JSON, if one is read there.
fn body(document: &Value, endpoint: &Endpoint, derived: &mut Derived, unknown: UnknownMembers) -> Option<Value> {
    if endpoint.reads != Reads::Whole {
        return None;
    }
    let precise = precise(document, endpoint);
    Some(match (precise, unknown) {
        (Some(precise), UnknownMembers::Pass) => json!({"$ref": precise}),
        (Some(precise), UnknownMembers::Deny) => json!({"allOf": [{"$ref": precise}, derived.body(endpoint.request)]}),
        (None, _) => derived.body(endpoint.request),
    })
}

/// What stands before the paths of `OpenAI`'s document.
const BASES: [&str; 4] = ["/openai/deployments/{model}", "/openai/v1", "/openai", "/v1"];

/// Where the document describes the body of an endpoint.
fn precise(document: &Value, endpoint: &Endpoint) -> Option<String> {
    let path = BASES.iter().find_map(|base| endpoint.path.strip_prefix(base))?;
    let (template, _) = document.get("paths")?.as_object()?.iter().find(|(template, _)| is_same(template, path))?;
    let template = template.replace('~', "~0").replace('/', "~1");
    let method = endpoint.method.to_ascii_lowercase();
    let mut at = format!("/paths/{template}/{method}/requestBody");
    if let Some(reference) = document.pointer(&at)?.get("$ref").and_then(Value::as_str) {
        reference.strip_prefix('#')?.clone_into(&mut at);
    }
    let at = format!("{at}/content/application~1json/schema");
    document.pointer(&at)?;
    Some(format!("#{}", at.replace('{', "%7B").replace('}', "%7D")))
}

/// Whether a template of the document is a path of the tables: the names of expressions do not matter.
fn is_same(template: &str, path: &str) -> bool {
    let one = |segment: &str| if segment.starts_with('{') { "{}".to_owned() } else { segment.to_owned() };
    template.split('/').map(one).eq(path.split('/').map(one))
}

fn operation(endpoint: &Endpoint, schema: Option<String>) -> Result<Operation, ConfigError> {
    let range = |text: &str| MediaRange::parse(text).map_err(|expected| ConfigError::new("contract", text, expected));
    let content = match schema {
        Some(schema) => Content::of(range("application/json")?, Some(schema)),
        None => Content::of(range("*/*")?, None),
    };
    Ok(Operation {
        method: endpoint.method.to_owned(),
        name: format!("{}.{}", endpoint.dialect.word(), endpoint.operation.word()),
        parameters: None,
        refuses_undeclared: false,
        body: RequestBody::Of { is_required: false, content: vec![Rc::new(content)] },
        responses: Vec::new(),
    })
}
