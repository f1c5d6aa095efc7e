//! Signatures: checked by the proxy at native speed; where it cannot, by this module.

use portcullis::host::{Hash, Signed};
use portcullis::prelude::*;

use crate::policy::{Algorithm, Signature, Undecided};

/// Whether a signature is good.
pub fn is_good(host: &dyn Host, signature: &Signature<'_>) -> Result<bool, Undecided> {
    let Some(hash) = proxy_hash(signature.algorithm()) else { return Ok(signature.is_good()) };
    let encoded = signature.encoded();
    let signed = Signed { hash, public_key: signature.public_key(), signature: &encoded, message: signature.message() };
    match host.verify(&signed) {
        Err(HostError::Unsupported) => Ok(signature.is_good()),
        answer => answer.map_err(|_| Undecided),
    }
}

/// The hash to ask the proxy for; `None` where its function has no way to say what is meant (measured: `EdDSA`).
fn proxy_hash(algorithm: Algorithm) -> Option<Hash> {
    match algorithm {
        Algorithm::Rs256 | Algorithm::Es256 => Some(Hash::Sha256),
        Algorithm::EdDsa => None,
    }
}
