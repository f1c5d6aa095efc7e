//! The same limits, slowly: everything that ever happened is kept, and each question goes through all of it.

use crate::policy::{Algorithm, Meter, Quota};

/// Everything that happened to one key.
#[derive(Debug, Clone)]
pub(crate) struct Slow {
    meter: Meter,
    quota: Quota,
    /// When how much was spent, in order.
    spent: Vec<(u64, u64)>,
    /// What was set aside: when, how much; `None` once it was freed.
    held: Vec<(u64, Option<u64>)>,
}

/// What was given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given {
    at: u64,
    pub(crate) units: u64,
    held: Option<usize>,
}

impl Given {
    pub(crate) fn made(&self) -> u64 {
        self.at
    }
}

impl Slow {
    pub(crate) fn new(meter: Meter, quota: Quota) -> Self {
        Self { meter, quota, spent: Vec::new(), held: Vec::new() }
    }

    fn lease(&self) -> Option<u64> {
        match self.meter {
            Meter::AtEnd(_, lease) | Meter::UnderWay(lease) => Some(lease),
            _ => None,
        }
    }

    /// What is set aside and has not expired: a lease has seven steps, and what is made in one expires after the seventh next.
    pub(crate) fn held(&self, now: u64) -> u64 {
        let Some(step) = self.lease().map(|lease| lease.div_ceil(7)) else { return 0 };
        let counts = |made: u64| now / step <= made / step + 7;
        self.held.iter().filter(|(made, _)| counts(*made)).filter_map(|(_, units)| *units).sum()
    }

    /// What was spent and counts, in units of `1 / window` so that nothing is rounded.
    fn level(&self, now: u64) -> u128 {
        let window = u128::from(self.quota.window);
        match self.meter {
            Meter::AtOnce(Algorithm::Gcra) | Meter::AtEnd(Algorithm::Gcra, _) => {
                let (mut level, mut at) = (0_u128, 0);
                for (when, units) in self.spent.iter().chain([&(now, 0)]) {
                    level = level.saturating_sub(u128::from(when - at) * u128::from(self.quota.limit));
                    let most = u128::from(self.quota.burst + self.quota.limit) * window;
                    level = (level + u128::from(*units) * window).min(most);
                    at = *when;
                }
                level
            }
            Meter::AtOnce(Algorithm::SlidingWindow) | Meter::AtEnd(Algorithm::SlidingWindow, _) => {
                let part = self.quota.window.div_ceil(16);
                let counts = |when: u64| now / part - when / part <= 16;
                self.sum(counts) * window
            }
            Meter::AtOnce(Algorithm::FixedWindow) | Meter::AtEnd(Algorithm::FixedWindow, _) => {
                self.sum(|when| now / self.quota.window == when / self.quota.window) * window
            }
            Meter::UnderWay(_) | Meter::Distinct(_) => 0,
        }
    }

    fn sum(&self, counts: impl Fn(u64) -> bool) -> u128 {
        self.spent.iter().filter(|(when, _)| counts(*when)).map(|(_, units)| u128::from(*units)).sum()
    }

    /// What counts, rounded up.
    pub(crate) fn used(&self, now: u64) -> u64 {
        u64::try_from(self.level(now).div_ceil(u128::from(self.quota.window))).unwrap() + self.held(now)
    }

    fn most(&self) -> u64 {
        let is_gcra = matches!(self.meter, Meter::AtOnce(Algorithm::Gcra) | Meter::AtEnd(Algorithm::Gcra, _));
        if is_gcra { self.quota.burst } else { self.quota.limit }
    }

    fn fits(&self, now: u64, units: u64) -> bool {
        let window = u128::from(self.quota.window);
        self.level(now) + u128::from(self.held(now) + units) * window <= u128::from(self.most()) * window
    }

    pub(crate) fn ask(&mut self, now: u64, units: u64) -> Option<Given> {
        if !self.fits(now, units) {
            return None;
        }
        let held = self.lease().map(|_| {
            self.held.push((now, Some(units)));
            self.held.len() - 1
        });
        if held.is_none() {
            self.spent.push((now, units));
        }
        Some(Given { at: now, units, held })
    }

    pub(crate) fn settle(&mut self, now: u64, given: Given, used: u64) {
        match given.held {
            Some(place) => {
                self.held[place].1 = None;
                if !matches!(self.meter, Meter::UnderWay(_)) {
                    self.spent.push((now, used));
                }
            }
            None if used == 0 => {
                let place = self.spent.iter().position(|spent| *spent == (given.at, given.units)).unwrap();
                self.spent.remove(place);
            }
            None => {}
        }
    }

    pub(crate) fn renew(&mut self, now: u64, given: &mut Given, more: u64) -> bool {
        let Some(place) = given.held else { return true };
        self.held[place] = (now, Some(given.units));
        let fits = more == 0 || self.fits(now, more);
        if fits {
            given.units += more;
            self.held[place] = (now, Some(given.units));
        }
        fits
    }
}
