//! What a contract says, and what a request or an answer is to it. Nothing here knows a proxy.

mod content;
mod contract;
mod files;
mod operation;
mod parameter;
mod reading;
mod rule;

pub(crate) use content::{Content, Reads, Said, find};
pub(crate) use contract::{Api, Contract, NoOperation, Operations};
pub(crate) use files::{Files, Urls};
pub(crate) use operation::{Operation, RequestBody, Response};
pub(crate) use parameter::{Given, Kinds};
pub(crate) use reading::{Reading, Unfit};
pub(crate) use rule::{Policy, Rule};
