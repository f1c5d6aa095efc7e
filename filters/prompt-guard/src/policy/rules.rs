//! What is looked for, compiled.

use crate::config::Action;
use crate::detect::patterns::Patterns;
use crate::detect::pii::Pii;
use crate::detect::secrets::Secrets;
use crate::detect::shape::Shape;
use crate::detect::signature::Signature;
use crate::scope::Scope;

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detector {
    Deny,
    Signature,
    Pii,
    Secrets,
    Shape,
}

impl Detector {
    /// Its name in configurations, verdicts and counters.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Signature => "signature",
            Self::Pii => "pii",
            Self::Secrets => "secrets",
            Self::Shape => "shape",
        }
    }

    /// What it finds, as a class of risk.
    pub(crate) fn category(self) -> &'static str {
        match self {
            Self::Deny => "policy",
            Self::Signature => "prompt_injection",
            Self::Pii => "personal_data",
            Self::Secrets => "secrets",
            Self::Shape => "resource_consumption",
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
    /// Whether there is something to look for, and nothing follows from any of it.
    pub(crate) fn looks_on(&self) -> bool {
        !self.list.iter().any(|rule| rule.action > Action::Flag)
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

/// How it is looked for.
pub(crate) enum Finder {
    Deny(Box<Patterns>),
    Signature(Signature),
    Pii(Pii),
    Secrets(Secrets),
    Shape(Shape),
}

/// What others find inside of these is none.
#[derive(Debug)]
pub(crate) struct Allowed {
    pub(crate) patterns: Patterns,
    pub(crate) detectors: Vec<Detector>,
}
