//! Taking from limits and giving back: each bucket is changed by itself, in the order in which limits are written, and what
//! was taken before a limit refuses is given back.

use std::rc::Rc;

use portcullis::host::Monotonic;
use portcullis::prelude::*;

use crate::backend::proto::RateLimitDescriptor;
use crate::config::{OnContention, OnFull};
use crate::filter::RateLimit;
use crate::metrics::{CLOSED, CONTENDED, FULL, LOST, OVERFLOWED, SPIKED, SUSPECTED};
use crate::policy::{Account, Ask, Fingerprint, Left, Limit, Now, Quota, Refused, Request, Terms, Ticket, Unusual};
use crate::refusal::Denial;
use crate::table::{Place, Untouched};

/// What is asked of a limit, and of whose bucket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// The limit's number.
    pub(crate) limit: usize,
    pub(crate) quota: Quota,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) ask: Ask,
}

/// What was taken from a limit.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    /// The limit's number.
    pub(crate) limit: usize,
    pub(crate) quota: Quota,
    pub(crate) held: Held,
}

/// Where it was taken.
#[derive(Debug, Clone)]
pub(crate) enum Held {
    /// From a bucket of this Envoy.
    Bucket { ticket: Ticket, fingerprint: Fingerprint, is_overflow: bool },
    /// From units that were leased for a counter of the backend.
    Lease { units: u64, at: u64, fingerprint: Fingerprint, counter: Rc<RateLimitDescriptor> },
    /// From a counter of the backend, whose window runs until then, if anybody knows.
    Counter { units: u64, until: Option<Monotonic>, counter: Rc<RateLimitDescriptor> },
}

/// What a limit says of itself to a client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown {
    pub(crate) limit: usize,
    pub(crate) quota: Quota,
    pub(crate) left: Left,
    pub(crate) unusual: Unusual,
}

/// What came of asking one limit.
pub(crate) enum Answered {
    /// It gave.
    Given(Taken, Option<Shown>),
    /// It could not be asked, and the operator lets such requests pass.
    Uncounted,
    /// It refuses.
    Denied(Denial, Option<Shown>),
}

impl Taken {
    /// How much.
    pub(crate) fn units(&self) -> u64 {
        match &self.held {
            Held::Bucket { ticket, .. } => ticket.units,
            Held::Lease { units, .. } | Held::Counter { units, .. } => *units,
        }
    }
}

impl RateLimit {
    /// What a request asks of a limit.
    pub(crate) fn wanted(
        &self,
        host: &dyn Host,
        at: usize,
        limit: &Limit,
        request: &Request<'_>,
        ask: Ask,
    ) -> Result<Wanted, Untouched> {
        let secret = self.table.secret(host)?;
        let fingerprint = limit.fingerprint(&secret, request);
        Ok(Wanted { limit: at, quota: *limit.quota(request.identity), fingerprint, ask })
    }

    /// Asks a limit for units.
    pub(crate) fn take(&self, host: &dyn Host, limit: &Limit, wanted: Wanted) -> Answered {
        let Wanted { limit: at, quota, fingerprint, ask } = wanted;
        let now = self.now(host);
        let place = Place { fingerprint, form: limit.terms, quota: &quota, limit: at };
        let change = |account: &mut Account| {
            let mut asked = account.clone();
            let told = asked.ask(limit.terms, &quota, now, ask);
            // Who is refused changes nothing: nothing is written for them.
            if told.0.is_ok() {
                *account = asked;
            }
            told
        };
        let (told, is_overflow) = match self.table.update(host, place, now, change) {
            Err(Untouched::Full) if self.on_full == OnFull::Overflow => {
                host.measure(OVERFLOWED, 1);
                (self.table.update_overflow(host, place, now, change), true)
            }
            told => (told, false),
        };
        match told {
            Ok((asked, left, unusual)) => {
                host.measure(SPIKED, u64::from(unusual.begins));
                let shown = Some(Shown { limit: at, quota, left, unusual });
                match asked {
                    Ok(ticket) => {
                        let held = Held::Bucket { ticket, fingerprint, is_overflow };
                        Answered::Given(Taken { limit: at, quota, held }, shown)
                    }
                    Err(Refused { wait: Some(wait) }) => Answered::Denied(Denial::Exceeded(wait), shown),
                    Err(Refused { wait: None }) => Answered::Denied(Denial::TooMuch, shown),
                }
            }
            Err(untouched) => self.untouched(host, untouched),
        }
    }

