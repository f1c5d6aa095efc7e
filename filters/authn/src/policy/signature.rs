//! What remains to be verified once everything else about a token is right.
//!
//! The form is checked here, so that no two ways of checking can differ: a signature is exactly as long as its key
//! makes them, and the halves of an ECDSA signature lie between 1 and n - 1 (CVE-2022-21449: where 0 was accepted, one
//! signature fitted every message).

use super::der;
use super::jwk::{Algorithm, Key};

/// A signature that a key may have made over a message.
#[derive(Debug, Clone, Copy)]
pub struct Signature<'a> {
    algorithm: Algorithm,
    key: &'a Key,
    message: &'a [u8],
    bytes: &'a [u8],
}

impl<'a> Signature<'a> {
    /// `None` if the key can never have made it.
    pub fn new(algorithm: Algorithm, key: &'a Key, message: &'a [u8], bytes: &'a [u8]) -> Option<Self> {
        let is_possible = key.allows(algorithm) && bytes.len() == key.signature_bytes() && in_range(algorithm, bytes);
        is_possible.then_some(Self { algorithm, key, message, bytes })
    }

    /// stub
    pub fn key_id(&self) -> super::KeyId {
        self.key.id()
    }
    /// The algorithm, which pins hash, padding and curve.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// `SubjectPublicKeyInfo`, DER.
    pub fn public_key(&self) -> &'a [u8] {
        self.key.public_key()
    }

    /// What was signed.
    pub fn message(&self) -> &'a [u8] {
        self.message
    }

    /// The signature as a proxy's crypto library wants it: DER for ECDSA, else as it came.
    pub fn encoded(&self) -> Vec<u8> {
        match self.algorithm {
            Algorithm::Es256 => halves(self.bytes).map(|(r, s)| der::ecdsa_signature(r, s)).unwrap_or_default(),
            Algorithm::Rs256 | Algorithm::EdDsa => self.bytes.to_vec(),
        }
    }

    /// Whether the key made it, computed in this module: slower than the proxy, and the only way for `EdDSA`.
    pub fn is_good(&self) -> bool {
        let verifier = self.key.verifier(self.algorithm);
        verifier.is_some_and(|verifier| verifier.verify(self.message, &self.bytes.to_vec()).is_ok())
    }
}

/// The order of P-256's group (FIPS 186-5, NIST SP 800-186 section 3.2.1.3).
const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, //
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

fn in_range(algorithm: Algorithm, bytes: &[u8]) -> bool {
    match algorithm {
        Algorithm::Es256 => halves(bytes).is_some_and(|(r, s)| is_scalar(r) && is_scalar(s)),
        Algorithm::Rs256 | Algorithm::EdDsa => true,
    }
}

fn halves(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    bytes.split_at_checked(P256_ORDER.len())
}

/// Both are as long as the order, so they compare as numbers do.
fn is_scalar(half: &[u8]) -> bool {
    half.iter().any(|byte| *byte != 0) && half < P256_ORDER.as_slice()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AUTHN-011.
    #[test]
    fn the_halves_of_an_ecdsa_signature_lie_below_the_order() {
        let (zero, mut one, mut below) = ([0; 32], [0; 32], P256_ORDER);
        one[31] = 1;
        below[31] = 0x50;
        for (r, s, fits) in [
            (zero, zero, false),
            (zero, one, false),
            (one, zero, false),
            (P256_ORDER, P256_ORDER, false),
            (one, P256_ORDER, false),
            ([0xff; 32], one, false),
            (one, one, true),
            (below, below, true),
        ] {
            assert_eq!(in_range(Algorithm::Es256, &[r, s].concat()), fits);
        }
    }
}
