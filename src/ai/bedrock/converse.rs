//! Converse: one form for the conversations of all models.
//!
//! An answer is a whole one, or an event: as a frame of the stream holds it, or under its name, as SDKs show it and as
//! Nova writes it in its own stream. `inputTokens` counts neither what was read from a cache nor what was written to one.

use super::invoke::INVOKE;
use super::{ANY, ERROR};
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Feature, Measure, Provenance, Unread, What};
use Provenance::{
    Assistant, Document, FileName, Metadata, Reasoning, Role, System, ToolArguments, ToolDefinition, ToolResult, User,
};

pub(super) static CONVERSE: Shape = Shape::of(
    "converse",
    &[
        ("messages", Is::Object(&MESSAGE)),
        ("system", Is::From(System, &BLOCK)),
        ("inferenceConfig", Is::Object(&INFERENCE)),
        ("toolConfig", Is::Object(&TOOLS)),
        ("additionalModelRequestFields", Is::Object(&INVOKE)),
        ("additionalModelResponseFieldPaths", Is::Plain),
        ("promptVariables", Is::Object(&VARIABLES)),
        ("requestMetadata", Is::Text(Metadata)),
        ("guardrailConfig", Is::Object(&GUARDRAIL)),
        ("performanceConfig", Is::Object(&PERFORMANCE)),
        ("serviceTier", Is::Object(&TIER)),
        ("outputConfig", Is::Object(&OUTPUT)),
    ],
);

pub(super) static MESSAGE: Shape =
    Shape::of("message", &[("role", Is::Role), ("content", Is::Object(&BLOCK))]).message();

/// A block of content; what a tool answered is made of such blocks too.
pub(super) static BLOCK: Shape = Shape::of(
    "content block",
    &[
        ("text", Is::Text(Role)),
        ("json", Is::Text(Role)),
        ("image", Is::Object(&MEDIUM)),
        ("audio", Is::Object(&MEDIUM)),
        ("video", Is::Object(&MEDIUM)),
        ("document", Is::From(Document, &MEDIUM)),
        ("toolUse", Is::Object(&CALL)),
        ("toolResult", Is::From(ToolResult, &RESULT)),
        ("guardContent", Is::Object(&GUARDED)),
        ("cachePoint", Is::Object(&CACHE)),
        ("reasoningContent", Is::Object(&THOUGHT)),
        ("citationsContent", Is::Object(&CITED)),
        ("searchResult", Is::From(Document, &FOUND)),
        ("toolAddition", Is::Object(&CHANGE)),
        ("toolRemoval", Is::Object(&CHANGE)),
    ],
);

static MEDIUM: Shape = Shape::of(
    "image, audio, video or document",
    &[
        ("format", Is::Plain),
        ("name", Is::Text(FileName)),
        ("source", Is::Object(&SOURCE)),
        ("context", Is::Text(Document)),
        ("citations", Is::Object(&ENABLED)),
        ("error", Is::Object(&FAILED)),
    ],
);
static SOURCE: Shape = Shape::of(
    "source",
    &[
        ("bytes", Is::Unread(Unread::Binary)),
        ("s3Location", Is::Object(&BUCKET)),
        ("text", Is::Text(Document)),
        ("content", Is::Object(&CHUNK)),
    ],
);
static CHUNK: Shape = Shape::of("content", &[("text", Is::Text(Document))]);
static BUCKET: Shape = Shape::of("s3Location", &[("uri", Is::Url), ("bucketOwner", Is::Plain)]);
static ENABLED: Shape = Shape::of("citations", &[("enabled", Is::Plain)]);
static FAILED: Shape = Shape::of("error", &[("message", Is::Text(Role))]);

static CALL: Shape = Shape::of(
    "toolUse",
    &[
        ("toolUseId", Is::Note(What::CallId)),
        ("name", Is::NoteText(What::Call, ToolArguments)),
        ("input", Is::Text(ToolArguments)),
        ("type", Is::Plain),
    ],
);

static RESULT: Shape = Shape::of(
    "toolResult",
    &[("toolUseId", Is::Plain), ("content", Is::Object(&BLOCK)), ("status", Is::Plain), ("type", Is::Plain)],
);

