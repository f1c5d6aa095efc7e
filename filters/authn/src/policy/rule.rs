//! Which requests need which credential: an ordered list, and the first rule that is about a request decides.

use std::rc::Rc;

use portcullis::select::{Matcher, Subject};

use super::api_key::{ApiKey, ApiKeySet, MAX_KEY_BYTES};
use super::denial::{Denial, Reason};
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
    /// Whether its refusals are only counted.
    pub is_shadow: bool,
}

/// What a caller must show.
#[derive(Debug)]
pub enum Requirement {
    /// Nothing. What is shown anyway is not looked at, and goes no further.
    Anonymous,
    /// One credential that any of these accepts.
    Any(Accepted),
    /// A credential for each of these; the first says who is calling.
    All(Accepted),
}

/// Who may vouch for a caller.
#[derive(Debug, Default)]
pub struct Accepted(Vec<Voucher>);

/// Somebody who vouches.
#[derive(Debug, Clone)]
pub enum Voucher {
    /// An issuer of tokens.
    Provider(Rc<Provider>),
    /// A set of API keys.
    Keys(Rc<ApiKeySet>),
}

impl Rule {
    /// Whether it is about this request.
    pub(super) fn is_about(&self, subject: &Subject) -> bool {
        self.matcher.matches(subject)
    }
}

impl Accepted {
    /// These, each once.
    pub fn new(vouchers: Vec<Voucher>) -> Self {
        Self(vouchers)
    }

    pub(super) fn vouchers(&self) -> &[Voucher] {
        &self.0
    }

    fn providers(&self) -> impl Iterator<Item = &Rc<Provider>> {
        self.0.iter().filter_map(Voucher::provider)
    }

    fn key_sets(&self) -> impl Iterator<Item = &Rc<ApiKeySet>> {
        self.0.iter().filter_map(Voucher::key_set)
    }

    pub(super) fn has_providers(&self) -> bool {
        self.providers().next().is_some()
    }

    pub(super) fn has_key_sets(&self) -> bool {
        self.key_sets().next().is_some()
    }

    /// The longest credential that could be accepted.
    pub(super) fn max_bytes(&self) -> usize {
        let tokens = self.providers().map(|provider| provider.max_token_bytes).max();
        let keys = self.key_sets().next().map(|_| MAX_KEY_BYTES);
        tokens.max(keys).unwrap_or_default()
    }

    /// The API key that is shown, and its set. A set that is not there yet cannot say no.
    pub(super) fn api_key(&self, text: &str, print: &Fingerprint) -> Result<Option<(ApiKey, &Rc<ApiKeySet>)>, Denial> {
        let mut missing = None;
        for set in self.key_sets() {
            match set.find(text, print) {
                Ok(Some(key)) => return Ok(Some((key, set))),
                Ok(None) => {}
                Err(denial) => missing = Some(denial),
            }
        }
        missing.map_or(Ok(None), Err)
    }

    /// The provider that issues as this `iss`, of exactly these bytes.
    pub(super) fn issued_by(&self, issuer: &str) -> Result<&Rc<Provider>, Denial> {
        self.providers().find(|provider| provider.issuer == issuer).ok_or(Reason::UnknownIssuer.into())
    }

    /// Whether this provider is one of them.
    pub(super) fn includes(&self, provider: &Rc<Provider>) -> bool {
        self.providers().any(|accepted| Rc::ptr_eq(accepted, provider))
    }
}

impl Voucher {
    fn provider(&self) -> Option<&Rc<Provider>> {
        match self {
            Self::Provider(provider) => Some(provider),
            Self::Keys(_) => None,
        }
    }

    pub(super) fn key_set(&self) -> Option<&Rc<ApiKeySet>> {
        match self {
            Self::Provider(_) => None,
            Self::Keys(keys) => Some(keys),
        }
    }

    /// Whether both are one.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Provider(one), Self::Provider(other)) => Rc::ptr_eq(one, other),
            (Self::Keys(one), Self::Keys(other)) => Rc::ptr_eq(one, other),
            _ => false,
        }
    }
}
