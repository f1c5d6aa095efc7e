//! What stands beside the body, held against the contract: path, query, headers and cookies.
//!
//! Rules:
//! 1. a value is decoded once, and what it is follows from its schema: `01`, `1.0` and ` 1` are no integers;
//! 2. what is not an array stands once: one server takes the first of several, the next the last;
//! 3. a parameter of the query that the contract does not have is refused, unless the operator lets it pass;
//! 4. what is missing and required is refused, and so is what has no value where one belongs.

mod gather;
mod kinds;
mod style;
mod text;

pub(crate) use gather::{Fault, Found, Given, gather};
pub(crate) use kinds::Kinds;
