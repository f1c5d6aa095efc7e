//! What goes into a model is read whole, and kept clean: injections, personal data and secrets are found and kept out.

pub mod detect;
pub mod normalise;
