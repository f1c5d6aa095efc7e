//! What `invoke` takes: the body of the model's own API. The path names a model, not the family it is of, so one table
//! has the members of all: Anthropic's Messages, chats in `OpenAI`'s words (Mistral, Jamba, Qwen, gpt-oss),
//! Nova's, and those of Titan, Llama, Cohere, AI21 and Stability. A member that no family has is told as unknown.

use super::ERROR;
use super::converse::{self, GUARDRAIL, INFERENCE, NAMED, SAID, TOOLS, TRACE};
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Feature, Measure, Provenance, Unread, What};
use crate::ai::{anthropic, openai};
use Provenance::{Assistant, Document, Metadata, Role, System, ToolArguments, ToolDefinition, ToolResult, User};

const BYTES: Is = Is::Unread(Unread::Binary);
const MAX_TOKENS: Is = Is::Number(Measure::MaxOutputTokens);

pub(super) static INVOKE: Shape = Shape::of(
    "invoke",
    &[
        ("messages", Is::Object(&MESSAGE)),
        ("system", Is::TextOr(System, &BLOCK)),
        ("tools", Is::Using(Feature::Tools, &Is::Object(&TOOL))),
        ("tool_choice", Is::Text(ToolDefinition)),
        ("prompt", Is::Text(User)),
        ("stop", Is::Plain),
        ("amazon-bedrock-guardrailConfig", Is::Object(&GUARDRAIL)),
        // Anthropic takes an object, Stability a word.
        ("output_format", Is::Using(Feature::ResponseFormat, &Is::TextOr(ToolDefinition, &FORMAT))),
    ],
)
.also(&[&NOVA, &TITAN, &LLAMA, &COHERE, &AI21, &STABILITY, &anthropic::MESSAGES, &openai::CHAT]);

static FORMAT: Shape = Shape::of("output_format", &[("type", Is::Plain), ("schema", Is::Text(ToolDefinition))]);

static MESSAGE: Shape = Shape::of("message", &[("role", Is::Role), ("content", Is::TextOr(Role, &BLOCK))])
    .also(&[&openai::MESSAGE])
    .message();

static BLOCK: Shape = Shape::of("content block", &[]).also(&[&anthropic::BLOCK, &converse::BLOCK, &openai::PART]);

static TOOL: Shape =
    Shape::of("tool", &[("parameter_definitions", Is::Text(ToolDefinition)), ("toolSpec", Is::Text(ToolDefinition))])
        .also(&[&anthropic::TOOL, &openai::TOOL]);

static NOVA: Shape = Shape::of(
    "nova",
    &[
        ("schemaVersion", Is::Plain),
        ("inferenceConfig", Is::Object(&INFERENCE)),
        ("toolConfig", Is::Object(&TOOLS)),
        ("reasoningConfig", Is::Text(Metadata)),
        ("additionalModelRequestFields", Is::Object(&INVOKE)),
    ],
);

/// Titan's texts, vectors and pictures; Nova's pictures and videos are asked for in the same form.
static TITAN: Shape = Shape::of(
    "titan",
    &[
        ("inputText", Is::Text(User)),
        ("inputImage", BYTES),
        ("textGenerationConfig", Is::Object(&GENERATION)),
        ("dimensions", Is::Plain),
        ("normalize", Is::Plain),
        ("embeddingTypes", Is::Plain),
        ("embeddingConfig", Is::Object(&VECTOR)),
        ("taskType", Is::Plain),
        ("textToImageParams", Is::Object(&PICTURE)),
        ("imageVariationParams", Is::Object(&PICTURE)),
        ("inPaintingParams", Is::Object(&PICTURE)),
        ("outPaintingParams", Is::Object(&PICTURE)),
        ("colorGuidedGenerationParams", Is::Object(&PICTURE)),
        ("backgroundRemovalParams", Is::Object(&PICTURE)),
        ("textToVideoParams", Is::Object(&PICTURE)),
        ("multiShotAutomatedParams", Is::Object(&PICTURE)),
        ("multiShotManualParams", Is::Object(&PICTURE)),
        ("imageGenerationConfig", Is::Object(&PICTURES)),
        ("videoGenerationConfig", Is::Object(&PICTURES)),
    ],
);
static GENERATION: Shape = Shape::of(
    "textGenerationConfig",
    &[("maxTokenCount", MAX_TOKENS), ("temperature", Is::Plain), ("topP", Is::Plain), ("stopSequences", Is::Plain)],
);
static VECTOR: Shape = Shape::of("embeddingConfig", &[("outputEmbeddingLength", Is::Plain)]);
static PICTURE: Shape = Shape::of(
    "picture",
    &[
        ("text", Is::Text(User)),
        ("negativeText", Is::Text(User)),
        ("maskPrompt", Is::Text(User)),
        ("image", Is::Or(&BYTES, &FRAME)),
        ("images", Is::Or(&BYTES, &FRAME)),
        ("maskImage", BYTES),
        ("conditionImage", BYTES),
        ("referenceImage", BYTES),
        ("shots", Is::Object(&PICTURE)),
        ("colors", Is::Plain),
        ("controlMode", Is::Plain),
        ("controlStrength", Is::Plain),
        ("similarityStrength", Is::Plain),
        ("outPaintingMode", Is::Plain),
        ("returnMask", Is::Plain),
        ("style", Is::Plain),
    ],
);
static FRAME: Shape = Shape::of("image", &[("format", Is::Plain), ("source", Is::Object(&FRAME_SOURCE))]);
static FRAME_SOURCE: Shape = Shape::of("source", &[("bytes", BYTES), ("s3Location", Is::Object(&FRAME_PLACE))]);
static FRAME_PLACE: Shape = Shape::of("s3Location", &[("uri", Is::Url), ("bucketOwner", Is::Plain)]);
static PICTURES: Shape = Shape::of(
    "generation",
    &[
        ("numberOfImages", Is::Number(Measure::Choices)),
        ("width", Is::Plain),
        ("height", Is::Plain),
        ("quality", Is::Plain),
        ("cfgScale", Is::Plain),
        ("seed", Is::Plain),
        ("durationSeconds", Is::Plain),
        ("fps", Is::Plain),
        ("dimension", Is::Plain),
    ],
);

