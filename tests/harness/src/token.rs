//! JSON Web Tokens of any shape: good ones, and each way of being bad.
//!
//! [`Token::good`] is the GOOD of the torture table. Everything about it can be changed, up to the
//! bytes of its parts; [`Token::sign`] fills in what the test left open (`alg`, `kid`).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Map, Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// The issuer of good tokens.
pub const ISSUER_A: &str = "https://a.issuer.test";

/// Another issuer, with keys of its own.
pub const ISSUER_B: &str = "https://b.issuer.test";

/// A key that signs. All are committed beside this crate and worthless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// RSA 2048, kid `k1`: the key of good tokens.
    K1,
    /// RSA 2048, kid `k2`.
    K2,
    /// P-256, kid `es256`.
    Es256,
    /// P-384, kid `es384`.
    Es384,
    /// Ed25519, kid `ed25519`.
    Ed25519,
    /// RSA 2048 of an attacker, who calls it `k1`.
    AttackerRsa,
    /// P-256 of an attacker, who calls it `es256`.
    AttackerEs256,
}

impl Key {
    /// Every key that is not an attacker's.
    pub const HONEST: [Self; 5] = [Self::K1, Self::K2, Self::Es256, Self::Es384, Self::Ed25519];

    /// Every key.
    pub const ALL: [Self; 7] =
        [Self::K1, Self::K2, Self::Es256, Self::Es384, Self::Ed25519, Self::AttackerRsa, Self::AttackerEs256];

    /// Its name in case tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::AttackerRsa => "attacker-rsa",
            Self::AttackerEs256 => "attacker-es256",
            honest => honest.kid(),
        }
    }

    /// Its key id.
    pub fn kid(self) -> &'static str {
        match self {
            Self::K1 | Self::AttackerRsa => "k1",
            Self::K2 => "k2",
            Self::Es256 | Self::AttackerEs256 => "es256",
            Self::Es384 => "es384",
            Self::Ed25519 => "ed25519",
        }
    }

    /// The algorithm it signs with unless told otherwise.
    pub fn algorithm(self) -> Algorithm {
        match self {
            Self::K1 | Self::K2 | Self::AttackerRsa => Algorithm::RS256,
            Self::Es256 | Self::AttackerEs256 => Algorithm::ES256,
            Self::Es384 => Algorithm::ES384,
            Self::Ed25519 => Algorithm::EdDSA,
        }
    }

    /// The public half as a JWK, with `kid`, `alg` and `use`.
    pub fn jwk(self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.private(), self.algorithm());
        let jwk = jwk.unwrap_or_else(|e| panic!("{self:?}: {e}"));
        let mut jwk = serde_json::to_value(jwk).unwrap_or_default();
        jwk["kid"] = json!(self.kid());
        jwk["alg"] = json!(algorithm_name(self.algorithm()));
        jwk["use"] = json!("sig");
        jwk
    }

    /// A signature over any bytes, as a JWS carries it before its base64.
    pub fn signature(self, message: &[u8], algorithm: Algorithm) -> Vec<u8> {
        let text = crypto::sign(message, &self.private(), algorithm);
        let text = text.unwrap_or_else(|e| panic!("{self:?} cannot sign {algorithm:?}: {e}"));
        URL_SAFE_NO_PAD.decode(text).unwrap_or_else(|e| panic!("a signature that is not base64url: {e}"))
    }

    /// The public half of an RSA key as PKCS#1 DER.
    pub fn rsa_public_pkcs1(self) -> Vec<u8> {
        let jwk = self.jwk();
        let part = |name: &str| {
            let text = jwk[name].as_str().unwrap_or_else(|| panic!("{self:?} is not an RSA key"));
            der_integer(&unbase64url(text))
        };
        der(0x30, &[part("n"), part("e")].concat())
    }

    /// The public half of an RSA key as SPKI DER.
    pub fn rsa_public_spki(self) -> Vec<u8> {
        const RSA_ENCRYPTION: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
        let bits = der(0x03, &[&[0], &self.rsa_public_pkcs1()[..]].concat());
        der(0x30, &[RSA_ENCRYPTION, &bits].concat())
    }

    /// A certificate of an RSA key over itself (X.509 version 1), DER: what an attacker puts into `x5c`.
    pub fn self_signed_certificate(self) -> Vec<u8> {
        const SHA256_WITH_RSA: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00";
        const COMMON_NAME: &[u8] = b"\x06\x03\x55\x04\x03";
        let name = der(0x30, &der(0x31, &der(0x30, &[COMMON_NAME, &der(0x0c, b"attacker")].concat())));
        let validity = der(0x30, &[der(0x17, b"200101000000Z"), der(0x17, b"491231235959Z")].concat());
        let parts = [&der_integer(&[1]), SHA256_WITH_RSA, &name, &validity, &name, &self.rsa_public_spki()];
        let to_be_signed = der(0x30, &parts.concat());
        let signature = der(0x03, &[&[0], &self.signature(&to_be_signed, Algorithm::RS256)[..]].concat());
        der(0x30, &[&to_be_signed, SHA256_WITH_RSA, &signature].concat())
    }

    fn private(self) -> EncodingKey {
        match self {
            Self::K1 => EncodingKey::from_rsa_der(include_bytes!("../keys/rsa-k1.der")),
            Self::K2 => EncodingKey::from_rsa_der(include_bytes!("../keys/rsa-k2.der")),
            Self::AttackerRsa => EncodingKey::from_rsa_der(include_bytes!("../keys/rsa-attacker.der")),
            Self::Es256 => EncodingKey::from_ec_der(include_bytes!("../keys/es256.der")),
            Self::Es384 => EncodingKey::from_ec_der(include_bytes!("../keys/es384.der")),
            Self::AttackerEs256 => EncodingKey::from_ec_der(include_bytes!("../keys/es256-attacker.der")),
            Self::Ed25519 => EncodingKey::from_ed_der(include_bytes!("../keys/ed25519.der")),
        }
    }
}

