//! An answer by a filter: a refusal, by one law of statuses and in the caller's own dialect, or a document it serves.
//!
//! | status | means |
//! |---|---|
//! | 200 | a document that a filter serves itself ([`Reply::document`]); a refusal in the shape of an answer ([`Reply::declining`]) |
//! | 400 | not valid HTTP, JSON or contract, or ambiguous; a blocked prompt |
//! | 401 | no credential, or a bad one; `www-authenticate` says what is wanted (RFC 6750) |
//! | 403 | known, and not allowed |
//! | 404, 405 | unknown operation; known path with another method |
//! | 413, 415 | too large; a content type or encoding that is not accepted |
//! | 429 | over a limit; `retry-after` |
//! | 500 | the gateway is configured wrongly |
//! | 502 | the upstream's answer was refused |
//! | 503 | our fault or a dependency's; `retry-after` |
//!
//! A reply carries a stable code (`invalid_token`), shown to the caller in the body and to the operator as
//! `%RESPONSE_CODE_DETAILS%` (`portcullis_authn_invalid_token`), and never a byte of what the client sent.

use std::rc::Rc;

use crate::ai::declined::Declined;
use crate::ai::details::Detail;
use crate::ai::dialect::Dialect;
use crate::ai::rpc::Asked;
use crate::config::ConfigError;
use crate::host::{HostError, LocalReply, Proxy};
use crate::http::header;

/// The statuses a filter may answer with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// 200: documents that a filter serves itself, and refusals in the shape of an answer.
    Ok,
    /// 400.
    BadRequest,
    /// 401.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
    /// 405.
    MethodNotAllowed,
    /// 413.
    ContentTooLarge,
    /// 415.
    UnsupportedMediaType,
    /// 429.
    TooManyRequests,
    /// 500.
    InternalError,
    /// 502.
    BadGateway,
    /// 503.
    Unavailable,
}

impl Status {
    /// The number.
    pub const fn number(self) -> u16 {
        match self {
            Self::Ok => 200,
            Self::BadRequest => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::ContentTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::TooManyRequests => 429,
            Self::InternalError => 500,
            Self::BadGateway => 502,
            Self::Unavailable => 503,
        }
    }

    /// The reason phrase of RFC 9110 section 15, used as the title of a problem.
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::BadRequest => "Bad Request",
            Self::Unauthorized => "Unauthorized",
            Self::Forbidden => "Forbidden",
            Self::NotFound => "Not Found",
            Self::MethodNotAllowed => "Method Not Allowed",
            Self::ContentTooLarge => "Content Too Large",
            Self::UnsupportedMediaType => "Unsupported Media Type",
            Self::TooManyRequests => "Too Many Requests",
            Self::InternalError => "Internal Server Error",
            Self::BadGateway => "Bad Gateway",
            Self::Unavailable => "Service Unavailable",
        }
    }
}

/// A reply: what a `Denial` of a filter becomes, or a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: Status,
    /// A stable, documented code in `snake_case`.
    pub code: &'static str,
    /// What it says.
    pub body: Body,
    /// Further header fields.
    pub headers: Vec<(&'static str, String)>,
    /// Whom it answers, where the dialect is one of JSON-RPC.
    pub asked: Asked,
    /// Which places of the request are at fault, in words that are not the client's.
    pub details: Vec<Detail>,
}

/// What a reply says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// One sentence, in the shape that the caller's SDK knows as an error. Static: nothing a client sent can stand in it.
    Error(&'static str),
    /// The same in the operator's own words.
    Said(Rc<str>),
    /// A refusal in the shape of an answer.
    Declined(Declined),
    /// These bytes.
    Document {
        /// The media type.
        content_type: &'static str,
        /// The bytes.
        bytes: Vec<u8>,
    },
}

impl Reply {
    /// A refusal with these words.
    pub fn new(status: Status, code: &'static str, message: &'static str) -> Self {
        Self {
            status,
            code,
            body: Body::Error(message),
            headers: Vec::new(),
            asked: Asked::Unknown,
            details: Vec::new(),
        }
    }

    /// A refusal in the operator's own words.
    pub fn saying(status: Status, code: &'static str, text: Rc<str>) -> Self {
        Self { body: Body::Said(text), ..Self::new(status, code, "") }
    }

