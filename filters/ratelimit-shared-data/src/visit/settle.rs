//! The end: what was used takes the place of what was reserved.

use portcullis::prelude::*;
use portcullis::risk;

use super::Visit;
use crate::filter::RateLimit;
use crate::heard::Used;
use crate::metrics::{
    CACHED_TOKENS, ESTIMATED, INPUT_TOKENS, OUTPUT_TOKENS, OVERRUN, REASONING_TOKENS, REFUNDED, RESERVED, TOLD,
};
use crate::policy::{Limit, Unit, Use};
use crate::taken::Taken;

impl Visit {
    pub(super) fn settle(&mut self, host: &dyn Host, filter: &RateLimit, complete: bool) {
        if filter.needs.risk && !self.taken.is_empty() {
            let risk = risk::read(host);
            self.taken.iter().for_each(|taken| filter.suspect(host, taken, risk));
        }
        let taken = std::mem::take(&mut self.taken);
        let limits = || taken.iter().filter_map(|taken| Some((taken, filter.limits.get(taken.limit)?)));
        let used = self.used(complete);
        if limits().any(|(_, limit)| limit.unit.counts_tokens()) {
            count(host, used);
        }
        for (taken, limit) in limits().filter(|(_, limit)| limit.meter().lease().is_some()) {
            let units = self.units(limit, taken, used);
            if units > taken.units() && filter.reserves(taken) {
                host.measure(OVERRUN, 1);
            }
            filter.settle(host, taken, units);
        }
    }

    /// What was used. Who left before an answer began had been answered all the same, as far as anybody knows, but not yet
    /// with a token.
    fn used(&self, complete: bool) -> Used {
        match (&self.heard, &self.passed) {
            (Some(heard), Some(passed)) => heard.used(passed.input, complete),
            (None, Some(passed)) => Used::Estimated(Use { input: passed.input, total: passed.input, ..Use::default() }),
            (_, None) => Used::Nothing,
        }
    }

    fn units(&self, limit: &Limit, taken: &Taken, used: Used) -> u64 {
        let price = self.passed.as_ref().and_then(|passed| passed.price);
        match (limit.unit, used) {
            (Unit::Concurrent, _) => 0,
            (Unit::Bytes, _) => self.sent.saturating_add(self.heard.as_ref().map_or(0, crate::heard::Heard::bytes)),
            (unit, Used::Told(used) | Used::Estimated(used)) => unit.of(&used, price.as_ref()),
            (_, Used::Nothing) => 0,
            (_, Used::Unknown) => taken.units(),
        }
    }
}

/// No answer has as many tokens: what an upstream tells beyond makes no counter begin anew.
const MOST_COUNTED: u64 = 1 << 40;

fn count(host: &dyn Host, used: Used) {
    let (by, used) = match used {
        Used::Told(used) => (TOLD, used),
        Used::Estimated(used) => (ESTIMATED, used),
        Used::Nothing => (REFUNDED, Use::default()),
        Used::Unknown => (RESERVED, Use::default()),
    };
    host.measure(by, 1);
    for (metric, tokens) in [
        (INPUT_TOKENS, used.input),
        (CACHED_TOKENS, used.cached),
        (OUTPUT_TOKENS, used.output),
        (REASONING_TOKENS, used.reasoning),
    ] {
        host.measure(metric, tokens.min(MOST_COUNTED));
    }
}
