//! A set of keys (RFC 7517 section 5), and which sets are refused whole:
//! 1. a set that is to serve algorithms of public keys and of shared secrets: an issuer's public key would be a secret
//!    that everybody knows (RFC 8725 section 2.1);
//! 2. what is not an object with an array `keys` of objects;
//! 3. a set of public keys with a private or a shared secret in it: it is known to whoever could read the set, and a
//!    secret among public keys is how an HMAC comes to be made with one (Wycheproof `MixedKeySet`);
//! 4. a set of secrets with anything else in it, for the same reason;
//! 5. a set in which two keys have one `kid`: the first would silently win (Wycheproof `DuplicateKid`);
//! 6. a set without any usable key.

use std::collections::HashSet;
use std::fmt;

use serde_json::{Map, Value};

use super::{Algorithm, Fault, Key, KeyId};

/// The usable keys of a set, and what was wrong with the others.
#[derive(Debug, Clone)]
pub struct KeySet {
    keys: Vec<Key>,
    skipped: Vec<(usize, Fault)>,
}

/// Why a set is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetFault {
    /// Its algorithms are of the other family of keys, or of both.
    Family,
    /// It is not a JWK set.
    NotASet,
    /// This entry is not an object.
    NotAKey(usize),
    /// This entry of a public set holds a private key or a shared secret.
    Secret(usize),
    /// This entry of a set of secrets is none.
    NotASecret(usize),
    /// This entry has the `kid` of an earlier one.
    DuplicateKid(usize),
    /// The secret is shorter than the hash of an algorithm that it is to serve.
    ShortSecret,
    /// No entry is usable.
    NoUsableKey,
}

impl SetFault {
    /// What should be there.
    pub fn expected(self) -> &'static str {
        match self {
            Self::Family => "HS256, HS384 and HS512 with secrets alone, and secrets with no other algorithm",
            Self::NotASet => "an object with an array \"keys\" (RFC 7517 section 5)",
            Self::NotAKey(_) => "an object with \"kty\"",
            Self::Secret(_) => "public keys only",
            Self::NotASecret(_) => "keys with \"kty\": \"oct\" only",
            Self::DuplicateKid(_) => "a kid that no other key of the set has",
            Self::ShortSecret => {
                "32 random bytes at least for HS256, 48 for HS384, 64 for HS512 (RFC 7518 section 3.2)"
            }
            Self::NoUsableKey => "at least one key that the allowed algorithms can use",
        }
    }

    /// The entry that is at fault.
    pub fn index(self) -> Option<usize> {
        match self {
            Self::NotAKey(index) | Self::Secret(index) | Self::NotASecret(index) | Self::DuplicateKid(index) => {
                Some(index)
            }
            Self::Family | Self::NotASet | Self::ShortSecret | Self::NoUsableKey => None,
        }
    }
}

impl fmt::Display for SetFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Family => "keys of another kind than the algorithms",
            Self::NotASet => "something else than a JWK set",
            Self::NotAKey(_) => "something else than an object",
            Self::Secret(_) => "a private key or a shared secret, which is now known",
            Self::NotASecret(_) => "something else than a secret",
            Self::DuplicateKid(_) => "the kid of an earlier key",
            Self::ShortSecret => "a secret that is too short",
            Self::NoUsableKey => "no usable key",
        })
    }
}

impl KeySet {
    /// Reads an issuer's set of public keys, which may be used with these algorithms.
    pub fn read(set: &Value, allowed: &[Algorithm]) -> Result<Self, SetFault> {
        check_family(allowed, Algorithm::PUBLIC)?;
        Self::collect(set, check_public, |jwk| Key::read(jwk, allowed))
    }

    /// Reads an operator's own set of shared secrets. It comes from where only the operator writes.
    pub fn secrets(set: &Value, allowed: &[Algorithm]) -> Result<Self, SetFault> {
        check_family(allowed, Algorithm::SECRET)?;
        Self::collect(set, check_secret, |jwk| Key::read_secret(jwk, allowed))
    }

    /// A set of one shared secret, for all of these algorithms.
    pub fn of_secret(secret: &[u8], allowed: &[Algorithm]) -> Result<Self, SetFault> {
        check_family(allowed, Algorithm::SECRET)?;
        match Key::of_secret(secret, allowed) {
            Ok(key) => Ok(Self { keys: vec![key], skipped: Vec::new() }),
            Err(Fault::ShortSecret) => Err(SetFault::ShortSecret),
            Err(_) => Err(SetFault::NoUsableKey),
        }
    }

    fn collect(
        set: &Value,
        check: fn(usize, &Map<String, Value>) -> Result<(), SetFault>,
        read: impl Fn(&Map<String, Value>) -> Result<Key, Fault>,
    ) -> Result<Self, SetFault> {
        let entries = set.get("keys").and_then(Value::as_array).ok_or(SetFault::NotASet)?;
        let mut found = Self { keys: Vec::new(), skipped: Vec::new() };
        let mut kids = HashSet::new();
        for (index, entry) in entries.iter().enumerate() {
            let jwk = entry.as_object().ok_or(SetFault::NotAKey(index))?;
            check(index, jwk)?;
            if jwk.get("kid").and_then(Value::as_str).is_some_and(|kid| !kids.insert(kid)) {
                return Err(SetFault::DuplicateKid(index));
            }
            match read(jwk) {
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

    /// Whether this key is one of them. A set can change; what a key that is gone has signed is worth nothing.
    pub fn holds(&self, id: KeyId) -> bool {
        self.keys.iter().any(|key| key.id() == id)
    }

    /// The entries that were skipped, by their index, and why.
    pub fn skipped(&self) -> &[(usize, Fault)] {
        &self.skipped
    }
}

fn check_family(allowed: &[Algorithm], family: &[Algorithm]) -> Result<(), SetFault> {
    let is_one = allowed.iter().all(|algorithm| family.contains(algorithm));
    if is_one { Ok(()) } else { Err(SetFault::Family) }
}

/// Members of private and shared keys (RFC 7518 sections 6.2.2, 6.3.2, 6.4.1; RFC 8037 section 2).
const SECRETS: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

fn check_public(index: usize, jwk: &Map<String, Value>) -> Result<(), SetFault> {
    let is_secret = SECRETS.iter().any(|name| jwk.contains_key(*name)) || is_oct(jwk);
    if is_secret { Err(SetFault::Secret(index)) } else { Ok(()) }
}

fn check_secret(index: usize, jwk: &Map<String, Value>) -> Result<(), SetFault> {
    if is_oct(jwk) { Ok(()) } else { Err(SetFault::NotASecret(index)) }
}

fn is_oct(jwk: &Map<String, Value>) -> bool {
    jwk.get("kty").is_some_and(|kty| kty == "oct")
}
