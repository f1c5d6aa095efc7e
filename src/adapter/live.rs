//! One stream: each callback of the proxy becomes a question, and each answer one thing that is done, once.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use super::Core;
use super::door::{Door, Memo};
use super::half::{Half, Phase, Stage};
use super::kit::{Owner, Shares};
use crate::ai::dialect::Dialect;
use crate::filter::{Answer, Call, End, Exchange, Filter, Flow, Pass, Streaming};
use crate::host::{Action, ContextId, Host, HostError, Millis, Monotonic, Proxy, Side, Stream};
use crate::http::header::Headers;
use crate::reply::{Reply, Status};
use crate::telemetry::{Metric, kit as metrics};

/// How long an announced body may stay away before the missing flag is the likelier reason than a slow client.
const FLAG_DUE: Millis = Millis(5000);
/// How much of an answer is dropped after it was stopped, and for how long, before the stream is reset: an upstream
/// that ends by itself gives the client a clean end, one that goes on would be paid for.
const SWALLOW_BYTES: usize = 64 * 1024;
const SWALLOW_TIME: Millis = Millis(2000);
/// The most that is read of a streamed body at once: an HTTP/2 chunk can be as large as its window, 16 MiB.
const PIECE: usize = 128 * 1024;
/// What an exchange costs in memory beside its headers, about.
const OVERHEAD: usize = 1024;

/// A stream before there is a policy: everything is refused.
pub(super) struct Unconfigured {
    filter: &'static str,
}

impl Unconfigured {
    pub(super) fn new(filter: &'static str) -> Self {
        Self { filter }
    }
}

impl Stream for Unconfigured {
    fn on_headers(&self, proxy: &dyn Proxy, side: Side, _end: bool) -> Action {
        if side == Side::Response {
            return Action::Continue;
        }
        if Reply::unavailable("no_policy").send(proxy, self.filter, Dialect::Unknown).is_err() {
            proxy.close().ok();
        }
        Action::Pause
    }

    fn on_body(&self, _: &dyn Proxy, side: Side, _: usize, _: bool) -> Action {
        if side == Side::Response { Action::Continue } else { Action::Pause }
    }

    fn on_trailers(&self, _: &dyn Proxy, side: Side) -> Action {
        if side == Side::Response { Action::Continue } else { Action::Pause }
    }

    fn on_end(&self, _: &dyn Proxy) {}
}

/// A stream as answers and the tick see it.
pub(super) trait Waits {
    fn id(&self) -> ContextId;
    fn on_deadline(&self, proxy: &dyn Proxy, now: Monotonic);
    fn on_woken(&self, proxy: &dyn Proxy);
    fn on_answer(&self, proxy: &dyn Proxy, call: Call, answer: &Answer);
}

/// Whether what is at hand goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Go,
    Hold,
}

impl From<Verdict> for Action {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Go => Self::Continue,
            Verdict::Hold => Self::Pause,
        }
    }
}

/// A stream as the proxy holds it.
pub(super) struct Live<F: Filter>(Rc<Course<F>>);

impl<F: Filter> Live<F> {
    pub(super) fn new(id: ContextId, core: Rc<Core<F>>) -> Self {
        Self(Rc::new_cyclic(|me| Course {
            id,
            core,
            me: me.clone(),
            memo: Memo::default(),
            exchange: RefCell::new(None),
            request: Cell::default(),
            response: Cell::default(),
            dialect: Cell::default(),
            replied: Cell::new(None),
            response_left: Cell::new(false),
            charge: Cell::new(0),
        }))
    }
}

impl<F: Filter> Stream for Live<F> {
    fn on_headers(&self, proxy: &dyn Proxy, side: Side, end: bool) -> Action {
        match side {
            Side::Request => self.0.on_request_headers(proxy, end),
            Side::Response => self.0.on_response_headers(proxy, end),
        }
        .into()
    }

    fn on_body(&self, proxy: &dyn Proxy, side: Side, size: usize, end: bool) -> Action {
        self.0.on_body(proxy, side, size, end).into()
    }

    fn on_trailers(&self, proxy: &dyn Proxy, side: Side) -> Action {
        self.0.on_trailers(proxy, side).into()
    }

    fn on_end(&self, proxy: &dyn Proxy) {
        self.0.on_end(proxy);
    }
}

