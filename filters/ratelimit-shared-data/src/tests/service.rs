//! A Rate Limit Service in memory, as strict or as careless as those there are.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use portcullis::host::fake::{CallRecord, Envoy};
use portcullis::http::header::Headers;
use portcullis::prelude::Answer;
use prost::Message as _;

use crate::backend::proto::{Code, DescriptorStatus, Duration, PATH, RateLimit, RateLimitRequest, RateLimitResponse};

/// How it counts, and what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// envoyproxy/ratelimit: counts what it refuses, takes hits back, says what is left.
    Reference,
    /// Limitador: counts nothing of what it refuses, says no more than yes or no.
    Limitador,
}

/// The service: one limit for whatever is asked about.
pub(crate) struct Service {
    kind: Kind,
    limit: u64,
    counters: RefCell<BTreeMap<String, u64>>,
    /// What it answers instead, if it is ill, and after how many calls it fell so.
    ill: RefCell<Option<(u64, Option<Answer>)>>,
    /// Whether it counts what it is asked while it is ill.
    pub(crate) counts_in_silence: Cell<bool>,
    pub(crate) calls: Cell<u64>,
    /// What counted after each call.
    pub(crate) totals: RefCell<Vec<u64>>,
}

impl Service {
    pub(crate) fn new(kind: Kind, limit: u64) -> Rc<Self> {
        Rc::new(Self {
            kind,
            limit,
            counters: RefCell::default(),
            ill: RefCell::default(),
            counts_in_silence: Cell::default(),
            calls: Cell::default(),
            totals: RefCell::default(),
        })
    }

    /// Answers this instead, or nothing, from now on.
    pub(crate) fn fall_ill(&self, answer: Option<Answer>) {
        self.fall_ill_after(0, answer);
    }

    /// The same after so many more calls.
    pub(crate) fn fall_ill_after(&self, calls: u64, answer: Option<Answer>) {
        self.ill.replace(Some((self.calls.get() + calls, answer)));
    }

    pub(crate) fn recover(&self) {
        self.ill.replace(None);
    }

    /// Answers the calls of an Envoy to the cluster `counter`.
    pub(crate) fn serve(self: &Rc<Self>, envoy: &Envoy) {
        let service = Rc::clone(self);
        envoy.world().cluster("counter", move |call| service.answer(call));
    }

    /// All hits that count.
    pub(crate) fn total(&self) -> u64 {
        self.counters.borrow().values().sum()
    }

    /// The counters there are, by the names and values of their entries.
    pub(crate) fn names(&self) -> Vec<String> {
        self.counters.borrow().keys().cloned().collect()
    }

    /// Begins a new window.
    pub(crate) fn forget(&self) {
        self.counters.borrow_mut().clear();
    }

    fn answer(&self, call: &CallRecord) -> Option<Answer> {
        self.calls.set(self.calls.get() + 1);
        let ill = self.ill.borrow().clone().filter(|(since, _)| self.calls.get() > *since);
        if let Some((_, answer)) = &ill
            && !self.counts_in_silence.get()
        {
            return answer.clone();
        }
        let header = |name: &str| call.headers.iter().find(|(found, _)| found == name).unwrap().1.as_str();
        assert_eq!(["POST", PATH], [":method", ":path"].map(header));
        assert_eq!(["application/grpc", "trailers"], ["content-type", "te"].map(header));
        let length = u32::from_be_bytes(call.body[1..5].try_into().unwrap());
        assert_eq!(call.body.len() - 5, usize::try_from(length).unwrap());
        let response = self.judge(&RateLimitRequest::decode(&call.body[5..]).unwrap());
        self.totals.borrow_mut().push(self.total());
        ill.map_or_else(|| Some(grpc(&response)), |(_, answer)| answer)
    }

    fn judge(&self, request: &RateLimitRequest) -> RateLimitResponse {
        let [descriptor] = request.descriptors.as_slice() else { panic!("one descriptor a call") };
        assert_eq!(descriptor.hits_addend.unwrap().min(u64::from(u32::MAX)), u64::from(request.hits_addend));
        assert!(request.hits_addend > 0, "to some services none is one");
        let entries = descriptor.entries.iter().map(|entry| format!("{}={}", entry.key, entry.value));
        let name = [request.domain.clone()].into_iter().chain(entries).collect::<Vec<_>>().join(" ");
        let mut counters = self.counters.borrow_mut();
        let counter = counters.entry(name).or_default();
        let hits = descriptor.hits_addend.unwrap();
        if descriptor.is_negative_hits {
            assert_eq!(self.kind, Kind::Reference, "Limitador has no refunds");
            assert!(*counter >= hits, "more is given back than was taken");
            *counter -= hits;
        }
        let is_over = !descriptor.is_negative_hits && *counter + hits > self.limit;
        if !descriptor.is_negative_hits && (!is_over || self.kind == Kind::Reference) {
            *counter += hits;
        }
        let code = i32::from(if is_over { Code::OverLimit } else { Code::Ok });
        let status = DescriptorStatus {
            code,
            current_limit: Some(RateLimit { requests_per_unit: 1, unit: 2, name: String::new() }),
            limit_remaining: u32::try_from(self.limit.saturating_sub(*counter)).unwrap(),
            duration_until_reset: Some(Duration { seconds: 30, nanos: 500_000_000 }),
        };
        let statuses = if self.kind == Kind::Reference { vec![status] } else { Vec::new() };
        RateLimitResponse { overall_code: code, statuses }
    }
}

/// A message as gRPC answers it.
pub(crate) fn grpc(message: &RateLimitResponse) -> Answer {
    let message = message.encode_to_vec();
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    answered(200, &[&[0][..], &length, &message].concat(), &[("grpc-status", "0")])
}

/// An answer of HTTP with these trailers.
pub(crate) fn answered(status: u16, body: &[u8], trailers: &[(&str, &str)]) -> Answer {
    let trailers = trailers.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
    let headers: Headers = [(&b":status"[..], status.to_string().as_bytes())].into_iter().collect();
    Answer::Http { status, headers, body: body.to_vec(), trailers }
}
