//! Images and sound.

use super::chat::ROUTING;
use super::{ERROR, REFERENCE, TOKENS};
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
        // In a form the picture itself.
        ("image", Is::Unread(Unread::Binary)),
        ("mask", Is::Or(&Is::Unread(Unread::Binary), &INPUT)),
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
)
.also(&[&ROUTING]);

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
)
.also(&[&ROUTING]);

static VOICE: Shape = Shape::of("voice", &[("id", Is::Plain)]);

/// The fields of the form.
pub(super) static TRANSCRIPTION: Shape = Shape::of(
    "transcriptions",
    &[
        ("file", Is::Unread(Unread::Binary)),
        ("model", Is::Model),
        ("prompt", Is::Text(User)),
        ("keywords", Is::Text(User)),
        ("known_speaker_names", Is::Text(User)),
        ("known_speaker_references", Is::Url),
        ("chunking_strategy", Is::Or(&Is::Plain, &CHUNKING)),
        ("include", Is::Plain),
        ("language", Is::Plain),
        ("languages", Is::Plain),
        ("response_format", Is::Plain),
        ("stream", Is::Stream),
        ("temperature", Is::Plain),
        ("timestamp_granularities", Is::Plain),
    ],
);
static CHUNKING: Shape = Shape::of(
    "chunking_strategy",
    &[
        ("type", Is::Plain),
        ("prefix_padding_ms", Is::Plain),
        ("silence_duration_ms", Is::Plain),
        ("threshold", Is::Plain),
    ],
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
        ("logprobs", TOKENS),
        ("usage", Is::Object(&super::responses::USAGE)),
        ("error", Is::Object(&ERROR)),
    ],
);
