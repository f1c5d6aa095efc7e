//! AUTHN-007: nothing that a token names is fetched, and a key that it brings along is not believed.

use std::time::Duration;

use authn::Authn;
use harness::client::{h1, h2};
use harness::config::{Protocol, cluster};
use harness::token::base64;
use harness::{Envoy, Key, Request, Token, Upstream, jwks};
use portcullis::host::fake;
use serde_json::{Value, json};

use super::Outcome;
use super::fetching::{Issuer, asking, authn, calls, connections, good_set, keys, unique, until_good};
use crate::fake_world::fake_request;

const ISSUER: Issuer = Issuer { name: "a", cluster: "documents" };
/// What a `kid` may claim: a key of the issuer, or one that only the attacker has.
const KIDS: [&str; 2] = ["k1", "canary"];
/// Seven headers in three worlds.
pub(super) const VARIANTS: usize = 7 * KIDS.len() * 3;

pub(super) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    let canary = Upstream::h1();
    canary.answer_all(|_| keys(&jwks(&[Key::AttackerRsa])));
    natively(&canary, &mut outcome);
    fetching(&canary, &mut outcome);
    let touched = canary.connections();
    outcome.check(touched == 0, || format!("the canary was contacted {touched} times"));
    outcome
}

/// What an attacker writes beside `alg` and `kid`.
fn lures(canary: &Upstream) -> Vec<(String, Value)> {
    let at = canary.address();
    let urls = [format!("http://{at}/jwks"), "file:///etc/passwd".to_owned(), format!("//{at}/jwks")];
    let both = |url: &String| ["jku", "x5u"].map(|name| (name.to_owned(), json!(url)));
    let certificate = json!([base64(&Key::AttackerRsa.self_signed_certificate())]);
    urls.iter().flat_map(both).chain([("x5c".to_owned(), certificate)]).collect()
}

/// Every token of the row, for an issuer.
fn requests(canary: &Upstream, token: impl Fn() -> Token) -> Vec<(String, Request)> {
    let each = |(name, value): (String, Value)| {
        KIDS.map(|kid| {
            let signed = token().header(&name, value.clone()).header("kid", kid).sign(Key::AttackerRsa);
            (format!("{name} {value:.40} kid {kid}"), asking(&signed))
        })
    };
    lures(canary).into_iter().flat_map(each).collect()
}

/// Keys in the configuration: there is nobody to call, and nobody is called.
fn natively(canary: &Upstream, outcome: &mut Outcome) {
    let config = json!({"providers": {"a": {
        "issuer": harness::token::ISSUER_A, "audiences": ["api"], "algorithms": ["RS256"], "jwks_inline": jwks(&[Key::K1])
    }}});
    let envoy = fake::Envoy::of_filter::<Authn>(&config.to_string()).unwrap();
    let now = u64::try_from(harness::token::now()).unwrap_or_default();
    envoy.world().set_wall_seconds(now);
    for (name, request) in requests(canary, Token::good) {
        let answer = envoy.send(&fake_request(&request));
        let holds = answer.status == 401 && answer.upstream.is_none() && envoy.world().calls().is_empty();
        outcome.check(holds, || format!("fake: {name}: {}, {} calls", answer.status, envoy.world().calls().len()));
    }
}

/// Keys that are fetched: a filter that can call could be made to call elsewhere.
fn fetching(canary: &Upstream, outcome: &mut Outcome) {
    let (upstream, documents) = (Upstream::h1(), Upstream::h1());
    documents.answer_all(|_| keys(&good_set()));
    let fetch = json!({"refresh": "24h", "cooldown": "1h"});
    let envoy = Envoy::builder(authn(&[ISSUER], &fetch))
        .upstream(upstream.address())
        .cluster(cluster("documents", Some(documents.address()), Protocol::H1))
        .cluster(cluster("canary", Some(canary.address()), Protocol::H1))
        .cluster(cluster(&canary.address().to_string(), Some(canary.address()), Protocol::H1))
        .start()
        .unwrap();
    outcome.check(until_good(envoy.address(), &ISSUER, Duration::from_secs(5)).is_some(), || {
        format!("the keys never came: {}", envoy.log())
    });
    let before = (upstream.hits(), calls(&envoy, "documents"));
    for (send, wire) in [(h1::send as fn(_, &_) -> _, "h1"), (h2::send, "h2")] {
        for (name, request) in requests(canary, || ISSUER.token().claim("jti", unique())) {
            let answer = send(envoy.address(), &request);
            outcome.check(answer.is(401), || format!("{wire}: {name}: {answer:?}"));
        }
    }
    outcome.check(upstream.hits() == before.0, || format!("{} requests passed", upstream.hits() - before.0));
    // An unknown `kid` may ask the issuer's own document again, once in a cooldown.
    let more = calls(&envoy, "documents") - before.1;
    outcome.check(more <= 1, || format!("{more} further calls"));
    let other = documents.requests().iter().filter(|seen| seen.path() != ISSUER.path()).count();
    outcome.check(other == 0, || format!("{other} calls for something that is not the key set"));
    for name in ["canary".to_owned(), canary.address().to_string().replace(':', "_")] {
        outcome.check(connections(&envoy, &name) == 0, || format!("cluster {name} was used"));
    }
}
