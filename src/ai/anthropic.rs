//! Anthropic's Messages, the completions before them, and batches of both; also under `/anthropic`, where Azure and AWS
//! have them. Source: the API reference, and the types of its Python SDK (2.11.0).
//!
//! Paths that `OpenAI` has too (`/v1/models`, `/v1/files`) are found there: nothing in their bodies is read by a model.
//! Messages that Bedrock and Vertex take at paths of their own are found in `bedrock` and `google`, with these tables.

mod answer;
mod block;

use super::dialect::Dialect;
use super::endpoint::Endpoint;
use super::openai::{self, ROUTING};
use super::shape::{Is, Shape};
use super::vocabulary::{Feature, Measure, Operation, Provenance, Reads, Unread, What};
use Operation::{Batch, Chat, Completion, CountTokens, Stored};
use Provenance::{Metadata, System, ToolDefinition, User};

/// The tables that others speak too.
pub(super) use answer::{ANSWER, MESSAGE as ANSWER_MESSAGE, USAGE};
pub(super) use block::BLOCK;
use block::{CACHE, CITATIONS};

const fn json(path: &'static str, operation: Operation, request: Is, answer: Is) -> Endpoint {
    Endpoint { dialect: Dialect::Anthropic, method: "POST", path, operation, reads: Reads::Whole, request, answer }
}

/// A request that is decided by what its head says: nothing that a model reads is in its body.
const fn head(method: &'static str, path: &'static str, operation: Operation) -> Endpoint {
    Endpoint { dialect: Dialect::Anthropic, method, path, operation, reads: Reads::Head, request: ANY, answer: ANY }
}

/// An upload.
const fn form(path: &'static str, operation: Operation) -> Endpoint {
    let (dialect, method, reads) = (Dialect::Anthropic, "POST", Reads::Stream);
    Endpoint { dialect, method, path, operation, reads, request: ANY, answer: ANY }
}

/// A request or an answer in which nothing is known.
const ANY: Is = Is::Text(Provenance::Unknown);

/// The number of something stored elsewhere.
const REFERENCE: Is = Is::Unread(Unread::ByReference);

pub(super) static ENDPOINTS: &[Endpoint] = &[
    json("/v1/messages", Chat, Is::Object(&MESSAGES), Is::Object(&ANSWER)),
    json("/v1/messages/count_tokens", CountTokens, Is::Object(&MESSAGES), Is::Object(&ANSWER)),
    json("/v1/messages/batches", Batch, Is::Object(&BATCH), ANY),
    json("/anthropic/v1/messages", Chat, Is::Object(&MESSAGES), Is::Object(&ANSWER)),
    json("/anthropic/v1/messages/count_tokens", CountTokens, Is::Object(&MESSAGES), Is::Object(&ANSWER)),
    json("/anthropic/v1/messages/batches", Batch, Is::Object(&BATCH), ANY),
    json("/v1/complete", Completion, Is::Object(&COMPLETE), Is::Object(&answer::COMPLETED)),
    head("GET", "/v1/messages/batches", Batch),
    head("GET", "/v1/messages/batches/{}", Batch),
    head("DELETE", "/v1/messages/batches/{}", Batch),
    head("POST", "/v1/messages/batches/{}/cancel", Batch),
    head("GET", "/v1/messages/batches/{}/results", Batch),
    form("/v1/skills", Stored),
    form("/v1/skills/{}/versions", Stored),
    head("GET", "/v1/skills", Stored),
    head("GET", "/v1/skills/{}", Stored),
    head("DELETE", "/v1/skills/{}", Stored),
    head("GET", "/v1/skills/{}/versions", Stored),
    head("GET", "/v1/skills/{}/versions/{}", Stored),
    head("DELETE", "/v1/skills/{}/versions/{}", Stored),
];