/// What a guardrail is to look at.
pub(super) static GUARDED: Shape =
    Shape::of("guardContent", &[("text", Is::Object(&QUALIFIED)), ("image", Is::Object(&MEDIUM))]);
static QUALIFIED: Shape = Shape::of("text", &[("text", Is::Text(Role)), ("qualifiers", Is::Plain)]);

static CACHE: Shape = Shape::of("cachePoint", &[("type", Is::Plain), ("ttl", Is::Plain)]);

static THOUGHT: Shape = Shape::of(
    "reasoningContent",
    &[
        ("reasoningText", Is::Object(&THOUGHT_TEXT)),
        ("redactedContent", Is::Unread(Unread::ByReference)),
        // In a stream.
        ("text", Is::Text(Reasoning)),
        ("signature", Is::Plain),
    ],
);
static THOUGHT_TEXT: Shape = Shape::of("reasoningText", &[("text", Is::Text(Reasoning)), ("signature", Is::Plain)]);

static CITED: Shape =
    Shape::of("citationsContent", &[("content", Is::Object(&BLOCK)), ("citations", Is::Object(&CITATION))]);
static CITATION: Shape = Shape::of(
    "citation",
    &[
        ("title", Is::Text(Document)),
        ("source", Is::Text(Document)),
        ("sourceContent", Is::Object(&CHUNK)),
        ("location", Is::Text(Document)),
    ],
);

static FOUND: Shape = Shape::of(
    "searchResult",
    &[
        ("source", Is::Text(Document)),
        ("title", Is::Text(Document)),
        ("content", Is::Object(&CHUNK)),
        ("citations", Is::Object(&ENABLED)),
    ],
);

static CHANGE: Shape = Shape::of("toolAddition", &[("tool", Is::Object(&CHANGED))]);
static CHANGED: Shape = Shape::of(
    "tool",
    &[
        ("type", Is::Plain),
        ("name", Is::NoteText(What::Tool, ToolDefinition)),
        ("serverName", Is::NoteText(What::Tool, ToolDefinition)),
    ],
);

/// Nova's own requests have more in it.
pub(super) static INFERENCE: Shape = Shape::of(
    "inferenceConfig",
    &[
        ("maxTokens", Is::Number(Measure::MaxOutputTokens)),
        ("max_new_tokens", Is::Number(Measure::MaxOutputTokens)),
        ("temperature", Is::Plain),
        ("topP", Is::Plain),
        ("top_p", Is::Plain),
        ("topK", Is::Plain),
        ("top_k", Is::Plain),
        ("stopSequences", Is::Plain),
        ("reasoningConfig", Is::Object(&REASONING)),
    ],
);
static REASONING: Shape = Shape::of("reasoningConfig", &[("type", Is::Plain), ("maxReasoningEffort", Is::Plain)]);

pub(super) static TOOLS: Shape = Shape::of(
    "toolConfig",
    &[("tools", Is::Using(Feature::Tools, &Is::Object(&TOOL))), ("toolChoice", Is::Text(ToolDefinition))],
);
static TOOL: Shape = Shape::of(
    "tool",
    &[("toolSpec", Is::Object(&SPEC)), ("systemTool", Is::Object(&SPEC)), ("cachePoint", Is::Object(&CACHE))],
);
static SPEC: Shape = Shape::of(
    "toolSpec",
    &[
        ("name", Is::NoteText(What::Tool, ToolDefinition)),
        ("description", Is::Text(ToolDefinition)),
        ("inputSchema", Is::Text(ToolDefinition)),
        ("strict", Is::Plain),
    ],
);

/// What is filled into a prompt that is stored; the path names the prompt instead of a model.
static VARIABLES: Shape = Shape::of("promptVariables", &[]).others(Is::From(User, &VARIABLE));
static VARIABLE: Shape = Shape::of("variable", &[("text", Is::Text(Role))]);

