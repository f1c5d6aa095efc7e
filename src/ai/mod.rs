//! The AI vocabulary: what the dialects of AI APIs call things, so that four filters can speak of them alike.
//!
//! A dialect is tables ([`shape`]) and a few words ([`dialect`]); [`read`] reads requests and answers by them. [`dialects`] is what
//! an operator says of paths of their own, [`generic`] of an API that nobody here knows.

mod a2a;
pub mod answer;
mod anthropic;
mod bedrock;
mod caps;
pub mod closing;
mod cohere;
pub mod declined;
pub mod details;
pub mod dialect;
pub mod dialects;
pub mod ending;
pub mod endpoint;
pub mod estimate;
mod event;
pub mod fields;
pub mod generic;
mod google;
mod limits;
pub mod mcp;
mod ollama;
mod openai;
pub mod outline;
pub mod paths;
pub mod read;
pub mod rpc;
pub mod shape;
mod streams;
#[cfg(test)]
mod testing;
pub mod usage;
pub mod vocabulary;

pub use limits::LIMITS;
