//! Limits that the backend counts: a request asks it, unless a lease is enough; and what becomes of one that it does not
//! answer for.

use std::rc::Rc;

use portcullis::host::Millis;
use portcullis::prelude::*;

use crate::backend::proto::RateLimitDescriptor;
use crate::backend::{Backend, OnUnavailable, Told, descriptor, hits, units};
use crate::filter::RateLimit;
use crate::metrics::{ASKED, LEASED, LOCAL, UNAVAILABLE, UNMATCHED};
use crate::policy::{Fingerprint, Leased, Left, Limit, Quota, Request, Unit, Unusual};
use crate::refusal::Denial;
use crate::table::{Place, Untouched};
use crate::taken::{Answered, Held, Shown, Taken, Wanted};

/// What is asked of the backend.
#[derive(Debug)]
pub(crate) struct Question {
    /// What the request may use at most.
    wanted: Wanted,
    /// What it is charged when it comes.
    units: u64,
    counter: Rc<RateLimitDescriptor>,
    /// Whose leased units.
    lease: Fingerprint,
    /// How many units were asked for, a lease with them.
    asked: u64,
}

/// Whether a request is the first that asks for another lease.
struct IsFirst(bool);

/// How a question goes on.
pub(crate) enum Asking {
    /// The backend was asked; its answer comes.
    Open(Question),
    /// It is answered.
    Answered(Answered),
}

/// When a service does not say how long its window runs, whoever is refused comes back after this at the latest.
const UNKNOWN_RESET: u64 = 60_000_000_000;

impl Question {
    /// The limit's number.
    pub(crate) fn limit(&self) -> usize {
        self.wanted.limit
    }

    /// What is asked for a request, which is charged so many units when it comes.
    pub(crate) fn new(
        host: &dyn Host,
        filter: &RateLimit,
        limit: &Limit,
        request: &Request<'_>,
        wanted: Wanted,
        units: u64,
    ) -> Result<Self, Untouched> {
        let lease = limit.fingerprint_of_lease(&filter.table.secret(host)?, request);
        Ok(Self { wanted, units, counter: Rc::new(descriptor(limit, request)), lease, asked: 0 })
    }

    fn leased(&self, at: u64) -> Held {
        Held::Lease { units: self.units, at, fingerprint: self.lease, counter: Rc::clone(&self.counter) }
    }
}

impl RateLimit {
    /// Asks, unless a lease is enough.
    pub(crate) fn question(&self, host: &dyn Host, backend: &Backend, mut question: Question) -> Asking {
        let wanted = question.wanted;
        if question.units > wanted.quota.limit {
            return Asking::Answered(Answered::Denied(Denial::TooMuch, None));
        }
        question.asked = question.units;
        match backend.leases.map(|leases| (leases, self.take_leased(host, backend, &question))) {
            Some((_, Ok(Ok(held)))) => {
                host.measure(LEASED, 1);
                // How much the backend has left nobody asked, so nothing of it is shown.
                let taken = Taken { limit: wanted.limit, quota: wanted.quota, held };
                return Asking::Answered(Answered::Given(taken, None));
            }
            Some((leases, Ok(Err(IsFirst(true))))) => {
                question.asked = question.units.max(wanted.quota.percent(leases.percent).limit);
            }
            // Somebody asks for a lease already, or there is no room for one.
            Some((_, Ok(Err(IsFirst(false))) | Err(_))) => host.tolerate(),
            None => {}
        }
        self.ask(host, backend, question)
    }

    /// Takes what is asked for from a lease, or tells whether the request is the first that asks for another.
    fn take_leased(
        &self,
        host: &dyn Host,
        backend: &Backend,
        question: &Question,
    ) -> Result<Result<Held, IsFirst>, Untouched> {
        let now = host.monotonic();
        let until = now.plus(backend.timeout).0;
        let change = |leased: &mut Leased| {
            leased.advance(now.0);
            if leased.take(question.units) { Ok(()) } else { Err(IsFirst(leased.begins_asking(now.0, until))) }
        };
        let Wanted { quota, limit, .. } = &question.wanted;
        let told = self.change_leased(host, quota, *limit, question.lease, change)?;
        Ok(told.map(|()| question.leased(now.0)))
    }

    fn ask(&self, host: &dyn Host, backend: &Backend, mut question: Question) -> Asking {
        let unit = self.unit(question.limit());
        // What may use nothing asks for one all the same: to some services none is one.
        let hits = hits(unit, question.asked).max(1);
        question.asked = units(unit, hits).max(question.asked);
        host.measure(ASKED, 1);
        match backend.ask(host, &question.counter, hits, false) {
            Ok(_) => Asking::Open(question),
            Err(_) => Asking::Answered(self.unavailable(host, backend, &question)),
        }
    }

