//! Worlds for the tests: keys, tokens and configurations, good by default, so that each test changes one thing.

mod api_keys;
mod claims;
mod configs;
mod documents;
mod filters;
mod handing_on;
mod headers;
mod key_sets;
mod presets;
mod remembering;
mod remote;
mod rules;
mod signatures;

use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;
use jsonwebtoken::jwk::EllipticCurve;
use jsonwebtoken::{Algorithm, EncodingKey};
use portcullis::http::header::Headers;
use portcullis::prelude::Env;
use serde_json::{Value, json};

use crate::compile::{self, Compiled};
use crate::config::Config;
use crate::policy::{Evidence, Now, Place, Policy, Reason};

/// The time of every decision, unless a test says otherwise.
pub(crate) const NOW: u64 = 1_800_000_000;

pub(crate) const RSA_A: &[u8] = include_bytes!("../../tests/keys/rsa_a.der");
pub(crate) const RSA_B: &[u8] = include_bytes!("../../tests/keys/rsa_b.der");
pub(crate) const RSA_1024: &[u8] = include_bytes!("../../tests/keys/rsa_1024.der");
pub(crate) const P256_A: &[u8] = include_bytes!("../../tests/keys/p256_a.der");
pub(crate) const P256_B: &[u8] = include_bytes!("../../tests/keys/p256_b.der");
pub(crate) const P384_A: &[u8] = include_bytes!("../../tests/keys/p384_a.der");
pub(crate) const ED25519_A: &[u8] = include_bytes!("../../tests/keys/ed25519_a.der");

pub(crate) fn b64(bytes: impl AsRef<[u8]>) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn unb64(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// `value` with these members put in; `null` takes one out.
pub(crate) fn with(mut value: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else { panic!("an object of changes") };
    for (name, change) in changes {
        match change {
            Value::Null => drop(value.as_object_mut().unwrap().remove(&name)),
            change => value[name] = change,
        }
    }
    value
}

// Public keys.

pub(crate) fn rsa_jwk(kid: &str, private: &[u8]) -> Value {
    let (n, e) = (DEFAULT_PROVIDER.key_utils.rsa_pub_components_from_private_key)(private).unwrap();
    json!({"kty": "RSA", "kid": kid, "n": b64(n), "e": b64(e)})
}

pub(crate) fn p256_jwk(kid: &str, private: &[u8]) -> Value {
    let utils = &DEFAULT_PROVIDER.key_utils;
    let (_, x, y) = (utils.ec_pub_components_from_private_key)(private, Algorithm::ES256).unwrap();
    json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": b64(x), "y": b64(y)})
}

pub(crate) fn p384_jwk(kid: &str, private: &[u8]) -> Value {
    let utils = &DEFAULT_PROVIDER.key_utils;
    let (_, x, y) = (utils.ec_pub_components_from_private_key)(private, Algorithm::ES384).unwrap();
    json!({"kty": "EC", "crv": "P-384", "kid": kid, "x": b64(x), "y": b64(y)})
}

pub(crate) fn ed25519_jwk(kid: &str, private: &[u8]) -> Value {
    let x = (DEFAULT_PROVIDER.key_utils.ed_pub_components_from_private_key)(private, &EllipticCurve::Ed25519).unwrap();
    json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": b64(x)})
}

// Tokens.

/// What signs a token.
#[derive(Clone)]
pub(crate) enum Signer {
    Key(Algorithm, EncodingKey),
    /// These bytes instead of a signature.
    Bytes(Vec<u8>),
}

pub(crate) fn rs256(private: &[u8]) -> Signer {
    Signer::Key(Algorithm::RS256, EncodingKey::from_rsa_der(private))
}

/// A signer of any algorithm of RSA or elliptic curves, by its name.
pub(crate) fn signer(algorithm: &str, private: &[u8]) -> Signer {
    let key = if algorithm.starts_with("ES") {
        EncodingKey::from_ec_der(private)
    } else {
        EncodingKey::from_rsa_der(private)
    };
    Signer::Key(algorithm.parse().unwrap(), key)
}

pub(crate) fn es256(private: &[u8]) -> Signer {
    Signer::Key(Algorithm::ES256, EncodingKey::from_ec_der(private))
}

pub(crate) fn eddsa(private: &[u8]) -> Signer {
    Signer::Key(Algorithm::EdDSA, EncodingKey::from_ed_der(private))
}

pub(crate) fn hs256(secret: &[u8]) -> Signer {
    Signer::Key(Algorithm::HS256, EncodingKey::from_secret(secret))
}

/// Joins and signs the two texts.
pub(crate) fn sign(header: &str, claims: &str, signer: &Signer) -> String {
    let message = format!("{}.{}", b64(header), b64(claims));
    let signature = match signer {
        Signer::Key(algorithm, key) => jsonwebtoken::crypto::sign(message.as_bytes(), key, *algorithm).unwrap(),
        Signer::Bytes(bytes) => b64(bytes),
    };
    format!("{message}.{signature}")
}

/// A token, good unless a test changes it.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) header: Value,
    pub(crate) claims: Value,
    pub(crate) signer: Signer,
}

impl Token {
    pub(crate) fn good() -> Self {
        Self {
            header: json!({"alg": "RS256", "kid": "k1", "typ": "at+jwt"}),
            claims: good_claims(),
            signer: rs256(RSA_A),
        }
    }

    pub(crate) fn es256() -> Self {
        Self { signer: es256(P256_A), ..Self::good() }.header(json!({"alg": "ES256", "kid": "e1"}))
    }

