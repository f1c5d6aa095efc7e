//! From a document to its operations.

use serde_json::Value as Json;

use super::super::check::{Kind, check};
use super::super::template::{Template, Templates};
use super::super::{Fault, schemas};
use super::follow::{At, Source};
use super::{Body, Document, Operation, Response, Statuses, media, parameter, servers};

const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

impl Document {
    /// Checks a document and reads it. Whatever an operation needs must stand in it.
    pub fn read(document: &Json) -> Result<Self, Fault> {
        let version = check(document)?;
        let source = Source::of(document, version)?;
        let root = source.object(String::new(), Kind::Document)?;
        let bases = servers::bases(&root)?.unwrap_or_else(|| vec![String::new()]);
        let mut operations = Vec::new();
        let mut templates = Vec::new();
        for (path, pointer) in root.map("paths").into_iter().filter(|(path, _)| path.starts_with('/')) {
            let template = Template::parse(path).map_err(|expected| Fault::new(&pointer, expected))?;
            templates.push((template.clone(), ()));
            of_path(&source, &template, pointer, &bases, &mut operations)?;
        }
        Templates::new(templates).map_err(|(one, other)| {
            let pointer = super::super::pointer::child("/paths", &other);
            Fault::new(pointer, format!("a path that differs from {one} in more than names"))
        })?;
        let read = Self { version, bases, operations };
        schemas::resolve(document, read.schemas())?;
        Ok(read)
    }
}

fn of_path(
    source: &Source<'_>,
    template: &Template,
    pointer: String,
    bases: &[String],
    operations: &mut Vec<Operation>,
) -> Result<(), Fault> {
    let path = source.object(pointer, Kind::PathItem)?;
    let bases = servers::bases(&path)?.unwrap_or_else(|| bases.to_vec());
    let fixed = METHODS.iter().filter_map(|method| Some((method.to_ascii_uppercase(), path.place(method)?)));
    let added = path.map("additionalOperations").into_iter().map(|(method, pointer)| (method.to_owned(), pointer));
    for (method, pointer) in fixed.chain(added) {
        let at = source.object(pointer, Kind::Operation)?;
        let bases = servers::bases(&at)?.unwrap_or_else(|| bases.clone());
        for base in &bases {
            template.below(base).map_err(|expected| Fault::new(&at.pointer, format!("{expected}, below {base}")))?;
        }
        operations.push(operation(source, method, template, bases, &path, &at)?);
    }
    Ok(())
}

fn operation(
    source: &Source<'_>,
    method: String,
    template: &Template,
    bases: Vec<String>,
    path: &At<'_>,
    at: &At<'_>,
) -> Result<Operation, Fault> {
    Ok(Operation {
        method,
        template: template.clone(),
        bases,
        id: at.text("operationId").map(str::to_owned),
        parameters: parameter::all(source, template, path, at)?,
        body: at.place("requestBody").map(|pointer| body(source, pointer)).transpose()?,
        responses: responses(source, at)?,
        pointer: at.pointer.clone(),
    })
}

fn body(source: &Source<'_>, pointer: String) -> Result<Body, Fault> {
    let at = source.object(pointer, Kind::RequestBody)?;
    Ok(Body { required: at.flag("required").unwrap_or_default(), content: media::content(source, &at)? })
}

fn responses(source: &Source<'_>, at: &At<'_>) -> Result<Vec<Response>, Fault> {
    let mut responses = Vec::new();
    for (status, pointer) in at.map("responses") {
        let Some(statuses) = Statuses::parse(status) else { continue };
        let at = source.object(pointer, Kind::Response)?;
        let mut headers = media::headers(source, &at)?;
        // The media type is what `content` says.
        headers.retain(|header| !header.name.eq_ignore_ascii_case("content-type"));
        responses.push(Response { statuses, headers, content: media::content(source, &at)?, pointer: at.pointer });
    }
    responses.sort_by_key(|response| response.statuses);
    Ok(responses)
}

impl Statuses {
    /// Reads a key of a Responses Object; `x-...` is none.
    fn parse(key: &str) -> Option<Self> {
        match key.strip_suffix("XX") {
            Some(class) => class.parse().ok().map(Self::Class),
            None if key == "default" => Some(Self::Default),
            None => key.parse().ok().map(Self::Exact),
        }
    }
}
