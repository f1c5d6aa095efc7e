//! Rate limits for AI APIs: requests, tokens and money, exact across the workers of one Envoy.

mod asking;
pub mod backend;
pub mod compile;
pub mod config;
mod fields;
mod filter;
mod heard;
mod inject;
mod leases;
mod metrics;
pub mod policy;
mod prompt;
mod refusal;
mod table;
mod taken;
#[cfg(test)]
#[allow(
    clippy::arithmetic_side_effects,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::cast_possible_truncation,
    clippy::disallowed_methods,
    clippy::needless_pass_by_value,
    clippy::string_slice
)]
mod tests;
mod visit;

pub use filter::RateLimit;

#[cfg(feature = "module")]
portcullis::entry!(RateLimit);
