//! One stream: each callback of the proxy becomes a question, and each answer one thing that is done, once.

mod beside;
mod bodies;
mod decisions;
mod refusals;
mod waits;

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::{Rc, Weak};

use super::Core;
use super::candidate::Second;
use super::door::Memo;
use super::half::{Half, Phase, Stage};
use super::kit::Shares;
use crate::ai::dialect::Dialect;
use crate::filter::{Answer, Call, End, Exchange, Filter};
use crate::host::{Action, ContextId, Host, Monotonic, Proxy, Side, Stream};
use crate::reply::{Reply, Status};
use crate::telemetry::{Metric, kit as metrics};

/// What an exchange costs in memory beside its headers, about.
const OVERHEAD: usize = 1024;

/// A stream as answers and the tick see it.
pub(super) trait Waits {
    fn id(&self) -> ContextId;
    fn on_deadline(&self, proxy: &dyn Proxy, now: Monotonic);
    fn on_woken(&self, proxy: &dyn Proxy);
    fn on_answer(&self, proxy: &dyn Proxy, call: Call, answer: &Answer);
}

/// A stream as the proxy holds it.
pub(super) struct Live<F: Filter> {
    id: ContextId,
    core: Rc<Core<F>>,
    me: Weak<Self>,
    memo: Memo,
    /// None until the request's headers came, and again after the end.
    exchange: RefCell<Option<F::Exchange>>,
    /// What a candidate makes of it, if there is one.
    second: OnceCell<Box<Second<F>>>,
    request: Cell<Half>,
    response: Cell<Half>,
    dialect: Cell<Dialect>,
    /// The code of our own reply, or of the one that shadow kept back.
    replied: Cell<Option<&'static str>>,
    /// The exchange is asked no more: what follows is our own reply, or passes in shadow.
    settled: Cell<bool>,
    /// Response headers are on their way to the client: a reply is no longer possible.
    response_left: Cell<bool>,
    /// What this stream took from the memory budget.
    charge: Cell<usize>,
    /// The part of it that is the request's headers, which are dropped when the request goes on.
    headers_charge: Cell<usize>,
    /// Answers and the tick find this stream: most never wait and are not looked for.
    registered: Cell<bool>,
}

impl<F: Filter> Live<F> {
    pub(super) fn new(id: ContextId, core: Rc<Core<F>>) -> Rc<Self> {
        Rc::new_cyclic(|me| Self {
            id,
            core,
            me: me.clone(),
            memo: Memo::default(),
            exchange: RefCell::new(None),
            second: OnceCell::new(),
            request: Cell::default(),
            response: Cell::default(),
            dialect: Cell::default(),
            replied: Cell::new(None),
            settled: Cell::new(false),
            response_left: Cell::new(false),
            charge: Cell::new(0),
            headers_charge: Cell::new(0),
            registered: Cell::new(false),
        })
    }
}

impl<F: Filter> Stream for Live<F> {
    fn on_headers(&self, proxy: &dyn Proxy, side: Side, end: bool) -> Action {
        match side {
            Side::Request => self.on_request_headers(proxy, end),
            Side::Response => self.on_response_headers(proxy, end),
        }
    }

    fn on_body(&self, proxy: &dyn Proxy, side: Side, size: usize, end: bool) -> Action {
        match self.half(side).phase {
            Phase::Unseen | Phase::Passing => self.note_end(side, end),
            Phase::Collecting { .. } => self.collect(proxy, side, size, end),
            Phase::Waiting { .. } => self.keep_waiting(proxy, side, size, end),
            Phase::Streaming(streaming) => {
                self.note_end(side, end);
                self.pass_pieces(proxy, side, streaming, size, end)
            }
            Phase::Swallowing { until } => {
                self.note_end(side, end);
                self.swallow(proxy, side, until, size, end)
            }
            Phase::Over => Action::Pause,
        }
    }

    fn on_trailers(&self, proxy: &dyn Proxy, side: Side) -> Action {
        self.update(side, |half| half.progress.trailers());
        match self.half(side).phase {
            Phase::Unseen | Phase::Passing | Phase::Swallowing { .. } => Action::Continue,
            Phase::Collecting { .. } => self.judge_body(proxy, side),
            Phase::Streaming(_) => self.pass_end(proxy, side),
            Phase::Waiting { .. } | Phase::Over => Action::Pause,
        }
    }

    fn on_end(&self, proxy: &dyn Proxy) {
        if let Some(mut exchange) = self.exchange.take() {
            let end = End { replied: self.replied.get(), complete: self.half(Side::Response).progress.whole };
            exchange.on_end(&self.door(proxy), &end);
            self.beside(proxy, |second, around| second.end(around, end.complete));
        }
        self.unregister();
        if self.memo.has_calls() {
            self.core.kit.forget_calls(self.id);
        }
        self.core.kit.release(self.charge.replace(0));
    }
}

