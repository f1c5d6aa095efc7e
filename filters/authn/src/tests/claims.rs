//! What a signed token may say.

use serde_json::{Value, json};

use super::*;

#[test]
fn a_good_token_gives_its_identity() {
    let identity = json!({"v": 1, "sub": "alice", "iss": "https://idp.example", "roles": ["user"]});
    for token in [Token::good(), Token::es256(), Token::eddsa()] {
        assert_eq!(World::good().token(&token), Ok(identity.clone()), "{}", token.header);
    }
}

/// The whole grid: claim, what is in it, what comes of it.
#[test]
fn a_claim_is_there_of_its_type_and_right_or_the_token_is_refused() {
    use Reason::{BadClaim, TokenExpired, TokenNotYetValid, UnknownIssuer, WrongAudience};
    let world = World::good();
    let long = "a".repeat(257);
    for (claim, value, result) in [
        // AUTHN-026
        ("iss", json!("https://idp.example/"), Err(UnknownIssuer)),
        ("iss", json!("https://IDP.example"), Err(UnknownIssuer)),
        ("iss", json!("https://idp.example.evil"), Err(UnknownIssuer)),
        ("iss", json!("https://idp.example@evil"), Err(UnknownIssuer)),
        ("iss", json!(["https://idp.example"]), Err(BadClaim)),
        ("iss", json!("https://idp.example\u{200b}"), Err(BadClaim)),
        ("iss", json!(""), Err(BadClaim)),
        ("iss", Value::Null, Err(BadClaim)),
        // AUTHN-025
        ("aud", json!(["other"]), Err(WrongAudience)),
        ("aud", json!("api.evil"), Err(WrongAudience)),
        ("aud", json!("ap"), Err(WrongAudience)),
        ("aud", json!("api "), Err(WrongAudience)),
        ("aud", json!("API"), Err(WrongAudience)),
        ("aud", json!({"api": 1}), Err(BadClaim)),
        ("aud", json!(1), Err(BadClaim)),
        ("aud", json!([]), Err(WrongAudience)),
        ("aud", json!([1, "other"]), Err(BadClaim)),
        ("aud", json!([1, "api"]), Err(BadClaim)),
        ("aud", json!([["api"]]), Err(BadClaim)),
        ("aud", json!(""), Err(WrongAudience)),
        ("aud", Value::Null, Err(BadClaim)),
        ("aud", json!(["x", "api"]), Ok(())),
        ("aud", json!("api"), Ok(())),
        // AUTHN-030
        ("exp", json!(NOW - 59), Ok(())),
        ("exp", json!(NOW - 60), Err(TokenExpired)),
        ("exp", json!(NOW - 61), Err(TokenExpired)),
        ("exp", json!(1_u64 << 53), Ok(())),
        ("exp", json!((1_u64 << 63) - 1), Ok(())),
        ("exp", json!(1e300), Ok(())),
        ("exp", json!(-1), Err(TokenExpired)),
        ("exp", json!("9999999999"), Err(BadClaim)),
        ("exp", json!(true), Err(BadClaim)),
        ("exp", Value::Null, Err(BadClaim)),
        ("nbf", json!(NOW + 59), Ok(())),
        ("nbf", json!(NOW + 61), Err(TokenNotYetValid)),
        // AUTHN-029
        ("nbf", json!("99999999999"), Err(BadClaim)),
        ("nbf", json!([0]), Err(BadClaim)),
        ("nbf", json!({}), Err(BadClaim)),
        ("iat", json!("x"), Err(BadClaim)),
        ("iat", json!(NOW + 365 * 86_400), Err(TokenNotYetValid)),
        ("iat", Value::Null, Ok(())),
        // AUTHN-031
        ("sub", json!(1), Err(BadClaim)),
        ("sub", json!({"a": 1}), Err(BadClaim)),
        ("sub", json!(["admin"]), Err(BadClaim)),
        ("sub", json!(""), Err(BadClaim)),
        ("sub", json!("a".repeat(10 << 10)), Err(BadClaim)),
        ("sub", json!("a\r\nx-admin: 1"), Err(BadClaim)),
        ("sub", json!("a\u{0}b"), Err(BadClaim)),
        ("sub", json!("\u{202e}nimda"), Err(BadClaim)),
        ("sub", Value::Null, Err(BadClaim)),
        ("sub", json!(long), Err(BadClaim)),
        ("sub", json!("a".repeat(256)), Ok(())),
        // What is mapped into the identity.
        ("roles", json!("user"), Err(BadClaim)),
        ("roles", json!({"user": true}), Err(BadClaim)),
        ("roles", json!(["user", 1]), Err(BadClaim)),
        ("roles", json!(["user", ""]), Err(BadClaim)),
        ("roles", json!([["user"]]), Err(BadClaim)),
        ("roles", json!([]), Ok(())),
        ("roles", Value::Null, Ok(())),
        ("scope", json!(["read"]), Err(BadClaim)),
        ("scope", json!(1), Err(BadClaim)),
        ("scope", json!("read\twrite"), Err(BadClaim)),
        ("scope", json!(""), Ok(())),
        ("scp", json!({}), Err(BadClaim)),
        ("auth_time", json!("1"), Err(BadClaim)),
        ("acr", json!(2), Err(BadClaim)),
        ("amr", json!("pwd"), Err(BadClaim)),
        ("jti", json!(7), Err(BadClaim)),
        ("cnf", json!("x"), Err(BadClaim)),
    ] {
        let token = Token::good().claims(json!({claim: value}));
        assert_eq!(world.token(&token).map(drop), result, "{claim} = {value}");
    }
}

