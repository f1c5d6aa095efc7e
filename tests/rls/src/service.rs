//! `ShouldRateLimit`: a request, what limitador says of each descriptor, an answer.
//!
//! 1. A request that cannot be answered faithfully is `INVALID_ARGUMENT`, before anything is counted: no domain, no
//!    descriptor, an empty one, a limit of the caller's own, hits that are given back, more hits than can be counted.
//! 2. Hits are the descriptor's, where it says so (a written 0 asks and takes nothing), else the request's, else 1.
//! 3. Every descriptor is asked about, also after one was refused. One to which no limit applies is OK.
//! 4. A storage that does not answer is `UNAVAILABLE`, a condition that cannot be evaluated `INTERNAL`.

use crate::limiter::{Limiter, Verdict};
use crate::limits::MOST;
use crate::proto::{
    Code, DescriptorStatus, Duration, RateLimit, RateLimitDescriptor, RateLimitRequest, RateLimitResponse, Unit,
};
use limitador::counter::Counter;
use limitador::errors::LimitadorError;
use tonic::Status;

/// The service.
pub struct Service(Limiter);

impl Service {
    /// One that asks this limiter.
    pub fn new(limiter: Limiter) -> Self {
        Self(limiter)
    }

    /// Answers a request.
    pub async fn should_rate_limit(&self, request: &RateLimitRequest) -> Result<RateLimitResponse, Status> {
        check(request).map_err(Status::invalid_argument)?;
        let mut statuses = Vec::new();
        for descriptor in &request.descriptors {
            let hits = hits(request, descriptor);
            let verdict = self.0.take(&request.domain, &descriptor.entries, hits).await;
            statuses.push(status(&verdict.map_err(|e| failure(&e))?));
        }
        let limited = statuses.iter().any(|status| status.code() == Code::OverLimit);
        Ok(RateLimitResponse { overall_code: code(limited), statuses })
    }
}

fn check(request: &RateLimitRequest) -> Result<(), &'static str> {
    if request.domain.is_empty() {
        return Err("domain: expected one");
    }
    if request.descriptors.is_empty() {
        return Err("descriptors: expected at least one");
    }
    request.descriptors.iter().try_for_each(|descriptor| check_descriptor(request, descriptor))
}

fn check_descriptor(request: &RateLimitRequest, descriptor: &RateLimitDescriptor) -> Result<(), &'static str> {
    if descriptor.entries.is_empty() || descriptor.entries.iter().any(|entry| entry.key.is_empty()) {
        return Err("entries: expected at least one, each with a key");
    }
    if descriptor.limit.is_some() {
        return Err("limit: limitador knows no limits but its own");
    }
    if descriptor.is_negative_hits {
        return Err("is_negative_hits: limitador cannot give back hits");
    }
    if hits(request, descriptor) > MOST {
        return Err("hits_addend: expected less than 10^14");
    }
    Ok(())
}

fn hits(request: &RateLimitRequest, descriptor: &RateLimitDescriptor) -> u64 {
    descriptor.hits_addend.unwrap_or_else(|| u64::from(request.hits_addend.max(1)))
}

fn status(verdict: &Verdict) -> DescriptorStatus {
    let code = code(verdict.limited);
    let Some(counter) = &verdict.decisive else {
        return DescriptorStatus { code, ..DescriptorStatus::default() };
    };
    DescriptorStatus {
        code,
        current_limit: Some(limit(counter)),
        limit_remaining: narrow(counter.remaining().unwrap_or_default()),
        duration_until_reset: counter.expires_in().map(duration),
    }
}

fn limit(counter: &Counter) -> RateLimit {
    let unit = match counter.window().as_secs() {
        1 => Unit::Second,
        60 => Unit::Minute,
        3_600 => Unit::Hour,
        86_400 => Unit::Day,
        604_800 => Unit::Week,
        _ => Unit::Unknown,
    };
    let name = counter.limit().name().unwrap_or_default().to_owned();
    RateLimit { requests_per_unit: narrow(counter.max_value()), unit: unit.into(), name }
}

fn duration(time: std::time::Duration) -> Duration {
    let nanos = i32::try_from(time.subsec_nanos()).unwrap_or_default();
    Duration { seconds: i64::try_from(time.as_secs()).unwrap_or(i64::MAX), nanos }
}

/// The protocol has 32 bits for it.
fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn code(limited: bool) -> i32 {
    if limited { Code::OverLimit.into() } else { Code::Ok.into() }
}

fn failure(error: &LimitadorError) -> Status {
    match error {
        LimitadorError::StorageError(_) => Status::unavailable(error.to_string()),
        LimitadorError::InterpreterError(_) => Status::internal(error.to_string()),
    }
}
