//! API keys, known by their hash only: whoever reads the configuration cannot call with it.

use std::collections::HashMap;
use std::rc::Rc;

use subtle::ConstantTimeEq as _;

use super::denial::{Denial, Reason};
use super::fingerprint::Fingerprint;
use super::time::Now;

/// The longest API key, in bytes. Keys are made by programs; none needs more.
pub(super) const MAX_KEY_BYTES: usize = 1024;

/// An API key and who calls with it.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// The SHA-256 of the key.
    pub fingerprint: Fingerprint,
    /// The last second in which it is good.
    pub not_after: Option<u64>,
    /// Whether the operator switched it off.
    pub disabled: bool,
    /// The identity in filter state's form.
    pub state: Rc<[u8]>,
}

/// A set of API keys.
#[derive(Debug, Default)]
pub struct ApiKeys(HashMap<[u8; 8], Vec<ApiKey>>);

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
