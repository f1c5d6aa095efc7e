//! The door to the proxy: what a filter may ask ([`Host`]) and what only the adapter may do ([`Proxy`]).
//!
//! A filter is handed a `&dyn Host` in each event and never anything more. `Proxy` is the ABI as plain Rust: one
//! method for each host call, bytes in, bytes out, a status that is a value. Two worlds implement it: `envoy` (the
//! real one, wasm32 only) and `fake` (an Envoy in memory, feature `testing`). `abi` holds the imports and is the
//! only file with `unsafe`.

use std::fmt;
use std::rc::Rc;

use crate::filter::Call;
use crate::http::header::Headers;
use crate::telemetry::{Metric, MetricKind};

#[cfg(target_arch = "wasm32")]
pub(crate) mod abi;
#[cfg(target_arch = "wasm32")]
pub(crate) mod envoy;
#[cfg(any(test, feature = "testing"))]
pub mod fake;

/// Which half of an exchange: what the client sent, or what it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// From the client to the upstream.
    Request,
    /// From the upstream to the client.
    Response,
}

impl Side {
    /// Its name in log lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
        }
    }
}

/// Wall-clock time in nanoseconds since the Unix epoch: for expiry and calendar windows only, it can jump.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wall(pub u64);

impl Wall {
    /// Whole seconds since the Unix epoch, the unit of JWT's `NumericDate` (RFC 7519 section 2).
    pub fn seconds(self) -> u64 {
        self.0 / 1_000_000_000
    }
}

/// Time that only moves forward, in nanoseconds since an arbitrary start: for everything that measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Monotonic(pub u64);

impl Monotonic {
    /// This moment plus `millis`, at most the end of time.
    #[must_use]
    pub fn plus(self, millis: Millis) -> Self {
        Self(self.0.saturating_add(millis.0.saturating_mul(1_000_000)))
    }

    /// Milliseconds from `earlier` to this moment, rounded up; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Millis {
        Millis(self.0.saturating_sub(earlier.0).div_ceil(1_000_000))
    }
}

/// A length of time in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millis(pub u64);

/// Why the proxy did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostError {
    /// The proxy answered with this status (the ABI's number: 1 not found, 2 bad argument, 10 internal failure).
    Status(u32),
    /// Somebody else changed the shared value first: read it again and decide again.
    CasMismatch,
    /// The cluster has no endpoint, or none that is healthy: no answer will ever come.
    Unreachable,
    /// This proxy has no such function (a signature check outside Envoy, for example).
    Unsupported,
    /// The filter did not declare that it writes this header or removes this query parameter (`Filter::HEADERS`, or named
    /// by the operator).
    NotDeclared,
    /// The value has a byte that cannot stand in a header: CR, LF or NUL would split the message.
    BadHeaderValue,
    /// The body can be replaced only while it is whole and held.
    BodyNotHeld,
    /// What the proxy returned is not what was promised: not the ABI's form, or a query that no two servers read alike.
    Malformed,
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "the proxy answered with status {status}"),
            Self::CasMismatch => f.write_str("the shared value was changed meanwhile"),
            Self::Unreachable => f.write_str("the cluster is unknown or has no healthy endpoint"),
            Self::Unsupported => f.write_str("this proxy does not offer the function"),
            Self::NotDeclared => f.write_str("the filter did not declare that it changes this header or parameter"),
            Self::BadHeaderValue => f.write_str("a header value may not hold CR, LF or NUL"),
            Self::BodyNotHeld => f.write_str("the body is not whole and held"),
            Self::Malformed => f.write_str("the proxy's answer is malformed"),
        }
    }
}

impl std::error::Error for HostError {}

/// A value in shared data, with the token that a later compare-and-set needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The bytes. Other plugins can write them too: validate before use.
    pub value: Vec<u8>,
    /// What [`Cas::Unchanged`] wants.
    pub cas: u32,
}

/// The condition under which a shared value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cas {
    /// Only if nobody wrote it before.
    Absent,
    /// Only if it is still the one that was read.
    Unchanged(u32),
}

/// A call to a cluster that the operator named. The answer comes to `on_answer`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpCall<'a> {
    /// The name of an Envoy cluster: TLS, addresses and circuit breakers are the cluster's.
    pub cluster: &'a str,
    /// Header fields; `:method`, `:path` and `:authority` are required.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body, empty for none.
    pub body: &'a [u8],
    /// How long Envoy waits before it answers 504 itself. Zero is refused: it would mean for ever.
    pub timeout: Millis,
}

/// Hash functions that a signature can be made over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// The name Envoy's `verify_signature` knows it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }
}

