//! The filter on the fake host: what the client gets, what the upstream gets, what the operator sees.

use std::cell::RefCell;
use std::rc::Rc;

use portcullis::adapter::Adapter;
use portcullis::host::fake::{self, Envoy, Request};
use portcullis::host::{Hash, HostError, Millis};
use serde_json::json;

use super::*;
use crate::Authn;

fn envoy(configuration: &Value) -> Envoy {
    Envoy::of_filter::<Authn>(&configuration.to_string()).unwrap()
}

fn get(headers: &[(&str, &str)]) -> Request {
    headers.iter().fold(Request::get("/v1/models"), |request, (name, value)| request.header(name, value))
}

fn bearer(token: &Token) -> Request {
    get(&[("authorization", &format!("Bearer {}", token.text()))])
}

fn metric(envoy: &Envoy, name: &str) -> u64 {
    envoy.world().metric(&format!("portcullis_authn_{name}.instance.authn")).unwrap()
}

fn challenge(answer: &fake::Answer) -> String {
    String::from_utf8_lossy(answer.headers.first("www-authenticate").unwrap_or_default()).into_owned()
}

fn state(answer: &fake::Answer, name: &str) -> Value {
    answer.state.get(name).map_or(Value::Null, |bytes| parse(bytes))
}

#[test]
fn a_good_token_reaches_the_upstream_as_an_identity_without_the_credential() {
    let envoy = envoy(&configuration());
    for (round, hits) in [(0, 0), (1, 1)] {
        let answer = envoy.send(&bearer(&Token::good()).header("x-other", "stays"));
        let upstream = answer.upstream.as_ref().unwrap();
        assert_eq!(upstream.headers.first("authorization"), None);
        assert_eq!(upstream.headers.first("x-other"), Some(&b"stays"[..]));
        assert_eq!(
            state(&answer, "portcullis.identity"),
            json!({"v": 1, "sub": "alice", "iss": "https://idp.example", "roles": ["user"]})
        );
        assert_eq!(
            state(&answer, "portcullis.authn"),
            json!({"outcome": "allow", "rule": "default", "code": "ok", "mode": "enforce"})
        );
        assert_eq!(metric(&envoy, "token_cache_total.result.hit"), hits, "round {round}");
    }
    assert_eq!(metric(&envoy, "requests_total.outcome.allow.code.ok"), 2);
    assert_eq!(metric(&envoy, "token_cache_total.result.miss"), 1);
}

