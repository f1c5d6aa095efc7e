//! A contract that is an OpenAPI document.

use std::collections::BTreeMap;
use std::rc::Rc;

use portcullis::prelude::ConfigError;
use serde_json::Value;

use super::{integers, unheld};
use crate::body::media::MediaRange;
use crate::config::{Responses, Rule};
use crate::openapi::dialect::{Direction, Views, to_2020_12};
use crate::openapi::document::{self, Document, Media, Parameter, Style};
use crate::openapi::template::{Template, Templates};
use crate::openapi::{Fault, Version, check};
use crate::policy::{Content, Contract, Kinds, Operation, Operations, RequestBody, Response};
use crate::schema::{Author, Common, Draft, Formats, Schemas};

/// A document that is larger must be made smaller: descriptions alone can be half of it.
const MAX_BYTES: usize = 256 << 10;

/// What `portcullis bundle` writes into what it made.
const BUNDLE: &str = "x-portcullis-bundle";

/// Compiles it.
pub(super) fn compile(mut document: Value, rule: &Rule, lint: &mut Vec<String>) -> Result<Contract, ConfigError> {
    let version = check(&document).map_err(|fault| refused(&fault))?;
    if document.get(BUNDLE).is_none() {
        refuse_large(&document)?;
        let notes = to_2020_12(&mut document, version).map_err(|fault| refused(&fault))?;
        lint.extend(notes.iter().map(|note| format!("rule {}: {note}", rule.name)));
    }
    if rule.formats.unwrap_or(true) {
        let bounded = Version::read(&document).and_then(|version| integers::bound(&mut document, version));
        bounded.map_err(|fault| refused(&fault))?;
    }
    let mut read = Document::read(&document).map_err(|fault| refused(&fault))?;
    turn(&mut document, &mut read).map_err(|fault| refused(&fault))?;
    let common = Common {
        library: &BTreeMap::new(),
        draft: Draft::Draft202012,
        formats: if rule.formats.unwrap_or(true) { Formats::Check } else { Formats::Ignore },
        author: Author::Operator,
    };
    let schemas = Schemas::of_document(&document, read.schemas(), &common);
    let schemas = Rc::new(schemas.map_err(|fault| super::unenforceable("", &fault))?);
    let operations = operations(&document, read, rule, lint)?;
    Ok(Contract { operations: Operations::Of(operations), requests: Rc::clone(&schemas), answers: schemas })
}

fn refused(fault: &Fault) -> ConfigError {
    ConfigError::new(format!("#{}", fault.pointer), "a document that cannot be enforced", &fault.expected)
}

fn refuse_large(document: &Value) -> Result<(), ConfigError> {
    let bytes = document.to_string().len();
    let expected = "at most 262144 bytes, or what `portcullis bundle` makes of the document";
    if bytes > MAX_BYTES { Err(ConfigError::new("", format!("{bytes} bytes"), expected)) } else { Ok(()) }
}

/// What may be written is not always what may be read: each schema in the direction of its message.
fn turn(document: &mut Value, read: &mut Document) -> Result<(), Fault> {
    let mut requests = Views::new(document, Direction::Request, false);
    for operation in &mut read.operations {
        for parameter in &mut operation.parameters {
            turn_value(&mut requests, &mut parameter.value)?;
        }
        operation
            .body
            .iter_mut()
            .flat_map(|body| &mut body.content)
            .try_for_each(|media| turn_media(&mut requests, media))?;
    }
    let mut answers = Views::new(document, Direction::Response, false);
    let responses = read.operations.iter_mut().flat_map(|operation| &mut operation.responses);
    for response in responses {
        response.content.iter_mut().try_for_each(|media| turn_media(&mut answers, media))?;
    }
    Ok(())
}

fn turn_media(views: &mut Views<'_>, media: &mut Media) -> Result<(), Fault> {
    for schema in media.schema.iter_mut().chain(&mut media.item_schema) {
        *schema = views.of(schema)?;
    }
    Ok(())
}

