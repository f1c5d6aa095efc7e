//! A candidate: a second policy that is asked about the same requests, and whose decisions nobody feels.
//!
//! It is the filter's own type, compiled from `candidate` with the instance's name and environment. In every event it is
//! asked before the policy in force, with what that one will see, and its `Host` changes nothing (`aside` has the table).
//! What it decides is compared when the policy in force has decided:
//!
//! | counter `kit_total.event.…` | the policy in force | the candidate |
//! |---|---|---|
//! | `candidate_same` | decided | decided the same, with the same code |
//! | `candidate_stricter` | let pass or served | would have refused |
//! | `candidate_looser` | refused | would have let pass or served |
//! | `candidate_other_code` | refused, or let pass | would have done so in another way: code, reset, document |
//! | `candidate_undecided` | decided, or waits | could not decide without what the other did not ask for |
//!
//! - An exchange is counted once: at the first difference, on the request or on its answer, and as the same at its end. What
//!   the kit or the proxy refused before the policy in force decided is not compared; nor is an exchange whose client left
//!   before that.
//! - Undecided is a candidate that waits for an answer, that wanted to call or to write shared data, that wants a body
//!   which the other lets go or streams, that streams what the other does not or refuses, or for which the memory
//!   budget had no room. A policy of limits, which counts in shared data, is undecided wherever it lets pass.
//! - With `shadow`, the decision in force is what would have been done.
//! - A difference is logged, at most one in a second: codes, and never a byte of the request.
//! - It costs what a policy costs, in time and in the memory budget. What it refuses, fails at or waits for never
//!   reaches a caller. `on_end` is called as soon as there is nothing more to ask.

mod aside;
mod outcome;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use self::aside::{Aside, Notes};
pub(super) use self::outcome::Outcome;
use super::Core;
use super::door::Door;
use super::kit::{Kit, Shares};
use super::single::Single;
use crate::ai::dialects::Dialects;
use crate::filter::{End, Exchange, Filter, Flow, NextTick, Pass};
use crate::host::{Host, Millis, Monotonic, Proxy, Side};
use crate::telemetry::{Sampler, kit as metrics};

/// What an exchange costs in memory beside its headers, about.
const OVERHEAD: usize = 512;
/// The shortest time between two ticks: nobody waits for a candidate.
const TICK: Millis = Millis(1000);

/// The second policy of a configuration.
pub(super) struct Candidate<F> {
    filter: Rc<F>,
    /// What it wants to stand only once in a request: that the kit refuses other requests is a part of it.
    single: Single,
    next_tick: Cell<Option<Monotonic>>,
    lines: Sampler,
}

impl<F: Filter> Candidate<F> {
    pub(super) fn new(filter: F, dialects: &Dialects) -> Self {
        let single = Single::of(&filter, dialects);
        let next_tick = Cell::new(Some(Monotonic(0)));
        Self { filter: Rc::new(filter), single, next_tick, lines: Sampler::default() }
    }

    /// When it wants to be asked for work of its own, which is to read what others wrote.
    pub(super) fn next_tick(&self) -> Option<Monotonic> {
        self.next_tick.get()
    }

    pub(super) fn tick(&self, door: &Door<'_>) {
        let now = door.monotonic();
        if self.next_tick.get().is_none_or(|due| due > now) {
            return;
        }
        self.next_tick.set(match self.filter.on_tick(&Aside::telling(door, &Notes::default())) {
            NextTick::Never => None,
            NextTick::In(millis) => Some(now.plus(millis.max(TICK))),
        });
    }
}

/// What stands around an exchange in an event.
pub(super) struct Around<'a, F: Filter> {
    pub(super) core: &'a Core<F>,
    pub(super) proxy: &'a dyn Proxy,
    pub(super) door: Door<'a>,
}

/// Where a candidate's exchange stands on one side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Stand {
    /// It was not asked yet.
    #[default]
    Unasked,
    AwaitsBody,
    Streams,
    Decided(Outcome),
}

/// A candidate's exchange beside the one in force.
pub(super) struct Second<F: Filter> {
    /// None once there is nothing more to ask.
    exchange: RefCell<Option<F::Exchange>>,
    notes: Notes,
    request: Cell<Stand>,
    response: Cell<Stand>,
    /// Both let the request pass.
    agreed: Cell<bool>,
    /// The sides that the policy in force streams, and whose end it has not seen.
    streams: Cell<(bool, bool)>,
    /// What it took from the memory budget.
    charge: Cell<usize>,
    /// The same for the request's headers, until both let it pass.
    headers_charge: Cell<usize>,
}

