//! Taking from limits and giving back: each bucket is changed by itself, in the order in which limits are written, and what
//! was taken before a limit refuses is given back.

use portcullis::prelude::*;

use crate::config::{OnContention, OnFull};
use crate::filter::RateLimit;
use crate::metrics::{CLOSED, CONTENDED, FULL, LOST, OVERFLOWED};
use crate::policy::{Ask, Bucket, Fingerprint, Left, Limit, Now, Quota, Refused, Request, Ticket};
use crate::refusal::Denial;
use crate::table::{Place, Untouched};

/// What was taken from a limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    /// The limit's number.
    pub(crate) limit: usize,
    pub(crate) ticket: Ticket,
    quota: Quota,
    fingerprint: Fingerprint,
    is_overflow: bool,
}

/// What a limit says of itself to a client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown {
    pub(crate) limit: usize,
    pub(crate) quota: Quota,
    pub(crate) left: Left,
}

/// What came of asking one limit.
pub(crate) enum Answered {
    /// It gave.
    Given(Taken, Shown),
    /// It could not be asked, and the operator lets such requests pass.
    Uncounted,
    /// It refuses.
    Denied(Denial, Option<Shown>),
}

impl RateLimit {
    /// Asks a limit for units.
    pub(crate) fn take(&self, host: &dyn Host, at: usize, limit: &Limit, request: &Request<'_>, ask: Ask) -> Answered {
        let secret = match self.table.secret(host) {
            Ok(secret) => secret,
            Err(untouched) => return self.untouched(host, untouched),
        };
        let (quota, fingerprint, now) =
            (*limit.quota(request.identity), limit.fingerprint(&secret, request), self.now(host));
        let place = Place { fingerprint, meter: limit.meter, quota: &quota, limit: at };
        let change = |bucket: &mut Bucket| {
            let mut asked = bucket.clone();
            let answer = asked.ask(limit.meter, &quota, now, ask);
            let left = asked.left(limit.meter, &quota, now);
            // Who is refused changes nothing: nothing is written for them.
            if answer.is_ok() {
                *bucket = asked;
            }
            (answer, left)
        };
        let (told, is_overflow) = match self.table.update(host, place, now, change) {
            Err(Untouched::Full) if self.on_full == OnFull::Overflow => {
                host.measure(OVERFLOWED, 1);
                (self.table.update_overflow(host, place, now, change), true)
            }
            told => (told, false),
        };
        match told {
            Ok((asked, left)) => {
                let shown = Shown { limit: at, quota, left };
                match asked {
                    Ok(ticket) => Answered::Given(Taken { limit: at, ticket, quota, fingerprint, is_overflow }, shown),
                    Err(Refused { wait: Some(wait) }) => Answered::Denied(Denial::Exceeded(wait), Some(shown)),
                    Err(Refused { wait: None }) => Answered::Denied(Denial::TooMuch, Some(shown)),
                }
            }
            Err(untouched) => self.untouched(host, untouched),
        }
    }

    fn untouched(&self, host: &dyn Host, untouched: Untouched) -> Answered {
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
        let settle =
            |limit: &Limit, bucket: &mut Bucket, now| bucket.settle(limit.meter, &taken.quota, now, taken.ticket, used);
        if self.change(host, taken, settle).is_err() {
            host.tolerate();
            host.measure(LOST, 1);
        }
    }

    /// Holds what was taken for another lease, and takes more if there is.
    pub(crate) fn renew(&self, host: &dyn Host, taken: &mut Taken, more: u64) -> Result<(), Refused> {
        let ticket = taken.ticket;
        let renew =
            |limit: &Limit, bucket: &mut Bucket, now| bucket.renew(limit.meter, &taken.quota, now, ticket, more);
        let Ok((ticket, asked)) = self.change(host, taken, renew) else {
            // Who is under way goes on; the end settles it.
            host.tolerate();
            host.measure(LOST, 1);
            return Ok(());
        };
        taken.ticket = ticket;
        asked
    }

    fn change<T>(
        &self,
        host: &dyn Host,
        taken: &Taken,
        mut change: impl FnMut(&Limit, &mut Bucket, Now) -> T,
    ) -> Result<T, Untouched> {
        let limit = self.limits.get(taken.limit).ok_or(Untouched::Host)?;
        let now = self.now(host);
        let place =
            Place { fingerprint: taken.fingerprint, meter: limit.meter, quota: &taken.quota, limit: taken.limit };
        let change = |bucket: &mut Bucket| change(limit, bucket, now);
        if taken.is_overflow {
            self.table.update_overflow(host, place, now, change)
        } else {
            self.table.update(host, place, now, change)
        }
    }
}
