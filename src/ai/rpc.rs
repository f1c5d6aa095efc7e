//! JSON-RPC 2.0, which MCP and A2A speak: whom an error answers, and how it is written.
//!
//! A client matches an error with its request by the `id`. Rules:
//! 1. whoever has read the body repeats the `id` ([`Asked::by`]): an integer, or a string of at most
//!    [`RpcId::MAX_BYTES`], written anew. One that is something else is not repeated;
//! 2. a batch is answered by a list of errors, one for each request that has an `id`; a longer one than
//!    [`Asked::MAX_BATCH`] by a single error;
//! 3. where there is none to repeat it is `null` (section 5). MCP's schema has no `id` then; but its Python SDK (2.3.0)
//!    takes an error without one for none at all, and hides the code from its user;
//! 4. the codes are those of section 5.1 for what they name, and the HTTP status where they name nothing (401, 403,
//!    429). Codes from -32768 to -32000 belong to JSON-RPC, to MCP (2026-07-28, "Error Codes") and to A2A (-32001 to
//!    -32009), and are left alone.
//!
//! The HTTP status is that of the [`Reply`](crate::reply::Reply). MCP asks for one of 400 or more where a request is not
//! accepted, and for 404 and -32601 where a method is not known.

use serde_json::{Value, json};

use super::mcp::{Call, Kind, MAX_MESSAGES, calls};
use super::read::Reading;
use crate::json::Text;
use crate::reply::Status;

/// The `id` of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RpcId {
    /// An integer.
    Number(i64),
    /// A string.
    Text(String),
}

impl RpcId {
    /// A longer string, as it is written, is not repeated.
    pub const MAX_BYTES: usize = 128;

    /// An `id` as it stands in a request.
    pub fn of(id: Text<'_>) -> Option<Self> {
        if id.raw().len() > Self::MAX_BYTES {
            return None;
        }
        if !id.is_number() {
            return Some(Self::Text(id.unescaped().into_owned()));
        }
        let number: i64 = id.raw().parse().ok()?;
        (number.to_string() == id.raw()).then_some(Self::Number(number))
    }

    pub(super) fn value(&self) -> Value {
        match self {
            Self::Number(number) => json!(number),
            Self::Text(text) => json!(text),
        }
    }
}

/// Whom an error answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Asked {
    /// Nobody that is known: the body was not read, or has no request with an `id`.
    #[default]
    Unknown,
    /// A request.
    One(RpcId),
    /// The requests of a batch.
    Batch(Vec<RpcId>),
}

impl Asked {
    /// As many requests of a batch are answered one by one: no more are told apart.
    pub const MAX_BATCH: usize = MAX_MESSAGES as usize;

    /// Who asks in this body, by what was read of it.
    ///
    /// ```
    /// use portcullis::ai::endpoint::Endpoint;
    /// use portcullis::ai::read::read;
    /// use portcullis::ai::rpc::{Asked, RpcId};
    /// use portcullis::http::path::Canonical;
    /// use portcullis::ai::LIMITS;
    ///
    /// let path = Canonical::read(b"/mcp").unwrap();
    /// let endpoint = Endpoint::find("POST", &path).unwrap().endpoint;
    /// let body = br#"{"jsonrpc": "2.0", "id": 7, "method": "ping"}"#;
    /// let reading = read(body, endpoint.request, LIMITS).unwrap();
    /// assert_eq!(Asked::by(body, &reading), Asked::One(RpcId::Number(7)));
    /// ```
    pub fn by(body: &[u8], reading: &Reading<'_>) -> Self {
        let mut ids: Vec<_> = calls(reading).unwrap_or_default().iter().filter_map(id).collect();
        let is_batch = body.trim_ascii_start().starts_with(b"[");
        match (is_batch, ids.len()) {
            (true, 1..=Self::MAX_BATCH) => Self::Batch(ids),
            (false, 1) => ids.pop().map_or(Self::Unknown, Self::One),
            _ => Self::Unknown,
        }
    }

    fn ids(&self) -> &[RpcId] {
        match self {
            Self::Unknown => &[],
            Self::One(id) => std::slice::from_ref(id),
            Self::Batch(ids) => ids,
        }
    }
}

fn id(call: &Call<'_>) -> Option<RpcId> {
    call.id.filter(|_| call.kind == Kind::Request).and_then(RpcId::of)
}

/// Errors, each by itself as a stream has them.
pub(super) fn errors(asked: &Asked, status: Status, code: &str, message: &str) -> Vec<Value> {
    let error = |id: Value| {
        json!({
            "jsonrpc": "2.0", "id": id,
            "error": {"code": number(status), "message": format!("{message} ({code})"), "data": {"code": code}}
        })
    };
    match asked.ids() {
        [] => vec![error(Value::Null)],
        ids => ids.iter().map(RpcId::value).map(error).collect(),
    }
}