// What the exchange in force does, told before it or after.
impl<F: Filter> Second<F> {
    /// Asks about the request's headers, which are kept as they came.
    pub(super) fn begin(around: &Around<'_, F>, candidate: &Candidate<F>) -> Self {
        let second = Self {
            exchange: RefCell::new(None),
            notes: Notes::default(),
            request: Cell::default(),
            response: Cell::default(),
            agreed: Cell::new(false),
            streams: Cell::default(),
            charge: Cell::new(0),
            headers_charge: Cell::new(0),
        };
        second.ask_about_request(around, candidate);
        second
    }

    fn ask_about_request(&self, around: &Around<'_, F>, candidate: &Candidate<F>) {
        let Ok(headers) = around.door.read_headers(Side::Request) else { return self.undecided(around) };
        if candidate.single.is_repeated_in(&headers) {
            return self.request.set(Stand::Decided(Outcome::Refuse("repeated_header")));
        }
        let own = OVERHEAD.saturating_add(size_of::<F::Exchange>());
        let kit = &around.core.kit;
        if !hold(kit, &self.charge, own) || !hold(kit, &self.headers_charge, headers.footprint()) {
            return self.undecided(around);
        }
        self.notes.keep_headers(Some(headers));
        self.exchange.replace(Some(candidate.filter.exchange()));
        self.ask(around, Side::Request, |exchange, host| exchange.on_request(host));
    }

    /// Asks about a whole body.
    pub(super) fn on_body(&self, around: &Around<'_, F>, side: Side, body: &[u8]) {
        if self.stand(side).get() == Stand::AwaitsBody {
            self.ask(around, side, |exchange, host| match side {
                Side::Request => exchange.on_request_body(host, body),
                Side::Response => exchange.on_response_body(host, body),
            });
        }
    }

    /// Asks about the answer's headers, if it would have let the request pass.
    pub(super) fn on_response(&self, around: &Around<'_, F>) {
        if matches!(self.request.get(), Stand::Decided(Outcome::Pass) | Stand::Streams) {
            self.ask(around, Side::Response, |exchange, host| exchange.on_response(host));
        }
    }

    /// Asks about a piece of a body that both stream.
    pub(super) fn on_chunk(&self, around: &Around<'_, F>, side: Side, chunk: &[u8], last: bool) {
        if self.stand(side).get() != Stand::Streams {
            return;
        }
        let Some(pass) = self.question(around, |exchange, host| exchange.on_chunk(host, side, chunk, last)) else {
            return;
        };
        let outcome = match pass {
            _ if self.notes.take_failure() => Outcome::Refuse("host_failed"),
            Pass::Refuse(reply) => Outcome::of(&reply),
            Pass::Stop(_) => Outcome::Reset,
            Pass::Same | Pass::Instead(_) if last => Outcome::Pass,
            Pass::Same | Pass::Instead(_) => return,
        };
        self.stand(side).set(Stand::Decided(outcome));
    }

    /// The policy in force streams this side from now on.
    pub(super) fn on_stream(&self, around: &Around<'_, F>, side: Side) {
        if self.stand(side).get() == Stand::AwaitsBody {
            return self.undecided(around);
        }
        self.let_headers_go(around);
        let (request, response) = self.streams.get();
        self.streams.set((request || side == Side::Request, response || side == Side::Response));
    }

    /// The policy in force has decided on this side.
    pub(super) fn compare(&self, around: &Around<'_, F>, side: Side, live: Outcome) {
        match self.stand(side).get() {
            Stand::Unasked => {}
            Stand::AwaitsBody | Stand::Streams => self.undecided(around),
            Stand::Decided(own) if own == live && own == Outcome::Pass => {
                self.agreed.set(true);
                self.let_headers_go(around);
            }
            Stand::Decided(own) => self.conclude(around, side, live, own),
        }
    }

    /// The exchange in force is over.
    pub(super) fn end(&self, around: &Around<'_, F>, complete: bool) {
        for (side, streams) in [(Side::Request, self.streams.get().0), (Side::Response, self.streams.get().1)] {
            if streams {
                self.settle_stream(side);
                self.compare(around, side, Outcome::Pass);
            }
        }
        if self.agreed.take() {
            around.core.kit.measure(around.proxy, metrics::CANDIDATE_SAME, 1);
        }
        self.finish(around, None, complete);
    }
}

