//! Chat completions, and the completions before them.

use super::{ERROR, METADATA, PLACE, REFERENCE, TOKENS};
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Feature, Measure, Provenance, Unread, What};
use Provenance::{Assistant, FileName, Reasoning, Refusal, Role, System, ToolArguments, ToolDefinition, User};

pub(in crate::ai) static CHAT: Shape = Shape::of(
    "chat.completions",
    &[
        ("model", Is::Model),
        ("messages", Is::Object(&MESSAGE)),
        ("stream", Is::Stream),
        ("max_tokens", Is::Number(Measure::MaxOutputTokens)),
        ("max_completion_tokens", Is::Number(Measure::MaxOutputTokens)),
        ("n", Is::Number(Measure::Choices)),
        ("tools", Is::Using(Feature::Tools, &Is::Object(&TOOL))),
        ("functions", Is::Using(Feature::Tools, &Is::Object(&FUNCTION))),
        ("tool_choice", Is::TextOr(ToolDefinition, &CHOICE)),
        ("function_call", Is::TextOr(ToolDefinition, &CHOICE)),
        ("parallel_tool_calls", Is::Plain),
        ("response_format", Is::Using(Feature::ResponseFormat, &Is::Object(&FORMAT))),
        ("logprobs", Is::Uses(Feature::Logprobs)),
        ("top_logprobs", Is::Number(Measure::TopLogprobs)),
        ("logit_bias", Is::Uses(Feature::LogitBias)),
        ("prediction", Is::Object(&PREDICTION)),
        ("audio", Is::Object(&VOICE)),
        ("modalities", Is::Plain),
        ("web_search_options", Is::Using(Feature::Tools, &Is::BuiltIn("web_search", &SEARCH))),
        ("moderation", Is::Object(&MODERATION)),
        ("metadata", METADATA),
        ("store", Is::Uses(Feature::Store)),
        ("stop", Is::Plain),
        ("stream_options", Is::Object(&STREAM_OPTIONS)),
        ("user", Is::Plain),
        ("safety_identifier", Is::Plain),
        ("prompt_cache_key", Is::Plain),
        ("prompt_cache_retention", Is::Plain),
        ("prompt_cache_options", Is::Object(&CACHE)),
        ("data_sources", Is::Object(&SOURCE)),
        ("reasoning_effort", Is::Plain),
        ("verbosity", Is::Plain),
        ("service_tier", Is::Plain),
        ("temperature", Is::Plain),
        ("top_p", Is::Plain),
        ("frequency_penalty", Is::Plain),
        ("presence_penalty", Is::Plain),
        ("seed", Is::Plain),
    ],
)
.also(&[&ROUTED]);

/// What servers take besides that stand in front of many models (`OpenRouter`, `LiteLLM`, vLLM).
pub(super) static ROUTED: Shape = Shape::of(
    "routed",
    &[
        ("prompt_logprobs", Is::Uses(Feature::Logprobs)),
        ("best_of", Is::Number(Measure::BestOf)),
        ("echo", Is::Uses(Feature::Echo)),
        ("structured_outputs", FORMED),
        ("guided_json", FORMED),
        ("guided_regex", FORMED),
        ("guided_choice", FORMED),
        ("guided_grammar", FORMED),
    ],
)
.also(&[&ROUTING]);
const FORMED: Is = Is::Using(Feature::ResponseFormat, &Is::Text(ToolDefinition));

/// Which other models such a server may ask.
pub(in crate::ai) static ROUTING: Shape = Shape::of(
    "routing",
    &[
        ("models", Is::Note(What::Model)),
        ("fallback_models", Is::Note(What::Model)),
        ("fallbacks", FALLBACKS),
        ("context_window_fallbacks", FALLBACKS),
        ("content_policy_fallbacks", FALLBACKS),
        ("deployment_id", Is::Note(What::Model)),
        ("router_settings_override", Is::Object(&SETTINGS)),
        ("extra_body", Is::Object(&EXTRA)),
    ],
);
const FALLBACKS: Is = Is::Or(&Is::Note(What::Model), &FALLBACK);
/// Parameters of the request with another model, or such fallbacks by the one that they stand in for: what is no parameter
/// is that.
pub(in crate::ai) static FALLBACK: Shape = Shape::of(
    "fallback",
    &[
        ("model", Is::Note(What::Model)),
        ("messages", Is::Object(&MESSAGE)),
        ("prompt", Is::Text(Provenance::User)),
        ("max_tokens", Is::Number(Measure::MaxOutputTokens)),
        ("max_completion_tokens", Is::Number(Measure::MaxOutputTokens)),
        ("temperature", Is::Plain),
        ("top_p", Is::Plain),
        ("api_base", Is::Url),
        ("api_key", Is::Plain),
        ("api_version", Is::Plain),
        ("timeout", Is::Plain),
        ("num_retries", Is::Plain),
    ],
)
.also(&[&ROUTING])
.others(FALLBACKS);
static SETTINGS: Shape =
    Shape::of("router_settings_override", &[]).also(&[&ROUTING]).others(Is::Text(Provenance::Unknown));
