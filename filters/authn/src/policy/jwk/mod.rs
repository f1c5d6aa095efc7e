//! Keys: what is read from a JWK (RFC 7517), and which are refused.
//!
//! A bad key in a good set is skipped, so that one mistake of an issuer does not lock everybody out; in this order:
//! 1. `use` other than `sig`, `key_ops` without `verify` (RFC 7517 sections 4.2, 4.3);
//! 2. an unknown `kty` or `crv`, a missing, malformed or wrongly sized parameter;
//! 3. an RSA key that is too weak or too costly, a point that is not on its curve;
//! 4. an `alg` that nobody here knows, that does not fit the key, or that its provider may not use;
//! 5. a secret that is shorter than the hash of an algorithm that it serves.
//!
//! What makes a whole set unusable stands in [`KeySet`].

mod algorithm;
mod id;
mod material;
mod member;
mod rsa;
mod set;

pub use self::algorithm::{Algorithm, Kind};
pub use self::id::KeyId;
pub use self::set::{KeySet, SetFault};

use std::fmt;

use jsonwebtoken::crypto::JwtVerifier;
use serde_json::{Map, Value};

use self::material::Material;
use self::member::{bytes, text};

/// A public key or a shared secret, ready for use, and the algorithms that it may be used with.
#[derive(Clone)]
pub struct Key {
    kid: Option<String>,
    algorithms: Vec<Algorithm>,
    material: Material,
}

/// Why a key is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// This member is missing, of the wrong type or of the wrong length.
    Member(&'static str),
    /// `use` or `key_ops` say that it does not verify signatures.
    Purpose,
    /// `kty` and `crv` name a kind of key that is not supported.
    Kind,
    /// An RSA modulus under 2048 or over 4096 bits.
    ModulusSize,
    /// An RSA modulus that is even.
    EvenModulus,
    /// An RSA exponent that is even, under 65537 or over 2^33.
    Exponent,
    /// An RSA modulus of a generator whose keys can be factored.
    Roca,
    /// A point that is not on its curve.
    Point,
    /// Its `alg`, or its kind, is none that the provider allows.
    Algorithm,
    /// A secret that is shorter than the hash of an algorithm that it serves.
    ShortSecret,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Member(name) => return write!(f, "{name} is missing or malformed"),
            Self::Purpose => "use or key_ops say that it does not verify signatures",
            Self::Kind => "kty or crv is not supported",
            Self::ModulusSize => "the RSA modulus has under 2048 or over 4096 bits",
            Self::EvenModulus => "the RSA modulus is even",
            Self::Exponent => "the RSA exponent is even, under 65537 or over 2^33",
            Self::Roca => "the RSA modulus bears the mark of CVE-2017-15361",
            Self::Point => "the point is not on its curve",
            Self::Algorithm => "no allowed algorithm fits it",
            Self::ShortSecret => "the secret is shorter than the hash of its algorithm",
        })
    }
}

impl Key {
    /// Reads a public JWK that may be used with no other algorithms than these.
    pub fn read(jwk: &Map<String, Value>, allowed: &[Algorithm]) -> Result<Self, Fault> {
        check_purpose(jwk)?;
        Self::new(jwk, Material::public(jwk)?, allowed)
    }

    /// Reads a JWK of type `oct`.
    fn read_secret(jwk: &Map<String, Value>, allowed: &[Algorithm]) -> Result<Self, Fault> {
        check_purpose(jwk)?;
        let secret = bytes(jwk, "k")?;
        let key = Self::new(jwk, Material::secret(&secret), allowed)?;
        key.check_secret(&secret)
    }

    /// A shared secret that serves all of these algorithms.
    fn of_secret(secret: &[u8], allowed: &[Algorithm]) -> Result<Self, Fault> {
        let key = Self::new(&Map::new(), Material::secret(secret), allowed)?;
        key.check_secret(secret)
    }

    fn new(jwk: &Map<String, Value>, material: Material, allowed: &[Algorithm]) -> Result<Self, Fault> {
        let algorithms = algorithms(jwk, material.kind(), allowed)?;
        Ok(Self { kid: text(jwk, "kid")?.map(str::to_owned), algorithms, material })
    }

    /// RFC 7518 section 3.2. A shorter secret would be weaker than the hash it is used with.
    fn check_secret(self, secret: &[u8]) -> Result<Self, Fault> {
        let least = self.algorithms.iter().filter_map(|algorithm| algorithm.digest_bytes()).max();
        if least.is_some_and(|least| secret.len() >= least) { Ok(self) } else { Err(Fault::ShortSecret) }
    }

    /// Its `kid`: a name, which its issuer can give to another key.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Which key it is, whatever its `kid`.
    pub fn id(&self) -> KeyId {
        self.material.id()
    }

    /// Whether it may be used with this algorithm.
    pub fn allows(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    /// How long each of its signatures is, in bytes (RFC 8017 section 8.2.2, RFC 7518 sections 3.2 and 3.4, RFC 8032
    /// section 5.1.6).
    pub fn signature_bytes(&self, algorithm: Algorithm) -> usize {
        self.material.signature_bytes(algorithm)
    }

    /// `SubjectPublicKeyInfo`, DER; empty for a secret.
    pub fn public_key(&self) -> &[u8] {
        self.material.public_key()
    }

    /// What checks signatures where the proxy cannot.
    pub(super) fn verifier(&self, algorithm: Algorithm) -> Option<Box<dyn JwtVerifier>> {
        self.material.verifier(algorithm)
    }
}

/// Without its material, which may be a secret.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = f.debug_struct("Key");
        key.field("kid", &self.kid).field("kind", &self.material.kind()).field("algorithms", &self.algorithms);
        key.finish_non_exhaustive()
    }
}

fn check_purpose(jwk: &Map<String, Value>) -> Result<(), Fault> {
    if text(jwk, "use")?.is_some_and(|purpose| purpose != "sig") {
        return Err(Fault::Purpose);
    }
    match jwk.get("key_ops") {
        None => Ok(()),
        Some(Value::Array(operations)) if operations.iter().any(|operation| operation == "verify") => Ok(()),
        Some(Value::Array(_)) => Err(Fault::Purpose),
        Some(_) => Err(Fault::Member("key_ops")),
    }
}

/// A key's own `alg` pins it; without one it serves every allowed algorithm of its kind.
fn algorithms(jwk: &Map<String, Value>, kind: Kind, allowed: &[Algorithm]) -> Result<Vec<Algorithm>, Fault> {
    let pinned = text(jwk, "alg")?;
    let fits = |algorithm: &Algorithm| algorithm.kind() == kind && pinned.is_none_or(|name| name == algorithm.name());
    let fitting: Vec<_> = allowed.iter().copied().filter(fits).collect();
    if fitting.is_empty() { Err(Fault::Algorithm) } else { Ok(fitting) }
}
