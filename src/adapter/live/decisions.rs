//! Decisions: a question to the exchange, and what it said, done once.

use super::{Action, Live};
use crate::adapter::candidate::Outcome;
use crate::adapter::door::Door;
use crate::adapter::half::{Phase, Stage};
use crate::adapter::kit::{Owner, Shares};
use crate::filter::{Filter, Flow, Streaming};
use crate::host::{Host, Millis, Proxy, Side};
use crate::reply::{Reply, Status};

/// How long an announced body may stay away before the missing flag is the likelier reason than a slow client.
const FLAG_DUE: Millis = Millis(5000);

impl<F: Filter> Live<F> {
    pub(super) fn door<'a>(&'a self, proxy: &'a dyn Proxy) -> Door<'a> {
        Door::new(proxy, &self.core.kit, Owner::Stream(self.id), &self.memo)
    }

    pub(super) fn ask<T>(
        &self,
        proxy: &dyn Proxy,
        question: impl FnOnce(&mut F::Exchange, &dyn Host) -> T,
    ) -> Option<T> {
        let answer = self.exchange.borrow_mut().as_mut().map(|exchange| question(exchange, &self.door(proxy)));
        if self.memo.has_calls() {
            self.register(proxy);
        }
        answer
    }

    /// Asks, and refuses if a host call failed on the way that the filter did not tolerate.
    pub(super) fn decide(&self, proxy: &dyn Proxy, question: impl FnOnce(&mut F::Exchange, &dyn Host) -> Flow) -> Flow {
        let flow = self.ask(proxy, question).unwrap_or(Flow::Close);
        match (self.memo.take_failure(), flow) {
            (None, flow) | (Some(_), flow @ (Flow::Reply(_) | Flow::Close)) => flow,
            (Some(error), _) => Flow::Reply(self.host_failed(proxy, &error)),
        }
    }

    /// Does what the filter said.
    pub(super) fn settle(&self, proxy: &dyn Proxy, side: Side, stage: Stage, flow: Flow) -> Action {
        match (flow, stage) {
            (Flow::Continue, _) => {
                self.decided(proxy, side, Outcome::Pass);
                self.let_pass(side)
            }
            (Flow::AwaitBody, Stage::Headers) if self.half(side).progress.whole => self.judge_body(proxy, side),
            (Flow::AwaitBody, Stage::Headers) => self.begin_collecting(proxy, side),
            (Flow::Stream(streaming), Stage::Headers) => self.begin_streaming(proxy, side, streaming),
            (Flow::AwaitAnswer { deadline }, _) => self.begin_waiting(proxy, side, stage, deadline),
            (Flow::Reply(reply), _) => {
                self.decided(proxy, side, Outcome::of(&reply));
                self.refuse(proxy, side, &reply)
            }
            (Flow::Close, _) => {
                self.decided(proxy, side, Outcome::Reset);
                self.cut(proxy, side)
            }
            (Flow::AwaitBody | Flow::Stream(_), Stage::Body) => {
                self.core.kit.log(proxy, log::Level::Error, "the filter asked twice for one body");
                let reply = Reply::new(Status::InternalError, "misuse", "The gateway made a mistake.");
                self.refuse(proxy, side, &reply)
            }
        }
    }

    pub(super) fn let_pass(&self, side: Side) -> Action {
        self.set_phase(side, Phase::Passing);
        self.memo.hold_body(None);
        self.memo.drop_headers(side);
        match side {
            Side::Request => self.give_headers_back(),
            Side::Response => self.response_left.set(true),
        }
        Action::Continue
    }

    pub(super) fn begin_collecting(&self, proxy: &dyn Proxy, side: Side) -> Action {
        self.set_phase(side, Phase::Collecting { flag_due: proxy.monotonic().plus(FLAG_DUE) });
        if !self.core.kit.flag_proven.get() {
            self.register(proxy);
        }
        let max = self.core.kit.max_body;
        if self.half(side).progress.buffered > max || self.memo.announced(side).is_some_and(|length| length > max) {
            self.too_large(proxy, side)
        } else {
            Action::Pause
        }
    }

    pub(super) fn begin_streaming(&self, proxy: &dyn Proxy, side: Side, streaming: Streaming) -> Action {
        if !self.hold(streaming.window) {
            return self.overloaded(proxy);
        }
        let progress = self.half(side).progress;
        let has_body = !progress.whole || progress.buffered > 0;
        if streaming.edits
            && !self.core.kit.is_shadow
            && has_body
            && let Err(error) = proxy.remove_header(side, "content-length")
        {
            return self.reply(proxy, &self.host_failed(proxy, &error));
        }
        self.beside(proxy, |second, around| second.on_stream(around, side));
        self.let_pass(side);
        self.set_phase(side, Phase::Streaming(streaming));
        // What arrived during a wait is shown now, also when trailers ended it: it is still held and can be written.
        match (progress.buffered, progress.whole) {
            (0, false) => Action::Continue,
            (0, true) => self.pass_end(proxy, side),
            (buffered, whole) => self.pass_pieces(proxy, side, streaming, buffered, whole),
        }
    }

    pub(super) fn begin_waiting(&self, proxy: &dyn Proxy, side: Side, stage: Stage, deadline: Millis) -> Action {
        self.set_phase(side, Phase::Waiting { stage, deadline: proxy.monotonic().plus(deadline) });
        self.register(proxy);
        Action::Pause
    }
}
