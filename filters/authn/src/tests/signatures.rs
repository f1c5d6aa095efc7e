//! Who may have signed a token.

use serde_json::json;

use super::*;
use crate::policy::{Algorithm, Denial, Jws, KeyId, KeySet, Undecided};

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
    let p384_a = include_bytes!("../../tests/keys/p384_a.pub.der");
    let keys = KeySet::read(&json!({"keys": [p384_jwk("k", P384_A)]}), Algorithm::PUBLIC).unwrap();
    assert_eq!(keys.candidates(Algorithm::Es384, None).next().unwrap().public_key(), p384_a);
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

// Every algorithm, at the layer of the signature alone.

const SECRET: [u8; 64] = [7; 64];

/// A token of this algorithm, signed by the key that fits it.
fn signed(algorithm: Algorithm) -> String {
    signed_as(algorithm, algorithm)
}

/// A token that says it is of one algorithm, signed with another.
fn signed_as(says: Algorithm, is: Algorithm) -> String {
    let name = is.name();
    let by = match name {
        "EdDSA" => eddsa(ED25519_A),
        "ES256" => signer(name, P256_A),
        "ES384" => signer(name, P384_A),
        "HS256" | "HS384" | "HS512" => Signer::Key(name.parse().unwrap(), EncodingKey::from_secret(&SECRET)),
        _ => signer(name, RSA_A),
    };
    sign(&json!({"alg": says.name()}).to_string(), "{}", &by)
}

fn public_keys() -> KeySet {
    let keys = [rsa_jwk("r", RSA_A), p256_jwk("e", P256_A), p384_jwk("f", P384_A), ed25519_jwk("d", ED25519_A)];
    KeySet::read(&json!({"keys": keys}), Algorithm::PUBLIC).unwrap()
}

fn signer_of(token: &str, keys: &KeySet, allowed: &[Algorithm]) -> Result<KeyId, Denial> {
    let token = Jws::read(token)?;
    let algorithm = token.header.algorithm(allowed)?;
    token.signer(keys, algorithm, 4, |signature| Ok(signature.is_good()))
}

#[test]
fn a_token_of_every_algorithm_is_good_with_its_key_alone() {
    let secrets = KeySet::of_secret(&SECRET, Algorithm::SECRET).unwrap();
    let other = KeySet::of_secret(&[8; 64], Algorithm::SECRET).unwrap();
    let public = public_keys();
    for algorithm in Algorithm::ALL {
        let is_secret = Algorithm::SECRET.contains(algorithm);
        let (keys, others) = if is_secret { (&secrets, &public) } else { (&public, &secrets) };
        let token = signed(*algorithm);
        let found = signer_of(&token, keys, &[*algorithm]).unwrap();
        assert!(keys.holds(found) && !others.holds(found), "{algorithm:?}");
        assert_eq!(signer_of(&token, others, Algorithm::ALL), Err(Reason::UnknownKey.into()), "{algorithm:?}");
        if is_secret {
            assert_eq!(signer_of(&token, &other, Algorithm::ALL), Err(Reason::BadSignature.into()), "{algorithm:?}");
        }
    }
}

/// One key may serve six algorithms; a signature is of one.
#[test]
fn a_signature_of_one_algorithm_is_none_of_another() {
    for (keys, family) in [
        (public_keys(), Algorithm::PUBLIC),
        (KeySet::of_secret(&SECRET, Algorithm::SECRET).unwrap(), Algorithm::SECRET),
    ] {
        for (says, is) in family.iter().flat_map(|says| Algorithm::ALL.iter().map(move |is| (says, is))) {
            let found = signer_of(&signed_as(*says, *is), &keys, Algorithm::ALL);
            let expected = if says == is { Ok(()) } else { Err(Reason::BadSignature.into()) };
            assert_eq!(found.map(drop), expected, "{says:?} signed with {is:?}");
        }
    }
}

/// AUTHN-004: with a verifier that believes everything it would show.
#[test]
fn a_secret_is_never_asked_about_with_public_keys() {
    let text = signed(Algorithm::Hs256);
    let token = Jws::read(&text).unwrap();
    let asked = token.signer(&public_keys(), Algorithm::Hs256, 4, |_| Ok(true));
    assert_eq!(asked, Err(Reason::UnknownKey.into()));
}

#[test]
fn an_es384_signature_is_two_halves_of_48_bytes() {
    let text = signed(Algorithm::Es384);
    let (message, signature) = text.rsplit_once('.').unwrap();
    let whole = unb64(signature);
    assert_eq!(whole.len(), 96);
    let der = [&[0x30, 0x64, 2, 48][..], &whole[..48], &[2, 48], &whole[48..]].concat();
    for bytes in [whole[1..].to_vec(), [&whole[..], &[0]].concat(), whole[..64].to_vec(), vec![0; 96], der] {
        let changed = format!("{message}.{}", b64(bytes));
        assert_eq!(signer_of(&changed, &public_keys(), Algorithm::PUBLIC), Err(Reason::BadSignature.into()));
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
