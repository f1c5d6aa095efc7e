//! What a body must be, told from the head of its message, and whether it is.

use portcullis::ai::details::Detail;
use portcullis::http::header::Headers;
use portcullis::json;

use crate::config::Integers;
use crate::policy::{Content, Operation, Policy, RequestBody, Said, find, is_json};
use crate::refusal::{Denial, Reason};
use crate::schema::{Fault, Schemas, Verdict};
use crate::value::{Steps, Tree};

/// What the body of a request must be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// Whatever it is, it is not looked at.
    Unseen,
    /// There must be none.
    None,
    /// JSON, of this schema if there is one.
    Json { is_required: bool, schema: Option<String> },
    /// Nothing says what it is: so there may be none.
    Unsaid { is_required: bool },
}

/// Most faults that are told: with pointers as long as they may be, an answer stays below 4 KiB.
const MOST: usize = 5;

/// A check may take so many steps: as many as a schema of ten alternatives needs for every value that its size allows.
pub(crate) fn steps(bytes: usize) -> Steps {
    let steps = bytes.saturating_mul(16).saturating_add(100_000);
    Steps(u32::try_from(steps).unwrap_or(u32::MAX))
}

/// What the body of a request must be, by its head.
pub(crate) fn body_of(operation: &Operation, headers: &Headers) -> Result<Body, Denial> {
    let has_body = has_body(headers);
    match &operation.body {
        RequestBody::None if has_body => Err(Reason::BodyUnexpected.into()),
        // A conversation that goes on in another protocol has no body that could be awaited.
        RequestBody::None if headers.first("upgrade").is_some() => Ok(Body::Unseen),
        RequestBody::None => Ok(Body::None),
        RequestBody::Of { is_required, content } => of_content(*is_required, content, headers, has_body),
    }
}

fn of_content(is_required: bool, content: &[Content], headers: &Headers, has_body: bool) -> Result<Body, Denial> {
    let content_type = headers.first("content-type");
    match find(content, content_type) {
        Said::This(..) if is_encoded(headers) => Err(Reason::ContentEncoding.into()),
        Said::This(content, media) if is_json(&media) => Ok(Body::Json { is_required, schema: content.schema.clone() }),
        Said::This(..) => Ok(Body::Unseen),
        Said::Other if has_body || content_type.is_some() => Err(Reason::ContentType.into()),
        Said::Other => Ok(Body::Unsaid { is_required }),
    }
}

/// Whether the head says that there is a body. Over HTTP/2 there may be one without a word.
fn has_body(headers: &Headers) -> bool {
    let length = headers.first("content-length");
    length.is_some_and(|length| length != b"0") || headers.first("transfer-encoding").is_some()
}

fn is_encoded(headers: &Headers) -> bool {
    headers.all("content-encoding").any(|coding| !coding.eq_ignore_ascii_case(b"identity"))
}

/// What the body of an answer must be, by its head: `None` if it is not looked at, else its schema, if there is one.
#[allow(clippy::option_option)] // whether it is read, and by what
pub(crate) fn answer_of(
    operation: &Operation,
    method: &str,
    headers: &Headers,
) -> Result<Option<Option<String>>, Denial> {
    if operation.responses.is_empty() {
        return Ok(None);
    }
    let status = headers.first(":status").and_then(|status| std::str::from_utf8(status).ok());
    let status: u16 = status.and_then(|status| status.parse().ok()).ok_or(Reason::AnswerStatus)?;
    let response = operation.response(status).ok_or(Reason::AnswerStatus)?;
    let is_empty = method == "HEAD" || matches!(status, 204 | 304) || headers.first("content-length") == Some(b"0");
    if is_empty || response.content.is_empty() {
        return Ok(None);
    }
    match find(&response.content, headers.first("content-type")) {
        Said::Other => Err(Reason::AnswerType.into()),
        Said::This(..) if is_encoded(headers) => Err(Reason::AnswerEncoding.into()),
        Said::This(content, media) => Ok(is_json(&media).then(|| content.schema.clone())),
    }
}

/// Holds a JSON body against a schema: first that it is JSON as every server reads it.
pub(crate) fn holds(policy: &Policy, schemas: &Schemas, schema: Option<&str>, body: &[u8]) -> Result<(), Denial> {
    let mut tree = Tree::read(body, policy.limits).map_err(Denial::of_json)?;
    if let Some(at) = tree.large_integer().filter(|_| policy.integers == Integers::Int64) {
        return Err(Denial::about(Reason::Json, vec![large(at)]));
    }
    let Some(schema) = schema else { return Ok(()) };
    let steps = steps(body.len());
    tree.under(schema, steps);
    match schemas.check(&tree, steps, MOST) {
        Verdict::Valid => Ok(()),
        Verdict::TooComplex => Err(Reason::TooComplex.into()),
        Verdict::Invalid(faults, _) => Err(Denial::about(Reason::Schema, faults.into_iter().map(told).collect())),
    }
}

fn told(fault: Fault) -> Detail {
    let Fault { pointer, at, keyword, expected } = fault;
    Detail { place: "body", pointer, at: Some(at), keyword, expected }
}

fn large(at: usize) -> Detail {
    Detail {
        place: "body",
        pointer: String::new(),
        at: Some(at),
        keyword: "integers".to_owned(),
        expected: "integers from -2^63 to 2^64 - 1".to_owned(),
    }
}

/// The reader's limits.
pub(crate) fn limits(written: &crate::config::Limits) -> json::Limits {
    json::Limits {
        depth: written.depth,
        members: written.members,
        values: written.values,
        string_bytes: written.string_bytes.0,
        name_bytes: written.name_bytes.0,
        exact_integers: written.integers == Integers::Safe,
        ..json::Limits::DEFAULT
    }
}
