//! What surrounds a stream in the fake: clock, shared data, clusters, log, metrics, and `Proxy` on top of them.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::stream::Wire;
use crate::filter::Answer as CallAnswer;
use crate::host::{
    Cas, ContextId, HostError, HttpCall, LocalReply, Millis, Monotonic, Proxy, Shared, Side, Signed, Wall,
};
use crate::http::header::Headers;
use crate::telemetry::MetricKind;

/// A call that a filter made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// The cluster's name.
    pub cluster: String,
    /// Header fields.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

type Cluster = Box<dyn Fn(&CallRecord) -> Option<CallAnswer>>;
type Verifier = Box<dyn Fn(&Signed<'_>) -> Result<bool, HostError>>;

struct Pending {
    token: u32,
    owner: Option<ContextId>,
    record: CallRecord,
    timeout_at: u64,
}

/// Everything around the filter that a test can set and read.
pub struct World {
    time: Rc<Cell<u64>>,
    wall_offset: Cell<u64>,
    tick: Cell<Option<Millis>>,
    next_tick: Cell<u64>,
    shared: Rc<RefCell<HashMap<String, Shared>>>,
    next_cas: Rc<Cell<u32>>,
    metrics: RefCell<Vec<(String, MetricKind, u64)>>,
    log: RefCell<Vec<String>>,
    refused: RefCell<HashMap<&'static str, HostError>>,
    clusters: RefCell<HashMap<String, Cluster>>,
    pending: RefCell<BTreeMap<u32, Pending>>,
    calls: RefCell<Vec<CallRecord>>,
    answering: RefCell<Option<CallAnswer>>,
    verifier: RefCell<Option<Verifier>>,
    declared: RefCell<BTreeSet<String>>,
    attributes: RefCell<HashMap<String, Vec<u8>>>,
    pub(super) streams: RefCell<BTreeMap<ContextId, Rc<Wire>>>,
    pub(super) current: Cell<Option<ContextId>>,
    next_id: Cell<u32>,
    /// `allow_on_headers_stop_iteration`.
    pub(super) flag: Cell<bool>,
    /// `per_connection_buffer_limit_bytes`, as it acts on HTTP/1.1; `None` acts like HTTP/2, where it does not.
    pub(super) buffer_limit: Cell<Option<usize>>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            time: Rc::new(Cell::new(1_000_000_000)),
            wall_offset: Cell::new(1_800_000_000_000_000_000),
            tick: Cell::default(),
            next_tick: Cell::default(),
            shared: Rc::default(),
            next_cas: Rc::new(Cell::new(1)),
            metrics: RefCell::default(),
            log: RefCell::default(),
            refused: RefCell::default(),
            clusters: RefCell::default(),
            pending: RefCell::default(),
            calls: RefCell::default(),
            answering: RefCell::default(),
            verifier: RefCell::default(),
            declared: RefCell::default(),
            attributes: RefCell::default(),
            streams: RefCell::default(),
            current: Cell::default(),
            next_id: Cell::new(1),
            flag: Cell::new(true),
            buffer_limit: Cell::default(),
        }
    }
}

// What a test sets and reads.
impl World {
    /// Sets `allow_on_headers_stop_iteration`; it is on unless a test says otherwise.
    pub fn set_flag(&self, on: bool) {
        self.flag.set(on);
    }

    /// Sets the buffer limit of an HTTP/1.1 connection.
    pub fn set_buffer_limit(&self, bytes: usize) {
        self.buffer_limit.set(Some(bytes));
    }

    /// Sets wall-clock time, in seconds since the epoch; monotonic time goes on.
    pub fn set_wall_seconds(&self, seconds: u64) {
        self.set_wall(Wall(seconds * 1_000_000_000));
    }

    /// Sets wall-clock time; monotonic time goes on.
    pub fn set_wall(&self, wall: Wall) {
        self.wall_offset.set(wall.0.saturating_sub(self.time.get()));
    }

    /// Another worker of the same process: it shares data and the clock with this one, and nothing else.
    #[must_use]
    pub fn neighbour(&self) -> Self {
        let (time, shared, next_cas) = (Rc::clone(&self.time), Rc::clone(&self.shared), Rc::clone(&self.next_cas));
        Self { time, shared, next_cas, ..Self::default() }
    }

