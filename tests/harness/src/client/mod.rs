//! What a test sends and what came back, apart from the protocol that carries it.

pub mod h1;
pub mod h2;

use crate::{Headers, values};
use std::time::Duration;

/// How long a client waits for an answer unless told otherwise.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The authority of a request that names none.
pub const AUTHORITY: &str = "gateway.test";

/// A request. Every part is bytes, and nothing is checked: a test may send what it likes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method, as it is.
    pub method: Vec<u8>,
    /// The path with its query; none leaves out `:path` (HTTP/2) or sends `*` (HTTP/1.1).
    pub path: Option<Vec<u8>>,
    /// `Host` or `:authority`; none leaves it out.
    pub authority: Option<Vec<u8>>,
    /// Fields in their order. In HTTP/2 names that begin with a colon are sent first.
    pub headers: Headers,
    /// The body and how it is sent.
    pub body: Body,
    /// Fields after the body; they make an HTTP/1.1 body chunked.
    pub trailers: Headers,
}

/// A body and how it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// No body: the request ends with its headers.
    None,
    /// With `content-length`, unless the headers have one already.
    Whole(Vec<u8>),
    /// In pieces: chunks in HTTP/1.1, frames in HTTP/2, each after a pause.
    Pieces(Vec<(Duration, Vec<u8>)>),
}

impl Request {
    /// A request without a body.
    pub fn new(method: impl AsRef<[u8]>, path: impl AsRef<[u8]>) -> Self {
        Self {
            method: method.as_ref().to_vec(),
            path: Some(path.as_ref().to_vec()),
            authority: Some(AUTHORITY.into()),
            headers: Headers::new(),
            body: Body::None,
            trailers: Headers::new(),
        }
    }

    /// `GET path`.
    pub fn get(path: impl AsRef<[u8]>) -> Self {
        Self::new("GET", path)
    }

    /// `POST path` with a whole body.
    pub fn post(path: impl AsRef<[u8]>, body: impl AsRef<[u8]>) -> Self {
        Self::new("POST", path).body(body)
    }

    /// `POST path` with a JSON body and its content type.
    pub fn post_json(path: impl AsRef<[u8]>, body: &serde_json::Value) -> Self {
        Self::post(path, body.to_string()).header("content-type", "application/json")
    }

    /// Adds a field.
    pub fn header(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.as_ref().to_vec(), value.as_ref().to_vec()));
        self
    }

    /// Adds `authorization: Bearer token`.
    pub fn bearer(self, token: impl AsRef<[u8]>) -> Self {
        self.header("authorization", [b"Bearer ", token.as_ref()].concat())
    }

    /// Replaces the authority.
    pub fn authority(mut self, authority: impl AsRef<[u8]>) -> Self {
        self.authority = Some(authority.as_ref().to_vec());
        self
    }

    /// A whole body, with its length.
    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = Body::Whole(body.as_ref().to_vec());
        self
    }

    /// Adds a piece of a body sent in pieces.
    pub fn chunk(self, piece: impl AsRef<[u8]>) -> Self {
        self.chunk_after(Duration::ZERO, piece)
    }

    /// Adds a piece that is sent after a pause.
    pub fn chunk_after(mut self, pause: Duration, piece: impl AsRef<[u8]>) -> Self {
        let mut pieces = match self.body {
            Body::Pieces(pieces) => pieces,
            Body::Whole(bytes) => vec![(Duration::ZERO, bytes)],
            Body::None => Vec::new(),
        };
        pieces.push((pause, piece.as_ref().to_vec()));
        self.body = Body::Pieces(pieces);
        self
    }

    /// Adds a field after the body.
    pub fn trailer(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.trailers.push((name.as_ref().to_vec(), value.as_ref().to_vec()));
        self
    }

    fn has(&self, name: &str) -> bool {
        !values(&self.headers, name).is_empty()
    }
}

/// What came back, as far as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The final status; none when no answer came.
    pub status: Option<u16>,
    /// Statuses below 200 that came before it.
    pub interim: Vec<u16>,
    /// Fields in the order of the wire, without `:status`.
    pub headers: Headers,
    /// All bytes of the body.
    pub body: Vec<u8>,
    /// When each piece of the body arrived (since the reading began) and how long it was.
    pub arrivals: Vec<(Duration, usize)>,
    /// Fields after the body.
    pub trailers: Headers,
    /// How it ended.
    pub ended: Ended,
}

/// How an exchange ended, seen from the client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Ended {
    /// The answer is whole.
    #[default]
    Complete,
    /// The connection was closed before the answer was whole.
    Closed,
    /// The connection (HTTP/1.1) or the stream (HTTP/2, with the code) was reset.
    Reset(Option<u32>),
    /// The peer said it will not answer (HTTP/2, with the code).
    GoAway(u32),
    /// The client's patience ended first.
    Timeout,
    /// What came is not HTTP.
    Malformed(String),
}

impl Response {
    /// The first value of a field as text, with other bytes replaced.
    pub fn header(&self, name: &str) -> Option<String> {
        values(&self.headers, name).first().map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// The body as text, with other bytes replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, or null.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Whether the answer is whole and has this status.
    pub fn is(&self, status: u16) -> bool {
        self.status == Some(status) && self.ended == Ended::Complete
    }
}
