//! Who may do what. Pure: values in, decisions out.
//!
//! [`Policy::decide`] decides, [`Policy::explain`] tells why, [`Policy::may_use`] is for lists of models.

mod decision;
mod request;
mod rule;
mod truth;

pub use self::decision::{Decision, Explained, Outcome, Reason, Verdict};
pub use self::request::{Asked, Body, Certificate, Head, NoIdentity};
pub use self::rule::{Clamp, Effect, Rule, StepUp};
pub use self::truth::Truth;

use portcullis::select;

/// Which facts the rules look at, so that only those are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    /// Host, path and route.
    pub select: select::Needs,
    /// The client certificate.
    pub certificate: bool,
    /// The caller's address.
    pub source: bool,
    /// What the body says.
    pub body: bool,
}

/// A compiled configuration.
#[derive(Debug)]
pub struct Policy {
    needs: Needs,
}

impl Policy {
    pub fn new() -> Self {
        Self { needs: Needs::default() }
    }

    /// What the rules look at.
    pub fn needs(&self) -> Needs {
        self.needs
    }

    /// The rules, in the order in which they are written.
    pub fn rules(&self) -> &[Rule] {
        &[]
    }

    /// What becomes of a request.
    pub fn decide(&self, _head: &Head<'_>, _body: &Body<'_>) -> Decision<'_> {
        Decision { outcome: Outcome::Deny, rule: None, reason: Reason::NoRule, shadowed: Vec::new() }
    }

    /// Whether the caller may use this model for anything: for lists of models.
    pub fn may_use(&self, _head: &Head<'_>, _model: &str) -> bool {
        false
    }

    /// What each rule says.
    pub fn explain(&self, _head: &Head<'_>, _body: &Body<'_>) -> Vec<Explained<'_>> {
        Vec::new()
    }
}