/// Every refusal in one table: what was sent, and what comes back.
#[test]
fn a_refusal_has_its_status_code_challenge_counter_and_verdict() {
    let rules = json!([
        {"name": "v1", "when": {"paths": ["/v1/*"]}, "require": {"any": ["main", "partners"]}},
    ]);
    let mut partners = json!({"keys": [acme()]});
    partners["keys"][0]["disabled"] = json!(true);
    let mut configuration =
        with(configured_with(json!({"typ": ["at+jwt"]})), json!({"rules": rules, "realm": "Example API"}));
    configuration["key_sets"]["partners"] = partners;
    configuration["identity"] = json!({"claims": [["blob"]]});
    let envoy = envoy(&configuration);
    let secret = "sk-secret";
    let token = |changes: Value| bearer(&Token::good().claims(changes));
    let header = |changes: Value| bearer(&Token::good().header(changes));
    for (request, status, reason, error) in [
        (get(&[]), 401, "no_credential", ""),
        (get(&[("authorization", "Basic c2s6c2VjcmV0")]), 401, "no_credential", ""),
        (Request::get("/other"), 403, "no_rule", "none"),
        (Request::get("/v1/../v1/models"), 400, "ambiguous_request", "none"),
        (
            get(&[("x-api-key", secret), ("authorization", "Bearer sk-secret")]),
            400,
            "ambiguous_credentials",
            "invalid_request",
        ),
        (get(&[("authorization", "Bearer sk-secret x")]), 401, "malformed_credential", "invalid_token"),
        (get(&[("x-api-key", "")]), 401, "malformed_credential", "invalid_token"),
        (get(&[("x-api-key", &"x".repeat(17 << 10))]), 401, "credential_too_large", "invalid_token"),
        (get(&[("x-api-key", secret)]), 401, "unknown_api_key", "invalid_token"),
        (get(&[("authorization", "Bearer sk-secret")]), 401, "unknown_api_key", "invalid_token"),
        (get(&[("x-api-key", ACME_KEY)]), 401, "api_key_disabled", "invalid_token"),
        (get(&[("authorization", "Bearer a.b.c")]), 401, "malformed_token", "invalid_token"),
        (header(json!({"crit": []})), 401, "unsupported_token", "invalid_token"),
        (token(json!({"iss": "https://evil.example"})), 401, "unknown_issuer", "invalid_token"),
        (header(json!({"alg": "none"})), 401, "alg_not_allowed", "invalid_token"),
        (header(json!({"typ": "JWT"})), 401, "wrong_type", "invalid_token"),
        (token(json!({"aud": "other"})), 401, "wrong_audience", "invalid_token"),
        (token(json!({"sub": ["admin"]})), 401, "bad_claim", "invalid_token"),
        (token(json!({"exp": NOW - 3_600})), 401, "token_expired", "invalid_token"),
        (token(json!({"nbf": NOW + 3_600})), 401, "token_not_yet_valid", "invalid_token"),
        (token(json!({"blob": "x".repeat(9 << 10)})), 401, "identity_too_large", "invalid_token"),
        (header(json!({"kid": "k9"})), 401, "unknown_key", "invalid_token"),
        (bearer(&Token::good().signer(rs256(RSA_B))), 401, "bad_signature", "invalid_token"),
    ] {
        let counter = format!("requests_total.outcome.deny.code.{reason}");
        let before = metric(&envoy, &counter);
        let answer = envoy.send(&request);
        assert_eq!((answer.status, answer.upstream.is_some()), (status, false), "{reason}");
        let code = if reason == "api_key_disabled" { "unknown_api_key" } else { reason };
        assert_eq!(answer.details, format!("portcullis_authn_{code}"));
        assert!(answer.text().contains(code) && answer.body.len() < 4096, "{}", answer.text());
        let expected = match error {
            "none" => String::new(),
            "" => "Bearer realm=\"Example API\"".to_owned(),
            error => format!("Bearer realm=\"Example API\", error=\"{error}\", error_description=\""),
        };
        assert!(
            challenge(&answer).starts_with(&expected) && challenge(&answer).is_empty() == expected.is_empty(),
            "{reason}"
        );
        assert_eq!(metric(&envoy, &counter), before + 1, "{reason}");
        assert_eq!(state(&answer, "portcullis.authn")["code"], json!(reason));
        assert_eq!(state(&answer, "portcullis.identity"), Value::Null, "{reason}");
    }
    // AUTHN-001, AUTHN-047: nothing of a credential or a claim is told to anybody.
    let told = envoy.world().log().join("\n") + &format!("{:?}", envoy.world().metrics());
    assert!(!told.contains("secret") && !told.contains("alice") && !told.contains("k9"), "{told}");
}

/// AUTHN-047: two values of one header never reach the policy.
#[test]
fn a_credential_header_that_comes_twice_is_refused() {
    let envoy = envoy(&configuration());
    for (first, second) in [("bad", ACME_KEY), (ACME_KEY, "bad"), (ACME_KEY, ACME_KEY)] {
        let answer = envoy.send(&get(&[("x-api-key", first), ("x-api-key", second)]));
        assert_eq!((answer.status, answer.upstream.is_some()), (400, false));
    }
}

/// AUTHN-054.
#[test]
fn a_request_without_a_path_is_answered() {
    let mut request = Request::get("/");
    request.headers = [(&b":method"[..], &b"CONNECT"[..]), (b":authority", b"api.example")].into_iter().collect();
    let answer = envoy(&configuration()).send(&request);
    assert_eq!(
        (answer.status, answer.upstream.is_some(), answer.details.as_str()),
        (400, false, "portcullis_authn_no_path")
    );
}

/// AUTHN-036.
#[test]
fn bytes_that_are_no_text_are_refused_and_the_next_request_is_served() {
    let envoy = envoy(&configuration());
    for (header, value) in
        [("authorization", &b"Bearer \xff\xfe"[..]), ("x-api-key", b"\xc0\xa7"), ("authorization", b"\xff")]
    {
        let answer = envoy.send(&Request::get("/v1/models").header(header, value));
        assert_eq!((answer.status, answer.upstream.is_some()), (401, false));
    }
    assert!(envoy.send(&bearer(&Token::good())).upstream.is_some());
}

