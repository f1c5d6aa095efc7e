//! The same decision without a proxy, for the command line: what each rule says to a request that somebody wrote down.
//!
//! [`Rbac::explain`] reads it and takes the filter's steps by the filter's code, on a host that has nothing but what was
//! written.
//! What the filter then does, and what the client is answered, is not told here.

use std::rc::Rc;

use portcullis::host::{Cas, HttpCall, Monotonic, Shared, Signed, Wall};
use portcullis::identity;
use portcullis::prelude::*;

use crate::facts::Facts;
use crate::filter::Rbac;
use crate::policy::{Decision, Explained, Reason};
use crate::refusal::Denial;
use crate::step::{self, Step, Told};

/// A request as somebody wrote it down.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Header fields, pseudo-headers first.
    pub headers: Headers,
    /// The body; empty if there is none.
    pub body: Vec<u8>,
    /// What stands in filter state `portcullis.identity`.
    pub identity: Option<Vec<u8>>,
    /// Envoy's attributes by name: `source.address`.
    pub attributes: Vec<(&'static str, Vec<u8>)>,
    /// Seconds since the epoch.
    pub now: u64,
}

/// What the policy says to a request, and why.
#[derive(Debug)]
pub struct Explanation<'p> {
    /// Which API the path belongs to.
    pub dialect: &'static str,
    /// What is done there.
    pub operation: &'static str,
    /// Every model that path, query and body name, as far as they were read.
    pub models: Vec<String>,
    /// How the body counts.
    pub body: Reading,
    /// The decision.
    pub decision: Decision<'p>,
    /// What each rule says, in the order in which they are written.
    pub rules: Vec<Explained<'p>>,
}

/// How a body counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The head is enough.
    NotNeeded,
    /// A rule has to know it, and it is read.
    Read,
    /// A rule has to know it, and there is none.
    Empty,
    /// A rule has to know it, and it is none that is read: what the rule wants to know counts against the caller.
    NotRead,
}

impl Rbac {
    /// What each rule says to a request. The error is the code of a request that no rule is asked about.
    pub fn explain(&self, request: &Request) -> Result<Explanation<'_>, &'static str> {
        let facts = Facts::read(request, self).map_err(Reason::name)?;
        if self.refuses_override(&facts) {
            return Err(Denial::MethodOverride.name());
        }
        let judged = match step::of_head(&self.policy, &facts) {
            Step::Await => step::of_body(&self.policy, &facts, &request.body).map_err(|fault| fault.code())?,
            Step::Unreadable(_, denial) => return Err(denial.name()),
            Step::Judged(judged) => judged,
        };
        let head = facts.head();
        Ok(Explanation {
            dialect: head.dialect.word(),
            operation: facts.operation().word(),
            models: facts.models().chain(judged.told.models()).cloned().collect(),
            body: Reading::of(&judged.told),
            rules: self.policy.explain(&head, &judged.told.body()),
            decision: judged.decision,
        })
    }
}

impl Reading {
    fn of(told: &Told) -> Self {
        match told {
            Told::NotNeeded => Self::NotNeeded,
            Told::Empty(_) => Self::Empty,
            Told::NotRead => Self::NotRead,
            Told::Read(_) => Self::Read,
        }
    }
}

/// It has what was written, and takes nothing.
impl Host for Request {
    fn headers(&self, _: Side) -> Result<Rc<Headers>, HostError> {
        Ok(Rc::new(self.headers.clone()))
    }

    fn property(&self, path: &[&str]) -> Result<Option<Vec<u8>>, HostError> {
        if let ["filter_state", name] = path {
            let is_identity = name.strip_prefix("wasm.") == Some(identity::STATE);
            return Ok(self.identity.clone().filter(|_| is_identity));
        }
        let name = path.join(".");
        Ok(self.attributes.iter().find(|(found, _)| *found == name).map(|(_, value)| value.clone()))
    }

    fn wall(&self) -> Wall {
        Wall(self.now.saturating_mul(1_000_000_000))
    }

    fn monotonic(&self) -> Monotonic {
        Monotonic(0)
    }

    fn shared(&self, _: &str) -> Result<Option<Shared>, HostError> {
        Ok(None)
    }

    fn set_header(&self, _: Side, _: &str, _: &[u8]) -> Result<(), HostError> {
        Err(HostError::Unsupported)
    }

    fn remove_header(&self, _: Side, _: &str) -> Result<(), HostError> {
        Err(HostError::Unsupported)
    }

    fn remove_query(&self, _: &[&str]) -> Result<(), HostError> {
        Err(HostError::Unsupported)
    }

    fn set_property(&self, _: &str, _: &[u8]) -> Result<(), HostError> {
        Err(HostError::Unsupported)
    }

    fn set_verdict(&self, _: &[u8]) -> Result<(), HostError> {
        Err(HostError::Unsupported)
    }

    fn replace_body(&self, _: Side, _: &[u8]) -> Result<(), HostError> {
        Err(HostError::Unsupported)
    }

    fn set_shared(&self, _: &str, _: &[u8], _: Cas) -> Result<(), HostError> {
        Err(HostError::Unsupported)
    }

    fn call(&self, _: &HttpCall<'_>) -> Result<Call, HostError> {
        Err(HostError::Unsupported)
    }

    fn verify(&self, _: &Signed<'_>) -> Result<bool, HostError> {
        Err(HostError::Unsupported)
    }

    fn tick_soon(&self) {}

    fn measure(&self, _: Metric, _: u64) {}

    fn log(&self, _: log::Level, _: &str) {}

    fn tolerate(&self) {}
}
