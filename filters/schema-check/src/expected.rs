//! What a body must be, told from the head of its message.

use std::rc::Rc;

use portcullis::http::header::{Headers, is_encoded};

use crate::body::media::MediaType;
use crate::policy::{Content, Files, Operation, Reads, RequestBody, Said, find};
use crate::refusal::{Denial, Reason};
use crate::stream::{Boundary, Kind, Stream};

/// What the body of a request must be.
pub(crate) enum Body {
    /// Whatever it is, it is not looked at.
    Unseen,
    /// There must be none.
    None,
    /// JSON of a schema, if there is one.
    Json { is_required: bool, content: Rc<Content> },
    /// Pairs in a form without files.
    Pairs { is_required: bool, content: Rc<Content> },
    /// Something that is read while it passes.
    Stream(Box<Stream>),
    /// Nothing says what it is: so there may be none.
    Unsaid { is_required: bool },
}

/// What the body of a request must be, by its head.
pub(crate) fn body_of(operation: &Operation, headers: &Headers, files: &Rc<Files>) -> Result<Body, Denial> {
    match &operation.body {
        RequestBody::None if has_body(headers) => Err(Reason::BodyUnexpected.into()),
        // A conversation that goes on in another protocol has no body that could be awaited.
        RequestBody::None if headers.first("upgrade").is_some() => Ok(Body::Unseen),
        RequestBody::None => Ok(Body::None),
        RequestBody::Of { is_required, content } => of_content(*is_required, content, headers, files),
    }
}

fn of_content(
    is_required: bool,
    content: &[Rc<Content>],
    headers: &Headers,
    files: &Rc<Files>,
) -> Result<Body, Denial> {
    let content_type = headers.first("content-type");
    match find(content, content_type) {
        Said::This(..) if is_encoded(headers) => Err(Reason::ContentEncoding.into()),
        Said::This(content, media) => match Reads::of(&media) {
            reads if content.is_dodged_by(reads.is_held_in_requests()) => Err(Reason::ContentType.into()),
            Reads::Json => Ok(Body::Json { is_required, content }),
            Reads::Pairs => Ok(Body::Pairs { is_required, content }),
            _ => {
                let kind = kind(content, &media, content_type.unwrap_or_default(), files)?;
                Ok(Body::Stream(Box::new(Stream::new(kind, is_required, files))))
            }
        },
        Said::Other if has_body(headers) || content_type.is_some() => Err(Reason::ContentType.into()),
        Said::Other => Ok(Body::Unsaid { is_required }),
    }
}

/// What a body of this type is read as while it passes.
fn kind(content: Rc<Content>, media: &MediaType, content_type: &[u8], files: &Rc<Files>) -> Result<Kind, Denial> {
    match Reads::of(media) {
        Reads::Form => {
            let boundary = Boundary::of(content_type).map_err(|error| Denial::told(Reason::Form, "", error))?;
            Ok(Kind::form(&boundary, content, Rc::clone(files)))
        }
        Reads::Parts => Err(Reason::ContentType.into()),
        Reads::Lines => Ok(Kind::lines(content)),
        Reads::Text | Reads::Events => Ok(Kind::text()),
        Reads::Json | Reads::Pairs | Reads::Bytes => Kind::file(&media.essence(), files),
    }
}

/// Whether the head says that there is a body. Over HTTP/2 there may be one without a word.
fn has_body(headers: &Headers) -> bool {
    let length = headers.first("content-length");
    length.is_some_and(|length| length != b"0") || headers.first("transfer-encoding").is_some()
}

/// What the body of an answer must be.
pub(crate) enum Answer {
    /// It is not looked at.
    Unseen,
    /// JSON of a schema, if there is one.
    Whole(Rc<Content>),
    /// Events of a schema.
    Events(Rc<Content>),
}

/// What the body of an answer must be, by its head.
pub(crate) fn answer_of(operation: &Operation, is_head: bool, headers: &Headers) -> Result<Answer, Denial> {
    if operation.responses.is_empty() {
        return Ok(Answer::Unseen);
    }
    let response = operation.response(status(headers).ok_or(Reason::AnswerStatus)?).ok_or(Reason::AnswerStatus)?;
    if response.content.is_empty() || has_no_answer(is_head, headers) {
        return Ok(Answer::Unseen);
    }
    match find(&response.content, headers.first("content-type")) {
        Said::Other => Err(Reason::AnswerType.into()),
        Said::This(..) if is_encoded(headers) => Err(Reason::AnswerEncoding.into()),
        Said::This(content, media) => match Reads::of(&media) {
            reads if content.is_dodged_by(reads.is_held_in_answers()) => Err(Reason::AnswerType.into()),
            Reads::Json => Ok(Answer::Whole(content)),
            reads if reads.is_held_in_answers() && content.has_schema() => Ok(Answer::Events(content)),
            _ => Ok(Answer::Unseen),
        },
    }
}

/// The status of an answer.
pub(crate) fn status(headers: &Headers) -> Option<u16> {
    std::str::from_utf8(headers.first(":status")?).ok()?.parse().ok()
}

/// Whether an answer has no body, whatever its head says of one (RFC 9112 section 6.3).
pub(crate) fn has_no_answer(is_head: bool, headers: &Headers) -> bool {
    is_head || matches!(status(headers), Some(204 | 304))
}
