//! What the header of a token may say, and in which spelling a token may come.

use serde_json::json;

use super::*;

/// AUTHN-001.
#[test]
fn a_token_without_signature_is_refused() {
    let world = World::good();
    let none = Token::good().header(json!({"alg": "none", "kid": null})).signer(Signer::Bytes(vec![]));
    assert!(none.text().ends_with('.'));
    assert_eq!(world.token(&none), Err(Reason::AlgNotAllowed));
    let good = Token::good().text();
    let signature = good.rsplit('.').next().unwrap();
    let stripped = Token::good().header(json!({"alg": "none"})).signer(Signer::Bytes(unb64(signature)));
    assert_eq!(world.token(&stripped), Err(Reason::AlgNotAllowed));
}

/// AUTHN-004, AUTHN-005, AUTHN-008: no spelling of a key or of nothing is ever an HMAC secret.
#[test]
fn an_hmac_is_refused_whatever_the_secret() {
    let world = World::good();
    let public = rsa_jwk("k1", RSA_A);
    let n = unb64(public["n"].as_str().unwrap());
    let p256 = p256_jwk("e1", P256_A);
    let point = [unb64(p256["x"].as_str().unwrap()), unb64(p256["y"].as_str().unwrap())].concat();
    let jwk = public.to_string();
    for secret in [&n[..], jwk.as_bytes(), &point, &[&[4], &point[..]].concat(), b"", b"\0", &[0; 32]] {
        for kid in ["k1", "../../../../../../dev/null", "/dev/null", "..%2f..%2fdev%2fnull"] {
            let token = Token::good().header(json!({"alg": "HS256", "kid": kid})).signer(hs256(secret));
            assert_eq!(world.token(&token), Err(Reason::AlgNotAllowed), "{kid}");
        }
    }
}

/// AUTHN-006, AUTHN-007.
#[test]
fn a_token_cannot_bring_its_own_key() {
    let world = World::good();
    for header in [
        json!({"jwk": rsa_jwk("k1", RSA_B)}),
        json!({"jku": "http://127.0.0.1:19999/jwks"}),
        json!({"jku": "file:///etc/passwd", "x5u": "//127.0.0.1:19999"}),
        json!({"x5c": ["MIIB"]}),
    ] {
        let token = Token::good().header(header.clone());
        assert!(world.token(&token).is_ok(), "{header} is not looked at");
        assert_eq!(world.token(&token.clone().signer(rs256(RSA_B))), Err(Reason::BadSignature), "{header}");
        let unnamed = token.header(json!({"kid": null})).signer(rs256(RSA_B));
        assert_eq!(world.token(&unnamed), Err(Reason::BadSignature), "{header}");
    }
}

/// AUTHN-008.
#[test]
fn a_strange_kid_is_an_unknown_key() {
    let world = World::good();
    for kid in [
        "x' UNION SELECT '1';--",
        "|sleep 10",
        "${jndi:ldap://127.0.0.1/a}",
        "{{7*7}}",
        "<script>",
        "a\r\nx: y",
        "K1",
        "k1 ",
        "k",
        "",
    ] {
        assert_eq!(world.token(&Token::good().header(json!({"kid": kid}))), Err(Reason::UnknownKey), "{kid:?}");
    }
    for kid in [json!(1), json!(["k1"]), json!({}), json!(true)] {
        assert_eq!(world.token(&Token::good().header(json!({"kid": kid}))), Err(Reason::MalformedToken), "{kid}");
    }
}

/// AUTHN-014.
#[test]
fn an_algorithm_is_spelled_one_way() {
    let world = World::good();
    for alg in [
        json!("rs256"),
        json!("RS256 "),
        json!("RS256\u{0}"),
        json!(["RS256"]),
        json!({"0": "RS256"}),
        json!(256),
        json!(true),
        json!(null),
    ] {
        assert_eq!(world.token(&Token::good().header(json!({"alg": alg}))), Err(Reason::AlgNotAllowed), "{alg}");
    }
}

