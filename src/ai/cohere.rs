//! Cohere, version 2, and version 1 where servers still have it. Source: its API reference, and the types of its Python
//! SDK (7.3.1).
//!
//! Usage is told twice: in `tokens`, which are counted here, and in `billed_units`, which leave some out.

use super::dialect::Dialect;
use super::endpoint::Endpoint;
use super::openai::ROUTING;
use super::shape::{Is, Shape};
use super::vocabulary::{Feature, Measure, Operation, Provenance, Reads, Unread, What};
use Operation::{Chat, Completion, CountTokens, Embeddings, Moderation, Rerank};
use Provenance::{Assistant, Document, Reasoning, Role, System, ToolArguments, ToolDefinition, ToolResult, User};

const fn json(path: &'static str, operation: Operation, request: Is, answer: Is) -> Endpoint {
    Endpoint { dialect: Dialect::Cohere, method: "POST", path, operation, reads: Reads::Whole, request, answer }
}

pub(super) static ENDPOINTS: &[Endpoint] = &[
    json("/v2/chat", Chat, Is::Object(&CHAT), Is::Object(&ANSWER)),
    json("/v1/chat", Chat, Is::Object(&CHAT_1), Is::Object(&ANSWER_1)),
    json("/v1/generate", Completion, Is::Object(&CHAT_1), Is::Object(&ANSWER_1)),
    json("/v1/summarize", Completion, Is::Object(&CHAT_1), Is::Object(&ANSWER_1)),
    json("/v2/embed", Embeddings, Is::Object(&EMBED), Is::Object(&EMBEDDED)),
    json("/v1/embed", Embeddings, Is::Object(&EMBED), Is::Object(&EMBEDDED)),
    json("/v2/rerank", Rerank, Is::Object(&RERANK), Is::Object(&RANKED)),
    json("/v1/rerank", Rerank, Is::Object(&RERANK), Is::Object(&RANKED)),
    json("/v1/classify", Moderation, Is::Object(&CLASSIFY), Is::Text(Provenance::Unknown)),
    json("/v1/tokenize", CountTokens, Is::Object(&CLASSIFY), Is::Text(Provenance::Unknown)),
    json("/v1/detokenize", CountTokens, Is::Object(&CLASSIFY), Is::Text(Provenance::Unknown)),
];

static CHAT: Shape = Shape::of(
    "chat",
    &[
        ("model", Is::Model),
        ("messages", Is::Object(&MESSAGE)),
        ("stream", Is::Stream),
        ("max_tokens", Is::Number(Measure::MaxOutputTokens)),
        ("tools", Is::Using(Feature::Tools, &Is::Object(&TOOL))),
        ("tool_choice", Is::Plain),
        ("strict_tools", Is::Plain),
        ("documents", Is::TextOr(Document, &DOCUMENT)),
        ("citation_options", Is::Object(&MODE)),
        ("response_format", Is::Using(Feature::ResponseFormat, &Is::Object(&FORMAT))),
        ("thinking", Is::Object(&MODE)),
        ("safety_mode", Is::Plain),
        ("logprobs", Is::Uses(Feature::Logprobs)),
        ("stop_sequences", Is::Plain),
        ("temperature", Is::Plain),
        ("seed", Is::Plain),
        ("frequency_penalty", Is::Plain),
        ("presence_penalty", Is::Plain),
        ("k", Is::Plain),
        ("p", Is::Plain),
        ("priority", Is::Plain),
        ("raw_prompting", Is::Plain),
    ],
);

static MESSAGE: Shape = Shape::of(
    "message",
    &[
        ("role", Is::Role),
        ("content", Is::TextOr(Role, &PART)),
        ("tool_plan", Is::Text(Reasoning)),
        ("tool_calls", Is::Object(&CALL)),
        ("tool_call_id", Is::NoteText(What::CallId, Role)),
        ("citations", Is::Text(Document)),
    ],
)
.message();

static PART: Shape = Shape::of(
    "content part",
    &[
        ("type", Is::Type),
        ("text", Is::Text(Role)),
        ("thinking", Is::Text(Reasoning)),
        ("image_url", Is::Or(&Is::Url, &IMAGE_URL)),
        ("document", Is::From(Document, &DOCUMENT)),
    ],
);

static IMAGE_URL: Shape = Shape::of("image_url", &[("url", Is::Url), ("detail", Is::Plain)]);
static DOCUMENT: Shape = Shape::of("document", &[("id", Is::Plain), ("data", Is::Text(Document))]);
static MODE: Shape = Shape::of("mode", &[("mode", Is::Plain), ("type", Is::Plain), ("token_budget", Is::Plain)]);