/// A key set with the public halves of these keys.
pub fn jwks(keys: &[Key]) -> Value {
    json!({"keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>()})
}

/// A token before it is signed.
#[derive(Clone, Debug)]
pub struct Token {
    header: Part,
    payload: Part,
    wants_kid: bool,
}

#[derive(Clone, Debug)]
enum Part {
    Members(Map<String, Value>),
    Bytes(Vec<u8>),
}

impl Token {
    /// Issuer A, audience `["api"]`, subject `alice`, roles `["user"]`, good for five minutes, `at+jwt`.
    pub fn good() -> Self {
        let claims = json!({
            "iss": ISSUER_A,
            "aud": ["api"],
            "sub": "alice",
            "roles": ["user"],
            "iat": now(),
            "exp": now() + 300,
        });
        Self::of(&json!({"typ": "at+jwt"}), &claims)
    }

    /// Exactly these members, and what [`Token::sign`] fills in.
    pub fn of(header: &Value, claims: &Value) -> Self {
        Self { header: Part::of(header), payload: Part::of(claims), wants_kid: true }
    }

    /// Sets a member of the header.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.set(name, value.into());
        self
    }

    /// Removes a member of the header; `kid` is then not filled in.
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self.wants_kid &= name != "kid";
        self
    }

    /// Sets a claim.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.payload.set(name, value.into());
        self
    }

    /// Removes a claim.
    pub fn without(mut self, name: &str) -> Self {
        self.payload.remove(name);
        self
    }

    /// Exactly these bytes as header, before their base64. Nothing is filled in.
    pub fn raw_header(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.header = Part::Bytes(bytes.as_ref().to_vec());
        self
    }

    /// Exactly these bytes as payload, before their base64.
    pub fn raw_payload(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.payload = Part::Bytes(bytes.as_ref().to_vec());
        self
    }

    /// Signs with the key's own algorithm.
    pub fn sign(&self, key: Key) -> String {
        self.sign_as(key, key.algorithm())
    }

    /// Signs with this algorithm; the header says so unless the test set its `alg`.
    pub fn sign_as(&self, key: Key, algorithm: Algorithm) -> String {
        let message = self.message(Some(algorithm_name(algorithm)), Some(key.kid()));
        let signature = key.signature(message.as_bytes(), algorithm);
        joined(&message, &signature)
    }

    /// Signs with HS256 and any secret, the empty one included.
    pub fn sign_hmac(&self, secret: &[u8]) -> String {
        self.sign_hmac_as(secret, Algorithm::HS256)
    }

    /// Signs with an HMAC and any secret.
    pub fn sign_hmac_as(&self, secret: &[u8], algorithm: Algorithm) -> String {
        let message = self.message(Some(algorithm_name(algorithm)), None);
        let signature = crypto::sign(message.as_bytes(), &EncodingKey::from_secret(secret), algorithm);
        format!("{message}.{}", signature.unwrap_or_else(|e| panic!("HMAC: {e}")))
    }

    /// Puts these bytes where the signature belongs.
    pub fn with_signature(&self, signature: &[u8]) -> String {
        joined(&self.message(None, None), signature)
    }

    /// Ends with a dot and no signature.
    pub fn unsigned(&self) -> String {
        self.with_signature(b"")
    }

    /// What is signed: header and payload in base64url.
    fn message(&self, algorithm: Option<&str>, kid: Option<&str>) -> String {
        let mut header = self.header.clone();
        header.fill("alg", algorithm);
        header.fill("kid", kid.filter(|_| self.wants_kid));
        format!("{}.{}", base64url(&header.bytes()), base64url(&self.payload.bytes()))
    }
}