/// AUTHN-013.
#[test]
fn an_algorithm_fits_its_key_and_is_allowed() {
    let world = World::good();
    for (header, reason) in [
        (json!({"alg": "ES384", "kid": "e1"}), Reason::AlgNotAllowed),
        (json!({"alg": "PS256"}), Reason::AlgNotAllowed),
        (json!({"alg": "EdDSA", "kid": "k1"}), Reason::UnknownKey),
        (json!({"alg": "ES256", "kid": "k1"}), Reason::UnknownKey),
        (json!({"alg": "RS256", "kid": "e1"}), Reason::UnknownKey),
    ] {
        assert_eq!(world.token(&Token::good().header(header.clone())), Err(reason), "{header}");
    }
    let only_rsa = World::of(&configured_with(json!({"algorithms": ["RS256"]})));
    assert_eq!(only_rsa.token(&Token::es256()), Err(Reason::AlgNotAllowed));
}

/// AUTHN-015, AUTHN-016, AUTHN-023: each correctly signed, and refused.
#[test]
fn a_header_that_changes_what_a_token_means_is_refused() {
    let world = World::good();
    for (header, about) in [
        (json!({"crit": ["bork"], "bork": true}), "crit"),
        (json!({"crit": []}), "crit"),
        (json!({"crit": "exp"}), "crit"),
        (json!({"crit": [1]}), "crit"),
        (json!({"crit": ["alg"]}), "crit"),
        (json!({"crit": ["exp"]}), "crit"),
        (json!({"crit": ["b64", "b64"], "b64": true}), "crit"),
        (json!({"b64": false, "crit": ["b64"]}), "crit"),
        (json!({"b64": false}), "b64"),
        (json!({"b64": "false"}), "b64"),
        (json!({"b64": true}), "b64"),
        (json!({"cty": "JWT"}), "cty"),
        (json!({"cty": "jwt"}), "cty"),
        (json!({"cty": "application/jwt"}), "cty"),
    ] {
        let token = Token::good().header(header.clone());
        assert_eq!(world.fault(&token), (Reason::UnsupportedToken, Some(about)), "{header}");
    }
    let mut null = Token::good();
    null.header["crit"] = json!(null);
    assert_eq!(world.token(&null), Err(Reason::UnsupportedToken));
}

/// AUTHN-023.
#[test]
fn a_token_inside_a_token_is_no_claims_set() {
    let inner =
        Token::good().header(json!({"alg": "none"})).claims(json!({"sub": "admin"})).signer(Signer::Bytes(vec![]));
    let outer = sign(&Token::good().header.to_string(), &inner.text(), &rs256(RSA_A));
    assert_eq!(World::good().bearer(&outer), Err((Reason::MalformedToken, Some("claims"))));
}

/// AUTHN-024.
#[test]
fn only_the_required_type_passes() {
    let world = World::of(&configured_with(json!({"typ": ["at+jwt"]})));
    for (typ, result) in [
        (json!("at+jwt"), Ok(())),
        (json!("AT+JWT"), Ok(())),
        (json!("application/at+jwt"), Ok(())),
        (json!("Application/AT+jwt"), Ok(())),
        (json!("JWT"), Err(Reason::WrongType)),
        (json!("logout+jwt"), Err(Reason::WrongType)),
        (json!("dpop+jwt"), Err(Reason::WrongType)),
        (json!("secevent+jwt"), Err(Reason::WrongType)),
        (json!("at+jwt "), Err(Reason::WrongType)),
        (json!("text/at+jwt"), Err(Reason::WrongType)),
        (json!("application/application/at+jwt"), Err(Reason::WrongType)),
        (json!(""), Err(Reason::WrongType)),
        (json!(null), Err(Reason::WrongType)),
        (json!(["at+jwt"]), Err(Reason::MalformedToken)),
    ] {
        let token = Token::good().header(json!({"typ": typ}));
        assert_eq!(world.token(&token).map(drop), result, "{typ}");
    }
    assert!(World::good().token(&Token::good().header(json!({"typ": null}))).is_ok(), "no type is required");
}

