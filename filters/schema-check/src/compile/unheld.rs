//! What a contract says of bodies that nobody holds them against, for the operator.

use serde_json::Value;

use crate::policy::{Content, Operation, Reads, RequestBody};

/// A line for each media type whose schema says more than that a body is text or bytes, and is not asked. Where a range is
/// meant, bodies of such types are refused.
pub(super) fn lines(operation: &Operation, looks_at_answers: bool) -> Vec<String> {
    let requests = match &operation.body {
        RequestBody::Of { content, .. } => content.as_slice(),
        RequestBody::None => &[],
    };
    let answers = operation.responses.iter().flat_map(|response| &response.content).filter(|_| looks_at_answers);
    let of = |what: &str, content: &Content| {
        let media = content.range.media().essence();
        format!(
            "{}: {what} of {media} are not held against their schema: that is for JSON, its lines, forms and events",
            operation.name
        )
    };
    let is_unheld = |content: &&Content, is_held: fn(Reads) -> bool| {
        let media = content.range.media();
        content.says_more && !media.essence().contains('*') && !is_held(Reads::of(media))
    };
    let requests = requests.iter().map(AsRef::as_ref).filter(|content| is_unheld(content, Reads::is_held_in_requests));
    let answers = answers.map(AsRef::as_ref).filter(|content| is_unheld(content, Reads::is_held_in_answers));
    requests.map(|content| of("requests", content)).chain(answers.map(|content| of("answers", content))).collect()
}

/// Words of a schema for what is a text or a file, whatever stands in it.
const OF_ANY: [&str; 9] = [
    "type",
    "format",
    "contentMediaType",
    "contentEncoding",
    "description",
    "title",
    "example",
    "examples",
    "deprecated",
];

/// Whether a schema says more than that.
pub(super) fn says_more(schema: Option<&Value>) -> bool {
    let Some(Value::Object(keywords)) = schema else { return schema == Some(&Value::Bool(false)) };
    let is_text = keywords.get("type").is_none_or(|kind| kind == "string");
    !is_text || keywords.keys().any(|keyword| !OF_ANY.contains(&keyword.as_str()))
}
