//! A JSON document as the validator walks it: read by the kit's own reader, so that what is validated is what everybody
//! else in the house has read, and never copied into another library's tree.
//!
//! The values lie in one list, in the order of the document; a container knows where its own end is. Strings and numbers
//! are borrowed from the body. Whoever walks pays for each step from a purse that the document brings
//! ([`Tree::is_exhausted`]): a schema that looks at everything in a hundred ways is stopped, whatever it says.

mod compare;
mod finder;
mod node;
mod number;
mod tree;
mod whole;

pub use finder::Finder;
pub use node::{Node, Own};
pub use number::Number;
pub use tree::{Steps, Tree};

#[cfg(test)]
mod tests;
