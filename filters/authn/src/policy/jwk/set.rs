//! A set of public keys (RFC 7517 section 5), and which sets are refused whole:
//! 1. what is not an object with an array `keys` of objects;
//! 2. a set with a private or a shared secret in it: it is known to whoever could read the set, and a secret among
//!    public keys is how an HMAC comes to be made with one (Wycheproof `MixedKeySet`);
//! 3. a set in which two keys have one `kid`: the first would silently win (Wycheproof `DuplicateKid`);
//! 4. a set without any usable key.

use std::collections::HashSet;
use std::fmt;

use serde_json::{Map, Value};

use super::{Algorithm, Fault, Key};

/// The usable keys of a set, and what was wrong with the others.
#[derive(Debug, Clone)]
pub struct KeySet {
    keys: Vec<Key>,
    skipped: Vec<(usize, Fault)>,
}

/// Why a set is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetFault {
    /// It is not a JWK set.
    NotASet,
    /// This entry is not an object.
    NotAKey(usize),
    /// This entry holds a private key or a shared secret.
    Secret(usize),
    /// This entry has the `kid` of an earlier one.
    DuplicateKid(usize),
    /// No entry is usable.
    NoUsableKey,
}

impl SetFault {
    /// What should be there.
    pub fn expected(self) -> &'static str {
        match self {
            Self::NotASet => "an object with an array \"keys\" (RFC 7517 section 5)",
            Self::NotAKey(_) => "an object with \"kty\"",
            Self::Secret(_) => "public keys only",
            Self::DuplicateKid(_) => "a kid that no other key of the set has",
            Self::NoUsableKey => "at least one key that the allowed algorithms can use",
        }
    }

    /// The entry that is at fault.
    pub fn index(self) -> Option<usize> {
        match self {
            Self::NotAKey(index) | Self::Secret(index) | Self::DuplicateKid(index) => Some(index),
            Self::NotASet | Self::NoUsableKey => None,
        }
    }
}

impl fmt::Display for SetFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotASet => "something else than a JWK set",
            Self::NotAKey(_) => "something else than an object",
            Self::Secret(_) => "a private key or a shared secret, which is now known",
            Self::DuplicateKid(_) => "the kid of an earlier key",
            Self::NoUsableKey => "no usable key",
        })
    }
}

impl KeySet {
    /// Reads a set whose keys may be used with these algorithms.
    pub fn read(set: &Value, allowed: &[Algorithm]) -> Result<Self, SetFault> {
        let entries = set.get("keys").and_then(Value::as_array).ok_or(SetFault::NotASet)?;
        let mut found = Self { keys: Vec::new(), skipped: Vec::new() };
        let mut kids = HashSet::new();
        for (index, entry) in entries.iter().enumerate() {
            let jwk = entry.as_object().ok_or(SetFault::NotAKey(index))?;
            check_entry(index, jwk, &mut kids)?;
            match Key::read(jwk, allowed) {
                Ok(key) => found.keys.push(key),
                Err(fault) => found.skipped.push((index, fault)),
            }
        }
        if found.keys.is_empty() { Err(SetFault::NoUsableKey) } else { Ok(found) }
    }

    /// The keys that may have made a signature: the one of this `kid`, or without one all that allow the algorithm.
    pub fn candidates<'a>(&'a self, algorithm: Algorithm, kid: Option<&'a str>) -> impl Iterator<Item = &'a Key> {
        let is_named = move |key: &&Key| kid.is_none() || key.kid() == kid;
        self.keys.iter().filter(move |key| is_named(key) && key.allows(algorithm))
    }

    /// stub
    pub fn of_secret(_: &[u8], _: &[Algorithm]) -> Result<Self, SetFault> {
        Err(SetFault::NoUsableKey)
    }
    /// stub
    pub fn secrets(_: &Value, _: &[Algorithm]) -> Result<Self, SetFault> {
        Err(SetFault::NoUsableKey)
    }
    /// stub
    pub fn holds(&self, id: super::KeyId) -> bool {
        self.keys.iter().any(|key| key.id() == id)
    }
    /// The entries that were skipped, by their index, and why.
    pub fn skipped(&self) -> &[(usize, Fault)] {
        &self.skipped
    }
}

/// Members of private and shared keys (RFC 7518 sections 6.2.2, 6.3.2, 6.4.1; RFC 8037 section 2).
const SECRETS: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

fn check_entry<'a>(index: usize, jwk: &'a Map<String, Value>, kids: &mut HashSet<&'a str>) -> Result<(), SetFault> {
    if SECRETS.iter().any(|name| jwk.contains_key(*name)) || jwk.get("kty").is_some_and(|kty| kty == "oct") {
        return Err(SetFault::Secret(index));
    }
    let kid = jwk.get("kid").and_then(Value::as_str);
    if kid.is_some_and(|kid| !kids.insert(kid)) { Err(SetFault::DuplicateKid(index)) } else { Ok(()) }
}
