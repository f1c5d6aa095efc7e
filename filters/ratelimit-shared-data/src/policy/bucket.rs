//! What one key has spent under one limit, and what is set aside for it: the whole of what is remembered of a key.
//!
//! Units are asked for when a request comes. Of what is known then (requests) they are spent; of what is known at the end
//! (tokens, money) an estimate is set aside, and the end puts what was used in its place. Whatever is set aside counts as
//! spent: requests that are under way together cannot spend the same rest.

use super::algorithm::{Algorithm, Spent};
use super::bytes::Reader;
use super::quota::Quota;
use super::reserved::{Expiry, Reserved};
use super::sketch::{Scale, Sketch};
use super::time::Now;

/// How a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meter {
    /// What is known when it is asked for.
    AtOnce(Algorithm),
    /// What is known at the end: set aside for so long, in nanoseconds, unless it is renewed.
    AtEnd(Algorithm, u64),
    /// What is under way, set aside for so long.
    UnderWay(u64),
    /// Different things, in windows that follow one another.
    Distinct(Scale),
}

/// What a key has spent, and what is set aside for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    spent: Option<Spent>,
    reserved: Option<Reserved>,
    seen: Option<Sketch>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// How much.
    pub units: u64,
    /// A keyed hash of what is asked, where different things are counted.
    pub thing: u64,
}

/// What was given: the proof that it may be settled, renewed or given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// How much.
    pub units: u64,
    at: u64,
    expiry: Option<Expiry>,
}

/// Why nothing was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// How long until it could be, in nanoseconds; `None` if it is more than the limit ever lets through.
    pub wait: Option<u64>,
}

/// What is left of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Units that could be asked for now.
    pub units: u64,
    /// How long until all of the limit is free, in nanoseconds, if nothing more is asked for.
    pub reset: u64,
}

impl Meter {
    fn algorithm(self) -> Option<Algorithm> {
        match self {
            Self::AtOnce(algorithm) | Self::AtEnd(algorithm, _) => Some(algorithm),
            Self::UnderWay(_) => None,
            Self::Distinct(_) => Some(Algorithm::FixedWindow),
        }
    }

    /// How long what is set aside is held, in nanoseconds; `None` where nothing is.
    pub fn lease(self) -> Option<u64> {
        match self {
            Self::AtEnd(_, lease) | Self::UnderWay(lease) => Some(lease),
            Self::AtOnce(_) | Self::Distinct(_) => None,
        }
    }

    fn scale(self) -> Option<Scale> {
        match self {
            Self::Distinct(scale) => Some(scale),
            _ => None,
        }
    }

    /// The most that is let through at once.
    pub(super) fn most(self, quota: &Quota) -> u64 {
        if self.algorithm() == Some(Algorithm::Gcra) { quota.burst } else { quota.limit }
    }
}

impl Bucket {
    /// What is known of a key that nobody knows.
    pub fn new(meter: Meter) -> Self {
        Self {
            spent: meter.algorithm().map(Spent::nothing),
            reserved: meter.lease().map(|_| Reserved::default()),
            seen: meter.scale().map(Sketch::new),
        }
    }

    /// Gives what is asked for, if the limit lets it.
    pub fn ask(&mut self, meter: Meter, quota: &Quota, now: Now, ask: Ask) -> Result<Ticket, Refused> {
        self.advance(meter, quota, now);
        if let (Some(scale), Some(seen)) = (meter.scale(), &mut self.seen) {
            return Self::ask_distinct(self.spent.as_mut(), seen, scale, now, ask);
        }
        if ask.units > meter.most(quota) {
            return Err(Refused { wait: None });
        }
        match self.wait(meter, quota, now, ask.units) {
            0 => Ok(self.give(quota, now, ask.units)),
            wait => Err(Refused { wait: Some(wait) }),
        }
    }

    fn ask_distinct(
        spent: Option<&mut Spent>,
        seen: &mut Sketch,
        scale: Scale,
        now: Now,
        ask: Ask,
    ) -> Result<Ticket, Refused> {
        if !seen.has(scale, ask.thing) && !seen.has_room(scale) {
            let ends = spent.map_or(now.monotonic, |spent| spent.ends());
            return Err(Refused { wait: Some(ends.saturating_sub(now.monotonic).max(1)) });
        }
        seen.note(scale, ask.thing);
        Ok(Ticket { units: 0, at: now.monotonic, expiry: None })
    }

    fn give(&mut self, quota: &Quota, now: Now, units: u64) -> Ticket {
        let expiry = self.reserved.as_mut().map(|reserved| reserved.add(units));
        if let (None, Some(spent)) = (expiry, &mut self.spent) {
            spent.spend(quota, units);
        }
        Ticket { units, at: now.monotonic, expiry }
    }

