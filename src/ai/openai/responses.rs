//! Responses: a conversation as a list of items, of which messages are one kind.
//!
//! The members of an item mean the same in every kind that has them, so one table serves all.

use super::chat::{AUDIO, CACHE, ROUTED, STREAM_OPTIONS};
use super::{ERROR, METADATA, PLACE, REFERENCE, TOKENS};
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Feature, Measure, Provenance, Unread, What};
use Provenance::{
    Assistant, Developer, Document, FileName, Reasoning, Refusal, Role, System, ToolArguments, ToolDefinition,
    ToolResult, User,
};

pub(super) static REQUEST: Shape = Shape::of(
    "responses",
    &[
        ("model", Is::Model),
        ("input", Is::Or(&Is::Text(User), &ITEM)),
        ("instructions", Is::Text(Developer)),
        ("personality", Is::Text(Developer)),
        ("stream", Is::Stream),
        ("max_output_tokens", Is::Number(Measure::MaxOutputTokens)),
        ("max_tool_calls", Is::Plain),
        ("tools", Is::Using(Feature::Tools, &Is::Object(&TOOL))),
        ("tool_choice", Is::Text(ToolDefinition)),
        ("parallel_tool_calls", Is::Plain),
        ("text", Is::Object(&FORMAT)),
        ("reasoning", Is::Object(&EFFORT)),
        ("prompt", Is::Object(&PROMPT)),
        ("previous_response_id", REFERENCE),
        ("conversation", Is::Or(&REFERENCE, &CONVERSATION)),
        ("include", Is::UsesIf("message.output_text.logprobs", Feature::Logprobs)),
        ("background", Is::Uses(Feature::Background)),
        ("store", Is::Uses(Feature::Store)),
        ("top_logprobs", Is::Number(Measure::TopLogprobs)),
        ("moderation", Is::Object(&MODERATION)),
        ("context_management", Is::Object(&CONTEXT)),
        ("metadata", METADATA),
        ("stream_options", Is::Object(&STREAM_OPTIONS)),
        ("prompt_cache_key", Is::Plain),
        ("prompt_cache_options", Is::Object(&CACHE)),
        ("prompt_cache_retention", Is::Plain),
        ("safety_identifier", Is::Plain),
        ("service_tier", Is::Plain),
        ("temperature", Is::Plain),
        ("top_p", Is::Plain),
        ("truncation", Is::Plain),
        ("user", Is::Plain),
    ],
)
.also(&[&ROUTED]);

/// An item of the input or the output.
pub(super) static ITEM: Shape = Shape::of(
    "item",
    &[
        ("type", Is::Type),
        ("role", Is::Role),
        ("id", Is::Plain),
        ("status", Is::Plain),
        ("phase", Is::Plain),
        ("content", Is::TextOr(Role, &PART)),
        ("summary", Is::From(Reasoning, &PART)),
        ("encrypted_content", Is::Unread(Unread::ByReference)),
        ("call_id", Is::Note(What::CallId)),
        ("name", Is::NoteText(What::Call, ToolArguments)),
        ("namespace", Is::Text(ToolArguments)),
        ("arguments", Is::Text(ToolArguments)),
        ("input", Is::Text(ToolArguments)),
        ("action", Is::Text(ToolArguments)),
        ("actions", Is::Text(ToolArguments)),
        ("operation", Is::Text(ToolArguments)),
        ("code", Is::Text(ToolArguments)),
        ("queries", Is::Text(ToolArguments)),
        ("environment", Is::Text(ToolArguments)),
        ("execution", Is::Plain),
        ("fingerprint", Is::Plain),
        ("caller", Is::Text(ToolArguments)),
        ("output", Is::TextOr(ToolResult, &PART)),
        ("outputs", Is::Object(&LOG)),
        ("result", Is::Unread(Unread::Binary)),
        ("results", Is::Text(ToolResult)),
        ("error", Is::Text(ToolResult)),
        ("reason", Is::Text(User)),
        ("tools", Is::Using(Feature::Tools, &Is::Object(&TOOL))),
        ("server_label", Is::Plain),
        ("container_id", REFERENCE),
        ("approval_request_id", Is::Plain),
        ("approve", Is::Plain),
        ("acknowledged_safety_checks", Is::Text(ToolResult)),
        ("pending_safety_checks", Is::Text(ToolResult)),
        ("max_output_length", Is::Plain),
        ("created_by", Is::Plain),
        ("agent", Is::Text(Role)),
        ("author", Is::Text(Role)),
        ("recipient", Is::Text(Role)),
    ],
)
.message();

static LOG: Shape = Shape::of("output", &[("type", Is::Type), ("logs", Is::Text(ToolResult)), ("url", Is::Url)]);

