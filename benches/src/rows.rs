//! What is measured: one listener a row, all in one Envoy with one worker.
//!
//! Every listener answers by itself (`direct_response`), so that the difference between two rows is the filter.

use harness::{Key, Listener, Token, WasmFilter, jwks};
use serde_json::{Value, json};

/// A row: its listener and the request that is sent to it.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) listener: Listener,
    pub(crate) token: Option<String>,
}

/// All rows; the first is what `added_us` is counted from.
pub(crate) fn all() -> Vec<Row> {
    let token = Token::good().claim("exp", harness::token::now() + 86_400).sign(Key::K1);
    let with = |name, filter: Listener| Row { name, listener: filter, token: Some(token.clone()) };
    vec![
        with("plain", listener()),
        with("empty_wasm", listener().filter(WasmFilter::new("empty").vm_id("empty"))),
        with("authn_warm_rs256", listener().filter(authn())),
        with("native_jwt_rs256", listener().native(native(false))),
        with("native_jwt_cached_rs256", listener().native(native(true))),
    ]
}

fn listener() -> Listener {
    Listener::new().route(json!({"match": {"prefix": "/"}, "direct_response": {"status": 200}}))
}

fn authn() -> WasmFilter {
    let configuration = json!({
        "providers": {"a": {
            "issuer": harness::token::ISSUER_A, "audiences": ["api"], "algorithms": ["RS256"],
            "jwks_inline": jwks(&[Key::K1]), "typ": ["at+jwt"], "roles_claim": ["roles"]
        }}
    });
    WasmFilter::new("authn").vm_id("authn").configured(&configuration)
}

fn native(is_cached: bool) -> Value {
    let mut provider = json!({
        "issuer": harness::token::ISSUER_A, "audiences": ["api"], "payload_in_metadata": "payload",
        "local_jwks": {"inline_string": jwks(&[Key::K1]).to_string()}
    });
    if is_cached {
        provider["jwt_cache_config"] = json!({"jwt_cache_size": 100});
    }
    json!({
        "name": "envoy.filters.http.jwt_authn",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
            "providers": {"a": provider},
            "rules": [{"match": {"prefix": "/"}, "requires": {"provider_name": "a"}}]
        }
    })
}