    pub(crate) fn eddsa() -> Self {
        Self { signer: eddsa(ED25519_A), ..Self::good() }.header(json!({"alg": "EdDSA", "kid": "d1"}))
    }

    pub(crate) fn header(mut self, changes: Value) -> Self {
        self.header = with(self.header, changes);
        self
    }

    pub(crate) fn claims(mut self, changes: Value) -> Self {
        self.claims = with(self.claims, changes);
        self
    }

    pub(crate) fn signer(mut self, signer: Signer) -> Self {
        self.signer = signer;
        self
    }

    pub(crate) fn text(&self) -> String {
        sign(&self.header.to_string(), &self.claims.to_string(), &self.signer)
    }
}

pub(crate) fn good_claims() -> Value {
    json!({
        "iss": "https://idp.example", "aud": ["api"], "sub": "alice", "roles": ["user"],
        "iat": NOW - 10, "exp": NOW + 300,
    })
}

// Configurations.

pub(crate) fn jwks() -> Value {
    json!({"keys": [rsa_jwk("k1", RSA_A), p256_jwk("e1", P256_A), ed25519_jwk("d1", ED25519_A)]})
}

pub(crate) fn provider() -> Value {
    json!({
        "issuer": "https://idp.example", "audiences": ["api"], "algorithms": ["RS256", "ES256", "EdDSA"],
        "jwks_inline": jwks(), "roles_claim": ["roles"],
    })
}

/// The API key of `acme`, and its hash.
pub(crate) const ACME_KEY: &str = "sk-acme-0123456789abcdef0123456789abcdef";

pub(crate) fn sha256(text: &str) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn acme() -> Value {
    json!({"id": "acme", "sha256": sha256(ACME_KEY), "subject": "acme-app", "roles": ["user"], "tenant": "acme"})
}

pub(crate) fn configuration() -> Value {
    json!({
        "credentials": [{"header": "authorization", "prefix": "Bearer "}, {"header": "x-api-key"}],
        "providers": {"main": provider()},
        "key_sets": {"partners": {"keys": [acme()]}},
    })
}

pub(crate) fn configured_with(provider_changes: Value) -> Value {
    with(configuration(), json!({"providers": {"main": with(provider(), provider_changes)}}))
}

// Worlds.

/// A policy and a clock.
pub(crate) struct World {
    pub(crate) policy: Policy,
    pub(crate) now: Now,
}

/// What a request that passed leaves behind.
#[derive(Debug, PartialEq)]
pub(crate) struct Passed {
    pub(crate) rule: String,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) identity: Option<Value>,
    pub(crate) strips: Vec<String>,
}

impl World {
    pub(crate) fn of(configuration: &Value) -> Self {
        let compiled = compiled(configuration);
        Self { policy: compiled.policy, now: Now { unix_seconds: NOW, monotonic_millis: 1_000_000 } }
    }

    pub(crate) fn good() -> Self {
        Self::of(&configuration())
    }

    /// What becomes of `GET /v1/models` with these headers.
    pub(crate) fn ask(&self, fields: &[(&str, &[u8])]) -> Result<Passed, (Reason, Option<&'static str>)> {
        let mut request = vec![(":method", &b"GET"[..]), (":authority", b"api.example"), (":path", b"/v1/models")];
        request.extend_from_slice(fields);
        self.ask_whole(&request)
    }

    pub(crate) fn ask_whole(&self, fields: &[(&str, &[u8])]) -> Result<Passed, (Reason, Option<&'static str>)> {
        let headers: Headers = fields.iter().map(|(name, value)| (name.as_bytes(), *value)).collect();
        let judged = self
            .policy
            .rule(&headers, Some(b"main"))
            .and_then(|rule| self.policy.decide(rule, &headers, self.now)?.settle(|signature| Ok(signature.is_good())));
        let permit = judged.map_err(|denial| (denial.reason, denial.about))?;
        Ok(Passed {
            rule: permit.rule().to_owned(),
            evidence: permit.evidence().to_vec(),
            identity: permit.caller().map(|caller| parse(caller.state())),
            strips: permit.strips().iter().map(|place| name(place)).collect(),
        })
    }

    pub(crate) fn bearer(&self, credential: &str) -> Result<Passed, (Reason, Option<&'static str>)> {
        self.ask(&[("authorization", format!("Bearer {credential}").as_bytes())])
    }

    /// The identity that a token gives, or why it is refused.
    pub(crate) fn token(&self, token: &Token) -> Result<Value, Reason> {
        self.bearer(&token.text()).map(|passed| passed.identity.unwrap()).map_err(|(reason, _)| reason)
    }

    /// Which part of a token is at fault.
    pub(crate) fn fault(&self, token: &Token) -> (Reason, Option<&'static str>) {
        self.bearer(&token.text()).unwrap_err()
    }
}

fn name(place: &Place) -> String {
    let (Place::Header(name) | Place::Query(name) | Place::Cookie(name)) = place;
    name.clone()
}

pub(crate) fn compiled(configuration: &Value) -> Compiled {
    let env = Env::new("authn", []);
    compile::compile(&read(configuration), &env).map_err(|error| error.to_string()).unwrap()
}

pub(crate) fn read(configuration: &Value) -> Config {
    serde_json::from_value(configuration.clone()).map_err(|error| error.to_string()).unwrap()
}

pub(crate) fn parse(bytes: &[u8]) -> Value {
    portcullis::json::parse(bytes, portcullis::json::Limits::default()).unwrap()
}
