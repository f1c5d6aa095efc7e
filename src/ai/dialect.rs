//! Which AI API a path belongs to, and how that API says that something went wrong.
//!
//! SDKs turn an error into something their users understand only if it has the shape they know. A path that belongs
//! to none gets RFC 9457 problem details.

use serde_json::{Value, json};

use super::details::{self, Detail};
use super::rpc::{self, Asked};
use super::vocabulary::words;
use crate::reply::Status;

/// The dialect that a caller speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `OpenAI`, also under Azure's paths.
    OpenAi,
    /// Anthropic Messages.
    Anthropic,
    /// Google Gemini and Vertex AI.
    Google,
    /// AWS Bedrock runtime.
    Bedrock,
    /// Cohere.
    Cohere,
    /// Ollama.
    Ollama,
    /// Model Context Protocol over streamable HTTP.
    Mcp,
    /// Agent2Agent.
    A2a,
    /// An API that its operator describes ([`dialects`](super::dialects)).
    Generic,
    /// None that is known.
    #[default]
    Unknown,
}

/// An error as a dialect writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorBody {
    /// The media type.
    pub content_type: &'static str,
    /// Header fields that belong to the shape.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Dialect {
    /// The dialect of a `:path`, by the paths the APIs document; [`Dialects`](super::dialects::Dialects) knows an operator's
    /// own too.
    ///
    /// ```
    /// use portcullis::ai::dialect::Dialect;
    ///
    /// assert_eq!(Dialect::of_path(b"/v1/chat/completions?x=1"), Dialect::OpenAi);
    /// assert_eq!(Dialect::of_path(b"/v1/messages"), Dialect::Anthropic);
    /// assert_eq!(Dialect::of_path(b"/health"), Dialect::Unknown);
    /// ```
    pub fn of_path(path: &[u8]) -> Self {
        let path = path.split(|byte| *byte == b'?').next().unwrap_or_default();
        PREFIXES
            .iter()
            .find(|(prefix, _)| is_under(path, prefix.as_bytes()))
            .map_or(Self::Unknown, |(_, dialect)| of_model(path).unwrap_or(*dialect))
    }

    /// A refusal in this dialect's shape, of a request that nobody has read.
    pub fn error(self, status: Status, code: &str, message: &str) -> ErrorBody {
        self.error_to(&Asked::Unknown, status, code, message)
    }

    /// A refusal in this dialect's shape; in those of JSON-RPC it says whom it answers.
    pub fn error_to(self, asked: &Asked, status: Status, code: &str, message: &str) -> ErrorBody {
        self.error_about(asked, status, code, message, &[])
    }

    /// The same about several places of a request: the first of them stands in the message, where people look.
    pub fn error_about(
        self,
        asked: &Asked,
        status: Status,
        code: &str,
        message: &str,
        details: &[Detail],
    ) -> ErrorBody {
        let first = details.first().map(|detail| format!("{message} {detail}"));
        let mut body = self.body(asked, status, code, first.as_deref().unwrap_or(message));
        details::add(self, &mut body, details);
        ErrorBody { content_type: self.error_type(), headers: self.error_headers(status), body: bytes(&body) }
    }

    fn body(self, asked: &Asked, status: Status, code: &str, message: &str) -> Value {
        match self {
            Self::OpenAi => json!({
                "error": {"message": message, "type": openai_type(status), "param": null, "code": code}
            }),
            Self::Anthropic => json!({
                "type": "error",
                "error": {"type": anthropic_type(status), "message": format!("{message} ({code})")}
            }),
            Self::Google => json!({
                "error": {"code": status.number(), "message": format!("{message} ({code})"), "status": google_status(status),
                    "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": code,
                        "domain": "portcullis"}]}
            }),
            Self::Bedrock | Self::Cohere => json!({"message": format!("{message} ({code})")}),
            Self::Ollama => json!({"error": format!("{message} ({code})")}),
            Self::Mcp | Self::A2a => rpc::error(asked, status, code, message),
            Self::Generic | Self::Unknown => json!({
                "type": "about:blank", "title": status.phrase(), "status": status.number(),
                "detail": message, "code": code
            }),
        }
    }

    fn error_type(self) -> &'static str {
        match self {
            Self::Generic | Self::Unknown => "application/problem+json",
            _ => "application/json",
        }
    }

    fn error_headers(self, status: Status) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Bedrock => vec![("x-amzn-errortype", bedrock_type(status))],
            _ => Vec::new(),
        }
    }
}

words!(Dialect: OpenAi "openai", Anthropic "anthropic", Google "google", Bedrock "bedrock", Cohere "cohere",
    Ollama "ollama", Mcp "mcp", A2a "a2a", Generic "generic", Unknown "unknown");

