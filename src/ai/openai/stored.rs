//! What the provider keeps: files, batches, training.

use super::{METADATA, REFERENCE};
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Provenance, What};

/// A stored thing is changed; a server may do something else at such a path, with a model.
pub(super) static CHANGE: Shape = Shape::of("change", &[("metadata", METADATA), ("model", Is::Note(What::Model))]);

pub(super) static FINE_TUNE: Shape = Shape::of(
    "fine_tuning.jobs",
    &[
        ("model", Is::Model),
        ("training_file", REFERENCE),
        ("validation_file", REFERENCE),
        ("suffix", Is::Plain),
        ("seed", Is::Plain),
        ("hyperparameters", METADATA),
        ("integrations", Is::Text(Provenance::Metadata)),
        ("method", Is::Object(&METHOD)),
        ("metadata", METADATA),
    ],
);

/// How a model is trained: by a model that judges, among others.
static METHOD: Shape = Shape::of("method", &[("reinforcement", Is::Object(&REINFORCEMENT))]).others(TOLD);
static REINFORCEMENT: Shape = Shape::of("reinforcement", &[("grader", Is::Object(&GRADER))]).others(TOLD);
static GRADER: Shape =
    Shape::of("grader", &[("model", Is::Note(What::Model)), ("graders", Is::Object(&GRADERS))]).others(TOLD);
/// One, or some by names of the caller's.
static GRADERS: Shape = Shape::of("graders", &[]).also(&[&GRADER]).others(Is::TextOr(Provenance::Developer, &GRADER));

/// What a developer says of it.
const TOLD: Is = Is::Text(Provenance::Developer);

pub(super) static UPLOAD: Shape = Shape::of(
    "uploads",
    &[
        ("filename", Is::Text(Provenance::FileName)),
        ("purpose", Is::Plain),
        ("bytes", Is::Plain),
        ("mime_type", Is::Plain),
        ("expires_after", Is::Text(Provenance::Metadata)),
        ("part_ids", Is::Plain),
        ("md5", Is::Plain),
    ],
);

pub(super) static BATCH: Shape = Shape::of(
    "batches",
    &[
        ("input_file_id", REFERENCE),
        ("endpoint", Is::Plain),
        ("completion_window", Is::Plain),
        ("output_expires_after", Is::Text(Provenance::Metadata)),
        ("metadata", METADATA),
    ],
);