pub(super) static MESSAGES: Shape = Shape::of(
    "messages",
    &[
        ("model", Is::Model),
        ("messages", Is::Object(&MESSAGE)),
        ("system", Is::TextOr(System, &BLOCK)),
        ("stream", Is::Stream),
        ("max_tokens", Is::Number(Measure::MaxOutputTokens)),
        ("tools", Is::Using(Feature::Tools, &Is::Object(&TOOL))),
        ("tool_choice", Is::Object(&CHOICE)),
        ("mcp_servers", Is::Using(Feature::Tools, &Is::Object(&SERVER))),
        ("thinking", Is::Object(&THINKING)),
        ("output_config", Is::Object(&OUTPUT)),
        ("output_format", Is::Using(Feature::ResponseFormat, &Is::Object(&FORMAT))),
        ("fallbacks", Is::Or(&Is::Note(What::Model), &FALLBACK)),
        ("container", Is::Or(&REFERENCE, &CONTAINER)),
        ("context_management", Is::Object(&CONTEXT)),
        ("compaction", Is::Object(&EDIT)),
        ("thread", Is::Object(&THREAD)),
        ("metadata", Is::Object(&METADATA)),
        ("cache_control", Is::Object(&CACHE)),
        ("diagnostics", Is::Object(&DIAGNOSTICS)),
        ("billing_policy", Is::Object(&BILLING)),
        ("fallback_credit_token", Is::Or(&Is::Plain, &CREDIT)),
        ("stop_sequences", Is::Plain),
        ("service_tier", Is::Plain),
        ("inference_geo", Is::Plain),
        ("speed", Is::Plain),
        ("temperature", Is::Plain),
        ("top_k", Is::Plain),
        ("top_p", Is::Plain),
        ("user_profile_id", Is::Plain),
        ("workspace_id", Is::Plain),
        // On Bedrock and Vertex these stand in the body.
        ("anthropic_version", Is::Plain),
        ("anthropic_beta", Is::Plain),
    ],
)
.also(&[&ROUTING]);

static MESSAGE: Shape = Shape::of(
    "message",
    &[
        ("role", Is::Role),
        ("content", Is::TextOr(Provenance::Role, &BLOCK)),
        ("clear_at", Is::Plain),
        ("output_config", Is::Object(&OUTPUT)),
    ],
)
.message();

/// A tool of the caller's own, of Anthropic's, or the tools of an MCP server.
pub(super) static TOOL: Shape = Shape::of(
    "tool",
    &[
        ("type", Is::ToolType),
        ("name", Is::NoteText(What::Tool, ToolDefinition)),
        ("description", Is::Text(ToolDefinition)),
        ("input_schema", Is::Text(ToolDefinition)),
        ("input_examples", Is::Text(ToolDefinition)),
        ("cache_control", Is::Object(&CACHE)),
        ("strict", Is::Plain),
        ("defer_loading", Is::Plain),
        ("eager_input_streaming", Is::Plain),
        ("allowed_callers", Is::Plain),
        // Search and fetch.
        ("allowed_domains", Is::Text(ToolDefinition)),
        ("blocked_domains", Is::Text(ToolDefinition)),
        ("user_location", Is::Object(&PLACE)),
        ("max_uses", Is::Plain),
        ("max_content_tokens", Is::Plain),
        ("citations", Is::Object(&CITATIONS)),
        ("url_sources", Is::Text(ToolDefinition)),
        ("response_inclusion", Is::Plain),
        ("use_cache", Is::Plain),
        // Computer, browser and editor.
        ("display_height_px", Is::Plain),
        ("display_width_px", Is::Plain),
        ("display_number", Is::Plain),
        ("enable_zoom", Is::Plain),
        ("max_characters", Is::Plain),
        // Toolsets.
        ("mcp_server_name", Is::NoteText(What::Tool, ToolDefinition)),
        ("tools", Is::Object(&TOOL)),
        ("configs", Is::Text(ToolDefinition)),
        ("default_config", Is::Text(ToolDefinition)),
        // Another model's advice.
        ("model", Is::Note(What::Model)),
        ("max_tokens", Is::Plain),
        ("caching", Is::Object(&CACHE)),
    ],
);

static PLACE: Shape = Shape::of(
    "user_location",
    &[
        ("type", Is::Type),
        ("city", Is::Text(User)),
        ("country", Is::Text(User)),
        ("region", Is::Text(User)),
        ("timezone", Is::Text(User)),
    ],
);

static CHOICE: Shape = Shape::of(
    "tool_choice",
    &[("type", Is::Plain), ("name", Is::Text(ToolDefinition)), ("disable_parallel_tool_use", Is::Plain)],
);

static SERVER: Shape = Shape::of(
    "mcp_server",
    &[
        ("type", Is::Plain),
        ("name", Is::NoteText(What::Tool, ToolDefinition)),
        ("url", Is::Url),
        ("authorization_token", Is::Plain),
        ("tool_configuration", Is::Object(&ALLOWED)),
    ],
);
static ALLOWED: Shape =
    Shape::of("tool_configuration", &[("allowed_tools", Is::Text(ToolDefinition)), ("enabled", Is::Plain)]);

