//! The same decision without a proxy, for the command line: what each rule says to a request that somebody wrote down.
//!
//! [`Rbac::explain`] reads it by the code that reads one from the wire, on a host that has nothing but what was written.
//! What the filter then does, and what the client is answered, is not told here.

use std::rc::Rc;

use portcullis::ai::read::read;
use portcullis::host::{Cas, HttpCall, Monotonic, Shared, Signed, Wall};
use portcullis::identity;
use portcullis::json::Limits;
use portcullis::prelude::*;

use crate::asked::asked;
use crate::facts::{Facts, Plan};
use crate::filter::Rbac;
use crate::policy::{Asked, Body, Decision, Explained, Outcome, Reason};

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
        let facts = Facts::read(request, &self.dialects, self.policy.needs()).map_err(Reason::name)?;
        if self.refuses_override(&facts) {
            return Err("method_override");
        }
        let asked = self.asked(request, &facts)?;
        let (head, body) = (facts.head(), asked.body());
        let named = facts.models().chain(asked.models()).cloned().collect();
        Ok(Explanation {
            dialect: head.dialect.word(),
            operation: facts.operation().word(),
            models: named,
            body: asked.reading(),
            decision: self.policy.decide(&head, &body),
            rules: self.policy.explain(&head, &body),
        })
    }

    fn asked(&self, request: &Request, facts: &Facts) -> Result<Told, &'static str> {
        let decision = self.policy.decide(&facts.head(), &Body::Unread);
        let is_cut = matches!(decision.outcome, Outcome::Allow { clamp: Some(_) }) && !facts.is_lookup();
        if decision.outcome != Outcome::NeedsBody && !is_cut {
            return Ok(Told::NotNeeded);
        }
        match (facts.plan(), facts.readable()) {
            (Plan::Await, Some(_)) if facts.is_encoded() => Err("content_encoding"),
            (Plan::Empty | Plan::Await, _) if request.body.is_empty() => Ok(Told::Empty),
            (Plan::Await, Some(endpoint)) => {
                let reading = read(&request.body, endpoint.request, Limits::default()).map_err(|fault| fault.code())?;
                Ok(Told::Read(asked(endpoint, facts.path(), &request.body, &reading)))
            }
            _ => Ok(Told::NotRead),
        }
    }
}

/// What the body says.
enum Told {
    NotNeeded,
    Empty,
    NotRead,
    Read(Asked),
}

impl Told {
    fn body(&self) -> Body<'_> {
        match self {
            Self::NotNeeded => Body::Unread,
            Self::Empty => Body::Empty,
            Self::NotRead => Body::None,
            Self::Read(asked) => Body::Read(asked),
        }
    }

    fn reading(&self) -> Reading {
        match self {
            Self::NotNeeded => Reading::NotNeeded,
            Self::Empty => Reading::Empty,
            Self::NotRead => Reading::NotRead,
            Self::Read(_) => Reading::Read,
        }
    }

    fn models(&self) -> &[String] {
        match self {
            Self::Read(asked) => &asked.models,
            _ => &[],
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
