//! API keys, known by their hash only: whoever reads the configuration cannot call with it.

use std::collections::HashMap;
use std::rc::Rc;

use portcullis::document::Latest;
use subtle::ConstantTimeEq as _;

use super::caller::Caller;
use super::denial::{Denial, DocumentId, Reason};
use super::fingerprint::{Fingerprint, Pepper};
use super::time::Now;

/// The longest API key, in bytes. Keys are made by programs; none needs more.
pub(super) const MAX_KEY_BYTES: usize = 1024;

/// An API key and who calls with it.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// The hash of the key, peppered if its set is.
    pub fingerprint: Fingerprint,
    /// The last second in which it is good.
    pub not_after: Option<u64>,
    /// Whether the operator switched it off.
    pub disabled: bool,
    /// Who calls with it.
    pub caller: Caller,
}

/// The keys of a set.
#[derive(Debug, Default)]
pub struct ApiKeys(HashMap<[u8; 8], Vec<ApiKey>>);

/// A set of API keys, which may come from a document.
#[derive(Debug)]
pub struct ApiKeySet {
    /// What is hashed with each key.
    pub pepper: Option<Pepper>,
    /// The keys that are in force.
    pub keys: Rc<Latest<ApiKeys>>,
    /// Where they come from, if not from the configuration.
    pub document: Option<DocumentId>,
}

impl ApiKeys {
    /// The key of this fingerprint.
    ///
    /// The table is keyed by a few bytes of the hash, and only the constant-time comparison of all of it decides: how
    /// long the answer takes says nothing about how much of a guess was right.
    pub(super) fn find(&self, print: &Fingerprint) -> Option<&ApiKey> {
        let similar = self.0.get(&print.prefix())?;
        similar.iter().find(|key| key.fingerprint.ct_eq(print).into())
    }
}

impl FromIterator<ApiKey> for ApiKeys {
    fn from_iter<T: IntoIterator<Item = ApiKey>>(keys: T) -> Self {
        let mut table: HashMap<[u8; 8], Vec<ApiKey>> = HashMap::new();
        keys.into_iter().for_each(|key| table.entry(key.fingerprint.prefix()).or_default().push(key));
        Self(table)
    }
}

impl ApiKeySet {
    /// The key that is shown; an error while there are no keys to compare it with.
    pub(super) fn find(&self, text: &str, print: &Fingerprint) -> Result<Option<ApiKey>, Denial> {
        let keys = self.keys.get().ok_or(Reason::KeysUnavailable.lacking(self.document))?;
        Ok(match &self.pepper {
            None => keys.find(print).cloned(),
            Some(pepper) => keys.find(&pepper.fingerprint(text.as_bytes())).cloned(),
        })
    }
}

impl ApiKey {
    /// Whether it is good now. Only who holds the key learns of this.
    pub(super) fn check(&self, now: Now) -> Result<(), Denial> {
        if self.disabled {
            return Err(Reason::ApiKeyDisabled.into());
        }
        let is_over = self.not_after.is_some_and(|last| now.unix_seconds > last);
        if is_over { Err(Reason::ApiKeyExpired.into()) } else { Ok(()) }
    }
}
