//! What is unusual about a key: it spends much faster than it used to, or what it sent lately was risky. For a while its limit
//! can then be smaller.
//!
//! Spending is summed up twice, over about one window and over about 24, each spent unit weighing less the older it is. What
//! the long sum has beside the short one was spent before: that is what is usual. A key is usual until it is a window old.

use super::bytes::{Bytes, Reader};
use super::quota::Quota;

/// Over how many windows the long sum goes, and how long a key is remembered after its last request.
const SLOW: u32 = 24;
/// A spike is at least such a part of the limit: what is hardly anything is none.
const LEAST: f64 = 0.1;

/// What is watched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Watch {
    /// Spending that is faster than usual.
    pub spike: Option<Spike>,
    /// Requests that another filter found risky.
    pub risk: Option<Risk>,
}

/// Spending that is so many times faster than usual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spike {
    /// How many times.
    pub factor: u32,
    /// What follows.
    pub then: Shrinking,
}

/// Requests that another filter found risky.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Risk {
    /// From which risk on, above 0, up to 1.
    pub threshold: f64,
    /// What follows.
    pub then: Shrinking,
}

/// A limit that is smaller for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shrinking {
    /// How much of it is left, in percent; of 0 nothing passes.
    pub percent: u64,
    /// How long, in nanoseconds.
    pub lasts: u64,
}

/// What is known of a key.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Seen {
    fast: f64,
    slow: f64,
    /// When it spent for the first time, and lately.
    since: u64,
    at: u64,
    /// Until when its limit is smaller, because of a spike and because of risk.
    spike_until: u64,
    risk_until: u64,
}

/// Why a limit is smaller than it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It spends faster than usual.
    Spike,
    /// It was found risky.
    Risk,
}

/// How much smaller a limit is, why, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shrunk {
    /// Why.
    pub why: Why,
    /// In percent.
    pub percent: u64,
    /// On the clock that measures.
    pub until: u64,
}

impl Seen {
    /// How much smaller the limit is now, if it is.
    pub fn shrunk(&self, watch: &Watch, monotonic: u64) -> Option<Shrunk> {
        let of = |why, then: Option<Shrinking>, until: u64| {
            let percent = then.filter(|_| until > monotonic)?.percent;
            (percent < 100).then_some(Shrunk { why, percent, until })
        };
        let risk = of(Why::Risk, watch.risk.map(|risk| risk.then), self.risk_until);
        let spike = of(Why::Spike, watch.spike.map(|spike| spike.then), self.spike_until);
        [risk, spike].into_iter().flatten().min_by_key(|shrunk| shrunk.percent)
    }

    /// Whether a spike was seen, so lately that it still counts.
    pub fn is_in_spike(&self, monotonic: u64) -> bool {
        self.spike_until > monotonic
    }

    /// Notes what is spent; tells whether a spike begins with it.
    pub fn spend(&mut self, watch: &Watch, quota: &Quota, monotonic: u64, units: u64) -> bool {
        let Some(spike) = watch.spike.filter(|_| units > 0) else { return false };
        self.decay(quota, monotonic);
        self.fast += as_real(units);
        self.slow += as_real(units);
        let is_much = self.fast >= LEAST * as_real(quota.limit);
        let is_one = is_much && self.is_faster(quota, f64::from(spike.factor));
        let begins = is_one && !self.is_in_spike(monotonic);
        if is_one {
            self.spike_until = monotonic.saturating_add(spike.then.lasts);
        }
        begins
    }

    /// Notes that a request was risky; tells whether that is new.
    pub fn suspect(&mut self, risk: &Risk, monotonic: u64) -> bool {
        let is_new = self.risk_until <= monotonic;
        self.risk_until = self.risk_until.max(monotonic.saturating_add(risk.then.lasts));
        is_new
    }

    fn decay(&mut self, quota: &Quota, monotonic: u64) {
        if self.since == 0 {
            (self.since, self.at) = (monotonic, monotonic);
        }
        let elapsed = windows(monotonic.saturating_sub(self.at), quota);
        self.fast *= (-elapsed).exp();
        self.slow *= (-elapsed / f64::from(SLOW)).exp();
        self.at = self.at.max(monotonic);
    }

    /// Whether it spends so many times faster than before. Of a key that spends evenly both sums are what their weights sum
    /// up to since its first request.
    fn is_faster(&self, quota: &Quota, factor: f64) -> bool {
        let age = windows(self.at.saturating_sub(self.since), quota);
        let slow = f64::from(SLOW);
        let (short, long) = (1.0 - (-age).exp(), slow * (1.0 - (-age / slow).exp()));
        age >= 1.0 && self.fast / short > factor * (self.slow - self.fast) / (long - short)
    }

