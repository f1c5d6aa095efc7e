//! Callers with an API key.

use serde_json::json;

use super::*;

#[test]
fn an_api_key_gives_its_identity_in_every_source() {
    let world = World::good();
    let identity = json!({"v": 1, "sub": "acme-app", "tenant": "acme", "api_key": "acme", "roles": ["user"]});
    for (header, value) in [("x-api-key", ACME_KEY.to_owned()), ("authorization", format!("Bearer {ACME_KEY}"))] {
        let passed = world.ask(&[(header, value.as_bytes())]).unwrap();
        assert_eq!(passed.identity, Some(identity.clone()));
        assert_eq!((passed.evidence, passed.strips), (vec![Evidence::ApiKey], vec![header.to_owned()]), "{header}");
    }
}

/// AUTHN-046.
#[test]
fn what_only_looks_like_a_key_is_refused() {
    let world = World::good();
    let wide: String = ACME_KEY
        .chars()
        .map(|c| if c.is_ascii_digit() { char::from_u32(c as u32 + 0xfee0).unwrap() } else { c })
        .collect();
    for value in [
        format!("{ACME_KEY} "),
        format!("{ACME_KEY}\t"),
        ACME_KEY.to_uppercase(),
        ACME_KEY[1..].to_owned(),
        ACME_KEY[..ACME_KEY.len() - 1].to_owned(),
        format!("{ACME_KEY}\0"),
        wide,
        ACME_KEY.replace('-', "%2d"),
        b64(ACME_KEY),
        "sk-".to_owned(),
        String::new(),
        "x".repeat(8 << 10),
        sha256(ACME_KEY),
        format!("{ACME_KEY}{ACME_KEY}"),
        "' OR '1'='1".to_owned(),
    ] {
        for (header, value) in [("x-api-key", value.clone()), ("authorization", format!("Bearer {value}"))] {
            let (reason, _) = world.ask(&[(header, value.as_bytes())]).unwrap_err();
            assert!(matches!(reason, Reason::UnknownApiKey | Reason::MalformedCredential), "{reason:?} {value:?}");
        }
    }
}

#[test]
fn a_key_ends_and_can_be_switched_off() {
    for (changes, result) in [
        (json!({"not_after": NOW}), Ok(())),
        (json!({"not_after": NOW - 1}), Err(Reason::ApiKeyExpired)),
        (json!({"not_after": 0}), Err(Reason::ApiKeyExpired)),
        (json!({"disabled": true}), Err(Reason::ApiKeyDisabled)),
        (json!({"disabled": true, "not_after": NOW - 1}), Err(Reason::ApiKeyDisabled)),
        (json!({"disabled": false}), Ok(())),
    ] {
        let world = World::of(&with(
            configuration(),
            json!({"key_sets": {"partners": {"keys": [with(acme(), changes.clone())]}}}),
        ));
        let result_now = world.ask(&[("x-api-key", ACME_KEY.as_bytes())]).map(drop).map_err(|(reason, _)| reason);
        assert_eq!(result_now, result, "{changes}");
    }
}

#[test]
fn a_key_may_look_like_a_token() {
    let key = "a.b.c";
    let world = World::of(&with(
        configuration(),
        json!({"key_sets": {"partners": {"keys": [with(acme(), json!({"sha256": sha256(key)}))]}}}),
    ));
    assert_eq!(world.bearer(key).unwrap().evidence, [Evidence::ApiKey]);
}

#[test]
fn a_token_in_a_header_for_api_keys_is_an_unknown_key() {
    let result = World::good().ask(&[("x-api-key", Token::good().text().as_bytes())]);
    assert_eq!(result, Err((Reason::UnknownApiKey, None)));
}

#[test]
fn models_none_and_no_models_are_two_things() {
    for (models, expected) in
        [(json!([]), json!([])), (json!(["gpt-mini"]), json!(["gpt-mini"])), (json!(null), json!(null))]
    {
        let keys = [with(acme(), json!({"models": models}))];
        let world = World::of(&with(configuration(), json!({"key_sets": {"partners": {"keys": keys}}})));
        let identity = world.ask(&[("x-api-key", ACME_KEY.as_bytes())]).unwrap().identity.unwrap();
        assert_eq!(identity["models"], expected);
    }
}

#[test]
fn one_of_many_keys_is_found() {
    let keys: Vec<_> = (0..500)
        .map(|n| json!({"id": format!("k{n}"), "sha256": sha256(&format!("secret-{n}")), "subject": format!("s{n}")}))
        .collect();
    let world = World::of(&json!({"credentials": [{"header": "x-api-key"}], "key_sets": {"all": {"keys": keys}}}));
    for n in [0, 250, 499] {
        let identity = world.ask(&[("x-api-key", format!("secret-{n}").as_bytes())]).unwrap().identity.unwrap();
        assert_eq!(identity["sub"], json!(format!("s{n}")));
    }
    assert_eq!(world.ask(&[("x-api-key", b"secret-500")]), Err((Reason::UnknownApiKey, None)));
}
