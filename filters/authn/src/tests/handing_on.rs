//! What goes on with a request: headers that say who is calling, requests without their credentials, and what a rule in
//! shadow leaves alone.

use portcullis::host::fake::{Answer, Envoy, Request};
use serde_json::json;

use super::*;
use crate::Authn;

fn envoy(changes: Value) -> Envoy {
    Envoy::of_filter::<Authn>(&with(configuration(), changes).to_string()).unwrap()
}

fn get(path: &str, headers: &[(&str, &str)]) -> Request {
    headers.iter().fold(Request::get(path), |request, (name, value)| request.header(name, value))
}

fn send(envoy: &Envoy, request: &Request) -> Answer {
    envoy.world().set_wall_seconds(NOW);
    envoy.send(request)
}

fn sent(answer: &Answer, name: &str) -> Option<String> {
    let upstream = answer.upstream.as_ref().expect("it reaches the upstream");
    upstream.headers.first(name).map(|value| String::from_utf8_lossy(value).into_owned())
}

fn metric(envoy: &Envoy, name: &str) -> u64 {
    envoy.world().metric(&format!("portcullis_authn_{name}.instance.authn")).unwrap()
}

const TELL: &[(&str, &[&str])] =
    &[("x-user", &["sub"]), ("x-roles", &["roles"]), ("x-tenant", &["tenant"]), ("x-unit", &["claims", "unit"])];

fn telling() -> Value {
    let headers: Vec<Value> = TELL.iter().map(|(header, value)| json!({"header": header, "value": value})).collect();
    let rules = json!([
        {"name": "health", "when": {"paths": ["/healthz"]}, "require": {"anonymous": true}},
        {"name": "look", "when": {"paths": ["/look"]}, "require": {"any": ["main"]}, "mode": "shadow"},
        {"name": "rest", "require": {"any": ["main", "partners"]}},
    ]);
    json!({"identity": {"claims": [["unit"]], "headers": headers}, "rules": rules})
}

#[test]
fn the_upstream_is_told_who_is_calling() {
    let envoy = envoy(telling());
    let token = Token::good().claims(json!({"unit": 7})).text();
    for _ in 0..2 {
        let answer = send(&envoy, &get("/v1/models", &[("authorization", &format!("Bearer {token}"))]));
        let told: Vec<_> = TELL.iter().map(|(name, _)| sent(&answer, name)).collect();
        assert_eq!(told, [Some("alice".to_owned()), Some("user".to_owned()), None, Some("7".to_owned())]);
    }
    let answer = send(&envoy, &get("/v1/models", &[("x-api-key", ACME_KEY)]));
    assert_eq!((sent(&answer, "x-user"), sent(&answer, "x-tenant")), (Some("acme-app".into()), Some("acme".into())));
}

#[test]
fn nobody_tells_it_in_their_stead() {
    let envoy = envoy(telling());
    let spoof = [("x-user", "root"), ("x-tenant", "root"), ("X-Unit", "root")];
    let good = format!("Bearer {}", Token::good().text());
    for (path, credential) in
        [("/healthz", None), ("/look", None), ("/look", Some("Bearer bad")), ("/v1", Some(good.as_str()))]
    {
        let mut headers = spoof.to_vec();
        headers.extend(credential.map(|credential| ("authorization", credential)));
        let answer = send(&envoy, &get(path, &headers));
        assert_eq!(answer.status, 200, "{path}");
        for (name, _) in TELL {
            assert_ne!(sent(&answer, name), Some("root".to_owned()), "{path} {name}");
        }
    }
}

#[test]
fn a_rule_in_shadow_refuses_nobody_and_takes_nothing() {
    let envoy = envoy(telling());
    let good = format!("Bearer {}", Token::good().text());
    let answer = send(&envoy, &get("/look", &[("authorization", &good)]));
    assert_eq!((sent(&answer, "authorization"), sent(&answer, "x-user")), (Some(good), Some("alice".to_owned())));
    assert!(answer.state.contains_key("portcullis.identity"));

    let answer = send(&envoy, &get("/look", &[("authorization", "Bearer bad")]));
    assert_eq!(sent(&answer, "authorization"), Some("Bearer bad".to_owned()));
    assert!(!answer.state.contains_key("portcullis.identity"));
    let verdict = parse(&answer.state["portcullis.authn"]);
    let expected = json!({"outcome": "deny", "rule": "look", "code": "malformed_token", "mode": "shadow"});
    assert_eq!(verdict, expected);
    assert_eq!(metric(&envoy, "requests_total.outcome.shadow.code.malformed_token"), 1);
    assert_eq!(metric(&envoy, "requests_total.outcome.deny.code.malformed_token"), 0);
}

