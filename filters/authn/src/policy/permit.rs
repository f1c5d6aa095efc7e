//! The right to pass. Only the policy makes one.

use super::caller::Caller;
use super::credential::Place;

/// The right to pass, and what must be done with it.
#[derive(Debug)]
pub struct Permit<'a> {
    rule: &'a str,
    caller: Option<Caller>,
    evidence: Vec<Evidence>,
    strips: Vec<&'a Place>,
}

/// What a permit rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// An API key.
    ApiKey,
    /// A token whose signature was checked now.
    Verified,
    /// A token whose signature was checked before.
    Remembered,
}

impl<'a> Permit<'a> {
    pub(super) fn anonymous(rule: &'a str, strips: Vec<&'a Place>) -> Self {
        Self { rule, caller: None, evidence: Vec::new(), strips }
    }

    pub(super) fn of(rule: &'a str, caller: Caller, evidence: Vec<Evidence>, strips: Vec<&'a Place>) -> Self {
        Self { rule, caller: Some(caller), evidence, strips }
    }

    /// The name of the rule that decided.
    pub fn rule(&self) -> &'a str {
        self.rule
    }

    /// What it rests on, a piece for each credential; nothing for an anonymous caller.
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    /// Who is calling; `None` for an anonymous caller.
    pub fn caller(&self) -> Option<&Caller> {
        self.caller.as_ref()
    }

    /// The places that hold credentials which must not go on.
    pub fn strips(&self) -> &[&'a Place] {
        &self.strips
    }
}
