//! What is asked: `generateContent`, and what is built on it.

use super::config::{CONFIG, IMAGE_OUTPUT};
use super::content::CONTENT;
use super::tool::{SECRET, TOOL, TOOL_CONFIG};
use super::{REFERENCE, shape};
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Feature, Measure, Provenance, Unread, What};
use Provenance::{Assistant, Document, FileName, Metadata, System, User};

pub(super) static GENERATE: Shape = shape(
    "generateContent",
    &[
        ("model", Is::Model),
        ("contents", Is::Object(&CONTENT)),
        ("systemInstruction", Is::From(System, &CONTENT)),
        ("tools", Is::Using(Feature::Tools, &Is::Object(&TOOL))),
        ("toolConfig", Is::Object(&TOOL_CONFIG)),
        ("safetySettings", Is::Object(&SAFETY)),
        ("generationConfig", Is::Object(&CONFIG)),
        ("cachedContent", REFERENCE),
        ("labels", Is::Text(Metadata)),
        ("modelArmorConfig", Is::Object(&ARMOR)),
        ("serviceTier", Is::Plain),
        ("store", Is::Uses(Feature::Store)),
    ],
);

static SAFETY: Shape =
    shape("safetySetting", &[("category", Is::Plain), ("threshold", Is::Plain), ("method", Is::Plain)]);
static ARMOR: Shape =
    shape("modelArmorConfig", &[("promptTemplateName", Is::Plain), ("responseTemplateName", Is::Plain)]);

pub(super) static COUNT: Shape =
    shape("countTokens", &[("generateContentRequest", Is::Object(&GENERATE)), ("instances", Is::Object(&INSTANCE))])
        .also(&[&GENERATE]);

pub(super) static EMBED: Shape = shape(
    "embedContent",
    &[
        ("model", Is::Model),
        ("content", Is::Object(&CONTENT)),
        ("title", Is::Text(Document)),
        ("taskType", Is::Plain),
        ("outputDimensionality", Is::Plain),
        ("autoTruncate", Is::Plain),
        ("embedContentConfig", Is::Object(&EMBED)),
        ("documentOcr", Is::Plain),
        ("audioTrackExtraction", Is::Plain),
        ("mimeType", Is::Plain),
    ],
);
pub(super) static EMBEDS: Shape = shape("batchEmbedContents", &[("requests", Is::Object(&EMBED))]);

/// What models before Gemini take, and those that make images, videos or vectors.
pub(super) static PREDICT: Shape = shape(
    "predict",
    &[("instances", Is::Object(&INSTANCE)), ("parameters", Is::Object(&PARAMETERS)), ("labels", Is::Text(Metadata))],
);
static INSTANCE: Shape = shape(
    "instance",
    &[
        ("content", Is::Text(User)),
        ("title", Is::Text(Document)),
        ("taskType", Is::Plain),
        ("mimeType", Is::Plain),
        ("prompt", Is::Text(User)),
        ("prefix", Is::Text(User)),
        ("suffix", Is::Text(User)),
        ("context", Is::Text(System)),
        ("messages", Is::Object(&OLD_MESSAGE)),
        ("examples", Is::Object(&OLD_EXAMPLE)),
        ("text", Is::Text(User)),
        ("image", Is::Object(&PICTURE)),
        ("video", Is::Object(&PICTURE)),
        ("lastFrame", Is::Object(&PICTURE)),
        ("mask", Is::Object(&PICTURE)),
        ("cameraControl", Is::Plain),
        ("referenceImages", Is::Object(&PICTURE)),
    ],
);
static OLD_MESSAGE: Shape = shape("message", &[("author", Is::Plain), ("content", Is::Text(User))]).message();
static OLD_EXAMPLE: Shape =
    shape("example", &[("input", Is::From(User, &SAID)), ("output", Is::From(Assistant, &SAID))]);
static SAID: Shape = shape("example", &[("author", Is::Plain), ("content", Is::Text(Provenance::Role))]);
static PICTURE: Shape = shape(
    "image",
    &[
        ("bytesBase64Encoded", Is::Unread(Unread::Binary)),
        ("encodedVideo", Is::Unread(Unread::Binary)),
        ("gcsUri", Is::Url),
        ("uri", Is::Url),
        ("mimeType", Is::Plain),
        ("encoding", Is::Plain),
        ("maskMode", Is::Plain),
        ("image", Is::Object(&PICTURE)),
        ("referenceId", Is::Plain),
        ("referenceType", Is::Plain),
        ("referenceImage", Is::Object(&PICTURE)),
        ("maskImageConfig", Is::Text(User)),
        ("controlImageConfig", Is::Text(User)),
        ("styleImageConfig", Is::Text(User)),
        ("subjectImageConfig", Is::Text(User)),
    ],
);

