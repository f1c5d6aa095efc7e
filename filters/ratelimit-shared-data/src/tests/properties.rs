//! What holds of every limit, tried on traces that chance makes. A failure prints its seed.
//!
//! 2,000 traces by default; `FULL=1` in the environment makes it 200,000.

use super::chance::Chance;
use super::slow::{Given, Slow};
use crate::policy::{Algorithm, Ask, Bucket, Meter, Now, Quota, SECOND, Scale, Ticket};

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Gcra, Algorithm::SlidingWindow, Algorithm::FixedWindow];

fn traces() -> std::ops::RangeInclusive<u64> {
    let is_full = std::env::vars_os().any(|(name, _)| name == "FULL");
    1..=if is_full { 200_000 } else { 2_000 }
}

fn meter(chance: &mut Chance) -> Meter {
    let lease = 10 * SECOND + chance.below(100 * SECOND);
    let algorithm = chance.one_of(&ALGORITHMS);
    chance.one_of(&[
        Meter::AtOnce(algorithm),
        Meter::AtEnd(algorithm, lease),
        Meter::AtEnd(algorithm, lease),
        Meter::UnderWay(lease),
    ])
}

fn quota(chance: &mut Chance, meter: Meter) -> Quota {
    let limit = 1 + chance.one_of(&[3, 20, 1000, 1_000_000]) * (1 + chance.below(7)) / 2;
    let window = chance.one_of(&[SECOND, 7 * SECOND + 1, 60 * SECOND, 3600 * SECOND]);
    let is_gcra = matches!(meter, Meter::AtOnce(Algorithm::Gcra) | Meter::AtEnd(Algorithm::Gcra, _));
    Quota { limit, window, burst: if is_gcra { 1 + chance.below(2 * limit) } else { limit } }
}

fn at(now: u64) -> Now {
    Now { monotonic: now, wall: now }
}

/// A moment later; now and then at a border.
fn later(chance: &mut Chance, now: u64, window: u64) -> u64 {
    let step = chance.one_of(&[0, 1, window / 1000, window / 40, window / 16, window / 3, window, 3 * window]);
    match chance.below(8) {
        0 => (now / window + 1) * window,
        1 => (now / window + 1) * window - 1,
        2 => (now / window.div_ceil(16) + 1) * window.div_ceil(16),
        _ => now + chance.below(step + 1),
    }
    .max(now)
}

/// The bucket after a journey through shared data.
fn written(meter: Meter, bucket: &Bucket) -> Bucket {
    let mut bytes = Vec::new();
    bucket.write(&mut bytes);
    Bucket::read(meter, &bytes).unwrap()
}

#[test]
fn a_bucket_agrees_with_a_slow_and_obvious_one() {
    let mut seen = [0_u64; 2];
    for seed in traces() {
        println!("seed {seed}");
        let mut chance = Chance::of(seed);
        let meter = meter(&mut chance);
        let quota = quota(&mut chance, meter);
        let (mut bucket, mut slow) = (Bucket::new(meter), Slow::new(meter, quota));
        let mut under_way: Vec<(Ticket, Given)> = Vec::new();
        let mut now = chance.below(10 * quota.window);
        for _ in 0..120 {
            now = later(&mut chance, now, quota.window);
            let place = usize::try_from(chance.below(under_way.len() as u64)).unwrap();
            match chance.below(4) {
                0 if !under_way.is_empty() => {
                    let (ticket, given) = under_way.swap_remove(place);
                    let used = chance.one_of(&[0, given.units / 2, given.units, given.units * 2 + 1]);
                    let used = if matches!(meter, Meter::AtOnce(_)) { chance.one_of(&[0, given.units]) } else { used };
                    // What was given at once is taken back at once, or not at all.
                    if matches!(meter, Meter::AtOnce(_)) && ticket_is_old(&given, now) {
                        continue;
                    }
                    bucket.settle(meter, &quota, at(now), ticket, used);
                    slow.settle(now, given, used);
                }
                1 if !under_way.is_empty() => {
                    let more = chance.one_of(&[0, 1, quota.limit / 3]);
                    let (ticket, given) = &mut under_way[place];
                    let (renewed, answer) = bucket.renew(meter, &quota, at(now), *ticket, more);
                    assert_eq!(answer.is_ok(), slow.renew(now, given, more), "{meter:?} {quota:?}");
                    *ticket = renewed;
                    assert_eq!(ticket.units, given.units);
                }
                _ => {
                    let units = 1 + chance.below(chance_of(&quota));
                    let answer = bucket.ask(meter, &quota, at(now), Ask { units, thing: 0 });
                    let expected = slow.ask(now, units);
                    assert_eq!(
                        answer.is_ok(),
                        expected.is_some(),
                        "{meter:?} {quota:?} {units} at {now}: {bucket:?} {slow:?}"
                    );
                    seen[usize::from(answer.is_ok())] += 1;
                    under_way.extend(answer.ok().zip(expected));
                }
            }
            bucket = written(meter, &bucket);
            let used = slow.used(now);
            assert_eq!(bucket.held(), slow.held(now), "{meter:?} {quota:?}");
            let most = if matches!(meter, Meter::AtOnce(Algorithm::Gcra) | Meter::AtEnd(Algorithm::Gcra, _)) {
                quota.burst
            } else {
                quota.limit
            };
            assert_eq!(
                bucket.left(meter, &quota, at(now)).units,
                most.saturating_sub(used),
                "{meter:?} {quota:?} {bucket:?} {slow:?}"
            );
        }
    }
    println!("refused, given: {seen:?}");
    assert!(seen.iter().all(|count| *count > 1000), "{seen:?}");
}

