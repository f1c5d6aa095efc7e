//! Whether a request wants its answer as a stream: some say so in their body, some in their path, and one API streams
//! unless it is told not to.

use super::dialect::Dialect;
use super::endpoint::Endpoint;
use super::read::Reading;
use super::vocabulary::{Reads, What};
use crate::http::query::Query;

/// Methods that stream, as paths end.
const STREAMS: &[&str] = &[
    ":streamGenerateContent",
    ":streamRawPredict",
    ":serverStreamingPredict",
    "/converse-stream",
    "/invoke-with-response-stream",
    "/invoke-with-bidirectional-stream",
    "/message:stream",
];

/// Paths of Ollama that stream unless the body says `"stream": false`.
const BY_DEFAULT: &[&str] = &["/api/chat", "/api/generate", "/api/create", "/api/pull", "/api/push"];

/// Methods of A2A that stream, in version 1.0 and 0.3.
const METHODS: &[&str] = &["SendStreamingMessage", "SubscribeToTask", "message/stream", "tasks/resubscribe"];

impl Endpoint {
    /// Whether a request wants its answer as a stream, by its `:path` and what was read of its body. `None` if that does
    /// not say: the body was not read, or the server may choose (MCP).
    ///
    /// ```
    /// use portcullis::ai::endpoint::Endpoint;
    /// use portcullis::ai::read::read;
    /// use portcullis::http::path::Canonical;
    /// use portcullis::ai::LIMITS;
    ///
    /// let path = b"/api/chat";
    /// let canonical = Canonical::read(path).unwrap();
    /// let endpoint = Endpoint::find("POST", &canonical).unwrap().endpoint;
    /// let reading = read(br#"{"model": "small", "messages": []}"#, endpoint.request, LIMITS).unwrap();
    /// assert_eq!(endpoint.wants_stream(path, Some(&reading)), Some(true));
    /// assert_eq!(endpoint.wants_stream(path, None), None);
    /// ```
    pub fn wants_stream(&self, path: &[u8], reading: Option<&Reading<'_>>) -> Option<bool> {
        if STREAMS.iter().any(|end| self.path.ends_with(end)) {
            return Some(true);
        }
        match (self.dialect, self.reads) {
            (Dialect::Mcp, Reads::Whole) => None,
            // A `GET` listens to what the server says unasked.
            (Dialect::Mcp, _) => Some(self.method == "GET"),
            (_, Reads::Head) => in_query(path),
            (Dialect::Bedrock, _) => Some(false),
            (Dialect::Ollama, _) if !BY_DEFAULT.contains(&self.path) => Some(false),
            (_, Reads::Stream) => None,
            (Dialect::A2a, _) => reading.map(has_streaming_method),
            (Dialect::Ollama, _) => reading.map(|reading| reading.stream != Some(false)),
            _ => reading.map(|reading| reading.stream == Some(true)),
        }
    }
}

/// What is stored is streamed again with `?stream=true`; servers take other words for it.
fn in_query(path: &[u8]) -> Option<bool> {
    const NO: [&[u8]; 7] = [b"", b"false", b"f", b"0", b"no", b"n", b"off"];
    let query = Query::of(path).ok()?;
    Some(query.values("stream").any(|value| !NO.iter().any(|no| value.eq_ignore_ascii_case(no))))
}

fn has_streaming_method(reading: &Reading<'_>) -> bool {
    let mut methods = reading.notes.iter().filter(|note| note.what == What::Method);
    methods.any(|note| METHODS.contains(&&*note.text.unescaped()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::LIMITS;
    use crate::ai::read::read;
    use crate::http::path::Canonical;

    fn wants(method: &str, path: &str, body: &str) -> Option<bool> {
        let canonical = Canonical::read(path.as_bytes()).unwrap();
        let endpoint = Endpoint::find(method, &canonical).unwrap_or_else(|| panic!("{path}")).endpoint;
        let reading = (!body.is_empty()).then(|| read(body.as_bytes(), endpoint.request, LIMITS).unwrap());
        endpoint.wants_stream(path.as_bytes(), reading.as_ref())
    }

    #[test]
    fn a_request_says_in_its_body_or_its_path_that_it_wants_a_stream() {
        let model = "/v1/projects/p/locations/l/publishers/anthropic/models/claude";
        for (method, path, body, wanted) in [
            ("POST", "/v1/chat/completions", r#"{"stream": true}"#, Some(true)),
            ("POST", "/v1/chat/completions", r#"{"stream": false}"#, Some(false)),
            ("POST", "/v1/chat/completions", "{}", Some(false)),
            ("POST", "/v1/chat/completions", "", None),
            ("POST", "/v1/audio/speech", r#"{"stream_format": "sse"}"#, Some(true)),
            ("POST", "/v1/audio/speech", r#"{"stream_format": "audio"}"#, Some(false)),
            ("POST", "/v1/audio/transcriptions", "", None),
            ("GET", "/v1/responses/r", "", Some(false)),
            ("GET", "/v1/responses/r?stream=true&starting_after=1", "", Some(true)),
            ("GET", "/v1/responses/r?stream=1", "", Some(true)),
            ("GET", "/v1/responses/r?stream=False", "", Some(false)),
            ("POST", "/v1/messages", r#"{"stream": true}"#, Some(true)),
            ("POST", &format!("{model}:streamRawPredict"), "{}", Some(true)),
            ("POST", &format!("{model}:rawPredict"), "{}", Some(false)),
            ("POST", "/v1beta/models/g:streamGenerateContent", "", Some(true)),
            ("POST", "/v1beta/models/g:generateContent", "{}", Some(false)),
            ("POST", "/v1/interactions", r#"{"stream": true}"#, Some(true)),
            ("POST", "/model/m/converse-stream", "", Some(true)),
            ("POST", "/model/m/converse", "{}", Some(false)),
            ("POST", "/model/m/invoke-with-response-stream", "{}", Some(true)),
            ("POST", "/model/m/invoke", r#"{"stream": true}"#, Some(false)),
            ("POST", "/v2/chat", r#"{"stream": true}"#, Some(true)),
            ("POST", "/api/chat", "{}", Some(true)),
            ("POST", "/api/chat", r#"{"stream": null}"#, Some(true)),
            ("POST", "/api/generate", r#"{"stream": false}"#, Some(false)),
            ("POST", "/api/chat", "", None),
            ("POST", "/api/pull", r#"{"model": "m"}"#, Some(true)),
            ("POST", "/api/show", r#"{"model": "m"}"#, Some(false)),
            ("POST", "/api/embed", "", Some(false)),
            ("GET", "/api/tags", "", Some(false)),
            ("POST", "/a2a", r#"{"id": 1, "method": "message/stream"}"#, Some(true)),
            ("POST", "/a2a", r#"{"id": 1, "method": "message/send"}"#, Some(false)),
            ("POST", "/a2a/v1/message:stream", "", Some(true)),
            ("POST", "/mcp", r#"{"id": 1, "method": "tools/call"}"#, None),
            ("GET", "/mcp", "", Some(true)),
            ("DELETE", "/mcp", "", Some(false)),
        ] {
            assert_eq!(wants(method, path, body), wanted, "{method} {path} {body}");
        }
    }
}
