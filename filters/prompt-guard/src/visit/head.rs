//! The head of a request: whether its body can be read, and what becomes of one that cannot.

use portcullis::prelude::*;

use super::Visit;
use crate::config::{Unmatched, Unrecognised};
use crate::coverage::Coverage;
use crate::facts::{Facts, Plan};
use crate::filter::{About, PromptGuard};
use crate::metrics::{NOT_INSPECTED, UNMATCHED};
use crate::refusal::{Denial, Reason};

impl Visit {
    pub(super) fn judge_head(&mut self, host: &dyn Host, filter: &PromptGuard) -> Result<Flow, Denial> {
        let facts = filter.facts(host)?;
        match facts.plan() {
            Plan::Read => Ok(self.wait(facts)),
            Plan::Upgrade => unreadable(host, filter, &facts, Reason::Upgrade),
            // Whether there is a body at all is seen by awaiting it.
            Plan::Unreadable(_) if !facts.announces_a_body() => Ok(self.wait(facts)),
            Plan::Unreadable(reason) => match filter.policies.find(&facts.asked()).map_err(Reason::from)? {
                Some((_, policy)) if policy.unrecognised == Unrecognised::ScanRaw && !facts.is_encoded() => {
                    Ok(self.wait(facts))
                }
                _ => unreadable(host, filter, &facts, reason),
            },
        }
    }

    fn wait(&mut self, facts: Facts) -> Flow {
        self.facts = Some(Box::new(facts));
        Flow::AwaitBody
    }
}

/// What nobody here can read passes if the policy says so, and is refused if not.
fn unreadable(host: &dyn Host, filter: &PromptGuard, facts: &Facts, reason: Reason) -> Result<Flow, Denial> {
    match filter.policies.find(&facts.asked()).map_err(Reason::from)? {
        Some((at, policy)) if policy.unrecognised == Unrecognised::Allow => {
            let coverage = Coverage::none(facts.dialect());
            let about = About { policy: Some(at), coverage: Some(&coverage), ..About::default() };
            Ok(filter.grant(host, &about, "not_inspected", NOT_INSPECTED))
        }
        Some(_) => Err(reason.into()),
        None if filter.policies.unmatched == Unmatched::Pass => {
            Ok(filter.grant(host, &About::default(), "unmatched", UNMATCHED))
        }
        None => Err(Reason::NoPolicy.into()),
    }
}
