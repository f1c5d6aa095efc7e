//! The Model Context Protocol over streamable HTTP: JSON-RPC, one message or a batch of them. Source: the schemas of
//! 2025-11-25 and 2026-07-28, which `make suites` has; tests compare the tables with them, and read their examples.
//!
//! One table has the members of every method's `params`, because the method may stand behind them. What is asked is for
//! [`calls`] to say, message by message; the revision of 2026-07-28 says it in the headers `Mcp-Method` and `Mcp-Name`
//! too, which whoever decides by the body must compare, or drop.
//!
//! What a server says of its tools and of itself goes into a model's context before anybody asked: it is told as
//! [`Provenance::Description`]. What a tool answers is [`Provenance::ToolResult`], a resource is
//! [`Provenance::Document`].
//!
//! The transport before (2024-11-05: `GET /sse`, and a path that the server names) is not known here.

mod calls;
mod client;
mod server;

pub use calls::{Call, Kind, MAX_MESSAGES, TooMany, calls};

use super::dialect::Dialect;
use super::endpoint::Endpoint;
use super::shape::{Is, Shape};
use super::vocabulary::{Operation, Provenance, Reads, Unread, What};

const fn endpoint(method: &'static str, reads: Reads) -> Endpoint {
    let (dialect, operation, path) = (Dialect::Mcp, Operation::Mcp, "/mcp/*");
    let (request, answer) = (Is::Object(&client::MESSAGE), Is::Object(&server::MESSAGE));
    Endpoint { dialect, method, path, operation, reads, request, answer }
}

/// A `GET` opens a stream of what a server says unasked, a `DELETE` ends a session.
pub(super) static ENDPOINTS: &[Endpoint] =
    &[endpoint("POST", Reads::Whole), endpoint("GET", Reads::Head), endpoint("DELETE", Reads::Head)];

/// What is done for somebody and asked for later.
static TASK: Shape = Shape::of(
    "task",
    &[
        ("taskId", Is::Note(What::Reference)),
        ("status", Is::Plain),
        ("statusMessage", Is::Text(Provenance::Description)),
        ("createdAt", Is::Plain),
        ("lastUpdatedAt", Is::Plain),
        ("pollInterval", Is::Plain),
        ("ttl", Is::Plain),
    ],
);

/// Which task a message belongs to.
static RELATED: Shape = Shape::of("related-task", &[("taskId", Is::Note(What::Reference))]);

/// A list of what somebody wants to hear of, or will.
static FILTER: Shape = Shape::of(
    "notifications",
    &[
        ("promptsListChanged", Is::Plain),
        ("resourcesListChanged", Is::Plain),
        ("toolsListChanged", Is::Plain),
        ("resourceSubscriptions", Is::Note(What::Resource)),
    ],
);

static ICON: Shape =
    Shape::of("icon", &[("src", Is::Url), ("mimeType", Is::Plain), ("sizes", Is::Plain), ("theme", Is::Plain)]);

/// Bytes in base64.
const BYTES: Is = Is::Unread(Unread::Binary);

#[cfg(test)]
mod tests;
