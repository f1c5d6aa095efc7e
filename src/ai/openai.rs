//! `OpenAI`, and Azure's paths for it. Source: the API reference, and the `OpenAPI` description that `make suites` has;
//! a test compares the tables with that.

mod chat;
mod decisions;
mod embeddings;
mod endpoints;
mod media;
mod realtime;
mod responses;
mod stored;

use super::shape::{Is, Shape};
use super::vocabulary::{Provenance, Unread, What};

/// The tables of [`chat`], which others speak too.
pub(super) use chat::{CHAT, CHAT_ANSWER, FALLBACK, MESSAGE, PART, ROUTING, TOOL, USAGE};
pub(super) use endpoints::{ASKED, KEPT, OWN};

const fn object(shape: &'static Shape) -> Is {
    Is::Object(shape)
}

/// An answer in which nothing is known.
const ANY: Is = Is::Text(Provenance::Unknown);

/// What is stored beside a request: names and values of the caller's own.
const METADATA: Is = Is::Text(Provenance::Metadata);

/// The number of something stored elsewhere.
const REFERENCE: Is = Is::Unread(Unread::ByReference);

/// Tokens of an answer and their probabilities.
const TOKENS: Is = Is::Unread(Unread::Tokens);

/// Where somebody is, as a model is told.
static PLACE: Shape = Shape::of(
    "approximate_location",
    &[
        ("type", Is::Type),
        ("city", Is::Text(Provenance::User)),
        ("country", Is::Text(Provenance::User)),
        ("region", Is::Text(Provenance::User)),
        ("timezone", Is::Text(Provenance::User)),
        ("approximate", Is::Text(Provenance::User)),
    ],
);

/// An error as this API tells it.
static ERROR: Shape = Shape::of(
    "error",
    &[
        ("message", Is::NoteText(What::Error, Provenance::Unknown)),
        ("type", Is::Plain),
        ("code", Is::Plain),
        ("param", Is::Plain),
    ],
);

#[cfg(test)]
mod tests;
