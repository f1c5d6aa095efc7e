//! Limits that the backend counts: a request asks it, unless a lease is enough; and what becomes of one that it does not
//! answer for.

use std::rc::Rc;

use portcullis::host::Monotonic;
use portcullis::prelude::*;

use crate::backend::proto::RateLimitDescriptor;
use crate::backend::{Backend, OnUnavailable, Told, descriptor, hits, units};
use crate::filter::RateLimit;
use crate::leases::FromLease;
use crate::metrics::{ASKED, LEASED, LOCAL, UNAVAILABLE, UNMATCHED};
use crate::policy::{Fingerprint, Left, Limit, Request, Unit, Unusual};
use crate::refusal::Denial;
use crate::table::Untouched;
use crate::taken::{Answered, Held, Shown, Taken, Wanted};

/// What is asked of the backend.
#[derive(Debug)]
pub(crate) struct Question {
    /// What the request may use at most.
    pub(crate) wanted: Wanted,
    /// What it is charged when it comes, at least one: to some services none is one.
    pub(crate) units: u64,
    pub(crate) counter: Rc<RateLimitDescriptor>,
    /// Whose leased units.
    pub(crate) lease: Fingerprint,
    /// How many units were asked for, and when.
    pub(crate) asked: u64,
    at: Monotonic,
    /// Whether they are a lease: if it is refused, there may be room for this request alone.
    is_lease: bool,
}

/// How a question goes on.
pub(crate) enum Asking {
    /// The backend was asked; the answer to this call comes.
    Open(Question, Call),
    /// It is answered.
    Answered(Answered),
}

/// When a service does not say how long its window runs, whoever is refused comes back after this at the latest.
const UNKNOWN_RESET: u64 = 60_000_000_000;

impl Question {
    /// What is asked for a request, which is charged so many units when it comes.
    pub(crate) fn new(
        host: &dyn Host,
        filter: &RateLimit,
        limit: &Limit,
        request: &Request<'_>,
        wanted: Wanted,
        units: u64,
    ) -> Result<Self, Untouched> {
        let counter = Rc::new(descriptor(limit, request));
        let lease = filter.fingerprint_of_lease(host, limit, request, &wanted)?;
        Ok(Self { wanted, units: units.max(1), counter, lease, asked: 0, at: Monotonic(0), is_lease: false })
    }

    /// The limit's number.
    pub(crate) fn limit(&self) -> usize {
        self.wanted.limit
    }

    pub(crate) fn given(&self, held: Held, shown: Option<Shown>) -> Answered {
        let Wanted { limit, quota, .. } = self.wanted;
        Answered::Given(Taken { limit, quota, held }, shown)
    }
}

impl RateLimit {
    /// Asks, unless a lease is enough.
    pub(crate) fn question(&self, host: &dyn Host, backend: &Backend, mut question: Question) -> Asking {
        if question.wanted.ask.units.max(question.units) > question.wanted.quota.limit {
            return Asking::Answered(Answered::Denied(Denial::TooMuch, None));
        }
        question.asked = question.units;
        match self.take_leased(host, backend, &question) {
            FromLease::Taken(held) => {
                host.measure(LEASED, 1);
                // How much the backend has left nobody asked, so nothing of it is shown.
                return Asking::Answered(question.given(held, None));
            }
            FromLease::Missing(units) => (question.asked, question.is_lease) = (units, true),
            FromLease::None => {}
        }
        self.ask(host, backend, question)
    }

    fn ask(&self, host: &dyn Host, backend: &Backend, mut question: Question) -> Asking {
        let unit = self.unit(question.limit());
        let hits = hits(unit, question.asked);
        (question.asked, question.at) = (units(unit, hits), host.monotonic());
        host.measure(ASKED, 1);
        match backend.ask(host, &question.counter, hits, false) {
            Ok(call) => Asking::Open(question, call),
            Err(_) => Asking::Answered(self.unavailable(host, backend, &question)),
        }
    }