static THINKING: Shape = Shape::of(
    "thinking",
    &[
        ("type", Is::Plain),
        ("budget_tokens", Is::Plain),
        ("display", Is::Plain),
        ("block_binding", Is::Object(&BINDING)),
    ],
);
static BINDING: Shape = Shape::of("block_binding", &[("prefix_mismatch_behavior", Is::Plain)]);

static OUTPUT: Shape = Shape::of(
    "output_config",
    &[
        ("effort", Is::Plain),
        ("format", Is::Using(Feature::ResponseFormat, &Is::Object(&FORMAT))),
        ("task_budget", Is::Object(&BUDGET)),
    ],
);
static FORMAT: Shape = Shape::of("format", &[("type", Is::Plain), ("schema", Is::Text(ToolDefinition))]);
static BUDGET: Shape = Shape::of("task_budget", &[("type", Is::Plain), ("total", Is::Plain), ("remaining", Is::Plain)]);

/// A model that answers if the first refuses.
static FALLBACK: Shape = Shape::of(
    "fallback",
    &[
        ("model", Is::Note(What::Model)),
        ("max_tokens", Is::Number(Measure::MaxOutputTokens)),
        ("output_config", Is::Object(&OUTPUT)),
        ("speed", Is::Plain),
        ("thinking", Is::Object(&THINKING)),
    ],
)
.also(&[&openai::FALLBACK])
.others(Is::Or(&Is::Note(What::Model), &openai::FALLBACK));

/// Where code of a model runs, and the skills that are there.
static CONTAINER: Shape = Shape::of("container", &[("id", REFERENCE), ("skills", Is::Object(&SKILL))]);
static SKILL: Shape = Shape::of("skill", &[("skill_id", REFERENCE), ("type", Is::Plain), ("version", Is::Plain)]);

/// What is left out of a long conversation, and how it is summarised.
static CONTEXT: Shape = Shape::of("context_management", &[("edits", Is::Object(&EDIT))]);
static EDIT: Shape = Shape::of(
    "edit",
    &[
        ("type", Is::Plain),
        ("instructions", Is::Text(System)),
        ("keep", Is::Or(&Is::Plain, &LIMIT)),
        ("trigger", Is::Object(&LIMIT)),
        ("clear_at_least", Is::Object(&LIMIT)),
        ("clear_tool_inputs", Is::Plain),
        ("exclude_tools", Is::Plain),
        ("pause_after_compaction", Is::Plain),
    ],
);
static LIMIT: Shape = Shape::of("limit", &[("type", Is::Plain), ("value", Is::Plain)]);

/// A conversation that is kept at the provider.
static THREAD: Shape = Shape::of("thread", &[("type", Is::Plain), ("previous_message_id", REFERENCE)]);
static METADATA: Shape = Shape::of("metadata", &[("user_id", Is::Text(Metadata))]);
static DIAGNOSTICS: Shape = Shape::of("diagnostics", &[("previous_message_id", Is::Plain)]);
static BILLING: Shape = Shape::of("billing_policy", &[("type", Is::Plain), ("bill_to", Is::Plain)]);
static CREDIT: Shape = Shape::of("fallback_credit_token", &[("token", Is::Plain), ("mode", Is::Plain)]);

/// Many requests. Their models are told one by one; a cap on output is the most that one of them may have.
static BATCH: Shape = Shape::of("batches", &[("requests", Is::Object(&REQUEST))]);
static REQUEST: Shape = Shape::of("request", &[("custom_id", Is::Plain), ("params", Is::Object(&MESSAGES))]);

/// A conversation as one text, the speakers named in it.
static COMPLETE: Shape = Shape::of(
    "complete",
    &[
        ("model", Is::Model),
        ("prompt", Is::Text(User)),
        ("stream", Is::Stream),
        ("max_tokens_to_sample", Is::Number(Measure::MaxOutputTokens)),
        ("stop_sequences", Is::Plain),
        ("metadata", Is::Object(&METADATA)),
        ("temperature", Is::Plain),
        ("top_k", Is::Plain),
        ("top_p", Is::Plain),
    ],
);

#[cfg(test)]
mod tests;
