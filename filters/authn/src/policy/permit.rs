//! The right to pass. Only the policy makes one.

use std::rc::Rc;

/// The right to pass, and what must be done with it.
#[derive(Debug)]
pub struct Permit<'a> {
    rule: &'a str,
    evidence: Evidence,
    state: Option<Rc<[u8]>>,
    strips: Vec<&'a str>,
}

/// What the permit rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// Nothing: the rule lets everybody pass.
    Anonymous,
    /// An API key.
    ApiKey,
    /// A token whose signature was checked now.
    Verified,
    /// A token whose signature was checked before.
    Remembered,
}

impl<'a> Permit<'a> {
    pub(super) fn new(rule: &'a str, evidence: Evidence, state: Option<Rc<[u8]>>, strips: Vec<&'a str>) -> Self {
        Self { rule, evidence, state, strips }
    }

    /// The name of the rule that decided.
    pub fn rule(&self) -> &'a str {
        self.rule
    }

    /// What it rests on.
    pub fn evidence(&self) -> Evidence {
        self.evidence
    }

    /// The identity in filter state's form; `None` for an anonymous caller.
    pub fn identity(&self) -> Option<&[u8]> {
        self.state.as_deref()
    }

    /// The headers that hold credentials and must not go on.
    pub fn strips(&self) -> &[&'a str] {
        &self.strips
    }
}
