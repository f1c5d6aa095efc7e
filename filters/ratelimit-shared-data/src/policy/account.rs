//! All that is remembered of a key under one limit: its bucket, and what is unusual about it, if that is watched.

use super::bucket::{Ask, Bucket, Left, Meter, Refused, Ticket};
use super::bytes::Reader;
use super::quota::Quota;
use super::time::Now;
use super::watch::{Seen, Shrunk, Watch};

/// How a limit counts, and what it watches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// How it counts.
    pub meter: Meter,
    /// What it watches.
    pub watch: Option<Watch>,
}

/// What is remembered of a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    bucket: Bucket,
    seen: Option<Seen>,
}

/// What is unusual about a key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unusual {
    /// Whether a spike begins with this.
    pub begins: bool,
    /// Whether one was seen lately.
    pub is_spike: bool,
    /// How much smaller its limit is.
    pub shrunk: Option<Shrunk>,
}

impl Account {
    /// What is known of a key that nobody knows.
    pub fn new(terms: Terms) -> Self {
        Self { bucket: Bucket::new(terms.meter), seen: terms.watch.map(|_| Seen::default()) }
    }

    /// Gives what is asked for, if the limit lets it.
    pub fn ask(&mut self, terms: Terms, quota: &Quota, now: Now, ask: Ask) -> (Result<Ticket, Refused>, Left, Unusual) {
        let shrunk = self.shrunk(terms, now);
        let smaller = smaller(quota, shrunk);
        let asked = match shrunk {
            Some(Shrunk { percent: 0, until, .. }) => Err(Refused { wait: Some(rest(until, now)) }),
            _ => self.bucket.ask(terms.meter, &smaller, now, ask),
        };
        let would_fit = ask.units <= terms.meter.most(quota);
        let asked = asked.map_err(|refused| sooner(refused, shrunk, would_fit, now));
        let begins = asked.is_ok() && terms.meter.lease().is_none() && self.spend(terms, quota, now, ask.units);
        let left = match shrunk {
            Some(Shrunk { percent: 0, until, .. }) => Left { units: 0, reset: rest(until, now) },
            _ => self.bucket.left(terms.meter, &smaller, now),
        };
        let is_spike = self.seen.is_some_and(|seen| seen.is_in_spike(now.monotonic));
        (asked, left, Unusual { begins, is_spike, shrunk })
    }

    /// Puts what was used in the place of what was set aside; tells whether a spike begins with it.
    pub fn settle(&mut self, terms: Terms, quota: &Quota, now: Now, ticket: Ticket, used: u64) -> bool {
        self.bucket.settle(terms.meter, quota, now, ticket, used);
        terms.meter.lease().is_some() && self.spend(terms, quota, now, used)
    }

    /// Sets aside anew what was, for another lease; and more beside it, if the limit lets it.
    pub fn renew(
        &mut self,
        terms: Terms,
        quota: &Quota,
        now: Now,
        ticket: Ticket,
        more: u64,
    ) -> (Ticket, Result<(), Refused>) {
        let smaller = smaller(quota, self.shrunk(terms, now));
        self.bucket.renew(terms.meter, &smaller, now, ticket, more)
    }

    /// Notes that a request was risky; tells whether that is new.
    pub fn suspect(&mut self, terms: Terms, now: Now) -> bool {
        match (&mut self.seen, terms.watch.and_then(|watch| watch.risk)) {
            (Some(seen), Some(risk)) => seen.suspect(&risk, now.monotonic),
            _ => false,
        }
    }

    fn shrunk(&self, terms: Terms, now: Now) -> Option<Shrunk> {
        self.seen?.shrunk(&terms.watch?, now.monotonic)
    }

    fn spend(&mut self, terms: Terms, quota: &Quota, now: Now, units: u64) -> bool {
        match (&mut self.seen, terms.watch) {
            (Some(seen), Some(watch)) => seen.spend(&watch, quota, now.monotonic, units),
            _ => false,
        }
    }

    /// When nothing of it counts, so that its place can be another's.
    pub fn forgotten_at(&self, terms: Terms, quota: &Quota) -> u64 {
        let seen = self.seen.zip(terms.watch).map_or(0, |(seen, watch)| seen.forgotten_at(&watch, quota));
        self.bucket.forgotten_at(terms.meter, quota).max(seen)
    }

    /// Writes it.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        self.seen.iter().for_each(|seen| seen.write(bytes));
        self.bucket.write(bytes);
    }

    /// Reads what [`write`](Self::write) wrote for the same terms; `None` if it did not.
    pub fn read(terms: Terms, bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let seen = match terms.watch {
            Some(_) => Some(Seen::read(&mut reader)?),
            None => None,
        };
        Some(Self { bucket: Bucket::read(terms.meter, reader.rest())?, seen })
    }
}

fn smaller(quota: &Quota, shrunk: Option<Shrunk>) -> Quota {
    shrunk.map_or(*quota, |shrunk| quota.percent(shrunk.percent))
}

/// When a smaller limit is whole again, more may fit.
fn sooner(refused: Refused, shrunk: Option<Shrunk>, would_fit: bool, now: Now) -> Refused {
    let Some(until) = shrunk.map(|shrunk| rest(shrunk.until, now)).filter(|_| would_fit) else { return refused };
    Refused { wait: Some(refused.wait.map_or(until, |wait| wait.min(until))) }
}

fn rest(until: u64, now: Now) -> u64 {
    until.saturating_sub(now.monotonic).max(1)
}
