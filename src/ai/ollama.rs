//! Ollama. Source: its API reference, and the types of its Python SDK (0.6.3).
//!
//! Chats and generations stream unless the request says `"stream": false`. Paths that change what the server has (pull,
//! create, delete) are administration.

use super::dialect::Dialect;
use super::endpoint::Endpoint;
use super::shape::{Is, Shape};
use super::vocabulary::{Feature, Measure, Operation, Provenance, Reads, Unread, What};
use Operation::{Admin, Chat, Completion, Embeddings, Models};
use Provenance::{Assistant, Reasoning, Role, System, ToolArguments, ToolDefinition, User};

const fn json(path: &'static str, operation: Operation, request: Is, answer: Is) -> Endpoint {
    Endpoint { dialect: Dialect::Ollama, method: "POST", path, operation, reads: Reads::Whole, request, answer }
}

const fn head(method: &'static str, path: &'static str, operation: Operation) -> Endpoint {
    Endpoint { dialect: Dialect::Ollama, method, path, operation, reads: Reads::Head, request: ANY, answer: ANY }
}

/// A request or an answer in which nothing is known.
const ANY: Is = Is::Text(Provenance::Unknown);

pub(super) static ENDPOINTS: &[Endpoint] = &[
    json("/api/chat", Chat, Is::Object(&CHAT), Is::Object(&ANSWER)),
    json("/api/generate", Completion, Is::Object(&GENERATE), Is::Object(&ANSWER)),
    json("/api/embed", Embeddings, Is::Object(&EMBED), Is::Object(&EMBEDDED)),
    json("/api/embeddings", Embeddings, Is::Object(&EMBED), Is::Object(&EMBEDDED)),
    json("/api/show", Models, Is::Object(&NAMED), ANY),
    json("/api/create", Admin, Is::Object(&CREATE), Is::Object(&PROGRESS)),
    json("/api/pull", Admin, Is::Object(&NAMED), Is::Object(&PROGRESS)),
    json("/api/push", Admin, Is::Object(&NAMED), Is::Object(&PROGRESS)),
    json("/api/copy", Admin, Is::Object(&COPY), ANY),
    Endpoint { method: "DELETE", ..json("/api/delete", Admin, Is::Object(&NAMED), ANY) },
    Endpoint { reads: Reads::Stream, ..json("/api/blobs/{}", Admin, ANY, ANY) },
    head("HEAD", "/api/blobs/{}", Admin),
    head("GET", "/api/tags", Models),
    head("GET", "/api/ps", Models),
    head("GET", "/api/version", Models),
];

static CHAT: Shape = Shape::of(
    "chat",
    &[
        ("model", Is::Model),
        ("messages", Is::Object(&MESSAGE)),
        ("tools", Is::Using(Feature::Tools, &Is::Object(&TOOL))),
        ("stream", Is::Stream),
        ("think", Is::Plain),
        ("format", Is::Using(Feature::ResponseFormat, &Is::Text(ToolDefinition))),
        ("options", Is::Object(&OPTIONS)),
        ("keep_alive", Is::Plain),
        ("logprobs", Is::Uses(Feature::Logprobs)),
        ("top_logprobs", Is::Number(Measure::TopLogprobs)),
    ],
);

static MESSAGE: Shape = Shape::of(
    "message",
    &[
        ("role", Is::Role),
        ("content", Is::Text(Role)),
        ("thinking", Is::Text(Reasoning)),
        ("images", Is::Unread(Unread::Binary)),
        ("tool_name", Is::Text(Role)),
        ("tool_call_id", Is::NoteText(What::CallId, Role)),
        ("tool_calls", Is::Object(&CALL)),
    ],
)
.message();

static CALL: Shape =
    Shape::of("tool_call", &[("id", Is::Note(What::CallId)), ("type", Is::Plain), ("function", Is::Object(&CALLED))]);

static CALLED: Shape = Shape::of(
    "function",
    &[
        ("index", Is::Index),
        ("name", Is::NoteText(What::Call, ToolArguments)),
        ("description", Is::Text(ToolDefinition)),
        ("arguments", Is::Text(ToolArguments)),
    ],
);

static TOOL: Shape = Shape::of("tool", &[("type", Is::ToolType), ("function", Is::Object(&FUNCTION))]);

static FUNCTION: Shape = Shape::of(
    "function",
    &[
        ("name", Is::NoteText(What::Tool, ToolDefinition)),
        ("description", Is::Text(ToolDefinition)),
        ("parameters", Is::Text(ToolDefinition)),
    ],
);

