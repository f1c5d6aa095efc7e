//! The server behind the gateway: it keeps what reached it, and answers as the test says.
//!
//! "The upstream was not reached" is the strongest expectation of a security test, so a request
//! counts as soon as its headers have arrived, whole or not. Scripts are by path; what no script
//! names is answered by an echo of the request as JSON.

mod h1;
mod h2;

use crate::{Headers, values};
use serde_json::{Value, json};
use socket2::{Domain, Socket, Type};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{mem, thread};

/// A request as it reached the upstream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Which connection carried it, from 0.
    pub connection: usize,
    /// The method.
    pub method: Vec<u8>,
    /// The path with its query.
    pub path: Vec<u8>,
    /// `Host` or `:authority`.
    pub authority: Vec<u8>,
    /// Fields in the order of the wire, without pseudo-headers.
    pub headers: Headers,
    /// As much of the body as arrived.
    pub body: Vec<u8>,
    /// Fields after the body.
    pub trailers: Headers,
    /// Whether the request arrived whole.
    pub is_whole: bool,
}

impl Seen {
    /// The first value of a field as text.
    pub fn header(&self, name: &str) -> Option<String> {
        values(&self.headers, name).first().map(|value| text(value))
    }

    /// The path with its query as text.
    pub fn path(&self) -> String {
        text(&self.path)
    }

    /// What the echo answers: everything as text, bytes that are not UTF-8 replaced.
    pub fn as_json(&self) -> Value {
        let pairs = |headers: &Headers| -> Vec<Value> {
            headers.iter().map(|(name, value)| json!([text(name), text(value)])).collect()
        };
        json!({
            "method": text(&self.method),
            "path": self.path(),
            "authority": text(&self.authority),
            "headers": pairs(&self.headers),
            "body": text(&self.body),
            "trailers": pairs(&self.trailers),
        })
    }
}

/// An HTTP/1.1 connection as it reached the upstream, byte for byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawConnection {
    /// Everything that was read.
    pub bytes: Vec<u8>,
    /// Whether the peer ended it: with a farewell (`Some(false)`) or a reset (`Some(true)`).
    pub was_reset: Option<bool>,
}

/// An answer, step by step.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Headers,
    steps: Vec<Step>,
    trailers: Headers,
    is_streamed: bool,
    end: End,
}

#[derive(Clone, Debug)]
enum Step {
    Send(Vec<u8>),
    Wait(Duration),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Clean,
    Reset,
    Never,
}

impl Reply {
    /// An empty answer with this status.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Headers::new(),
            steps: Vec::new(),
            trailers: Headers::new(),
            is_streamed: false,
            end: End::Clean,
        }
    }

    /// An empty 200.
    pub fn ok() -> Self {
        Self::status(200)
    }

    /// A 200 with a JSON body.
    pub fn json(body: &Value) -> Self {
        Self::ok().header("content-type", "application/json").body(body.to_string())
    }

    /// The request, told as JSON.
    pub fn echo(seen: &Seen) -> Self {
        Self::json(&seen.as_json())
    }

    /// Server-sent events, one after each pause.
    pub fn events(events: impl IntoIterator<Item = impl AsRef<str>>, pause: Duration) -> Self {
        let reply = Self::ok().header("content-type", "text/event-stream");
        events.into_iter().fold(reply, |reply, data| reply.wait(pause).chunk(format!("data: {}\n\n", data.as_ref())))
    }

    /// The connection (HTTP/1.1) or the stream (HTTP/2) is reset instead of an answer.
    pub fn reset() -> Self {
        Self::status(0).then_reset()
    }

    /// No answer, ever.
    pub fn silence() -> Self {
        Self::status(0).then_silence()
    }

    /// Adds a field.
    pub fn header(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.as_ref().to_vec(), value.as_ref().to_vec()));
        self
    }

    /// A body with its length.
    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.steps.push(Step::Send(body.as_ref().to_vec()));
        self
    }

    /// A piece of a body without a length: a chunk or a frame of its own.
    pub fn chunk(mut self, piece: impl AsRef<[u8]>) -> Self {
        self.is_streamed = true;
        self.body(piece)
    }

    /// A pause before the next piece. Before the first piece the headers have left already.
    pub fn wait(mut self, pause: Duration) -> Self {
        self.is_streamed = true;
        self.steps.push(Step::Wait(pause));
        self
    }

    /// Adds a field after the body.
    pub fn trailer(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.is_streamed = true;
        self.trailers.push((name.as_ref().to_vec(), value.as_ref().to_vec()));
        self
    }

    /// After the pieces so far, a reset instead of the end.
    pub fn then_reset(mut self) -> Self {
        self.end = End::Reset;
        self
    }

    /// After the pieces so far, nothing, for as long as the peer stays.
    pub fn then_silence(mut self) -> Self {
        self.end = End::Never;
        self
    }

    fn has_head(&self) -> bool {
        self.status != 0
    }

    fn has_length(&self) -> bool {
        !self.is_streamed && self.end == End::Clean
    }

    fn body_length(&self) -> usize {
        let length = |step: &Step| if let Step::Send(bytes) = step { bytes.len() } else { 0 };
        self.steps.iter().map(length).sum()
    }
}

type Script = Arc<dyn Fn(&Seen) -> Reply + Send + Sync>;

/// A running server of its test, on a port of its own. It ends when dropped.
pub struct Upstream {
    address: SocketAddr,
    record: Arc<Record>,
    _server: Server,
}