    /// Writes this in the place of every shared value whose key is such, as any plugin of the VM could; says how many.
    pub fn overwrite_shared(&self, is_one: impl Fn(&str) -> bool, value: &[u8]) -> usize {
        let mut shared = self.shared.borrow_mut();
        let found = shared.iter_mut().filter(|(key, _)| is_one(key)).map(|(_, shared)| {
            let cas = self.take_cas();
            *shared = Shared { value: value.to_vec(), cas };
        });
        found.count()
    }

    /// Sets the number that the next write gets. Behind the largest comes 1: 0 is none.
    pub fn set_next_cas(&self, next: u32) {
        self.next_cas.set(next);
    }

    fn take_cas(&self) -> u32 {
        let next = self.next_cas.get();
        self.next_cas.replace(next.checked_add(1).unwrap_or(1))
    }

    /// How many shared values there are, and how many bytes keys and values have together.
    pub fn shared_size(&self) -> (usize, usize) {
        let shared = self.shared.borrow();
        (shared.len(), shared.iter().map(|(key, shared)| key.len() + shared.value.len()).sum())
    }

    /// Makes a method of [`Proxy`] fail from now on, by its name.
    pub fn refuse(&self, method: &'static str, error: HostError) {
        self.refused.borrow_mut().insert(method, error);
    }

    /// Ends what [`World::refuse`] began.
    pub fn allow(&self, method: &'static str) {
        self.refused.borrow_mut().remove(method);
    }

    /// Adds a cluster that answers by this function; `None` never answers, which ends in Envoy's own 504.
    pub fn cluster(&self, name: &str, answers: impl Fn(&CallRecord) -> Option<CallAnswer> + 'static) {
        self.clusters.borrow_mut().insert(name.to_owned(), Box::new(answers));
    }

    /// Gives the proxy a function that checks signatures; without it there is none.
    pub fn verifier(&self, verify: impl Fn(&Signed<'_>) -> Result<bool, HostError> + 'static) {
        self.verifier.replace(Some(Box::new(verify)));
    }

    /// Sets an attribute such as `xds.route_name` for all streams.
    pub fn attribute(&self, path: &str, value: &[u8]) {
        self.attributes.borrow_mut().insert(path.replace('.', "\0"), value.to_vec());
    }

    /// Writes filter state for all streams, as a filter in front would have: `portcullis.identity`. `None` takes it away.
    pub fn state(&self, name: &str, value: Option<&[u8]>) {
        let path = format!("filter_state\0wasm.{name}");
        match value {
            Some(value) => drop(self.attributes.borrow_mut().insert(path, value.to_vec())),
            None => drop(self.attributes.borrow_mut().remove(&path)),
        }
    }

    /// All calls so far.
    pub fn calls(&self) -> Vec<CallRecord> {
        self.calls.borrow().clone()
    }

    /// The lines logged so far.
    pub fn log(&self) -> Vec<String> {
        self.log.borrow().clone()
    }

    /// The value of a metric by its full name; zero when it was never touched, `None` when it is not defined.
    pub fn metric(&self, name: &str) -> Option<u64> {
        self.metrics.borrow().iter().find(|(found, _, _)| found == name).map(|(_, _, value)| *value)
    }

    /// All metrics by full name.
    pub fn metrics(&self) -> Vec<(String, u64)> {
        self.metrics.borrow().iter().map(|(name, _, value)| (name.clone(), *value)).collect()
    }

    /// The tick that the plugin asked for.
    pub fn tick_period(&self) -> Option<Millis> {
        self.tick.get()
    }

    /// Streams that are open.
    pub fn open_streams(&self) -> usize {
        self.streams.borrow().len()
    }
}

// What the driver needs.
impl World {
    pub(super) fn now(&self) -> u64 {
        self.time.get()
    }

    pub(super) fn set_time(&self, at: u64) {
        self.time.set(at.max(self.time.get()));
    }

    pub(super) fn next_id(&self) -> ContextId {
        self.next_id.set(self.next_id.get() + 1);
        ContextId(self.next_id.get())
    }

    pub(super) fn tick_is_due(&self) -> bool {
        let Some(period) = self.tick.get() else { return false };
        if self.next_tick.get() > self.now() {
            return false;
        }
        self.next_tick.set(self.now() + period.0 * 1_000_000);
        true
    }

