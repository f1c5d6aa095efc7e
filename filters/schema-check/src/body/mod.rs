//! Bodies that are not JSON, read strictly: forms and files, pictures, sounds, lines and plain text.
//!
//! A gateway reads what an upstream will read, and upstreams differ. So the question of every rule here is not "what does
//! the standard say?" but "is there a reader that takes it for something else?", and what has two readings is refused.
//!
//! - [`media`]: what a `content-type` says, and which of several ranges fits it best.
//! - [`form`]: `multipart/form-data`; [`urlencoded`]: `application/x-www-form-urlencoded`.
//! - [`image`], [`audio`]: what a file is, from its first bytes. [`data_url`]: files inside of JSON, [`remote`]: files
//!   that an upstream would fetch.
//! - [`lines`]: JSON by lines; [`text`]: plain text.
//!
//! All readers take a body in pieces, cut anywhere, and the cuts change nothing. They keep a bounded part of it, take time
//! in proportion to it, and end with the first fault: whoever asks again is told again. What was handed over before a
//! fault, or before `finish` has answered, is not yet accepted.

pub mod audio;
pub mod data_url;
pub mod error;
mod field;
pub mod form;
pub mod image;
pub mod lines;
pub mod media;
pub mod remote;
#[cfg(test)]
mod tests;
pub mod text;
pub mod urlencoded;

pub use error::{Error, Fault};

/// What a word in any case stands for; those of the table are in lower case.
fn of_word<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table.iter().find(|(known, _)| word.eq_ignore_ascii_case(known)).map(|(_, meant)| *meant)
}
