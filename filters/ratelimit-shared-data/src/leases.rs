//! Units that were leased from a counter of the backend, in the table that all workers of this Envoy share.

use std::rc::Rc;

use portcullis::host::Monotonic;
use portcullis::prelude::*;

use crate::asking::Question;
use crate::backend::Backend;
use crate::filter::RateLimit;
use crate::policy::{Fingerprint, Leased, Limit, Quota, Request};
use crate::table::{Place, Untouched};
use crate::taken::{Held, Taken, Wanted};

/// What a lease has for a request.
pub(crate) enum FromLease {
    /// Enough.
    Taken(Held),
    /// Too little, and nobody asks for more yet: so many units are to be asked for.
    Missing(u64),
    /// Nothing; the request asks for itself alone.
    None,
}

impl RateLimit {
    /// Whose leased units a request takes. Those of another tier, or of another limit by the same name, are others.
    pub(crate) fn fingerprint_of_lease(
        &self,
        host: &dyn Host,
        limit: &Limit,
        request: &Request<'_>,
        wanted: &Wanted,
    ) -> Result<Fingerprint, Untouched> {
        let place = self.backend.as_ref().map(|backend| (&backend.cluster, &backend.domain));
        let tier = limit.tier(request.identity);
        let form = format!("lease {place:?} {:?} {tier:?} {:?}", limit.unit, wanted.quota);
        Ok(limit.fingerprint_in(&form, &self.table.secret(host)?, request))
    }

    /// Takes what a question is about from a lease, if there are leases.
    pub(crate) fn take_leased(&self, host: &dyn Host, backend: &Backend, question: &Question) -> FromLease {
        let Some(leases) = backend.leases else { return FromLease::None };
        let Wanted { quota, limit, .. } = &question.wanted;
        let lease = question.units.max(quota.percent(leases.percent).limit);
        let now = host.monotonic();
        let until = now.plus(backend.timeout).0;
        let change = |leased: &mut Leased| {
            leased.advance(now.0);
            if leased.take(question.units) {
                FromLease::Taken(question.leased(now))
            } else if leased.begins_asking(now.0, until, lease) {
                FromLease::Missing(lease)
            } else {
                FromLease::None
            }
        };
        self.change_leased(host, quota, *limit, question.lease, change).unwrap_or_else(|_| {
            host.tolerate(); // without a place for a lease each request asks
            FromLease::None
        })
    }

    /// Adds what the backend gave to the lease, and takes what the question is about. `beyond` is what its counter has left.
    pub(crate) fn lend(
        &self,
        host: &dyn Host,
        question: &Question,
        ends: Monotonic,
        beyond: Option<u64>,
    ) -> Option<Held> {
        let now = host.monotonic();
        let change = |leased: &mut Leased| {
            leased.advance(now.0);
            leased.add(now.0, question.asked, ends.0, beyond);
            leased.take(question.units)
        };
        let Wanted { quota, limit, .. } = &question.wanted;
        let is_taken = self.change_leased(host, quota, *limit, question.lease, change);
        if is_taken.is_err() {
            host.tolerate();
        }
        is_taken.is_ok_and(|is_taken| is_taken).then(|| question.leased(now))
    }

    /// Gives back what was not used, if the lease that it is of is good still, and takes as much as there is of what was used
    /// beyond; tells how much.
    pub(crate) fn settle_leased(
        &self,
        host: &dyn Host,
        taken: &Taken,
        lease: Fingerprint,
        at: u64,
        unused: u64,
        over: u64,
    ) -> u64 {
        let now = host.monotonic().0;
        let change = |leased: &mut Leased| {
            leased.advance(now);
            if leased.ends() > now {
                leased.give_back(at, unused);
            }
            leased.take_some(over)
        };
        self.change_leased(host, &taken.quota, taken.limit, lease, change).unwrap_or_else(|_| {
            host.tolerate(); // what is lost was counted: too little passes, not too much
            0
        })
    }

    fn change_leased<T>(
        &self,
        host: &dyn Host,
        quota: &Quota,
        limit: usize,
        fingerprint: Fingerprint,
        change: impl FnMut(&mut Leased) -> T,
    ) -> Result<T, Untouched> {
        let now = self.now(host);
        self.table.update(host, Place { fingerprint, form: (), quota, limit }, now, change)
    }
}

impl Question {
    fn leased(&self, at: Monotonic) -> Held {
        Held::Lease { units: self.units, at: at.0, fingerprint: self.lease, counter: Rc::clone(&self.counter) }
    }
}
