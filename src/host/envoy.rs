//! The real proxy: each method of `Proxy` as one host call.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proxy_wasm::hostcalls;
use proxy_wasm::types::Status as SdkStatus;

use super::abi::{self, Buffer, Half, Map, Status};
use super::{Cas, ContextId, HostError, HttpCall, LocalReply, Millis, Monotonic, Proxy, Shared, Side, Signed, Wall};
use crate::http::header::{self, Headers};
use crate::telemetry::MetricKind;

/// Envoy, as this VM sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Envoy;

/// A compare-and-set token that no value has: the host compares only if the key exists, so this inserts or fails.
const NEVER_ISSUED: u32 = u32::MAX;

impl From<Status> for HostError {
    fn from(status: Status) -> Self {
        match status {
            Status::CAS_MISMATCH => Self::CasMismatch,
            Status(number) => Self::Status(number),
        }
    }
}

fn body_of(side: Side) -> Buffer {
    match side {
        Side::Request => Buffer::RequestBody,
        Side::Response => Buffer::ResponseBody,
    }
}

fn headers_of(side: Side) -> Map {
    match side {
        Side::Request => Map::RequestHeaders,
        Side::Response => Map::ResponseHeaders,
    }
}

fn half_of(side: Side) -> Half {
    match side {
        Side::Request => Half::Request,
        Side::Response => Half::Response,
    }
}

fn read_map(map: Map) -> Result<Headers, HostError> {
    Headers::from_wire(abi::header_map(map)?).ok_or(HostError::Malformed)
}

fn optional<T>(found: Result<T, Status>) -> Result<Option<T>, HostError> {
    match found {
        Ok(value) => Ok(Some(value)),
        Err(Status::NOT_FOUND) => Ok(None),
        Err(status) => Err(status.into()),
    }
}

impl Envoy {
    /// The plugin's configuration.
    pub(crate) fn configuration() -> Result<Vec<u8>, HostError> {
        match abi::buffer(Buffer::PluginConfiguration, 0, usize::MAX) {
            Err(Status::NOT_FOUND) => Ok(Vec::new()),
            found => Ok(found?),
        }
    }
}

impl Proxy for Envoy {
    fn header_map(&self, side: Side) -> Result<Headers, HostError> {
        read_map(headers_of(side))
    }

    fn answer_map(&self, trailers: bool) -> Result<Headers, HostError> {
        read_map(if trailers { Map::AnswerTrailers } else { Map::AnswerHeaders })
    }

    fn replace_header(&self, side: Side, name: &str, value: &[u8]) -> Result<(), HostError> {
        Ok(abi::replace_header(headers_of(side), name, value)?)
    }

    fn remove_header(&self, side: Side, name: &str) -> Result<(), HostError> {
        Ok(abi::remove_header(headers_of(side), name)?)
    }

    fn body(&self, side: Side, start: usize, len: usize) -> Result<Vec<u8>, HostError> {
        Ok(abi::buffer(body_of(side), start, len)?)
    }

    fn answer_body(&self, len: usize) -> Result<Vec<u8>, HostError> {
        Ok(optional(abi::buffer(Buffer::AnswerBody, 0, len))?.unwrap_or_default())
    }

    fn replace_body(&self, side: Side, len: usize, body: &[u8]) -> Result<(), HostError> {
        Ok(abi::set_buffer(body_of(side), len, body)?)
    }

    fn property(&self, path: &[&str]) -> Result<Option<Vec<u8>>, HostError> {
        optional(abi::property(&path.join("\0")))
    }

    fn set_property(&self, name: &str, value: &[u8]) -> Result<(), HostError> {
        Ok(abi::set_property(name, value)?)
    }

    fn declare_property(&self, name: &str) -> Result<(), HostError> {
        abi::foreign("declare_property", &declaration(name))?;
        Ok(())
    }

    fn shared(&self, key: &str) -> Result<Option<Shared>, HostError> {
        Ok(optional(abi::shared(key))?.map(|(value, cas)| Shared { value, cas }))
    }

    fn set_shared(&self, key: &str, value: &[u8], cas: Cas) -> Result<(), HostError> {
        let token = match cas {
            Cas::Absent => NEVER_ISSUED,
            Cas::Unchanged(token) => token,
        };
        Ok(abi::set_shared(key, value, token)?)
    }