struct Course<F: Filter> {
    id: ContextId,
    core: Rc<Core<F>>,
    me: Weak<Self>,
    memo: Memo,
    /// None until the request's headers came, and again after the end.
    exchange: RefCell<Option<F::Exchange>>,
    request: Cell<Half>,
    response: Cell<Half>,
    dialect: Cell<Dialect>,
    /// The code of our own reply: its response callbacks are not the upstream's answer.
    replied: Cell<Option<&'static str>>,
    /// Response headers are on their way to the client: a reply is no longer possible.
    response_left: Cell<bool>,
    /// What this stream took from the memory budget.
    charge: Cell<usize>,
}

// What the proxy tells.
impl<F: Filter> Course<F> {
    fn on_request_headers(&self, proxy: &dyn Proxy, end: bool) -> Verdict {
        self.update(Side::Request, |half| half.progress.headers(end));
        let flow = match self.admit(proxy) {
            Ok(()) => {
                self.exchange.replace(Some(self.core.filter.exchange()));
                self.decide(proxy, |exchange, host| exchange.on_request(host))
            }
            Err(reply) => Flow::Reply(reply),
        };
        self.settle(proxy, Side::Request, Stage::Headers, flow)
    }

    /// What must hold before the filter is asked at all.
    fn admit(&self, proxy: &dyn Proxy) -> Result<(), Reply> {
        let headers = self.door(proxy).headers(Side::Request).map_err(|error| self.host_failed(proxy, &error))?;
        self.dialect.set(headers.first(":path").map(Dialect::of_path).unwrap_or_default());
        if !self.hold(headers.footprint().saturating_add(OVERHEAD).saturating_add(size_of::<F::Exchange>())) {
            self.count(proxy, metrics::OVERLOADED);
            return Err(Reply::unavailable("overloaded"));
        }
        if self.has_repeated(&headers) {
            self.count(proxy, metrics::REPEATED_HEADER);
            let message = "A header that must be single was sent more than once.";
            return Err(Reply::new(Status::BadRequest, "repeated_header", message));
        }
        Ok(())
    }

    fn has_repeated(&self, headers: &Headers) -> bool {
        self.core.kit.single_headers().iter().any(|name| headers.only(name).is_err())
    }

    fn on_response_headers(&self, proxy: &dyn Proxy, end: bool) -> Verdict {
        self.update(Side::Response, |half| half.progress.headers(end));
        if self.replied.get().is_some() || self.exchange.borrow().is_none() {
            return self.let_pass(Side::Response);
        }
        if self.half(Side::Request).holds_headers() {
            // We let nothing through, so this is the proxy's own answer (413, a timeout): there is no more to decide.
            self.set_phase(Side::Request, Phase::Over);
            return self.let_pass(Side::Response);
        }
        let flow = self.decide(proxy, |exchange, host| exchange.on_response(host));
        self.settle(proxy, Side::Response, Stage::Headers, flow)
    }

    fn on_body(&self, proxy: &dyn Proxy, side: Side, size: usize, end: bool) -> Verdict {
        match self.half(side).phase {
            Phase::Unseen | Phase::Passing => self.note_end(side, end),
            Phase::Collecting { .. } => self.collect(proxy, side, size, end),
            Phase::Waiting { .. } => self.keep_waiting(proxy, side, size, end),
            Phase::Streaming(streaming) => {
                self.note_end(side, end);
                self.pass_pieces(proxy, side, streaming, size, end)
            }
            Phase::Swallowing { since, dropped } => {
                self.note_end(side, end);
                self.swallow(proxy, side, since, dropped.saturating_add(size), size, end)
            }
            Phase::Over => Verdict::Hold,
        }
    }

    fn on_trailers(&self, proxy: &dyn Proxy, side: Side) -> Verdict {
        self.update(side, |half| half.progress.trailers());
        match self.half(side).phase {
            Phase::Unseen | Phase::Passing | Phase::Swallowing { .. } => Verdict::Go,
            Phase::Collecting { .. } => self.judge_body(proxy, side),
            Phase::Streaming(_) => self.pass_end(proxy, side),
            Phase::Waiting { .. } | Phase::Over => Verdict::Hold,
        }
    }

    fn on_end(&self, proxy: &dyn Proxy) {
        self.core.kit.forget(self.id);
        self.core.kit.release(self.charge.replace(0));
        let Some(mut exchange) = self.exchange.take() else { return };
        let end = End { replied: self.replied.get(), complete: self.half(Side::Response).progress.whole };
        exchange.on_end(&self.door(proxy), &end);
    }
}

