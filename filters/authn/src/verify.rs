//! Who checks a signature: the proxy at native speed where it can, this module where it cannot.

use portcullis::host::{Hash, Host, HostError, Signed};

use crate::policy::{Algorithm, Signature, Undecided};

/// Whether the key made it.
pub fn is_good(host: &dyn Host, signature: &Signature<'_>) -> Result<bool, Undecided> {
    match by_proxy(host, signature) {
        Err(HostError::Unsupported) => Ok(signature.is_good()),
        answer => answer.map_err(|_| Undecided),
    }
}

/// What the proxy says; `Unsupported` where it cannot.
pub fn by_proxy(host: &dyn Host, signature: &Signature<'_>) -> Result<bool, HostError> {
    let hash = proxy_hash(signature.algorithm()).ok_or(HostError::Unsupported)?;
    let encoded = signature.encoded();
    host.verify(&Signed { hash, public_key: signature.public_key(), signature: &encoded, message: signature.message() })
}

/// The hash to ask the proxy for; `None` where its function has no way to say what is meant (measured: PSS, `EdDSA`), and
/// for secrets, which it does not know.
fn proxy_hash(algorithm: Algorithm) -> Option<Hash> {
    match algorithm {
        Algorithm::Rs256 | Algorithm::Es256 => Some(Hash::Sha256),
        Algorithm::Rs384 | Algorithm::Es384 => Some(Hash::Sha384),
        Algorithm::Rs512 => Some(Hash::Sha512),
        Algorithm::Ps256
        | Algorithm::Ps384
        | Algorithm::Ps512
        | Algorithm::EdDsa
        | Algorithm::Hs256
        | Algorithm::Hs384
        | Algorithm::Hs512 => None,
    }
}
