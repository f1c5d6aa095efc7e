//! Who is calling: OAuth 2.0 bearer tokens and API keys.
//!
//! # The rules, in the order they are applied
//!
//! 1. The metadata of a protected resource (RFC 9728) is served on its well-known path, to anybody who reads it with
//!    `GET` or `HEAD`; another method is refused there (405).
//! 2. A request without `:path`, or one whose path, host or method can be read in two ways where a rule looks at it,
//!    is refused (400).
//! 3. The first of `rules` that is about the request decides. A request that no rule is about is refused (403).
//! 4. An `anonymous` rule lets pass. Credentials are not looked at; they are removed, and no identity is written.
//! 5. Credentials are looked for in every configured place: headers, query parameters, cookies. None, or another scheme:
//!    401. More of them than the rule wants (`any`: one, `all`: one for each name): 400, whatever they hold. A value that
//!    is not exactly one credential in its form: 401. So is one that is longer than anything that could be accepted;
//!    nothing of it is decoded.
//! 6. Its SHA-256 is looked up in the rule's key sets, in those with a `pepper` its HMAC. A key that is there, switched on
//!    and not expired lets pass.
//! 7. What may be a token and has three parts is one (RFC 7519). One that was verified before lets pass
//!    while it is valid and its key is still in the issuer's set; the others are checked:
//!    1. each part is canonical base64url, so that a token has one spelling; header and claims are strict JSON;
//!    2. `crit`, `b64` and nested tokens are refused; `jwk`, `jku`, `x5u` and `x5c` are not looked at;
//!    3. `iss` names a provider of the rule, byte by byte;
//!    4. `alg` is one of the provider's, `typ` one of its types, `aud` holds one of its audiences;
//!    5. `exp` is there, and now lies between `nbf`, `iat` and `exp`, give or take `clock_skew`;
//!    6. the claims that the provider requires are there, of the right type, and equal;
//!    7. `sub` and every claim that becomes part of the identity is of its type and harmless as text;
//!    8. the provider has the key that `kid` names, of a kind that fits `alg`; without `kid` a few keys are tried. A key
//!       that is missed in a fetched set is waited for, 2 s at most, if a new set may be fetched now;
//!    9. the signature is good: checked by the proxy, or in this module where the proxy cannot (`PS256`, `PS384`,
//!       `PS512`, `EdDSA`, HMAC).
//! 8. The identity is written to filter state, credentials are removed (a token only if its provider does not say
//!    `forward`), headers that tell the upstream who is calling are set, after what the caller wrote there is gone, and
//!    the request goes on. If any of it fails it does not (503).
//! 9. A rule in shadow refuses nobody and removes no credential: what it would have refused is counted, and goes on
//!    without an identity.
//!
//! What "refused" looks like: a status, a stable code and one sentence, in the error shape of the API that was called,
//! and for 401 a challenge (RFC 6750). Nothing of the request is in it.
//!
//! ```text
//! HTTP/1.1 401 Unauthorized
//! www-authenticate: Bearer realm="authn", error="invalid_token", error_description="The token has expired."
//! content-type: application/json
//!
//! {"error":{"code":"token_expired","message":"The token has expired.","param":null,"type":"authentication_error"}}
//! ```
//!
//! # What a deployment must get right
//!
//! - `authn` stands before whatever reads the identity, and after Envoy's CORS filter: a preflight bears no credential.
//! - `vm_id` is authn's own. Workers share the keys and API keys that they fetch under it: every plugin that has the
//!   same one can write them, and is trusted like an issuer. Plugins without one all have the empty one.
//! - `failure_policy: FAIL_CLOSED` or `FAIL_RELOAD`; clocks that are right to a minute.
//! - Nothing behind it trusts a header that says who is calling, but those of `identity.headers`: what a caller wrote
//!   under their names is gone. The identity itself is in filter state, which no client can reach.
//!
//! # Example
//!
//! ```
//! use authn::Authn;
//! use portcullis::host::fake::{Envoy, Request};
//!
//! let envoy = Envoy::of_filter::<Authn>(include_str!("../example.json")).unwrap();
//!
//! let known = Request::get("/v1/models").header("x-api-key", "example-key-do-not-deploy");
//! let upstream = envoy.send(&known).upstream.unwrap();
//! assert!(upstream.headers.first("x-api-key").is_none());
//!
//! let unknown = Request::get("/v1/models").header("x-api-key", "sk-guess");
//! let answer = envoy.send(&unknown);
//! assert_eq!((answer.status, answer.upstream.is_some()), (401, false));
//! ```
//!
//! # The rooms
//!
//! [`config`] is what an operator writes, `compile` turns it into a [`policy`], which decides without knowing a proxy,
//! and `filter` asks it and does what it says: `visit` for one request, which may wait for `documents`; `refusal` says no,
//! `hand_on` says who; [`verify`] asks the proxy about signatures.

mod compile;
pub mod config;
mod documents;
mod filter;
mod hand_on;
mod metrics;
pub mod policy;
mod presets;
mod refusal;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::string_slice, clippy::format_collect, clippy::too_many_lines)]
mod tests;
pub mod verify;
mod visit;

pub use filter::Authn;

#[cfg(feature = "module")]
portcullis::entry!(Authn);
