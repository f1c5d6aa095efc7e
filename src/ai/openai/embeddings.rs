//! Texts as vectors, and texts judged.

use super::chat::{IMAGE_URL, ROUTED, ROUTING, USAGE};
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Provenance, Unread};

pub(super) static REQUEST: Shape = Shape::of(
    "embeddings",
    &[
        ("model", Is::Model),
        ("input", Is::TextOrTokens(Provenance::User)),
        ("encoding_format", Is::Plain),
        ("dimensions", Is::Plain),
        ("user", Is::Plain),
    ],
)
.also(&[&ROUTED]);

pub(super) static ANSWER: Shape = Shape::of(
    "embeddings",
    &[("object", Is::Plain), ("model", Is::Model), ("data", Is::Object(&VECTOR)), ("usage", Is::Object(&USAGE))],
);

static VECTOR: Shape =
    Shape::of("embedding", &[("object", Is::Plain), ("index", Is::Index), ("embedding", Is::Unread(Unread::Binary))]);

pub(super) static MODERATION: Shape =
    Shape::of("moderations", &[("model", Is::Model), ("input", Is::TextOr(Provenance::User, &JUDGED))])
        .also(&[&ROUTING]);

static JUDGED: Shape = Shape::of(
    "input",
    &[("type", Is::Type), ("text", Is::Text(Provenance::User)), ("image_url", Is::Object(&IMAGE_URL))],
);