fn ticket_is_old(given: &Given, now: u64) -> bool {
    given.made() != now
}

fn chance_of(quota: &Quota) -> u64 {
    (quota.limit / 2).max(2)
}

/// Nothing leaks: when everybody is done, or a lease has passed, nothing is held.
#[test]
fn what_is_held_comes_back() {
    for seed in traces() {
        println!("seed {seed}");
        let mut chance = Chance::of(seed);
        let lease = 10 * SECOND + chance.below(100 * SECOND);
        let algorithm = chance.one_of(&ALGORITHMS);
        let meter = chance.one_of(&[Meter::AtEnd(algorithm, lease), Meter::UnderWay(lease)]);
        let quota = quota(&mut chance, meter);
        let (mut bucket, mut now, mut under_way) = (Bucket::new(meter), chance.below(quota.window), Vec::new());
        for _ in 0..40 {
            now += chance.below(lease / 5);
            let units = 1 + chance.below(quota.limit);
            under_way.extend(bucket.ask(meter, &quota, at(now), Ask { units, thing: 0 }).ok());
        }
        // Half of them fail, the others are lost with their VM.
        let lost = under_way.split_off(under_way.len() / 2);
        for ticket in under_way {
            bucket.settle(meter, &quota, at(now), ticket, 0);
        }
        if lost.is_empty() {
            assert_eq!(bucket.held(), 0);
        }
        now += lease + lease / 7 + 7;
        let answer = bucket.ask(meter, &quota, at(now), Ask { units: 1, thing: 0 });
        let ticket = answer.unwrap_or_else(|refused| panic!("{meter:?} {quota:?} {bucket:?}: {refused:?}"));
        bucket.settle(meter, &quota, at(now), ticket, 0);
        assert_eq!((bucket.held(), bucket.over_at(meter, &quota) <= now + quota.window), (0, true));
    }
}

/// Who waits as long as they are told gets what they asked for, if nobody was before them; who waits less does not.
#[test]
fn a_wait_is_as_long_as_it_must_be() {
    for seed in traces() {
        println!("seed {seed}");
        let mut chance = Chance::of(seed);
        let meter = Meter::AtOnce(chance.one_of(&ALGORITHMS));
        let quota = quota(&mut chance, meter);
        let (mut bucket, mut now) = (Bucket::new(meter), chance.below(quota.window));
        for _ in 0..40 {
            now = later(&mut chance, now, quota.window);
            let ask = Ask { units: 1 + chance.below(chance_of(&quota)), thing: 0 };
            let Err(refused) = bucket.ask(meter, &quota, at(now), ask) else { continue };
            let Some(wait) = refused.wait else { continue };
            assert!(
                wait > 0 && wait <= 2 * quota.window * quota.burst.div_ceil(quota.limit),
                "{meter:?} {quota:?} {wait}"
            );
            let asked_after = |wait: u64| bucket.clone().ask(meter, &quota, at(now + wait), ask).is_ok();
            assert!(asked_after(wait) && !asked_after(wait - 1), "{meter:?} {quota:?} {bucket:?} at {now}: {wait}");
        }
    }
}

/// In any stretch as long as the window at most `limit` pass, and whoever spends evenly gets 16/17 of it.
#[test]
fn a_window_that_slides_holds_wherever_it_begins() {
    for seed in 1..=200 {
        println!("seed {seed}");
        let mut chance = Chance::of(seed);
        let (meter, quota) = (Meter::AtOnce(Algorithm::SlidingWindow), Quota::new(1 + chance.below(50), 60 * SECOND));
        let (mut bucket, mut now, mut passed) = (Bucket::new(meter), 0, Vec::new());
        while now < 600 * SECOND {
            now += chance.below(2 * quota.window / quota.limit / 4);
            if bucket.ask(meter, &quota, at(now), Ask { units: 1, thing: 0 }).is_ok() {
                passed.push(now);
            }
        }
        let in_window =
            |begin: u64| passed.iter().filter(|at| (begin..begin + quota.window).contains(at)).count() as u64;
        assert!(passed.iter().all(|begin| in_window(*begin) <= quota.limit));
        assert!(passed.len() as u64 * 17 * 60 >= (quota.limit - 1) * 16 * 540, "{} of {quota:?}", passed.len());
    }
}

/// Different things are counted as well as the documentation says.
#[test]
fn different_things_are_counted_about_right() {
    for (limit, deviation) in [(100, 0.05), (1000, 0.1), (10_000, 0.04), (100_000, 0.04)] {
        let (meter, quota) = (Meter::Distinct(Scale::of(limit)), Quota::new(limit, 3600 * SECOND));
        let (mut bucket, mut chance) = (Bucket::new(meter), Chance::of(limit));
        let mut passed = 0_u64;
        let refused = loop {
            let thing = chance.next();
            match bucket.ask(meter, &quota, at(1), Ask { units: 0, thing }) {
                Ok(_) => passed += 1,
                Err(refused) => break refused,
            }
            assert!(bucket.ask(meter, &quota, at(2), Ask { units: 0, thing }).is_ok(), "what was seen is not new");
        };
        let (passed, limit) = (passed as f64, limit as f64);
        println!("limit {limit}: {passed} passed");
        assert!((passed - limit).abs() <= limit * deviation, "{passed} of {limit}");
        assert!(refused.wait.is_some_and(|wait| wait <= quota.window));
        assert!(
            bucket.ask(meter, &quota, at(quota.window), Ask { units: 0, thing: 1 }).is_ok(),
            "a new window is empty"
        );
    }
}
