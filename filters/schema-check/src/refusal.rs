//! The one place where a reason becomes a status, a code, a message and a counter.

use std::fmt::Display;

use portcullis::ai::details::Detail;
use portcullis::ai::ending::Cut;
use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::rpc::Asked;
use portcullis::denied;
use portcullis::http::stream::Framing;
use portcullis::prelude::*;

use crate::body::{Error, Fault};
use crate::metrics::{
    ALLOWED, ANSWER_REDACTED, ANSWER_SHADOW, ANSWER_UNSEEN, ANSWER_VALID, OPEN, SHADOW, UNMATCHED, answer_denied,
};
use crate::policy::Unfit;

/// Why a request or an answer is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Denial {
    pub(crate) reason: Reason,
    pub(crate) details: Vec<Detail>,
    /// The methods that there are at the path, for 405.
    pub(crate) allow: Option<String>,
}

impl From<Reason> for Denial {
    fn from(reason: Reason) -> Self {
        Self { reason, details: Vec::new(), allow: None }
    }
}

impl Denial {
    pub(crate) fn about(reason: Reason, details: Vec<Detail>) -> Self {
        Self { reason, details, allow: None }
    }

    /// A fault of the body in words of ours.
    pub(crate) fn says(reason: Reason, pointer: &str, keyword: &str, expected: impl Display) -> Self {
        Self::about(reason, vec![Detail::new("body", pointer, keyword, expected)])
    }

    /// A fault that a reader found at `pointer` of the body.
    pub(crate) fn told<F: Fault>(reason: Reason, pointer: &str, error: Error<F>) -> Self {
        let detail = Detail::new("body", pointer, error.code(), error.fault);
        Self::about(reason, vec![detail.beginning(usize::try_from(error.at).ok())])
    }

    pub(crate) fn reply(self) -> Reply {
        let refusal = of(self.reason);
        let reply = match refusal.status {
            Status::Unavailable => Reply::unavailable(self.reason.name()),
            status => Reply::new(status, self.reason.name(), refusal.message),
        };
        let reply = reply.about(self.details);
        match self.allow {
            Some(methods) => reply.header("allow", methods),
            None => reply,
        }
    }

    /// The end of an answer that streams, in the words of its API.
    pub(crate) fn ending(&self, endpoint: &Endpoint, framing: Framing) -> Vec<u8> {
        let refusal = of(self.reason);
        let cut = Cut {
            dialect: endpoint.dialect,
            operation: endpoint.operation,
            framing,
            has_elements: false,
            is_open: false,
            asked: &Asked::default(),
        };
        cut.ending(refusal.status, self.reason.name(), refusal.message)
    }

    /// JSON at `pointer` of the body that is not what it must be.
    pub(crate) fn of(unfit: Unfit, pointer: &str) -> Self {
        let reason = match unfit {
            Unfit::Json(_) | Unfit::Integer(_) => Reason::Json,
            Unfit::Schema(_) => Reason::Schema,
            Unfit::TooComplex => Reason::TooComplex,
        };
        Self::about(reason, unfit.details("body", pointer))
    }

    /// JSON at `pointer` of an answer that is not what it must be.
    pub(crate) fn of_answer(unfit: Unfit, pointer: &str) -> Self {
        let reason = match unfit {
            Unfit::Json(_) | Unfit::Integer(_) => Reason::AnswerJson,
            Unfit::Schema(_) => Reason::AnswerSchema,
            Unfit::TooComplex => Reason::AnswerTooComplex,
        };
        Self::about(reason, unfit.details("body", pointer))
    }

    /// The same, of what stands for a body: offsets in it mean nothing to who sent it.
    pub(crate) fn unplaced(mut self) -> Self {
        self.details.iter_mut().for_each(|detail| detail.at = None);
        self
    }
}

/// What a reason becomes.
pub(crate) struct Refusal {
    status: Status,
    message: &'static str,
    /// Counts it.
    pub(crate) metric: Metric,
}

/// Whether a reason is about an answer.
pub(crate) fn is_of_answer(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::AnswerStatus
            | Reason::AnswerType
            | Reason::AnswerEncoding
            | Reason::AnswerJson
            | Reason::AnswerSchema
            | Reason::AnswerTooComplex
            | Reason::AnswerStructure
    )
}