impl<F: Filter> Second<F> {
    fn stand(&self, side: Side) -> &Cell<Stand> {
        match side {
            Side::Request => &self.request,
            Side::Response => &self.response,
        }
    }

    /// A question, and whether its answer counts: nothing that depends on what was refused to the candidate does.
    fn question<T>(
        &self,
        around: &Around<'_, F>,
        question: impl FnOnce(&mut F::Exchange, &dyn Host) -> T,
    ) -> Option<T> {
        let host = Aside::new(&around.door, &self.notes);
        let answer = self.exchange.borrow_mut().as_mut().map(|exchange| question(exchange, &host))?;
        if self.notes.is_blocked() || !hold(&around.core.kit, &self.charge, self.notes.take_grown()) {
            self.undecided(around);
            return None;
        }
        Some(answer)
    }

    fn ask(&self, around: &Around<'_, F>, side: Side, question: impl FnOnce(&mut F::Exchange, &dyn Host) -> Flow) {
        let Some(flow) = self.question(around, question) else { return };
        let was_asked = self.stand(side).get() == Stand::AwaitsBody;
        let stand = match flow {
            Flow::Reply(reply) => Stand::Decided(Outcome::of(&reply)),
            Flow::Close => Stand::Decided(Outcome::Reset),
            // As the kit refuses whoever goes on in spite of a failed call.
            _ if self.notes.take_failure() => Stand::Decided(Outcome::Refuse("host_failed")),
            Flow::Continue => Stand::Decided(Outcome::Pass),
            Flow::AwaitBody | Flow::Stream(_) if was_asked => Stand::Decided(Outcome::Refuse("misuse")),
            Flow::AwaitBody => Stand::AwaitsBody,
            Flow::Stream(streaming) if hold(&around.core.kit, &self.charge, streaming.window) => Stand::Streams,
            Flow::Stream(_) | Flow::AwaitAnswer { .. } => return self.undecided(around),
        };
        self.stand(side).set(stand);
    }

    /// The request goes on, however long its answer takes.
    fn let_headers_go(&self, around: &Around<'_, F>) {
        self.notes.keep_headers(None);
        around.core.kit.release(self.headers_charge.take());
    }

    /// Both let pass what there was of a stream.
    fn settle_stream(&self, side: Side) {
        if self.stand(side).get() == Stand::Streams {
            self.stand(side).set(Stand::Decided(Outcome::Pass));
        }
    }

    fn conclude(&self, around: &Around<'_, F>, side: Side, live: Outcome, own: Outcome) {
        let (kit, metric) = (&around.core.kit, live.against(own));
        kit.measure(around.proxy, metric, 1);
        let lines = around.core.candidate.as_ref().map(|candidate| &candidate.lines);
        if live != own && lines.is_some_and(|lines| lines.takes(around.proxy.monotonic())) {
            let line = format!("candidate differs on the {}: {live} in force, {own} by the candidate", side.name());
            kit.log(around.proxy, log::Level::Info, &line);
        }
        self.agreed.set(false);
        self.finish(around, own.code(), true);
    }

    fn undecided(&self, around: &Around<'_, F>) {
        around.core.kit.measure(around.proxy, metrics::CANDIDATE_UNDECIDED, 1);
        self.agreed.set(false);
        self.finish(around, None, false);
    }

    /// Nothing more is asked or compared.
    fn finish(&self, around: &Around<'_, F>, replied: Option<&'static str>, complete: bool) {
        self.request.set(Stand::Unasked);
        self.response.set(Stand::Unasked);
        let exchange = self.exchange.take();
        if let Some(mut exchange) = exchange {
            exchange.on_end(&Aside::new(&around.door, &self.notes), &End { replied, complete });
        }
        self.notes.forget();
        around.core.kit.release(self.charge.take().saturating_add(self.headers_charge.take()));
    }
}

/// Takes from the memory budget, and writes it down.
fn hold<F: Filter>(kit: &Kit<F>, charge: &Cell<usize>, bytes: usize) -> bool {
    let held = kit.hold(bytes);
    if held {
        charge.set(charge.get().saturating_add(bytes));
    }
    held
}
