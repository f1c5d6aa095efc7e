//! What a body must be, told from the head of its message, and whether it is.

use portcullis::ai::details::Detail;
use portcullis::http::header::{Headers, is_encoded};
use portcullis::json;

use crate::body::media::MediaType;
use crate::body::urlencoded::{Form, Limits, Pair};
use crate::config::Integers;
use crate::policy::{Content, Files, Operation, Policy, RequestBody, Rule, Said, find, is_json};
use crate::refusal::{Denial, Reason};
use crate::schema::{Fault, Schemas, Verdict};
use crate::stream::{Boundary, Kind, Stream, Value, of_pairs, told};
use crate::urls;
use crate::value::{Steps, Tree};

/// What the body of a request must be.
pub(crate) enum Body {
    /// Whatever it is, it is not looked at.
    Unseen,
    /// There must be none.
    None,
    /// JSON, of this schema if there is one.
    Json { is_required: bool, schema: Option<String> },
    /// Pairs in a form without files.
    Pairs { is_required: bool, content: Box<Content> },
    /// Something that is read while it passes.
    Stream(Box<Stream>),
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
pub(crate) fn body_of(operation: &Operation, headers: &Headers, files: &Files) -> Result<Body, Denial> {
    let has_body = has_body(headers);
    match &operation.body {
        RequestBody::None if has_body => Err(Reason::BodyUnexpected.into()),
        // A conversation that goes on in another protocol has no body that could be awaited.
        RequestBody::None if headers.first("upgrade").is_some() => Ok(Body::Unseen),
        RequestBody::None => Ok(Body::None),
        RequestBody::Of { is_required, content } => of_content(*is_required, content, headers, files),
    }
}

fn of_content(is_required: bool, content: &[Content], headers: &Headers, files: &Files) -> Result<Body, Denial> {
    let content_type = headers.first("content-type");
    match find(content, content_type) {
        Said::This(..) if is_encoded(headers) => Err(Reason::ContentEncoding.into()),
        Said::This(content, media) => of_media(is_required, content, &media, headers, files),
        Said::Other if has_body(headers) || content_type.is_some() => Err(Reason::ContentType.into()),
        Said::Other => Ok(Body::Unsaid { is_required }),
    }
}

/// How a body of this type is read.
fn of_media(
    is_required: bool,
    content: &Content,
    media: &MediaType,
    headers: &Headers,
    files: &Files,
) -> Result<Body, Denial> {
    let kind = match (media.kind.as_str(), media.subtype.as_str()) {
        _ if is_json(media) => return Ok(Body::Json { is_required, schema: content.schema.clone() }),
        ("application", "x-www-form-urlencoded") => {
            return Ok(Body::Pairs { is_required, content: Box::new(content.clone()) });
        }
        _ if is_required && is_empty(headers) => return Err(Reason::BodyMissing.into()),
        ("multipart", "form-data") => {
            let boundary = Boundary::of(headers.first("content-type").unwrap_or_default());
            Kind::form(&boundary.map_err(|error| told(Reason::Form, "", error))?, content, files)
        }
        // How parts of other kinds belong together, servers read in several ways.
        ("multipart", _) => return Err(Reason::ContentType.into()),
        ("application", "jsonl" | "x-ndjson" | "x-jsonlines" | "jsonlines") => Kind::lines(content),
        ("text", _) => Kind::text(),
        _ => Kind::file(&media.essence(), files)?,
    };
    Ok(Body::Stream(Box::new(Stream::new(kind, files))))
}

fn is_empty(headers: &Headers) -> bool {
    headers.first("content-length") == Some(b"0")
}

/// Whether the head says that there is a body. Over HTTP/2 there may be one without a word.
fn has_body(headers: &Headers) -> bool {
    let length = headers.first("content-length");
    length.is_some_and(|length| length != b"0") || headers.first("transfer-encoding").is_some()
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

/// Holds the JSON body of a request against a schema, and its addresses against the list.
pub(crate) fn holds_request(policy: &Policy, rule: &Rule, schema: Option<&str>, body: &[u8]) -> Result<(), Denial> {
    let mut tree = read(policy, body)?;
    against(&mut tree, &rule.contract.requests, schema, body.len())?;
    urls::check(&tree, &rule.files)
}

/// Holds pairs of a form against a schema.
pub(crate) fn holds_pairs(policy: &Policy, rule: &Rule, content: &Content, body: &[u8]) -> Result<(), Denial> {
    let mut form = Form::new(Limits::default());
    let mut pairs = Vec::new();
    let mut each = |pair: Pair<'_>| pairs.push((pair.name.to_owned(), Value::Text(pair.value.to_owned())));
    let read = form.push(body, &mut each).and_then(|()| form.finish(&mut each));
    read.map_err(|error| told(Reason::Form, "", error))?;
    let object = of_pairs(&content.kinds, &pairs)?;
    let held = holds(policy, &rule.contract.requests, content.schema.as_deref(), object.as_bytes());
    held.map_err(|mut denial| {
        denial.details.iter_mut().for_each(|detail| detail.at = None);
        denial
    })
}

/// Holds JSON against a schema: first that it is JSON as every server reads it.
pub(crate) fn holds(policy: &Policy, schemas: &Schemas, schema: Option<&str>, body: &[u8]) -> Result<(), Denial> {
    against(&mut read(policy, body)?, schemas, schema, body.len())
}

fn read<'b>(policy: &Policy, body: &'b [u8]) -> Result<Tree<'b>, Denial> {
    let tree = Tree::read(body, policy.limits).map_err(Denial::of_json)?;
    if let Some(at) = tree.large_integer().filter(|_| policy.integers == Integers::Int64) {
        return Err(Denial::about(Reason::Json, vec![large(at)]));
    }
    Ok(tree)
}

fn against<'b>(tree: &mut Tree<'b>, schemas: &Schemas, schema: Option<&'b str>, bytes: usize) -> Result<(), Denial> {
    let Some(schema) = schema else { return Ok(()) };
    let steps = steps(bytes);
    tree.under(schema, steps);
    match schemas.check(tree, MOST) {
        Verdict::Valid => Ok(()),
        Verdict::TooComplex => Err(Reason::TooComplex.into()),
        Verdict::Invalid(faults, _) => Err(Denial::about(Reason::Schema, faults.into_iter().map(detail).collect())),
    }
}

fn detail(fault: Fault) -> Detail {
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