    /// When nothing of it counts.
    pub fn forgotten_at(&self, watch: &Watch, quota: &Quota) -> u64 {
        let remembered = watch.spike.map_or(0, |_| self.at.saturating_add(quota.window.saturating_mul(SLOW.into())));
        remembered.max(self.spike_until).max(self.risk_until)
    }

    /// Writes it.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        for sum in [self.fast, self.slow] {
            bytes.put(&sum.to_le_bytes());
        }
        for moment in [self.since, self.at, self.spike_until, self.risk_until] {
            bytes.put(&moment.to_le_bytes());
        }
    }

    /// Reads what [`write`](Self::write) wrote.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut sum = || reader.array().map(f64::from_le_bytes).filter(|sum| sum.is_finite());
        let (fast, slow) = (sum()?, sum()?);
        Some(Self {
            fast,
            slow,
            since: reader.u64()?,
            at: reader.u64()?,
            spike_until: reader.u64()?,
            risk_until: reader.u64()?,
        })
    }
}

#[allow(clippy::cast_precision_loss)] // an average needs no more than 53 bits
fn as_real(number: u64) -> f64 {
    number as f64
}

/// A time in windows.
fn windows(time: u64, quota: &Quota) -> f64 {
    as_real(time) / as_real(quota.window.max(1))
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::super::time::SECOND;
    use super::*;

    const LIMIT: u64 = 1000;

    fn watch() -> Watch {
        let then = Shrinking { percent: 10, lasts: 60 * SECOND };
        Watch { spike: Some(Spike { factor: 5, then }), risk: Some(Risk { threshold: 0.5, then }) }
    }

    fn quota() -> Quota {
        Quota::new(LIMIT, 60 * SECOND)
    }

    /// Spends so many units each second for so many seconds; the seconds in which a spike begins.
    fn spend(seen: &mut Seen, from: u64, seconds: u64, units: u64) -> Vec<u64> {
        let begins = |second: &u64| seen.spend(&watch(), &quota(), second * SECOND, units);
        (from..from + seconds).filter(begins).collect()
    }

    #[test]
    fn who_spends_evenly_or_has_just_begun_is_no_spike() {
        for units in [1, 5, 16, 1000] {
            let mut seen = Seen::default();
            assert!(spend(&mut seen, 1, 3600, units).is_empty(), "{units}");
        }
        let mut seen = Seen::default();
        assert!(!seen.spend(&watch(), &quota(), SECOND, LIMIT), "all at once, and nothing is known");
    }

    #[test]
    fn who_spends_ten_times_as_much_is_one() {
        let mut seen = Seen::default();
        assert!(spend(&mut seen, 1, 3600, 2).is_empty());
        let begins = spend(&mut seen, 3601, 120, 20);
        assert!(matches!(begins[..], [3620..=3690]), "{begins:?}");
        let shrunk = seen.shrunk(&watch(), 3721 * SECOND).unwrap();
        assert_eq!((shrunk.why, shrunk.percent), (Why::Spike, 10));
        assert!(seen.shrunk(&watch(), shrunk.until).is_none(), "for its time");
        assert!(spend(&mut seen, 3721, 3600, 20).len() <= 1, "what lasts is usual");
    }

    #[test]
    fn who_doubles_or_seldom_asks_is_none() {
        let mut seen = Seen::default();
        spend(&mut seen, 1, 3600, 5);
        assert!(spend(&mut seen, 3601, 600, 10).is_empty());
        let mut seldom = Seen::default();
        let begins = (1..50).filter(|hour| seldom.spend(&watch(), &quota(), hour * 3600 * SECOND, LIMIT / 20)).count();
        assert_eq!(begins, 0, "a twentieth of the limit is not much");
    }

    #[test]
    fn risk_shrinks_for_its_time_and_the_smaller_counts() {
        let (mut seen, risk) = (Seen::default(), watch().risk.unwrap());
        assert!(seen.suspect(&risk, SECOND) && !seen.suspect(&risk, 2 * SECOND));
        let shrunk = seen.shrunk(&watch(), 3 * SECOND).unwrap();
        assert_eq!((shrunk.why, shrunk.until), (Why::Risk, 62 * SECOND));
        assert_eq!(seen.forgotten_at(&Watch { spike: None, ..watch() }, &quota()), 62 * SECOND);
    }

    #[test]
    fn what_is_written_is_read_and_no_number_is_none() {
        let mut seen = Seen::default();
        spend(&mut seen, 1, 100, 3);
        let mut bytes = Vec::new();
        seen.write(&mut bytes);
        assert_eq!(Seen::read(&mut Reader::new(&bytes)), Some(seen));
        bytes[..8].copy_from_slice(&f64::NAN.to_le_bytes());
        assert_eq!(Seen::read(&mut Reader::new(&bytes)), None);
    }
}
