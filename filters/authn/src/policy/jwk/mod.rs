//! Public keys: what is read from a JWK (RFC 7517), and which are refused.
//!
//! A bad key in a good set is skipped, so that one mistake of an issuer does not lock everybody out; in this order:
//! 1. `use` other than `sig`, `key_ops` without `verify` (RFC 7517 sections 4.2, 4.3);
//! 2. an unknown `kty` or `crv`, a missing, malformed or wrongly sized parameter;
//! 3. an RSA key that is too weak or too costly, a point that is not on its curve;
//! 4. an `alg` that nobody here knows, that does not fit the key, or that its provider may not use.
//!
//! What makes a whole set unusable stands in [`KeySet`].

mod algorithm;
mod rsa;
mod set;

pub use self::algorithm::{Algorithm, Kind};
pub use self::set::{KeySet, SetFault};

use std::fmt;

use jsonwebtoken::DecodingKey;
use jsonwebtoken::crypto::JwtVerifier;
use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;
use serde_json::{Map, Value};

use super::{base64url, der};

/// A public key, ready for use, and the algorithms that it may be used with.
#[derive(Debug, Clone)]
pub struct Key {
    kid: Option<String>,
    algorithms: Vec<Algorithm>,
    material: Material,
}

#[derive(Debug, Clone)]
struct Material {
    kind: Kind,
    signature_bytes: usize,
    public_key: Vec<u8>,
    library: DecodingKey,
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
        })
    }
}

impl Key {
    /// Reads a JWK that may be used with no other algorithms than these.
    pub fn read(jwk: &Map<String, Value>, allowed: &[Algorithm]) -> Result<Self, Fault> {
        check_purpose(jwk)?;
        let material = Material::read(jwk)?;
        let algorithms = algorithms(jwk, material.kind, allowed)?;
        Ok(Self { kid: text(jwk, "kid")?.map(str::to_owned), algorithms, material })
    }

    /// stub
    pub fn id(&self) -> KeyId {
        use sha2::Digest as _;
        KeyId(sha2::Sha256::digest(self.public_key()).into())
    }
    /// The key's id.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether it may be used with this algorithm.
    pub fn allows(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    /// How long each of its signatures is, in bytes (RFC 8017 section 8.2.2, RFC 7518 section 3.4, RFC 8032 section 5.1.6).
    pub fn signature_bytes(&self) -> usize {
        self.material.signature_bytes
    }

    /// `SubjectPublicKeyInfo`, DER.
    pub fn public_key(&self) -> &[u8] {
        &self.material.public_key
    }

    /// What checks signatures where the proxy cannot.
    pub(super) fn verifier(&self, algorithm: Algorithm) -> Option<Box<dyn JwtVerifier>> {
        self.material.verifier(algorithm)
    }
}

impl Material {
    fn read(jwk: &Map<String, Value>) -> Result<Self, Fault> {
        let material = match (required(jwk, "kty")?, text(jwk, "crv")?) {
            ("RSA", None) => Self::rsa(&bytes(jwk, "n")?, &bytes(jwk, "e")?)?,
            ("EC", Some("P-256")) => Self::p256(&sized(jwk, "x")?, &sized(jwk, "y")?),
            ("OKP", Some("Ed25519")) => Self::ed25519(&sized(jwk, "x")?),
            _ => return Err(Fault::Kind),
        };
        Ok(material).and_then(Self::check_point)
    }

    fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, Fault> {
        let (modulus, exponent) = (rsa::shortest(modulus), rsa::shortest(exponent));
        rsa::check(modulus, exponent)?;
        Ok(Self {
            kind: Kind::Rsa,
            signature_bytes: modulus.len(),
            public_key: der::rsa_public_key(modulus, exponent),
            library: DecodingKey::from_rsa_raw_components(modulus, exponent),
        })
    }

    fn p256(x: &[u8; 32], y: &[u8; 32]) -> Self {
        let point = [&[4][..], x, y].concat();
        Self {
            kind: Kind::P256,
            signature_bytes: 64,
            public_key: der::p256_public_key(&point),
            library: DecodingKey::from_ec_der(&point),
        }
    }

    fn ed25519(x: &[u8; 32]) -> Self {
        Self {
            kind: Kind::Ed25519,
            signature_bytes: 64,
            public_key: der::ed25519_public_key(x),
            library: DecodingKey::from_ed_der(x),
        }
    }

    /// The library refuses a point that is not on its curve: a signature could be forged with one.
    fn check_point(self) -> Result<Self, Fault> {
        let algorithm = Algorithm::ALL.iter().find(|algorithm| algorithm.kind() == self.kind).ok_or(Fault::Kind)?;
        self.verifier(*algorithm).ok_or(Fault::Point)?;
        Ok(self)
    }

    /// Straight from the provider's table: nothing is installed for the process, which other code shares.
    fn verifier(&self, algorithm: Algorithm) -> Option<Box<dyn JwtVerifier>> {
        (DEFAULT_PROVIDER.verifier_factory)(&algorithm.in_library(), &self.library).ok()
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

fn text<'a>(jwk: &'a Map<String, Value>, name: &'static str) -> Result<Option<&'a str>, Fault> {
    jwk.get(name).map(|value| value.as_str().ok_or(Fault::Member(name))).transpose()
}

fn required<'a>(jwk: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, Fault> {
    text(jwk, name)?.ok_or(Fault::Member(name))
}

fn bytes(jwk: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, Fault> {
    base64url::decode(required(jwk, name)?).ok_or(Fault::Member(name))
}

/// A coordinate is as long as its field, zeros included (RFC 7518 section 6.2.1.2).
fn sized(jwk: &Map<String, Value>, name: &'static str) -> Result<[u8; 32], Fault> {
    bytes(jwk, name)?.try_into().map_err(|_| Fault::Member(name))
}

/// stub
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId([u8; 32]);
