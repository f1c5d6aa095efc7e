//! Clocks that jump, stand still and end (torture row RL-011).

use crate::policy::{Algorithm, Ask, Bucket, Meter, Now, Quota, SECOND};

const HOUR: u64 = 3600 * SECOND;
const ONE: Ask = Ask { units: 1, thing: 0 };

/// How many pass of so many that come at once.
fn passes(bucket: &mut Bucket, meter: Meter, quota: &Quota, now: Now, count: u64) -> u64 {
    (0..count).filter(|_| bucket.ask(meter, quota, now, ONE).is_ok()).count() as u64
}

/// The wall clock jumps while the other goes on: nobody is locked out for more than a window, and at most one limit more
/// passes.
#[test]
fn a_jump_of_the_wall_clock_neither_opens_a_window_nor_holds_it_open() {
    let (meter, quota) = (Meter::AtOnce(Algorithm::FixedWindow), Quota::new(10, 60 * SECOND));
    let begin = Now { monotonic: 500 * SECOND, wall: 20_000 * HOUR + 5 * SECOND };
    for wall in [begin.wall - HOUR, begin.wall + 24 * HOUR, begin.wall, begin.wall - 3 * SECOND, 0, u64::MAX] {
        let mut bucket = Bucket::new(meter);
        assert_eq!(passes(&mut bucket, meter, &quota, begin, 20), 10);
        let jumped = Now { monotonic: begin.monotonic + SECOND, wall };
        assert_eq!(passes(&mut bucket, meter, &quota, jumped, 20), 0, "a jump to {wall} is no free pass");
        let mut passed = 0;
        for second in 2..=180 {
            let now = Now { monotonic: begin.monotonic + second * SECOND, wall: wall.saturating_add(second * SECOND) };
            passed += passes(&mut bucket, meter, &quota, now, 20);
            assert!(second < 120 || passed >= 10, "locked out after a jump to {wall}");
        }
        assert!(passed <= 40, "{passed} passed in three minutes after a jump to {wall}");
    }
}

#[test]
fn a_clock_that_stands_still_lets_a_limit_through_and_no_more() {
    for algorithm in [Algorithm::Gcra, Algorithm::SlidingWindow, Algorithm::FixedWindow] {
        let (meter, quota, mut bucket) =
            (Meter::AtOnce(algorithm), Quota::new(10, HOUR), Bucket::new(Meter::AtOnce(algorithm)));
        let now = Now { monotonic: 77, wall: 20_000 * HOUR };
        assert_eq!(passes(&mut bucket, meter, &quota, now, 1000), 10, "{algorithm:?}");
    }
}

/// 2262 is where nanoseconds end that have a sign; 2554 where those end that have none.
#[test]
fn nothing_overflows_where_time_ends() {
    for algorithm in [Algorithm::Gcra, Algorithm::SlidingWindow, Algorithm::FixedWindow] {
        for meter in [Meter::AtOnce(algorithm), Meter::AtEnd(algorithm, HOUR), Meter::UnderWay(HOUR)] {
            for at in [i64::MAX as u64 - 1, i64::MAX as u64, u64::MAX - 1, u64::MAX] {
                let (quota, mut bucket) = (Quota::new(10, HOUR), Bucket::new(meter));
                let now = Now { monotonic: at, wall: at };
                assert!(passes(&mut bucket, meter, &quota, now, 100) <= 10, "{meter:?} {at}");
                let before = Now { monotonic: at - HOUR, wall: at - 2 * HOUR };
                assert!(passes(&mut bucket, meter, &quota, before, 100) <= 10);
            }
        }
    }
}

/// Row RL-019: the largest numbers there are.
#[test]
fn the_largest_numbers_give_no_free_pass() {
    for algorithm in [Algorithm::Gcra, Algorithm::SlidingWindow, Algorithm::FixedWindow] {
        let (meter, quota) = (Meter::AtEnd(algorithm, HOUR), Quota::new(u64::MAX, 60 * SECOND));
        let (mut bucket, now) = (Bucket::new(meter), Now { monotonic: SECOND, wall: SECOND });
        let all = Ask { units: u64::MAX, thing: 0 };
        let first = bucket.ask(meter, &quota, now, all).unwrap();
        assert!(bucket.ask(meter, &quota, now, all).is_err(), "{algorithm:?}");
        bucket.settle(meter, &quota, now, first, u64::MAX);
        assert!(bucket.ask(meter, &quota, now, ONE).is_err(), "{algorithm:?}");
        let spent = bucket.ask(meter, &quota, now, Ask { units: 0, thing: 0 });
        if let Ok(ticket) = spent {
            bucket.settle(meter, &quota, now, ticket, u64::MAX);
        }
        assert!(bucket.ask(meter, &quota, now, ONE).is_err(), "{algorithm:?}");
    }
}
