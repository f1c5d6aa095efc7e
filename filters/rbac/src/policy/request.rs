//! What a decision is about: what is known from the head of a request, and what its body asks for.

use std::net::IpAddr;

use portcullis::ai::dialect::Dialect;
use portcullis::ai::vocabulary::{Feature, Operation};
use portcullis::http::header::Headers;
use portcullis::identity::Identity;
use portcullis::select::Subject;

/// What is known before the body.
#[derive(Debug)]
pub struct Head<'a> {
    /// Who is calling; nobody: an anonymous caller. Of an identity that cannot be read nothing is decided.
    pub identity: Option<&'a Identity>,
    /// The client certificate that the listener verified; none where the operator does not vouch for it.
    pub certificate: Option<&'a Certificate>,
    /// The request's headers.
    pub headers: &'a Headers,
    /// Host, method, path and route.
    pub subject: &'a Subject,
    /// Which API the path belongs to.
    pub dialect: Dialect,
    /// What is done there.
    pub operation: Operation,
    /// The model in the path, or in the header that says it.
    pub path_model: Option<&'a str>,
    /// Where else the server looks for the model: what is named elsewhere is not what it goes by.
    pub model_place: ModelPlace,
    /// Every model in the query, percent-decoded.
    pub query_models: &'a [String],
    /// The caller's address, from Envoy and from no header.
    pub source: Option<IpAddr>,
    /// Seconds since the epoch.
    pub now: u64,
}

/// Where a server looks for the model if its path, or the header that an operator named, does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelPlace {
    /// Nowhere.
    Head,
    /// In the body, and not in the query.
    Body,
    /// In the query too: live conversations, and what nobody knows.
    Query,
}

/// What a verified client certificate says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Certificate {
    /// The subject, as Envoy prints it.
    pub subject: String,
    /// URIs among the alternative names.
    pub uri_sans: Vec<String>,
    /// DNS names among them.
    pub dns_sans: Vec<String>,
}

/// What is known of the body.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    /// Nothing yet: it may be asked for.
    Unread,
    /// It is not read, or cannot be: an upload, a stream. What a rule wants to know of it counts against the caller.
    None,
    /// This; nothing but a stream, if the request ended with its headers.
    Read(&'a Asked),
}

/// What a body asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Every model that it names.
    pub models: Vec<String>,
    /// Every resource and stored thing that it names.
    pub resources: Vec<String>,
    /// Whether the answer is to be streamed; `None` if the server may choose.
    pub stream: Option<bool>,
    /// The cap on tokens of the answer; the largest, if there are several.
    pub max_output_tokens: Option<u64>,
    /// How many answers are wanted; the largest number, if there are several.
    pub choices: Option<u64>,
    /// How many tools are offered.
    pub tools: usize,
    /// Whether there is anything but text: bytes, addresses, references.
    pub has_media: bool,
    /// How many messages.
    pub messages: u32,
    /// Whether it has members that no table knows.
    pub has_unknown: bool,
    /// What is used that a policy may forbid.
    pub features: Vec<Feature>,
    /// How many alternatives of each token are wanted.
    pub top_logprobs: Option<u64>,
}

impl Asked {
    /// What a request without a body asks for, unless its path asks for a stream.
    pub const NOTHING: &'static Self = &Self {
        models: Vec::new(),
        resources: Vec::new(),
        stream: Some(false),
        max_output_tokens: None,
        choices: None,
        tools: 0,
        has_media: false,
        messages: 0,
        has_unknown: false,
        features: Vec::new(),
        top_logprobs: None,
    };
}

impl Head<'_> {
    /// The models that path and query name.
    pub(super) fn models(&self) -> impl Iterator<Item = &str> {
        self.path_model.into_iter().chain(self.query_models.iter().map(String::as_str))
    }

    /// Whether the request says its model where the server looks for it.
    pub(super) fn says_model(&self, body: &Body<'_>) -> bool {
        let in_body = || body.asked().is_some_and(|asked| !asked.models.is_empty());
        let is_beside = match self.model_place {
            ModelPlace::Head => false,
            ModelPlace::Body => in_body(),
            ModelPlace::Query => !self.query_models.is_empty() || in_body(),
        };
        self.path_model.is_some() || is_beside
    }
}

impl<'a> Body<'a> {
    /// What it asks for, if that is known.
    pub(super) fn asked(&self) -> Option<&'a Asked> {
        match self {
            Self::Unread | Self::None => None,
            Self::Read(asked) => Some(asked),
        }
    }

    pub(super) fn is_unread(&self) -> bool {
        matches!(self, Self::Unread)
    }
}
