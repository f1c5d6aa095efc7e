//! What is looked for in whose requests, and what follows. Pure: values in, findings out.

mod across;
mod allowed;
mod inspect;
mod looked;
mod rules;
mod together;

use portcullis::ai::vocabulary::Operation;
use portcullis::pattern::Pattern;
use portcullis::select::{Matcher, Subject};

pub(crate) use self::inspect::{Finding, Inspection, inspect};
pub(crate) use self::rules::{Allowed, Detector, Finder, Rule, Rules};
use crate::config::{Mask, Part, Unmatched, Unread, Unrecognised};
use crate::refusal::Manner;
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
    pub(crate) refusal: Manner,
}

/// The models of a request are under several policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Several;

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
    /// The first that is about a request. One that names several models is about each of them: if they are under several
    /// policies, which of them would be meant is the server's choice and not to be known.
    pub(crate) fn find(&self, asked: &Asked<'_>) -> Result<Option<(usize, &Policy)>, Several> {
        let Some((first, others)) = asked.models.split_first() else { return Ok(self.of_model(asked, None)) };
        let found = self.of_model(asked, Some(first));
        let place = |found: Option<(usize, &Policy)>| found.map(|(at, _)| at);
        let is_same = |model: &String| place(self.of_model(asked, Some(model))) == place(found);
        if others.iter().all(is_same) { Ok(found) } else { Err(Several) }
    }

    fn of_model(&self, asked: &Asked<'_>, model: Option<&String>) -> Option<(usize, &Policy)> {
        self.list.iter().enumerate().find(|(_, policy)| policy.is_about(asked, model))
    }

    /// Whether a policy lets pass what nobody looked at.
    pub(crate) fn is_open(&self) -> bool {
        self.unmatched == Unmatched::Pass
            || self.list.iter().any(|policy| policy.unrecognised == Unrecognised::Allow || policy.rules.is_open())
    }
}

impl Policy {
    /// Whether it is about every request.
    pub(crate) fn is_about_all(&self) -> bool {
        let is_limited = self.tenants.is_some() || self.models.is_some() || self.operations.is_some();
        !is_limited && self.matcher == Matcher::default()
    }

    /// Whether a request is refused in which a text could be decoded in more ways than are tried.
    pub(crate) fn refuses_undecoded(&self) -> bool {
        self.unread.undecoded == Part::Deny
    }

    fn is_about(&self, asked: &Asked<'_>, model: Option<&String>) -> bool {
        let has = |names: &Vec<String>| asked.tenant.is_some_and(|tenant| names.iter().any(|name| name == tenant));
        let names =
            |patterns: &Vec<Pattern>| model.is_some_and(|model| patterns.iter().any(|pattern| pattern.fits(model)));
        self.matcher.matches(asked.subject)
            && self.tenants.as_ref().is_none_or(has)
            && self.operations.as_ref().is_none_or(|operations| operations.contains(&asked.operation))
            && self.models.as_ref().is_none_or(names)
    }
}

#[cfg(test)]
mod tests {
    use portcullis::http::header::Headers;
    use portcullis::prelude::Env;
    use portcullis::select::Needs;

    use super::*;
    use crate::compile::compile;
    use crate::config::Config;

    fn found(policies: &str, models: &[&str]) -> Result<Option<String>, Several> {
        let written = portcullis::json::parse(policies.as_bytes(), portcullis::json::Limits::default()).unwrap();
        let policies = compile(
            Config { policies: serde_json::from_value(written).unwrap(), ..Config::default() },
            &Env::default(),
        );
        let policies = policies.unwrap_or_else(|error| panic!("{error}"));
        let headers: Headers =
            [(&b":method"[..], &b"POST"[..]), (b":authority", b"a"), (b":path", b"/v1/chat/completions")]
                .into_iter()
                .collect();
        let subject = Subject::read(&headers, None, Needs::default()).unwrap();
        let models: Vec<String> = models.iter().map(|model| (*model).to_owned()).collect();
        let asked = Asked { subject: &subject, tenant: Some("acme"), operation: Operation::Chat, models: &models };
        policies.find(&asked).map(|found| found.map(|(_, policy)| policy.name.clone()))
    }

    #[test]
    fn the_first_policy_that_is_about_a_request_decides() {
        let policies = r#"[
            {"name": "others", "tenants": ["other"]},
            {"name": "images", "operations": ["image"]},
            {"name": "large", "models": ["gpt-4*"]},
            {"name": "rest", "models": ["*"]}
        ]"#;
        for (models, expected) in [
            (&["gpt-4o"][..], Ok(Some("large"))),
            (&["models/GPT-4o "], Ok(Some("large"))),
            (&["gpt-mini"], Ok(Some("rest"))),
            (&["gpt-4o", "gpt-4"], Ok(Some("large"))),
            (&["gpt-4o", "gpt-mini"], Err(Several)),
            (&["gpt-mini", "gpt-4o"], Err(Several)),
            (&[], Ok(None)),
        ] {
            assert_eq!(found(policies, models), expected.map(|name| name.map(str::to_owned)), "{models:?}");
        }
    }
}