/// The body of a refusal.
pub(super) fn error(asked: &Asked, status: Status, code: &str, message: &str) -> Value {
    let mut errors = errors(asked, status, code, message);
    match asked {
        Asked::Batch(_) => Value::Array(errors),
        Asked::Unknown | Asked::One(_) => errors.pop().unwrap_or_default(),
    }
}

fn number(status: Status) -> i32 {
    match status {
        Status::Unauthorized | Status::Forbidden | Status::TooManyRequests => i32::from(status.number()),
        Status::NotFound => -32601,
        Status::Ok | Status::InternalError | Status::BadGateway | Status::Unavailable => -32603,
        _ => -32600,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::testing::request;

    fn asked(path: &str, body: &str) -> Asked {
        Asked::by(body.as_bytes(), &request(path, body).unwrap())
    }

    fn ids(asked: &Asked) -> Value {
        match &error(asked, Status::Forbidden, "no", "No.") {
            Value::Array(errors) => errors.iter().map(|error| error["id"].clone()).collect(),
            error => error["id"].clone(),
        }
    }

    #[test]
    fn an_error_has_the_id_of_its_request() {
        for (body, id) in [
            (r#"{"id": 7, "method": "ping"}"#, json!(7)),
            (r#"{"id": -7, "method": "ping"}"#, json!(-7)),
            (r#"{"id": "7", "method": "ping"}"#, json!("7")),
            (r#"{"id": "\u0037\"\n", "method": "ping"}"#, json!("7\"\n")),
            (r#"{"id": "", "method": "ping"}"#, json!("")),
            (r#"[{"id": 7, "method": "ping"}]"#, json!([7])),
            (r#"[{"id": 7, "method": "a"}, {"method": "b"}, {"id": "x", "method": "c"}]"#, json!([7, "x"])),
            (r#"[{"id": 7, "method": "a"}, {"id": 1, "result": {}}]"#, json!([7])),
        ] {
            assert_eq!(ids(&asked("/mcp", body)), id, "{body}");
            assert_eq!(ids(&asked("/a2a", body)), id, "{body}");
        }
    }

    #[test]
    fn an_id_that_is_none_is_not_repeated() {
        let long = format!(r#"{{"id": "{}", "method": "ping"}}"#, "x".repeat(RpcId::MAX_BYTES + 1));
        for body in [
            long.as_str(),
            r#"{"id": 7.0, "method": "ping"}"#,
            r#"{"id": -0, "method": "ping"}"#,
            r#"{"id": 1e2, "method": "ping"}"#,
            r#"{"id": 9223372036854775808, "method": "ping"}"#,
            r#"{"id": null, "method": "ping"}"#,
            r#"{"method": "ping"}"#,
            r#"{"id": 7, "result": {}}"#,
            "[]",
            "7",
        ] {
            assert_eq!(asked("/mcp", body), Asked::Unknown, "{body}");
        }
        // Whoever has the id of another is not known by it.
        let twice = r#"[{"id": 1, "method": "a"}, {"id": 1, "method": "b"}]"#;
        assert_eq!(asked("/mcp", twice), Asked::Batch(vec![RpcId::Number(1)]));
        let error = error(&Asked::Unknown, Status::Forbidden, "no", "No.");
        assert_eq!(error.get("id"), Some(&Value::Null));
    }

    #[test]
    fn a_batch_that_is_too_long_is_answered_once() {
        let batch = |count: usize| {
            let one = |id: usize| format!(r#"{{"id": {id}, "method": "ping"}}"#);
            format!("[{}]", (0..count).map(one).collect::<Vec<_>>().join(","))
        };
        assert_eq!(asked("/mcp", &batch(Asked::MAX_BATCH)).ids().len(), Asked::MAX_BATCH);
        assert_eq!(asked("/mcp", &batch(Asked::MAX_BATCH + 1)), Asked::Unknown);
    }

    #[test]
    fn no_code_is_one_that_a_protocol_has_for_something_else() {
        for status in [
            Status::BadRequest,
            Status::Unauthorized,
            Status::Forbidden,
            Status::NotFound,
            Status::MethodNotAllowed,
            Status::ContentTooLarge,
            Status::UnsupportedMediaType,
            Status::TooManyRequests,
            Status::InternalError,
            Status::BadGateway,
            Status::Unavailable,
        ] {
            let code = number(status);
            let is_reserved = (-32768..=-32000).contains(&code);
            assert!(!is_reserved || [-32600, -32601, -32603].contains(&code), "{status:?}: {code}");
        }
    }
}
