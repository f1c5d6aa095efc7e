//! Waits: for an answer, for a wake-up, for a body that may never be shown; each ends.

use super::{Action, Live, Waits};
use crate::adapter::candidate::Outcome;
use crate::adapter::half::Phase;
use crate::adapter::kit::Shares;
use crate::filter::{Answer, Call, Exchange, Filter, Flow};
use crate::host::{ContextId, Monotonic, Proxy, Side};
use crate::reply::{Reply, Status};
use crate::telemetry::kit as metrics;

impl<F: Filter> Waits for Live<F> {
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
                Phase::Swallowing { until } if until <= now => drop(self.close(proxy)),
                _ => {}
            }
        }
    }

    fn on_woken(&self, proxy: &dyn Proxy) {
        for side in [Side::Request, Side::Response] {
            if matches!(self.half(side).phase, Phase::Waiting { .. }) && !self.memo.has_calls() {
                self.resolve(proxy, side, None, &Answer::Woken);
            }
        }
    }

    /// Nobody is asked after the end: our own reply, a reset, or the proxy's own answer.
    fn on_answer(&self, proxy: &dyn Proxy, call: Call, answer: &Answer) {
        self.memo.count_answer();
        if self.settled.get() || self.half(Side::Request).phase == Phase::Over {
            return;
        }
        let waits = |side: &Side| matches!(self.half(*side).phase, Phase::Waiting { .. });
        match [Side::Request, Side::Response].iter().find(|side| waits(side)) {
            Some(side) => self.resolve(proxy, *side, Some(call), answer),
            None => self.take_note(proxy, call, answer),
        }
    }
}

impl<F: Filter> Live<F> {
    /// What was waited for is there: decide again, and let go what may go.
    pub(super) fn resolve(&self, proxy: &dyn Proxy, side: Side, call: Option<Call>, answer: &Answer) {
        let Phase::Waiting { stage, .. } = self.half(side).phase else { return };
        let flow = self.decide(proxy, |exchange, host| exchange.on_answer(host, call, answer));
        if self.settle(proxy, side, stage, flow) == Action::Continue && proxy.resume(side).is_err() {
            self.close(proxy);
        }
        self.unregister_if_idle();
    }

    /// An answer that nobody waited for can still refuse.
    pub(super) fn take_note(&self, proxy: &dyn Proxy, call: Call, answer: &Answer) {
        match self.decide(proxy, |exchange, host| exchange.on_answer(host, Some(call), answer)) {
            Flow::Reply(reply) => {
                self.decided(proxy, self.latest_side(), Outcome::of(&reply));
                self.refuse(proxy, None, &reply);
            }
            Flow::Close => {
                self.decided(proxy, self.latest_side(), Outcome::Reset);
                self.cut(proxy, None);
            }
            Flow::Continue | Flow::AwaitBody | Flow::Stream(_) | Flow::AwaitAnswer { .. } => {}
        }
        self.unregister_if_idle();
    }

    pub(super) fn on_flag_due(&self, proxy: &dyn Proxy, side: Side) {
        // A slow client looks the same until one body has come; a slow model always does, so only requests are judged.
        let is_shown = self.core.kit.flag_proven.get() || self.half(side).progress.buffered > 0;
        if is_shown || side == Side::Response {
            return;
        }
        self.count(proxy, metrics::FLAG_MISSING);
        let line = "no body callback in 5 s while headers are held, probably because of a missing flag: set allow_on_headers_stop_iteration: true";
        self.core.kit.log(proxy, log::Level::Error, line);
        let reply = Reply::new(Status::InternalError, "flag_missing", "The gateway is configured wrongly.");
        self.refuse(proxy, None, &reply);
    }
}
