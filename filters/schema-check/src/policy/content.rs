//! Which of the media types of a contract a body is, and whether that is JSON.

use crate::body::media::{MediaRange, MediaType, best};

/// A media type of a contract.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    pub(crate) range: MediaRange,
    /// The name of its schema.
    pub(crate) schema: Option<String>,
}

/// What a `content-type` says.
pub(crate) enum Said<'c> {
    /// This of the contract.
    This(&'c Content, MediaType),
    /// None of it, or nothing that every server understands.
    Other,
}

/// Finds the one that fits best.
pub(crate) fn find<'c>(content: &'c [Content], content_type: Option<&[u8]>) -> Said<'c> {
    let media = content_type.and_then(|value| MediaType::parse(value).ok()).filter(MediaType::is_utf8);
    let Some(media) = media else { return Said::Other };
    match best(content, |content| &content.range, &media) {
        Some(content) => Said::This(content, media),
        None => Said::Other,
    }
}

/// Whether a body of this type is JSON (RFC 8259; RFC 6839 section 3.1).
pub(crate) fn is_json(media: &MediaType) -> bool {
    media.subtype == "json" || media.subtype.ends_with("+json")
}