    #[allow(clippy::disallowed_methods)] // the one place that reads the clock
    fn wall(&self) -> Wall {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Wall(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
    }

    /// Straight from WASI: `Instant` hides its origin, and leases are compared between workers.
    fn monotonic(&self) -> Monotonic {
        Monotonic(abi::monotonic_nanos())
    }

    fn call(&self, call: &HttpCall<'_>) -> Result<u32, HostError> {
        let timeout = Duration::from_millis(call.timeout.0);
        hostcalls::dispatch_http_call(call.cluster, call.headers.to_vec(), Some(call.body), Vec::new(), timeout)
            .map_err(|status| match status {
                // Unknown cluster (2), or one without a healthy endpoint (10): no callback will come.
                SdkStatus::BadArgument | SdkStatus::InternalFailure => HostError::Unreachable,
                other => HostError::Status(other as u32),
            })
    }

    fn verify(&self, signed: &Signed<'_>) -> Result<bool, HostError> {
        match abi::foreign("verify_signature", &verification(signed)) {
            Ok(result) => Ok(is_verified(&result)),
            Err(Status::NOT_FOUND) => Err(HostError::Unsupported),
            // A key or signature that cannot even be read.
            Err(Status::BAD_ARGUMENT) => Ok(false),
            Err(status) => Err(status.into()),
        }
    }

    fn define_metric(&self, kind: MetricKind, name: &str) -> Result<u32, HostError> {
        let kind = match kind {
            MetricKind::Counter => 0,
            MetricKind::Gauge => 1,
            MetricKind::Histogram => 2,
        };
        Ok(abi::define_metric(kind, name)?)
    }

    fn increment_metric(&self, id: u32, by: u64) {
        // A count that is lost is no reason to refuse anybody.
        abi::increment_metric(id, i64::try_from(by).unwrap_or(i64::MAX)).ok();
    }

    fn record_metric(&self, id: u32, value: u64) {
        abi::record_metric(id, value).ok();
    }

    fn log(&self, level: log::Level, line: &str) {
        let level = match level {
            log::Level::Trace => 0,
            log::Level::Debug => 1,
            log::Level::Info => 2,
            log::Level::Warn => 3,
            log::Level::Error => 4,
        };
        abi::log(level, line).ok();
    }

    fn reply(&self, reply: &LocalReply<'_>) -> Result<(), HostError> {
        Ok(abi::send_local_response(reply.status, reply.details, &header::to_wire(reply.headers), reply.body)?)
    }

    fn resume(&self, side: Side) -> Result<(), HostError> {
        Ok(abi::continue_stream(half_of(side))?)
    }

    fn close(&self) -> Result<(), HostError> {
        Ok(abi::close_stream(Half::Response)?)
    }

    fn act_on(&self, stream: ContextId) -> Result<(), HostError> {
        Ok(abi::set_effective_context(stream.0)?)
    }

    fn tick_every(&self, period: Option<Millis>) {
        let millis = period.map_or(0, |period| u32::try_from(period.0).unwrap_or(u32::MAX));
        abi::set_tick_period(millis).ok();
    }
}

/// `DeclarePropertyArguments`: name, read-only, type String, for the life of the stream (`FilterChain`).
fn declaration(name: &str) -> Vec<u8> {
    let mut message = Vec::new();
    field(&mut message, 1, name.as_bytes());
    number(&mut message, 2, 1);
    number(&mut message, 3, 1);
    message
}

/// `VerifySignatureArguments`: hash function, public key, signature, text.
fn verification(signed: &Signed<'_>) -> Vec<u8> {
    let mut message = Vec::with_capacity(signed.message.len().saturating_add(1024));
    field(&mut message, 1, signed.hash.name().as_bytes());
    field(&mut message, 2, signed.public_key);
    field(&mut message, 3, signed.signature);
    field(&mut message, 4, signed.message);
    message
}

/// `VerifySignatureResult`: `result = 1` as a boolean. Status 0 alone says nothing: a bad signature has it too.
fn is_verified(result: &[u8]) -> bool {
    result == [0x08, 0x01]
}

fn field(message: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    message.push((tag << 3) | 2);
    let mut rest = bytes.len();
    while rest >= 0x80 {
        message.push(u8::try_from(rest & 0x7f).unwrap_or(0) | 0x80);
        rest >>= 7;
    }
    message.push(u8::try_from(rest).unwrap_or(0));
    message.extend_from_slice(bytes);
}

fn number(message: &mut Vec<u8>, tag: u8, value: u8) {
    message.extend([tag << 3, value]);
}
