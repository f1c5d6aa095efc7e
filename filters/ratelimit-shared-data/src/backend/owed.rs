//! What is told to the service after the fact: what answers used beyond what was asked for, and hits that are given back.
//!
//! Nobody waits for it. It is sent from the filter's tick, what is owed for one counter together.
//!
//! 1. A debt that the service refuses, because less is left, is told in smaller pieces until nothing is left: Limitador
//!    counts none of what it refuses.
//! 2. A debt that gets no answer is told again in a second, until its window is over: it may count twice, never not at all.
//! 3. Hits are given back once: who gave them back twice would let too much pass.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use portcullis::host::{Millis, Monotonic};
use portcullis::prelude::*;

use super::proto::RateLimitDescriptor;
use super::{Backend, Told, told};
use crate::metrics::{OWED, UNTOLD};

/// How many counters something is owed to at most, and how many calls are open at once.
const MAX_DEBTS: usize = 4096;
const MAX_OPEN: usize = 64;
/// When a debt is told again that got no answer.
const AGAIN: Millis = Millis(1000);

/// What is owed.
#[derive(Debug, Default)]
pub(crate) struct Owed(RefCell<Books>);

#[derive(Debug, Default)]
struct Books {
    waiting: VecDeque<Debt>,
    open: BTreeMap<Call, Debt>,
}

/// Hits that are owed to a counter, or by it.
#[derive(Debug, Clone, PartialEq)]
struct Debt {
    descriptor: Rc<RateLimitDescriptor>,
    hits: u64,
    is_refund: bool,
    /// How many are told at once.
    step: u64,
    /// Not before this moment, and not after that one.
    from: Monotonic,
    until: Monotonic,
}

impl Owed {
    /// Notes hits that an answer used beyond what was asked for, or that are given back. `window` is how long it matters.
    pub(crate) fn note(
        &self,
        host: &dyn Host,
        descriptor: &Rc<RateLimitDescriptor>,
        hits: u64,
        is_refund: bool,
        window: Millis,
    ) {
        if hits == 0 {
            return;
        }
        let now = host.monotonic();
        let waiting = &mut self.0.borrow_mut().waiting;
        if let Some(debt) =
            waiting.iter_mut().find(|debt| debt.is_refund == is_refund && debt.descriptor == *descriptor)
        {
            debt.hits = debt.hits.saturating_add(hits);
            debt.step = debt.hits;
        } else if waiting.len() < MAX_DEBTS {
            let (descriptor, until) = (Rc::clone(descriptor), now.plus(window));
            waiting.push_back(Debt { descriptor, hits, is_refund, step: hits, from: now, until });
        } else {
            host.measure(UNTOLD, 1);
        }
        host.tick_soon();
    }

    /// Tells what can be told now, and says when there is more to tell.
    pub(crate) fn tell(&self, host: &dyn Host, backend: &Backend) -> NextTick {
        let now = host.monotonic();
        let books = &mut *self.0.borrow_mut();
        for _ in 0..books.waiting.len() {
            let Some(debt) = books.waiting.pop_front() else { break };
            if debt.until < now {
                host.measure(UNTOLD, 1);
            } else if debt.from > now || books.open.len() >= MAX_OPEN {
                books.waiting.push_back(debt);
            } else if let Ok(call) = backend.ask(host, &debt.descriptor, debt.step, debt.is_refund) {
                books.open.insert(call, debt);
            } else {
                books.waiting.extend(debt.unanswered(host));
            }
        }
        if books.waiting.is_empty() { NextTick::Never } else { NextTick::In(AGAIN) }
    }

    /// What the service says of something it was told.
    pub(crate) fn hear(&self, host: &dyn Host, call: Call, answer: &Answer) {
        let books = &mut *self.0.borrow_mut();
        let Some(debt) = books.open.remove(&call) else { return };
        let left = match told(answer) {
            Some(told) => debt.after(host, told),
            None => debt.unanswered(host),
        };
        if left.is_some() || !books.waiting.is_empty() {
            host.tick_soon();
        }
        books.waiting.extend(left);
    }
}

impl Debt {
    /// What is still owed when the service has answered.
    fn after(self, host: &dyn Host, told: Told) -> Option<Self> {
        host.measure(OWED, 1);
        if self.is_refund {
            return None;
        }
        let (hits, step) = if told.is_over {
            let smaller = self.step / 2;
            (self.hits, told.left.map_or(smaller, |left| left.min(smaller)))
        } else {
            (self.hits.saturating_sub(self.step), self.step)
        };
        let step = step.min(hits);
        (step > 0).then_some(Self { hits, step, ..self })
    }

    /// What is still owed when it has not.
    fn unanswered(self, host: &dyn Host) -> Option<Self> {
        if self.is_refund {
            host.measure(UNTOLD, 1);
            return None;
        }
        let from = host.monotonic().plus(AGAIN);
        Some(Self { from, ..self })
    }
}
