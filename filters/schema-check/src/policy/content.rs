//! Which of the media types of a contract a body is, and how that is read.

use std::rc::Rc;

use portcullis::http::stream::Framing;

use super::parameter::Kinds;
use crate::body::media::{MediaRange, MediaType, best};

/// A media type of a contract.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    pub(crate) range: MediaRange,
    /// The name of its schema.
    pub(crate) schema: Option<String>,
    /// The name of the schema of each of its items, where it is a sequence.
    pub(crate) item_schema: Option<String>,
    /// What the fields of a form are.
    pub(crate) kinds: Kinds,
    /// The media types that parts of a form may have, by name.
    pub(crate) parts: Vec<(String, Vec<MediaRange>)>,
    /// Whether its schema says more than that a body is a text or bytes.
    pub(crate) says_more: bool,
}

impl Content {
    /// Of this range, and of this schema if there is one; no sequence, and no form whose fields are known.
    pub(crate) fn of(range: MediaRange, schema: Option<String>) -> Self {
        Self { range, schema, item_schema: None, kinds: Kinds::default(), parts: Vec::new(), says_more: false }
    }

    /// Whether who sends a body could choose a type that nobody reads, although the schema of them all says more.
    pub(crate) fn is_dodged_by(&self, is_held: bool) -> bool {
        self.says_more && !is_held && self.range.media().essence().contains('*')
    }

    /// Whether it says anything of what a body contains.
    pub(crate) fn has_schema(&self) -> bool {
        self.schema.is_some() || self.item_schema.is_some()
    }
}

/// What a `content-type` says.
pub(crate) enum Said {
    /// This of the contract.
    This(Rc<Content>, MediaType),
    /// None of it, or nothing that every server understands.
    Other,
}

/// Finds the one that fits best.
pub(crate) fn find(content: &[Rc<Content>], content_type: Option<&[u8]>) -> Said {
    let media = content_type.and_then(|value| MediaType::parse(value).ok()).filter(MediaType::is_utf8);
    let Some(media) = media else { return Said::Other };
    match best(content, |content| &content.range, &media) {
        Some(content) => Said::This(Rc::clone(content), media),
        None => Said::Other,
    }
}

/// How a body of a media type is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// JSON (RFC 8259; RFC 6839 section 3.1).
    Json,
    /// Pairs in a form without files.
    Pairs,
    /// A form with files.
    Form,
    /// Parts of another kind: how they belong together, servers read in several ways.
    Parts,
    /// JSON by lines.
    Lines,
    /// Server-sent events.
    Events,
    /// Text.
    Text,
    /// A picture, a sound, or bytes.
    Bytes,
}

impl Reads {
    /// By the type.
    pub(crate) fn of(media: &MediaType) -> Self {
        match (media.kind.as_str(), media.subtype.as_str()) {
            (_, subtype) if subtype == "json" || subtype.ends_with("+json") => Self::Json,
            ("application", "x-www-form-urlencoded") => Self::Pairs,
            ("multipart", "form-data") => Self::Form,
            ("multipart", _) => Self::Parts,
            _ => match Framing::of_content_type(media.essence().as_bytes()) {
                Some(Framing::Ndjson) => Self::Lines,
                Some(Framing::Sse) => Self::Events,
                _ if media.kind == "text" => Self::Text,
                _ => Self::Bytes,
            },
        }
    }

    /// Whether the body of a request is held against a schema.
    pub(crate) fn is_held_in_requests(self) -> bool {
        matches!(self, Self::Json | Self::Pairs | Self::Form | Self::Lines)
    }

    /// Whether the body of an answer is.
    pub(crate) fn is_held_in_answers(self) -> bool {
        matches!(self, Self::Json | Self::Lines | Self::Events)
    }
}
