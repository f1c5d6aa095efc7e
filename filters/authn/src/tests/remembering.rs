//! Tokens that were verified before.

use serde_json::json;

use super::*;

fn evidence(world: &World, token: &Token) -> Result<Evidence, Reason> {
    world.bearer(&token.text()).map(|passed| passed.evidence[0]).map_err(|(reason, _)| reason)
}

fn numbered(n: usize) -> Token {
    Token::eddsa().claims(json!({"jti": n.to_string()}))
}

#[test]
fn a_token_is_verified_once_and_says_the_same_afterwards() {
    let world = World::good();
    let first = world.bearer(&Token::good().text()).unwrap();
    let second = world.bearer(&Token::good().text()).unwrap();
    assert_eq!((first.evidence, second.evidence), (vec![Evidence::Verified], vec![Evidence::Remembered]));
    assert_eq!((first.identity, first.rule, first.strips), (second.identity, second.rule, second.strips));
}

#[test]
fn a_remembered_token_expires() {
    let mut world = World::good();
    assert_eq!(evidence(&world, &Token::good()), Ok(Evidence::Verified));
    world.now.unix_seconds = NOW + 359;
    assert_eq!(evidence(&world, &Token::good()), Ok(Evidence::Remembered));
    world.now.unix_seconds = NOW + 360;
    assert_eq!(evidence(&world, &Token::good()), Err(Reason::TokenExpired));
}

#[test]
fn a_remembered_token_is_not_valid_before_its_time_when_the_clock_goes_back() {
    let mut world = World::good();
    assert_eq!(evidence(&world, &Token::good()), Ok(Evidence::Verified));
    world.now.unix_seconds = NOW - 10_000;
    assert_eq!(evidence(&world, &Token::good()), Err(Reason::TokenNotYetValid));
}

#[test]
fn after_max_age_the_signature_is_checked_again() {
    let mut world = World::of(&with(configuration(), json!({"token_cache": {"max_age": "1m"}})));
    for (millis, expected) in [
        (0, Evidence::Verified),
        (60_000, Evidence::Remembered),
        (60_001, Evidence::Verified),
        (100_000, Evidence::Remembered),
    ] {
        world.now.monotonic_millis = 1_000_000 + millis;
        assert_eq!(evidence(&world, &Token::good()), Ok(expected), "after {millis} ms");
    }
}

#[test]
fn being_used_does_not_make_a_token_younger() {
    let mut world = World::of(&with(configuration(), json!({"token_cache": {"max_age": "1m", "entries": 2}})));
    for (millis, expected) in [
        (0, Evidence::Verified),
        (30_000, Evidence::Remembered),
        (59_000, Evidence::Remembered),
        (61_000, Evidence::Verified),
    ] {
        world.now.monotonic_millis = 1_000_000 + millis;
        assert_eq!(evidence(&world, &Token::good()), Ok(expected), "after {millis} ms");
    }
}

#[test]
fn only_a_good_signature_is_remembered() {
    let world = World::good();
    let forged = Token::good().signer(rs256(RSA_B));
    assert_eq!(evidence(&world, &forged), Err(Reason::BadSignature));
    assert_eq!(evidence(&world, &forged), Err(Reason::BadSignature));
    assert_eq!(evidence(&world, &Token::good()), Ok(Evidence::Verified));
    assert_eq!(evidence(&world, &forged), Err(Reason::BadSignature), "the same claims under another signature");
}

#[test]
fn no_entries_means_that_nothing_is_remembered() {
    let world = World::of(&with(configuration(), json!({"token_cache": {"entries": 0}})));
    assert_eq!(evidence(&world, &Token::good()), Ok(Evidence::Verified));
    assert_eq!(evidence(&world, &Token::good()), Ok(Evidence::Verified));
}

#[test]
fn a_token_in_use_outlives_a_flood_of_tokens_used_once() {
    let world = World::of(&with(configuration(), json!({"token_cache": {"entries": 8}})));
    assert_eq!(evidence(&world, &Token::es256().claims(json!({"jti": "x"}))), Ok(Evidence::Verified));
    let hot = Token::es256().text();
    world.bearer(&hot).unwrap();
    for n in 0..40 {
        assert_eq!(evidence(&world, &numbered(n)), Ok(Evidence::Verified));
        assert_eq!(world.bearer(&hot).unwrap().evidence, [Evidence::Remembered], "after {n}");
    }
    assert_eq!(evidence(&world, &numbered(0)), Ok(Evidence::Verified), "used once, long ago");
    assert!(world.policy.remembered() <= 8);
}