// Bodies.
impl<F: Filter> Course<F> {
    fn note_end(&self, side: Side, end: bool) -> Verdict {
        self.update(side, |half| half.progress.whole |= end);
        Verdict::Go
    }

    fn collect(&self, proxy: &dyn Proxy, side: Side, size: usize, end: bool) -> Verdict {
        self.core.kit.flag_proven.set(true);
        self.update(side, |half| half.progress.body(size, end));
        if size > self.core.kit.max_body {
            return self.too_large(proxy, side);
        }
        if self.half(side).progress.whole { self.judge_body(proxy, side) } else { Verdict::Hold }
    }

    fn keep_waiting(&self, proxy: &dyn Proxy, side: Side, size: usize, end: bool) -> Verdict {
        self.update(side, |half| half.progress.body(size, end));
        if size > self.core.kit.max_body { self.too_large(proxy, side) } else { Verdict::Hold }
    }

    fn too_large(&self, proxy: &dyn Proxy, side: Side) -> Verdict {
        self.count(proxy, metrics::BODY_TOO_LARGE);
        let reply = match side {
            Side::Request => Reply::new(Status::ContentTooLarge, "body_too_large", "The body is too large."),
            Side::Response => Reply::new(Status::BadGateway, "response_too_large", "The answer is too large."),
        };
        self.reply(proxy, &reply)
    }

    /// The body is whole: read it once and ask.
    fn judge_body(&self, proxy: &dyn Proxy, side: Side) -> Verdict {
        let buffered = self.half(side).progress.buffered;
        if buffered > self.core.kit.max_body {
            return self.too_large(proxy, side);
        }
        let body = match read_body(proxy, side, 0, buffered) {
            Ok(body) => body,
            Err(error) => return self.reply(proxy, &self.host_failed(proxy, &error)),
        };
        self.memo.hold_body((buffered > 0).then_some((side, buffered)));
        let flow = self.decide(proxy, |exchange, host| match side {
            Side::Request => exchange.on_request_body(host, &body),
            Side::Response => exchange.on_response_body(host, &body),
        });
        self.settle(proxy, side, Stage::Body, flow)
    }

    /// Shows a piece of a streamed body to the filter, in parts of a bounded size, and writes what it wants instead.
    fn pass_pieces(&self, proxy: &dyn Proxy, side: Side, streaming: Streaming, size: usize, last: bool) -> Verdict {
        match self.ask_pieces(proxy, side, size, last) {
            Ok(Passed::Same) => Verdict::Go,
            Ok(Passed::Changed(bytes)) => self.write_piece(proxy, side, streaming, size, &bytes),
            Ok(Passed::Stopped(bytes)) => {
                self.count(proxy, metrics::STOPPED);
                self.set_phase(side, Phase::Swallowing { since: proxy.monotonic(), dropped: 0 });
                self.write_piece(proxy, side, streaming, size, &bytes)
            }
            Ok(Passed::Refused(reply)) => self.reply(proxy, &reply),
            Err(error) => self.reply(proxy, &self.host_failed(proxy, &error)),
        }
    }

    fn ask_pieces(&self, proxy: &dyn Proxy, side: Side, size: usize, last: bool) -> Result<Passed, HostError> {
        let mut out: Option<Vec<u8>> = None;
        let mut at = 0_usize;
        loop {
            let len = size.saturating_sub(at).min(PIECE);
            let piece = read_body(proxy, side, at, len)?;
            let next = at.saturating_add(len);
            let pass = self.ask(proxy, |exchange, host| exchange.on_chunk(host, side, &piece, last && next >= size));
            if let Some(error) = self.memo.take_failure() {
                return Err(error);
            }
            let (bytes, stop) = match pass.unwrap_or(Pass::Same) {
                Pass::Same => (None, false),
                Pass::Instead(bytes) => (Some(bytes), false),
                Pass::Stop(bytes) => (Some(bytes), true),
                Pass::Refuse(reply) => return Ok(Passed::Refused(reply)),
            };
            out = match (out, bytes) {
                (None, None) => None,
                (Some(before), bytes) => Some([before, bytes.unwrap_or(piece)].concat()),
                (None, Some(bytes)) => Some([read_body(proxy, side, 0, at)?, bytes].concat()),
            };
            if stop {
                return Ok(Passed::Stopped(out.unwrap_or_default()));
            }
            at = next;
            if at >= size {
                return Ok(out.map_or(Passed::Same, Passed::Changed));
            }
        }
    }

