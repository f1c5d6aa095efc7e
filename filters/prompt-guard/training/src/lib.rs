//! Trains the table of the detector `injection`, and measures it: features and windows are the detector's own, so that
//! there is one way to read a text.
//!
//! Same data, same bytes: numbers of chance come from a seed, sums are made in one order, and `exp` and `ln` are `libm`'s.

// A program for developers: nobody sends it anything, and what cannot be found is a mistake in the data.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::expect_used)]
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
#![allow(clippy::disallowed_methods, clippy::missing_panics_doc, missing_docs)]

pub mod chance;
pub mod corpus;
pub mod designs;
pub mod examples;
pub mod grammar;
pub mod lexicon;
pub mod linear;
pub mod measure;
pub mod model;
pub mod noise;
pub mod patterns;
pub mod rows;
pub mod whole;
pub mod windows;
