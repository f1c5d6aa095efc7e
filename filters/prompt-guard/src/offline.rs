//! For the command line: what the filter would say of a text, without a proxy.

use std::borrow::Cow;

use portcullis::ai::vocabulary::Provenance;
use portcullis::prelude::{ConfigError, Env};
use serde::Serialize;

use crate::compile;
use crate::config::{Action, Config};
use crate::gather::{Parts, Piece, Texts};
use crate::policy::{Finding, Policies, Policy, inspect};
use crate::verdict::risk;

/// A configuration that texts are held against.
pub struct Scanner {
    policies: Policies,
}

/// What is said of a text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scan {
    /// `pass`, `shadow`, `flag`, `mask` or `block`: the weightiest of what was found.
    pub outcome: &'static str,
    /// The risk, from 0 to 1, as it stands in filter state.
    pub score: f32,
    /// What was found.
    pub detectors: Vec<Detected>,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Detected {
    /// The detector.
    pub name: &'static str,
    /// The operator's name for the rule, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What follows.
    pub outcome: &'static str,
    /// What it is.
    pub reason: &'static str,
    /// Its bytes in the text.
    pub span: [usize; 2],
    /// What was undone to find it; `plain` if nothing was.
    pub via: &'static str,
    /// What moved a score most, where there is one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<&'static str>,
}

impl Scanner {
    /// Compiles a configuration. No service is asked here, so that nobody need know its token.
    pub fn new(mut config: Config) -> Result<Self, ConfigError> {
        let detectors = config.policies.iter_mut().flatten().filter_map(|policy| policy.detectors.as_mut());
        detectors.filter_map(|detectors| detectors.moderation.as_mut()).for_each(|service| service.token = None);
        compile::compile(config, &Env::default()).map(|policies| Self { policies })
    }

    /// Whether a policy is about the tenants of callers, whom somebody before this filter must tell.
    pub fn asks_who(&self) -> bool {
        self.policies.list.iter().any(|policy| policy.tenants.is_some())
    }

    /// What the operator should know of a configuration that loads.
    pub fn lint(&self) -> Vec<String> {
        let policies = self.policies.list.iter().enumerate();
        policies.flat_map(|(at, policy)| self.of_policy(at, policy)).collect()
    }

    fn of_policy(&self, at: usize, policy: &Policy) -> Vec<String> {
        let before = self.policies.list.iter().take(at).find(|before| before.is_about_all());
        let unreached = before.map(|before| {
            format!("policies[{at}]: no request is ever about {}: {} before it is about all", policy.name, before.name)
        });
        let idle = policy.rules.list.is_empty().then(|| format!("policies[{at}]: {} looks for nothing", policy.name));
        let words = policy.rules.list.iter().filter_map(|rule| Some((rule, rule.api_word()?)));
        let common = words.map(|(rule, word)| {
            format!("policies[{at}]: {} finds {word:?}, a word of AI APIs: every request has such words", rule.name)
        });
        unreached.into_iter().chain(idle).chain(common).collect()
    }

    /// The names of the policies.
    pub fn policies(&self) -> impl Iterator<Item = &str> {
        self.policies.list.iter().map(|policy| policy.name.as_str())
    }

    /// What the policy of this name says of a text from this hand; of none, the first. `None` if there is no such policy.
    pub fn scan(&self, policy: Option<&str>, text: &str, provenance: Provenance) -> Option<Scan> {
        let mut policies = self.policies.list.iter();
        let policy = policies.find(|known| policy.is_none_or(|name| known.name == name))?;
        let piece =
            Piece { text: Cow::Borrowed(text), provenance, message: 1, is_identifier: false, parts: Parts::None };
        let texts = Texts { pieces: vec![piece], count: 1, text_bytes: text.len(), messages: 1, ..Texts::default() };
        let inspection = inspect(policy, &texts);
        let scan = Scan::of(policy, &inspection.findings, inspection.is_cut);
        let is_refused = inspection.is_cut && policy.refuses_undecoded();
        Some(if is_refused { scan.undecoded(text.len()) } else { scan })
    }
}

impl Scan {
    /// The same of a text that could be decoded in more ways than were tried, which is refused.
    fn undecoded(mut self, bytes: usize) -> Self {
        let (outcome, span, via) = (Action::Block.word(), [0, bytes], "plain");
        self.detectors.push(Detected {
            name: "coverage",
            rule: None,
            outcome,
            reason: "undecoded",
            span,
            via,
            reasons: Vec::new(),
        });
        Self { outcome, ..self }
    }

    fn of(policy: &Policy, findings: &[Finding], is_cut: bool) -> Self {
        let detected = |finding: &Finding| {
            let rule = policy.rules.list.get(finding.rule)?;
            let named = Some(rule.name.clone()).filter(|name| name != rule.detector.word());
            let span = [finding.span.start, finding.span.end];
            let (reason, via) = (finding.kind, finding.via.word());
            let (name, outcome, reasons) = (rule.detector.word(), rule.action.word(), finding.reasons.clone());
            let detected = Detected { name, rule: named, outcome, reason, span, via, reasons };
            Some((rule.action, detected))
        };
        let found: Vec<(Action, Detected)> = findings.iter().filter_map(detected).collect();
        Self {
            outcome: found.iter().map(|(action, _)| *action).max().map_or("pass", Action::word),
            score: risk(policy, findings, is_cut),
            detectors: found.into_iter().map(|(_, detected)| detected).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn scanned(detectors: &Value, text: &str) -> Scan {
        let policies = serde_json::from_value(json!([{"name": "a", "detectors": detectors}])).unwrap();
        let scanner = Scanner::new(Config { policies, ..Config::default() }).unwrap();
        scanner.scan(None, text, Provenance::User).unwrap()
    }

    #[test]
    fn what_is_allowed_hides_nothing_that_stands_beside_it() {
        let allow = json!([{"literals": ["help@acme.io"], "detectors": ["pii"]}]);
        let detectors = json!({"allow": allow, "pii": [{"kinds": ["email"], "action": "block"}]});
        for (text, outcome) in [
            ("mail help@acme.io", "pass"),
            ("mail help@acme.io or bob@acme.io", "block"),
            // base64 of "mail help@acme.io or bob@acme.io"
            ("bWFpbCBoZWxwQGFjbWUuaW8gb3IgYm9iQGFjbWUuaW8=", "block"),
        ] {
            assert_eq!(scanned(&detectors, text).outcome, outcome, "{text}");
        }
    }

    #[test]
    fn as_many_are_counted_in_a_run_of_base64_as_in_the_open() {
        let detectors = json!({"pii": [{"kinds": ["email"], "at_least": 3, "action": "block"}]});
        for (text, count) in [
            ("ann@acme.io, bob@acme.io", 0),
            ("ann@acme.io, bob@acme.io, cat@acme.io", 3),
            // base64 of the first and of the second
            ("YW5uQGFjbWUuaW8sIGJvYkBhY21lLmlv", 0),
            ("YW5uQGFjbWUuaW8sIGJvYkBhY21lLmlvLCBjYXRAYWNtZS5pbw==", 3),
            // in the plain view and in a decoded one
            ("ann@acme.io, bob@acme.io, decode aGVsbG8gdG8gYWxsIG9mIHlvdQ==", 0),
        ] {
            assert_eq!(scanned(&detectors, text).detectors.len(), count, "{text}");
        }
    }
}