    /// Writes what the filter wants instead. Without [`Streaming::edits`] the length has left with the headers: another
    /// length would be read as the beginning of the next message.
    fn write_piece(&self, proxy: &dyn Proxy, side: Side, streaming: Streaming, size: usize, bytes: &[u8]) -> Verdict {
        if !streaming.edits {
            self.core.kit.log(proxy, log::Level::Error, "a stream was changed that was announced as unchanged");
            return self.close(proxy);
        }
        if size == 0 && bytes.is_empty() {
            return Verdict::Go;
        }
        match proxy.replace_body(side, size, bytes) {
            Ok(()) => Verdict::Go,
            Err(error) => self.reply(proxy, &self.host_failed(proxy, &error)),
        }
    }

    /// Trailers ended a streamed body. What was held back cannot be written any more (measured: status 2, the bytes
    /// are lost and the client sees a complete answer), so the stream is cut where somebody sees it.
    fn pass_end(&self, proxy: &dyn Proxy, side: Side) -> Verdict {
        match self.ask_pieces(proxy, side, 0, true) {
            Ok(Passed::Same) => Verdict::Go,
            Ok(Passed::Changed(bytes) | Passed::Stopped(bytes)) if bytes.is_empty() => Verdict::Go,
            Ok(Passed::Refused(reply)) => self.reply(proxy, &reply),
            Ok(_) => {
                self.count(proxy, metrics::TAIL_LOST);
                let message = "A body that is inspected while it streams may not end in trailers.";
                self.reply(proxy, &Reply::new(Status::BadRequest, "trailers_not_supported", message))
            }
            Err(error) => self.reply(proxy, &self.host_failed(proxy, &error)),
        }
    }

    fn swallow(
        &self,
        proxy: &dyn Proxy,
        side: Side,
        since: Monotonic,
        dropped: usize,
        size: usize,
        end: bool,
    ) -> Verdict {
        let long = proxy.monotonic().since(since) > SWALLOW_TIME || dropped > SWALLOW_BYTES;
        if long && !end {
            return self.close(proxy);
        }
        self.set_phase(side, Phase::Swallowing { since, dropped });
        if size > 0 && proxy.replace_body(side, size, &[]).is_err() {
            return self.close(proxy);
        }
        Verdict::Go
    }
}

/// What became of a piece.
enum Passed {
    Same,
    Changed(Vec<u8>),
    Stopped(Vec<u8>),
    Refused(Reply),
}

// Decisions.
impl<F: Filter> Course<F> {
    fn door<'a>(&'a self, proxy: &'a dyn Proxy) -> Door<'a> {
        Door::new(proxy, &self.core.kit, Owner::Stream(self.id), &self.memo)
    }

    fn ask<T>(&self, proxy: &dyn Proxy, question: impl FnOnce(&mut F::Exchange, &dyn Host) -> T) -> Option<T> {
        let answer = self.exchange.borrow_mut().as_mut().map(|exchange| question(exchange, &self.door(proxy)));
        if self.memo.take_called() {
            self.register(proxy);
        }
        answer
    }

    /// Asks, and refuses if a host call failed on the way that the filter did not tolerate.
    fn decide(&self, proxy: &dyn Proxy, question: impl FnOnce(&mut F::Exchange, &dyn Host) -> Flow) -> Flow {
        let flow = self.ask(proxy, question).unwrap_or(Flow::Close);
        match (self.memo.take_failure(), flow) {
            (None, flow) | (Some(_), flow @ (Flow::Reply(_) | Flow::Close)) => flow,
            (Some(error), _) => Flow::Reply(self.host_failed(proxy, &error)),
        }
    }

