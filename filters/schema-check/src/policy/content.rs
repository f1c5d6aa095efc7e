//! Which of the media types of a contract a body is, and whether that is JSON.

use std::rc::Rc;

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
}

impl Content {
    /// Of this range, and of this schema if there is one; no sequence, and no form whose fields are known.
    pub(crate) fn of(range: MediaRange, schema: Option<String>) -> Self {
        Self { range, schema, item_schema: None, kinds: Kinds::default(), parts: Vec::new() }
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

/// Whether a body of this type is JSON (RFC 8259; RFC 6839 section 3.1).
pub(crate) fn is_json(media: &MediaType) -> bool {
    media.subtype == "json" || media.subtype.ends_with("+json")
}
