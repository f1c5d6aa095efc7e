//! Which keys are trusted, public ones and secrets.

use serde_json::{Value, json};

use super::*;
use crate::policy::{Algorithm, Fault, KeySet, SetFault};

fn set(keys: &[Value]) -> Result<KeySet, SetFault> {
    KeySet::read(&json!({"keys": keys}), Algorithm::PUBLIC)
}

/// AUTHN-038, AUTHN-039, AUTHN-013 (a): a bad key beside a good one.
#[test]
fn a_bad_key_is_skipped_and_the_good_one_beside_it_works() {
    let (rsa, p256, p384) = (|| rsa_jwk("x", RSA_B), || p256_jwk("x", P256_B), || p384_jwk("x", P384_A));
    let ed = || ed25519_jwk("x", ED25519_A);
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
        (with(rsa(), json!({"alg": "HS256"})), Fault::Algorithm),
        (with(rsa(), json!({"alg": "RSA-OAEP"})), Fault::Algorithm),
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
        (with(p256(), json!({"crv": "P-384"})), Fault::Member("x")),
        (with(p256(), json!({"crv": "P-521"})), Fault::Kind),
        (with(p256(), json!({"alg": "ES384"})), Fault::Algorithm),
        (with(p384(), json!({"alg": "ES256"})), Fault::Algorithm),
        (with(p384(), json!({"crv": "P-256"})), Fault::Member("x")),
        (with(p384(), json!({"y": b64([7; 48])})), Fault::Point),
        (with(p384(), json!({"x": b64([0; 48]), "y": b64([0; 48])})), Fault::Point),
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
        assert_eq!(KeySet::read(&jwks, Algorithm::PUBLIC).unwrap_err(), SetFault::NotASet, "{jwks}");
    }
}

/// RFC 8725 section 3.1: a key that says nothing serves what is allowed, and one that says something that alone.
#[test]
fn an_alg_pins_its_key() {
    for algorithm in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] {
        let keys = set(&[with(rsa_jwk("k1", RSA_A), json!({"alg": algorithm}))]).unwrap();
        let served = |served: &&Algorithm| keys.candidates(**served, Some("k1")).next().is_some();
        let served: Vec<_> = Algorithm::ALL.iter().filter(served).map(|served| served.name()).collect();
        assert_eq!(served, [algorithm]);
    }
}

// Secrets.

fn oct(kid: &str, secret: &[u8]) -> Value {
    json!({"kty": "oct", "kid": kid, "k": b64(secret)})
}

fn secrets(keys: &[Value]) -> Result<KeySet, SetFault> {
    KeySet::secrets(&json!({"keys": keys}), Algorithm::SECRET)
}

#[test]
fn a_bad_secret_is_skipped_and_the_good_one_beside_it_works() {
    for (jwk, fault) in [
        (oct("x", &[7; 63]), Fault::ShortSecret),
        (oct("x", &[]), Fault::ShortSecret),
        (with(oct("x", &[7; 31]), json!({"alg": "HS256"})), Fault::ShortSecret),
        (with(oct("x", &[7; 47]), json!({"alg": "HS384"})), Fault::ShortSecret),
        (with(oct("x", &[7; 64]), json!({"alg": "RS256"})), Fault::Algorithm),
        (with(oct("x", &[7; 64]), json!({"alg": "A256GCM"})), Fault::Algorithm),
        (with(oct("x", &[7; 64]), json!({"use": "enc"})), Fault::Purpose),
        (with(oct("x", &[7; 64]), json!({"key_ops": ["sign"]})), Fault::Purpose),
        (with(oct("x", &[7; 64]), json!({"k": null})), Fault::Member("k")),
        (with(oct("x", &[7; 64]), json!({"k": 1})), Fault::Member("k")),
        (with(oct("x", &[7; 64]), json!({"k": "="})), Fault::Member("k")),
        (with(oct("x", &[7; 64]), json!({"kid": 1})), Fault::Member("kid")),
    ] {
        let keys = secrets(&[oct("good", &[8; 64]), jwk.clone()]).unwrap();
        assert_eq!(keys.skipped(), [(1, fault)], "{jwk}");
        let usable = |kid| keys.candidates(Algorithm::Hs512, Some(kid)).count();
        assert_eq!((usable("good"), usable("x")), (1, 0));
    }
}

