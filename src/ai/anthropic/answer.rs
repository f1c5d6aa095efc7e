//! A message as an answer, and each event of one that is streamed: `message_start` holds a message, the others what is
//! added to it.
//!
//! `input_tokens` counts neither what was read from a cache nor what was written to one. `usage.iterations` is passed
//! over: it counts what a fallback, an adviser or a compaction used, which `usage` itself does not always have.

use super::block::{BLOCK, CITATIONS};
use super::{REFERENCE, SKILL};
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Measure, Provenance, What};
use Provenance::{Assistant, Reasoning, Refusal, ToolArguments, Unknown};

pub(in crate::ai) static ANSWER: Shape = Shape::of(
    "message",
    &[
        ("type", Is::Note(What::Event)),
        ("message", Is::Object(&MESSAGE)),
        ("index", Is::Index),
        ("content_block", Is::From(Assistant, &BLOCK)),
        ("delta", Is::From(Assistant, &DELTA)),
        ("error", Is::Object(&ERROR)),
        ("request_id", Is::Plain),
        // Of a count.
        ("input_tokens", Is::Number(Measure::InputTokens)),
        // Bedrock adds its own numbers to the last event.
        ("amazon-bedrock-invocationMetrics", Is::Again),
    ],
)
.also(&[&MESSAGE])
.message();

pub(in crate::ai) static MESSAGE: Shape = Shape::of(
    "message",
    &[
        ("id", Is::Plain),
        ("type", Is::Plain),
        ("role", Is::Plain),
        ("model", Is::Model),
        ("content", Is::TextOr(Assistant, &BLOCK)),
        ("stop_reason", Is::Note(What::Finish)),
        ("stop_sequence", Is::Plain),
        ("stop_details", Is::Object(&STOP)),
        ("usage", Is::Object(&USAGE)),
        ("container", Is::Object(&CONTAINER)),
        ("context_management", Is::Again),
        ("diagnostics", Is::Text(Unknown)),
        ("input_transformations", Is::Text(Unknown)),
    ],
);

static DELTA: Shape = Shape::of(
    "delta",
    &[
        ("type", Is::Plain),
        ("text", Is::Text(Assistant)),
        ("thinking", Is::Text(Reasoning)),
        ("estimated_tokens", Is::Plain),
        ("signature", Is::Plain),
        ("partial_json", Is::Text(ToolArguments)),
        ("citation", Is::Object(&CITATIONS)),
        ("content", Is::Text(Assistant)),
        ("encrypted_content", REFERENCE),
        ("stop_reason", Is::Note(What::Finish)),
        ("stop_sequence", Is::Plain),
        ("stop_details", Is::Object(&STOP)),
        ("container", Is::Object(&CONTAINER)),
    ],
);

static STOP: Shape = Shape::of(
    "stop_details",
    &[
        ("type", Is::Plain),
        ("category", Is::Plain),
        ("explanation", Is::Text(Refusal)),
        ("fallback_credit_token", Is::Plain),
        ("fallback_has_prefill_claim", Is::Plain),
        ("recommended_model", Is::Plain),
    ],
);

pub(in crate::ai) static USAGE: Shape = Shape::of(
    "usage",
    &[
        ("input_tokens", Is::Number(Measure::InputTokens)),
        ("cache_creation_input_tokens", Is::Number(Measure::CacheTokensBeside)),
        ("cache_read_input_tokens", Is::Number(Measure::CachedTokensBeside)),
        ("output_tokens", Is::Number(Measure::OutputTokens)),
        ("output_tokens_details", Is::Object(&OUTPUT_DETAILS)),
        ("cache_creation", Is::Again),
        ("iterations", Is::Again),
        ("server_tool_use", Is::Again),
        ("fallback_credit", Is::Again),
        ("service_tier", Is::Plain),
        ("inference_geo", Is::Plain),
        ("speed", Is::Plain),
    ],
);
static OUTPUT_DETAILS: Shape =
    Shape::of("output details", &[("thinking_tokens", Is::Number(Measure::ReasoningTokens))]);

static CONTAINER: Shape =
    Shape::of("container", &[("id", Is::Plain), ("expires_at", Is::Plain), ("skills", Is::Object(&SKILL))]);

static ERROR: Shape = Shape::of(
    "error",
    &[("type", Is::Plain), ("message", Is::NoteText(What::Error, Unknown)), ("details", Is::Text(Unknown))],
);

pub(super) static COMPLETED: Shape = Shape::of(
    "completion",
    &[
        ("type", Is::Note(What::Event)),
        ("id", Is::Plain),
        ("completion", Is::Text(Assistant)),
        ("model", Is::Model),
        ("stop_reason", Is::Note(What::Finish)),
        ("stop", Is::Plain),
        ("log_id", Is::Plain),
        ("truncated", Is::Plain),
        ("exception", Is::Plain),
        ("error", Is::Object(&ERROR)),
    ],
);