    /// Does what the filter said.
    fn settle(&self, proxy: &dyn Proxy, side: Side, stage: Stage, flow: Flow) -> Verdict {
        match (flow, stage) {
            (Flow::Continue, _) => self.let_pass(side),
            (Flow::AwaitBody, Stage::Headers) if self.half(side).progress.whole => self.judge_body(proxy, side),
            (Flow::AwaitBody, Stage::Headers) => self.begin_collecting(proxy, side),
            (Flow::Stream(streaming), Stage::Headers) => self.begin_streaming(proxy, side, streaming),
            (Flow::AwaitAnswer { deadline }, _) => self.begin_waiting(proxy, side, stage, deadline),
            (Flow::Reply(reply), _) => self.reply(proxy, &reply),
            (Flow::Close, _) => self.close(proxy),
            (Flow::AwaitBody | Flow::Stream(_), Stage::Body) => {
                self.core.kit.log(proxy, log::Level::Error, "the filter asked twice for one body");
                self.reply(proxy, &Reply::new(Status::InternalError, "misuse", "The gateway made a mistake."))
            }
        }
    }

    fn let_pass(&self, side: Side) -> Verdict {
        self.set_phase(side, Phase::Passing);
        self.memo.hold_body(None);
        self.memo.drop_headers(side);
        if side == Side::Response {
            self.response_left.set(true);
        }
        Verdict::Go
    }

    fn begin_collecting(&self, proxy: &dyn Proxy, side: Side) -> Verdict {
        self.set_phase(side, Phase::Collecting { flag_due: proxy.monotonic().plus(FLAG_DUE) });
        if !self.core.kit.flag_proven.get() {
            self.register(proxy);
        }
        if self.half(side).progress.buffered > self.core.kit.max_body {
            self.too_large(proxy, side)
        } else {
            Verdict::Hold
        }
    }

    fn begin_streaming(&self, proxy: &dyn Proxy, side: Side, streaming: Streaming) -> Verdict {
        if !self.hold(streaming.window) {
            self.count(proxy, metrics::OVERLOADED);
            return self.reply(proxy, &Reply::unavailable("overloaded"));
        }
        let progress = self.half(side).progress;
        let has_body = !progress.whole || progress.buffered > 0;
        if streaming.edits
            && has_body
            && let Err(error) = proxy.remove_header(side, "content-length")
        {
            return self.reply(proxy, &self.host_failed(proxy, &error));
        }
        let arrived = progress.buffered > 0 || progress.whole;
        self.let_pass(side);
        self.set_phase(side, Phase::Streaming(streaming));
        match arrived {
            // A message of headers alone cannot be given a body; the filter still learns that this was all.
            true if progress.trailers || !has_body => self.pass_end(proxy, side),
            true => self.pass_pieces(proxy, side, streaming, progress.buffered, progress.whole),
            false => Verdict::Go,
        }
    }

    fn begin_waiting(&self, proxy: &dyn Proxy, side: Side, stage: Stage, deadline: Millis) -> Verdict {
        self.set_phase(side, Phase::Waiting { stage, deadline: proxy.monotonic().plus(deadline) });
        self.register(proxy);
        Verdict::Hold
    }

    /// Answers the request, once; too late for that, resets.
    fn reply(&self, proxy: &dyn Proxy, reply: &Reply) -> Verdict {
        if self.replied.get().is_some() {
            return Verdict::Hold;
        }
        if self.response_left.get() {
            self.count(proxy, metrics::LATE_REPLY);
            return self.close(proxy);
        }
        self.replied.set(Some(reply.code));
        self.set_phase(Side::Request, Phase::Over);
        self.set_phase(Side::Response, Phase::Passing);
        if let Err(error) = reply.send(proxy, F::NAME, self.dialect.get()) {
            self.core.kit.log(proxy, log::Level::Error, &format!("a reply could not be sent: {error}"));
            return self.close(proxy);
        }
        Verdict::Hold
    }

    fn close(&self, proxy: &dyn Proxy) -> Verdict {
        self.count(proxy, metrics::CLOSED);
        self.set_phase(Side::Request, Phase::Over);
        self.set_phase(Side::Response, Phase::Over);
        if let Err(error) = proxy.close() {
            self.core.kit.log(proxy, log::Level::Error, &format!("a stream could not be closed: {error}"));
        }
        Verdict::Hold
    }

    fn host_failed(&self, proxy: &dyn Proxy, error: &HostError) -> Reply {
        self.memo.take_failure();
        self.count(proxy, metrics::HOST_FAILED);
        self.core.kit.log(proxy, log::Level::Error, &format!("a host call failed, the request is refused: {error}"));
        Reply::unavailable("host_failed")
    }
}

