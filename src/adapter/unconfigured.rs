//! A stream before there is a policy: everything is refused.

use crate::ai::dialect::Dialect;
use crate::host::{Action, Proxy, Side, Stream};
use crate::reply::Reply;

/// The stream.
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
