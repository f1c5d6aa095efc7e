//! Who may do what. Pure: values in, decisions out.
//!
//! [`Policy::decide`] decides, [`Policy::explain`] tells why, [`Policy::usable`] is for lists of models.
//!
//! A condition holds, fails, is an error, or waits for the body. An error counts against the caller: an allow rule does
//! not match, a deny rule does unless another of its conditions fails.

mod address;
mod bits;
mod body;
mod claim;
mod condition;
mod decide;
mod decision;
mod explain;
mod header;
mod index;
mod model;
mod names;
mod request;
mod role;
mod rule;
mod time;
mod truth;
mod usable;

pub use self::address::Network;
pub use self::body::{Cap, Forbidden};
pub use self::claim::{Claim, Place as ClaimPlace, Test as ClaimTest, Wanted};
pub use self::condition::{Condition, Paths, Selected};
pub use self::decision::{Decision, Explained, Outcome, Reason, Verdict};
pub use self::header::{Header, Test as HeaderTest};
pub(crate) use self::model::{distinct, is_lookup};
pub use self::request::{Asked, Body, Certificate, Head, ModelPlace};
pub use self::role::{Place as RolePlace, RoleId, Roles, Source as RoleSource};
pub(crate) use self::rule::Placed;
pub use self::rule::{Clamp, Effect, Rule, StepUp};
pub use self::time::Window;
pub use self::truth::Truth;
pub use self::usable::Usable;

pub use portcullis::pattern::Pattern;

use self::bits::Bits;
use self::index::Index;
use crate::config::Combining;

/// Which facts the rules look at, of those that are only asked for where one does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // facts, each needed or not whatever the others are
pub struct Needs {
    /// The Envoy route's name.
    pub route: bool,
    /// The client certificate.
    pub certificate: bool,
    /// The caller's address.
    pub source: bool,
    /// What time it is.
    pub clock: bool,
}

/// A compiled configuration.
#[derive(Debug)]
pub struct Policy {
    combining: Combining,
    roles: Roles,
    rules: Vec<Rule>,
    index: Index,
    /// Rules that can match before the body is read.
    settling: Bits,
    /// Rules that the body has a say in.
    waiting: Bits,
    has_shadows: bool,
    needs: Needs,
}

impl Policy {
    pub(crate) fn new(combining: Combining, roles: Roles, rules: Vec<Rule>, needs: Needs) -> Self {
        let those = |is_one: fn(&Rule) -> bool| {
            let mut bits = Bits::none(rules.len());
            rules.iter().enumerate().filter(|(_, rule)| is_one(rule)).for_each(|(at, _)| bits.insert(at));
            bits
        };
        Self {
            combining,
            index: Index::of(&rules),
            settling: those(Rule::can_settle_on_head),
            waiting: those(Rule::reads_body),
            has_shadows: rules.iter().any(|rule| rule.is_shadow),
            roles,
            rules,
            needs,
        }
    }

    /// What the rules look at.
    pub fn needs(&self) -> Needs {
        self.needs
    }

    /// The rules, in the order in which they are written.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What becomes of a request.
    pub fn decide(&self, head: &Head<'_>, body: &Body<'_>) -> Decision<'_> {
        decide::decide(self, head, body)
    }

    /// The models that the caller may use for anything: for lists of models.
    pub fn usable<'p>(&'p self, head: &Head<'p>) -> Usable<'p> {
        Usable::of(self, head)
    }

    /// What each rule says.
    pub fn explain(&self, head: &Head<'_>, body: &Body<'_>) -> Vec<Explained<'_>> {
        explain::explain(self, head, body)
    }
}
