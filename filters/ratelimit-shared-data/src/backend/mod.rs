//! A service that counts for many Envoys: Envoy's Rate Limit Service (`envoy.service.ratelimit.v3.RateLimitService`), behind
//! which envoyproxy/ratelimit, Limitador and others keep their counters in Redis.
//!
//! 1. Each limit is a call of its own with one descriptor, which every such service reads alike: Limitador takes the hits of
//!    a call for those of each descriptor, names descriptors by their place, and answers for all of them together.
//! 2. What is neither `OK` nor `OVER_LIMIT` is no answer: an error of HTTP or gRPC, none in time, `UNKNOWN`.
//! 3. What an answer turns out to have used is told after it (`owed`).

mod descriptor;
mod grpc;
pub(crate) mod owed;
pub mod proto;

use portcullis::host::Millis;
use portcullis::prelude::*;

pub(crate) use self::descriptor::{descriptor, hits, units};
use self::proto::{Code, DescriptorStatus, PATH, RateLimitDescriptor, RateLimitRequest, RateLimitResponse};
pub use crate::config::OnUnavailable;

/// A service, compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// The Envoy cluster that leads to it.
    pub cluster: String,
    /// `:authority` of calls.
    pub authority: String,
    /// Whose limits: the domain, which Limitador calls namespace.
    pub domain: String,
    /// How long a call may take.
    pub timeout: Millis,
    /// What becomes of a request that it does not answer for.
    pub on_unavailable: OnUnavailable,
    /// Whether a request passes that it has no limit for.
    pub passes_unmatched: bool,
    /// How much of a limit each Envoy lets through by itself meanwhile, in percent.
    pub local_percent: u64,
    /// Whether it takes hits back.
    pub takes_back: bool,
    /// Whether units are leased, so that most requests need not ask.
    pub leases: Option<Leases>,
}

/// How units are leased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leases {
    /// How much of a limit at once, in percent.
    pub percent: u64,
    /// How long they are good, in nanoseconds.
    pub lasts: u64,
}

/// What it says of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) is_over: bool,
    /// How many hits could be asked for now; of some services nobody knows.
    pub(crate) left: Option<u64>,
    /// How long until the window ends, in nanoseconds.
    pub(crate) reset: Option<u64>,
    /// How long what it said is true of the window, in nanoseconds: whole seconds are rounded up.
    pub(crate) lasts: Option<u64>,
    /// That it has no limit for what was asked.
    pub(crate) is_unmatched: bool,
}

/// What a service says is left that was told to limit nothing.
const UNLIMITED: u32 = u32::MAX;
const SECOND: u64 = 1_000_000_000;

impl Backend {
    /// Whether the most that a request may use is charged when it comes: only if what it does not use comes back.
    pub(crate) fn reserves(&self) -> bool {
        self.takes_back || self.leases.is_some()
    }

    /// Whether requests may pass that nobody counts.
    pub(crate) fn is_open(&self) -> bool {
        self.on_unavailable == OnUnavailable::Allow || self.passes_unmatched
    }

    /// Asks for so many hits; the answer comes to `on_answer` of whoever asked.
    pub(crate) fn ask(
        &self,
        host: &dyn Host,
        descriptor: &RateLimitDescriptor,
        hits: u64,
        is_refund: bool,
    ) -> Result<Call, HostError> {
        let descriptor =
            RateLimitDescriptor { hits_addend: Some(hits), is_negative_hits: is_refund, ..descriptor.clone() };
        let message = RateLimitRequest {
            domain: self.domain.clone(),
            descriptors: vec![descriptor],
            // For services that know no other.
            hits_addend: u32::try_from(hits).unwrap_or(u32::MAX),
        };
        grpc::send(host, &self.cluster, &self.authority, PATH, &message, self.timeout)
    }
}

/// What an answer says; `None` if it is none.
pub(crate) fn told(answer: &Answer) -> Option<Told> {
    let response: RateLimitResponse = grpc::read(answer)?;
    let is_over = match Code::try_from(response.overall_code) {
        Ok(Code::Ok) => false,
        Ok(Code::OverLimit) => true,
        Ok(Code::Unknown) | Err(_) => return None,
    };
    let status: Option<&DescriptorStatus> = match response.statuses.as_slice() {
        [status] => Some(status),
        _ => None,
    };
    let limited = status.filter(|status| status.current_limit.is_some());
    let reset = limited.and_then(|status| status.duration_until_reset.as_ref());
    let whole = |reset: &proto::Duration| if reset.nanos == 0 { SECOND } else { 0 };
    Some(Told {
        is_over,
        left: limited.map(|status| u64::from(status.limit_remaining)),
        reset: reset.map(proto::Duration::nanoseconds),
        lasts: reset.map(|reset| reset.nanoseconds().saturating_sub(whole(reset))),
        is_unmatched: status
            .is_some_and(|status| !is_over && status.current_limit.is_none() && status.limit_remaining != UNLIMITED),
    })
}
