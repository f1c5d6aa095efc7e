//! `OpenAI`, and Azure's paths for it. Source: the API reference, and the `OpenAPI` description that `make suites` has;
//! a test compares the tables with that.

mod chat;
mod decisions;
mod embeddings;
mod media;
mod realtime;
mod responses;
mod stored;

use super::dialect::Dialect;
use super::endpoint::Endpoint;
use super::shape::{Is, Shape};
use super::vocabulary::{Operation, Provenance, Reads, Unread, What};

/// The tables of [`chat`], which others speak too.
pub(super) use chat::{CHAT, CHAT_ANSWER, MESSAGE, PART, TOOL, USAGE};

const fn json(method: &'static str, path: &'static str, operation: Operation, request: Is, answer: Is) -> Endpoint {
    Endpoint { dialect: Dialect::OpenAi, method, path, operation, reads: Reads::Whole, request, answer }
}

/// A request that is decided by what its head says: nothing that a model reads is in its body.
const fn head(method: &'static str, path: &'static str, operation: Operation) -> Endpoint {
    let (request, answer) = (Is::Text(Provenance::Unknown), Is::Text(Provenance::Unknown));
    Endpoint { dialect: Dialect::OpenAi, method, path, operation, reads: Reads::Head, request, answer }
}

/// Something stored is asked for, and told as it was.
const fn get(path: &'static str, answer: Is) -> Endpoint {
    Endpoint { answer, ..head("GET", path, Operation::Stored) }
}

/// An upload: a form, which is not read yet. Where the API takes JSON instead (`/v1/images/edits`) that is not read either.
const fn form(path: &'static str, operation: Operation, request: Is, answer: Is) -> Endpoint {
    Endpoint { dialect: Dialect::OpenAi, method: "POST", path, operation, reads: Reads::Stream, request, answer }
}

const fn object(shape: &'static Shape) -> Is {
    Is::Object(shape)
}

/// An answer in which nothing is known.
const ANY: Is = Is::Text(Provenance::Unknown);

/// What is stored beside a request: names and values of the caller's own.
const METADATA: Is = Is::Text(Provenance::Metadata);

/// The number of something stored elsewhere.
const REFERENCE: Is = Is::Unread(Unread::ByReference);

/// Tokens of an answer and their probabilities.
const TOKENS: Is = Is::Unread(Unread::Tokens);

/// Where somebody is, as a model is told.
static PLACE: Shape = Shape::of(
    "approximate_location",
    &[
        ("type", Is::Type),
        ("city", Is::Text(Provenance::User)),
        ("country", Is::Text(Provenance::User)),
        ("region", Is::Text(Provenance::User)),
        ("timezone", Is::Text(Provenance::User)),
        ("approximate", Is::Text(Provenance::User)),
    ],
);

/// An error as this API tells it.
static ERROR: Shape = Shape::of(
    "error",
    &[
        ("message", Is::NoteText(What::Error, Provenance::Unknown)),
        ("type", Is::Plain),
        ("code", Is::Plain),
        ("param", Is::Plain),
    ],
);

use Operation::{Audio, Batch, Chat, Completion, Embeddings, Files, FineTune, Image, Models, Moderation};
use Operation::{CountTokens, Realtime, Responses, Stored, Video};

