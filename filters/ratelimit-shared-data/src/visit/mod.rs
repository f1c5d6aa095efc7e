//! One request and its answer: units are taken from every limit when it comes, and settled when it is over.

mod answer;
mod backend;
mod request;
mod settle;

use std::rc::Rc;

use portcullis::ai::endpoint::Endpoint;
use portcullis::head::Head;
use portcullis::prelude::*;

use crate::filter::RateLimit;
use crate::heard::Heard;
use crate::inject::Unasked;
use crate::policy::Price;
use crate::refusal::Denial;
use crate::taken::{Answered, Shown, Taken};

use self::backend::{Questions, Waiting};
use self::request::Denied;

/// One request and its answer.
pub struct Visit {
    filter: Rc<RateLimit>,
    /// The head of a request whose body is awaited.
    awaited: Option<Box<Head>>,
    /// What the backend is still to be asked.
    questions: Questions,
    /// The request that waits for its answer.
    waiting: Option<Box<Waiting>>,
    /// Whether it gave none.
    is_silent: bool,
    taken: Vec<Taken>,
    shown: Vec<Shown>,
    /// The first limit in shadow that would have refused.
    shadowed: Option<usize>,
    /// The first limit whose key spends much faster than it used to.
    spiking: Option<usize>,
    passed: Option<Passed>,
    heard: Option<Heard>,
    /// Whether usage was asked for in the client's place.
    asked_for_usage: bool,
    /// The events of the answer, if the client did not ask for some of them.
    unasked: Option<Unasked>,
    /// Whether it was ended before its time: what it told by then is not all.
    is_cut: bool,
    /// How many bytes of the request have passed.
    sent: u64,
    /// When what is held was taken, or renewed.
    held_since: u64,
}

/// A request that went on.
struct Passed {
    endpoint: Option<&'static Endpoint>,
    /// About how many tokens it has.
    input: u64,
    /// What its model's tokens cost.
    price: Option<Price>,
}

impl Visit {
    pub(crate) fn new(filter: Rc<RateLimit>) -> Self {
        Self {
            filter,
            awaited: None,
            questions: Questions::new(),
            waiting: None,
            is_silent: false,
            taken: Vec::new(),
            shown: Vec::new(),
            shadowed: None,
            spiking: None,
            passed: None,
            heard: None,
            asked_for_usage: false,
            unasked: None,
            is_cut: false,
            sent: 0,
            held_since: 0,
        }
    }

    /// Notes what came of asking a limit; in shadow a refusal is only told.
    pub(super) fn note(
        &mut self,
        host: &dyn Host,
        filter: &RateLimit,
        limit: usize,
        answered: Answered,
    ) -> Result<(), Denied> {
        match answered {
            Answered::Given(taken, shown) => {
                self.taken.push(taken);
                let spike = shown.filter(|shown| shown.unusual.is_spike).map(|shown| shown.limit);
                self.spiking = self.spiking.or(spike);
                self.shown.extend(shown);
                Ok(())
            }
            Answered::Uncounted => Ok(()),
            Answered::Denied(denial, shown) => {
                self.shown.extend(shown);
                self.refused(host, filter, limit, denial)
            }
        }
    }

    /// A limit refuses.
    pub(super) fn refused(
        &mut self,
        host: &dyn Host,
        filter: &RateLimit,
        limit: usize,
        denial: Denial,
    ) -> Result<(), Denied> {
        if !filter.limits.get(limit).is_some_and(|limit| limit.is_shadow) {
            return Err((denial, Some(limit)));
        }
        host.tolerate();
        self.shadowed = self.shadowed.or(Some(limit));
        Ok(())
    }
}

impl Exchange for Visit {
    fn on_request(&mut self, host: &dyn Host) -> Flow {
        let filter = Rc::clone(&self.filter);
        self.judge_head(host, &filter).unwrap_or_else(|denied| self.deny(host, &filter, denied))
    }

    fn on_request_body(&mut self, host: &dyn Host, body: &[u8]) -> Flow {
        let filter = Rc::clone(&self.filter);
        self.judge_body(host, &filter, body).unwrap_or_else(|denied| self.deny(host, &filter, denied))
    }

    fn on_answer(&mut self, host: &dyn Host, call: Option<Call>, answer: &Answer) -> Flow {
        let filter = Rc::clone(&self.filter);
        self.hear_backend(host, &filter, call, answer).unwrap_or_else(|denied| self.deny(host, &filter, denied))
    }

    fn on_response(&mut self, host: &dyn Host) -> Flow {
        let filter = Rc::clone(&self.filter);
        self.begin_answer(host, &filter)
    }

    fn on_chunk(&mut self, host: &dyn Host, side: Side, chunk: &[u8], last: bool) -> Pass {
        match side {
            Side::Request => {
                self.sent = self.sent.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
                Pass::Same
            }
            Side::Response => {
                let filter = Rc::clone(&self.filter);
                self.hear(host, &filter, chunk, last)
            }
        }
    }

    fn on_end(&mut self, host: &dyn Host, end: &End) {
        let filter = Rc::clone(&self.filter);
        self.settle(host, &filter, end.complete && !self.is_cut);
    }
}