pub(super) static GUARDRAIL: Shape = Shape::of(
    "guardrailConfig",
    &[
        ("guardrailIdentifier", Is::Plain),
        ("guardrailVersion", Is::Plain),
        ("trace", Is::Plain),
        ("streamProcessingMode", Is::Plain),
        ("tagSuffix", Is::Plain),
    ],
);
static PERFORMANCE: Shape = Shape::of("performanceConfig", &[("latency", Is::Plain)]);
static TIER: Shape = Shape::of("serviceTier", &[("type", Is::Plain)]);

static OUTPUT: Shape = Shape::of(
    "outputConfig",
    &[("textFormat", Is::Using(Feature::ResponseFormat, &Is::Object(&FORMAT))), ("effort", Is::Plain)],
);
static FORMAT: Shape = Shape::of("textFormat", &[("type", Is::Plain), ("structure", Is::Text(ToolDefinition))]);

pub(super) static CONVERSED: Shape = Shape::of(
    "converse",
    &[
        ("output", Is::Object(&SAID)),
        ("message", ERROR),
        ("Message", ERROR),
        ("originalMessage", ERROR),
        ("originalStatusCode", Is::Plain),
    ],
)
.also(&[&EVENT, &NAMED]);

pub(super) static SAID: Shape = Shape::of("output", &[("message", Is::From(Assistant, &MESSAGE))]);

/// What a guardrail found: it has the words of the answer that it judged.
pub(super) const TRACE: Is = Is::Repeated(&Is::Text(Assistant));

/// What the frames of a stream hold.
static EVENT: Shape = Shape::of(
    "event",
    &[
        ("role", Is::Plain),
        ("contentBlockIndex", Is::Index),
        ("start", Is::From(Assistant, &BLOCK)),
        ("delta", Is::From(Assistant, &DELTA)),
        ("stopReason", Is::Note(What::Finish)),
        ("additionalModelResponseFields", Is::Text(Assistant)),
        ("usage", Is::Object(&USAGE)),
        ("metrics", Is::Again),
        ("trace", TRACE),
        ("performanceConfig", Is::Again),
        ("serviceTier", Is::Again),
        // Noise, so that the length of a frame tells nothing.
        ("p", Is::Plain),
    ],
);

/// The same under their names.
pub(super) static NAMED: Shape = Shape::of(
    "event",
    &[
        ("messageStart", Is::Object(&EVENT)),
        ("contentBlockStart", Is::Object(&EVENT)),
        ("contentBlockDelta", Is::Object(&EVENT)),
        ("contentBlockStop", Is::Object(&EVENT)),
        ("messageStop", Is::Object(&EVENT)),
        ("metadata", Is::Object(&EVENT)),
        ("internalServerException", Is::Object(&EXCEPTION)),
        ("modelStreamErrorException", Is::Object(&EXCEPTION)),
        ("modelTimeoutException", Is::Object(&EXCEPTION)),
        ("validationException", Is::Object(&EXCEPTION)),
        ("throttlingException", Is::Object(&EXCEPTION)),
        ("serviceUnavailableException", Is::Object(&EXCEPTION)),
    ],
);
static EXCEPTION: Shape = Shape::of("exception", &[("message", ERROR), ("originalMessage", ERROR)]).others(ANY);

static DELTA: Shape =
    Shape::of("delta", &[("toolResult", Is::From(ToolResult, &BLOCK)), ("citation", Is::Object(&CITATION))])
        .also(&[&BLOCK]);

pub(super) static USAGE: Shape = Shape::of(
    "usage",
    &[
        ("inputTokens", Is::Number(Measure::InputTokens)),
        ("cacheReadInputTokens", Is::Number(Measure::CachedTokensBeside)),
        ("cacheWriteInputTokens", Is::Number(Measure::CacheTokensBeside)),
        ("outputTokens", Is::Number(Measure::OutputTokens)),
        ("totalTokens", Is::Number(Measure::TotalTokens)),
        ("cacheDetails", Is::Again),
        ("serverToolUsage", Is::Again),
        // Nova and older descriptions write these too.
        ("cacheReadInputTokenCount", Is::Again),
        ("cacheWriteInputTokenCount", Is::Again),
    ],
);