/// AUTHN-020.
#[test]
fn a_token_has_one_spelling() {
    let world = World::good();
    // Lengths that leave unused bits at the end of each part.
    let token = Token::good().header(json!({"x": "1"})).claims(json!({"x": "12"})).text();
    assert!(world.bearer(&token).is_ok());
    let parts: Vec<&str> = token.split('.').collect();
    let mut spellings = 0;
    for index in 0..3 {
        for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
            let mut changed: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
            let part = &mut changed[index];
            part.pop();
            part.push(last);
            spellings += usize::from(world.bearer(&changed.join(".")).is_ok());
        }
    }
    assert_eq!(spellings, 3, "each part in its own spelling only");
    for changed in [
        format!("{token}="),
        format!("{token}=="),
        token.replacen('.', "=.", 1),
        token.replace('_', "/").replace('-', "+") + "+/",
    ] {
        assert!(world.bearer(&changed).is_err(), "{changed}");
    }
}

/// AUTHN-021: what an attacker may append in the form of a token.
#[test]
fn a_token_has_three_parts() {
    let world = World::of(&with(configuration(), json!({"key_sets": null})));
    let good = Token::good().text();
    let (message, _) = good.rsplit_once('.').unwrap();
    for token in [
        format!("{good}."),
        format!("{good}.jjjj"),
        format!(".{good}"),
        message.to_owned(),
        format!("{message}."),
        "..".to_owned(),
        "a".to_owned(),
    ] {
        let (reason, _) = world.bearer(&token).unwrap_err();
        assert!(matches!(reason, Reason::MalformedToken | Reason::BadSignature), "{reason:?} for {token}");
    }
}

#[test]
fn a_header_that_is_no_sound_object_is_malformed() {
    let world = World::good();
    for header in [
        "",
        "[]",
        "null",
        r#""RS256""#,
        r#"{"alg":"RS256","kid":"k1","alg":"none"}"#,
        r#"{"alg":"RS256","a\u006cg":"none"}"#,
        r#"{"alg":"RS256","kid":"k1"}x"#,
        "\u{feff}{\"alg\":\"RS256\"}",
        r#"{"alg":"RS256","x":[[[[[[[[[]]]]]]]]]}"#,
    ] {
        let token = sign(header, &good_claims().to_string(), &rs256(RSA_A));
        assert_eq!(world.bearer(&token), Err((Reason::MalformedToken, Some("header"))), "{header}");
    }
}

/// AUTHN-037.
#[test]
fn a_giant_token_is_refused_before_it_is_decoded() {
    let world = World::good();
    for bytes in [(16 << 10) + 1, 59 << 10, 1 << 20] {
        assert_eq!(world.bearer(&"a".repeat(bytes)), Err((Reason::CredentialTooLarge, None)), "{bytes}");
    }
    for bytes in [8 << 10, 16 << 10] {
        assert_eq!(world.bearer(&"a".repeat(bytes)), Err((Reason::UnknownApiKey, None)), "{bytes}");
    }
    let nested = sign(
        &format!(r#"{{"alg":"RS256","x":{}{}}}"#, "[".repeat(5_000), "]".repeat(5_000)),
        "{}",
        &Signer::Bytes(vec![]),
    );
    assert_eq!(world.bearer(&nested).unwrap_err().0, Reason::MalformedToken);
    let padded = Token::good().claims(json!({"padding": "x".repeat(8_400)}));
    assert!((11 << 10..13 << 10).contains(&padded.text().len()));
    assert!(world.token(&padded).is_ok(), "a valid token of 12 KiB");
}

#[test]
fn the_limit_of_a_tokens_own_provider_holds() {
    let other = with(provider(), json!({"issuer": "https://other.example", "max_token_bytes": "64KiB"}));
    let small = with(provider(), json!({"max_token_bytes": "512B"}));
    let world = World::of(&json!({"providers": {"main": small, "other": other}}));
    let padded = Token::good().claims(json!({"padding": "x".repeat(600)}));
    assert_eq!(world.token(&padded), Err(Reason::CredentialTooLarge));
    assert!(world.token(&padded.claims(json!({"iss": "https://other.example"}))).is_ok());
}
