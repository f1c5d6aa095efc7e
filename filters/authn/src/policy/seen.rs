//! Tokens that were verified before: a signature costs as much as a whole request, so it is checked once.
//!
//! What is remembered is bounded in number and age, in two generations: when the young one is full the old one goes
//! and the young one becomes it; whoever is asked for returns to the young. So a flood of tokens used once pushes out
//! other tokens used once, no list is kept, and the memory taken has its ceiling from the start.
//!
//! Only tokens with a good signature come in here, under the SHA-256 of their whole text.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use super::caller::Caller;
use super::fingerprint::Fingerprint;
use super::jwk::KeyId;
use super::time::{Now, Validity};
use super::token::Provider;

/// How much is remembered, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// The most tokens; 0 remembers none.
    pub entries: usize,
    /// How long a token is good without a new check of its signature.
    pub max_age_millis: u64,
}

/// A verified token: what it says, and what has to be looked at again.
#[derive(Debug)]
pub(super) struct Remembered {
    pub(super) provider: Rc<Provider>,
    pub(super) validity: Validity,
    pub(super) caller: Caller,
    pub(super) since_millis: u64,
    /// The key that signed it, and the version of the provider's keys in which it was last seen.
    pub(super) key: KeyId,
    pub(super) version: Cell<u64>,
}

impl Remembered {
    /// Whether the provider still has the key that signed it.
    fn is_still_signed(&self) -> bool {
        let keys = &self.provider.keys;
        if self.version.get() == keys.version() {
            return true;
        }
        let holds = keys.get().is_some_and(|keys| keys.holds(self.key));
        self.version.set(keys.version());
        holds
    }
}

type Generation = HashMap<Fingerprint, Rc<Remembered>>;

/// The tokens that were verified before.
#[derive(Debug)]
pub(super) struct Seen {
    capacity: Capacity,
    young: Generation,
    old: Generation,
}

impl Seen {
    pub(super) fn new(capacity: Capacity) -> Self {
        Self { capacity, young: Generation::new(), old: Generation::new() }
    }

    /// What is known of a token, unless it is too long ago or its key is gone.
    pub(super) fn recall(&mut self, print: &Fingerprint, now: Now) -> Option<Rc<Remembered>> {
        let known = self.young.get(print).map(Rc::clone).or_else(|| self.renew(print))?;
        let age = now.monotonic_millis.saturating_sub(known.since_millis);
        if age <= self.capacity.max_age_millis && known.is_still_signed() {
            return Some(known);
        }
        self.young.remove(print);
        None
    }

    /// Remembers a token that was just verified.
    pub(super) fn remember(&mut self, print: Fingerprint, token: Rc<Remembered>) {
        let half = self.capacity.entries.div_ceil(2);
        if half == 0 {
            return;
        }
        if self.young.len() >= half {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(print, token);
    }

    fn renew(&mut self, print: &Fingerprint) -> Option<Rc<Remembered>> {
        let known = self.old.remove(print)?;
        self.remember(print.clone(), Rc::clone(&known));
        Some(known)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.young.len().saturating_add(self.old.len())
    }
}
