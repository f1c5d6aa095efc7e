//! `OpenAI`'s endpoints under each base path: `OpenAI`'s `/v1`, Azure's `/openai/v1`, which is the same, and Azure's older
//! paths: `/openai/deployments/{model}` for what a model is asked, `/openai` for the rest. Each has what any of its group has:
//! an endpoint that a server does not know harms nobody.

use super::{ANY, CHAT, CHAT_ANSWER, chat, decisions, embeddings, media, object, realtime, responses, stored};
use crate::ai::dialect::Dialect;
use crate::ai::endpoint::Endpoint;
use crate::ai::shape::Is;
use crate::ai::vocabulary::Operation::{Audio, Batch, Chat, Completion, Embeddings, Files, FineTune, Image, Models};
use crate::ai::vocabulary::Operation::{CountTokens, Moderation, Realtime, Responses, Stored, Video};
use crate::ai::vocabulary::{Operation, Provenance, Reads};

const fn json(path: &'static str, operation: Operation, request: Is, answer: Is) -> Endpoint {
    Endpoint { dialect: Dialect::OpenAi, method: "POST", path, operation, reads: Reads::Whole, request, answer }
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
    Endpoint { reads: Reads::Stream, ..json(path, operation, request, answer) }
}

/// What a deployment is asked: Azure's older paths name the model before it.
macro_rules! asked {
    ($($base:literal),+) => {
        &[$(
            json(concat!($base, "/chat/completions"), Chat, object(&CHAT), object(&CHAT_ANSWER)),
            json(concat!($base, "/completions"), Completion, object(&chat::COMPLETION), object(&chat::COMPLETION_ANSWER)),
            json(concat!($base, "/embeddings"), Embeddings, object(&embeddings::REQUEST), object(&embeddings::ANSWER)),
            json(concat!($base, "/images/generations"), Image, object(&media::IMAGE), object(&media::IMAGE_ANSWER)),
            form(concat!($base, "/images/edits"), Image, object(&media::IMAGE), object(&media::IMAGE_ANSWER)),
            json(concat!($base, "/audio/speech"), Audio, object(&media::SPEECH), ANY),
            form(concat!($base, "/audio/transcriptions"), Audio, object(&media::TRANSCRIPTION), object(&media::TRANSCRIPT)),
            form(concat!($base, "/audio/translations"), Audio, object(&media::TRANSCRIPTION), object(&media::TRANSCRIPT)),
        )+]
    };
}

/// What Azure's older paths do not have.
macro_rules! own {
    ($($base:literal),+) => {
        &[$(
            // Several conversations at once (vLLM): one of what is stored has another name.
            json(concat!($base, "/chat/completions/batch"), Chat, object(&CHAT), object(&CHAT_ANSWER)),
            json(concat!($base, "/chat/completions/{}"), Stored, object(&stored::CHANGE), object(&CHAT_ANSWER)),
            head("GET", concat!($base, "/chat/completions"), Stored),
            get(concat!($base, "/chat/completions/{}"), object(&CHAT_ANSWER)),
            head("GET", concat!($base, "/chat/completions/{}/messages"), Stored),
            head("DELETE", concat!($base, "/chat/completions/{}"), Stored),
            json(concat!($base, "/responses/compact"), Responses, object(&responses::REQUEST), object(&responses::ANSWER)),
            json(concat!($base, "/responses/input_tokens"), CountTokens, object(&responses::REQUEST), object(&responses::ANSWER)),
            json(concat!($base, "/moderations"), Moderation, object(&embeddings::MODERATION), ANY),
            json(concat!($base, "/decisions"), Moderation, object(&decisions::REQUEST), object(&decisions::ANSWER)),
            form(concat!($base, "/images/variations"), Image, object(&media::IMAGE), object(&media::IMAGE_ANSWER)),
            json(concat!($base, "/realtime/client_secrets"), Realtime, object(&realtime::SECRET), ANY),
            json(concat!($base, "/realtime/sessions"), Realtime, object(&realtime::SESSION), ANY),
            json(concat!($base, "/realtime/transcription_sessions"), Realtime, object(&realtime::SESSION), ANY),
            form(concat!($base, "/realtime/calls"), Realtime, ANY, ANY),
            form(concat!($base, "/videos"), Video, object(&realtime::VIDEO), ANY),
            json(concat!($base, "/videos/{}/remix"), Video, object(&realtime::REMIX), ANY),
            head("GET", concat!($base, "/videos"), Stored),
            head("GET", concat!($base, "/videos/{}"), Stored),
            head("GET", concat!($base, "/videos/{}/content"), Stored),
            head("DELETE", concat!($base, "/videos/{}"), Stored),
            json(concat!($base, "/uploads"), Files, object(&stored::UPLOAD), ANY),
            form(concat!($base, "/uploads/{}/parts"), Files, ANY, ANY),
            json(concat!($base, "/uploads/{}/complete"), Files, object(&stored::UPLOAD), ANY),
            head("POST", concat!($base, "/uploads/{}/cancel"), Files),
        )+]
    };
}

/// What Azure's older paths have without a deployment.
macro_rules! kept {
    ($($base:literal),+) => {
        &[$(
            json(concat!($base, "/responses"), Responses, object(&responses::REQUEST), object(&responses::ANSWER)),
            get(concat!($base, "/responses/{}"), object(&responses::ANSWER)),
            head("DELETE", concat!($base, "/responses/{}"), Stored),
            head("POST", concat!($base, "/responses/{}/cancel"), Stored),
            head("GET", concat!($base, "/responses/{}/input_items"), Stored),
            head("GET", concat!($base, "/realtime"), Realtime),
            json(concat!($base, "/fine_tuning/jobs"), FineTune, object(&stored::FINE_TUNE), ANY),
            head("GET", concat!($base, "/fine_tuning/jobs"), FineTune),
            head("GET", concat!($base, "/fine_tuning/jobs/{}"), FineTune),
            head("DELETE", concat!($base, "/fine_tuning/jobs/{}"), FineTune),
            head("GET", concat!($base, "/fine_tuning/jobs/{}/events"), FineTune),
            head("GET", concat!($base, "/fine_tuning/jobs/{}/checkpoints"), FineTune),
            head("POST", concat!($base, "/fine_tuning/jobs/{}/cancel"), FineTune),
            head("POST", concat!($base, "/fine_tuning/jobs/{}/pause"), FineTune),
            head("POST", concat!($base, "/fine_tuning/jobs/{}/resume"), FineTune),
            form(concat!($base, "/files"), Files, ANY, ANY),
            head("GET", concat!($base, "/files"), Files),
            head("GET", concat!($base, "/files/{}"), Files),
            head("DELETE", concat!($base, "/files/{}"), Files),
            head("GET", concat!($base, "/files/{}/content"), Files),
            json(concat!($base, "/batches"), Batch, object(&stored::BATCH), ANY),
            head("GET", concat!($base, "/batches"), Batch),
            head("GET", concat!($base, "/batches/{}"), Batch),
            head("POST", concat!($base, "/batches/{}/cancel"), Batch),
            head("GET", concat!($base, "/models"), Models),
            head("GET", concat!($base, "/models/{model}"), Models),
            head("DELETE", concat!($base, "/models/{model}"), FineTune),
        )+]
    };
}

pub(crate) static ASKED: &[Endpoint] = asked!["/v1", "/openai/v1", "/openai/deployments/{model}"];
pub(crate) static OWN: &[Endpoint] = own!["/v1", "/openai/v1"];
pub(crate) static KEPT: &[Endpoint] = kept!["/v1", "/openai/v1", "/openai"];