enum Server {
    H1(#[allow(dead_code)] h1::Server),
    H2(#[allow(dead_code)] h2::Server),
}

impl Upstream {
    /// A server that speaks HTTP/1.1.
    pub fn h1() -> Self {
        let record = Arc::new(Record::default());
        let (address, server) = h1::Server::start(Arc::clone(&record));
        Self { address, record, _server: Server::H1(server) }
    }

    /// A server that speaks HTTP/2 with prior knowledge.
    pub fn h2() -> Self {
        let record = Arc::new(Record::default());
        let (address, server) = h2::Server::start(Arc::clone(&record));
        Self { address, record, _server: Server::H2(server) }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests for this path (without its query) from now on.
    pub fn answer(&self, path: &str, reply: Reply) -> &Self {
        self.answer_with(path, move |_| reply.clone())
    }

    /// Answers requests for this path from now on as the function says.
    pub fn answer_with(&self, path: &str, script: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> &Self {
        lock(&self.record.scripts).insert(0, (path.to_owned(), Arc::new(script)));
        self
    }

    /// Answers every request that no path names as the function says.
    pub fn answer_all(&self, script: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> &Self {
        *lock(&self.record.otherwise) = Some(Arc::new(script));
        self
    }

    /// From now on keeps nothing of a request that it has answered: for loads that last.
    pub fn forget(&self) -> &Self {
        self.record.forgets.store(true, Ordering::SeqCst);
        self
    }

    /// How many requests reached it: counted when their headers have arrived.
    pub fn hits(&self) -> u64 {
        self.record.hits.load(Ordering::SeqCst)
    }

    /// How many connections reached it.
    pub fn connections(&self) -> u64 {
        self.record.connections.load(Ordering::SeqCst)
    }

    /// All requests so far, in the order of their arrival.
    pub fn requests(&self) -> Vec<Seen> {
        lock(&self.record.requests).clone()
    }

    /// The latest request.
    pub fn last(&self) -> Option<Seen> {
        lock(&self.record.requests).last().cloned()
    }

    /// The bytes of each HTTP/1.1 connection.
    pub fn raw(&self) -> Vec<RawConnection> {
        lock(&self.record.raw).clone()
    }

    /// Waits until so many requests have come; false when they did not in time.
    pub fn wait_for_hits(&self, hits: u64, within: Duration) -> bool {
        let deadline = Instant::now() + within;
        while self.hits() < hits && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        self.hits() >= hits
    }
}

/// A port of its test at which nobody listens: who connects is refused, until somebody opens it.
pub struct Closed {
    socket: Socket,
    address: SocketAddr,
}

impl Closed {
    /// Takes a port.
    pub fn port() -> Self {
        let bound = || {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
            socket.set_reuse_address(true)?;
            socket.bind(&any_port().into())?;
            let address = socket.local_addr()?.as_socket().unwrap_or_else(any_port);
            Ok::<_, std::io::Error>(Self { socket, address: loopback(address.port()) })
        };
        bound().unwrap_or_else(|e| panic!("no port: {e}"))
    }

    /// Where nobody listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on a server that speaks HTTP/1.1 listens there.
    pub fn open(self) -> Upstream {
        self.socket.listen(1024).unwrap_or_else(|e| panic!("cannot listen: {e}"));
        let record = Arc::new(Record::default());
        let (address, server) = h1::Server::start_on(TcpListener::from(self.socket), Arc::clone(&record));
        Upstream { address, record, _server: Server::H1(server) }
    }
}

/// What both servers write and the test reads.
#[derive(Default)]
struct Record {
    hits: AtomicU64,
    connections: AtomicU64,
    requests: Mutex<Vec<Seen>>,
    raw: Mutex<Vec<RawConnection>>,
    scripts: Mutex<Vec<(String, Script)>>,
    otherwise: Mutex<Option<Script>>,
    sockets: Mutex<BTreeMap<usize, TcpStream>>,
    is_over: AtomicBool,
    forgets: AtomicBool,
}

impl Record {
    /// Counts a request whose headers have arrived; returns its place.
    fn arrived(&self, seen: Seen) -> usize {
        let mut requests = lock(&self.requests);
        requests.push(seen);
        self.hits.fetch_add(1, Ordering::SeqCst);
        requests.len() - 1
    }

    fn body_arrived(&self, place: usize, piece: &[u8]) {
        lock(&self.requests)[place].body.extend_from_slice(piece);
    }

    /// Notes that a request is whole; returns the answer to it.
    fn is_whole(&self, place: usize, trailers: Headers) -> Reply {
        let seen = {
            let mut requests = lock(&self.requests);
            let seen = &mut requests[place];
            seen.trailers = trailers;
            seen.is_whole = true;
            if self.forgets() { mem::take(seen) } else { seen.clone() }
        };
        self.script(&seen)(&seen)
    }

    fn forgets(&self) -> bool {
        self.forgets.load(Ordering::SeqCst)
    }

    fn script(&self, seen: &Seen) -> Script {
        let path = seen.path();
        let path = path.split('?').next().unwrap_or_default();
        let scripts = lock(&self.scripts);
        let by_path = scripts.iter().find(|(name, _)| name == path).map(|(_, script)| Arc::clone(script));
        by_path.or_else(|| lock(&self.otherwise).clone()).unwrap_or_else(|| Arc::new(Reply::echo))
    }
}

/// Where to listen: containers reach us by the bridge, everybody else by the loopback.
fn any_port() -> SocketAddr {
    let is_reached_by_containers = crate::container::image().is_some();
    let host = if is_reached_by_containers { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
    SocketAddr::from((host, 0))
}

/// The address a test names, whatever address the socket is bound to.
fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
