//! Who may do what, with which model and operation.

pub mod compile;
pub mod config;
pub mod policy;