// Waits.
impl<F: Filter> Waits for Course<F> {
    fn id(&self) -> ContextId {
        self.id
    }

    fn on_deadline(&self, proxy: &dyn Proxy, now: Monotonic) {
        for side in [Side::Request, Side::Response] {
            match self.half(side).phase {
                Phase::Waiting { deadline, .. } if deadline <= now => {
                    self.count(proxy, metrics::TIMED_OUT);
                    self.resolve(proxy, side, None, &Answer::TimedOut);
                }
                Phase::Collecting { flag_due } if flag_due <= now => self.on_flag_due(proxy, side),
                _ => {}
            }
        }
    }

    fn on_woken(&self, proxy: &dyn Proxy) {
        for side in [Side::Request, Side::Response] {
            if matches!(self.half(side).phase, Phase::Waiting { .. }) && !self.core.kit.has_calls(self.id) {
                self.resolve(proxy, side, None, &Answer::Woken);
            }
        }
    }

    fn on_answer(&self, proxy: &dyn Proxy, call: Call, answer: &Answer) {
        let waits = |side: &Side| matches!(self.half(*side).phase, Phase::Waiting { .. });
        match [Side::Request, Side::Response].iter().find(|side| waits(side)) {
            Some(side) => self.resolve(proxy, *side, Some(call), answer),
            None => self.take_note(proxy, call, answer),
        }
    }
}

impl<F: Filter> Course<F> {
    /// What was waited for is there: decide again, and let go what may go.
    fn resolve(&self, proxy: &dyn Proxy, side: Side, call: Option<Call>, answer: &Answer) {
        let Phase::Waiting { stage, .. } = self.half(side).phase else { return };
        let flow = self.decide(proxy, |exchange, host| exchange.on_answer(host, call, answer));
        if self.settle(proxy, side, stage, flow) == Verdict::Go && proxy.resume(side).is_err() {
            self.close(proxy);
        }
        self.unregister_if_idle();
    }

    /// An answer that nobody waited for can still refuse.
    fn take_note(&self, proxy: &dyn Proxy, call: Call, answer: &Answer) {
        match self.decide(proxy, |exchange, host| exchange.on_answer(host, Some(call), answer)) {
            Flow::Reply(reply) => drop(self.reply(proxy, &reply)),
            Flow::Close => drop(self.close(proxy)),
            Flow::Continue | Flow::AwaitBody | Flow::Stream(_) | Flow::AwaitAnswer { .. } => {}
        }
    }

    fn on_flag_due(&self, proxy: &dyn Proxy, side: Side) {
        if self.core.kit.flag_proven.get() || self.half(side).progress.buffered > 0 {
            return;
        }
        self.count(proxy, metrics::FLAG_MISSING);
        let line = "no body callback in 5 s while headers are held: set allow_on_headers_stop_iteration: true";
        self.core.kit.log(proxy, log::Level::Error, line);
        let reply = Reply::new(Status::InternalError, "flag_missing", "The gateway is configured wrongly.");
        self.reply(proxy, &reply);
    }
}

// Bookkeeping.
impl<F: Filter> Course<F> {
    fn slot(&self, side: Side) -> &Cell<Half> {
        match side {
            Side::Request => &self.request,
            Side::Response => &self.response,
        }
    }

    fn half(&self, side: Side) -> Half {
        self.slot(side).get()
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

    /// A stream that waits for nothing any more needs no sweep.
    fn unregister_if_idle(&self) {
        let waits = |side| matches!(self.half(side).phase, Phase::Waiting { .. } | Phase::Collecting { .. });
        if !waits(Side::Request) && !waits(Side::Response) && !self.core.kit.has_calls(self.id) {
            self.core.kit.forget(self.id);
        }
    }

    fn register(&self, proxy: &dyn Proxy) {
        self.core.kit.register(self.id, self.me.clone());
        self.core.kit.sweep_soon(proxy);
    }

    fn count(&self, proxy: &dyn Proxy, metric: Metric) {
        self.core.kit.measure(proxy, metric, 1);
    }
}

fn read_body(proxy: &dyn Proxy, side: Side, start: usize, len: usize) -> Result<Vec<u8>, HostError> {
    if len == 0 {
        return Ok(Vec::new());
    }
    proxy.body(side, start, len).and_then(|body| if body.len() == len { Ok(body) } else { Err(HostError::Malformed) })
}
