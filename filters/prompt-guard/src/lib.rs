//! What goes into a model is read whole, and kept clean: injections, personal data and secrets are found and kept out.

mod attached;
mod compile;
pub mod config;
mod coverage;
pub mod detect;
mod facts;
mod filter;
mod gather;
mod letters;
mod mask;
mod metrics;
mod moderation;
pub mod normalise;
pub mod offline;
mod policy;
mod refusal;
mod scope;
#[cfg(test)]
mod tests;
mod verdict;
mod visit;
mod wide;

pub use filter::{PromptGuard, RISK};

#[cfg(feature = "module")]
portcullis::entry!(PromptGuard);
