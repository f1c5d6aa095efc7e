//! Google's Gemini API, and Vertex AI's paths for it. Source: the API references, and the types of the Python SDK
//! (google-genai 3.4.0).
//!
//! A name is taken in camel case and in snake case, as Google's servers take both, and its SDKs mix them in one request:
//! the tables of requests take both ([`Shape::in_snake_case_too`]). Answers are in camel case.
//!
//! The JSON of protocol buffers writes 64-bit integers in quotes and takes every integer so: in a chat and its answer
//! `"maxOutputTokens": "100"` is 100. Nothing else in quotes is a number, and `:predict` and the interactions take none.
//!
//! Whether an answer is streamed stands in the path (`:streamGenerateContent`): as events with `?alt=sse`, as one array
//! in pieces without, and the table of an answer reads either. `/v1/models`, `/v1/files` and `/v1/batches` are `OpenAI`'s
//! paths too and are found there. What `:predict`, `:rawPredict` and what streams
//! like them do depends on the model, so their operation is `unknown`; but of the publishers `anthropic` and `mistralai`,
//! whose raw predictions are their own APIs.

mod answer;
mod config;
mod content;
mod interaction;
mod request;
mod tool;

use super::dialect::Dialect;
use super::endpoint::Endpoint;
use super::shape::{Is, Shape};
use super::vocabulary::{Operation, Provenance, Reads, Unread};
use super::{anthropic, openai};
use Operation::{Batch, Chat, CountTokens, Embeddings, Files, FineTune, Models, Stored, Unknown, Video};
use answer::{ANSWER, COUNTED, EMBEDDED, PREDICTED};
use request::{BATCH, CACHED, COUNT, EMBED, EMBEDS, FILE, GENERATE, PREDICT, TUNE};

