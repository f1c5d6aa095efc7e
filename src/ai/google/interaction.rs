//! Interactions: a conversation as a list of steps, kept by the provider unless `store` is false.
//!
//! Who speaks in a step stands in its `type`. Names are in snake case alone, as the API documents them.

use super::tool::OTHER_SEARCH;
use super::{ANY, REFERENCE};
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Feature, Measure, Provenance, Unread, What};
use Provenance::{
    Assistant, Developer, Document, Metadata, Reasoning, Role, ToolArguments, ToolDefinition, ToolResult, Unknown, User,
};

pub(super) static REQUEST: Shape = Shape::of(
    "interactions",
    &[
        ("model", Is::Model),
        ("agent", Is::Model),
        ("input", Is::Or(&Is::Text(User), &INPUT)),
        ("system_instruction", Is::Text(Provenance::System)),
        ("stream", Is::Stream),
        ("generation_config", Is::Object(&CONFIG)),
        ("agent_config", Is::Object(&AGENT)),
        ("tools", Is::Using(Feature::Tools, &Is::Object(&TOOL))),
        ("response_format", Is::Using(Feature::ResponseFormat, &Is::Object(&FORMAT))),
        ("response_mime_type", Is::Using(Feature::ResponseFormat, &Is::Plain)),
        ("response_modalities", Is::Plain),
        ("previous_interaction_id", REFERENCE),
        ("continuation_token", REFERENCE),
        ("cached_content", REFERENCE),
        ("environment", Is::Or(&REFERENCE, &ENVIRONMENT)),
        ("background", Is::Uses(Feature::Background)),
        ("store", Is::Uses(Feature::Store)),
        ("labels", Is::Text(Metadata)),
        ("safety_settings", Is::Object(&SAFETY)),
        ("service_tier", Is::Plain),
        ("webhook_config", Is::Object(&WEBHOOK)),
    ],
);

/// A step, or what the user says without one.
static INPUT: Shape = Shape::of("input", &[("text", Is::Text(User))]).also(&[&STEP, &CONTENT]).message();

static STEP: Shape = Shape::of(
    "step",
    &[
        ("type", Is::Role),
        ("content", Is::TextOr(Role, &CONTENT)),
        ("summary", Is::From(Reasoning, &CONTENT)),
        ("error", Is::Text(Unknown)),
        ("signature", Is::Plain),
        // A call of a tool, the caller's or Google's.
        ("id", Is::Note(What::CallId)),
        ("name", Is::NoteText(What::Call, ToolArguments)),
        ("server_name", Is::Plain),
        ("arguments", Is::Text(ToolArguments)),
        ("search_type", Is::Plain),
        ("retrieval_type", Is::Plain),
        // What it gave.
        ("call_id", Is::Plain),
        ("result", Is::Text(ToolResult)),
        ("is_error", Is::Plain),
    ],
)
.message();

static CONTENT: Shape = Shape::of(
    "content",
    &[
        ("type", Is::Type),
        ("text", Is::Text(Role)),
        ("annotations", Is::Text(Document)),
        ("data", Is::Unread(Unread::Binary)),
        ("uri", Is::Url),
        ("name", Is::Text(Provenance::FileName)),
        ("mime_type", Is::Plain),
        ("resolution", Is::Plain),
        ("processing", Is::Text(Metadata)),
        ("channels", Is::Plain),
        ("rate", Is::Plain),
        ("sample_rate", Is::Plain),
    ],
);

static CONFIG: Shape = Shape::of(
    "generation_config",
    &[
        ("max_output_tokens", Is::Number(Measure::MaxOutputTokens)),
        ("temperature", Is::Plain),
        ("top_p", Is::Plain),
        ("seed", Is::Plain),
        ("stop_sequences", Is::Plain),
        ("thinking_level", Is::Plain),
        ("thinking_summaries", Is::Plain),
        ("tool_choice", Is::Text(ToolDefinition)),
        ("speech_config", Is::Text(Metadata)),
        ("image_config", Is::Text(Metadata)),
        ("video_config", Is::Text(Metadata)),
        ("transcription_config", Is::Text(User)),
    ],
);

/// An agent of Google's, and the model that it is to use.
static AGENT: Shape = Shape::of(
    "agent_config",
    &[
        ("type", Is::Plain),
        ("model", Is::Note(What::Model)),
        ("max_total_tokens", Is::Plain),
        ("thinking_summaries", Is::Plain),
        ("collaborative_planning", Is::Plain),
        ("enable_bigquery_tool", Is::Uses(Feature::Tools)),
        ("visualization", Is::Plain),
        ("session_id", REFERENCE),
        ("session_config", Is::Text(Metadata)),
        ("find_request", Is::Text(User)),
        ("fix_request", Is::Text(User)),
    ],
);

static TOOL: Shape = Shape::of(
    "tool",
    &[
        ("type", Is::ToolType),
        ("name", Is::NoteText(What::Tool, ToolDefinition)),
        ("description", Is::Text(ToolDefinition)),
        ("short_description", Is::Text(ToolDefinition)),
        ("parameters", Is::Text(ToolDefinition)),
        ("defer_loading", Is::Plain),
        ("execution", Is::Plain),
        ("search_types", Is::Plain),
        ("url", Is::Url),
        ("headers", Is::Object(&SECRETS)),
        ("allowed_tools", Is::Text(ToolDefinition)),
        ("file_search_store_names", REFERENCE),
        ("metadata_filter", Is::Text(ToolDefinition)),
        ("top_k", Is::Plain),
        ("enable_widget", Is::Plain),
        ("latitude", Is::Plain),
        ("longitude", Is::Plain),
        ("environment", Is::Plain),
        ("excluded_predefined_functions", Is::Plain),
        ("enable_prompt_injection_detection", Is::Plain),
        ("disabled_safety_policies", Is::Plain),
        ("retrieval_types", Is::Plain),
        ("vertex_ai_search_config", REFERENCE),
        ("rag_store_config", REFERENCE),
        ("exa_ai_search_config", Is::Object(&OTHER_SEARCH)),
        ("parallel_ai_search_config", Is::Object(&OTHER_SEARCH)),
    ],
);