/// What the paths of [`Endpoint`](super::endpoint::Endpoint) begin with, so that a refusal needs no look at all of them;
/// a test compares. Longer prefixes stand before shorter ones that they begin with.
const PREFIXES: &[(&str, Dialect)] = &[
    ("/v1/messages", Dialect::Anthropic),
    ("/v1/complete", Dialect::Anthropic),
    ("/v1/skills", Dialect::Anthropic),
    ("/anthropic", Dialect::Anthropic),
    ("/v1beta/openai", Dialect::OpenAi),
    ("/v1alpha/openai", Dialect::OpenAi),
    ("/v1beta", Dialect::Google),
    ("/v1beta1", Dialect::Google),
    ("/v1alpha", Dialect::Google),
    ("/v1/projects", Dialect::Google),
    ("/v1/publishers", Dialect::Google),
    ("/v1/interactions", Dialect::Google),
    ("/v1/tunedModels", Dialect::Google),
    ("/upload/v1beta", Dialect::Google),
    ("/upload/v1alpha", Dialect::Google),
    ("/model", Dialect::Bedrock),
    ("/guardrail", Dialect::Bedrock),
    ("/guardrail-checks", Dialect::Bedrock),
    ("/async-invoke", Dialect::Bedrock),
    ("/foundation-models", Dialect::Bedrock),
    ("/v1/chat/completions", Dialect::OpenAi),
    ("/v1/chat", Dialect::Cohere),
    ("/v1/generate", Dialect::Cohere),
    ("/v1/summarize", Dialect::Cohere),
    ("/v1/embed", Dialect::Cohere),
    ("/v1/rerank", Dialect::Cohere),
    ("/v1/classify", Dialect::Cohere),
    ("/v1/tokenize", Dialect::Cohere),
    ("/v1/detokenize", Dialect::Cohere),
    ("/v2/chat", Dialect::Cohere),
    ("/v2/embed", Dialect::Cohere),
    ("/v2/rerank", Dialect::Cohere),
    ("/api/chat", Dialect::Ollama),
    ("/api/generate", Dialect::Ollama),
    ("/api/embed", Dialect::Ollama),
    ("/api/embeddings", Dialect::Ollama),
    ("/api/show", Dialect::Ollama),
    ("/api/create", Dialect::Ollama),
    ("/api/pull", Dialect::Ollama),
    ("/api/push", Dialect::Ollama),
    ("/api/copy", Dialect::Ollama),
    ("/api/delete", Dialect::Ollama),
    ("/api/blobs", Dialect::Ollama),
    ("/api/tags", Dialect::Ollama),
    ("/api/ps", Dialect::Ollama),
    ("/api/version", Dialect::Ollama),
    ("/mcp", Dialect::Mcp),
    ("/a2a", Dialect::A2a),
    ("/.well-known/agent.json", Dialect::A2a),
    ("/.well-known/agent-card.json", Dialect::A2a),
    ("/openai", Dialect::OpenAi),
    ("/v1", Dialect::OpenAi),
];

/// Whose the method of a model is, where the beginning of a path does not say: `OpenAI` has `/v1/models/` too, and
/// Vertex passes on to models of others in their words.
fn of_model(path: &[u8]) -> Option<Dialect> {
    let path = std::str::from_utf8(path).ok()?;
    let is_raw = path.ends_with(":rawPredict") || path.ends_with(":streamRawPredict");
    if path.starts_with("/v1/models/") && METHODS.iter().any(|method| path.ends_with(method)) {
        return Some(Dialect::Google);
    }
    if !path.contains("/projects/") {
        return None;
    }
    if path.contains("/endpoints/") && path.ends_with("/chat/completions") {
        return Some(Dialect::OpenAi);
    }
    let publisher = path.split_once("/publishers/")?.1.split('/').next().filter(|_| is_raw)?;
    OTHERS.iter().find(|(name, _)| *name == publisher).map(|(_, dialect)| *dialect)
}

/// What a model of Google's does, at the end of its path.
const METHODS: &[&str] = &[
    ":generateContent",
    ":streamGenerateContent",
    ":countTokens",
    ":computeTokens",
    ":embedContent",
    ":batchEmbedContents",
    ":predict",
    ":serverStreamingPredict",
    ":predictLongRunning",
    ":batchGenerateContent",
    ":asyncBatchEmbedContent",
];

/// Publishers whose models have an API of their own.
const OTHERS: &[(&str, Dialect)] = &[("anthropic", Dialect::Anthropic), ("mistralai", Dialect::OpenAi)];