static CALL: Shape =
    Shape::of("tool_call", &[("id", Is::Note(What::CallId)), ("type", Is::Plain), ("function", Is::Object(&CALLED))]);

static CALLED: Shape =
    Shape::of("function", &[("name", Is::NoteText(What::Call, ToolArguments)), ("arguments", Is::Text(ToolArguments))]);

static TOOL: Shape = Shape::of("tool", &[("type", Is::ToolType), ("function", Is::Object(&FUNCTION))]);

static FUNCTION: Shape = Shape::of(
    "function",
    &[
        ("name", Is::NoteText(What::Tool, ToolDefinition)),
        ("description", Is::Text(ToolDefinition)),
        ("parameters", Is::Text(ToolDefinition)),
        // Version 1.
        ("parameter_definitions", Is::Text(ToolDefinition)),
    ],
);

static FORMAT: Shape = Shape::of(
    "response_format",
    &[("type", Is::Plain), ("json_schema", Is::Text(ToolDefinition)), ("schema", Is::Text(ToolDefinition))],
);

/// A whole answer, and each event of one that is streamed.
static ANSWER: Shape = Shape::of(
    "answer",
    &[
        ("id", Is::Plain),
        ("type", Is::Note(What::Event)),
        ("index", Is::Index),
        // A string is what went wrong.
        ("message", Is::Or(&ERROR, &SAID)),
        ("delta", Is::Or(&Is::Plain, &DELTA)),
        ("finish_reason", Is::Note(What::Finish)),
        ("usage", Is::Object(&USAGE)),
        ("logprobs", Is::Unread(Unread::Tokens)),
    ],
);

/// An error as this API writes it.
const ERROR: Is = Is::NoteText(What::Error, Provenance::Unknown);

/// A message of the model's.
static SAID: Shape = Shape::of("message", &[]).also(&[&MESSAGE]).spoken_by(Assistant).message();

static DELTA: Shape = Shape::of(
    "delta",
    &[
        ("message", Is::From(Assistant, &MESSAGE)),
        ("finish_reason", Is::Note(What::Finish)),
        ("usage", Is::Object(&USAGE)),
        ("error", ERROR),
    ],
);

static USAGE: Shape = Shape::of(
    "usage",
    &[
        ("tokens", Is::Object(&TOKENS)),
        ("cached_tokens", Is::Number(Measure::CachedTokens)),
        ("billed_units", Is::Again),
        ("api_version", Is::Again),
        ("warnings", Is::Text(Provenance::Unknown)),
    ],
);

static TOKENS: Shape = Shape::of(
    "tokens",
    &[("input_tokens", Is::Number(Measure::InputTokens)), ("output_tokens", Is::Number(Measure::OutputTokens))],
);

/// Chats of version 1: the last message apart from those before it.
static CHAT_1: Shape = Shape::of(
    "chat, version 1",
    &[
        ("message", Is::Text(User)),
        ("prompt", Is::Text(User)),
        ("text", Is::Text(User)),
        ("preamble", Is::Text(System)),
        ("chat_history", Is::Object(&TURN)),
        ("conversation_id", Is::Unread(Unread::ByReference)),
        ("connectors", Is::Using(Feature::Tools, &Is::Unread(Unread::ByReference))),
        ("search_queries_only", Is::Plain),
        ("prompt_truncation", Is::Plain),
        ("citation_quality", Is::Plain),
        ("tool_results", Is::Text(ToolResult)),
        ("num_generations", Is::Number(Measure::Choices)),
        ("max_input_tokens", Is::Plain),
        ("return_likelihoods", Is::Uses(Feature::Logprobs)),
        ("additional_command", Is::Text(User)),
        ("force_single_step", Is::Plain),
        ("truncate", Is::Plain),
        ("preset", Is::Unread(Unread::ByReference)),
        ("format", Is::Plain),
        ("length", Is::Plain),
        ("extractiveness", Is::Plain),
        ("tools", Is::Using(Feature::Tools, &Is::Object(&FUNCTION))),
        ("documents", Is::Text(Document)),
    ],
)
.also(&[&CHAT]);

static TURN: Shape = Shape::of(
    "message, version 1",
    &[
        ("role", Is::Role),
        ("message", Is::Text(Role)),
        ("user_name", Is::Text(Role)),
        ("tool_calls", Is::Text(ToolArguments)),
        ("tool_results", Is::Text(ToolResult)),
    ],
)
.message();