/// An object of a request.
const fn shape(name: &'static str, members: &'static [(&'static str, Is)]) -> Shape {
    Shape::of(name, members).in_snake_case_too()
}

/// A request or an answer in which nothing is known.
const ANY: Is = Is::Text(Provenance::Unknown);

/// The name of something stored elsewhere.
const REFERENCE: Is = Is::Unread(Unread::ByReference);

const fn json(path: &'static str, operation: Operation, request: Is, answer: Is) -> Endpoint {
    Endpoint { dialect: Dialect::Google, method: "POST", path, operation, reads: Reads::Whole, request, answer }
}

/// A request that is decided by what its head says: nothing that a model reads is in its body.
const fn head(method: &'static str, path: &'static str, operation: Operation) -> Endpoint {
    Endpoint { dialect: Dialect::Google, method, path, operation, reads: Reads::Head, request: ANY, answer: ANY }
}

/// A chat in the words of another API, at a path of Google's.
const fn chat(dialect: Dialect, path: &'static str, request: Is, answer: Is) -> Endpoint {
    Endpoint { dialect, method: "POST", path, operation: Chat, reads: Reads::Whole, request, answer }
}

/// What a model does, wherever it stands: a path in front of `{model}`, for each version of the API.
macro_rules! of_models {
    ($($front:literal $version:literal),+ $(,)?) => {
        &[$(
            json(concat!("/", $version, $front, "{model}:generateContent"), Chat, Is::Object(&GENERATE), Is::Object(&ANSWER)),
            json(concat!("/", $version, $front, "{model}:streamGenerateContent"), Chat, Is::Object(&GENERATE), Is::Object(&ANSWER)),
            json(concat!("/", $version, $front, "{model}:countTokens"), CountTokens, Is::Object(&COUNT), Is::Object(&COUNTED)),
            json(concat!("/", $version, $front, "{model}:computeTokens"), CountTokens, Is::Object(&COUNT), ANY),
            json(concat!("/", $version, $front, "{model}:embedContent"), Embeddings, Is::Object(&EMBED), Is::Object(&EMBEDDED)),
            json(concat!("/", $version, $front, "{model}:batchEmbedContents"), Embeddings, Is::Object(&EMBEDS), Is::Object(&EMBEDDED)),
            json(concat!("/", $version, $front, "{model}:predict"), Unknown, Is::Object(&PREDICT), Is::Object(&PREDICTED)),
            json(concat!("/", $version, $front, "{model}:serverStreamingPredict"), Unknown, ANY, ANY),
            json(concat!("/", $version, $front, "{model}:predictLongRunning"), Video, Is::Object(&PREDICT), ANY),
            json(concat!("/", $version, $front, "{model}:batchGenerateContent"), Batch, Is::Object(&BATCH), ANY),
            json(concat!("/", $version, $front, "{model}:asyncBatchEmbedContent"), Batch, Is::Object(&BATCH), ANY),
        )+]
    };
}

pub(super) static OF_MODELS: &[Endpoint] = of_models![
    "/models/" "v1beta",
    "/models/" "v1",
    "/models/" "v1alpha",
    "/models/" "v1beta1",
    "/tunedModels/" "v1beta",
    "/tunedModels/" "v1",
    "/tunedModels/" "v1alpha",
    "/publishers/{}/models/" "v1",
    "/publishers/{}/models/" "v1beta1",
    "/projects/{}/locations/{}/publishers/{}/models/" "v1",
    "/projects/{}/locations/{}/publishers/{}/models/" "v1beta1",
    "/projects/{}/locations/{}/endpoints/" "v1",
    "/projects/{}/locations/{}/endpoints/" "v1beta1",
];

/// What Vertex passes on to models of others, in their words.
macro_rules! of_others {
    ($($version:literal),+) => {
        &[$(
            Endpoint {
                operation: CountTokens,
                ..chat(
                    Dialect::Anthropic,
                    concat!("/", $version, "/projects/{}/locations/{}/publishers/anthropic/models/count-tokens:rawPredict"),
                    Is::Object(&anthropic::MESSAGES),
                    Is::Object(&anthropic::ANSWER),
                )
            },
            chat(
                Dialect::Anthropic,
                concat!("/", $version, "/projects/{}/locations/{}/publishers/anthropic/models/{model}:rawPredict"),
                Is::Object(&anthropic::MESSAGES),
                Is::Object(&anthropic::ANSWER),
            ),
            chat(
                Dialect::Anthropic,
                concat!("/", $version, "/projects/{}/locations/{}/publishers/anthropic/models/{model}:streamRawPredict"),
                Is::Object(&anthropic::MESSAGES),
                Is::Object(&anthropic::ANSWER),
            ),
            chat(
                Dialect::OpenAi,
                concat!("/", $version, "/projects/{}/locations/{}/publishers/mistralai/models/{model}:rawPredict"),
                Is::Object(&openai::CHAT),
                Is::Object(&openai::CHAT_ANSWER),
            ),
            chat(
                Dialect::OpenAi,
                concat!("/", $version, "/projects/{}/locations/{}/publishers/mistralai/models/{model}:streamRawPredict"),
                Is::Object(&openai::CHAT),
                Is::Object(&openai::CHAT_ANSWER),
            ),
            chat(
                Dialect::OpenAi,
                concat!("/", $version, "/projects/{}/locations/{}/endpoints/openapi/chat/completions"),
                Is::Object(&openai::CHAT),
                Is::Object(&openai::CHAT_ANSWER),
            ),
            // One that a project has set up is the model.
            chat(
                Dialect::OpenAi,
                concat!("/", $version, "/projects/{}/locations/{}/endpoints/{model}/chat/completions"),
                Is::Object(&openai::CHAT),
                Is::Object(&openai::CHAT_ANSWER),
            ),
            json(concat!("/", $version, "/projects/{}/locations/{}/publishers/{}/models/{model}:rawPredict"), Unknown, ANY, ANY),
            json(concat!("/", $version, "/projects/{}/locations/{}/publishers/{}/models/{model}:streamRawPredict"), Unknown, ANY, ANY),
            json(concat!("/", $version, "/projects/{}/locations/{}/endpoints/{model}:rawPredict"), Unknown, ANY, ANY),
            json(concat!("/", $version, "/projects/{}/locations/{}/endpoints/{model}:streamRawPredict"), Unknown, ANY, ANY),
            json(concat!("/", $version, "/projects/{}/locations/{}/cachedContents"), Stored, Is::Object(&CACHED), ANY),
            head("GET", concat!("/", $version, "/projects/{}/locations/{}/cachedContents"), Stored),
            head("GET", concat!("/", $version, "/projects/{}/locations/{}/cachedContents/{}"), Stored),
            head("PATCH", concat!("/", $version, "/projects/{}/locations/{}/cachedContents/{}"), Stored),
            head("DELETE", concat!("/", $version, "/projects/{}/locations/{}/cachedContents/{}"), Stored),
            head("GET", concat!("/", $version, "/publishers/{}/models"), Models),
            head("GET", concat!("/", $version, "/publishers/{}/models/{model}"), Models),
        )+]
    };
}

pub(super) static OF_OTHERS: &[Endpoint] = of_others!["v1", "v1beta1"];

/// What the Gemini API keeps.
macro_rules! stored {
    ($($version:literal),+) => {
        &[$(
            chat(
                Dialect::OpenAi,
                concat!("/", $version, "/openai/chat/completions"),
                Is::Object(&openai::CHAT),
                Is::Object(&openai::CHAT_ANSWER),
            ),
            Endpoint { dialect: Dialect::OpenAi, ..head("GET", concat!("/", $version, "/openai/models"), Models) },
            Endpoint { dialect: Dialect::OpenAi, ..head("GET", concat!("/", $version, "/openai/models/{model}"), Models) },
            json(concat!("/", $version, "/cachedContents"), Stored, Is::Object(&CACHED), ANY),
            head("GET", concat!("/", $version, "/cachedContents"), Stored),
            head("GET", concat!("/", $version, "/cachedContents/{}"), Stored),
            head("PATCH", concat!("/", $version, "/cachedContents/{}"), Stored),
            head("DELETE", concat!("/", $version, "/cachedContents/{}"), Stored),
            Endpoint { reads: Reads::Stream, ..json(concat!("/upload/", $version, "/files"), Files, Is::Object(&FILE), ANY) },
            json(concat!("/", $version, "/files"), Files, Is::Object(&FILE), ANY),
            head("GET", concat!("/", $version, "/files"), Files),
            head("GET", concat!("/", $version, "/files/{}"), Files),
            head("DELETE", concat!("/", $version, "/files/{}"), Files),
            head("GET", concat!("/", $version, "/batches"), Batch),
            head("GET", concat!("/", $version, "/batches/{}"), Batch),
            head("DELETE", concat!("/", $version, "/batches/{}"), Batch),
            head("POST", concat!("/", $version, "/batches/{}:cancel"), Batch),
            json(concat!("/", $version, "/tunedModels"), FineTune, Is::Object(&TUNE), ANY),
            head("GET", concat!("/", $version, "/tunedModels"), FineTune),
            head("GET", concat!("/", $version, "/tunedModels/{model}"), FineTune),
            head("DELETE", concat!("/", $version, "/tunedModels/{model}"), FineTune),
            head("GET", concat!("/", $version, "/models"), Models),
            head("GET", concat!("/", $version, "/models/{model}"), Models),
        )+]
    };
}

pub(super) static STORED: &[Endpoint] = stored!["v1beta", "v1alpha"];

macro_rules! interactions {
    ($($version:literal),+) => {
        &[$(
            json(concat!("/", $version, "/interactions"), Chat, Is::Object(&interaction::REQUEST), Is::Object(&interaction::ANSWER)),
            head("GET", concat!("/", $version, "/interactions/{}"), Stored),
            head("DELETE", concat!("/", $version, "/interactions/{}"), Stored),
            head("POST", concat!("/", $version, "/interactions/{}/cancel"), Stored),
        )+]
    };
}

pub(super) static INTERACTIONS: &[Endpoint] = interactions!["v1", "v1beta", "v1alpha"];

#[cfg(test)]
mod tests;