    /// What becomes of a request whose bucket could not be changed.
    pub(crate) fn untouched(&self, host: &dyn Host, untouched: Untouched) -> Answered {
        match untouched {
            Untouched::Contention => {
                host.measure(CONTENDED, 1);
                match self.on_contention {
                    OnContention::Allow => Answered::Uncounted,
                    OnContention::Deny => Answered::Denied(Denial::Contention, None),
                }
            }
            Untouched::Full => {
                host.measure(FULL, 1);
                Answered::Denied(Denial::TableFull, None)
            }
            Untouched::Closed(wait) => {
                host.measure(CLOSED, 1);
                Answered::Denied(Denial::Exceeded(wait), None)
            }
            Untouched::Host => Answered::Denied(Denial::HostFailed, None),
        }
    }

    /// Puts what was used in the place of what was taken.
    pub(crate) fn settle(&self, host: &dyn Host, taken: &Taken, used: u64) {
        match &taken.held {
            Held::Bucket { ticket, .. } => {
                let settle =
                    |account: &mut Account, terms, now| account.settle(terms, &taken.quota, now, *ticket, used);
                match self.change(host, taken, settle) {
                    Ok(begins) => host.measure(SPIKED, u64::from(begins)),
                    Err(_) => lose(host),
                }
            }
            Held::Lease { units, at, fingerprint, counter } => {
                let over = used.saturating_sub(*units);
                let leased = self.settle_leased(host, taken, *fingerprint, *at, units.saturating_sub(used), over);
                self.owe(host, taken, counter, over.saturating_sub(leased));
            }
            Held::Counter { units, until, counter } => {
                self.owe(host, taken, counter, used.saturating_sub(*units));
                self.refund(host, taken, counter, units.saturating_sub(used), *until);
            }
        }
    }

    /// Holds what was taken for another lease, and takes more if there is.
    pub(crate) fn renew(&self, host: &dyn Host, taken: &mut Taken, more: u64) -> Result<(), Refused> {
        let Held::Bucket { ticket: before, .. } = taken.held else { return Ok(()) };
        let renew = |account: &mut Account, terms, now| account.renew(terms, &taken.quota, now, before, more);
        let Ok((renewed, asked)) = self.change(host, taken, renew) else {
            // Who is under way goes on; the end settles it.
            lose(host);
            return Ok(());
        };
        if let Held::Bucket { ticket, .. } = &mut taken.held {
            *ticket = renewed;
        }
        asked
    }

    /// Notes that a request was found so risky that its keys are watched. Who shares an overflow is not blamed for others.
    pub(crate) fn suspect(&self, host: &dyn Host, taken: &Taken, risk: f64) {
        let rule = self.limits.get(taken.limit).and_then(Limit::risk).filter(|rule| risk >= rule.threshold);
        if rule.is_none() || !matches!(taken.held, Held::Bucket { is_overflow: false, .. }) {
            return;
        }
        match self.change(host, taken, |account: &mut Account, terms, now| account.suspect(terms, now)) {
            Ok(is_new) => host.measure(SUSPECTED, u64::from(is_new)),
            Err(_) => lose(host),
        }
    }

    fn change<T>(
        &self,
        host: &dyn Host,
        taken: &Taken,
        mut change: impl FnMut(&mut Account, Terms, Now) -> T,
    ) -> Result<T, Untouched> {
        let terms = self.limits.get(taken.limit).ok_or(Untouched::Host)?.terms;
        let Held::Bucket { fingerprint, is_overflow, .. } = taken.held else { return Err(Untouched::Host) };
        let now = self.now(host);
        let place = Place { fingerprint, form: terms, quota: &taken.quota, limit: taken.limit };
        let change = |account: &mut Account| change(account, terms, now);
        if is_overflow {
            self.table.update_overflow(host, place, now, change)
        } else {
            self.table.update(host, place, now, change)
        }
    }
}

/// What could not be written expires by itself.
fn lose(host: &dyn Host) {
    host.tolerate();
    host.measure(LOST, 1);
}
