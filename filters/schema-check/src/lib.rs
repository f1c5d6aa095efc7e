//! Requests and answers are what the contract says.

mod answer;
pub mod body;
mod check;
mod compile;
pub mod config;
mod expected;
mod filter;
mod metrics;
pub mod offline;
pub mod openapi;
mod policy;
mod redact;
mod refusal;
pub mod schema;
mod stream;
mod structured;
mod urls;
pub mod value;
mod visit;

#[cfg(test)]
#[allow(clippy::needless_pass_by_value)]
mod tests;

pub use filter::SchemaCheck;

#[cfg(feature = "module")]
portcullis::entry!(SchemaCheck);