fn turn_value(views: &mut Views<'_>, value: &mut document::Value) -> Result<(), Fault> {
    match value {
        document::Value::Schema(schema) | document::Value::Content(_, Some(schema)) => *schema = views.of(schema)?,
        document::Value::Content(_, None) => {}
    }
    Ok(())
}

fn operations(
    document: &Value,
    read: Document,
    rule: &Rule,
    lint: &mut Vec<String>,
) -> Result<Templates<Vec<Rc<Operation>>>, ConfigError> {
    let mut by_path: BTreeMap<String, (Template, Vec<Rc<Operation>>)> = BTreeMap::new();
    for found in read.operations {
        let operation = Rc::new(operation(document, &found, rule)?);
        let unheld = unheld::lines(&operation, rule.responses != Responses::Pass);
        lint.extend(unheld.into_iter().map(|line| format!("rule {}: {line}", rule.name)));
        let bases = rule.base_path.as_ref().map_or(found.bases.clone(), |base| vec![base.clone()]);
        for base in bases {
            let place = if rule.base_path.is_some() { "base_path" } else { "servers" };
            let template = found.template.below(&base).map_err(|expected| ConfigError::new(place, &base, expected))?;
            let entry = by_path.entry(template.text().to_owned()).or_insert_with(|| (template, Vec::new()));
            entry.1.push(Rc::clone(&operation));
        }
    }
    Templates::new(by_path.into_values().collect())
        .map_err(|(one, other)| ConfigError::new("paths", one, format!("paths that differ, and {other} is the same")))
}

fn operation(document: &Value, found: &document::Operation, rule: &Rule) -> Result<Operation, ConfigError> {
    let response = |response: &document::Response| {
        Ok(Response { statuses: response.statuses, content: contents(document, &response.content)? })
    };
    Ok(Operation {
        method: found.method.clone(),
        name: found.id.clone().unwrap_or_else(|| format!("{} {}", found.method, found.template.text())),
        parameters: Some(
            found.parameters.iter().map(|parameter| with_kinds(document, parameter)).collect::<Result<_, _>>()?,
        ),
        refuses_undeclared: rule.refuse_undeclared_parameters,
        body: match &found.body {
            None => RequestBody::None,
            Some(body) => RequestBody::Of { is_required: body.required, content: contents(document, &body.content)? },
        },
        responses: found.responses.iter().map(response).collect::<Result<_, ConfigError>>()?,
    })
}

fn with_kinds(document: &Value, parameter: &Parameter) -> Result<(Parameter, Kinds), ConfigError> {
    if parameter.style == Style::Matrix {
        let expected = "another style: a `;` in a path ends it for some servers (CVE-2026-73551), and is refused here";
        return Err(ConfigError::new(format!("#{}", parameter.pointer), "matrix", expected));
    }
    let kinds = parameter.value.schema().map(|schema| Kinds::of(document, schema)).unwrap_or_default();
    Ok((parameter.clone(), kinds))
}

fn contents(document: &Value, content: &[Media]) -> Result<Vec<Rc<Content>>, ConfigError> {
    content.iter().map(|media| one(document, media).map(Rc::new)).collect()
}

fn one(document: &Value, media: &Media) -> Result<Content, ConfigError> {
    let part = |(name, encoding): (&String, &document::Encoding)| {
        let ranges = encoding.content_types.iter().map(|range| self::range(range));
        Ok((name.clone(), ranges.collect::<Result<Vec<_>, ConfigError>>()?))
    };
    let parts: Vec<_> = media.encoding.iter().map(part).collect::<Result<_, ConfigError>>()?;
    let schemas = [&media.schema, &media.item_schema].into_iter().flatten();
    Ok(Content {
        says_more: schemas.map(|schema| document.pointer(schema)).any(unheld::says_more),
        range: range(&media.range)?,
        schema: media.schema.clone(),
        item_schema: media.item_schema.clone(),
        kinds: media.schema.as_ref().map(|schema| Kinds::of(document, schema)).unwrap_or_default(),
        parts: parts.into_iter().filter(|(_, types)| !types.is_empty()).collect(),
    })
}

fn range(text: &str) -> Result<MediaRange, ConfigError> {
    MediaRange::parse(text).map_err(|expected| ConfigError::new("content", text, expected))
}