static PARAMETERS: Shape = shape(
    "parameters",
    &[
        ("maxOutputTokens", Is::Number(Measure::MaxOutputTokens)),
        ("candidateCount", Is::Number(Measure::Choices)),
        ("sampleCount", Is::Number(Measure::Choices)),
        ("logprobs", Is::Number(Measure::TopLogprobs)),
        ("echo", Is::Uses(Feature::Echo)),
        ("logitBias", Is::Uses(Feature::LogitBias)),
        ("negativePrompt", Is::Text(User)),
        ("temperature", Is::Plain),
        ("topP", Is::Plain),
        ("topK", Is::Plain),
        ("stopSequences", Is::Plain),
        ("presencePenalty", Is::Plain),
        ("frequencyPenalty", Is::Plain),
        ("seed", Is::Plain),
        ("outputDimensionality", Is::Plain),
        ("autoTruncate", Is::Plain),
        ("aspectRatio", Is::Plain),
        ("imageSize", Is::Plain),
        ("sampleImageSize", Is::Plain),
        ("guidanceScale", Is::Plain),
        ("safetySetting", Is::Plain),
        ("safetyFilterLevel", Is::Plain),
        ("personGeneration", Is::Plain),
        ("includeSafetyAttributes", Is::Plain),
        ("includeRaiReason", Is::Plain),
        ("language", Is::Plain),
        ("outputOptions", Is::Object(&IMAGE_OUTPUT)),
        ("addWatermark", Is::Plain),
        ("enhancePrompt", Is::Plain),
        ("mode", Is::Plain),
        ("editMode", Is::Plain),
        ("editConfig", Is::Text(User)),
        ("upscaleConfig", Is::Text(User)),
        ("storageUri", Is::Plain),
        ("fps", Is::Plain),
        ("durationSeconds", Is::Plain),
        ("resolution", Is::Plain),
        ("resizeMode", Is::Plain),
        ("pubsubTopic", Is::Plain),
        ("generateAudio", Is::Plain),
        ("compressionQuality", Is::Plain),
    ],
);

/// A beginning that is stored for many requests.
pub(super) static CACHED: Shape = shape(
    "cachedContents",
    &[
        ("name", Is::Plain),
        ("displayName", Is::Text(Metadata)),
        ("ttl", Is::Plain),
        ("expireTime", Is::Plain),
        ("encryptionSpec", SECRET),
    ],
)
.also(&[&GENERATE]);

/// Many requests, written here or in a file.
pub(super) static BATCH: Shape = shape(
    "batchGenerateContent",
    &[
        ("batch", Is::Object(&BATCH)),
        ("model", Is::Model),
        ("name", Is::Plain),
        ("displayName", Is::Text(Metadata)),
        ("priority", Is::Plain),
        ("inputConfig", Is::Object(&INPUT)),
        ("webhookConfig", SECRET),
    ],
);
static INPUT: Shape = shape("inputConfig", &[("fileName", REFERENCE), ("requests", Is::Object(&INLINED))]);
static INLINED: Shape = shape(
    "requests",
    &[("requests", Is::Object(&INLINED)), ("request", Is::Object(&ONE)), ("metadata", Is::Text(Metadata))],
);
static ONE: Shape = shape("request", &[]).also(&[&GENERATE, &EMBED]);

/// A file that is announced; its bytes follow.
pub(super) static FILE: Shape = shape(
    "files",
    &[
        ("file", Is::Object(&FILE)),
        ("name", Is::Text(FileName)),
        ("displayName", Is::Text(FileName)),
        ("mimeType", Is::Plain),
        ("sizeBytes", Is::Plain),
        ("uri", Is::Url),
    ],
);

pub(super) static TUNE: Shape = shape(
    "tunedModels",
    &[
        ("baseModel", Is::Model),
        ("displayName", Is::Text(Metadata)),
        ("description", Is::Text(Metadata)),
        ("tuningTask", Is::Object(&TASK)),
        ("tunedModelSource", Is::Object(&TUNED)),
        ("temperature", Is::Plain),
        ("topP", Is::Plain),
        ("topK", Is::Plain),
        ("readerProjectNumbers", Is::Plain),
    ],
);
static TUNED: Shape =
    shape("tunedModelSource", &[("tunedModel", Is::Note(What::Model)), ("baseModel", Is::Note(What::Model))]);
static TASK: Shape = shape("tuningTask", &[("trainingData", Is::Text(User)), ("hyperparameters", Is::Text(Metadata))]);
