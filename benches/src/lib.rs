//! What a filter costs in a real Envoy: time a request (`make bench`), bytes and memory (`make size`).

pub mod corpus;
mod dresses;
pub mod gateway;
pub mod load;
pub mod texts;