/// What opens a door for the provider; no model reads it.
static SECRETS: Shape = Shape::of("secrets", &[]).others(Is::Or(&Is::Plain, &SECRETS));

static FORMAT: Shape = Shape::of(
    "response_format",
    &[
        ("type", Is::Plain),
        ("mime_type", Is::Plain),
        ("schema", Is::Text(ToolDefinition)),
        ("bit_rate", Is::Plain),
        ("sample_rate", Is::Plain),
        ("delivery", Is::Plain),
        ("aspect_ratio", Is::Plain),
        ("image_size", Is::Plain),
        ("duration", Is::Plain),
        ("gcs_uri", Is::Plain),
        ("resolution", Is::Plain),
    ],
);

/// The machine that an agent works on, and the files it finds there.
static ENVIRONMENT: Shape = Shape::of(
    "environment",
    &[
        ("type", Is::Plain),
        ("environment_id", REFERENCE),
        ("env", Is::Text(Metadata)),
        ("network", Is::Text(Metadata)),
        ("sources", Is::Object(&SOURCE)),
    ],
);
static SOURCE: Shape = Shape::of(
    "source",
    &[
        ("type", Is::Plain),
        ("content", Is::Text(Document)),
        ("encoding", Is::Plain),
        ("source", Is::Url),
        ("target", Is::Text(Provenance::FileName)),
    ],
);
static SAFETY: Shape =
    Shape::of("safety_setting", &[("type", Is::Plain), ("threshold", Is::Plain), ("method", Is::Plain)]);
static WEBHOOK: Shape = Shape::of("webhook_config", &[("uris", Is::Url), ("user_metadata", Is::Text(Developer))]);

/// A whole interaction, or an event of one that is streamed.
pub(super) static ANSWER: Shape = Shape::of(
    "interaction",
    &[
        ("event_type", Is::Note(What::Event)),
        ("event_id", Is::Plain),
        ("interaction_id", Is::Plain),
        ("interaction", Is::Repeated(&Is::Object(&WHOLE))),
        ("index", Is::Index),
        ("step", Is::Object(&STEP)),
        ("delta", Is::From(Assistant, &DELTA)),
        ("metadata", Is::Text(Metadata)),
        ("step_usage", Is::Again),
        ("output_text", Is::Repeated(&Is::Text(Assistant))),
        ("output_audio", Is::Repeated(&Is::From(Assistant, &CONTENT))),
        ("output_image", Is::Repeated(&Is::From(Assistant, &CONTENT))),
        ("output_video", Is::Repeated(&Is::From(Assistant, &CONTENT))),
    ],
)
.also(&[&WHOLE]);

/// The whole: in an event the steps were told by then. It repeats what was asked.
static WHOLE: Shape = Shape::of(
    "interaction",
    &[
        ("id", Is::Plain),
        ("object", Is::Plain),
        ("model", Is::Model),
        ("agent", Is::Model),
        ("status", Is::Note(What::Finish)),
        ("usage", Is::Object(&USAGE)),
        ("error", Is::Object(&ERROR)),
        ("errors", Is::Object(&ERROR)),
        ("steps", Is::Object(&STEP)),
        ("created", Is::Plain),
        ("updated", Is::Plain),
        ("service_tier", Is::Plain),
        ("environment_id", Is::Plain),
        ("continuation_token", Is::Plain),
        ("continuation_ids", Is::Plain),
        ("role", Is::Plain),
    ],
)
.also(&[&REQUEST]);

static DELTA: Shape = Shape::of(
    "delta",
    &[
        ("type", Is::Plain),
        ("content", Is::From(Reasoning, &CONTENT)),
        ("name", Is::Plain),
        ("server_name", Is::Plain),
        ("arguments", Is::Text(ToolArguments)),
        ("result", Is::Text(ToolResult)),
        ("is_error", Is::Plain),
        ("signature", Is::Plain),
        ("search_type", Is::Plain),
        ("retrieval_type", Is::Plain),
    ],
)
.also(&[&CONTENT]);

static USAGE: Shape = Shape::of(
    "usage",
    &[
        ("total_input_tokens", Is::Number(Measure::InputTokens)),
        ("total_cached_tokens", Is::Number(Measure::CachedTokens)),
        ("total_output_tokens", Is::Number(Measure::OutputTokens)),
        ("total_thought_tokens", Is::Number(Measure::ReasoningTokensBeside)),
        ("total_tokens", Is::Number(Measure::TotalTokens)),
        ("total_tool_use_tokens", Is::Plain),
        ("initial_input_tokens", Is::Plain),
        ("input_tokens_by_modality", Is::Again),
        ("output_tokens_by_modality", Is::Again),
        ("cached_tokens_by_modality", Is::Again),
        ("tool_use_tokens_by_modality", Is::Again),
        ("grounding_tool_count", Is::Again),
    ],
);

static ERROR: Shape = Shape::of(
    "error",
    &[("code", Is::Plain), ("status", Is::Plain), ("message", Is::NoteText(What::Error, Unknown)), ("details", ANY)],
);