static LLAMA: Shape = Shape::of("llama", &[("max_gen_len", MAX_TOKENS), ("images", BYTES)]);

static COHERE: Shape = Shape::of(
    "cohere",
    &[
        ("message", Is::Text(User)),
        ("chat_history", Is::Object(&TURN)),
        ("preamble", Is::Text(System)),
        ("documents", Is::Text(Document)),
        ("tool_results", Is::From(ToolResult, &TOOL_RESULT)),
        ("num_generations", Is::Number(Measure::Choices)),
        ("return_likelihoods", Is::Uses(Feature::Logprobs)),
        ("return_prompt", Is::Uses(Feature::Echo)),
        ("raw_prompting", Is::Plain),
        ("search_queries_only", Is::Plain),
        ("prompt_truncation", Is::Plain),
        ("citation_quality", Is::Plain),
        ("p", Is::Plain),
        ("k", Is::Plain),
        ("truncate", Is::Plain),
        // Vectors, and documents put in order.
        ("texts", Is::Text(User)),
        ("input_type", Is::Plain),
        ("embedding_types", Is::Plain),
        ("query", Is::Text(User)),
        ("top_n", Is::Plain),
        ("max_tokens_per_doc", Is::Plain),
        ("api_version", Is::Plain),
    ],
);
static TURN: Shape = Shape::of(
    "turn",
    &[
        ("role", Is::Role),
        ("message", Is::Text(Role)),
        ("user_name", Is::Text(Role)),
        ("tool_calls", Is::Object(&CALL)),
        ("tool_results", Is::From(ToolResult, &TOOL_RESULT)),
    ],
)
.message();
static CALL: Shape = Shape::of(
    "tool_call",
    &[("name", Is::NoteText(What::Call, ToolArguments)), ("parameters", Is::Text(ToolArguments))],
);
static TOOL_RESULT: Shape = Shape::of("tool_result", &[("call", Is::Object(&CALL)), ("outputs", Is::Text(ToolResult))]);

static AI21: Shape = Shape::of(
    "ai21",
    &[
        ("maxTokens", MAX_TOKENS),
        ("minTokens", Is::Plain),
        ("numResults", Is::Number(Measure::Choices)),
        ("topP", Is::Plain),
        ("topKReturn", Is::Number(Measure::TopLogprobs)),
        ("stopSequences", Is::Plain),
        ("countPenalty", Is::Text(Metadata)),
        ("presencePenalty", Is::Text(Metadata)),
        ("frequencyPenalty", Is::Text(Metadata)),
    ],
);

static STABILITY: Shape = Shape::of(
    "stability",
    &[
        ("text_prompts", Is::Object(&WEIGHTED)),
        ("negative_prompt", Is::Text(User)),
        ("search_prompt", Is::Text(User)),
        ("select_prompt", Is::Text(User)),
        ("image", BYTES),
        ("init_image", BYTES),
        ("mask_image", BYTES),
        ("mask", BYTES),
        ("init_image_mode", Is::Plain),
        ("image_strength", Is::Plain),
        ("mask_source", Is::Plain),
        ("strength", Is::Plain),
        ("mode", Is::Plain),
        ("aspect_ratio", Is::Plain),
        ("style_preset", Is::Plain),
        ("clip_guidance_preset", Is::Plain),
        ("cfg_scale", Is::Plain),
        ("sampler", Is::Plain),
        ("samples", Is::Number(Measure::Choices)),
        ("steps", Is::Plain),
        ("height", Is::Plain),
        ("width", Is::Plain),
        ("extras", Is::Text(Metadata)),
        ("control_strength", Is::Plain),
        ("creativity", Is::Plain),
        ("grow_mask", Is::Plain),
        // Anthropic's, before Messages.
        ("max_tokens_to_sample", MAX_TOKENS),
        // Mistral's.
        ("safe_prompt", Is::Plain),
    ],
);
static WEIGHTED: Shape = Shape::of("text_prompt", &[("text", Is::Text(User)), ("weight", Is::Plain)]);

