//! What happens to a configuration: refused at start and by update with a sentence, taken without losing a request, and
//! kept apart from every other configuration in the same VM.

// The lints against panics are for code that runs behind a proxy.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::arithmetic_side_effects, clippy::disallowed_methods, missing_docs)]

use std::time::Duration;

use harness::client::h1;
use harness::{Envoy, Key, Listener, Request, Token, Upstream, WasmFilter, jwks};
use serde_json::{Value, json};

fn provider(audience: &str) -> Value {
    json!({"providers": {"a": {
        "issuer": harness::token::ISSUER_A, "audiences": [audience], "algorithms": ["RS256"], "jwks_inline": jwks(&[Key::K1])
    }}})
}

fn authn(config: &Value) -> Listener {
    Listener::new().filter(WasmFilter::new("authn").configured(config))
}

fn bad() -> (Value, &'static str) {
    let mut config = provider("api");
    config["providers"]["a"]["clock_skew"] = json!("1 hour");
    (
        config,
        "providers.a.clock_skew: invalid value: string \"1 hour\", expected a duration such as \"250ms\" or \"60s\"",
    )
}

fn good_request() -> Request {
    Request::get("/v1/models").bearer(Token::good().sign(Key::K1))
}

#[test]
fn a_bad_configuration_keeps_envoy_from_starting_and_says_why() {
    let (config, sentence) = bad();
    let failure = Envoy::builder(authn(&config)).start().err().expect("Envoy started");
    assert!(failure.log.contains(sentence), "{}", failure.log);
}

#[test]
fn a_bad_configuration_by_update_is_refused_and_the_old_one_serves_on() {
    let upstream = Upstream::h1();
    let builder = Envoy::builder(authn(&provider("api"))).upstream(upstream.address()).updatable();
    let mut envoy = builder.start().unwrap();
    let (config, sentence) = bad();
    let failure = envoy.update(authn(&config)).unwrap_err();
    assert!(failure.log.contains(sentence), "{}", failure.log);
    assert_eq!(h1::send(envoy.address(), &good_request()).status, Some(200));
    assert_eq!(h1::send(envoy.address(), &Request::get("/v1/models")).status, Some(401));
    assert_eq!(upstream.hits(), 1);
}

#[test]
fn a_good_configuration_by_update_replaces_the_old_one() {
    let upstream = Upstream::h1();
    let builder = Envoy::builder(authn(&provider("api"))).upstream(upstream.address()).updatable();
    let mut envoy = builder.start().unwrap();
    assert_eq!(h1::send(envoy.address(), &good_request()).status, Some(200));
    envoy.update(authn(&provider("other"))).unwrap();
    assert_eq!(h1::send(envoy.address(), &good_request()).status, Some(401));
}

/// Istio sets no `vm_id`: plugins of one module share a VM. What one has verified, the other has not.
#[test]
fn two_configurations_in_one_vm_share_nothing() {
    let upstream = Upstream::h1();
    let envoy = Envoy::builder(authn(&provider("api")))
        .also("other", authn(&provider("other")))
        .upstream(upstream.address())
        .start()
        .unwrap();
    assert_eq!(
        envoy.stat("wasm.envoy.wasm.runtime.v8.active"),
        3,
        "one VM a thread and the base: {:?}",
        envoy.stats("wasm")
    );
    let request = good_request();
    for _ in 0..3 {
        assert_eq!(h1::send(envoy.address(), &request).status, Some(200), "warm for the first");
        assert_eq!(h1::send(envoy.address_of("other"), &request).status, Some(401), "and not for the second");
    }
}

/// An upgrade of Envoy's own: the request in flight ends with the filter it began with.
#[test]
fn an_update_does_not_cut_an_answer_that_streams() {
    let upstream = Upstream::h1();
    upstream.answer_all(|_| harness::Reply::events(["one", "two", "three", "four"], Duration::from_millis(150)));
    let builder = Envoy::builder(authn(&provider("api"))).upstream(upstream.address()).updatable();
    let mut envoy = builder.argument("--drain-strategy").argument("immediate").start().unwrap();
    let mut client = h1::Connection::open(envoy.address());
    client.start(&good_request());
    std::thread::sleep(Duration::from_millis(100));
    envoy.update(authn(&provider("other"))).unwrap();
    let answer = client.finish(b"GET");
    assert!(answer.is(200) && answer.text().contains("four"), "{answer:?}");
}
