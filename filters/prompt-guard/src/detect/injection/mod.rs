//! Texts that want a model to leave what it was told: a score by a trained table.

mod characters;
pub mod features;
pub mod lexicon;
pub mod linear;
pub mod model;
pub mod patterns;
pub mod read;
pub mod units;
pub mod window;