/// What takes the place of members of the request.
static EXTRA: Shape = Shape::of(
    "extra_body",
    &[
        ("model", Is::Note(What::Model)),
        ("max_tokens", Is::Number(Measure::MaxOutputTokens)),
        ("max_completion_tokens", Is::Number(Measure::MaxOutputTokens)),
        ("max_output_tokens", Is::Number(Measure::MaxOutputTokens)),
        ("n", Is::Number(Measure::Choices)),
        ("best_of", Is::Number(Measure::BestOf)),
        ("logprobs", Is::Uses(Feature::Logprobs)),
        ("logit_bias", Is::Uses(Feature::LogitBias)),
        ("echo", Is::Uses(Feature::Echo)),
        ("tools", Is::Using(Feature::Tools, &Is::Object(&TOOL))),
    ],
)
.also(&[&ROUTING]);

/// What Azure looks up for an answer; a model makes vectors of the question.
static SOURCE: Shape = Shape::of("data_sources", &[("type", Is::Plain), ("parameters", Is::Object(&LOOKED_UP))]);
static LOOKED_UP: Shape = Shape::of("parameters", &[("embedding_dependency", Is::Object(&EMBEDDED_BY))])
    .others(Is::Text(Provenance::Unknown));
static EMBEDDED_BY: Shape = Shape::of(
    "embedding_dependency",
    &[("type", Is::Plain), ("deployment_name", Is::Note(What::Model)), ("model_id", Is::Note(What::Model))],
)
.others(Is::Text(Provenance::Unknown));

/// A message of a conversation; what an answer says is one too.
pub(in crate::ai) static MESSAGE: Shape = Shape::of(
    "message",
    &[
        ("role", Is::Role),
        ("content", Is::TextOr(Role, &PART)),
        ("name", Is::Text(Role)),
        ("refusal", Is::Text(Refusal)),
        ("reasoning_content", Is::Text(Reasoning)),
        ("reasoning", Is::Text(Reasoning)),
        ("audio", Is::Object(&SPOKEN)),
        ("tool_calls", Is::Object(&CALL)),
        ("tool_call_id", Is::NoteText(What::CallId, Role)),
        ("function_call", Is::Object(&CALLED)),
        ("annotations", Is::Text(Provenance::Document)),
    ],
)
.message();

pub(in crate::ai) static PART: Shape = Shape::of(
    "content part",
    &[
        ("type", Is::Type),
        ("text", Is::Text(Role)),
        ("refusal", Is::Text(Refusal)),
        ("image_url", ADDRESS),
        ("video_url", ADDRESS),
        ("audio_url", ADDRESS),
        ("input_audio", Is::Object(&AUDIO)),
        ("file", Is::Object(&FILE)),
        ("prompt_cache_breakpoint", Is::Object(&CACHE)),
    ],
);

/// Servers take the address itself too, and those of more than images.
const ADDRESS: Is = Is::Or(&Is::Url, &IMAGE_URL);

pub(super) static IMAGE_URL: Shape = Shape::of("image_url", &[("url", Is::Url), ("detail", Is::Plain)]);

pub(super) static AUDIO: Shape =
    Shape::of("input_audio", &[("data", Is::Unread(Unread::Binary)), ("format", Is::Plain)]);

static FILE: Shape = Shape::of(
    "file",
    &[("file_data", Is::Unread(Unread::Binary)), ("file_id", REFERENCE), ("filename", Is::Text(FileName))],
);

/// Audio that a model spoke before, by its number, or speaks now.
static SPOKEN: Shape = Shape::of(
    "audio",
    &[
        ("id", REFERENCE),
        ("data", Is::Unread(Unread::Binary)),
        ("transcript", Is::Text(Assistant)),
        ("expires_at", Is::Plain),
    ],
);

static CALL: Shape = Shape::of(
    "tool_call",
    &[
        ("index", Is::Index),
        ("id", Is::Note(What::CallId)),
        ("type", Is::Type),
        ("function", Is::Object(&CALLED)),
        ("custom", Is::Object(&CALLED)),
    ],
);

static CALLED: Shape = Shape::of(
    "function",
    &[
        ("name", Is::NoteText(What::Call, ToolArguments)),
        ("arguments", Is::Text(ToolArguments)),
        ("input", Is::Text(ToolArguments)),
    ],
);

pub(in crate::ai) static TOOL: Shape = Shape::of(
    "tool",
    &[("type", Is::ToolType), ("function", Is::Object(&FUNCTION)), ("custom", Is::Object(&FUNCTION))],
);

static FUNCTION: Shape = Shape::of(
    "function",
    &[
        ("name", Is::NoteText(What::Tool, ToolDefinition)),
        ("description", Is::Text(ToolDefinition)),
        ("parameters", Is::Text(ToolDefinition)),
        ("strict", Is::Plain),
        ("format", Is::Text(ToolDefinition)),
    ],
);

/// Which tool a model must use.
static CHOICE: Shape = Shape::of(
    "tool_choice",
    &[
        ("type", Is::Type),
        ("name", Is::Text(ToolDefinition)),
        ("function", Is::Text(ToolDefinition)),
        ("custom", Is::Text(ToolDefinition)),
        ("allowed_tools", Is::Text(ToolDefinition)),
    ],
);