impl Part {
    fn of(value: &Value) -> Self {
        match value {
            Value::Object(members) => Self::Members(members.clone()),
            other => Self::Bytes(other.to_string().into_bytes()),
        }
    }

    fn set(&mut self, name: &str, value: Value) {
        if let Self::Members(members) = self {
            members.insert(name.to_owned(), value);
        }
    }

    fn remove(&mut self, name: &str) {
        if let Self::Members(members) = self {
            members.remove(name);
        }
    }

    fn fill(&mut self, name: &str, value: Option<&str>) {
        if let (Self::Members(members), Some(value)) = (self, value) {
            members.entry(name).or_insert_with(|| json!(value));
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Members(members) => Value::Object(members.clone()).to_string().into_bytes(),
            Self::Bytes(bytes) => bytes.clone(),
        }
    }
}

/// Seconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(0)
}

/// Bytes as a JWS spells them.
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Bytes in base64 with padding, as `x5c` has them.
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of a spelling of [`base64url`].
pub fn unbase64url(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap_or_else(|e| panic!("{text:?} is not base64url: {e}"))
}

/// DER as PEM, with its final newline.
pub fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// The algorithm's name in a header.
pub fn algorithm_name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::HS256 => "HS256",
        Algorithm::HS384 => "HS384",
        Algorithm::HS512 => "HS512",
        Algorithm::ES256 => "ES256",
        Algorithm::ES384 => "ES384",
        Algorithm::RS256 => "RS256",
        Algorithm::RS384 => "RS384",
        Algorithm::RS512 => "RS512",
        Algorithm::PS256 => "PS256",
        Algorithm::PS384 => "PS384",
        Algorithm::PS512 => "PS512",
        Algorithm::EdDSA => "EdDSA",
        other => panic!("no name for {other:?}"),
    }
}

fn joined(message: &str, signature: &[u8]) -> String {
    format!("{message}.{}", base64url(signature))
}

/// A non-negative INTEGER.
fn der_integer(magnitude: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if magnitude.first().is_some_and(|byte| byte & 0x80 != 0) { &[0] } else { &[] };
    der(0x02, &[sign, magnitude].concat())
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes();
    let length: &[u8] = match content.len() {
        0..128 => &length[1..],
        128..256 => &[0x81, length[1]],
        _ => &[0x82, length[0], length[1]],
    };
    [&[tag], length, content].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{DecodingKey, Validation, decode};

    fn verifies(token: &str, key: Key) -> bool {
        let jwk: Jwk = serde_json::from_value(key.jwk()).unwrap();
        let mut rules = Validation::new(key.algorithm());
        rules.set_audience(&["api"]);
        decode::<Value>(token, &DecodingKey::from_jwk(&jwk).unwrap(), &rules).is_ok()
    }

    #[test]
    fn a_good_token_verifies_with_its_own_key_only() {
        for key in Key::ALL {
            assert!(verifies(&Token::good().sign(key), key), "{key:?}");
        }
        assert!(!verifies(&Token::good().sign(Key::AttackerRsa), Key::K1));
        assert!(!verifies(&Token::good().unsigned(), Key::K1));
    }

    #[test]
    fn what_the_test_sets_is_not_filled_in() {
        let token = Token::good().header("alg", "none").without_header("kid").sign(Key::K1);
        let header = String::from_utf8(unbase64url(token.split('.').next().unwrap())).unwrap();
        assert_eq!(header, r#"{"alg":"none","typ":"at+jwt"}"#);
    }

    #[test]
    fn the_public_half_is_the_one_openssl_writes() {
        let spki = Key::K1.rsa_public_spki();
        assert_eq!(spki.len(), 294);
        assert_eq!(Key::K1.rsa_public_pkcs1().len(), 270);
        assert!(pem("PUBLIC KEY", &spki).starts_with("-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0B"));
    }
}
