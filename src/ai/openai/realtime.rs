//! Conversations in sound, and videos. What is said in one goes another way than HTTP: only how it begins is read.

use super::REFERENCE;
use super::responses::TOOL;
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Feature, Measure, Provenance, What};
use Provenance::{System, Unknown, User};

/// Asks for a secret with which a browser begins a session.
pub(super) static SECRET: Shape =
    Shape::of("client_secrets", &[("expires_after", Is::Text(Unknown)), ("session", Is::Object(&SESSION))]);

/// How a session is to be.
pub(super) static SESSION: Shape = Shape::of(
    "session",
    &[
        ("type", Is::Plain),
        ("model", Is::Model),
        ("instructions", Is::Text(System)),
        ("tools", Is::Using(Feature::Tools, &Is::Object(&TOOL))),
        ("audio", Is::Object(&AUDIO)),
        ("input_audio_transcription", Is::Object(&TRANSCRIBED)),
    ],
)
.others(Is::Text(Unknown));

/// What is heard, written down by a model of its own.
static AUDIO: Shape = Shape::of("audio", &[("input", Is::Object(&HEARD))]).others(Is::Text(Unknown));
static HEARD: Shape = Shape::of("input", &[("transcription", Is::Object(&TRANSCRIBED))]).others(Is::Text(Unknown));
static TRANSCRIBED: Shape = Shape::of(
    "transcription",
    &[("model", Is::Note(What::Model)), ("prompt", Is::Text(System)), ("language", Is::Plain)],
)
.others(Is::Text(Unknown));

/// Another video made of one.
pub(super) static REMIX: Shape = Shape::of("remix", &[("prompt", Is::Text(User))]);

static FIRST: Shape = Shape::of("input_reference", &[("file_id", REFERENCE), ("image_url", Is::Url)]);

/// A video; with the picture that it begins with it is a form.
pub(super) static VIDEO: Shape = Shape::of(
    "videos",
    &[
        ("model", Is::Model),
        ("prompt", Is::Text(User)),
        ("n", Is::Number(Measure::Choices)),
        ("seconds", Is::Plain),
        ("size", Is::Plain),
        ("input_reference", Is::Or(&Is::Url, &FIRST)),
    ],
);
