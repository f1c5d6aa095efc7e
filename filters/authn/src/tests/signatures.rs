//! Who may have signed a token.

use serde_json::json;

use super::*;
use crate::policy::Undecided;

/// AUTHN-027.
#[test]
fn a_key_speaks_for_its_own_issuer_only() {
    let b = with(provider(), json!({"issuer": "https://b.example", "jwks_inline": {"keys": [rsa_jwk("k1", RSA_B)]}}));
    let world = World::of(&json!({"providers": {"a": provider(), "b": b}}));
    let from_b = Token::good().claims(json!({"iss": "https://b.example"}));
    assert!(world.token(&Token::good()).is_ok());
    assert!(world.token(&from_b.clone().signer(rs256(RSA_B))).is_ok());
    assert_eq!(world.token(&Token::good().signer(rs256(RSA_B))), Err(Reason::BadSignature));
    assert_eq!(world.token(&from_b), Err(Reason::BadSignature));
}

/// AUTHN-011, through the whole policy.
#[test]
fn an_ecdsa_signature_of_zeros_is_refused() {
    let world = World::good();
    let order = [
        0xff_u8, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad,
        0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let (zero, mut one, mut below) = ([0_u8; 32], [0_u8; 32], order);
    one[31] = 1;
    below[31] -= 1;
    for (r, s) in [(zero, zero), (zero, one), (one, zero), (order, order), (below, below), (one, one)] {
        let token = Token::es256().signer(Signer::Bytes([r, s].concat()));
        assert_eq!(world.token(&token), Err(Reason::BadSignature));
    }
}

#[test]
fn a_signature_is_as_long_as_its_key_makes_it() {
    let world = World::good();
    for token in [Token::good(), Token::es256(), Token::eddsa()] {
        let text = token.text();
        let signature = unb64(text.rsplit('.').next().unwrap());
        for bytes in [
            vec![],
            signature[1..].to_vec(),
            signature[..signature.len() - 1].to_vec(),
            [&signature[..], &[0]].concat(),
            [&[0], &signature[..]].concat(),
            [&signature[..], &signature[..]].concat(),
            vec![0; signature.len()],
        ] {
            let refused = token.clone().signer(Signer::Bytes(bytes.clone()));
            assert_eq!(world.token(&refused), Err(Reason::BadSignature), "{} {}", token.header, bytes.len());
        }
    }
}

/// RFC 7518 section 3.4 joins r and s; the DER form that proxies want must not pass as a second spelling.
#[test]
fn an_ecdsa_signature_in_der_is_refused() {
    let text = Token::es256().text();
    let signature = unb64(text.rsplit('.').next().unwrap());
    let der = [&[0x30, 0x44, 2, 32][..], &signature[..32], &[2, 32], &signature[32..]].concat();
    assert_eq!(World::good().token(&Token::es256().signer(Signer::Bytes(der))), Err(Reason::BadSignature));
}

#[test]
fn another_key_of_the_same_kind_is_refused() {
    let world = World::good();
    assert_eq!(world.token(&Token::good().signer(rs256(RSA_B))), Err(Reason::BadSignature));
    assert_eq!(world.token(&Token::es256().signer(es256(P256_B))), Err(Reason::BadSignature));
}

#[test]
fn without_kid_every_fitting_key_is_tried() {
    let jwks = json!({"keys": [p256_jwk("e1", P256_A), rsa_jwk("k1", RSA_B), rsa_jwk("k2", RSA_A)]});
    let world = World::of(&configured_with(json!({"jwks_inline": jwks})));
    assert!(world.token(&Token::good().header(json!({"kid": null}))).is_ok());
    assert_eq!(
        world.token(&Token::good().header(json!({"kid": "k1"}))),
        Err(Reason::BadSignature),
        "the named key only"
    );
    assert_eq!(world.token(&Token::eddsa().header(json!({"kid": null}))), Err(Reason::UnknownKey), "none fits");
}

/// AUTHN-010.
#[test]
fn a_token_without_kid_costs_no_more_than_max_keys_tried() {
    let other = |index: u32| {
        let mut modulus = vec![0xc3; 256];
        modulus[..4].copy_from_slice(&(index + (1 << 31)).to_be_bytes());
        json!({"kty": "RSA", "kid": format!("x{index}"), "n": b64(modulus), "e": "AQAB"})
    };
    let keys: Vec<_> = (0..199).map(other).chain([rsa_jwk("k1", RSA_A)]).collect();
    for (changes, tries) in [(json!({}), 4), (json!({"max_keys_tried": 1}), 1), (json!({"max_keys_tried": 10}), 10)] {
        let world = World::of(&with(
            configured_with(with(changes, json!({"jwks_inline": {"keys": keys}}))),
            json!({"key_sets": null}),
        ));
        let mut tried = 0;
        let denial = settle(&world, &Token::good().header(json!({"kid": null})).text(), |_| {
            tried += 1;
            Ok(false)
        });
        assert_eq!((denial, tried), (Err(Reason::BadSignature), tries));
        assert!(world.token(&Token::good()).is_ok(), "by its kid it is found at once");
    }
}

#[test]
fn a_signature_that_nobody_can_check_is_neither_good_nor_bad() {
    let world = World::good();
    let token = Token::good().text();
    assert_eq!(settle(&world, &token, |_| Err(Undecided)), Err(Reason::CannotVerify));
    assert_eq!(settle(&world, &token, |_| Ok(true)), Ok(()), "and nothing was remembered of it");
}

/// What the proxy is handed as a key is what OpenSSL writes for it.
#[test]
fn keys_are_encoded_as_openssl_does() {
    let rsa_a = include_bytes!("../../tests/keys/rsa_a.pub.der");
    let p256_a = include_bytes!("../../tests/keys/p256_a.pub.der");
    let ed25519_a = include_bytes!("../../tests/keys/ed25519_a.pub.der");
    for (token, expected) in [(Token::good(), &rsa_a[..]), (Token::es256(), p256_a), (Token::eddsa(), ed25519_a)] {
        let judged = settle(&World::good(), &token.text(), |signature| {
            assert_eq!(signature.public_key(), expected, "{}", token.header);
            assert!(token.text().as_bytes().starts_with(signature.message()));
            Ok(true)
        });
        assert_eq!(judged, Ok(()));
    }
}

/// Every byte of a good token matters, and no damage to it is worse than a refusal.
#[test]
fn a_token_with_any_byte_changed_is_refused() {
    let world = World::good();
    for token in [Token::eddsa().text(), Token::es256().text()] {
        let good = format!("Bearer {token}").into_bytes();
        assert!(world.ask(&[("authorization", &good)]).is_ok());
        for at in "Bearer ".len()..good.len() {
            for mask in [1_u8, 0x20, 0x80] {
                let mut changed = good.clone();
                changed[at] ^= mask;
                assert!(world.ask(&[("authorization", &changed)]).is_err(), "byte {at} ^ {mask}");
            }
        }
    }
}

#[test]
fn a_token_cut_anywhere_is_refused() {
    let world = World::good();
    let token = Token::eddsa().text();
    for cut in 0..token.len() {
        assert!(world.bearer(&token[..cut]).is_err(), "cut at {cut}");
        assert!(world.bearer(&token[cut + 1..]).is_err(), "cut before {cut}");
    }
}

/// Asks about a token with a verifier of the test's own.
fn settle(
    world: &World,
    token: &str,
    is_good: impl FnMut(&crate::policy::Signature<'_>) -> Result<bool, Undecided>,
) -> Result<(), Reason> {
    let value = format!("Bearer {token}");
    let fields = [(":method", "GET"), (":authority", "a"), (":path", "/"), ("authorization", &value)];
    let headers: Headers = fields.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
    let rule = world.policy.rule(&headers, None).unwrap();
    let case = world.policy.decide(rule, &headers, world.now).map_err(|denial| denial.reason)?;
    case.settle(is_good).map(drop).map_err(|denial| denial.reason)
}