/// A part of a message, a summary or what a tool answered.
pub(super) static PART: Shape = Shape::of(
    "content part",
    &[
        ("type", Is::Type),
        ("text", Is::Text(Role)),
        ("refusal", Is::Text(Refusal)),
        ("image_url", Is::Url),
        ("input_audio", Is::Object(&AUDIO)),
        ("file_id", REFERENCE),
        ("file_data", Is::Unread(Unread::Binary)),
        ("file_url", Is::Url),
        ("filename", Is::Text(FileName)),
        ("detail", Is::Plain),
        ("annotations", Is::Text(Document)),
        ("logprobs", TOKENS),
        ("encrypted_content", Is::Unread(Unread::ByReference)),
        ("prompt_cache_breakpoint", Is::Object(&CACHE)),
        // What a shell answered.
        ("stdout", Is::Text(ToolResult)),
        ("stderr", Is::Text(ToolResult)),
        ("outcome", Is::Text(ToolResult)),
        ("created_by", Is::Plain),
    ],
);

pub(super) static TOOL: Shape = Shape::of(
    "tool",
    &[
        ("type", Is::ToolType),
        ("name", Is::NoteText(What::Tool, ToolDefinition)),
        ("description", Is::Text(ToolDefinition)),
        ("parameters", Is::Text(ToolDefinition)),
        ("output_schema", Is::Text(ToolDefinition)),
        ("format", Is::Text(ToolDefinition)),
        ("tools", Is::Object(&TOOL)),
        ("strict", Is::Plain),
        ("server_label", Is::NoteText(What::Tool, ToolDefinition)),
        ("server_description", Is::Text(ToolDefinition)),
        ("server_url", Is::Url),
        ("connector_id", REFERENCE),
        ("tunnel_id", REFERENCE),
        ("headers", Is::Text(Provenance::Metadata)),
        ("authorization", Is::Plain),
        ("allowed_tools", Is::Text(ToolDefinition)),
        ("allowed_callers", Is::Plain),
        ("require_approval", Is::Text(ToolDefinition)),
        ("defer_loading", Is::Plain),
        ("execution", Is::Plain),
        ("vector_store_ids", REFERENCE),
        ("filters", Is::Text(ToolDefinition)),
        ("ranking_options", Is::Text(ToolDefinition)),
        ("max_num_results", Is::Plain),
        ("user_location", Is::Object(&PLACE)),
        ("search_context_size", Is::Plain),
        ("search_content_types", Is::Plain),
        ("external_web_access", Is::Plain),
        ("container", Is::TextOr(ToolDefinition, &CONTAINER)),
        ("environment", Is::TextOr(ToolDefinition, &CONTAINER)),
        ("display_height", Is::Plain),
        ("display_width", Is::Plain),
        ("model", Is::Note(What::Model)),
        ("input_image_mask", Is::Object(&MASK)),
        ("action", Is::Plain),
        ("background", Is::Plain),
        ("input_fidelity", Is::Plain),
        ("moderation", Is::Plain),
        ("output_compression", Is::Plain),
        ("output_format", Is::Plain),
        ("partial_images", Is::Plain),
        ("quality", Is::Plain),
        ("size", Is::Plain),
    ],
);

static MASK: Shape = Shape::of("input_image_mask", &[("image_url", Is::Url), ("file_id", REFERENCE)]);

/// Where code of a model runs, and what is there.
static CONTAINER: Shape = Shape::of(
    "container",
    &[
        ("type", Is::Plain),
        ("container_id", REFERENCE),
        ("file_ids", REFERENCE),
        ("memory_limit", Is::Plain),
        ("network_policy", Is::Text(ToolDefinition)),
        ("skills", Is::Text(ToolDefinition)),
    ],
);

static FORMAT: Shape = Shape::of(
    "text",
    &[("format", Is::Using(Feature::ResponseFormat, &Is::Object(&SCHEMA))), ("verbosity", Is::Plain)],
);

static SCHEMA: Shape = Shape::of(
    "format",
    &[
        ("type", Is::Plain),
        ("name", Is::Text(ToolDefinition)),
        ("description", Is::Text(ToolDefinition)),
        ("schema", Is::Text(ToolDefinition)),
        ("strict", Is::Plain),
    ],
);

static EFFORT: Shape = Shape::of(
    "reasoning",
    &[
        ("effort", Is::Plain),
        ("summary", Is::Plain),
        ("generate_summary", Is::Plain),
        ("context", Is::Plain),
        ("mode", Is::Plain),
    ],
);

/// A prompt that is stored at the provider, and what is filled into it here.
static PROMPT: Shape =
    Shape::of("prompt", &[("id", REFERENCE), ("version", Is::Plain), ("variables", Is::Object(&VARIABLES))]);