#[test]
fn credentials_leave_queries_and_cookies_too() {
    let places = json!([{"query": "api_key"}, {"cookie": "session", "form": "token"}]);
    let envoy = envoy(json!({"credentials": places}));
    let answer = send(&envoy, &get(&format!("/v1?a=1&api_key={ACME_KEY}&b=2"), &[]));
    assert_eq!(sent(&answer, ":path"), Some("/v1?a=1&b=2".to_owned()));
    let token = Token::good().text();
    let answer = send(&envoy, &get("/v1", &[("cookie", &format!("a=1; session={token}; b=2"))]));
    assert_eq!(sent(&answer, "cookie"), Some("a=1; b=2".to_owned()));
    let answer = send(&envoy, &get("/v1", &[("cookie", &format!("session={token}"))]));
    assert_eq!(sent(&answer, "cookie"), None);
    let both = get(&format!("/v1?api_key={ACME_KEY}"), &[("cookie", "session=x")]);
    assert_eq!(send(&envoy, &both).status, 400);
}

#[test]
fn all_wants_a_credential_for_each_name() {
    let rules = json!([{"name": "both", "require": {"all": ["main", "partners"]}}]);
    let key = with(acme(), json!({"models": ["small"]}));
    let envoy = envoy(json!({"rules": rules, "key_sets": {"partners": {"keys": [key]}}}));
    let good = format!("Bearer {}", Token::good().text());
    let bad = format!("Bearer {}", Token::good().signer(rs256(RSA_B)).text());
    let key_as_bearer = format!("Bearer {ACME_KEY}");
    for (headers, status) in [
        (vec![("authorization", good.as_str()), ("x-api-key", ACME_KEY)], 200),
        (vec![("authorization", &good)], 401),
        (vec![("x-api-key", ACME_KEY)], 401),
        (vec![("authorization", &good), ("x-api-key", "sk-other")], 401),
        (vec![("authorization", &bad), ("x-api-key", ACME_KEY)], 401),
        (vec![("authorization", &key_as_bearer), ("x-api-key", ACME_KEY)], 401),
        (vec![], 401),
    ] {
        let answer = send(&envoy, &get("/v1", &headers));
        assert_eq!(answer.status, status, "{headers:?}");
        if status == 200 {
            let identity = parse(&answer.state["portcullis.identity"]);
            assert_eq!((&identity["sub"], &identity["api_key"]), (&json!("alice"), &json!("acme")));
            assert_eq!(identity["models"], json!(["small"]));
            assert_eq!((sent(&answer, "authorization"), sent(&answer, "x-api-key")), (None, None));
        }
    }
}

#[test]
fn metadata_is_served_to_anybody_and_named_in_challenges() {
    let resources = json!([{"resource": "https://api.example/mcp", "scopes_supported": ["read"]}]);
    let envoy = envoy(json!({"protected_resources": resources}));
    let answer = send(&envoy, &get("/.well-known/oauth-protected-resource/mcp", &[]));
    assert_eq!((answer.status, answer.upstream.is_some()), (200, false));
    let expected = json!({
        "resource": "https://api.example/mcp", "authorization_servers": ["https://idp.example"],
        "bearer_methods_supported": ["header"], "scopes_supported": ["read"],
    });
    assert_eq!(parse(&answer.body), expected);
    let posted = send(&envoy, &Request::post("/.well-known/oauth-protected-resource/mcp", b""));
    assert_eq!((posted.status, posted.headers.first("allow")), (405, Some(&b"GET, HEAD"[..])));
    let served = ["metadata", "method_not_allowed"].map(|code| format!("requests_total.outcome.served.code.{code}"));
    assert_eq!(served.map(|name| metric(&envoy, &name)), [1, 1]);
    for (path, is_named) in [("/mcp", true), ("/mcp/tools?x", true), ("/v1", false)] {
        let answer = send(&envoy, &get(path, &[]));
        let challenge = String::from_utf8_lossy(answer.headers.first("www-authenticate").unwrap()).into_owned();
        let named = "resource_metadata=\"https://api.example/.well-known/oauth-protected-resource/mcp\"";
        assert_eq!(challenge.contains(named), is_named, "{path}: {challenge}");
    }
}
