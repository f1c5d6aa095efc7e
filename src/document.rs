//! A document from a URL that survives outages: key sets, discovery, lists of revoked tokens.
//!
//! 1. It is fetched from `on_tick` only, by one of the workers: whoever wins a compare-and-set in shared data holds a
//!    lease until its call must have ended. A worker that dies loses it by time.
//! 2. What was fetched is shared: the others read it from shared data, each as if it had come from its URL. That keeps
//!    nonsense out and no forgery: every plugin with the same `vm_id` can write head and body, whatever its module. So
//!    `vm_id` must be the filter's own, and whoever shares it is trusted with what the document says.
//! 3. Only an answer that is a good document replaces the last one. Another status than 200 (a redirect is not
//!    followed), an encoded, empty, too large or unreadable body leaves it in force; the next try comes after 1 s, 2 s,
//!    4 s ... at most 30 s; at most 2 s while there is no good one or it is about to be too old.
//! 4. After `refresh` a good document is asked for again, and used meanwhile, until `max_stale`. Then it is gone.
//! 5. Somebody who misses something in it (an unknown key) may ask for a refresh; one is granted in each `cooldown`,
//!    however many ask.
//!
//! Times are monotonic: a jump of the clock is not an event.
//!
//! ```text
//! on_tick    document.tick(host)                 reads what others fetched, or fetches; says when to look again
//! on_answer  document.on_answer(host, call, ..)  true: it was the answer to its fetch
//! request    document.latest().get()             the value, parsed once
//!            document.ask(host)                  a refresh, please: is one coming?
//! ```

mod fetch;
mod latest;
mod record;

pub use self::fetch::Fetch;
pub use self::latest::Latest;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use self::record::{Body, Head};
use crate::filter::{Answer, Call};
use crate::host::{Cas, Host, HostError, HttpCall, Millis, Monotonic};
use crate::http::header::is_encoded;
use crate::http::url::Url;
use crate::telemetry::Metric;

/// Good documents that were fetched.
pub const FETCHED: Metric = Metric::counter("fetches_total.result.ok");
/// Fetches without an answer, or with another status than 200.
pub const FAILED: Metric = Metric::counter("fetches_total.result.failed");
/// Answers that are no good document.
pub const REFUSED: Metric = Metric::counter("fetches_total.result.refused");

/// How often workers look for what others fetched.
const POLL: Millis = Millis(1000);
/// The same while a request waits, or nothing is there yet.
const POLL_SOON: Millis = Millis(50);
/// How much longer than its call a lease lasts.
const LEASE_MARGIN: Millis = Millis(1000);
/// How often a record is written again after somebody else was faster.
const CAS_TRIES: usize = 8;

/// Where a document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The Envoy cluster that leads there.
    pub cluster: String,
    /// Its URL.
    pub url: Url,
}

/// What makes a value of a body; the error says what is wrong with it, and nothing that stands in it.
type Read<T> = Box<dyn Fn(&[u8]) -> Result<T, String>>;

/// A document that is fetched, shared and kept.
pub struct Document<T> {
    /// What it is, for the log: `providers.main.jwks_uri`.
    name: String,
    /// How the keys of its shared records begin.
    prefix: String,
    fetch: Fetch,
    read: Read<T>,
    location: RefCell<Option<Location>>,
    latest: Rc<Latest<T>>,
    /// What this worker knows of the shared record.
    known: Cell<Known>,
    /// The fetch that this worker has under way.
    call: Cell<Option<Call>>,
    /// Whether somebody waits for a refresh.
    wanted: Cell<bool>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// The body that was read last, good or not.
    generation: u64,
    /// When the value that is in force was fetched.
    fetched_at: u64,
    /// How many fetches have ended.
    attempts: u64,
}

/// What came of a request for a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresh {
    /// One is coming, or another worker has made one that this one has not read: decide again when
    /// [`Document::attempts`] is past this.
    After(u64),
    /// None is: the last one was too short ago.
    NotNow,
}

/// Why a fetch brought nothing.
enum Fault {
    Failed(String),
    Refused(String),
}