static VARIABLES: Shape = Shape::of("variables", &[]).others(Is::TextOr(User, &VARIABLE));
static VARIABLE: Shape = Shape::of(
    "content part",
    &[
        ("type", Is::Type),
        ("text", Is::Text(User)),
        ("image_url", Is::Url),
        ("file_id", REFERENCE),
        ("file_data", Is::Unread(Unread::Binary)),
        ("file_url", Is::Url),
        ("filename", Is::Text(FileName)),
        ("detail", Is::Plain),
        ("prompt_cache_breakpoint", Is::Object(&CACHE)),
    ],
);

static CONVERSATION: Shape = Shape::of("conversation", &[("id", REFERENCE)]);
static MODERATION: Shape = Shape::of("moderation", &[("model", Is::Note(What::Model)), ("policy", Is::Text(System))]);
static CONTEXT: Shape = Shape::of("context_management", &[("type", Is::Plain), ("compact_threshold", Is::Plain)]);

/// An answer, and each event of one that is streamed.
pub(super) static ANSWER: Shape = Shape::of(
    "response",
    &[
        ("type", Is::Note(What::Event)),
        ("response", Is::Repeated(&Is::Object(&RESPONSE))),
        ("item", Is::Repeated(&Is::From(Assistant, &ITEM))),
        ("part", Is::Repeated(&Is::From(Assistant, &PART))),
        ("delta", Is::Text(Assistant)),
        // What the deltas before said together; in an answer that came whole `text` is the form that was asked for.
        ("text", Is::Repeated(&Is::TextOr(Assistant, &FORMAT))),
        ("refusal", Is::Repeated(&Is::Text(Refusal))),
        ("arguments", Is::Repeated(&Is::Text(ToolArguments))),
        ("input", Is::Repeated(&Is::Text(ToolArguments))),
        ("name", Is::Repeated(&Is::Text(ToolArguments))),
        // Code for an interpreter, or what an error is called.
        ("code", Is::Repeated(&Is::Text(ToolArguments))),
        ("message", Is::NoteText(What::Error, Provenance::Unknown)),
        ("annotation", Is::Text(Document)),
        ("partial_image_b64", Is::Unread(Unread::Binary)),
        ("output_index", Is::Index),
        ("content_index", Is::Plain),
        ("summary_index", Is::Plain),
        ("annotation_index", Is::Plain),
        ("command", Is::Text(ToolArguments)),
        ("command_index", Is::Plain),
        ("partial_image_index", Is::Plain),
        ("item_id", Is::Plain),
        ("logprobs", TOKENS),
        ("obfuscation", Is::Plain),
        ("param", Is::Plain),
        ("sequence_number", Is::Plain),
        ("quality", Is::Plain),
        ("size", Is::Plain),
        ("input_tokens", Is::Number(Measure::InputTokens)),
    ],
)
.also(&[&RESPONSE]);

/// The whole answer: of a request that is not streamed, and in events, when it begins and when all of it was said. It
/// repeats what was asked.
static RESPONSE: Shape = Shape::of(
    "response",
    &[
        ("id", Is::Plain),
        ("object", Is::Plain),
        ("created_at", Is::Plain),
        ("completed_at", Is::Plain),
        ("model", Is::Model),
        ("status", Is::Note(What::Finish)),
        ("output", Is::From(Assistant, &ITEM)),
        ("output_text", Is::Repeated(&Is::Text(Assistant))),
        ("usage", Is::Object(&USAGE)),
        ("error", Is::Object(&ERROR)),
        ("incomplete_details", Is::Object(&INCOMPLETE)),
        ("billing", Is::Plain),
        ("frequency_penalty", Is::Plain),
        ("presence_penalty", Is::Plain),
    ],
)
.also(&[&REQUEST]);

static INCOMPLETE: Shape = Shape::of("incomplete_details", &[("reason", Is::Note(What::Finish))]);

pub(super) static USAGE: Shape = Shape::of(
    "usage",
    &[
        ("type", Is::Plain),
        ("input_tokens", Is::Number(Measure::InputTokens)),
        ("output_tokens", Is::Number(Measure::OutputTokens)),
        ("total_tokens", Is::Number(Measure::TotalTokens)),
        ("input_tokens_details", Is::Object(&INPUT_DETAILS)),
        ("input_token_details", Is::Object(&INPUT_DETAILS)),
        ("output_tokens_details", Is::Object(&OUTPUT_DETAILS)),
        ("seconds", Is::Plain),
    ],
);

static INPUT_DETAILS: Shape = Shape::of(
    "input details",
    &[
        ("cached_tokens", Is::Number(Measure::CachedTokens)),
        ("cache_write_tokens", Is::Plain),
        ("text_tokens", Is::Plain),
        ("image_tokens", Is::Plain),
        ("audio_tokens", Is::Plain),
    ],
);

static OUTPUT_DETAILS: Shape = Shape::of(
    "output details",
    &[
        ("reasoning_tokens", Is::Number(Measure::ReasoningTokens)),
        ("text_tokens", Is::Plain),
        ("image_tokens", Is::Plain),
    ],
);
