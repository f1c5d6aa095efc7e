//! What tells one prompt from another.

use portcullis::ai::read::Reading;

use crate::policy::{Part, Secret};

/// A keyed hash of its texts.
pub(crate) fn thing(secret: &Secret, reading: &Reading<'_>) -> u64 {
    let mut key = secret.key("prompt", "");
    for text in &reading.texts {
        key.add(Part::Is(text.text.unescaped().as_bytes()));
    }
    let [first, ..] = key.fingerprint().halves();
    first
}