/// What a model answers, whole or as one event of its stream.
pub(super) static INVOKED: Shape = Shape::of(
    "invoke",
    &[
        ("message", Is::Or(&ERROR, &anthropic::ANSWER_MESSAGE)),
        ("Message", ERROR),
        ("usage", Is::Object(&USAGE)),
        ("output", Is::Object(&SAID)),
        ("stopReason", Is::Note(What::Finish)),
        ("metrics", Is::Again),
        ("trace", TRACE),
        // A frame that nobody unwrapped.
        ("bytes", BYTES),
        ("p", Is::Plain),
        ("amazon-bedrock-invocationMetrics", Is::Again),
        ("amazon-bedrock-guardrailAction", Is::Plain),
        ("amazon-bedrock-trace", TRACE),
        // Titan.
        ("inputTextTokenCount", Is::Number(Measure::InputTokens)),
        ("results", Is::Object(&RESULT)),
        ("outputText", Is::Text(Assistant)),
        ("totalOutputTextTokenCount", Is::Number(Measure::OutputTokens)),
        ("completionReason", Is::Note(What::Finish)),
        ("embedding", BYTES),
        ("embeddingsByType", BYTES),
        ("images", BYTES),
        // Llama.
        ("generation", Is::Text(Assistant)),
        ("prompt_token_count", Is::Number(Measure::InputTokens)),
        ("generation_token_count", Is::Number(Measure::OutputTokens)),
        // Mistral.
        ("outputs", Is::Object(&OUTPUT)),
        // Cohere.
        ("text", Is::Text(Assistant)),
        ("generations", Is::Object(&OUTPUT)),
        ("tool_calls", Is::Object(&CALL)),
        ("citations", Is::Text(Document)),
        ("documents", Is::Text(Document)),
        ("search_results", Is::Text(Document)),
        ("search_queries", Is::Text(ToolArguments)),
        ("chat_history", Is::Repeated(&Is::Object(&TURN))),
        ("response", Is::Repeated(&Is::Object(&INVOKED))),
        ("prompt", Is::Repeated(&Is::Text(User))),
        ("event_type", Is::Note(What::Event)),
        ("finish_reason", Is::Note(What::Finish)),
        ("is_finished", Is::Plain),
        ("is_search_required", Is::Plain),
        ("generation_id", Is::Plain),
        ("response_id", Is::Plain),
        ("response_type", Is::Plain),
        ("embeddings", BYTES),
        ("texts", Is::Repeated(&Is::Text(User))),
        // AI21.
        ("completions", Is::Object(&COMPLETION)),
        ("completion", Is::Text(Assistant)),
        ("stop", Is::Plain),
        // Stability.
        ("artifacts", BYTES),
        ("seeds", Is::Plain),
        ("finish_reasons", Is::Plain),
        ("result", Is::Plain),
    ],
)
.also(&[&NAMED, &anthropic::ANSWER, &openai::CHAT_ANSWER]);

static USAGE: Shape = Shape::of("usage", &[]).also(&[&converse::USAGE, &anthropic::USAGE, &openai::USAGE]);
static RESULT: Shape = Shape::of(
    "result",
    &[
        ("outputText", Is::Text(Assistant)),
        ("tokenCount", Is::Number(Measure::OutputTokens)),
        ("completionReason", Is::Note(What::Finish)),
        // Of documents put in order.
        ("index", Is::Plain),
        ("relevance_score", Is::Plain),
    ],
);
static OUTPUT: Shape = Shape::of(
    "output",
    &[
        ("text", Is::Text(Assistant)),
        ("stop_reason", Is::Note(What::Finish)),
        ("finish_reason", Is::Note(What::Finish)),
        ("id", Is::Plain),
        ("index", Is::Index),
        ("likelihood", Is::Plain),
        ("token_likelihoods", Is::Unread(Unread::Tokens)),
    ],
);
static COMPLETION: Shape =
    Shape::of("completion", &[("data", Is::Object(&COMPLETED)), ("finishReason", Is::Object(&REASON))]);
static COMPLETED: Shape = Shape::of("data", &[("text", Is::Text(Assistant)), ("tokens", Is::Unread(Unread::Tokens))]);
static REASON: Shape = Shape::of("finishReason", &[("reason", Is::Note(What::Finish)), ("length", Is::Plain)]);
