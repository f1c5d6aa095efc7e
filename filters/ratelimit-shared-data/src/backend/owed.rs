//! What is told to the service after the fact: what answers used beyond what was asked for, and hits that are given back.
//!
//! Nobody waits for it. It is sent from the filter's tick, what is owed to one counter together.
//!
//! 1. A debt that the service refuses, because less is left, is told in smaller pieces until nothing is left: Limitador
//!    counts none of what it refuses.
//! 2. A debt that gets no answer is told again in a second, until its window is over: it may count twice, never not at all.
//! 3. Hits are given back once, and only to the window that they were taken from: else too much would pass.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use portcullis::host::{Millis, Monotonic};
use portcullis::prelude::*;
use prost::Message as _;

use super::proto::RateLimitDescriptor;
use super::{Backend, Told, told};
use crate::metrics::{OWED, UNTOLD};

/// To how many counters something is owed at most, and how many calls are open at once.
const MAX_DEBTS: usize = 4096;
const MAX_OPEN: usize = 64;
/// When a debt is told again that got no answer.
const AGAIN: Millis = Millis(1000);

/// What is owed.
#[derive(Debug, Default)]
pub(crate) struct Owed(RefCell<Books>);

#[derive(Debug, Default)]
struct Books {
    waiting: BTreeMap<Account, Debt>,
    open: BTreeMap<Call, (Account, Debt)>,
}

/// A counter as it is written, and whether hits are given back to it.
type Account = (Vec<u8>, bool);

/// Hits that are owed to a counter, or by it.
#[derive(Debug, Clone, Copy)]
struct Debt {
    hits: u64,
    /// How many are told at once.
    step: u64,
    /// Not before this moment, and not after that one.
    from: Monotonic,
    until: Monotonic,
}

impl Owed {
    /// Notes hits that an answer used beyond what was asked for. They matter until then.
    pub(crate) fn owe(&self, host: &dyn Host, counter: &RateLimitDescriptor, hits: u64, until: Monotonic) {
        self.note(host, (counter.encode_to_vec(), false), hits, until);
    }

    /// Notes hits that are given back to a window which runs until then.
    pub(crate) fn refund(&self, host: &dyn Host, counter: &RateLimitDescriptor, hits: u64, until: Monotonic) {
        self.note(host, (counter.encode_to_vec(), true), hits, until);
    }

    fn note(&self, host: &dyn Host, account: Account, hits: u64, until: Monotonic) {
        if hits > 0 {
            let debt = Debt { hits, step: hits, from: host.monotonic(), until };
            self.0.borrow_mut().wait(host, account, debt);
            host.tick_soon();
        }
    }

    /// Tells what can be told now, and says when there is more to tell.
    pub(crate) fn tell(&self, host: &dyn Host, backend: &Backend) -> NextTick {
        let now = host.monotonic();
        let books = &mut *self.0.borrow_mut();
        for (account, debt) in std::mem::take(&mut books.waiting) {
            if debt.until <= now {
                host.measure(UNTOLD, 1);
            } else if debt.from > now || books.open.len() >= MAX_OPEN {
                books.wait(host, account, debt);
            } else if let Some(call) = debt.send(host, backend, &account) {
                books.open.insert(call, (account, debt));
            } else {
                // Nothing was sent: it can be told again, whatever it is.
                books.wait(host, account, debt.again(now));
            }
        }
        if books.waiting.is_empty() { NextTick::Never } else { NextTick::In(AGAIN) }
    }

    /// What the service says of something it was told.
    pub(crate) fn hear(&self, host: &dyn Host, call: Call, answer: &Answer) {
        let books = &mut *self.0.borrow_mut();
        let Some((account, debt)) = books.open.remove(&call) else { return };
        let (_, is_refund) = account;
        let left = match told(answer) {
            Some(told) => {
                host.measure(OWED, 1);
                debt.after(told).filter(|_| !is_refund)
            }
            None if is_refund => {
                host.measure(UNTOLD, 1);
                None
            }
            None => Some(debt.again(host.monotonic())),
        };
        if let Some(debt) = left {
            books.wait(host, account, debt);
        }
        if !books.waiting.is_empty() {
            host.tick_soon();
        }
    }
}

impl Books {
    fn wait(&mut self, host: &dyn Host, account: Account, debt: Debt) {
        let is_full = self.waiting.len() >= MAX_DEBTS;
        match self.waiting.entry(account) {
            Entry::Occupied(mut waiting) => {
                let (_, is_refund) = *waiting.key();
                waiting.get_mut().join(debt, is_refund);
            }
            Entry::Vacant(_) if is_full => host.measure(UNTOLD, 1),
            Entry::Vacant(place) => drop(place.insert(debt)),
        }
    }
}

impl Debt {
    fn send(&self, host: &dyn Host, backend: &Backend, (counter, is_refund): &Account) -> Option<Call> {
        let counter = RateLimitDescriptor::decode(counter.as_slice()).ok()?;
        backend.ask(host, &counter, self.step, *is_refund).ok()
    }

    /// Another debt of the same counter beside it. A window that a refund is for runs no longer because of another.
    fn join(&mut self, other: Self, is_refund: bool) {
        self.hits = self.hits.saturating_add(other.hits);
        self.step = self.hits;
        self.until = if is_refund { self.until.min(other.until) } else { self.until.max(other.until) };
    }

    /// The same, told again later.
    fn again(self, now: Monotonic) -> Self {
        Self { from: now.plus(AGAIN), ..self }
    }

    /// What is still owed when the service has answered.
    fn after(self, told: Told) -> Option<Self> {
        let (hits, step) = if told.is_over {
            let smaller = self.step / 2;
            (self.hits, told.left.map_or(smaller, |left| left.min(smaller)))
        } else {
            (self.hits.saturating_sub(self.step), self.step)
        };
        let step = step.min(hits);
        (step > 0).then_some(Self { hits, step, ..self })
    }
}