/// Parameters of the model's run.
static OPTIONS: Shape = Shape::of(
    "options",
    &[
        ("num_predict", Is::Number(Measure::MaxOutputTokens)),
        ("numa", Is::Plain),
        ("num_ctx", Is::Plain),
        ("num_batch", Is::Plain),
        ("num_gpu", Is::Plain),
        ("main_gpu", Is::Plain),
        ("use_mmap", Is::Plain),
        ("use_mlock", Is::Plain),
        ("num_thread", Is::Plain),
        ("num_keep", Is::Plain),
        ("low_vram", Is::Plain),
        ("f16_kv", Is::Plain),
        ("logits_all", Is::Plain),
        ("vocab_only", Is::Plain),
        ("embedding_only", Is::Plain),
        ("seed", Is::Plain),
        ("temperature", Is::Plain),
        ("top_k", Is::Plain),
        ("top_p", Is::Plain),
        ("min_p", Is::Plain),
        ("tfs_z", Is::Plain),
        ("typical_p", Is::Plain),
        ("repeat_last_n", Is::Plain),
        ("repeat_penalty", Is::Plain),
        ("presence_penalty", Is::Plain),
        ("frequency_penalty", Is::Plain),
        ("mirostat", Is::Plain),
        ("mirostat_tau", Is::Plain),
        ("mirostat_eta", Is::Plain),
        ("penalize_newline", Is::Plain),
        ("stop", Is::Plain),
    ],
);

static GENERATE: Shape = Shape::of(
    "generate",
    &[
        ("model", Is::Model),
        ("prompt", Is::Text(User)),
        ("suffix", Is::Text(User)),
        ("system", Is::Text(System)),
        ("template", Is::Text(System)),
        ("context", Is::TextOrTokens(User)),
        ("images", Is::Unread(Unread::Binary)),
        ("raw", Is::Plain),
        ("stream", Is::Stream),
        ("think", Is::Plain),
        ("format", Is::Using(Feature::ResponseFormat, &Is::Text(ToolDefinition))),
        ("options", Is::Object(&OPTIONS)),
        ("keep_alive", Is::Plain),
        ("logprobs", Is::Uses(Feature::Logprobs)),
        ("top_logprobs", Is::Number(Measure::TopLogprobs)),
        ("width", Is::Plain),
        ("height", Is::Plain),
        ("steps", Is::Plain),
    ],
);

/// An answer to both, and each line of one that is streamed.
static ANSWER: Shape = Shape::of(
    "answer",
    &[
        ("model", Is::Model),
        ("created_at", Is::Plain),
        ("message", Is::From(Assistant, &MESSAGE)),
        ("response", Is::Text(Assistant)),
        ("thinking", Is::Text(Reasoning)),
        ("image", Is::Unread(Unread::Binary)),
        ("tool_calls", Is::Object(&CALL)),
        ("done", Is::Plain),
        ("done_reason", Is::Note(What::Finish)),
        ("prompt_eval_count", Is::Number(Measure::InputTokens)),
        ("eval_count", Is::Number(Measure::OutputTokens)),
        ("error", Is::NoteText(What::Error, Provenance::Unknown)),
        ("context", Is::TextOrTokens(Assistant)),
        ("logprobs", Is::Unread(Unread::Tokens)),
        ("total_duration", Is::Plain),
        ("load_duration", Is::Plain),
        ("prompt_eval_duration", Is::Plain),
        ("eval_duration", Is::Plain),
        ("completed", Is::Plain),
        ("total", Is::Plain),
    ],
);

static EMBED: Shape = Shape::of(
    "embed",
    &[
        ("model", Is::Model),
        ("input", Is::Text(User)),
        ("prompt", Is::Text(User)),
        ("truncate", Is::Plain),
        ("dimensions", Is::Plain),
        ("options", Is::Object(&OPTIONS)),
        ("keep_alive", Is::Plain),
    ],
);

static EMBEDDED: Shape = Shape::of(
    "embed",
    &[
        ("model", Is::Model),
        ("embeddings", Is::Unread(Unread::Binary)),
        ("embedding", Is::Unread(Unread::Binary)),
        ("prompt_eval_count", Is::Number(Measure::InputTokens)),
        ("total_duration", Is::Plain),
        ("load_duration", Is::Plain),
        ("error", Is::NoteText(What::Error, Provenance::Unknown)),
    ],
);

