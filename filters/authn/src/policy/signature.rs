//! What remains to be verified once everything else about a token is right.
//!
//! The form is checked here, so that no two ways of checking can differ: a signature is exactly as long as its key
//! makes them, and the halves of an ECDSA signature lie between 1 and n - 1 (CVE-2022-21449: where 0 was accepted, one
//! signature fitted every message).

use super::der;
use super::jwk::{Algorithm, Key, KeyId};

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
        let is_whole = key.allows(algorithm) && bytes.len() == key.signature_bytes(algorithm);
        (is_whole && in_range(algorithm, bytes)).then_some(Self { algorithm, key, message, bytes })
    }

    /// The algorithm, which pins hash, padding and curve.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Which key it is that may have made it.
    pub fn key_id(&self) -> KeyId {
        self.key.id()
    }

    /// `SubjectPublicKeyInfo`, DER; empty for a secret, which is shown to nobody.
    pub fn public_key(&self) -> &'a [u8] {
        self.key.public_key()
    }

    /// What was signed.
    pub fn message(&self) -> &'a [u8] {
        self.message
    }

    /// The signature as a proxy's crypto library wants it: DER for ECDSA, else as it came.
    pub fn encoded(&self) -> Vec<u8> {
        let halves = order(self.algorithm).and_then(|order| halves(self.bytes, order));
        halves.map_or_else(|| self.bytes.to_vec(), |(r, s)| der::ecdsa_signature(r, s))
    }

    /// Whether the key made it, computed in this module: slower than the proxy, and the only way for PSS, `EdDSA` and
    /// HMAC.
    pub fn is_good(&self) -> bool {
        let verifier = self.key.verifier(self.algorithm);
        verifier.is_some_and(|verifier| verifier.verify(self.message, &self.bytes.to_vec()).is_ok())
    }
}

/// The order of P-256's group (FIPS 186-5, NIST SP 800-186 section 3.2.1.3).
const P256_ORDER: &[u8] = &[
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, //
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// The order of P-384's group (section 3.2.1.4).
const P384_ORDER: &[u8] = &[
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, //
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, //
    0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
];

/// The order of the group in which an algorithm signs; `None` where a signature is not two numbers below one.
fn order(algorithm: Algorithm) -> Option<&'static [u8]> {
    match algorithm {
        Algorithm::Es256 => Some(P256_ORDER),
        Algorithm::Es384 => Some(P384_ORDER),
        _ => None,
    }
}

fn in_range(algorithm: Algorithm, bytes: &[u8]) -> bool {
    let Some(order) = order(algorithm) else { return true };
    halves(bytes, order).is_some_and(|(r, s)| is_scalar(r, order) && is_scalar(s, order))
}

fn halves<'a>(bytes: &'a [u8], order: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    bytes.split_at_checked(order.len())
}

/// Both are as long as the order, so they compare as numbers do.
fn is_scalar(half: &[u8], order: &[u8]) -> bool {
    half.iter().any(|byte| *byte != 0) && half < order
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    /// AUTHN-011.
    #[test]
    fn the_halves_of_an_ecdsa_signature_lie_below_the_order() {
        for (algorithm, order) in [(Algorithm::Es256, P256_ORDER), (Algorithm::Es384, P384_ORDER)] {
            let (zero, mut one, mut below) = (vec![0; order.len()], vec![0; order.len()], order.to_vec());
            one[order.len() - 1] = 1;
            below[order.len() - 1] -= 1;
            for (r, s, fits) in [
                (&zero, &zero, false),
                (&zero, &one, false),
                (&one, &zero, false),
                (&order.to_vec(), &order.to_vec(), false),
                (&one, &order.to_vec(), false),
                (&vec![0xff; order.len()], &one, false),
                (&one, &one, true),
                (&below, &below, true),
            ] {
                assert_eq!(in_range(algorithm, &[&r[..], s].concat()), fits);
            }
        }
    }
}
