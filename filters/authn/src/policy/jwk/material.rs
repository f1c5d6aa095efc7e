//! What a key is made of, ready for use: as the proxy wants it, and as the library in this module does.

use jsonwebtoken::DecodingKey;
use jsonwebtoken::crypto::JwtVerifier;
use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;
use serde_json::{Map, Value};

use super::super::der;
use super::member::{bytes, required, sized, text};
use super::{Algorithm, Fault, KeyId, Kind, rsa};

/// A public key or a secret. Without `Debug`: what it holds is nobody's to print.
#[derive(Clone)]
pub(super) struct Material {
    kind: Kind,
    id: KeyId,
    public_key: Vec<u8>,
    signature_bytes: usize,
    library: DecodingKey,
}

impl Material {
    /// Reads the public key of a JWK.
    pub(super) fn public(jwk: &Map<String, Value>) -> Result<Self, Fault> {
        let material = match (required(jwk, "kty")?, text(jwk, "crv")?) {
            ("RSA", None) => Self::rsa(&bytes(jwk, "n")?, &bytes(jwk, "e")?)?,
            ("EC", Some("P-256")) => Self::p256(&sized(jwk, "x")?, &sized(jwk, "y")?),
            ("EC", Some("P-384")) => Self::p384(&sized(jwk, "x")?, &sized(jwk, "y")?),
            ("OKP", Some("Ed25519")) => Self::ed25519(&sized(jwk, "x")?),
            _ => return Err(Fault::Kind),
        };
        material.check_point()
    }

    fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, Fault> {
        let (modulus, exponent) = (rsa::shortest(modulus), rsa::shortest(exponent));
        rsa::check(modulus, exponent)?;
        let library = DecodingKey::from_rsa_raw_components(modulus, exponent);
        Ok(Self::new(Kind::Rsa, der::rsa_public_key(modulus, exponent), modulus.len(), library))
    }

    fn p256(x: &[u8; 32], y: &[u8; 32]) -> Self {
        let point = [&[4][..], x, y].concat();
        Self::new(Kind::P256, der::p256_public_key(&point), 64, DecodingKey::from_ec_der(&point))
    }

    fn p384(x: &[u8; 48], y: &[u8; 48]) -> Self {
        let point = [&[4][..], x, y].concat();
        Self::new(Kind::P384, der::p384_public_key(&point), 96, DecodingKey::from_ec_der(&point))
    }

    fn ed25519(x: &[u8; 32]) -> Self {
        Self::new(Kind::Ed25519, der::ed25519_public_key(x), 64, DecodingKey::from_ed_der(x))
    }

    fn new(kind: Kind, public_key: Vec<u8>, signature_bytes: usize, library: DecodingKey) -> Self {
        Self { kind, id: KeyId::of(kind, &public_key), public_key, signature_bytes, library }
    }

    /// A shared secret. It has no public key, and how long its signatures are its algorithm says.
    pub(super) fn secret(secret: &[u8]) -> Self {
        let (kind, library) = (Kind::Secret, DecodingKey::from_secret(secret));
        Self { kind, id: KeyId::of(kind, secret), public_key: Vec::new(), signature_bytes: 0, library }
    }

    /// The library refuses a point that is not on its curve: a signature could be forged with one.
    fn check_point(self) -> Result<Self, Fault> {
        let algorithm = Algorithm::ALL.iter().find(|algorithm| algorithm.kind() == self.kind).ok_or(Fault::Kind)?;
        self.verifier(*algorithm).ok_or(Fault::Point)?;
        Ok(self)
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) fn id(&self) -> KeyId {
        self.id
    }

    /// `SubjectPublicKeyInfo`, DER; empty for a secret.
    pub(super) fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    pub(super) fn signature_bytes(&self, algorithm: Algorithm) -> usize {
        algorithm.digest_bytes().unwrap_or(self.signature_bytes)
    }

    /// Straight from the provider's table: nothing is installed for the process, which other code shares. It compares
    /// an HMAC in constant time.
    pub(super) fn verifier(&self, algorithm: Algorithm) -> Option<Box<dyn JwtVerifier>> {
        (DEFAULT_PROVIDER.verifier_factory)(&algorithm.in_library(), &self.library).ok()
    }
}
