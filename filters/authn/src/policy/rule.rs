//! Which requests need which credential: an ordered list, and the first rule that is about a request decides.

use std::rc::Rc;

use portcullis::select::{Matcher, Subject};

use super::api_key::{ApiKey, ApiKeys, MAX_KEY_BYTES};
use super::fingerprint::Fingerprint;
use super::token::Provider;

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its name, for verdicts.
    pub name: String,
    /// What it is about.
    pub matcher: Matcher,
    /// What it wants.
    pub requirement: Requirement,
}

/// What a caller must show.
#[derive(Debug)]
pub enum Requirement {
    /// Nothing. What is shown anyway is not looked at, and goes no further.
    Anonymous,
    /// One credential that any of these accepts.
    Any(Accepted),
}

/// Who may vouch for a caller.
#[derive(Debug, Default)]
pub struct Accepted {
    /// Issuers of tokens.
    pub providers: Vec<Rc<Provider>>,
    /// Sets of API keys.
    pub key_sets: Vec<Rc<ApiKeys>>,
}

impl Rule {
    /// Whether it is about this request.
    pub(super) fn is_about(&self, subject: &Subject) -> bool {
        self.matcher.matches(subject)
    }
}

impl Accepted {
    /// The longest credential that could be accepted.
    pub(super) fn max_bytes(&self) -> usize {
        let tokens = self.providers.iter().map(|provider| provider.max_token_bytes).max();
        let keys = self.key_sets.first().map(|_| MAX_KEY_BYTES);
        tokens.max(keys).unwrap_or_default()
    }

    /// The API key of this fingerprint.
    pub(super) fn api_key(&self, print: &Fingerprint) -> Option<&ApiKey> {
        self.key_sets.iter().find_map(|set| set.find(print))
    }

    /// The provider that issues as this `iss`, of exactly these bytes.
    pub(super) fn issued_by(&self, issuer: &str) -> Option<&Rc<Provider>> {
        self.providers.iter().find(|provider| provider.issuer == issuer)
    }

    /// Whether this provider is one of them.
    pub(super) fn includes(&self, provider: &Rc<Provider>) -> bool {
        self.providers.iter().any(|accepted| Rc::ptr_eq(accepted, provider))
    }
}
