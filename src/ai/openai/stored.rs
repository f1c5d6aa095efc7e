//! What the provider keeps: files, batches, training.

use super::{METADATA, REFERENCE};
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::Provenance;

/// A stored thing is changed.
pub(super) static CHANGE: Shape = Shape::of("change", &[("metadata", METADATA)]);

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
        ("method", Is::Text(Provenance::Developer)),
        ("metadata", METADATA),
    ],
);

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