#[test]
fn an_anonymous_caller_passes_without_identity_and_without_credentials() {
    let rules = json!({"rules": [{"name": "health", "when": {"paths": ["/healthz"]}, "require": {"anonymous": true}}]});
    let envoy = envoy(&with(configuration(), rules));
    let answer =
        envoy.send(&Request::get("/healthz").header("authorization", "Basic YTpi").header("x-api-key", ACME_KEY));
    let upstream = answer.upstream.as_ref().unwrap();
    assert_eq!((upstream.headers.first("authorization"), upstream.headers.first("x-api-key")), (None, None));
    assert_eq!(state(&answer, "portcullis.identity"), Value::Null);
    assert_eq!(state(&answer, "portcullis.authn")["rule"], json!("health"));
}

#[test]
fn the_proxy_checks_rsa_and_ecdsa_and_the_module_eddsa() {
    let envoy = envoy(&configuration());
    let asked = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&asked);
    envoy.world().verifier(move |signed| {
        seen.borrow_mut().push((signed.hash, signed.public_key.to_vec(), signed.signature.len()));
        Ok(true)
    });
    for token in [Token::good(), Token::es256(), Token::eddsa()] {
        assert!(envoy.send(&bearer(&token)).upstream.is_some(), "{}", token.header);
    }
    let asked = asked.borrow();
    assert_eq!(asked[0], (Hash::Sha256, include_bytes!("../../tests/keys/rsa_a.pub.der").to_vec(), 256));
    assert_eq!((asked[1].0, &asked[1].1[..]), (Hash::Sha256, &include_bytes!("../../tests/keys/p256_a.pub.der")[..]));
    assert!((68..=72).contains(&asked[1].2), "DER");
    assert_eq!(asked.len(), 2);
}

#[test]
fn the_proxys_answer_decides_and_no_answer_refuses() {
    for (answer, status, details) in [
        (Ok(false), 401, "portcullis_authn_bad_signature"),
        (Err(HostError::Status(10)), 503, "portcullis_authn_cannot_verify"),
        (Err(HostError::Malformed), 503, "portcullis_authn_cannot_verify"),
        (Err(HostError::Unsupported), 200, ""),
    ] {
        let envoy = envoy(&configuration());
        let says = answer.clone();
        envoy.world().verifier(move |_| says.clone());
        let got = envoy.send(&bearer(&Token::good()));
        assert_eq!(
            (got.status, got.upstream.is_some(), got.details.as_str()),
            (status, status == 200, details),
            "{answer:?}"
        );
    }
}

/// Another filter of the chain may have declared or written the name: then nobody passes as somebody else.
#[test]
fn whoever_cannot_be_announced_or_stripped_does_not_pass() {
    for call in ["set_property", "remove_header", "header_map"] {
        let envoy = envoy(&configuration());
        envoy.world().refuse(call, HostError::Status(2));
        let answer = envoy.send(&bearer(&Token::good()));
        assert_eq!((answer.status, answer.upstream.is_some()), (503, false), "{call}");
        assert_eq!(metric(&envoy, "requests_total.outcome.allow.code.ok"), 0, "{call}");
        let verdict = answer.state.get("portcullis.authn").map(|state| String::from_utf8_lossy(state).into_owned());
        assert!(!verdict.unwrap_or_default().contains("allow"), "{call}");
        envoy.world().allow(call);
        assert!(envoy.send(&bearer(&Token::good())).upstream.is_some(), "{call}");
    }
}

/// CGI makes `HTTP_X_CALLER` of `x-caller` and of `x_caller`.
#[test]
fn a_header_that_could_be_taken_for_one_of_ours_is_refused() {
    let announced = json!({"identity": {"headers": [{"header": "x-caller", "value": ["sub"]}]}});
    let envoy = envoy(&with(configuration(), announced));
    for name in ["x_caller", "X_Caller", "x_api-key", "x_api_key"] {
        let request = bearer(&Token::good()).header(name, "root");
        let answer = envoy.send(&request);
        assert_eq!((answer.status, answer.upstream.is_some()), (400, false), "{name}");
    }
    assert_eq!(envoy.send(&bearer(&Token::good()).header("x_other", "1")).status, 200);
}

