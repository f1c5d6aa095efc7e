//! What is answered, whole or in pieces. Each piece repeats the numbers of what was used so far.
//!
//! `candidatesTokenCount` does not count what was thought; `promptTokenCount` counts what was cached. The tokens of what
//! Google's own tools found (`toolUsePromptTokenCount`) are counted in the total alone.

use super::content::CONTENT;
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Measure, Provenance, Unread, What};
use Provenance::{Assistant, Document, Refusal, Unknown};

pub(super) static ANSWER: Shape = Shape::of(
    "generateContent",
    &[
        ("candidates", Is::Object(&CANDIDATE)),
        ("usageMetadata", Is::Object(&USAGE)),
        ("promptFeedback", Is::Object(&FEEDBACK)),
        ("error", Is::Object(&ERROR)),
        ("modelVersion", Is::Model),
        ("modelStatus", Is::Again),
        ("responseId", Is::Plain),
        ("createTime", Is::Plain),
    ],
);

static CANDIDATE: Shape = Shape::of(
    "candidate",
    &[
        ("index", Is::Index),
        ("content", Is::From(Assistant, &CONTENT)),
        ("finishReason", Is::Note(What::Finish)),
        ("finishMessage", Is::Text(Refusal)),
        ("groundingMetadata", Is::Text(Document)),
        ("groundingAttributions", Is::Text(Document)),
        ("citationMetadata", Is::Text(Document)),
        ("urlContextMetadata", Is::Text(Document)),
        ("safetyRatings", Is::Again),
        ("logprobsResult", Is::Again),
        ("avgLogprobs", Is::Plain),
        ("tokenCount", Is::Plain),
        ("continuationToken", Is::Plain),
    ],
);

static FEEDBACK: Shape = Shape::of(
    "promptFeedback",
    &[("blockReason", Is::Note(What::Finish)), ("blockReasonMessage", Is::Text(Refusal)), ("safetyRatings", Is::Again)],
);

static USAGE: Shape = Shape::of(
    "usageMetadata",
    &[
        ("promptTokenCount", Is::Decimal(Measure::InputTokens)),
        ("cachedContentTokenCount", Is::Decimal(Measure::CachedTokens)),
        ("candidatesTokenCount", Is::Decimal(Measure::OutputTokens)),
        ("thoughtsTokenCount", Is::Decimal(Measure::ReasoningTokensBeside)),
        ("totalTokenCount", Is::Decimal(Measure::TotalTokens)),
        ("toolUsePromptTokenCount", Is::Plain),
        ("promptTokensDetails", Is::Again),
        ("candidatesTokensDetails", Is::Again),
        ("cacheTokensDetails", Is::Again),
        ("toolUsePromptTokensDetails", Is::Again),
        ("trafficType", Is::Plain),
        ("serviceTier", Is::Plain),
    ],
);

static ERROR: Shape = Shape::of(
    "error",
    &[
        ("code", Is::Plain),
        ("status", Is::Plain),
        ("message", Is::NoteText(What::Error, Unknown)),
        ("details", Is::Text(Unknown)),
    ],
);

pub(super) static COUNTED: Shape = Shape::of(
    "countTokens",
    &[
        ("totalTokens", Is::Decimal(Measure::InputTokens)),
        ("totalBillableCharacters", Is::Plain),
        ("cachedContentTokenCount", Is::Decimal(Measure::CachedTokens)),
        ("promptTokensDetails", Is::Again),
        ("cacheTokensDetails", Is::Again),
        ("error", Is::Object(&ERROR)),
    ],
);

pub(super) static EMBEDDED: Shape = Shape::of(
    "embedContent",
    &[
        ("embedding", Is::Object(&VECTOR)),
        ("embeddings", Is::Object(&VECTOR)),
        ("usageMetadata", Is::Object(&USAGE)),
        ("metadata", Is::Again),
        ("truncated", Is::Plain),
        ("error", Is::Object(&ERROR)),
    ],
);
static VECTOR: Shape =
    Shape::of("embedding", &[("values", Is::Unread(Unread::Binary)), ("shape", Is::Plain), ("statistics", Is::Again)]);

/// What a model before Gemini says is in here as text of a model.
pub(super) static PREDICTED: Shape = Shape::of(
    "predict",
    &[
        ("predictions", Is::Object(&PREDICTION)),
        ("metadata", Is::Again),
        ("deployedModelId", Is::Plain),
        ("model", Is::Model),
        ("modelDisplayName", Is::Plain),
        ("modelVersionId", Is::Plain),
        ("error", Is::Object(&ERROR)),
    ],
);
static PREDICTION: Shape = Shape::of(
    "prediction",
    &[
        ("embeddings", Is::Object(&VECTOR)),
        ("content", Is::Text(Assistant)),
        ("prompt", Is::Text(Assistant)),
        ("candidates", Is::Text(Assistant)),
        ("bytesBase64Encoded", Is::Unread(Unread::Binary)),
        ("mimeType", Is::Plain),
        ("raiFilteredReason", Is::Text(Refusal)),
        ("safetyAttributes", Is::Again),
        ("citationMetadata", Is::Text(Document)),
    ],
);