/// A signature for the proxy to check: RSA PKCS#1 v1.5, or ECDSA with a DER-encoded signature.
///
/// Envoy accepts more than JOSE does (a P-256 key with SHA-512, both twins of an ECDSA signature): the caller pins
/// hash and curve to the algorithm, and never uses a signature as an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed<'a> {
    /// The hash.
    pub hash: Hash,
    /// `SubjectPublicKeyInfo`, DER.
    pub public_key: &'a [u8],
    /// The signature.
    pub signature: &'a [u8],
    /// What was signed.
    pub message: &'a [u8],
}

/// What a filter may ask of the proxy. A filter returns its decision; replying, resuming and closing are the adapter's.
///
/// Reads and writes that fail are remembered: a filter that lets pass although one of its own calls failed is refused
/// with 503 `host_failed`, unless it said [`Host::tolerate`]. What [`Host::call`], [`Host::verify`] and a compare-and-set
/// that lost answer is not a failure but an answer, and the filter's to judge.
pub trait Host {
    /// All header fields of a side, in order, bytes as they came. Read from the proxy once per exchange.
    fn headers(&self, side: Side) -> Result<Rc<Headers>, HostError>;
    /// A property (Envoy attribute or filter state); `None` when there is none.
    fn property(&self, path: &[&str]) -> Result<Option<Vec<u8>>, HostError>;

    /// Replaces all values of a header by this one. On the request side only declared headers; on neither side those
    /// that frame the message (`content-length`, `transfer-encoding`, `connection`, `host`, pseudo-headers).
    fn set_header(&self, side: Side, name: &str, value: &[u8]) -> Result<(), HostError>;
    /// Removes every value of a header.
    fn remove_header(&self, side: Side, name: &str) -> Result<(), HostError>;
    /// Takes the query parameters of these names out of `:path` and changes no other byte of it: the only edit of a
    /// pseudo-header there is, for names in [`Filter::operator_query`](crate::filter::Filter::operator_query). A query that
    /// cannot be read ([`Query::of`](crate::http::query::Query::of)) is `Malformed`: refuse it before.
    fn remove_query(&self, names: &[&str]) -> Result<(), HostError>;
    /// Writes filter state that later filters and access logs read as `wasm.<name>`.
    fn set_property(&self, name: &str, value: &[u8]) -> Result<(), HostError>;
    /// Writes this instance's verdict for access logs: `wasm.portcullis.<filter>`, with `.<name>` behind it for an
    /// instance that has a name of its own. Once per stream.
    fn set_verdict(&self, value: &[u8]) -> Result<(), HostError>;
    /// Replaces the whole, held body of a side, and its `content-length` with it.
    fn replace_body(&self, side: Side, body: &[u8]) -> Result<(), HostError>;

    /// A value from the data that all workers share.
    fn shared(&self, key: &str) -> Result<Option<Shared>, HostError>;
    /// Writes a shared value under a condition.
    fn set_shared(&self, key: &str, value: &[u8], cas: Cas) -> Result<(), HostError>;
    /// Wall-clock time.
    fn wall(&self) -> Wall;
    /// Time for measuring.
    fn monotonic(&self) -> Monotonic;

    /// Sends a request to a cluster; its answer comes to `on_answer` of whoever asked.
    fn call(&self, call: &HttpCall<'_>) -> Result<Call, HostError>;
    /// Whether a signature is good; `Err(Unsupported)` where the proxy has no such function.
    fn verify(&self, signed: &Signed<'_>) -> Result<bool, HostError>;
    /// Asks that [`Filter::on_tick`](crate::filter::Filter::on_tick) be called as soon as the proxy can, about a millisecond
    /// from now, whatever [`NextTick`](crate::filter::NextTick) it returned before: a request met work for the filter.
    fn tick_soon(&self);
    /// Adds to a counter, sets a gauge, records in a histogram. Unknown names are ignored in release, a fault in tests.
    fn measure(&self, metric: Metric, value: u64);
    /// One line in the proxy's log. Text from a client goes through [`crate::telemetry::shown`] first.
    fn log(&self, level: log::Level, line: &str);

    /// Says that the filter dealt with the failed calls so far, so that they do not refuse the request.
    fn tolerate(&self);
}

/// What a callback tells the proxy to do with the bytes at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Go on.
    Continue,
    /// Hold.
    Pause,
}

/// The proxy's number for a stream or a plugin configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContextId(pub u32);

/// A reply as the ABI wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalReply<'a> {
    /// The status.
    pub status: u32,
    /// Shown as `%RESPONSE_CODE_DETAILS%`.
    pub details: &'a str,
    /// Header fields.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// The body.
    pub body: &'a [u8],
}

