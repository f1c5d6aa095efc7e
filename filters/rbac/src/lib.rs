//! Who may do what, with which model and operation.

mod asked;
mod certificate;
mod clamp;
pub mod compile;
pub mod config;
mod facts;
mod filter;
mod inventory;
mod metrics;
mod models;
pub mod policy;
mod refusal;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::string_slice, clippy::format_collect, clippy::too_many_lines)]
mod tests;
mod visit;

pub use filter::Rbac;

#[cfg(feature = "module")]
portcullis::entry!(Rbac);