#[test]
fn a_null_is_no_absence() {
    let world = World::good();
    for claim in
        ["iss", "aud", "sub", "exp", "nbf", "iat", "roles", "scope", "scp", "auth_time", "acr", "amr", "jti", "cnf"]
    {
        let mut token = Token::good();
        token.claims[claim] = Value::Null;
        assert_eq!(world.token(&token), Err(Reason::BadClaim), "{claim}");
    }
}

/// AUTHN-029, AUTHN-037: numbers and nesting that only a text can hold.
#[test]
fn a_payload_that_is_no_sound_claims_set_is_malformed() {
    let world = World::good();
    let good = good_claims().to_string();
    let tail = &good[1..];
    for (what, claims) in [
        ("an infinite number", format!(r#"{{"nbf":1e400,{tail}"#)),
        ("a number of a thousand digits", format!(r#"{{"n":{},{tail}"#, "1".repeat(1_000))),
        ("nested too deep", format!(r#"{{"n":{}{},{tail}"#, "[".repeat(1_000), "]".repeat(1_000))),
        ("two subjects", format!(r#"{{"sub":"admin",{tail}"#)),
        ("two subjects, one escaped", format!(r#"{{"s\u0075b":"admin",{tail}"#)),
        ("more behind the end", format!("{good} {{}}")),
        ("too many members", format!("{{{}{tail}", (0..1_001).map(|n| format!("\"{n:x}\":1,")).collect::<String>())),
        ("a list", format!("[{good}]")),
        ("nothing", String::new()),
        ("half a surrogate pair", format!(r#"{{"n":"\ud800",{tail}"#)),
    ] {
        let token = sign(&Token::good().header.to_string(), &claims, &rs256(RSA_A));
        assert_eq!(world.bearer(&token), Err((Reason::MalformedToken, Some("claims"))), "{what}");
    }
}

#[test]
fn the_identity_holds_what_the_token_says_and_nothing_more() {
    let mut configuration =
        configured_with(json!({"roles_claim": ["realm_access", "roles"], "tenant_claim": ["https://x/tenant"]}));
    configuration["identity"] =
        json!({"claims": [["department"], ["org", "unit"], ["org", "seats"], ["a.b"], ["none"]]});
    let token = Token::good().claims(json!({
        "roles": ["ignored"], "realm_access": {"roles": ["a", "b"], "other": 1}, "https://x/tenant": "acme",
        "scope": "read write", "scp": ["ignored"], "auth_time": 5, "acr": "urn:x", "amr": ["pwd", "otp"], "jti": "j1",
        "cnf": {"jkt": "x"}, "department": {"id": 7}, "org": {"unit": "u1", "seats": [1, 2], "secret": true},
        "a.b": 1, "a": {"b": 2}, "email": "alice@example",
    }));
    let expected = json!({
        "v": 1, "sub": "alice", "iss": "https://idp.example", "tenant": "acme", "roles": ["a", "b"],
        "scopes": ["read", "write"], "auth_time": 5, "acr": "urn:x", "amr": ["pwd", "otp"], "jti": "j1",
        "cnf": {"jkt": "x"},
        "claims": {"department": {"id": 7}, "org": {"unit": "u1", "seats": [1, 2]}, "a.b": 1},
    });
    assert_eq!(World::of(&configuration).token(&token), Ok(expected));
}

#[test]
fn scp_is_read_as_a_list_or_as_text_where_there_is_no_scope() {
    let world = World::good();
    for (claims, scopes) in [
        (json!({"scp": ["a", "b"]}), json!(["a", "b"])),
        (json!({"scp": "a b"}), json!(["a", "b"])),
        (json!({"scope": "c", "scp": "a b"}), json!(["c"])),
    ] {
        assert_eq!(world.token(&Token::good().claims(claims.clone())).unwrap()["scopes"], scopes, "{claims}");
    }
}

#[test]
fn an_identity_over_eight_kib_is_refused() {
    let mut configuration = configuration();
    configuration["identity"] = json!({"claims": [["blob"]]});
    let world = World::of(&configuration);
    assert_eq!(world.token(&Token::good().claims(json!({"blob": "x".repeat(9_000)}))), Err(Reason::IdentityTooLarge));
    assert!(world.token(&Token::good().claims(json!({"blob": "x".repeat(7_000)}))).is_ok());
}

/// The same token, one second later, decided anew.
#[test]
fn a_token_ends_where_it_says_with_the_skew_that_is_configured() {
    for (skew, last) in [("60s", NOW + 359), ("1s", NOW + 300), ("5m", NOW + 599)] {
        let mut world = World::of(&configured_with(json!({"clock_skew": skew})));
        for (now, result) in [(last, Ok(())), (last + 1, Err(Reason::TokenExpired))] {
            world.now.unix_seconds = now;
            assert_eq!(world.token(&Token::good()).map(drop), result, "{skew} {now}");
        }
    }
}

#[test]
fn the_fault_names_the_claim() {
    let world = World::good();
    assert_eq!(world.fault(&Token::good().claims(json!({"roles": 1}))), (Reason::BadClaim, Some("roles_claim")));
    assert_eq!(world.fault(&Token::good().claims(json!({"nbf": "1"}))), (Reason::BadClaim, Some("nbf")));
}