    /// What the backend's answer means for the question.
    pub(crate) fn answered(
        &self,
        host: &dyn Host,
        backend: &Backend,
        question: Question,
        told: Option<Told>,
    ) -> Asking {
        let Some(told) = told else { return Asking::Answered(self.unavailable(host, backend, &question)) };
        host.measure(UNMATCHED, u64::from(told.is_unmatched));
        if !told.is_over {
            return Asking::Answered(self.given(host, backend, &question, told));
        }
        let wanted = question.wanted;
        if question.asked > question.units.max(1) && backend.leases.is_some() {
            // There is no room for a lease; maybe there is for this request.
            return self.ask(host, backend, Question { asked: question.units, ..question });
        }
        let wait = told.reset.unwrap_or(wanted.quota.window.min(UNKNOWN_RESET));
        Asking::Answered(Answered::Denied(Denial::Exceeded(wait), self.shown(&question, told)))
    }

    fn given(&self, host: &dyn Host, backend: &Backend, question: &Question, told: Told) -> Answered {
        let wanted = question.wanted;
        let shown = self.shown(question, told);
        let given = |held| Answered::Given(Taken { limit: wanted.limit, quota: wanted.quota, held }, shown);
        if let Some(leases) = backend.leases {
            let now = host.monotonic().0;
            let ends = now.saturating_add(told.reset.map_or(leases.lasts, |reset| reset.min(leases.lasts)));
            let change = |leased: &mut Leased| {
                leased.advance(now);
                leased.add(now, question.asked, ends);
                leased.take(question.units)
            };
            if self.change_leased(host, &wanted.quota, wanted.limit, question.lease, change) == Ok(true) {
                return given(question.leased(now));
            }
            host.tolerate();
        }
        given(Held::Counter { units: question.asked, counter: Rc::clone(&question.counter) })
    }

    /// What becomes of a request that the backend does not answer for.
    fn unavailable(&self, host: &dyn Host, backend: &Backend, question: &Question) -> Answered {
        host.measure(UNAVAILABLE, 1);
        match (backend.on_unavailable, self.limits.get(question.limit())) {
            (OnUnavailable::Allow, _) => Answered::Uncounted,
            (OnUnavailable::Local, Some(limit)) => {
                host.measure(LOCAL, 1);
                let quota = question.wanted.quota.percent(backend.local_percent);
                self.take(host, limit, Wanted { quota, ..question.wanted })
            }
            _ => Answered::Denied(Denial::BackendUnavailable, None),
        }
    }

    fn shown(&self, question: &Question, told: Told) -> Option<Shown> {
        let wanted = question.wanted;
        let left = Left { units: units(self.unit(wanted.limit), told.left?), reset: told.reset.unwrap_or_default() };
        Some(Shown { limit: wanted.limit, quota: wanted.quota, left, unusual: Unusual::default() })
    }

    fn unit(&self, limit: usize) -> Unit {
        self.limits.get(limit).map_or(Unit::Requests, |limit| limit.unit)
    }

    /// Whether what was taken is the most that the request may use.
    pub(crate) fn reserves(&self, taken: &Taken) -> bool {
        !matches!(taken.held, Held::Counter { .. }) || self.backend.as_ref().is_some_and(Backend::reserves)
    }

    /// Notes what is told to the backend after the fact.
    pub(crate) fn owe(
        &self,
        host: &dyn Host,
        taken: &Taken,
        counter: &Rc<RateLimitDescriptor>,
        units: u64,
        is_refund: bool,
    ) {
        if is_refund && !self.backend.as_ref().is_some_and(|backend| backend.takes_back) {
            return;
        }
        let unit = self.unit(taken.limit);
        // What is given back is rounded down.
        let hits = if is_refund { hits(unit, units.saturating_add(1)).saturating_sub(1) } else { hits(unit, units) };
        self.owed.note(host, counter, hits, is_refund, Millis(taken.quota.window / 1_000_000));
    }

    pub(crate) fn give_back_leased(&self, host: &dyn Host, taken: &Taken, lease: Fingerprint, at: u64, unused: u64) {
        let now = host.monotonic().0;
        let change = |leased: &mut Leased| {
            leased.advance(now);
            if leased.ends() > now {
                leased.give_back(at, unused);
            }
        };
        if self.change_leased(host, &taken.quota, taken.limit, lease, change).is_err() {
            host.tolerate(); // what is lost was counted: too little passes, not too much
        }
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