    /// When the clock has something to do: a tick, or a call's timeout.
    pub(super) fn next_event(&self) -> Option<u64> {
        let tick = self.tick.get().map(|_| self.next_tick.get());
        let timeout = self.pending.borrow().values().map(|call| call.timeout_at).min();
        [tick, timeout].into_iter().flatten().min()
    }

    /// The next call that its cluster answers, or whose time is over.
    pub(super) fn next_answer(&self) -> Option<(u32, CallAnswer)> {
        let found = self.pending.borrow().values().find_map(|call| {
            let clusters = self.clusters.borrow();
            let answer = clusters.get(&call.record.cluster).and_then(|cluster| cluster(&call.record));
            let timeout = || (call.timeout_at <= self.now()).then(gateway_timeout);
            answer.or_else(timeout).map(|answer| (call.token, answer))
        })?;
        Some(found)
    }

    pub(super) fn begin_answer(&self, token: u32, answer: CallAnswer) {
        let call = self.pending.borrow_mut().remove(&token);
        self.current.set(call.and_then(|call| call.owner));
        self.answering.replace(Some(answer));
    }

    pub(super) fn end_answer(&self) {
        self.answering.replace(None);
        self.current.set(None);
    }

    /// Nobody hears the answers to calls of a stream that is gone: the SDK drops them.
    pub(super) fn drop_calls(&self, id: ContextId) {
        self.pending.borrow_mut().retain(|_, call| call.owner != Some(id));
    }

    fn check(&self, method: &'static str) -> Result<(), HostError> {
        self.refused.borrow().get(method).map_or(Ok(()), |error| Err(error.clone()))
    }

    fn on_wire<T>(
        &self,
        method: &'static str,
        act: impl FnOnce(&Wire) -> Result<T, HostError>,
    ) -> Result<T, HostError> {
        self.check(method)?;
        act(self.wire().ok_or(HostError::Status(2))?.as_ref())
    }
}

fn gateway_timeout() -> CallAnswer {
    CallAnswer::Http {
        status: 504,
        headers: [(&b":status"[..], &b"504"[..])].into_iter().collect(),
        body: b"upstream request timeout".to_vec(),
        trailers: Headers::new(),
    }
}

impl Proxy for World {
    fn header_map(&self, side: Side) -> Result<Headers, HostError> {
        self.on_wire("header_map", |wire| wire.headers(side))
    }

    fn answer_map(&self, trailers: bool) -> Result<Headers, HostError> {
        self.check("answer_map")?;
        match self.answering.borrow().as_ref() {
            Some(CallAnswer::Http { trailers: found, .. }) if trailers => Ok(found.clone()),
            Some(CallAnswer::Http { headers, .. }) => Ok(headers.clone()),
            _ => Err(HostError::Status(2)),
        }
    }

    fn replace_header(&self, side: Side, name: &str, value: &[u8]) -> Result<(), HostError> {
        self.on_wire("replace_header", |wire| wire.edit_header(side, name, Some(value)))
    }

    fn remove_header(&self, side: Side, name: &str) -> Result<(), HostError> {
        self.on_wire("remove_header", |wire| wire.edit_header(side, name, None))
    }

    fn body(&self, side: Side, start: usize, len: usize) -> Result<Vec<u8>, HostError> {
        self.on_wire("body", |wire| wire.body(side, start, len))
    }

    fn answer_body(&self, len: usize) -> Result<Vec<u8>, HostError> {
        self.check("answer_body")?;
        match self.answering.borrow().as_ref() {
            Some(CallAnswer::Http { body, .. }) => Ok(body.iter().copied().take(len).collect()),
            _ => Err(HostError::Status(1)),
        }
    }

    fn replace_body(&self, side: Side, len: usize, body: &[u8]) -> Result<(), HostError> {
        self.on_wire("replace_body", |wire| wire.replace_body(side, len, body))
    }

    fn property(&self, path: &[&str]) -> Result<Option<Vec<u8>>, HostError> {
        self.check("property")?;
        let joined = path.join("\0");
        let state = joined.strip_prefix("filter_state\0wasm.").unwrap_or(&joined);
        let state = self.wire().and_then(|wire| wire.property(state));
        Ok(state.or_else(|| self.attributes.borrow().get(&joined).cloned()))
    }

