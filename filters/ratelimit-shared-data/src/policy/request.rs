//! What a limit looks at.

use std::net::IpAddr;

use portcullis::ai::vocabulary::Operation;
use portcullis::http::header::Headers;
use portcullis::identity::Identity;
use portcullis::select::Subject;

/// What is known of a request.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who is calling; `None` is an anonymous caller.
    pub identity: Option<&'a Identity>,
    /// Its header fields.
    pub headers: &'a Headers,
    /// Host, method, path and route.
    pub subject: &'a Subject,
    /// The caller's address, from Envoy and from no header.
    pub source: Option<IpAddr>,
    /// What is asked for.
    pub operation: Operation,
    /// Every model that is named, as far as was read.
    pub models: &'a [String],
    /// Every MCP tool that is called.
    pub tools: &'a [String],
}