pub(super) static ENDPOINTS: &[Endpoint] = &[
    json("POST", "/v1/chat/completions", Chat, object(&CHAT), object(&CHAT_ANSWER)),
    json("POST", "/openai/v1/chat/completions", Chat, object(&CHAT), object(&CHAT_ANSWER)),
    json("POST", "/openai/deployments/{model}/chat/completions", Chat, object(&CHAT), object(&CHAT_ANSWER)),
    json("POST", "/v1/chat/completions/{}", Stored, object(&stored::CHANGE), object(&CHAT_ANSWER)),
    head("GET", "/v1/chat/completions", Stored),
    get("/v1/chat/completions/{}", object(&CHAT_ANSWER)),
    head("GET", "/v1/chat/completions/{}/messages", Stored),
    head("DELETE", "/v1/chat/completions/{}", Stored),
    json("POST", "/v1/completions", Completion, object(&chat::COMPLETION), object(&chat::COMPLETION_ANSWER)),
    json("POST", "/openai/v1/completions", Completion, object(&chat::COMPLETION), object(&chat::COMPLETION_ANSWER)),
    json(
        "POST",
        "/openai/deployments/{model}/completions",
        Completion,
        object(&chat::COMPLETION),
        object(&chat::COMPLETION_ANSWER),
    ),
    json("POST", "/v1/responses", Responses, object(&responses::REQUEST), object(&responses::ANSWER)),
    json("POST", "/openai/v1/responses", Responses, object(&responses::REQUEST), object(&responses::ANSWER)),
    json("POST", "/openai/responses", Responses, object(&responses::REQUEST), object(&responses::ANSWER)),
    json("POST", "/v1/responses/compact", Responses, object(&responses::REQUEST), object(&responses::ANSWER)),
    json("POST", "/v1/responses/input_tokens", CountTokens, object(&responses::REQUEST), object(&responses::ANSWER)),
    get("/v1/responses/{}", object(&responses::ANSWER)),
    head("DELETE", "/v1/responses/{}", Stored),
    head("POST", "/v1/responses/{}/cancel", Stored),
    head("GET", "/v1/responses/{}/input_items", Stored),
    json("POST", "/v1/embeddings", Embeddings, object(&embeddings::REQUEST), object(&embeddings::ANSWER)),
    json("POST", "/openai/v1/embeddings", Embeddings, object(&embeddings::REQUEST), object(&embeddings::ANSWER)),
    json(
        "POST",
        "/openai/deployments/{model}/embeddings",
        Embeddings,
        object(&embeddings::REQUEST),
        object(&embeddings::ANSWER),
    ),
    json("POST", "/v1/moderations", Moderation, object(&embeddings::MODERATION), ANY),
    json("POST", "/v1/decisions", Moderation, object(&decisions::REQUEST), object(&decisions::ANSWER)),
    json("POST", "/v1/images/generations", Image, object(&media::IMAGE), object(&media::IMAGE_ANSWER)),
    json("POST", "/openai/v1/images/generations", Image, object(&media::IMAGE), object(&media::IMAGE_ANSWER)),
    json(
        "POST",
        "/openai/deployments/{model}/images/generations",
        Image,
        object(&media::IMAGE),
        object(&media::IMAGE_ANSWER),
    ),
    form("/v1/images/edits", Image, object(&media::IMAGE), object(&media::IMAGE_ANSWER)),
    form("/v1/images/variations", Image, object(&media::IMAGE), object(&media::IMAGE_ANSWER)),
    json("POST", "/v1/audio/speech", Audio, object(&media::SPEECH), ANY),
    json("POST", "/openai/deployments/{model}/audio/speech", Audio, object(&media::SPEECH), ANY),
    form("/v1/audio/transcriptions", Audio, object(&media::TRANSCRIPTION), object(&media::TRANSCRIPT)),
    form("/v1/audio/translations", Audio, object(&media::TRANSCRIPTION), object(&media::TRANSCRIPT)),
    form(
        "/openai/deployments/{model}/audio/transcriptions",
        Audio,
        object(&media::TRANSCRIPTION),
        object(&media::TRANSCRIPT),
    ),
    form(
        "/openai/deployments/{model}/audio/translations",
        Audio,
        object(&media::TRANSCRIPTION),
        object(&media::TRANSCRIPT),
    ),
    head("GET", "/v1/realtime", Realtime),
    head("GET", "/openai/realtime", Realtime),
    head("GET", "/openai/v1/realtime", Realtime),
    json("POST", "/v1/realtime/client_secrets", Realtime, object(&realtime::SECRET), ANY),
    json("POST", "/openai/v1/realtime/client_secrets", Realtime, object(&realtime::SECRET), ANY),
    json("POST", "/v1/realtime/sessions", Realtime, object(&realtime::SESSION), ANY),
    json("POST", "/v1/realtime/transcription_sessions", Realtime, object(&realtime::SESSION), ANY),
    form("/v1/realtime/calls", Realtime, ANY, ANY),
    form("/openai/v1/realtime/calls", Realtime, ANY, ANY),
    form("/v1/videos", Video, object(&realtime::VIDEO), ANY),
    form("/openai/v1/videos", Video, object(&realtime::VIDEO), ANY),
    json("POST", "/v1/videos/{}/remix", Video, object(&realtime::REMIX), ANY),
    head("GET", "/v1/videos", Stored),
    head("GET", "/v1/videos/{}", Stored),
    head("GET", "/v1/videos/{}/content", Stored),
    head("DELETE", "/v1/videos/{}", Stored),
    json("POST", "/v1/fine_tuning/jobs", FineTune, object(&stored::FINE_TUNE), ANY),
    head("GET", "/v1/fine_tuning/jobs", FineTune),
    head("GET", "/v1/fine_tuning/jobs/{}", FineTune),
    head("GET", "/v1/fine_tuning/jobs/{}/events", FineTune),
    head("GET", "/v1/fine_tuning/jobs/{}/checkpoints", FineTune),
    head("POST", "/v1/fine_tuning/jobs/{}/cancel", FineTune),
    head("POST", "/v1/fine_tuning/jobs/{}/pause", FineTune),
    head("POST", "/v1/fine_tuning/jobs/{}/resume", FineTune),
    form("/v1/files", Files, ANY, ANY),
    form("/openai/files", Files, ANY, ANY),
    head("GET", "/v1/files", Files),
    head("GET", "/v1/files/{}", Files),
    head("DELETE", "/v1/files/{}", Files),
    head("GET", "/v1/files/{}/content", Files),
    json("POST", "/v1/uploads", Files, object(&stored::UPLOAD), ANY),
    form("/v1/uploads/{}/parts", Files, ANY, ANY),
    json("POST", "/v1/uploads/{}/complete", Files, object(&stored::UPLOAD), ANY),
    head("POST", "/v1/uploads/{}/cancel", Files),
    json("POST", "/v1/batches", Batch, object(&stored::BATCH), ANY),
    head("GET", "/v1/batches", Batch),
    head("GET", "/v1/batches/{}", Batch),
    head("POST", "/v1/batches/{}/cancel", Batch),
    head("GET", "/v1/models", Models),
    head("GET", "/v1/models/{model}", Models),
    head("DELETE", "/v1/models/{model}", FineTune),
    // Azure's paths for what is kept.
    get("/openai/v1/responses/{}", object(&responses::ANSWER)),
    head("DELETE", "/openai/v1/responses/{}", Stored),
    head("POST", "/openai/v1/responses/{}/cancel", Stored),
    head("GET", "/openai/v1/responses/{}/input_items", Stored),
    get("/openai/responses/{}", object(&responses::ANSWER)),
    head("DELETE", "/openai/responses/{}", Stored),
    head("POST", "/openai/responses/{}/cancel", Stored),
    head("GET", "/openai/responses/{}/input_items", Stored),
    form("/openai/v1/images/edits", Image, object(&media::IMAGE), object(&media::IMAGE_ANSWER)),
    form("/openai/deployments/{model}/images/edits", Image, object(&media::IMAGE), object(&media::IMAGE_ANSWER)),
    json("POST", "/openai/fine_tuning/jobs", FineTune, object(&stored::FINE_TUNE), ANY),
    head("GET", "/openai/fine_tuning/jobs", FineTune),
    head("GET", "/openai/fine_tuning/jobs/{}", FineTune),
    head("GET", "/openai/fine_tuning/jobs/{}/events", FineTune),
    head("GET", "/openai/fine_tuning/jobs/{}/checkpoints", FineTune),
    head("POST", "/openai/fine_tuning/jobs/{}/cancel", FineTune),
    head("DELETE", "/openai/fine_tuning/jobs/{}", FineTune),
    json("POST", "/openai/v1/fine_tuning/jobs", FineTune, object(&stored::FINE_TUNE), ANY),
    head("GET", "/openai/v1/fine_tuning/jobs", FineTune),
    head("GET", "/openai/v1/fine_tuning/jobs/{}", FineTune),
    head("GET", "/openai/v1/fine_tuning/jobs/{}/events", FineTune),
    head("GET", "/openai/v1/fine_tuning/jobs/{}/checkpoints", FineTune),
    head("POST", "/openai/v1/fine_tuning/jobs/{}/cancel", FineTune),
    json("POST", "/openai/batches", Batch, object(&stored::BATCH), ANY),
    head("GET", "/openai/batches", Batch),
    head("GET", "/openai/batches/{}", Batch),
    head("POST", "/openai/batches/{}/cancel", Batch),
    json("POST", "/openai/v1/batches", Batch, object(&stored::BATCH), ANY),
    head("GET", "/openai/v1/batches", Batch),
    head("GET", "/openai/v1/batches/{}", Batch),
    head("POST", "/openai/v1/batches/{}/cancel", Batch),
    head("GET", "/openai/files", Files),
    head("GET", "/openai/files/{}", Files),
    head("DELETE", "/openai/files/{}", Files),
    head("GET", "/openai/files/{}/content", Files),
    form("/openai/v1/files", Files, ANY, ANY),
    head("GET", "/openai/v1/files", Files),
    head("GET", "/openai/v1/files/{}", Files),
    head("DELETE", "/openai/v1/files/{}", Files),
    head("GET", "/openai/v1/files/{}/content", Files),
    head("GET", "/openai/models", Models),
    head("GET", "/openai/models/{model}", Models),
    head("GET", "/openai/v1/models", Models),
    head("GET", "/openai/v1/models/{model}", Models),
];

#[cfg(test)]
mod tests;
