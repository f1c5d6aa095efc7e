//! `unit`, `limit`, `window`, `algorithm`, `burst` and `lease`: how a limit counts, and how much.

use portcullis::config::in_range;
use portcullis::prelude::{ConfigError, Millis};

use crate::config::{self, Amount, Money};
use crate::policy::sketch::{MOST_THINGS, Scale};
use crate::policy::{Algorithm, Meter, Quota, Unit};

const WINDOWS: std::ops::RangeInclusive<Millis> = Millis(1000)..=Millis(8784 * 3_600_000);
const LEASES: std::ops::RangeInclusive<Millis> = Millis(10_000)..=Millis(3_600_000);
/// Windows that are longer say that they are volatile.
const LONG: Millis = Millis(3_600_000);
/// What a limit lets through at most: more is no limit, and as much is counted without rounding.
const MOST: u64 = 1_000_000_000_000_000;
const MOST_MONEY: Money = Money(10_000_000 * Money::ONE);
/// The window of what has none: how long a page is closed that was corrupt.
const NO_WINDOW: Millis = Millis(60_000);

/// How a limit counts.
pub(super) fn meter(written: &config::Limit) -> Result<Meter, ConfigError> {
    in_range("lease", written.lease, LEASES)?;
    let lease = nanoseconds(written.lease);
    let algorithm = written.algorithm.map(algorithm);
    let none = |algorithm: Option<config::Algorithm>, unit: &str| match algorithm {
        None => Ok(()),
        Some(found) => {
            Err(ConfigError::new("algorithm", format!("{found:?}"), format!("none: {unit} has one of its own")))
        }
    };
    match written.unit {
        Unit::Concurrent => none(written.algorithm, "concurrent").map(|()| Meter::UnderWay(lease)),
        Unit::Distinct => {
            none(written.algorithm, "distinct")?;
            let things = count("limit", written.limit, written.unit)?;
            in_range("limit", things, 1..=MOST_THINGS)?;
            Ok(Meter::Distinct(Scale::of(things)))
        }
        unit => {
            let expected = "gcra, sliding_window or fixed_window";
            let algorithm = algorithm.ok_or_else(|| ConfigError::missing("algorithm", expected))?;
            Ok(if unit.is_known_at_end() { Meter::AtEnd(algorithm, lease) } else { Meter::AtOnce(algorithm) })
        }
    }
}

/// How much it lets through.
pub(super) fn quota(
    written: &config::Limit,
    is_remote: bool,
    limit: Amount,
    burst: Option<Amount>,
) -> Result<Quota, ConfigError> {
    let limit = count("limit", limit, written.unit)?;
    let burst = match burst {
        None => limit,
        Some(burst) if written.algorithm == Some(config::Algorithm::Gcra) => count("burst", burst, written.unit)?,
        Some(burst) => return Err(ConfigError::new("burst", burst, "none: only gcra has one")),
    };
    Ok(Quota { limit, burst, window: nanoseconds(window(written, is_remote)?) })
}

fn window(written: &config::Limit, is_remote: bool) -> Result<Millis, ConfigError> {
    if written.unit == Unit::Concurrent {
        let refused = |found| ConfigError::new("window", found, "none: concurrent counts what is under way");
        return written.window.map_or(Ok(NO_WINDOW), |found| Err(refused(found)));
    }
    let window = written.window.ok_or_else(|| ConfigError::missing("window", "a duration such as \"60s\""))?;
    in_range("window", window, WINDOWS)?;
    if window > LONG && !written.volatile && !is_remote {
        let expected = "at most 1h, or volatile: true, because a restart of Envoy forgets what was spent";
        return Err(ConfigError::new("window", window, expected));
    }
    Ok(window)
}

fn count(place: &str, amount: Amount, unit: Unit) -> Result<u64, ConfigError> {
    match (unit, amount) {
        (Unit::Cost, Amount::Money(money)) => {
            let fits = (1..=MOST_MONEY.0).contains(&money.0);
            if fits { Ok(money.0) } else { Err(ConfigError::new(place, money, format!("0.000001 to {MOST_MONEY}"))) }
        }
        (Unit::Cost, other) => Err(ConfigError::new(place, other, "money as a decimal in quotes, such as \"12.50\"")),
        (_, Amount::Count(count)) => in_range(place, count, 1..=MOST).map(|()| count),
        (_, other) => Err(ConfigError::new(place, other, "a whole number")),
    }
}

fn algorithm(written: config::Algorithm) -> Algorithm {
    match written {
        config::Algorithm::Gcra => Algorithm::Gcra,
        config::Algorithm::SlidingWindow => Algorithm::SlidingWindow,
        config::Algorithm::FixedWindow => Algorithm::FixedWindow,
    }
}

pub(super) fn nanoseconds(time: Millis) -> u64 {
    time.0.saturating_mul(1_000_000)
}
