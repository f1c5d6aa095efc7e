//! Refusals: a reply or a reset, once; in shadow neither, and what was held goes on.

use super::{Action, Live};
use crate::adapter::half::Phase;
use crate::adapter::kit::Shares;
use crate::filter::Filter;
use crate::host::{HostError, Proxy, Side};
use crate::reply::Reply;
use crate::telemetry::kit as metrics;

impl<F: Filter> Live<F> {
    /// Refuses for the policy, or serves the document that it found. `at_hand` is the side that goes on by the action
    /// that is returned, if it does: none between callbacks of the stream. A body under another's length never goes on.
    pub(super) fn refuse(&self, proxy: &dyn Proxy, at_hand: impl Into<Option<Side>>, reply: &Reply) -> Action {
        if self.core.kit.is_shadow && !reply.is_document() && !self.memo.is_broken() {
            return self.look_on(proxy, at_hand.into(), Some(reply.code));
        }
        self.reply(proxy, reply)
    }

    /// Resets for the policy.
    pub(super) fn cut(&self, proxy: &dyn Proxy, at_hand: impl Into<Option<Side>>) -> Action {
        if self.core.kit.is_shadow && !self.memo.is_broken() {
            return self.look_on(proxy, at_hand.into(), None);
        }
        self.close(proxy)
    }

    /// Counts a refusal, or without a code a reset, and lets both sides go on, of which nobody is asked any more.
    fn look_on(&self, proxy: &dyn Proxy, at_hand: Option<Side>, code: Option<&'static str>) -> Action {
        self.settled.set(true);
        self.replied.set(code);
        self.count(proxy, metrics::SHADOWED);
        if self.core.kit.shadow_lines.takes(proxy.monotonic()) {
            let phase = at_hand.unwrap_or_else(|| self.latest_side()).name();
            let line = format!("in shadow, let pass in the {phase}: {}", code.unwrap_or("reset"));
            self.core.kit.log(proxy, log::Level::Info, &line);
        }
        for side in [Side::Request, Side::Response] {
            let half = self.half(side);
            if half.phase == Phase::Unseen && at_hand != Some(side) {
                continue;
            }
            self.let_pass(side);
            if half.holds_headers() && at_hand != Some(side) && proxy.resume(side).is_err() {
                return self.close(proxy);
            }
        }
        Action::Continue
    }

    /// Past the memory budget, which is in force in shadow too: a failed allocation is a trap.
    pub(super) fn overloaded(&self, proxy: &dyn Proxy) -> Action {
        self.count(proxy, metrics::OVERLOADED);
        self.reply(proxy, &Reply::unavailable("overloaded"))
    }

    /// Answers the request, once; too late for that, resets.
    pub(super) fn reply(&self, proxy: &dyn Proxy, reply: &Reply) -> Action {
        if self.settled.replace(true) {
            return Action::Pause;
        }
        if self.response_left.get() {
            self.count(proxy, metrics::LATE_REPLY);
            return self.close(proxy);
        }
        self.replied.set(Some(reply.code));
        self.hide_query(proxy);
        self.set_phase(Side::Request, Phase::Over);
        self.set_phase(Side::Response, Phase::Passing);
        if let Err(error) = reply.send(proxy, F::NAME, self.dialect.get()) {
            self.core.kit.log(proxy, log::Level::Error, &format!("a reply could not be sent: {error}"));
            return self.close(proxy);
        }
        Action::Pause
    }

    /// What the filter would have taken out of the path of a request that passed shall not stand in the access log when
    /// it is refused.
    pub(super) fn hide_query(&self, proxy: &dyn Proxy) {
        let half = self.half(Side::Request);
        if (half.phase == Phase::Unseen || half.holds_headers())
            && let Err(error) = self.door(proxy).hide_query()
        {
            self.core.kit.log(proxy, log::Level::Error, &format!("a refused request keeps its query: {error}"));
        }
    }

    pub(super) fn close(&self, proxy: &dyn Proxy) -> Action {
        self.hide_query(proxy);
        self.count(proxy, metrics::CLOSED);
        self.set_phase(Side::Request, Phase::Over);
        self.set_phase(Side::Response, Phase::Over);
        if let Err(error) = proxy.close() {
            self.core.kit.log(proxy, log::Level::Error, &format!("a stream could not be closed: {error}"));
        }
        Action::Pause
    }

    pub(super) fn host_failed(&self, proxy: &dyn Proxy, error: &HostError) -> Reply {
        self.memo.take_failure();
        self.count(proxy, metrics::HOST_FAILED);
        self.core.kit.log(
            proxy,
            log::Level::Error,
            &format!("a host call failed that the filter did not tolerate: {error}"),
        );
        Reply::unavailable("host_failed")
    }
}