// Headers.
impl<F: Filter> Live<F> {
    fn on_request_headers(&self, proxy: &dyn Proxy, end: bool) -> Action {
        self.update(Side::Request, |half| half.progress.headers(end));
        if let Err(action) = self.admit(proxy) {
            return action;
        }
        self.begin_beside(proxy);
        self.exchange.replace(Some(self.core.filter.exchange()));
        let flow = self.decide(proxy, |exchange, host| exchange.on_request(host));
        self.settle(proxy, Side::Request, Stage::Headers, flow)
    }

    /// What must hold before the filter is asked at all.
    fn admit(&self, proxy: &dyn Proxy) -> Result<(), Action> {
        let headers = self.door(proxy).headers(Side::Request).map_err(|error| {
            let reply = self.host_failed(proxy, &error);
            self.refuse(proxy, Side::Request, &reply)
        })?;
        self.dialect.set(headers.first(":path").map(|path| self.core.kit.dialects.of_path(path)).unwrap_or_default());
        if !self.hold(headers.footprint().saturating_add(OVERHEAD).saturating_add(size_of::<F::Exchange>())) {
            return Err(self.overloaded(proxy));
        }
        self.headers_charge.set(headers.footprint());
        if self.core.kit.single.is_repeated_in(&headers) {
            self.count(proxy, metrics::REPEATED_HEADER);
            let message = "A header that must be single was sent more than once.";
            let reply = Reply::new(Status::BadRequest, "repeated_header", message);
            return Err(self.refuse(proxy, Side::Request, &reply));
        }
        Ok(())
    }

    fn on_response_headers(&self, proxy: &dyn Proxy, end: bool) -> Action {
        self.update(Side::Response, |half| half.progress.headers(end));
        if self.settled.get() || self.exchange.borrow().is_none() {
            return self.let_pass(Side::Response);
        }
        if self.half(Side::Response).phase == Phase::Over {
            return Action::Pause;
        }
        if self.half(Side::Request).holds_headers() {
            // We let nothing through, so this is the proxy's own answer (413, a timeout): there is no more to decide.
            self.hide_query(proxy);
            self.set_phase(Side::Request, Phase::Over);
            return self.let_pass(Side::Response);
        }
        self.beside(proxy, Second::on_response);
        let flow = self.decide(proxy, |exchange, host| exchange.on_response(host));
        self.settle(proxy, Side::Response, Stage::Headers, flow)
    }
}

// Bookkeeping.
impl<F: Filter> Live<F> {
    fn slot(&self, side: Side) -> &Cell<Half> {
        match side {
            Side::Request => &self.request,
            Side::Response => &self.response,
        }
    }

    fn half(&self, side: Side) -> Half {
        self.slot(side).get()
    }

    /// The side that is being decided on.
    fn latest_side(&self) -> Side {
        if self.half(Side::Response).phase == Phase::Unseen { Side::Request } else { Side::Response }
    }

    fn update(&self, side: Side, change: impl FnOnce(&mut Half)) {
        let mut half = self.half(side);
        change(&mut half);
        self.slot(side).set(half);
    }

    fn set_phase(&self, side: Side, phase: Phase) {
        self.update(side, |half| half.phase = phase);
    }

    fn hold(&self, bytes: usize) -> bool {
        let held = self.core.kit.hold(bytes);
        if held {
            self.charge.set(self.charge.get().saturating_add(bytes));
        }
        held
    }

    /// The headers of a request that goes on are held no longer, however long its answer takes.
    fn give_headers_back(&self) {
        let bytes = self.headers_charge.replace(0);
        self.charge.set(self.charge.get().saturating_sub(bytes));
        self.core.kit.release(bytes);
    }

    /// A stream that waits for nothing any more needs no sweep.
    fn unregister_if_idle(&self) {
        let waits = |side| {
            matches!(self.half(side).phase, Phase::Waiting { .. } | Phase::Collecting { .. } | Phase::Swallowing { .. })
        };
        if !waits(Side::Request) && !waits(Side::Response) && !self.memo.has_calls() {
            self.unregister();
        }
    }

    fn unregister(&self) {
        if self.registered.take() {
            self.core.kit.unregister(self.id);
        }
    }

    fn register(&self, proxy: &dyn Proxy) {
        if !self.registered.replace(true) {
            self.core.kit.register(self.id, self.me.clone());
        }
        self.core.kit.sweep_soon(proxy);
    }

    fn count(&self, proxy: &dyn Proxy, metric: Metric) {
        self.core.kit.measure(proxy, metric, 1);
    }
}