static FORMAT: Shape = Shape::of("response_format", &[("type", Is::Plain), ("json_schema", Is::Object(&SCHEMA))]);

static SCHEMA: Shape = Shape::of(
    "json_schema",
    &[
        ("name", Is::Text(ToolDefinition)),
        ("description", Is::Text(ToolDefinition)),
        ("schema", Is::Text(ToolDefinition)),
        ("strict", Is::Plain),
    ],
);

/// What the answer will be for the most part, as the caller thinks.
static PREDICTION: Shape =
    Shape::of("prediction", &[("type", Is::Type), ("content", Is::TextOr(Assistant, &PREDICTED))]);

static PREDICTED: Shape = Shape::of(
    "content part",
    &[("type", Is::Type), ("text", Is::Text(Assistant)), ("prompt_cache_breakpoint", Is::Object(&CACHE))],
);

static VOICE: Shape = Shape::of("audio", &[("voice", Is::Or(&Is::Plain, &VOICE_ID)), ("format", Is::Plain)]);
static VOICE_ID: Shape = Shape::of("voice", &[("id", Is::Plain)]);
static SEARCH: Shape =
    Shape::of("web_search_options", &[("user_location", Is::Object(&PLACE)), ("search_context_size", Is::Plain)]);
static MODERATION: Shape = Shape::of("moderation", &[("model", Is::Note(What::Model)), ("policy", Is::Text(System))]);
pub(super) static CACHE: Shape =
    Shape::of("prompt_cache", &[("mode", Is::Plain), ("type", Is::Plain), ("ttl", Is::Plain)]);
pub(super) static STREAM_OPTIONS: Shape =
    Shape::of("stream_options", &[("include_usage", Is::Plain), ("include_obfuscation", Is::Plain)]);

/// An answer, and each event of one that is streamed.
pub(in crate::ai) static CHAT_ANSWER: Shape = Shape::of(
    "chat.completion",
    &[
        ("id", Is::Plain),
        ("object", Is::Plain),
        ("created", Is::Plain),
        ("model", Is::Model),
        ("choices", Is::Object(&CHOSEN)),
        ("usage", Is::Object(&USAGE)),
        ("error", Is::Object(&ERROR)),
        ("service_tier", Is::Plain),
        ("system_fingerprint", Is::Plain),
        ("obfuscation", Is::Plain),
        ("prompt_filter_results", Is::Again),
        ("metadata", METADATA),
    ],
);

static CHOSEN: Shape = Shape::of(
    "choice",
    &[
        ("index", Is::Index),
        ("message", Is::From(Assistant, &MESSAGE)),
        ("delta", Is::From(Assistant, &MESSAGE)),
        ("text", Is::Text(Assistant)),
        ("finish_reason", Is::Note(What::Finish)),
        ("logprobs", TOKENS),
        ("content_filter_results", Is::Again),
    ],
);

pub(in crate::ai) static USAGE: Shape = Shape::of(
    "usage",
    &[
        ("prompt_tokens", Is::Number(Measure::InputTokens)),
        ("completion_tokens", Is::Number(Measure::OutputTokens)),
        ("total_tokens", Is::Number(Measure::TotalTokens)),
        ("prompt_tokens_details", Is::Object(&INPUT_DETAILS)),
        ("completion_tokens_details", Is::Object(&OUTPUT_DETAILS)),
    ],
);

pub(super) static INPUT_DETAILS: Shape = Shape::of(
    "input details",
    &[("cached_tokens", Is::Number(Measure::CachedTokens)), ("audio_tokens", Is::Plain), ("text_tokens", Is::Plain)],
);

pub(super) static OUTPUT_DETAILS: Shape = Shape::of(
    "output details",
    &[
        ("reasoning_tokens", Is::Number(Measure::ReasoningTokens)),
        ("audio_tokens", Is::Plain),
        ("accepted_prediction_tokens", Is::Plain),
        ("rejected_prediction_tokens", Is::Plain),
    ],
);

pub(super) static COMPLETION: Shape = Shape::of(
    "completions",
    &[
        ("model", Is::Model),
        ("prompt", Is::TextOrTokens(User)),
        ("suffix", Is::Text(User)),
        ("stream", Is::Stream),
        ("stream_options", Is::Object(&STREAM_OPTIONS)),
        ("max_tokens", Is::Number(Measure::MaxOutputTokens)),
        ("n", Is::Number(Measure::Choices)),
        ("best_of", Is::Number(Measure::BestOf)),
        ("logprobs", Is::Number(Measure::TopLogprobs)),
        ("logit_bias", Is::Uses(Feature::LogitBias)),
        ("echo", Is::Uses(Feature::Echo)),
        ("stop", Is::Plain),
        ("user", Is::Plain),
        ("temperature", Is::Plain),
        ("top_p", Is::Plain),
        ("frequency_penalty", Is::Plain),
        ("presence_penalty", Is::Plain),
        ("seed", Is::Plain),
    ],
)
.also(&[&ROUTED]);

pub(super) use self::CHAT_ANSWER as COMPLETION_ANSWER;
