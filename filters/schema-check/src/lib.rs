//! Requests and answers are what the contract says.

pub mod body;
pub mod openapi;
pub mod schema;
pub mod value;
