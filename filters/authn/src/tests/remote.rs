//! Keys that come over the network: rotation, outages, unknown keys, and who waits for what.

use std::cell::RefCell;
use std::rc::Rc;

use portcullis::filter::Answer;
use portcullis::host::fake::{CallRecord, Envoy, Request, World as Proxy};
use portcullis::host::{Millis, Proxy as _};
use serde_json::json;

use super::*;
use crate::Authn;

/// What the issuer serves, by path.
type Site = Rc<RefCell<Vec<(&'static str, u16, String)>>>;

fn site(pages: &[(&'static str, u16, &Value)]) -> Site {
    Rc::new(RefCell::new(pages.iter().map(|(path, status, body)| (*path, *status, body.to_string())).collect()))
}

fn serve(site: &Site, pages: &[(&'static str, u16, &Value)]) {
    site.replace(self::site(pages).take());
}

fn answer(site: &Site, call: &CallRecord) -> Option<Answer> {
    let path = call.headers.iter().find(|(name, _)| name == ":path").map(|(_, path)| path.clone())?;
    let pages = site.borrow();
    let (_, status, body) = pages.iter().find(|(known, _, _)| *known == path)?;
    let headers = [(&b":status"[..], status.to_string().as_bytes())].into_iter().collect();
    Some(Answer::Http { status: *status, headers, body: body.clone().into_bytes(), trailers: Headers::new() })
}

fn envoy(site: &Site, configuration: &Value) -> Envoy {
    let world = Rc::new(Proxy::default());
    let pages = Rc::clone(site);
    world.cluster("idp", move |call| answer(&pages, call));
    let plugin = Rc::new(portcullis::adapter::Adapter::<Authn>::default());
    let envoy = Envoy::of(plugin, &configuration.to_string(), &[], world).unwrap();
    envoy.advance(Millis(100));
    envoy
}

fn by_uri() -> Value {
    configured_with(json!({
        "jwks_inline": null,
        "jwks_uri": {"uri": "https://idp.example/keys", "cluster": "idp"},
    }))
}

fn by_discovery(changes: Value) -> Value {
    let discovery = with(json!({"clusters": {"idp.example": "idp", "keys.example": "idp"}}), changes);
    configured_with(json!({"jwks_inline": null, "oidc_discovery": discovery}))
}

const CONFIGURATION: &str = "/.well-known/openid-configuration";

fn said(jwks_uri: &str) -> Value {
    json!({"issuer": "https://idp.example", "jwks_uri": jwks_uri, "more": true})
}

fn send(envoy: &Envoy, token: &Token) -> (u16, String) {
    envoy.world().set_wall_seconds(NOW);
    let answer = envoy.send(&Request::get("/v1/models").header("authorization", format!("Bearer {}", token.text())));
    let code = if answer.status == 200 { Value::Null } else { parse(&answer.body)["error"]["code"].clone() };
    (answer.status, code.as_str().unwrap_or_default().to_owned())
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn fetches(envoy: &Envoy) -> usize {
    envoy.world().calls().len()
}

fn metric(envoy: &Envoy, name: &str) -> u64 {
    envoy.world().metric(&format!("portcullis_authn_{name}.instance.authn")).unwrap()
}

#[test]
fn keys_are_found_at_their_url_and_through_discovery() {
    let site = site(&[("/keys", 200, &jwks()), (CONFIGURATION, 200, &said("https://keys.example/keys"))]);
    for (configuration, calls) in [(by_uri(), 1), (by_discovery(json!({})), 2)] {
        let envoy = envoy(&site, &configuration);
        assert_eq!(send(&envoy, &Token::good()), is(200, ""));
        assert_eq!((fetches(&envoy), metric(&envoy, "documents_missing")), (calls, 0));
    }
}

/// `OpenID` Connect Discovery section 4.3, and SSRF by a document.
#[test]
fn a_configuration_of_somebody_else_leads_nowhere() {
    for configuration in [
        said("https://evil.example/keys"),
        said("https://idp.example@evil.example/keys"),
        said("https://idp.example:8443/keys"),
        said("file:///etc/passwd"),
        with(said("https://idp.example/keys"), json!({"issuer": "https://idp.example/"})),
        with(said("https://idp.example/keys"), json!({"issuer": null})),
        json!([]),
    ] {
        let site = site(&[("/keys", 200, &jwks()), (CONFIGURATION, 200, &configuration)]);
        let envoy = envoy(&site, &by_discovery(json!({})));
        assert_eq!(send(&envoy, &Token::good()), is(503, "keys_unavailable"), "{configuration}");
        let asked = |call: &CallRecord| call.headers.contains(&(":path".to_owned(), CONFIGURATION.to_owned()));
        assert!(envoy.world().calls().iter().all(asked));
        assert!(metric(&envoy, "fetches_total.result.refused") >= 1);
    }
}

#[test]
fn a_new_key_is_waited_for_and_an_old_one_is_believed_no_longer() {
    let site = site(&[("/keys", 200, &json!({"keys": [rsa_jwk("k1", RSA_A)]}))]);
    let envoy = envoy(&site, &by_uri());
    assert_eq!(send(&envoy, &Token::good()), is(200, ""));
    assert_eq!(send(&envoy, &Token::good()), is(200, ""), "remembered");
    serve(&site, &[("/keys", 200, &json!({"keys": [rsa_jwk("k2", RSA_B)]}))]);
    let new = Token::good().header(json!({"kid": "k2"})).signer(rs256(RSA_B));
    assert_eq!((send(&envoy, &new), fetches(&envoy)), (is(200, ""), 2));
    assert_eq!(send(&envoy, &Token::good()), is(401, "unknown_key"), "what was remembered rests on a key that is gone");
    assert_eq!(fetches(&envoy), 2, "one refresh in a cooldown");
}

#[test]
fn a_cold_start_waits_two_seconds_and_no_longer() {
    let site = site(&[]);
    let envoy = envoy(&site, &by_uri());
    let before = envoy.world().monotonic();
    assert_eq!(send(&envoy, &Token::good()), is(503, "keys_unavailable"));
    assert!(envoy.world().monotonic().since(before) <= Millis(2_100));
    serve(&site, &[("/keys", 200, &jwks())]);
    envoy.advance(Millis(5_000));
    assert_eq!(send(&envoy, &Token::good()), is(200, ""));
}

/// Every plugin without a `vm_id` can write what workers share. That the proxy tells the id is a fact of
/// `tests/host_facts.rs`.
#[test]
fn who_fetches_without_a_vm_id_of_its_own_is_warned_once() {
    for (configuration, id, warnings) in [
        (by_uri(), Some(""), 1),
        (by_discovery(json!({})), Some(""), 1),
        (by_uri(), Some("authn"), 0),
        (by_uri(), None, 0),
        (configuration(), Some(""), 0),
    ] {
        let world = Rc::new(Proxy::default());
        if let Some(id) = id {
            world.attribute("plugin_vm_id", id.as_bytes());
        }
        let plugin = Rc::new(portcullis::adapter::Adapter::<Authn>::default());
        let envoy = Envoy::of(plugin, &configuration.to_string(), &[], world).unwrap();
        envoy.advance(Millis(5_000));
        let log = envoy.world().log();
        assert_eq!(log.iter().filter(|line| line.contains("vm_id is empty")).count(), warnings, "{id:?}: {log:?}");
    }
}

/// What is wrong with fetched keys is said when they come and when it changes, not with each refresh.
#[test]
fn skipped_keys_of_a_fetched_set_are_told_once() {
    let weak = |count: usize| {
        let weak = (0..count).map(|index| rsa_jwk(&format!("weak{index}"), RSA_1024));
        json!({"keys": weak.chain([rsa_jwk("k1", RSA_A)]).collect::<Vec<_>>()})
    };
    let configuration = said("https://keys.example/keys");
    let serve = |site: &Site, keys: &Value| {
        serve(site, &[("/keys", 200, keys), (CONFIGURATION, 200, &configuration)]);
    };
    for (configured, name) in
        [(by_uri(), "providers.main.jwks_uri"), (by_discovery(json!({})), "providers.main.oidc_discovery.jwks_uri")]
    {
        let site = site(&[]);
        serve(&site, &weak(1));
        let envoy = envoy(&site, &configured);
        let told =
            || -> Vec<String> { envoy.world().log().into_iter().filter(|line| line.contains("skipped")).collect() };
        envoy.advance(Millis(1_500_000));
        assert!(fetches(&envoy) >= 3, "{name}");
        let line = |index| format!("{name}.keys[{index}] is skipped: the RSA modulus has under 2048 or over 4096 bits");
        assert_eq!(told(), [format!("warn portcullis authn: {}", line(0))]);

        serve(&site, &weak(20));
        envoy.advance(Millis(1_500_000));
        let (told, metric) = (told(), metric(&envoy, "keys_skipped"));
        assert_eq!((told.len(), metric), (17, 20), "{told:?}");
        assert!(told.iter().skip(1).take(15).enumerate().all(|(index, told)| told.ends_with(&line(index))), "{told:?}");
        assert!(told.last().unwrap().ends_with(&format!("{name}: 5 more keys are skipped")), "{told:?}");
        let n = rsa_jwk("weak", RSA_1024)["n"].as_str().unwrap().to_owned();
        assert!(!told.concat().contains(&n[..16]) && !told.concat().contains("weak"));
    }
}

/// AUTHN-040: what remains is that good tokens pass.
#[test]
fn an_outage_changes_nothing_until_the_keys_are_too_old() {
    let site = site(&[("/keys", 200, &jwks())]);
    let uri =
        json!({"uri": "https://idp.example/keys", "cluster": "idp", "fetch": {"refresh": "10s", "max_stale": "60s"}});
    let envoy = envoy(&site, &configured_with(json!({"jwks_inline": null, "jwks_uri": uri})));
    for bad in
        [json!({"keys": []}), json!({"keys": null}), json!("<html>"), json!({"keys": [rsa_jwk("weak", RSA_1024)]})]
    {
        serve(&site, &[("/keys", 200, &bad)]);
        envoy.advance(Millis(12_000));
        assert_eq!(send(&envoy, &Token::good()), is(200, ""), "{bad}");
    }
    envoy.advance(Millis(20_000));
    assert_eq!(send(&envoy, &Token::good()), is(503, "keys_unavailable"));
    assert_eq!(metric(&envoy, "documents_missing"), 1);
}

#[test]
fn as_many_wait_as_may_and_the_others_are_told() {
    let site = site(&[]);
    let envoy = envoy(&site, &by_uri());
    let request = Request::get("/v1/models").header("authorization", format!("Bearer {}", Token::good().text()));
    let waiting: Vec<_> = (0..256).map(|_| envoy.open(&request)).collect();
    let answer = envoy.send(&request);
    assert_eq!(answer.status, 503);
    assert!(String::from_utf8_lossy(&answer.body).contains("too_many_waiting"));
    for running in waiting {
        running.finish();
    }
    serve(&site, &[("/keys", 200, &jwks())]);
    envoy.advance(Millis(5_000));
    assert_eq!(send(&envoy, &Token::good()), is(200, ""));
}

#[test]
fn api_keys_can_come_as_a_document() {
    let configuration = with(
        configuration(),
        json!({"key_sets": {"partners": {"document": {"uri": "https://idp.example/api-keys", "cluster": "idp"}}}}),
    );
    let key = |name: &str| Request::get("/v1/models").header("x-api-key", name);
    let site = site(&[("/api-keys", 200, &json!({"keys": [acme()]}))]);
    let envoy = envoy(&site, &configuration);
    assert_eq!(envoy.send(&key(ACME_KEY)).status, 200);
    assert_eq!(envoy.send(&key("sk-other")).status, 401);
    for bad in [
        json!({"keys": [acme(), with(acme(), json!({"id": "b", "sha256": "00"}))]}),
        json!({"keys": [acme(), acme()]}),
        json!({"keys": [acme()], "more": 1}),
        json!({"keys": []}),
    ] {
        serve(&site, &[("/api-keys", 200, &bad)]);
        envoy.advance(Millis(700_000));
        assert_eq!(envoy.send(&key(ACME_KEY)).status, 200, "{bad}");
    }
    assert!(!envoy.world().log().join("\n").contains(&sha256(ACME_KEY)));
    serve(&site, &[("/api-keys", 200, &json!({"keys": [with(acme(), json!({"disabled": true}))]}))]);
    envoy.advance(Millis(700_000));
    assert_eq!(envoy.send(&key(ACME_KEY)).status, 401);
}

/// A set of API keys that is not there refuses nobody who needs none of it.
#[test]
fn a_token_is_good_while_a_set_of_api_keys_is_missing() {
    let partners = json!({"document": {"uri": "https://idp.example/partners", "cluster": "idp"}});
    let configuration = with(
        configuration(),
        json!({
            "key_sets": {"partners": partners},
            "rules": [{"name": "all", "require": {"any": ["main", "partners"]}}],
        }),
    );
    let envoy = envoy(&site(&[]), &configuration);
    assert_eq!(send(&envoy, &Token::good()), is(200, ""));
    assert_eq!(send(&envoy, &Token::good().claims(json!({"exp": 1}))), is(401, "token_expired"));
    let key = envoy.send(&Request::get("/v1/models").header("authorization", format!("Bearer {ACME_KEY}")));
    assert_eq!(key.details, "portcullis_authn_keys_unavailable");
}

#[test]
fn a_key_without_a_name_is_replaced_too() {
    let nameless = |private| {
        let mut key = rsa_jwk("k", private);
        key.as_object_mut().unwrap().remove("kid");
        json!({"keys": [key]})
    };
    let site = site(&[("/keys", 200, &nameless(RSA_A))]);
    let envoy = envoy(&site, &by_uri());
    let token = |private| Token::good().header(json!({"kid": null})).signer(rs256(private));
    assert_eq!(send(&envoy, &token(RSA_A)), is(200, ""));
    serve(&site, &[("/keys", 200, &nameless(RSA_B))]);
    assert_eq!((send(&envoy, &token(RSA_B)), fetches(&envoy)), (is(200, ""), 2));
    assert_eq!((send(&envoy, &token(RSA_A)), fetches(&envoy)), (is(401, "bad_signature"), 2), "one in each cooldown");
}

#[test]
fn a_rule_in_shadow_fetches_keys_as_one_that_is_enforced() {
    let site = site(&[("/keys", 200, &json!({"keys": [rsa_jwk("k1", RSA_A)]}))]);
    let rules = json!({"rules": [{"name": "all", "mode": "shadow", "require": {"any": ["main"]}}]});
    let envoy = envoy(&site, &with(by_uri(), rules));
    serve(&site, &[("/keys", 200, &json!({"keys": [rsa_jwk("k2", RSA_B)]}))]);
    let new = Token::good().header(json!({"kid": "k2"})).signer(rs256(RSA_B));
    assert_eq!(send(&envoy, &new), is(200, ""));
    envoy.advance(Millis(100));
    assert_eq!(send(&envoy, &new), is(200, ""));
    let counted = ["shadow.code.unknown_key", "allow.code.ok"]
        .map(|name| metric(&envoy, &format!("requests_total.outcome.{name}")));
    assert_eq!((counted, fetches(&envoy)), ([1, 1], 2));
}
