//! The answer: heard while it passes, held to its limits while it streams.

use portcullis::http::stream::Framing;
use portcullis::prelude::*;

use super::Visit;
use crate::fields;
use crate::filter::RateLimit;
use crate::heard::Heard;
use crate::inject::{MAX_EVENT, Unasked};
use crate::metrics::CUT;
use crate::policy::{Limit, Unit, Use};
use crate::taken::{Held, Taken};

/// How many tokens more than there are yet a stream takes at once that has used up what was reserved.
const AHEAD: u64 = 64;

impl Visit {
    pub(super) fn begin_answer(&mut self, host: &dyn Host, filter: &RateLimit) -> Flow {
        let Some(passed) = &self.passed else { return Flow::Continue };
        if fields::are_on_answers(filter.fields) && self.write_fields(host, filter).is_err() {
            host.tolerate(); // what a client is told of its limits is no reason to refuse it
        }
        let is_under_way =
            |taken: &&Taken| filter.limits.get(taken.limit).is_some_and(|limit| is_under_way(limit.unit));
        if !self.taken.iter().any(|taken| is_under_way(&taken)) {
            return Flow::Continue;
        }
        let Ok(headers) = host.headers(Side::Response) else { return Flow::Continue };
        let endpoint = passed.endpoint.filter(|_| self.has_taken(filter, Unit::counts_tokens));
        let heard = Heard::of(endpoint, &headers, self.cuts(filter));
        let (window, framing, is_refusal) = (heard.window(), heard.framing(), heard.is_refusal());
        self.heard = Some(heard);
        self.hold(host, filter);
        if is_refusal {
            return Flow::Continue;
        }
        let is_unasked = framing == Some(Framing::Sse) && self.asked_for_usage;
        self.unasked = is_unasked.then(Unasked::default);
        let edits = is_unasked || (framing.is_some() && self.cuts(filter));
        let window = if is_unasked { window.saturating_add(MAX_EVENT) } else { window };
        Flow::Stream(Streaming { edits, window, after_stop: filter.after_stop })
    }

    fn write_fields(&self, host: &dyn Host, filter: &RateLimit) -> Result<(), HostError> {
        let mut fields = fields::of_answer(filter.fields, &filter.limits, &self.shown).into_iter();
        fields.try_for_each(|(name, value)| host.set_header(Side::Response, name, value.as_bytes()))
    }

    fn cuts(&self, filter: &RateLimit) -> bool {
        self.taken.iter().filter_map(|taken| filter.limits.get(taken.limit)).any(|limit| limit.cuts && !limit.is_shadow)
    }

    pub(super) fn hear(&mut self, host: &dyn Host, filter: &RateLimit, chunk: &[u8], last: bool) -> Pass {
        let Some(heard) = &mut self.heard else { return Pass::Same };
        heard.push(chunk, last);
        let passes = self.unasked.as_mut().map(|unasked| unasked.pass(chunk, last));
        self.hold(host, filter);
        if !last
            && self.is_used_up(host, filter)
            && let Some(ended) = self.ended(chunk, passes.as_deref())
        {
            host.measure(CUT, 1);
            self.is_cut = true;
            return Pass::Stop(ended);
        }
        match passes {
            Some(passes) if passes != chunk => Pass::Instead(passes),
            _ => Pass::Same,
        }
    }

    /// What passes of a piece when the answer ends with it. Where events are held until they are whole, each that passed is.
    fn ended(&self, chunk: &[u8], passes: Option<&[u8]>) -> Option<Vec<u8>> {
        let heard = self.heard.as_ref()?;
        match passes {
            Some(passes) => Some([passes, &heard.ending()?].concat()),
            None => heard.ended(chunk),
        }
    }

    /// Holds what was taken for another lease, when half of this one is over.
    fn hold(&mut self, host: &dyn Host, filter: &RateLimit) {
        let now = host.monotonic().0;
        let lease = |taken: &Taken| {
            let is_bucket = matches!(taken.held, Held::Bucket { .. });
            filter.limits.get(taken.limit).filter(|_| is_bucket).and_then(|limit| limit.meter().lease())
        };
        let shortest = self.taken.iter().filter_map(lease).min();
        if shortest.is_none_or(|lease| now.saturating_sub(self.held_since) <= lease / 2) {
            return;
        }
        self.held_since = now;
        for taken in self.taken.iter_mut().filter(|taken| lease(taken).is_some()) {
            // More is not asked for, so that nothing can be refused.
            filter.renew(host, taken, 0).ok();
        }
    }

    /// Whether a limit that cuts has no more for what has been written.
    fn is_used_up(&mut self, host: &dyn Host, filter: &RateLimit) -> bool {
        let (Some(heard), Some(passed)) = (&self.heard, &self.passed) else { return false };
        let (output, input, price) = (heard.output(), passed.input, passed.price);
        let units = |limit: &Limit, output: u64| limit.unit.at_most(&Use::at_most(input, output, 0), price.as_ref());
        for taken in &mut self.taken {
            let Some(limit) = filter.limits.get(taken.limit).filter(|limit| limit.cuts && !limit.is_shadow) else {
                continue;
            };
            let used = units(limit, output);
            if used <= taken.units() {
                continue;
            }
            let (held, ahead) = (taken.units(), units(limit, output.saturating_add(AHEAD)));
            let mut takes = |wanted: u64| filter.renew(host, taken, wanted.saturating_sub(held)).is_ok();
            if !takes(ahead) && !takes(used) {
                return true;
            }
        }
        false
    }
}

/// Whether what was taken is not known before the end.
fn is_under_way(unit: Unit) -> bool {
    unit.is_known_at_end() || unit == Unit::Concurrent
}