    /// What the backend's answer means for the question.
    pub(crate) fn answered(&self, host: &dyn Host, backend: &Backend, question: Question, told: Told) -> Asking {
        if told.is_unmatched {
            host.measure(UNMATCHED, 1);
            if !backend.passes_unmatched {
                return Asking::Answered(Answered::Denied(Denial::BackendUnmatched, None));
            }
        }
        if !told.is_over {
            return Asking::Answered(self.given(host, backend, &question, told));
        }
        if question.is_lease && question.asked > question.units {
            return self.ask(host, backend, Question { asked: question.units, is_lease: false, ..question });
        }
        let wait = told.reset.unwrap_or(question.wanted.quota.window.min(UNKNOWN_RESET));
        Asking::Answered(Answered::Denied(Denial::Exceeded(wait), self.shown(&question, told)))
    }

    fn given(&self, host: &dyn Host, backend: &Backend, question: &Question, told: Told) -> Answered {
        let shown = self.shown(question, told);
        let until = told.lasts.map(|lasts| Monotonic(question.at.0.saturating_add(lasts)));
        if let Some(leases) = backend.leases {
            let end = Monotonic(question.at.0.saturating_add(leases.lasts));
            let ends = until.map_or(end, |until| until.min(end));
            let beyond = told.left.map(|left| units(self.unit(question.limit()), left));
            if let Some(held) = self.lend(host, question, ends, beyond) {
                return question.given(held, shown);
            }
        }
        question.given(Held::Counter { units: question.asked, until, counter: Rc::clone(&question.counter) }, shown)
    }

    /// What becomes of a request that the backend does not answer for.
    pub(crate) fn unavailable(&self, host: &dyn Host, backend: &Backend, question: &Question) -> Answered {
        host.measure(UNAVAILABLE, 1);
        match (backend.on_unavailable, self.limits.get(question.limit())) {
            (OnUnavailable::Allow, _) => Answered::Uncounted,
            (OnUnavailable::Local, Some(limit)) => {
                host.measure(LOCAL, 1);
                let quota = question.wanted.quota.percent(backend.local_percent);
                match self.take(host, limit, Wanted { quota, ..question.wanted }) {
                    // It is more than this Envoy's part ever lets through, but not more than the limit.
                    Answered::Denied(Denial::TooMuch, _) => Answered::Denied(Denial::BackendUnavailable, None),
                    answered => answered,
                }
            }
            _ => Answered::Denied(Denial::BackendUnavailable, None),
        }
    }

    fn shown(&self, question: &Question, told: Told) -> Option<Shown> {
        let Wanted { limit, quota, .. } = question.wanted;
        let left = Left { units: units(self.unit(limit), told.left?), reset: told.reset.unwrap_or_default() };
        Some(Shown { limit, quota, left, unusual: Unusual::default() })
    }

    fn unit(&self, limit: usize) -> Unit {
        self.limits.get(limit).map_or(Unit::Requests, |limit| limit.unit)
    }

    /// Whether what was taken is the most that the request may use.
    pub(crate) fn reserves(&self, taken: &Taken) -> bool {
        !matches!(taken.held, Held::Counter { .. }) || self.backend.as_ref().is_some_and(Backend::reserves)
    }

    /// Tells the backend after the fact what was used beyond what was asked for.
    pub(crate) fn owe(&self, host: &dyn Host, taken: &Taken, counter: &RateLimitDescriptor, units: u64) {
        let until = host.monotonic().0.saturating_add(taken.quota.window);
        self.owed.owe(host, counter, hits(self.unit(taken.limit), units), Monotonic(until));
    }

    /// Gives back to the backend what was not used, if it takes that, and as long as the window runs that it is of.
    pub(crate) fn refund(
        &self,
        host: &dyn Host,
        taken: &Taken,
        counter: &RateLimitDescriptor,
        unused: u64,
        until: Option<Monotonic>,
    ) {
        if !self.backend.as_ref().is_some_and(|backend| backend.takes_back) {
            return;
        }
        // Rounded down, as what was asked for was rounded up.
        let unit = self.unit(taken.limit);
        let hits = hits(unit, unused.saturating_add(1)).saturating_sub(1);
        self.owed.refund(host, counter, hits, until.unwrap_or(Monotonic(0)));
    }
}