static NAMED: Shape = Shape::of(
    "model",
    &[
        ("model", Is::Model),
        ("name", Is::Model),
        ("stream", Is::Stream),
        ("insecure", Is::Plain),
        ("verbose", Is::Plain),
    ],
);

static CREATE: Shape = Shape::of(
    "create",
    &[
        ("model", Is::Model),
        ("from", Is::Note(What::Model)),
        ("files", Is::Unread(Unread::ByReference)),
        ("adapters", Is::Unread(Unread::ByReference)),
        ("template", Is::Text(System)),
        ("license", Is::Text(Provenance::Metadata)),
        ("system", Is::Text(System)),
        ("parameters", Is::Object(&OPTIONS)),
        ("messages", Is::Object(&MESSAGE)),
        ("stream", Is::Stream),
        ("quantize", Is::Plain),
    ],
);

static COPY: Shape = Shape::of("copy", &[("source", Is::Model), ("destination", Is::Note(What::Model))]);

static PROGRESS: Shape = Shape::of(
    "progress",
    &[
        ("status", Is::Text(Provenance::Metadata)),
        ("digest", Is::Plain),
        ("total", Is::Plain),
        ("completed", Is::Plain),
        ("error", Is::NoteText(What::Error, Provenance::Unknown)),
    ],
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::testing::{expect_events, found, notes, request, texts, unread};

    #[test]
    fn a_chat_is_read_whole() {
        let reading = request(
            "/api/chat",
            r#"{"model": "m", "options": {"num_predict": -1, "stop": ["x"], "temperature": 0}, "messages": [
                {"content": "hi", "role": "user", "images": ["AAAA", "BBBB"]},
                {"role": "assistant", "content": "", "thinking": "hm", "tool_calls": [
                    {"function": {"name": "f", "arguments": {"city": "Rome"}}}]},
                {"role": "tool", "tool_name": "f", "content": "42"}],
              "tools": [{"type": "function", "function": {"name": "f", "description": "Finds."}}]}"#,
        )
        .unwrap();
        let said = texts(&reading);
        assert_eq!(said[0], (User, "hi".to_owned()));
        for text in [
            (Reasoning, "hm"),
            (ToolArguments, "city"),
            (ToolArguments, "Rome"),
            (Provenance::ToolResult, "42"),
            (ToolDefinition, "Finds."),
        ] {
            assert!(said.contains(&(text.0, text.1.to_owned())), "{text:?} in {said:?}");
        }
        assert_eq!(unread(&reading), [Unread::Binary; 2]);
        assert_eq!(notes(&reading, What::Tool), ["f"]);
        assert_eq!(reading.numbers, [(Measure::MaxOutputTokens, u64::MAX)]);
        assert!(reading.unknown.is_empty());
    }

    #[test]
    fn an_option_that_is_not_known_is_reported() {
        for (body, says) in [
            (r#"{"options": {"temperature": 0, "stop": ["x"]}}"#, &[][..]),
            (r#"{"options": {"foo": "prose"}}"#, &[(Provenance::Unknown, "prose".to_owned())]),
        ] {
            let reading = request("/api/chat", body).unwrap();
            assert_eq!((texts(&reading).as_slice(), reading.unknown.len()), (says, says.len()), "{body}");
        }
    }

    #[test]
    fn the_context_of_an_earlier_answer_is_told_as_tokens() {
        let reading = request("/api/generate", r#"{"model": "m", "prompt": "p", "context": [1, 2, 3]}"#).unwrap();
        assert_eq!(unread(&reading), [Unread::TokenIds]);
    }

    #[test]
    fn lines_of_a_stream_say_what_was_used() {
        expect_events(
            "/api/chat",
            &[
                (
                    r#"{"model":"m","message":{"role":"assistant","content":"a"},"done":false}"#,
                    &[(Assistant, "a")],
                    &[],
                ),
                (
                    r#"{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop",
                        "prompt_eval_count":3,"eval_count":2}"#,
                    &[(Assistant, "")],
                    &[(Measure::InputTokens, 3), (Measure::OutputTokens, 2)],
                ),
            ],
        );
    }

    #[test]
    fn changing_what_the_server_has_is_administration() {
        for (method, path) in [("POST", "/api/pull"), ("DELETE", "/api/delete"), ("POST", "/api/create")] {
            assert_eq!(found(method, path).map(|(operation, _)| operation), Some(Admin), "{path}");
        }
        assert_eq!(found("GET", "/api/tags").map(|(operation, _)| operation), Some(Models));
    }
}
