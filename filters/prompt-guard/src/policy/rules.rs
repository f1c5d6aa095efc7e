//! What is looked for, compiled.

use portcullis::ai::details::Detail;
use portcullis::ai::vocabulary::Provenance;

use super::Finding;

use crate::config::Action;
use crate::detect::injection::Injection;
use crate::detect::patterns::Patterns;
use crate::detect::pii::Pii;
use crate::detect::secrets::Secrets;
use crate::detect::shape::Shape;
use crate::detect::signature::Signature;
use crate::moderation::Moderation;
use crate::normalise::{folded, views};
use crate::scope::Scope;

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detector {
    Deny,
    Signature,
    Injection,
    Pii,
    Secrets,
    Shape,
    Moderation,
}

impl Detector {
    /// Its name in configurations, verdicts and counters.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Signature => "signature",
            Self::Injection => "injection",
            Self::Pii => "pii",
            Self::Secrets => "secrets",
            Self::Shape => "shape",
            Self::Moderation => "moderation",
        }
    }

    /// What it finds, as a class of risk.
    pub(crate) fn category(self) -> &'static str {
        match self {
            Self::Deny => "policy",
            Self::Signature | Self::Injection => "prompt_injection",
            Self::Pii => "personal_data",
            Self::Secrets => "secrets",
            Self::Shape => "resource_consumption",
            Self::Moderation => "content",
        }
    }
}

/// All rules of a policy.
#[derive(Default)]
pub(crate) struct Rules {
    pub(crate) list: Vec<Rule>,
    pub(crate) allowed: Vec<Allowed>,
}

impl Rules {
    /// What follows from a finding.
    pub(crate) fn action(&self, finding: &Finding) -> Option<Action> {
        self.list.get(finding.rule).map(|rule| rule.action)
    }

    /// Whether one of these is refused.
    pub(crate) fn refuses(&self, findings: &[Finding]) -> bool {
        findings.iter().any(|finding| self.action(finding) == Some(Action::Block))
    }

    /// Whether somebody looks at texts without cases and blanks.
    pub(super) fn needs_folding(&self) -> bool {
        !self.allowed.is_empty() || self.list.iter().any(|rule| matches!(rule.finder, Finder::Deny(_)))
    }

    /// Whether there is something to look for, and nothing follows from any of it.
    fn looks_on(&self) -> bool {
        !self.list.iter().any(|rule| rule.action > Action::Flag)
    }

    /// Whether something passes that should not: because it is only looked on, or because nobody could judge it.
    pub(crate) fn is_open(&self) -> bool {
        let passes = |rule: &Rule| matches!(&rule.finder, Finder::Moderation(service) if service.passes_unjudged);
        self.looks_on() || self.list.iter().any(passes)
    }
}

/// What is looked for, in whose texts, and what follows.
pub(crate) struct Rule {
    /// The operator's name for it; of a detector that has none the detector's.
    pub(crate) name: String,
    pub(crate) detector: Detector,
    pub(crate) action: Action,
    pub(crate) scope: Scope,
    /// How much there must be in a request before anything follows.
    pub(crate) at_least: usize,
    pub(crate) finder: Finder,
}

impl Rule {
    /// The trained detector, if it judges texts of this kind.
    pub(crate) fn injection_of(&self, provenance: Provenance) -> Option<&Injection> {
        match &self.finder {
            Finder::Injection(injection) if self.scope.has(provenance) => Some(injection),
            _ => None,
        }
    }
}

/// Words that requests of AI APIs have in places that nobody calls a text.
const API_WORDS: &[&str] = &[
    "model",
    "messages",
    "role",
    "user",
    "system",
    "developer",
    "assistant",
    "tool",
    "function",
    "content",
    "type",
    "text",
    "input",
    "prompt",
    "stream",
    "tools",
    "object",
    "string",
    "name",
    "image_url",
    "input_text",
    "contents",
    "parts",
    "jsonrpc",
    "method",
    "params",
    "metadata",
    "stop",
];

impl Rule {
    /// What a caller learns of something that it found in a request as a whole.
    pub(crate) fn detail(&self, kind: &str) -> Detail {
        Detail::new("body", "", self.detector.category(), format!("no {kind} in this request"))
    }

    /// A word of the APIs themselves that an operator's pattern finds, and that is in the texts that the rule looks at.
    pub(crate) fn api_word(&self) -> Option<&'static str> {
        let Finder::Deny(patterns) = &self.finder else { return None };
        let is_found = |word: &&&str| {
            let plain = views(word).plain;
            !patterns.find(&plain, &folded(&plain)).is_empty()
        };
        API_WORDS.iter().find(is_found).copied().filter(|_| self.scope.has(Provenance::Metadata))
    }
}

/// How it is looked for.
pub(crate) enum Finder {
    Deny(Box<Patterns>),
    Signature(Signature),
    Injection(Injection),
    Pii(Pii),
    Secrets(Secrets),
    Shape(Shape),
    Moderation(Box<Moderation>),
}

/// What others find inside of these is none.
#[derive(Debug)]
pub(crate) struct Allowed {
    pub(crate) patterns: Patterns,
    pub(crate) detectors: Vec<Detector>,
}
