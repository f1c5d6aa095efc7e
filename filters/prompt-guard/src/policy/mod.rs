//! What is looked for in whose requests, and what follows. Pure: values in, findings out.

mod inspect;
mod rules;

use std::rc::Rc;

use portcullis::ai::vocabulary::Operation;
use portcullis::pattern::Pattern;
use portcullis::select::{Matcher, Subject};

pub(crate) use self::inspect::{Finding, Inspection, inspect};
pub(crate) use self::rules::{Allowed, Detector, Finder, Rule, Rules};
use crate::config::{Mask, Unmatched, Unread, Unrecognised};
use crate::scope::Scope;

/// All policies of a configuration.
pub(crate) struct Policies {
    pub(crate) list: Vec<Policy>,
    pub(crate) unmatched: Unmatched,
}

/// What is looked for in some requests.
pub(crate) struct Policy {
    pub(crate) name: String,
    pub(crate) matcher: Matcher,
    pub(crate) tenants: Option<Vec<String>>,
    pub(crate) models: Option<Vec<Pattern>>,
    pub(crate) operations: Option<Vec<Operation>>,
    pub(crate) rules: Rules,
    pub(crate) unrecognised: Unrecognised,
    pub(crate) unread: Unread,
    pub(crate) mask: Mask,
    /// Whose texts are marked.
    pub(crate) spotlight: Option<Scope>,
    /// The operator's words for a refusal.
    pub(crate) refusal: Option<Rc<str>>,
}

/// Who asks for what.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) tenant: Option<&'a str>,
    pub(crate) operation: Operation,
    /// Every model that is named.
    pub(crate) models: &'a [String],
}

impl Policies {
    /// The first that is about a request.
    pub(crate) fn find(&self, asked: &Asked<'_>) -> Option<(usize, &Policy)> {
        self.list.iter().enumerate().find(|(_, policy)| policy.is_about(asked))
    }

    /// Whether a policy lets pass what nobody looked at.
    pub(crate) fn is_open(&self) -> bool {
        self.unmatched == Unmatched::Pass
            || self.list.iter().any(|policy| policy.unrecognised == Unrecognised::Allow || policy.rules.looks_on())
    }
}

impl Policy {
    /// Whether it is about every request.
    pub(crate) fn is_about_all(&self) -> bool {
        let is_limited = self.tenants.is_some() || self.models.is_some() || self.operations.is_some();
        !is_limited && self.matcher == Matcher::default()
    }

    fn is_about(&self, asked: &Asked<'_>) -> bool {
        let has = |names: &Vec<String>| asked.tenant.is_some_and(|tenant| names.iter().any(|name| name == tenant));
        let names = |patterns: &Vec<Pattern>| {
            asked.models.iter().any(|model| patterns.iter().any(|pattern| pattern.fits(model)))
        };
        self.matcher.matches(asked.subject)
            && self.tenants.as_ref().is_none_or(has)
            && self.operations.as_ref().is_none_or(|operations| operations.contains(&asked.operation))
            && self.models.as_ref().is_none_or(names)
    }
}