static ANSWER_1: Shape = Shape::of(
    "answer, version 1",
    &[
        ("event_type", Is::Note(What::Event)),
        ("is_finished", Is::Plain),
        ("index", Is::Index),
        ("id", Is::Plain),
        ("text", Is::Text(Assistant)),
        ("summary", Is::Text(Assistant)),
        ("generations", Is::Object(&GENERATION)),
        ("tool_calls", Is::Object(&CALL_1)),
        ("tool_call_delta", Is::Object(&CALL_1)),
        ("tool_plan_delta", Is::Text(Reasoning)),
        ("citations", Is::Text(Document)),
        ("documents", Is::Text(Document)),
        ("search_results", Is::Text(Document)),
        ("search_queries", Is::Text(ToolArguments)),
        ("is_search_required", Is::Plain),
        ("finish_reason", Is::Note(What::Finish)),
        ("meta", Is::Object(&USAGE)),
        ("message", ERROR),
        ("error", ERROR),
        // The whole answer once more, in the last event of a stream.
        ("response", Is::Repeated(&Is::Object(&ANSWER_1))),
        // What was asked, and the answer at its end.
        ("chat_history", Is::Repeated(&Is::Object(&TURN))),
        ("prompt", Is::Repeated(&Is::Text(User))),
        ("response_id", Is::Plain),
        ("response_type", Is::Plain),
        ("generation_id", Is::Plain),
        ("conversation_id", Is::Plain),
    ],
);

/// One of the texts that were wanted.
static GENERATION: Shape = Shape::of(
    "generation",
    &[
        ("id", Is::Plain),
        ("text", Is::Text(Assistant)),
        ("index", Is::Index),
        ("finish_reason", Is::Note(What::Finish)),
        ("likelihood", Is::Plain),
        ("token_likelihoods", Is::Unread(Unread::Tokens)),
    ],
);

static CALL_1: Shape = Shape::of(
    "tool_call, version 1",
    &[
        ("index", Is::Index),
        ("name", Is::NoteText(What::Call, ToolArguments)),
        ("parameters", Is::Text(ToolArguments)),
        ("text", Is::Text(ToolArguments)),
    ],
);

static EMBED: Shape = Shape::of(
    "embed",
    &[
        ("model", Is::Model),
        ("texts", Is::Text(User)),
        ("images", Is::Url),
        ("inputs", Is::Object(&INPUT)),
        ("input_type", Is::Plain),
        ("embedding_types", Is::Plain),
        ("output_dimension", Is::Plain),
        ("max_tokens", Is::Plain),
        ("truncate", Is::Plain),
        ("priority", Is::Plain),
    ],
);

static INPUT: Shape = Shape::of("input", &[("content", Is::From(User, &PART))]);

static EMBEDDED: Shape = Shape::of(
    "embed",
    &[
        ("id", Is::Plain),
        ("embeddings", Is::Unread(Unread::Binary)),
        ("texts", Is::Repeated(&Is::Text(User))),
        ("images", Is::Again),
        ("message", ERROR),
        ("meta", Is::Object(&META)),
        ("response_type", Is::Plain),
    ],
);

/// What is billed is all that is told of embeddings.
static META: Shape = Shape::of("meta", &[("billed_units", Is::Object(&BILLED)), ("tokens", Is::Again)]).also(&[&USAGE]);
static BILLED: Shape =
    Shape::of("billed_units", &[("input_tokens", Is::Number(Measure::InputTokens))]).others(Is::Plain);

static RERANK: Shape = Shape::of(
    "rerank",
    &[
        ("model", Is::Model),
        ("query", Is::Text(User)),
        ("documents", Is::Text(Document)),
        ("top_n", Is::Plain),
        ("rank_fields", Is::Plain),
        ("return_documents", Is::Plain),
        ("max_chunks_per_doc", Is::Plain),
        ("max_tokens_per_doc", Is::Plain),
        ("priority", Is::Plain),
    ],
)
.also(&[&ROUTING]);

static RANKED: Shape = Shape::of(
    "rerank",
    &[
        ("id", Is::Plain),
        ("results", Is::Object(&RESULT)),
        ("meta", Is::Object(&META)),
        ("response_type", Is::Plain),
        ("message", ERROR),
    ],
);

static RESULT: Shape = Shape::of(
    "result",
    &[("index", Is::Plain), ("relevance_score", Is::Plain), ("document", Is::Repeated(&Is::Text(Document)))],
);

