//! Which requests need what.

use serde_json::json;

use super::*;

fn ruled() -> Value {
    with(
        configuration(),
        json!({"rules": [
            {"name": "health", "when": {"paths": ["/healthz"]}, "require": {"anonymous": true}},
            {"name": "partners", "when": {"paths": ["/partners/*"]}, "require": {"any": ["partners"]}},
            {"name": "v1", "when": {"paths": ["/v1/*"]}, "require": {"any": ["main", "partners"]}},
        ]}),
    )
}

fn get<'a>(path: &'a str, extra: &[(&'a str, &'a [u8])]) -> Vec<(&'a str, &'a [u8])> {
    [&[(":method", &b"GET"[..]), (":authority", b"api.example"), (":path", path.as_bytes())], extra].concat()
}

#[test]
fn the_first_rule_about_a_request_decides() {
    let world = World::of(&ruled());
    let token = format!("Bearer {}", Token::good().text());
    let token = ("authorization", token.as_bytes());
    let key = ("x-api-key", ACME_KEY.as_bytes());
    for (path, credential, result) in [
        ("/healthz", None, Ok("health")),
        ("/healthz", Some(key), Ok("health")),
        ("/v1/models", Some(token), Ok("v1")),
        ("/v1/models", Some(key), Ok("v1")),
        ("/v1/models", None, Err(Reason::NoCredential)),
        ("/partners/x", Some(key), Ok("partners")),
        ("/partners/x", Some(token), Err(Reason::UnknownApiKey)),
        ("/partners/x", None, Err(Reason::NoCredential)),
        ("/other", Some(token), Err(Reason::NoRule)),
        ("/other", None, Err(Reason::NoRule)),
        ("/healthz/x", None, Err(Reason::NoRule)),
    ] {
        let fields: Vec<_> = credential.into_iter().collect();
        let passed = world.ask_whole(&get(path, &fields)).map(|passed| passed.rule).map_err(|(reason, _)| reason);
        assert_eq!(passed, result.map(str::to_owned), "{path}");
    }
}

#[test]
fn a_token_verified_under_one_rule_does_not_pass_under_another() {
    let world = World::of(&ruled());
    let token = format!("Bearer {}", Token::good().text());
    let token = [("authorization", token.as_bytes())];
    assert!(world.ask_whole(&get("/v1/models", &token)).is_ok());
    assert_eq!(world.ask_whole(&get("/v1/models", &token)).unwrap().evidence, [Evidence::Remembered]);
    assert_eq!(world.ask_whole(&get("/partners/x", &token)), Err((Reason::UnknownApiKey, None)));
}

#[test]
fn a_provider_outside_the_rule_is_an_unknown_issuer() {
    let other = with(provider(), json!({"issuer": "https://other.example"}));
    let world = World::of(&json!({
        "providers": {"main": provider(), "other": other},
        "rules": [{"name": "all", "require": {"any": ["other"]}}],
    }));
    assert_eq!(world.token(&Token::good()), Err(Reason::UnknownIssuer));
    assert!(world.token(&Token::good().claims(json!({"iss": "https://other.example"}))).is_ok());
}

/// Whatever an anonymous caller shows is not looked at, gives no identity, and goes no further.
#[test]
fn an_anonymous_rule_ignores_credentials_and_strips_them() {
    let world = World::of(&ruled());
    let fields = [("authorization", &b"Bearer \xff"[..]), ("x-api-key", b"bad"), ("x-api-key", b"worse")];
    let passed = world.ask_whole(&get("/healthz", &fields)).unwrap();
    assert_eq!((passed.evidence, passed.identity), (vec![], None));
    assert_eq!(passed.strips, ["authorization", "x-api-key"]);
}

#[test]
fn a_request_that_can_be_read_in_two_ways_is_refused_before_any_rule() {
    let world = World::of(&ruled());
    for path in ["/healthz/../v1/models", "/%2e/healthz", "//healthz", "/healthz;x", "/healthz%2f", "healthz", "/a\\b"]
    {
        assert_eq!(world.ask_whole(&get(path, &[])), Err((Reason::AmbiguousRequest, Some("path"))), "{path}");
    }
    let hosts = with(
        configuration(),
        json!({"rules": [{"name": "a", "when": {"hosts": ["a.example"]}, "require": {"any": ["main"]}}]}),
    );
    let fields = [(":method", &b"GET"[..]), (":authority", b"a.example,b.example"), (":path", b"/")];
    assert_eq!(World::of(&hosts).ask_whole(&fields), Err((Reason::AmbiguousRequest, Some("host"))));
}

/// AUTHN-054.
#[test]
fn a_request_without_a_path_is_refused() {
    let key = ("x-api-key", ACME_KEY.as_bytes());
    for world in [World::good(), World::of(&ruled())] {
        for fields in [vec![], vec![key]] {
            let request = [&[(":method", &b"CONNECT"[..]), (":authority", b"api.example")], &fields[..]].concat();
            assert_eq!(world.ask_whole(&request), Err((Reason::NoPath, None)));
        }
        let extended = [(":method", &b"CONNECT"[..]), (":protocol", b"websocket"), (":authority", b"api.example"), key];
        assert_eq!(world.ask_whole(&extended), Err((Reason::NoPath, None)));
    }
}

#[test]
fn a_route_decides_where_a_rule_names_it() {
    let rules = json!({"rules": [{"name": "main", "when": {"routes": ["main"]}, "require": {"any": ["partners"]}}]});
    let world = World::of(&with(configuration(), rules));
    assert!(world.policy.needs().route);
    assert!(world.ask(&[("x-api-key", ACME_KEY.as_bytes())]).is_ok());
}

#[test]
fn the_credential_is_stripped_unless_the_token_is_to_be_forwarded() {
    for (forward, strips) in [(false, vec!["authorization".to_owned()]), (true, vec![])] {
        let world = World::of(&configured_with(json!({"forward": forward})));
        for evidence in [Evidence::Verified, Evidence::Remembered] {
            let passed = world.bearer(&Token::good().text()).unwrap();
            assert_eq!((passed.evidence, &passed.strips), (vec![evidence], &strips));
        }
        assert_eq!(world.bearer(ACME_KEY).unwrap().strips, ["authorization"], "an API key never goes on");
    }
}

#[test]
fn several_schemes_of_one_header_are_one_source() {
    let credentials =
        json!([{"header": "authorization", "prefix": "Bearer "}, {"header": "authorization", "prefix": "ApiKey "}]);
    let world = World::of(&with(configuration(), json!({"credentials": credentials})));
    for scheme in ["Bearer", "ApiKey", "apikey"] {
        assert!(world.ask(&[("authorization", format!("{scheme} {ACME_KEY}").as_bytes())]).is_ok(), "{scheme}");
    }
    assert_eq!(world.ask(&[("authorization", b"Basic YTpi")]), Err((Reason::NoCredential, None)));
}
