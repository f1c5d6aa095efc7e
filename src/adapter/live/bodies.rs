//! Bodies: held until they are whole, or shown piece by piece as they pass.

use super::{Action, Live};
use crate::adapter::candidate::Outcome;
use crate::adapter::half::{Phase, Stage};
use crate::adapter::kit::Shares;
use crate::filter::{Exchange, Filter, Flow, Pass, Streaming};
use crate::host::{HostError, Monotonic, Proxy, Side};
use crate::reply::{Reply, Status};
use crate::telemetry::kit as metrics;

/// The most that is read of a streamed body at once: an HTTP/2 chunk can be as large as its window, 16 MiB.
const PIECE: usize = 128 * 1024;

impl<F: Filter> Live<F> {
    pub(super) fn note_end(&self, side: Side, end: bool) -> Action {
        self.update(side, |half| half.progress.whole |= end);
        Action::Continue
    }

    pub(super) fn collect(&self, proxy: &dyn Proxy, side: Side, size: usize, end: bool) -> Action {
        self.core.kit.flag_proven.set(true);
        self.update(side, |half| half.progress.body(size, end));
        if size > self.core.kit.max_body {
            return self.too_large(proxy, side);
        }
        if self.half(side).progress.whole { self.judge_body(proxy, side) } else { Action::Pause }
    }

    pub(super) fn keep_waiting(&self, proxy: &dyn Proxy, side: Side, size: usize, end: bool) -> Action {
        self.update(side, |half| half.progress.body(size, end));
        if size > self.core.kit.max_body { self.too_large(proxy, side) } else { Action::Pause }
    }

    pub(super) fn too_large(&self, proxy: &dyn Proxy, side: Side) -> Action {
        self.count(proxy, metrics::BODY_TOO_LARGE);
        let reply = match side {
            Side::Request => Reply::new(Status::ContentTooLarge, "body_too_large", "The body is too large."),
            Side::Response => Reply::new(Status::BadGateway, "response_too_large", "The answer is too large."),
        };
        self.refuse(proxy, side, &reply)
    }

    /// The body is whole: read it once and ask.
    pub(super) fn judge_body(&self, proxy: &dyn Proxy, side: Side) -> Action {
        let buffered = self.half(side).progress.buffered;
        if buffered > self.core.kit.max_body {
            return self.too_large(proxy, side);
        }
        if !self.core.kit.hold(buffered) {
            return self.overloaded(proxy);
        }
        let flow = self.ask_about_body(proxy, side, buffered);
        self.core.kit.release(buffered);
        self.settle(proxy, side, Stage::Body, flow)
    }

    fn ask_about_body(&self, proxy: &dyn Proxy, side: Side, buffered: usize) -> Flow {
        let body = match read_body(proxy, side, 0, buffered) {
            Ok(body) => body,
            Err(error) => return Flow::Reply(self.host_failed(proxy, &error)),
        };
        self.memo.hold_body((buffered > 0).then_some((side, buffered)));
        self.beside(proxy, |second, around| second.on_body(around, side, &body));
        self.decide(proxy, |exchange, host| match side {
            Side::Request => exchange.on_request_body(host, &body),
            Side::Response => exchange.on_response_body(host, &body),
        })
    }