/// RFC 7518 section 3.2.
#[test]
fn a_secret_is_as_long_as_the_longest_hash_it_serves() {
    for (algorithm, bytes) in [(Algorithm::Hs256, 32), (Algorithm::Hs384, 48), (Algorithm::Hs512, 64)] {
        assert_eq!(KeySet::of_secret(&vec![7; bytes - 1], &[algorithm]).unwrap_err(), SetFault::ShortSecret);
        assert!(KeySet::of_secret(&vec![7; bytes], &[algorithm]).is_ok());
        let both = [Algorithm::Hs256, algorithm];
        assert_eq!(KeySet::of_secret(&vec![7; bytes - 1], &both).unwrap_err(), SetFault::ShortSecret);
    }
    assert_eq!(KeySet::of_secret(&[], Algorithm::SECRET).unwrap_err(), SetFault::ShortSecret);
    assert_eq!(KeySet::of_secret(&[7; 64], &[]).unwrap_err(), SetFault::NoUsableKey);
}

#[test]
fn a_set_of_secrets_holds_nothing_else() {
    let good = || oct("s1", &[7; 64]);
    for (keys, fault) in [
        (vec![], SetFault::NoUsableKey),
        (vec![oct("s1", &[7; 8])], SetFault::NoUsableKey),
        (vec![good(), rsa_jwk("k1", RSA_A)], SetFault::NotASecret(1)),
        (vec![with(rsa_jwk("k1", RSA_A), json!({"k": b64([7; 64])}))], SetFault::NotASecret(0)),
        (vec![good(), json!({"k": b64([7; 64])})], SetFault::NotASecret(1)),
        (vec![good(), oct("s1", &[8; 64])], SetFault::DuplicateKid(1)),
        (vec![good(), json!("key")], SetFault::NotAKey(1)),
    ] {
        assert_eq!(secrets(&keys).unwrap_err(), fault);
    }
}

/// AUTHN-004: whatever an operator writes, no public key comes to where a secret is used, nor the other way round.
#[test]
fn no_set_serves_both_families() {
    let public = json!({"keys": [rsa_jwk("k1", RSA_A)]});
    let secret = json!({"keys": [oct("s1", &[7; 64])]});
    for (family, others) in [(Algorithm::PUBLIC, Algorithm::SECRET), (Algorithm::SECRET, Algorithm::PUBLIC)] {
        for other in others {
            let mixed = [family, &[*other]].concat();
            assert_eq!(KeySet::read(&public, &mixed).unwrap_err(), SetFault::Family);
            assert_eq!(KeySet::secrets(&secret, &mixed).unwrap_err(), SetFault::Family);
            assert_eq!(KeySet::of_secret(&[7; 64], &mixed).unwrap_err(), SetFault::Family);
        }
    }
    assert_eq!(KeySet::read(&public, Algorithm::SECRET).unwrap_err(), SetFault::Family);
    assert_eq!(KeySet::secrets(&secret, Algorithm::PUBLIC).unwrap_err(), SetFault::Family);
}

#[test]
fn a_secret_is_never_printed() {
    let secret = b"correct horse battery staple, 64 bytes of it, or rather more....";
    let keys = KeySet::of_secret(secret, Algorithm::SECRET).unwrap();
    let key = keys.candidates(Algorithm::Hs256, None).next().unwrap();
    let printed = format!("{keys:?} {key:?} {:?} {:?}", key.id(), SetFault::ShortSecret);
    assert!(printed.contains("Secret") && printed.contains("Hs256"), "{printed}");
    let spellings = [String::from_utf8(secret.to_vec()).unwrap(), b64(secret), format!("{secret:?}")];
    for spelling in spellings {
        assert!(!printed.contains(&spelling[1..9]), "{printed}");
    }
}

// Which key it is.

#[test]
fn a_key_is_known_by_what_it_is_made_of() {
    let id = |keys: &KeySet| keys.candidates(Algorithm::Rs256, None).next().unwrap().id();
    let (a, b) = (set(&[rsa_jwk("k1", RSA_A)]).unwrap(), set(&[rsa_jwk("k1", RSA_B)]).unwrap());
    let renamed = set(&[rsa_jwk("k2", RSA_A), p256_jwk("k1", P256_A)]).unwrap();
    assert!(a.holds(id(&a)) && renamed.holds(id(&a)), "under whatever kid");
    assert!(!b.holds(id(&a)), "and another key of its kid is another key");
    assert_ne!(id(&a), id(&b));
}

#[test]
fn a_secret_has_not_the_id_of_a_public_key_with_its_bytes() {
    let keys = set(&[rsa_jwk("k1", RSA_A)]).unwrap();
    let key = keys.candidates(Algorithm::Rs256, None).next().unwrap();
    let secret = KeySet::of_secret(key.public_key(), Algorithm::SECRET).unwrap();
    assert!(!secret.holds(key.id()));
}