impl<T> Document<T> {
    /// A document; `prefix` begins with product, filter and instance.
    pub fn new(
        name: impl Into<String>,
        prefix: impl Into<String>,
        fetch: Fetch,
        read: impl Fn(&[u8]) -> Result<T, String> + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            prefix: prefix.into(),
            fetch,
            read: Box::new(read),
            location: RefCell::default(),
            latest: Rc::default(),
            known: Cell::default(),
            call: Cell::default(),
            wanted: Cell::default(),
        }
    }

    /// Says where it is. A document that moved stays in force until there is a good one at its new place.
    pub fn locate(&self, location: &Location) {
        if self.location.borrow().as_ref() != Some(location) {
            self.location.replace(Some(location.clone()));
            // The answer of a fetch that is under way says nothing about the new place; its lease ends by time.
            self.call.set(None);
            self.known.set(Known { generation: 0, ..self.known.get() });
        }
    }

    /// Where the value is found, from now on.
    pub fn latest(&self) -> &Rc<Latest<T>> {
        &self.latest
    }

    /// How many fetches this worker knows to have ended, whoever made them.
    pub fn attempts(&self) -> u64 {
        self.known.get().attempts
    }

    /// Looks for what others fetched, and fetches if it is time and nobody else does. Says when to look again.
    pub fn tick(&self, host: &dyn Host) -> Millis {
        if let Some(location) = self.location.borrow().clone() {
            // What fails here is tried again at the next tick; meanwhile the value that is there stays.
            self.step(host, &location).ok();
        }
        if self.wanted.get() || self.latest.get().is_none() { POLL_SOON } else { POLL }
    }

    /// Asks for a refresh, for a request that misses something.
    pub fn ask(&self, host: &dyn Host) -> Result<Refresh, HostError> {
        let Some(location) = self.location.borrow().clone() else { return Ok(Refresh::NotNow) };
        let (head, _) = self.head(host, &location)?;
        let (now, attempts) = (host.monotonic(), self.attempts());
        let is_behind = head.attempts != attempts;
        if !is_behind && !head.is_held(now) && !head.is_due(now) && !self.is_granted(&head, now) {
            return Ok(Refresh::NotNow);
        }
        self.wanted.set(true);
        host.tick_soon();
        Ok(Refresh::After(attempts))
    }

    /// Whether this is the answer to its fetch; then it is judged and shared.
    pub fn on_answer(&self, host: &dyn Host, call: Call, answer: &Answer) -> bool {
        if self.call.get() != Some(call) {
            return false;
        }
        self.call.set(None);
        if let Some(location) = self.location.borrow().clone() {
            self.conclude(host, &location, self.judge(answer));
        }
        true
    }

    fn step(&self, host: &dyn Host, location: &Location) -> Result<(), HostError> {
        let now = host.monotonic();
        let (head, cas) = self.head(host, location)?;
        self.follow(host, location, &head)?;
        self.drop_stale(host, now);
        if self.is_due(&head, now) && self.take_lease(host, location, &head, cas, now)? {
            self.send(host, location);
        }
        Ok(())
    }

    fn is_due(&self, head: &Head, now: Monotonic) -> bool {
        head.is_due(now) || self.is_overdue(head, now) || (self.wanted.get() && self.is_granted(head, now))
    }

    /// Whether what is in force is older than `refresh`: another configuration set a longer one before.
    fn is_overdue(&self, head: &Head, now: Monotonic) -> bool {
        let due = Monotonic(self.known.get().fetched_at).plus(self.fetch.refresh);
        self.latest.get().is_some() && !head.is_held(now) && head.failures == 0 && due <= now
    }

    fn is_granted(&self, head: &Head, now: Monotonic) -> bool {
        !head.is_held(now) && head.failures == 0 && head.asked_at_least(self.fetch.cooldown, now)
    }

    /// Reads what another worker fetched.
    fn follow(&self, host: &dyn Host, location: &Location, head: &Head) -> Result<(), HostError> {
        let known = self.known.get();
        if head.attempts != known.attempts {
            self.wanted.set(false);
        }
        self.known.set(Known { attempts: head.attempts, ..known });
        if head.generation == known.generation {
            return Ok(());
        }
        let shared = host.shared(&self.key("body", location))?;
        let Some(body) = shared.as_ref().and_then(|shared| Body::read(&shared.value)) else { return Ok(()) };
        if body.generation != known.generation {
            self.adopt(host, &body);
        }
        Ok(())
    }

    fn adopt(&self, host: &dyn Host, body: &Body<'_>) {
        let known = Known { generation: body.generation, ..self.known.get() };
        match (self.read)(body.bytes) {
            Ok(value) => {
                self.latest.set(Some(value));
                self.known.set(Known { fetched_at: body.fetched_at.min(host.monotonic().0), ..known });
            }
            Err(why) => {
                host.measure(REFUSED, 1);
                host.log(log::Level::Warn, &format!("{}: what another worker shared is refused: {why}", self.name));
                self.known.set(known);
            }
        }
    }

    fn drop_stale(&self, host: &dyn Host, now: Monotonic) {
        let ends = Monotonic(self.known.get().fetched_at).plus(self.fetch.max_stale);
        if self.latest.get().is_some() && ends <= now {
            self.latest.set(None);
            let limit = self.fetch.max_stale;
            host.log(log::Level::Error, &format!("{}: no good answer for {limit}; it is used no longer", self.name));
        }
    }

    /// Whether this worker is the one that fetches.
    fn take_lease(
        &self,
        host: &dyn Host,
        location: &Location,
        head: &Head,
        cas: Cas,
        now: Monotonic,
    ) -> Result<bool, HostError> {
        let until = now.plus(self.fetch.timeout).plus(LEASE_MARGIN);
        let is_asked = !head.is_due(now) && !self.is_overdue(head, now);
        let last_asked = if is_asked { now.0 } else { head.last_asked };
        let lease = Head { is_fetching: true, not_before: until.0, last_asked, ..*head };
        match host.set_shared(&self.key("head", location), &lease.to_bytes(), cas) {
            Ok(()) => Ok(true),
            Err(HostError::CasMismatch) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn send(&self, host: &dyn Host, location: &Location) {
        let call = HttpCall {
            cluster: &location.cluster,
            headers: &[
                (":method", "GET"),
                (":scheme", if location.url.is_https() { "https" } else { "http" }),
                (":authority", location.url.authority()),
                (":path", location.url.path()),
                ("accept", "application/json"),
                ("user-agent", "portcullis"),
            ],
            body: b"",
            timeout: self.fetch.timeout,
        };
        match host.call(&call) {
            Ok(call) => self.call.set(Some(call)),
            Err(error) => self.conclude(host, location, Err(Fault::Failed(error.to_string()))),
        }
    }

    /// A good body and its value, or why there is none.
    fn judge<'a>(&self, answer: &'a Answer) -> Result<(&'a [u8], T), Fault> {
        let Answer::Http { status, headers, body, .. } = answer else {
            return Err(Fault::Failed("no complete answer".to_owned()));
        };
        if *status != 200 {
            return Err(Fault::Failed(format!("status {status}, expected 200")));
        }
        if is_encoded(headers) {
            return Err(Fault::Refused("it has a content-encoding, which was not asked for".to_owned()));
        }
        if body.len() > self.fetch.max_bytes.0 {
            return Err(Fault::Refused(format!("over {} long", self.fetch.max_bytes)));
        }
        (self.read)(body).map(|value| (body.as_slice(), value)).map_err(Fault::Refused)
    }

    /// Shares what came of a fetch, and says when the next one may begin.
    fn conclude(&self, host: &dyn Host, location: &Location, result: Result<(&[u8], T), Fault>) {
        self.wanted.set(false);
        let is_good = result.is_ok();
        let now = host.monotonic();
        match result {
            Ok((body, value)) => {
                host.measure(FETCHED, 1);
                self.latest.set(Some(value));
                self.known.set(Known { fetched_at: now.0, ..self.known.get() });
                self.share(host, location, body, now);
            }
            Err(fault) => self.complain(host, location, &fault),
        }
        self.release(host, location, is_good, now);
    }

    fn complain(&self, host: &dyn Host, location: &Location, fault: &Fault) {
        let (metric, why) = match fault {
            Fault::Failed(why) => (FAILED, why),
            Fault::Refused(why) => (REFUSED, why),
        };
        host.measure(metric, 1);
        let (name, authority, cluster) = (&self.name, location.url.authority(), &location.cluster);
        host.log(log::Level::Warn, &format!("{name}: nothing good from {authority} (cluster {cluster}): {why}"));
    }

    fn share(&self, host: &dyn Host, location: &Location, bytes: &[u8], now: Monotonic) {
        let key = self.key("body", location);
        for _ in 0..CAS_TRIES {
            let last = host.shared(&key).ok().flatten();
            let before = last.as_ref().and_then(|shared| Body::read(&shared.value)).map_or(0, |body| body.generation);
            let generation = before.max(self.known.get().generation).wrapping_add(1).max(1);
            self.known.set(Known { generation, ..self.known.get() });
            let body = Body { generation, fetched_at: now.0, bytes }.to_bytes();
            let cas = last.map_or(Cas::Absent, |shared| Cas::Unchanged(shared.cas));
            if host.set_shared(&key, &body, cas) != Err(HostError::CasMismatch) {
                return;
            }
        }
    }

    fn release(&self, host: &dyn Host, location: &Location, is_good: bool, now: Monotonic) {
        let generation = self.known.get().generation;
        for _ in 0..CAS_TRIES {
            let Ok((head, cas)) = self.head(host, location) else { return };
            let next = if is_good {
                head.after_good(generation, &self.fetch, now)
            } else {
                head.after_bad(now, self.longest_backoff(now))
            };
            self.known.set(Known { attempts: next.attempts, ..self.known.get() });
            if host.set_shared(&self.key("head", location), &next.to_bytes(), cas) != Err(HostError::CasMismatch) {
                return;
            }
        }
    }

    fn longest_backoff(&self, now: Monotonic) -> Millis {
        let ends = Monotonic(self.known.get().fetched_at).plus(self.fetch.max_stale);
        let lasts = self.latest.get().is_some() && now.plus(record::LAST_BACKOFF) < ends;
        if lasts { record::LAST_BACKOFF } else { record::BACKOFF_WITHOUT }
    }

    /// The shared record, and the condition under which it may be written. What cannot be one counts as none.
    fn head(&self, host: &dyn Host, location: &Location) -> Result<(Head, Cas), HostError> {
        let Some(shared) = host.shared(&self.key("head", location))? else { return Ok((Head::default(), Cas::Absent)) };
        let head = Head::read(&shared.value, host.monotonic()).unwrap_or_default();
        Ok((head, Cas::Unchanged(shared.cas)))
    }

    fn key(&self, part: &str, Location { cluster, url }: &Location) -> String {
        let scheme = if url.is_https() { "https" } else { "http" };
        format!("{}.document.{part} {cluster} {scheme}://{}{}", self.prefix, url.authority(), url.path())
    }
}

#[cfg(test)]
mod tests;