    /// Shows a piece of a streamed body to the filter, in parts of a bounded size, and writes what it wants instead.
    pub(super) fn pass_pieces(
        &self,
        proxy: &dyn Proxy,
        side: Side,
        streaming: Streaming,
        size: usize,
        last: bool,
    ) -> Action {
        match self.ask_pieces(proxy, side, size, last) {
            passed if self.core.kit.is_shadow => self.look_on_piece(proxy, side, passed),
            Ok(Passed::Same) => Action::Continue,
            Ok(Passed::Changed(_) | Passed::Stopped(_)) if !streaming.edits => self.unannounced(proxy),
            Ok(Passed::Changed(bytes)) => self.write_piece(proxy, side, size, &bytes),
            Ok(Passed::Stopped(bytes)) => {
                self.count(proxy, metrics::STOPPED);
                let until = proxy.monotonic().plus(streaming.after_stop.longest());
                self.set_phase(side, Phase::Swallowing { until });
                self.register(proxy);
                self.write_piece(proxy, side, size, &bytes)
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
            let ends = last && next >= size;
            self.beside(proxy, |second, around| second.on_chunk(around, side, &piece, ends));
            let pass = self.ask(proxy, |exchange, host| exchange.on_chunk(host, side, &piece, ends));
            if let Some(error) = self.memo.take_failure() {
                return Err(error);
            }
            let (bytes, stop) = match pass.unwrap_or(Pass::Same) {
                Pass::Same => (None, false),
                Pass::Instead(bytes) => (Some(bytes), false),
                Pass::Stop(bytes) => {
                    self.decided(proxy, side, Outcome::Reset);
                    (Some(bytes), true)
                }
                Pass::Refuse(reply) => {
                    self.decided(proxy, side, Outcome::of(&reply));
                    return Ok(Passed::Refused(reply));
                }
            };
            if out.is_none() && bytes.is_some() {
                out = Some(read_body(proxy, side, 0, at)?); // what passed unchanged before
            }
            if let Some(out) = &mut out {
                out.extend_from_slice(&bytes.unwrap_or(piece));
            }
            if stop {
                return Ok(Passed::Stopped(out.unwrap_or_default()));
            }
            at = next;
            if at >= size {
                return Ok(out.map_or(Passed::Same, Passed::Changed));
            }
        }
    }

    /// In shadow a piece passes as it came, whatever the filter would make of it: what it holds back of one would be lost
    /// when it refuses the next.
    fn look_on_piece(&self, proxy: &dyn Proxy, side: Side, passed: Result<Passed, HostError>) -> Action {
        match passed {
            Ok(Passed::Same | Passed::Changed(_)) => Action::Continue,
            Ok(Passed::Stopped(_)) => self.cut(proxy, side),
            Ok(Passed::Refused(reply)) => self.refuse(proxy, side, &reply),
            Err(error) => {
                let reply = self.host_failed(proxy, &error);
                self.refuse(proxy, side, &reply)
            }
        }
    }

    /// Without [`Streaming::edits`] the length has left with the headers: another one would be read as the beginning of
    /// the next message.
    fn unannounced(&self, proxy: &dyn Proxy) -> Action {
        self.core.kit.log(proxy, log::Level::Error, "a stream was changed that was announced as unchanged");
        self.close(proxy)
    }

    fn write_piece(&self, proxy: &dyn Proxy, side: Side, size: usize, bytes: &[u8]) -> Action {
        if size == 0 && bytes.is_empty() {
            return Action::Continue;
        }
        match proxy.replace_body(side, size, bytes) {
            Ok(()) => Action::Continue,
            Err(error) => self.reply(proxy, &self.host_failed(proxy, &error)),
        }
    }

    /// Trailers ended a streamed body. What was held back cannot be written any more (measured: status 2, the bytes
    /// are lost and the client sees a complete answer), so the stream is cut where somebody sees it.
    pub(super) fn pass_end(&self, proxy: &dyn Proxy, side: Side) -> Action {
        match self.ask_pieces(proxy, side, 0, true) {
            passed if self.core.kit.is_shadow => self.look_on_piece(proxy, side, passed),
            Ok(Passed::Same) => Action::Continue,
            Ok(Passed::Changed(bytes) | Passed::Stopped(bytes)) if bytes.is_empty() => Action::Continue,
            Ok(Passed::Refused(reply)) => self.reply(proxy, &reply),
            Ok(_) => {
                self.count(proxy, metrics::TAIL_LOST);
                let message = "A body that is inspected while it streams may not end in trailers.";
                self.reply(proxy, &Reply::new(Status::BadRequest, "trailers_not_supported", message))
            }
            Err(error) => self.reply(proxy, &self.host_failed(proxy, &error)),
        }
    }

    pub(super) fn swallow(&self, proxy: &dyn Proxy, side: Side, until: Monotonic, size: usize, end: bool) -> Action {
        if until <= proxy.monotonic() && !end {
            return self.close(proxy);
        }
        if size > 0 && proxy.replace_body(side, size, &[]).is_err() {
            return self.close(proxy);
        }
        Action::Continue
    }
}

/// What became of a piece.
enum Passed {
    Same,
    Changed(Vec<u8>),
    Stopped(Vec<u8>),
    Refused(Reply),
}

fn read_body(proxy: &dyn Proxy, side: Side, start: usize, len: usize) -> Result<Vec<u8>, HostError> {
    if len == 0 {
        return Ok(Vec::new());
    }
    proxy.body(side, start, len).and_then(|body| if body.len() == len { Ok(body) } else { Err(HostError::Malformed) })
}