    fn set_property(&self, name: &str, value: &[u8]) -> Result<(), HostError> {
        let readonly = self.declared.borrow().contains(name);
        self.on_wire("set_property", |wire| wire.set_property(name, value, readonly))
    }

    fn declare_property(&self, name: &str) -> Result<(), HostError> {
        self.check("declare_property")?;
        if self.declared.borrow_mut().insert(name.to_owned()) { Ok(()) } else { Err(HostError::Status(2)) }
    }

    fn shared(&self, key: &str) -> Result<Option<Shared>, HostError> {
        self.check("shared")?;
        Ok(self.shared.borrow().get(key).cloned())
    }

    fn set_shared(&self, key: &str, value: &[u8], cas: Cas) -> Result<(), HostError> {
        self.check("set_shared")?;
        let fits = match (self.shared.borrow().get(key), cas) {
            (None, _) => true,
            (Some(_), Cas::Absent) => false,
            (Some(found), Cas::Unchanged(token)) => found.cas == token,
        };
        if !fits {
            return Err(HostError::CasMismatch);
        }
        let cas = self.take_cas();
        self.shared.borrow_mut().insert(key.to_owned(), Shared { value: value.to_vec(), cas });
        Ok(())
    }

    fn wall(&self) -> Wall {
        Wall(self.wall_offset.get().saturating_add(self.now()))
    }

    fn monotonic(&self) -> Monotonic {
        Monotonic(self.now())
    }

    fn call(&self, call: &HttpCall<'_>) -> Result<u32, HostError> {
        self.check("call")?;
        if !self.clusters.borrow().contains_key(call.cluster) {
            return Err(HostError::Unreachable);
        }
        let headers = call.headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let record =
            CallRecord { cluster: call.cluster.to_owned(), headers: headers.collect(), body: call.body.to_vec() };
        self.calls.borrow_mut().push(record.clone());
        let token = self.next_id().0;
        let timeout_at = self.now() + call.timeout.0 * 1_000_000;
        self.pending.borrow_mut().insert(token, Pending { token, owner: self.current.get(), record, timeout_at });
        Ok(token)
    }

    fn verify(&self, signed: &Signed<'_>) -> Result<bool, HostError> {
        self.check("verify")?;
        self.verifier.borrow().as_ref().map_or(Err(HostError::Unsupported), |verify| verify(signed))
    }

    fn define_metric(&self, kind: MetricKind, name: &str) -> Result<u32, HostError> {
        self.check("define_metric")?;
        let mut metrics = self.metrics.borrow_mut();
        metrics.push((name.to_owned(), kind, 0));
        u32::try_from(metrics.len() - 1).map_err(|_| HostError::Malformed)
    }

    fn increment_metric(&self, id: u32, by: u64) {
        if let Some(metric) = self.metrics.borrow_mut().get_mut(id as usize) {
            // As the proxy's, which goes round at its end: an upstream can say numbers that large.
            metric.2 = metric.2.wrapping_add(by);
        }
    }

    fn record_metric(&self, id: u32, value: u64) {
        if let Some(metric) = self.metrics.borrow_mut().get_mut(id as usize) {
            metric.2 = value;
        }
    }

    fn log(&self, level: log::Level, line: &str) {
        self.log.borrow_mut().push(format!("{} {line}", level.as_str().to_lowercase()));
    }

    fn reply(&self, reply: &LocalReply<'_>) -> Result<(), HostError> {
        self.on_wire("reply", |wire| {
            wire.reply(reply);
            Ok(())
        })
    }

    fn resume(&self, side: Side) -> Result<(), HostError> {
        self.on_wire("resume", |wire| {
            wire.resume(side);
            Ok(())
        })
    }

    fn close(&self) -> Result<(), HostError> {
        self.on_wire("close", |wire| {
            wire.close();
            Ok(())
        })
    }

    fn act_on(&self, stream: ContextId) -> Result<(), HostError> {
        self.check("act_on")?;
        if !self.streams.borrow().contains_key(&stream) {
            return Err(HostError::Status(2));
        }
        self.current.set(Some(stream));
        Ok(())
    }

    fn tick_every(&self, period: Option<Millis>) {
        self.tick.set(period);
        self.next_tick.set(self.now() + period.map_or(0, |period| period.0 * 1_000_000));
    }
}
