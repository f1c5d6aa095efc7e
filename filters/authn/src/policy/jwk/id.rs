//! Which key it is, by what it is made of: a name that an issuer cannot give to another key.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::Kind;

/// A key, whatever its `kid`: the first half of a SHA-256 over its kind and its material.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId([u8; 16]);

impl KeyId {
    /// The kind is hashed too, so that no public key has the id of a secret with its bytes.
    pub(super) fn of(kind: Kind, material: &[u8]) -> Self {
        let kind: &[u8] = match kind {
            Kind::Rsa => b"RSA\0",
            Kind::P256 => b"P-256\0",
            Kind::P384 => b"P-384\0",
            Kind::Ed25519 => b"Ed25519\0",
            Kind::Secret => b"oct\0",
        };
        let digest = Sha256::new().chain_update(kind).chain_update(material).finalize();
        let mut id = [0; 16];
        id.iter_mut().zip(digest).for_each(|(byte, hashed)| *byte = hashed);
        Self(id)
    }
}

/// Says nothing: with the hash of a poor secret the secret could be guessed.
impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyId(..)")
    }
}