    /// Puts what was used in the place of what was set aside, or takes all of it back that was spent (`used` is then 0).
    pub fn settle(&mut self, meter: Meter, quota: &Quota, now: Now, ticket: Ticket, used: u64) {
        self.advance(meter, quota, now);
        match (ticket.expiry, &mut self.reserved, &mut self.spent) {
            (Some(expiry), Some(reserved), spent) => {
                reserved.free(expiry, ticket.units);
                if let Some(spent) = spent {
                    spent.spend(quota, used);
                }
            }
            (_, _, Some(spent)) => spent.give_back(quota, ticket.at, ticket.units.saturating_sub(used)),
            _ => {}
        }
    }

    /// Sets aside anew what was, for another lease; and more beside it, if the limit lets it.
    pub fn renew(
        &mut self,
        meter: Meter,
        quota: &Quota,
        now: Now,
        ticket: Ticket,
        more: u64,
    ) -> (Ticket, Result<(), Refused>) {
        self.advance(meter, quota, now);
        let (Some(expiry), Some(reserved)) = (ticket.expiry, &mut self.reserved) else { return (ticket, Ok(())) };
        reserved.free(expiry, ticket.units);
        let expiry = reserved.add(ticket.units);
        let renewed = Ticket { expiry: Some(expiry), ..ticket };
        let wait = if more == 0 { 0 } else { self.wait(meter, quota, now, more) };
        if wait > 0 {
            return (renewed, Err(Refused { wait: Some(wait) }));
        }
        self.reserved.as_mut().map(|reserved| reserved.add(more));
        (Ticket { units: ticket.units.saturating_add(more), ..renewed }, Ok(()))
    }

    /// What is left. Call it after one of the others.
    pub fn left(&self, meter: Meter, quota: &Quota, now: Now) -> Left {
        let used = self.spent.map_or(0, |spent| spent.total(quota)).saturating_add(self.held());
        let units = match (&self.seen, meter.scale()) {
            (Some(seen), Some(scale)) => seen.left(scale),
            _ => meter.most(quota).saturating_sub(used),
        };
        Left { units, reset: self.over_at(meter, quota).saturating_sub(now.monotonic) }
    }

    /// When nothing of it counts.
    pub fn over_at(&self, meter: Meter, quota: &Quota) -> u64 {
        let spent = self.spent.map_or(0, |spent| spent.over_at(quota));
        let reserved = self.reserved.zip(meter.lease()).map_or(0, |(reserved, lease)| reserved.over_at(lease));
        spent.max(reserved)
    }

    /// When its place can be another's.
    pub fn forgotten_at(&self, meter: Meter, quota: &Quota) -> u64 {
        let spent = self.spent.map_or(0, |spent| spent.forgotten_at(quota));
        spent.max(self.over_at(meter, quota))
    }

    /// What is set aside.
    pub fn held(&self) -> u64 {
        self.reserved.map_or(0, |reserved| reserved.total())
    }

    fn advance(&mut self, meter: Meter, quota: &Quota, now: Now) {
        if let (Some(seen), Some(scale), Some(spent)) = (&mut self.seen, meter.scale(), self.spent)
            && spent.ends() <= now.monotonic
        {
            *seen = Sketch::new(scale);
        }
        if let Some(spent) = &mut self.spent {
            spent.advance(quota, now);
        }
        if let (Some(reserved), Some(lease)) = (&mut self.reserved, meter.lease()) {
            reserved.advance(lease, now.monotonic);
        }
    }

    /// How long until so many units fit; zero if they do.
    fn wait(&self, meter: Meter, quota: &Quota, now: Now, units: u64) -> u64 {
        let held = self.held();
        let Some(spent) = self.spent else {
            return if quota.holds([held, units, 0]) { 0 } else { self.expires_in(meter, now).max(1) };
        };
        match spent.wait(quota, now, units, held) {
            0 => 0,
            // Where the rest is only set aside, it may be free at any time, and at the latest when that expires.
            wait if held > 0 => wait.min(self.expires_in(meter, now).max(1)),
            wait => wait,
        }
    }

    fn expires_in(&self, meter: Meter, now: Now) -> u64 {
        self.reserved.zip(meter.lease()).map_or(0, |(reserved, lease)| reserved.wait(lease, now.monotonic))
    }

    /// Writes it.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        self.spent.iter().for_each(|spent| spent.write(bytes));
        self.reserved.iter().for_each(|reserved| reserved.write(bytes));
        self.seen.iter().for_each(|seen| seen.write(bytes));
    }

    /// Reads what [`write`](Self::write) wrote for the same meter; `None` if it did not.
    pub fn read(meter: Meter, bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let spent = match meter.algorithm() {
            Some(algorithm) => Some(Spent::read(algorithm, &mut reader)?),
            None => None,
        };
        let reserved = if meter.lease().is_some() { Some(Reserved::read(&mut reader)?) } else { None };
        let seen = match meter.scale() {
            Some(scale) => Some(Sketch::read(&mut reader, scale)?),
            None => None,
        };
        reader.rest().is_empty().then_some(Self { spent, reserved, seen })
    }
}