    /// A refusal that looks like the answer of a model which declines.
    pub fn declining(code: &'static str, declined: Declined) -> Self {
        Self { body: Body::Declined(declined), ..Self::new(Status::Ok, code, "") }
    }

    /// 200 with this document, such as the metadata under `/.well-known/`. Which methods may ask is the filter's matter;
    /// the proxy leaves the body out of an answer to `HEAD`.
    pub fn document(code: &'static str, content_type: &'static str, bytes: Vec<u8>) -> Self {
        let (status, headers, asked) = (Status::Ok, Vec::new(), Asked::Unknown);
        Self { status, code, body: Body::Document { content_type, bytes }, headers, asked, details: Vec::new() }
    }

    /// 503 with `retry-after: 1`: ours or a dependency's fault.
    pub fn unavailable(code: &'static str) -> Self {
        Self::new(Status::Unavailable, code, "The gateway cannot decide on this request now. Try again.")
            .header("retry-after", "1".to_owned())
    }

    /// Whether it serves something instead of refusing.
    pub fn is_document(&self) -> bool {
        matches!(self.body, Body::Document { .. })
    }

    /// The same with one more header field.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same to whom a body asks for something that the filter has read: an SDK of MCP or A2A finds its request by it.
    #[must_use]
    pub fn answering(mut self, asked: Asked) -> Self {
        self.asked = asked;
        self
    }

    /// The same about these places of the request.
    #[must_use]
    pub fn about(mut self, details: Vec<Detail>) -> Self {
        self.details = details;
        self
    }

    fn message(&self) -> &str {
        match &self.body {
            Body::Error(message) => message,
            Body::Said(message) => message,
            Body::Declined(_) | Body::Document { .. } => "",
        }
    }

    /// Sends it, an error in the dialect of whoever called. A value that would split the reply is left out.
    pub(crate) fn send(&self, proxy: &dyn Proxy, filter: &str, dialect: Dialect) -> Result<(), HostError> {
        let of_error = |message| dialect.error_about(&self.asked, self.status, self.code, message, &self.details);
        let error;
        let (content_type, more, body) = match &self.body {
            Body::Document { content_type, bytes } | Body::Declined(Declined { content_type, bytes }) => {
                (*content_type, &[][..], bytes)
            }
            Body::Error(_) | Body::Said(_) => {
                error = of_error(self.message());
                (error.content_type, &error.headers[..], &error.body)
            }
        };
        let mut headers: Vec<(&str, &[u8])> = vec![("content-type", content_type.as_bytes())];
        headers.extend(more.iter().map(|(name, value)| (*name, value.as_bytes())));
        let own = self.headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        headers.extend(own.filter(|(_, value)| header::is_writable(value)));
        proxy.reply(&LocalReply {
            status: u32::from(self.status.number()),
            details: &format!("portcullis_{filter}_{}", self.code),
            headers: &headers,
            body,
        })
    }
}

/// The `realm` of a challenge. It stands in a quoted string (RFC 9110 section 11.5), and nothing in it needs escaping.
pub fn realm(text: &str) -> Result<String, ConfigError> {
    let fits = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    if (1..=64).contains(&text.len()) && text.bytes().all(fits) {
        return Ok(text.to_owned());
    }
    Err(ConfigError::new("realm", text, "1 to 64 printable ASCII characters without '\"' and '\\'"))
}

/// Reasons with stable names, which metrics, verdicts and dashboards depend on. One list gives the enum, `ALL` and the
/// names, so that none can be forgotten.
///
/// ```
/// portcullis::reasons! {
///     /// Why nobody passes.
///     pub enum Reason {
///         /// It is night.
///         Night = "night",
///     }
/// }
/// assert_eq!(Reason::ALL.iter().map(|reason| reason.name()).collect::<Vec<_>>(), ["night"]);
/// ```
#[macro_export]
macro_rules! reasons {
    ($(#[$kind:meta])* pub enum $reason:ident { $($(#[$doc:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$kind])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $reason {
            $($(#[$doc])* $variant,)*
        }

        impl $reason {
            /// All of them, in the order in which they are written.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_realm_needs_no_escaping() {
        for text in ["", "a\"b", "a\\b", "a\r\nx: y", "\u{e4}", &"a".repeat(65)] {
            assert!(realm(text).is_err(), "{text:?}");
        }
        assert!(realm("Example API (v1)").is_ok());
    }
}
