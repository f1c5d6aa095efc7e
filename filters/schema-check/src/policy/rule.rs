//! Which contract is for which requests.

use std::rc::Rc;

use portcullis::ai::dialects::Dialects;
use portcullis::select::{Matcher, Needs, Subject};

use super::contract::Contract;
use super::files::Files;
use super::reading::Reading;
use crate::config::{Requests, Responses, StructuredOutputs, Unmatched};

/// All rules.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) rules: Vec<Rule>,
    pub(crate) unmatched: Unmatched,
    pub(crate) reading: Reading,
    /// Which API is at a path.
    pub(crate) dialects: Rc<Dialects>,
}

/// One rule.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) name: String,
    pub(crate) matcher: Matcher,
    pub(crate) contract: Contract,
    pub(crate) requests: Requests,
    pub(crate) responses: Responses,
    pub(crate) structured_outputs: StructuredOutputs,
    pub(crate) files: Rc<Files>,
}

impl Rule {
    /// Whether anything of an answer is looked at.
    pub(crate) fn looks_at_answers(&self) -> bool {
        self.responses != Responses::Pass || self.structured_outputs != StructuredOutputs::Pass
    }
}

impl Policy {
    /// The first rule that is about a request: its place in the list.
    pub(crate) fn find(&self, subject: &Subject) -> Option<usize> {
        self.rules.iter().position(|rule| rule.matcher.matches(subject))
    }

    /// What must be known of a request: method, host and path always, because what is ambiguous there is refused.
    pub(crate) fn needs(&self) -> Needs {
        let all = Needs { host: true, path: true, method: true, route: false };
        self.rules.iter().map(|rule| rule.matcher.needs()).fold(all, Needs::and)
    }
}
