//! AWS Bedrock's runtime. Source: the API reference, and the service description of botocore (1.44.5); of the bodies of
//! `invoke`, which are each model's own, the pages on inference parameters.
//!
//! - A model's name is a segment of the path. SDKs write `:` as `%3A`, which is read; an ARN has a slash, which they
//!   write as `%2F`, and such a path is refused as ambiguous ([`path`](crate::http::path)), whatever stands around it:
//!   our configurations have Envoy refuse it before (`path_with_escaped_slashes_action: REJECT_REQUEST`), and where it
//!   does not, its routes and the next server see one segment or two. The API takes the identifier of a model or an
//!   inference profile as well, which has no slash (`eu.anthropic.claude-...`; of a profile of one's own
//!   `inferenceProfileId`). What has an ARN alone (provisioned and imported models, prompts) cannot be asked for here.
//! - A stream is AWS's event stream. The payload of a frame of `converse-stream` is an event as [`converse`] has it. That
//!   of `invoke-with-response-stream` is `{"bytes": "..."}`, base64 of the model's own JSON, which is read by the same
//!   table as a whole answer: [`Answer`](super::answer::Answer) unwraps it. A frame that nobody unwraps is told as bytes
//!   that were not read.
//! - What `invoke` does depends on the model; it is told as a chat, and a policy on models says what it may be.

mod converse;
mod invoke;

use super::dialect::Dialect;
use super::endpoint::Endpoint;
use super::shape::{Is, Shape};
use super::vocabulary::{Measure, Operation, Provenance, Reads, Unread, What};
use Operation::{Chat, CountTokens, Models, Moderation, Realtime, Stored, Unknown};
use Provenance::{Metadata, Role, User};

use converse::{CONVERSE, CONVERSED, GUARDED};
use invoke::{INVOKE, INVOKED};

const fn json(path: &'static str, operation: Operation, request: Is, answer: Is) -> Endpoint {
    Endpoint { dialect: Dialect::Bedrock, method: "POST", path, operation, reads: Reads::Whole, request, answer }
}

/// A request that is decided by what its head says.
const fn head(path: &'static str, operation: Operation) -> Endpoint {
    Endpoint { method: "GET", reads: Reads::Head, ..json(path, operation, ANY, ANY) }
}

/// A request or an answer in which nothing is known.
const ANY: Is = Is::Text(Provenance::Unknown);

/// An error as AWS writes it.
const ERROR: Is = Is::NoteText(What::Error, Provenance::Unknown);

pub(super) static ENDPOINTS: &[Endpoint] = &[
    json("/model/{model}/converse", Chat, Is::Object(&CONVERSE), Is::Object(&CONVERSED)),
    json("/model/{model}/converse-stream", Chat, Is::Object(&CONVERSE), Is::Object(&CONVERSED)),
    json("/model/{model}/invoke", Chat, Is::Object(&INVOKE), Is::Object(&INVOKED)),
    json("/model/{model}/invoke-with-response-stream", Chat, Is::Object(&INVOKE), Is::Object(&INVOKED)),
    Endpoint { reads: Reads::Stream, ..json("/model/{model}/invoke-with-bidirectional-stream", Realtime, ANY, ANY) },
    json("/model/{model}/count-tokens", CountTokens, Is::Object(&COUNT), Is::Object(&COUNTED)),
    json("/guardrail/{}/version/{}/apply", Moderation, Is::Object(&GUARD), ANY),
    json("/guardrail-checks/invoke", Moderation, Is::Object(&CHECK), ANY),
    json("/async-invoke", Unknown, Is::Object(&LATER), ANY),
    head("/async-invoke", Stored),
    // The control plane's, at another host.
    head("/foundation-models", Models),
    head("/foundation-models/{model}", Models),
    head("/async-invoke/{}", Stored),
];

static COUNT: Shape = Shape::of("count-tokens", &[("input", Is::Object(&COUNTABLE))]);
static COUNTABLE: Shape =
    Shape::of("input", &[("converse", Is::Object(&CONVERSE)), ("invokeModel", Is::Object(&BODY))]);
static BODY: Shape = Shape::of("invokeModel", &[("body", Is::Unread(Unread::Binary))]);
static COUNTED: Shape = Shape::of(
    "count-tokens",
    &[("inputTokens", Is::Number(Measure::InputTokens)), ("message", ERROR), ("Message", ERROR)],
);

/// Texts that a guardrail judges; `source` says whose they are.
static GUARD: Shape =
    Shape::of("apply", &[("source", Is::Plain), ("outputScope", Is::Plain), ("content", Is::From(User, &GUARDED))]);
static CHECK: Shape =
    Shape::of("guardrail-checks", &[("messages", Is::Object(&CHECKED)), ("checks", Is::Text(Metadata))]);
static CHECKED: Shape = Shape::of("message", &[("role", Is::Role), ("content", Is::Object(&SAID))]).message();
static SAID: Shape = Shape::of("content", &[("text", Is::Text(Role))]);

/// A request whose answer is written to a bucket.
static LATER: Shape = Shape::of(
    "async-invoke",
    &[
        ("modelId", Is::Model),
        ("modelInput", Is::Object(&INVOKE)),
        ("clientRequestToken", Is::Plain),
        ("outputDataConfig", Is::Object(&BUCKET)),
        ("tags", Is::Text(Metadata)),
    ],
);
static BUCKET: Shape = Shape::of("outputDataConfig", &[("s3OutputDataConfig", Is::Object(&PLACE))]);
static PLACE: Shape =
    Shape::of("s3OutputDataConfig", &[("s3Uri", Is::Plain), ("kmsKeyId", Is::Plain), ("bucketOwner", Is::Plain)]);

#[cfg(test)]
mod tests;