/// One line for each reason gives its code, its reply and its counter.
macro_rules! reasons {
    ($($(#[$doc:meta])* $reason:ident $kind:ident $name:literal $status:ident $message:literal;)*) => {
        portcullis::reasons! {
            /// Why a request or an answer is refused.
            pub enum Reason {
                $($(#[$doc])* $reason = $name,)*
            }
        }

        /// What a reason becomes.
        pub(crate) fn of(reason: Reason) -> Refusal {
            match reason {
                $(Reason::$reason => {
                    Refusal { status: Status::$status, message: $message, metric: $kind!($name) }
                })*
            }
        }

        pub(crate) const METRICS: &[Metric] =
            &[ALLOWED, UNMATCHED, SHADOW, ANSWER_VALID, ANSWER_UNSEEN, ANSWER_REDACTED, ANSWER_SHADOW, OPEN, $($kind!($name),)*];
    };
}

reasons! {
    /// Path, host, method or query can be read in two ways.
    Ambiguous denied "ambiguous_request" BadRequest "Path, host, method or query of this request can be read in two ways.";
    /// No rule is about it, or its contract has no such path.
    UnknownOperation denied "unknown_operation" NotFound "There is no such operation here.";
    /// The contract has the path and not the method.
    Method denied "method_not_allowed" MethodNotAllowed "There is no such method here.";
    /// A parameter is missing, or not as the contract says.
    Parameter denied "invalid_parameter" BadRequest "A parameter is not as the contract says.";
    /// There must be a body.
    BodyMissing denied "body_missing" BadRequest "This operation needs a body.";
    /// There must be none.
    BodyUnexpected denied "body_unexpected" BadRequest "This operation has no body.";
    /// The body is of a type that the contract does not have, or of none.
    ContentType denied "content_type" UnsupportedMediaType "The body must be of a media type of the contract, and its content-type must say so.";
    /// The body is coded.
    ContentEncoding denied "content_encoding" UnsupportedMediaType "A body in a content coding cannot be checked here.";
    /// The body is no JSON that everybody reads alike.
    Json denied "malformed_json" BadRequest "The body is not JSON that every server reads alike.";
    /// A form is not one that every server reads alike, or not as the contract says.
    Form denied "malformed_form" BadRequest "The form is not one that every server reads alike, or not as the contract says.";
    /// A text is not UTF-8, or has control characters.
    Text denied "malformed_text" BadRequest "The text is not UTF-8, or has control characters.";
    /// A file is not what it is declared to be, or not one that is allowed.
    File denied "invalid_file" BadRequest "A file is not what it is declared to be, or not one that is allowed.";
    /// A file, or all of them, are too large.
    FileTooLarge denied "file_too_large" ContentTooLarge "A file of this request is too large.";
    /// An address is not on the list.
    Url denied "url_not_allowed" BadRequest "An address in the body is not one that may be fetched.";
    /// The body is not as the schema says.
    Schema denied "schema_violation" BadRequest "The body is not as the contract says.";
    /// The schema for the answer, which the request brings, cannot be enforced.
    Format denied "invalid_response_format" BadRequest "The response format of this request cannot be enforced.";
    /// It would take too long to find out.
    TooComplex denied "too_complex" BadRequest "The body takes more work to check than its size allows.";
    /// The proxy did not do what it was asked.
    HostFailed denied "host_failed" Unavailable "";
    /// The contract has no answer of this status.
    AnswerStatus answer_denied "undeclared_status" BadGateway "The server's answer is not as the contract says.";
    /// The contract has no answer of this media type.
    AnswerType answer_denied "undeclared_content_type" BadGateway "The server's answer is not as the contract says.";
    /// The answer is coded.
    AnswerEncoding answer_denied "answer_content_encoding" BadGateway "The server's answer is in a content coding and cannot be checked here.";
    /// The answer is no JSON that everybody reads alike.
    AnswerJson answer_denied "malformed_answer" BadGateway "The server's answer is not JSON that every client reads alike.";
    /// The answer is not as the schema says.
    AnswerSchema answer_denied "answer_schema_violation" BadGateway "The server's answer is not as the contract says.";
    /// It would take too long to find out.
    AnswerTooComplex answer_denied "answer_too_complex" BadGateway "The server's answer takes more work to check than its size allows.";
    /// What the model says is not as the request asked for.
    AnswerStructure answer_denied "structured_output_violation" BadGateway "The model's answer is not as the response format of the request says.";
}
