//! What is measured: one listener a row, all in one Envoy with one worker, each filter in a VM of its own.
//!
//! Every listener answers by itself (`direct_response`), so that the difference between two rows is the filter. A cold
//! row sends more distinct tokens than any cache in it holds, round and round, so that every signature is checked; its
//! token cache is smaller than the default so that a pool of them is minted in seconds.

mod chain;
mod guard;
mod limits;
mod rbac;

use std::rc::Rc;

use portcullis_bench::load::Requests;

use harness::{Key, Listener, Token, WasmFilter, jwks};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// A row: its listener and the requests that are sent to it.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) listener: Listener,
    pub(crate) requests: Rc<Requests>,
}

/// How many tokens the cache of a cold row remembers, and how many different ones are sent.
const COLD_ENTRIES: usize = 256;
const COLD_TOKENS: usize = 4 * COLD_ENTRIES;

const API_KEY: &str = "sk-5f2c8a1be07d4963bb0e1d5a7c94f386";

/// All rows; the first is what `added_us` is counted from.
pub(crate) fn all() -> Vec<Row> {
    let warm = |key| Rc::new(Requests::with_credentials([token(key, 0)]));
    let cold = |key| Rc::new(Requests::with_credentials((0..COLD_TOKENS).map(|number| token(key, number))));
    let (warm_rsa, warm_ecdsa) = (warm(Key::K1), warm(Key::Es256));
    let (cold_rsa, cold_ecdsa) = (cold(Key::K1), cold(Key::Es256));
    let api_key = Rc::new(Requests::with_credentials([API_KEY.to_owned()]));
    let row = |name, listener, requests: &Rc<Requests>| Row { name, listener, requests: Rc::clone(requests) };
    let module = |name, package, configuration: Value, requests| {
        row(name, listener().filter(WasmFilter::new(package).vm_id(name).configured(&configuration)), requests)
    };
    let native = |name, filter, requests| row(name, listener().native(filter), requests);
    vec![
        row("plain", listener(), &warm_rsa),
        module("empty_wasm", "empty", json!({}), &warm_rsa),
        module("kit_open", "open", json!({}), &warm_rsa),
        module("authn_warm_rs256_identity", "authn", identity_only(), &warm_rsa),
        module("authn_warm_rs256", "authn", authn(), &warm_rsa),
        module("authn_warm_es256", "authn", authn(), &warm_ecdsa),
        module("authn_apikey", "authn", with_keys(), &api_key),
        module("authn_cold_rs256", "authn", forgetful(), &cold_rsa),
        module("authn_cold_es256", "authn", forgetful(), &cold_ecdsa),
        native("native_jwt_cached_rs256", jwt(true), &warm_rsa),
        native("native_jwt_rs256", jwt(false), &cold_rsa),
        native("native_jwt_es256", jwt(false), &cold_ecdsa),
        native("native_api_key", api_key_auth(), &api_key),
    ]
    .into_iter()
    .chain(rbac::rows())
    .chain(limits::rows())
    .chain(guard::rows())
    .chain(chain::rows())
    .collect()
}

fn token(key: Key, number: usize) -> String {
    Token::good().claim("exp", harness::token::now() + 86_400).claim("jti", format!("t{number}")).sign(key)
}

fn listener() -> Listener {
    Listener::new().route(json!({"match": {"prefix": "/"}, "direct_response": {"status": 200}}))
}

/// A rule, the verdict, counters; the token does not go on.
fn authn() -> Value {
    json!({
        "providers": {"a": {
            "issuer": harness::token::ISSUER_A, "audiences": ["api"], "algorithms": ["RS256", "ES256"],
            "jwks_inline": jwks(&[Key::K1, Key::Es256]), "typ": ["at+jwt"], "roles_claim": ["roles"]
        }},
        "rules": [{"name": "api", "when": {"paths": ["/v1/*"]}, "require": {"any": ["a"]}}]
    })
}

/// Who is calling, and nothing more.
fn identity_only() -> Value {
    let mut config = authn();
    config["providers"]["a"]["forward"] = json!(true);
    config["verdict"] = json!(false);
    config.as_object_mut().and_then(|members| members.remove("rules"));
    config
}

fn forgetful() -> Value {
    let mut config = authn();
    config["token_cache"] = json!({"entries": COLD_ENTRIES, "max_age": "5m"});
    config
}

fn with_keys() -> Value {
    let hash = format!("{:x}", Sha256::digest(API_KEY));
    json!({
        "key_sets": {"k": {"keys": [{"id": "one", "sha256": hash, "subject": "alice", "roles": ["user"]}]}},
        "rules": [{"name": "api", "when": {"paths": ["/v1/*"]}, "require": {"any": ["k"]}}]
    })
}

fn jwt(is_cached: bool) -> Value {
    let mut provider = json!({
        "issuer": harness::token::ISSUER_A, "audiences": ["api"], "payload_in_metadata": "payload",
        "local_jwks": {"inline_string": jwks(&[Key::K1, Key::Es256]).to_string()}
    });
    if is_cached {
        provider["jwt_cache_config"] = json!({"jwt_cache_size": 100});
    }
    native(
        "jwt_authn",
        "jwt_authn.v3.JwtAuthentication",
        json!({
            "providers": {"a": provider},
            "rules": [{"match": {"prefix": "/"}, "requires": {"provider_name": "a"}}]
        }),
    )
}

fn api_key_auth() -> Value {
    native(
        "api_key_auth",
        "api_key_auth.v3.ApiKeyAuth",
        json!({
            "credentials": [{"key": API_KEY, "client": "alice"}],
            "key_sources": [{"header": "authorization"}],
            "forwarding": {"header": "x-client-id", "hide_credentials": true}
        }),
    )
}

fn native(name: &str, kind: &str, mut config: Value) -> Value {
    config["@type"] = json!(format!("type.googleapis.com/envoy.extensions.filters.http.{kind}"));
    json!({"name": format!("envoy.filters.http.{name}"), "typed_config": config})
}