#[test]
fn a_route_that_cannot_be_asked_for_refuses() {
    let rules = json!({"rules": [{"name": "main", "when": {"routes": ["main"]}, "require": {"any": ["partners"]}}]});
    let envoy = envoy(&with(configuration(), rules));
    let request = get(&[("x-api-key", ACME_KEY)]);
    assert_eq!(envoy.send(&request).status, 403, "no route, no rule");
    envoy.world().attribute("xds.route_name", b"main");
    assert_eq!(envoy.send(&request).status, 200);
    envoy.world().refuse("property", HostError::Status(10));
    let answer = envoy.send(&request);
    assert_eq!((answer.status, answer.details.as_str()), (503, "portcullis_authn_host_failed"));
}

/// Envoy chooses the route again when a header or parameter goes, and nobody is asked about that one.
#[test]
fn a_route_that_a_caller_chose_with_what_is_taken_away_is_refused() {
    let rules = json!({
        "credentials": [{"header": "x-api-key"}, {"query": "key"}],
        "identity": {"headers": [{"header": "x-caller", "value": ["sub"]}]},
        "rules": [
            {"name": "open", "when": {"routes": ["open"]}, "require": {"anonymous": true}},
            {"name": "rest", "require": {"any": ["partners"]}},
        ],
    });
    let envoy = envoy(&with(configuration(), rules));
    envoy.world().attribute("xds.route_name", b"open");
    let junk = [get(&[("x-api-key", "junk")]), get(&[("x-caller", "junk")]), Request::get("/v1/models?key=junk")];
    for request in junk {
        let answer = envoy.send(&request);
        assert_eq!((answer.status, answer.upstream.is_some()), (400, false));
    }
    assert_eq!(envoy.send(&get(&[])).status, 200);
    envoy.world().attribute("xds.route_name", b"rest");
    assert_eq!(envoy.send(&get(&[("x-api-key", ACME_KEY)])).status, 200);
}

/// HPACK makes large headers cheap to send, and an answer can take minutes.
#[test]
fn headers_of_requests_that_went_on_take_no_memory() {
    let envoy = envoy(&with(configuration(), json!({"memory_budget": "64KiB"})));
    let large = "y".repeat(20_000);
    let request = bearer(&Token::good()).header("x-large", large);
    let open: Vec<_> = (0..10).map(|_| envoy.open(&request)).collect();
    assert_eq!(envoy.send(&bearer(&Token::good())).status, 200);
    drop(open);
}

/// Istio sets no `vm_id`, so two configurations can share a VM: what one remembers the other must not.
#[test]
fn a_token_warm_for_one_configuration_is_cold_for_another() {
    let world = Rc::new(fake::World::default());
    let strict = configured_with(json!({"jwks_inline": {"keys": [rsa_jwk("k1", RSA_B)]}}));
    let load = |configuration: &Value| {
        Envoy::of(Rc::new(Adapter::<Authn>::default()), &configuration.to_string(), &[], Rc::clone(&world)).unwrap()
    };
    let (first, second) = (load(&configuration()), load(&strict));
    assert_eq!(first.send(&bearer(&Token::good())).status, 200);
    assert_eq!(second.send(&bearer(&Token::good())).status, 401);
}

#[test]
fn skipped_keys_and_an_open_filter_are_gauges_and_log_lines() {
    let keys = json!({"keys": [rsa_jwk("k1", RSA_A), rsa_jwk("k2", RSA_1024)]});
    let open = json!([{"name": "a", "when": {"paths": ["/*"]}, "require": {"anonymous": true}}]);
    let envoy = envoy(&with(configured_with(json!({"jwks_inline": keys})), json!({"rules": open})));
    envoy.advance(Millis(100));
    assert_eq!((metric(&envoy, "keys_skipped"), metric(&envoy, "open")), (1, 1));
    let log = envoy.world().log().join("\n");
    assert!(log.contains("jwks_inline.keys[1] is skipped") && log.contains("lets everybody pass"), "{log}");
}

#[test]
fn without_a_verdict_only_the_identity_is_written() {
    let answer = envoy(&with(configuration(), json!({"verdict": false}))).send(&bearer(&Token::good()));
    assert_eq!(answer.state.keys().collect::<Vec<_>>(), ["portcullis.identity"]);
}

#[test]
fn the_realm_is_the_instances_name_unless_it_is_given() {
    let answer = envoy(&with(configuration(), json!({"name": "edge"}))).send(&get(&[]));
    assert_eq!(challenge(&answer), "Bearer realm=\"edge\"");
}
