//! Which public keys are trusted.

use serde_json::{Value, json};

use super::*;
use crate::policy::{Algorithm, Fault, KeySet, SetFault};

fn set(keys: &[Value]) -> Result<KeySet, SetFault> {
    KeySet::read(&json!({"keys": keys}), Algorithm::ALL)
}

/// AUTHN-038, AUTHN-039, AUTHN-013 (a): a bad key beside a good one.
#[test]
fn a_bad_key_is_skipped_and_the_good_one_beside_it_works() {
    let (rsa, p256, ed) = (|| rsa_jwk("x", RSA_B), || p256_jwk("x", P256_B), || ed25519_jwk("x", ED25519_A));
    let huge = b64([&[0xc3; 2047][..], &[0xc5]].concat());
    for (jwk, fault) in [
        (rsa_jwk("x", RSA_1024), Fault::ModulusSize),
        (with(rsa(), json!({"e": "AQ"})), Fault::Exponent),
        (with(rsa(), json!({"e": "Aw"})), Fault::Exponent),
        (with(rsa(), json!({"e": "AQAA"})), Fault::Exponent),
        (with(rsa(), json!({"n": huge, "e": "AQAAAAAAAAAB"})), Fault::ModulusSize),
        (with(rsa(), json!({"n": b64([&[0xc3; 255][..], &[0xc4]].concat())})), Fault::EvenModulus),
        (with(rsa(), json!({"n": "="})), Fault::Member("n")),
        (with(rsa(), json!({"n": 5})), Fault::Member("n")),
        (with(rsa(), json!({"e": null})), Fault::Member("e")),
        (with(rsa(), json!({"alg": "PS256"})), Fault::Algorithm),
        (with(rsa(), json!({"alg": "ES256"})), Fault::Algorithm),
        (with(rsa(), json!({"alg": "rs256"})), Fault::Algorithm),
        (with(rsa(), json!({"alg": 1})), Fault::Member("alg")),
        (with(rsa(), json!({"kid": 1})), Fault::Member("kid")),
        (with(rsa(), json!({"use": "enc"})), Fault::Purpose),
        (with(rsa(), json!({"use": ["sig"]})), Fault::Member("use")),
        (with(rsa(), json!({"key_ops": ["encrypt"]})), Fault::Purpose),
        (with(rsa(), json!({"key_ops": []})), Fault::Purpose),
        (with(rsa(), json!({"key_ops": "verify"})), Fault::Member("key_ops")),
        (with(rsa(), json!({"kty": null})), Fault::Member("kty")),
        (with(rsa(), json!({"kty": "rsa"})), Fault::Kind),
        (with(p256(), json!({"y": b64([7; 32])})), Fault::Point),
        (with(p256(), json!({"x": b64([0; 32]), "y": b64([0; 32])})), Fault::Point),
        (with(p256(), json!({"x": b64([7; 31])})), Fault::Member("x")),
        (with(p256(), json!({"crv": "P-384"})), Fault::Kind),
        (with(p256(), json!({"crv": "secp256k1"})), Fault::Kind),
        (with(p256(), json!({"crv": null})), Fault::Kind),
        (with(p256(), json!({"kty": "RSA"})), Fault::Kind),
        (with(p256(), json!({"alg": "ES521"})), Fault::Algorithm),
        (with(ed(), json!({"crv": "X25519"})), Fault::Kind),
        (with(ed(), json!({"crv": "Ed448"})), Fault::Kind),
        (with(ed(), json!({"x": b64([2; 32])})), Fault::Point),
        (with(ed(), json!({"x": b64([7; 33])})), Fault::Member("x")),
        (json!({}), Fault::Member("kty")),
    ] {
        let keys = set(&[rsa_jwk("k1", RSA_A), jwk.clone()]).unwrap();
        assert_eq!(keys.skipped(), [(1, fault)], "{jwk}");
        let world = World::of(&configured_with(json!({"jwks_inline": {"keys": [jwk, rsa_jwk("k1", RSA_A)]}})));
        assert!(world.token(&Token::good()).is_ok());
        assert_eq!(world.token(&Token::good().header(json!({"kid": "x"}))), Err(Reason::UnknownKey));
    }
}

#[test]
fn keys_that_say_they_verify_are_used() {
    for changes in [
        json!({"use": "sig"}),
        json!({"key_ops": ["verify"]}),
        json!({"key_ops": ["sign", "verify"], "use": "sig"}),
        json!({"alg": "RS256"}),
        json!({"x5c": ["MIIB"], "x5t": "x", "unknown": {}}),
    ] {
        let jwks = json!({"keys": [with(rsa_jwk("k1", RSA_A), changes.clone())], "extra": 1});
        assert!(World::of(&configured_with(json!({"jwks_inline": jwks}))).token(&Token::good()).is_ok(), "{changes}");
    }
}

/// Some issuers write the modulus as a signed number, with a zero in front.
#[test]
fn zeros_in_front_of_a_modulus_change_nothing() {
    let mut jwk = rsa_jwk("k1", RSA_A);
    jwk["n"] = json!(b64([&[0], &unb64(jwk["n"].as_str().unwrap())[..]].concat()));
    let world = World::of(&configured_with(json!({"jwks_inline": {"keys": [jwk]}})));
    assert!(world.token(&Token::good()).is_ok());
}

/// AUTHN-005, AUTHN-038, AUTHN-039.
#[test]
fn a_set_with_secrets_twins_or_nothing_usable_is_refused() {
    let good = || rsa_jwk("k1", RSA_A);
    for (keys, fault) in [
        (vec![], SetFault::NoUsableKey),
        (vec![rsa_jwk("k1", RSA_1024)], SetFault::NoUsableKey),
        (vec![good(), json!({"kty": "oct", "k": ""})], SetFault::Secret(1)),
        (vec![good(), json!({"kty": "oct"})], SetFault::Secret(1)),
        (vec![good(), with(rsa_jwk("x", RSA_B), json!({"d": "AQ"}))], SetFault::Secret(1)),
        (vec![with(p256_jwk("x", P256_B), json!({"d": "AQ"})), good()], SetFault::Secret(0)),
        (vec![good(), rsa_jwk("k1", RSA_B)], SetFault::DuplicateKid(1)),
        (vec![good(), p256_jwk("k1", P256_A)], SetFault::DuplicateKid(1)),
        (vec![good(), with(rsa_jwk("k1", RSA_B), json!({"use": "enc"}))], SetFault::DuplicateKid(1)),
        (vec![good(), json!("key")], SetFault::NotAKey(1)),
    ] {
        assert_eq!(set(&keys).unwrap_err(), fault);
    }
    for jwks in [json!({}), json!({"keys": null}), json!({"keys": {}}), json!([]), json!("x"), json!(null), good()] {
        assert_eq!(KeySet::read(&jwks, Algorithm::ALL).unwrap_err(), SetFault::NotASet, "{jwks}");
    }
}