/// Whether `path` is `prefix` or lies below it.
fn is_under(path: &[u8], prefix: &[u8]) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| matches!(rest.first(), None | Some(b'/')))
}

fn bytes(body: &Value) -> Vec<u8> {
    body.to_string().into_bytes()
}

/// `error.type` of the `OpenAI` API reference.
fn openai_type(status: Status) -> &'static str {
    match status {
        Status::Unauthorized => "authentication_error",
        Status::Forbidden => "permission_error",
        Status::TooManyRequests => "rate_limit_error",
        Status::Ok | Status::InternalError | Status::BadGateway | Status::Unavailable => "server_error",
        _ => "invalid_request_error",
    }
}

/// `error.type` of Anthropic's API reference, "Errors".
fn anthropic_type(status: Status) -> &'static str {
    match status {
        Status::Unauthorized => "authentication_error",
        Status::Forbidden => "permission_error",
        Status::NotFound => "not_found_error",
        Status::ContentTooLarge => "request_too_large",
        Status::TooManyRequests => "rate_limit_error",
        Status::Unavailable => "overloaded_error",
        Status::Ok | Status::InternalError | Status::BadGateway => "api_error",
        _ => "invalid_request_error",
    }
}

/// `google.rpc.Code` by name.
fn google_status(status: Status) -> &'static str {
    match status {
        Status::Unauthorized => "UNAUTHENTICATED",
        Status::Forbidden => "PERMISSION_DENIED",
        Status::NotFound => "NOT_FOUND",
        Status::MethodNotAllowed => "UNIMPLEMENTED",
        Status::TooManyRequests => "RESOURCE_EXHAUSTED",
        Status::Ok | Status::InternalError => "INTERNAL",
        Status::BadGateway | Status::Unavailable => "UNAVAILABLE",
        _ => "INVALID_ARGUMENT",
    }
}

/// Exception names of the Bedrock runtime API.
fn bedrock_type(status: Status) -> &'static str {
    match status {
        Status::Unauthorized | Status::Forbidden => "AccessDeniedException",
        Status::NotFound => "ResourceNotFoundException",
        Status::TooManyRequests => "ThrottlingException",
        Status::Unavailable | Status::BadGateway => "ServiceUnavailableException",
        Status::Ok | Status::InternalError => "InternalServerException",
        _ => "ValidationException",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::endpoint::Endpoint;

    #[test]
    fn a_path_belongs_to_the_api_that_documents_it() {
        for (path, dialect) in [
            ("/v1/chat/completions", Dialect::OpenAi),
            ("/v1", Dialect::OpenAi),
            ("/v1/messages/count_tokens", Dialect::Anthropic),
            ("/v1/messagesx", Dialect::OpenAi),
            ("/openai/deployments/gpt/chat/completions?api-version=1", Dialect::OpenAi),
            ("/v1beta/models/gemini-pro:generateContent", Dialect::Google),
            ("/v1/projects/p/locations/l/publishers/google/models/g:generateContent", Dialect::Google),
            ("/v1/models/gemini-pro:generateContent", Dialect::Google),
            ("/v1/models/ft:gpt:org::1", Dialect::OpenAi),
            ("/v1beta/openai/chat/completions", Dialect::OpenAi),
            ("/upload/v1beta/files", Dialect::Google),
            ("/model/anthropic.claude/converse", Dialect::Bedrock),
            ("/v2/chat", Dialect::Cohere),
            ("/api/chat", Dialect::Ollama),
            ("/mcp", Dialect::Mcp),
            ("/a2a/v1", Dialect::A2a),
            ("/", Dialect::Unknown),
            ("", Dialect::Unknown),
            ("/v10", Dialect::Unknown),
        ] {
            assert_eq!(Dialect::of_path(path.as_bytes()), dialect, "{path}");
        }
    }

    #[test]
    fn a_refusal_speaks_the_dialect_of_the_endpoint() {
        for endpoint in Endpoint::all() {
            let path = endpoint.path.replace("{model}", "m").replace("{}", "x").replace('*', "x");
            assert_eq!(Dialect::of_path(path.as_bytes()), endpoint.dialect, "{path}");
        }
    }

    #[test]
    fn every_dialect_names_the_code_in_a_small_json_body() {
        for dialect in Dialect::ALL.iter().copied() {
            let error = dialect.error(Status::Forbidden, "model_not_allowed", "This model is not allowed.");
            let text = String::from_utf8(error.body.clone()).unwrap();
            assert!(text.contains("model_not_allowed"), "{dialect:?}: {text}");
            assert!(crate::json::parse(&error.body, crate::json::Limits::default()).is_ok(), "{dialect:?}");
            assert!(error.body.len() < 1024);
        }
    }
}