/// The proxy's side of the ABI, one method per host call. Only the adapter and the doors know it.
pub trait Proxy {
    /// All fields of a side's header map.
    fn header_map(&self, side: Side) -> Result<Headers, HostError>;
    /// The header fields and the trailer fields of the answer to a call, valid inside its callback.
    fn answer_map(&self, trailers: bool) -> Result<Headers, HostError>;
    /// Replaces all values of a header by one.
    fn replace_header(&self, side: Side, name: &str, value: &[u8]) -> Result<(), HostError>;
    /// Removes every value of a header.
    fn remove_header(&self, side: Side, name: &str) -> Result<(), HostError>;
    /// Bytes `start..start + len` of a body that the proxy buffers.
    fn body(&self, side: Side, start: usize, len: usize) -> Result<Vec<u8>, HostError>;
    /// At most `len` bytes of the answer to a call, valid inside its callback.
    fn answer_body(&self, len: usize) -> Result<Vec<u8>, HostError>;
    /// Replaces the first `len` buffered bytes.
    fn replace_body(&self, side: Side, len: usize, body: &[u8]) -> Result<(), HostError>;
    /// A property by path.
    fn property(&self, path: &[&str]) -> Result<Option<Vec<u8>>, HostError>;
    /// Filter state under `wasm.<name>`.
    fn set_property(&self, name: &str, value: &[u8]) -> Result<(), HostError>;
    /// Declares filter state as a string that is written once per stream.
    fn declare_property(&self, name: &str) -> Result<(), HostError>;
    /// A shared value.
    fn shared(&self, key: &str) -> Result<Option<Shared>, HostError>;
    /// Writes a shared value under a condition.
    fn set_shared(&self, key: &str, value: &[u8], cas: Cas) -> Result<(), HostError>;
    /// Wall-clock time.
    fn wall(&self) -> Wall;
    /// Monotonic time.
    fn monotonic(&self) -> Monotonic;
    /// Dispatches a call and returns the proxy's token for it.
    fn call(&self, call: &HttpCall<'_>) -> Result<u32, HostError>;
    /// Checks a signature.
    fn verify(&self, signed: &Signed<'_>) -> Result<bool, HostError>;
    /// Defines a metric and returns its number.
    fn define_metric(&self, kind: MetricKind, name: &str) -> Result<u32, HostError>;
    /// Adds to a counter.
    fn increment_metric(&self, id: u32, by: u64);
    /// Sets a gauge or records in a histogram.
    fn record_metric(&self, id: u32, value: u64);
    /// One line in the proxy's log.
    fn log(&self, level: log::Level, line: &str);
    /// Answers the request instead of the upstream.
    fn reply(&self, reply: &LocalReply<'_>) -> Result<(), HostError>;
    /// Lets a held side go on.
    fn resume(&self, side: Side) -> Result<(), HostError>;
    /// Resets the stream.
    fn close(&self) -> Result<(), HostError>;
    /// Makes a stream the one that calls act on; fails when it is gone.
    fn act_on(&self, stream: ContextId) -> Result<(), HostError>;
    /// Asks for a tick every `period`; `None` stops it.
    fn tick_every(&self, period: Option<Millis>);
}

/// One plugin configuration in one VM, as the proxy drives it. The adapter implements it for every filter.
pub trait Plugin {
    /// Reads the configuration; `false` refuses it, and the proxy keeps the old one.
    fn on_configure(&self, proxy: &dyn Proxy, variables: &[(String, String)], configuration: &[u8]) -> bool;
    /// The timer.
    fn on_tick(&self, proxy: &dyn Proxy);
    /// The answer to a call; `headers`, `body` count what there is to read: no headers means it failed on the way.
    fn on_answer(&self, proxy: &dyn Proxy, token: u32, headers: usize, body: usize);
    /// A new stream.
    fn stream(&self, id: ContextId) -> Rc<dyn Stream>;
}

/// One HTTP stream, as the proxy drives it.
pub trait Stream {
    /// Headers of a side; `end` when nothing follows.
    fn on_headers(&self, proxy: &dyn Proxy, side: Side, end: bool) -> Action;
    /// Body bytes of a side: all that are buffered after a pause, else the new ones. Never with `end` if trailers follow.
    fn on_body(&self, proxy: &dyn Proxy, side: Side, size: usize, end: bool) -> Action;
    /// Trailers of a side: its end.
    fn on_trailers(&self, proxy: &dyn Proxy, side: Side) -> Action;
    /// The stream is over; also called for streams that an earlier filter answered.
    fn on_end(&self, proxy: &dyn Proxy);
}
