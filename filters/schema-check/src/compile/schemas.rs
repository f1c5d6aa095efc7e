//! A contract of one schema for requests and one for answers.

use std::rc::Rc;

use portcullis::prelude::ConfigError;
use serde_json::Value;

use crate::body::media::MediaRange;
use crate::config;
use crate::openapi::document::Statuses;
use crate::policy::{Content, Contract, Kinds, Operation, Operations, RequestBody, Response};
use crate::schema::{Author, Common, Draft, Formats, Schemas};

/// Compiles it.
pub(super) fn compile(written: &config::Schemas, formats: Option<bool>) -> Result<Contract, ConfigError> {
    if written.request.is_none() && written.response.is_none() {
        return Err(ConfigError::missing("request", "a schema for requests, for answers, or for both"));
    }
    let draft = written.draft.as_deref().unwrap_or("2020-12");
    let expected = "4, 6, 7, 2019-09 or 2020-12";
    let common = Common {
        library: &written.resources,
        draft: Draft::of_word(draft).ok_or_else(|| ConfigError::new("draft", draft, expected))?,
        formats: match formats {
            Some(true) => Formats::Check,
            Some(false) => Formats::Ignore,
            None => Formats::AsDeclared,
        },
        author: Author::Operator,
    };
    Ok(Contract {
        operations: Operations::Any(Rc::new(operation(written)?)),
        requests: Rc::new(schema("request", written.request.as_ref(), &common)?),
        answers: Rc::new(schema("response", written.response.as_ref(), &common)?),
    })
}

fn schema(place: &str, written: Option<&Value>, common: &Common<'_>) -> Result<Schemas, ConfigError> {
    let schema = written.unwrap_or(&Value::Bool(true));
    Schemas::of_one(schema, common).map_err(|fault| super::unenforceable(place, &fault))
}

fn operation(written: &config::Schemas) -> Result<Operation, ConfigError> {
    let ranges = written.content_types.clone().unwrap_or_else(|| vec!["application/json".to_owned()]);
    if ranges.is_empty() {
        return Err(ConfigError::new("content_types", "[]", "at least one media type"));
    }
    let content = |schema: Option<&Value>| -> Result<Vec<Rc<Content>>, ConfigError> {
        let one = |(index, range): (usize, &String)| {
            let place = format!("content_types[{index}]");
            let range = MediaRange::parse(range).map_err(|expected| ConfigError::new(place, range, expected))?;
            Ok(Rc::new(Content {
                range,
                schema: schema.map(|_| String::new()),
                item_schema: None,
                kinds: schema.map(|schema| Kinds::of(schema, "")).unwrap_or_default(),
                parts: Vec::new(),
                says_more: super::unheld::says_more(schema),
            }))
        };
        ranges.iter().enumerate().map(one).collect()
    };
    let is_required = written.body_required.unwrap_or(true);
    let answer = Response { statuses: Statuses::Class(2), content: content(written.response.as_ref())? };
    let other = Response { statuses: Statuses::Default, content: Vec::new() };
    Ok(Operation {
        method: String::new(),
        name: "any".to_owned(),
        parameters: None,
        refuses_undeclared: false,
        body: RequestBody::Of { is_required, content: content(written.request.as_ref())? },
        responses: if written.response.is_some() { vec![answer, other] } else { Vec::new() },
    })
}