static CLASSIFY: Shape = Shape::of(
    "classify",
    &[
        ("model", Is::Model),
        ("inputs", Is::Text(User)),
        ("examples", Is::Text(User)),
        ("text", Is::Text(User)),
        ("tokens", Is::TextOrTokens(User)),
        ("preset", Is::Unread(Unread::ByReference)),
        ("truncate", Is::Plain),
    ],
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::testing::{answer, expect_parts, notes, request, texts, unread};

    #[test]
    fn every_part_of_a_message_is_read() {
        expect_parts(
            "/v2/chat",
            &[
                (r#"{"type":"text","text":"hi"}"#, &[(User, "hi")], &[]),
                (r#"{"type":"image_url","image_url":{"url":"https://x/y"}}"#, &[], &[Unread::Remote]),
                (
                    r#"{"type":"document","document":{"id":"1","data":{"title":"t"}}}"#,
                    &[(Document, "title"), (Document, "t")],
                    &[],
                ),
            ],
            |part| format!(r#"{{"model":"m","messages":[{{"content":[{part}],"role":"user"}}]}}"#),
        );
    }

    #[test]
    fn version_one_has_the_last_message_apart() {
        let body = r#"{"message": "now", "preamble": "be kind", "chat_history": [{"role": "USER", "message": "before"}],
            "documents": [{"title": "t"}], "max_tokens": 5}"#;
        let reading = request("/v1/chat", body).unwrap();
        let said = texts(&reading);
        for text in [(User, "now"), (System, "be kind"), (User, "before"), (Document, "t")] {
            assert!(said.contains(&(text.0, text.1.to_owned())), "{text:?} in {said:?}");
        }
        assert_eq!((&reading.numbers[..], &reading.unknown[..]), (&[(Measure::MaxOutputTokens, 5)][..], &[][..]));
    }

    #[test]
    fn nothing_of_an_answer_is_passed_over() {
        for (path, body, says) in [
            ("/v1/chat", r#"{"documents": [{"snippet": "s"}]}"#, &[(Document, "snippet"), (Document, "s")][..]),
            ("/v1/chat", r#"{"search_queries": [{"text": "q"}]}"#, &[(ToolArguments, "text"), (ToolArguments, "q")]),
            ("/v1/chat", r#"{"tool_plan_delta": "p"}"#, &[(Reasoning, "p")]),
            ("/v1/chat", r#"{"response": {"text": "t"}}"#, &[(Assistant, "t")]),
            ("/v1/chat", r#"{"chat_history": [{"role": "CHATBOT", "message": "t"}]}"#, &[(Assistant, "t")]),
            ("/v1/chat", r#"{"message": "no"}"#, &[(Provenance::Unknown, "no")]),
            ("/v2/chat", r#"{"message": "no"}"#, &[(Provenance::Unknown, "no")]),
            ("/v2/chat", r#"{"message": {"content": [{"type": "text", "text": "t"}]}}"#, &[(Assistant, "t")]),
            ("/v2/embed", r#"{"texts": ["t"]}"#, &[(User, "t")]),
            ("/v2/rerank", r#"{"results": [{"document": {"text": "t"}}]}"#, &[(Document, "text"), (Document, "t")]),
        ] {
            let reading = answer(path, body);
            let says: Vec<_> = says.iter().map(|(provenance, text)| (*provenance, (*text).to_owned())).collect();
            assert_eq!(texts(&reading), says, "{body}");
            assert_eq!(reading.unknown, [], "{body}");
        }
        let unknown = answer("/v1/chat", r#"{"new_member": "prose", "response": {"other": "prose"}}"#);
        assert_eq!((unknown.texts.len(), unknown.unknown.len()), (2, 2));
        let tokens = r#"{"generations": [{"text": "t", "token_likelihoods": [{"token": "t"}]}]}"#;
        assert_eq!(unread(&answer("/v1/generate", tokens)), [Unread::Tokens]);
        assert_eq!(notes(&answer("/v1/chat", r#"{"message": "no"}"#), What::Error), ["no"]);
    }

    #[test]
    fn tokens_are_counted_and_not_what_is_billed() {
        let end = r#"{"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{
            "billed_units":{"input_tokens":1,"output_tokens":1},"tokens":{"input_tokens":7,"output_tokens":3}}}}"#;
        let reading = answer("/v2/chat", end);
        assert_eq!(reading.numbers, [(Measure::InputTokens, 7), (Measure::OutputTokens, 3)]);
        assert_eq!(notes(&reading, What::Finish), ["COMPLETE"]);
    }
}
