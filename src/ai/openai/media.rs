//! Images and sound.

use super::{ERROR, REFERENCE};
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Measure, Provenance, Unread};
use Provenance::{Assistant, User};

pub(super) static IMAGE: Shape = Shape::of(
    "images",
    &[
        ("model", Is::Model),
        ("prompt", Is::Text(User)),
        ("n", Is::Number(Measure::Choices)),
        ("stream", Is::Stream),
        ("images", Is::Object(&INPUT)),
        ("mask", Is::Object(&INPUT)),
        ("size", Is::Plain),
        ("quality", Is::Plain),
        ("style", Is::Plain),
        ("background", Is::Plain),
        ("moderation", Is::Plain),
        ("output_format", Is::Plain),
        ("output_compression", Is::Plain),
        ("partial_images", Is::Plain),
        ("input_fidelity", Is::Plain),
        ("response_format", Is::Plain),
        ("user", Is::Plain),
    ],
);

static INPUT: Shape = Shape::of("image", &[("image_url", Is::Url), ("file_id", REFERENCE)]);

pub(super) static IMAGE_ANSWER: Shape = Shape::of(
    "images",
    &[
        ("created", Is::Plain),
        ("type", Is::Type),
        ("data", Is::Object(&MADE)),
        ("b64_json", Is::Unread(Unread::Binary)),
        ("partial_image_index", Is::Plain),
        ("usage", Is::Object(&super::responses::USAGE)),
        ("error", Is::Object(&ERROR)),
        ("background", Is::Plain),
        ("output_format", Is::Plain),
        ("quality", Is::Plain),
        ("size", Is::Plain),
        ("created_at", Is::Plain),
    ],
);

static MADE: Shape = Shape::of(
    "image",
    &[("b64_json", Is::Unread(Unread::Binary)), ("url", Is::Url), ("revised_prompt", Is::Text(Assistant))],
);

pub(super) static SPEECH: Shape = Shape::of(
    "speech",
    &[
        ("model", Is::Model),
        ("input", Is::Text(User)),
        ("instructions", Is::Text(User)),
        ("voice", Is::Or(&Is::Plain, &VOICE)),
        ("response_format", Is::Plain),
        ("speed", Is::Plain),
        ("stream_format", Is::StreamIf("sse")),
    ],
);

static VOICE: Shape = Shape::of("voice", &[("id", Is::Plain)]);

/// The fields of the form; the file is not among them.
pub(super) static TRANSCRIPTION: Shape = Shape::of(
    "transcriptions",
    &[("model", Is::Model), ("prompt", Is::Text(User)), ("stream", Is::Stream), ("language", Is::Plain)],
);

pub(super) static TRANSCRIPT: Shape = Shape::of(
    "transcription",
    &[
        ("type", Is::Type),
        ("text", Is::Text(Assistant)),
        ("delta", Is::Text(Assistant)),
        ("segments", Is::Text(Assistant)),
        ("words", Is::Text(Assistant)),
        ("language", Is::Plain),
        ("duration", Is::Plain),
        ("logprobs", Is::Again),
        ("usage", Is::Object(&super::responses::USAGE)),
        ("error", Is::Object(&ERROR)),
    ],
);
