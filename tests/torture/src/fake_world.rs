//! The fake host as a world of case tables: the same plugin, natively, without a wire.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use actor::Actor;
use authn::Authn;
use harness::cases::{Setup, World, text_of};
use harness::client::Body;
use harness::{Ended, Headers, Request, Response, Seen};
use portcullis::adapter::Adapter;
use portcullis::filter::{Answer, Filter};
use portcullis::host::{Millis, Plugin, Proxy, fake};
use portcullis::log::Level;

/// A filter's first tick comes a millisecond after its configuration.
const FIRST_TICK: Millis = Millis(2);

/// Names that Envoy keeps in one place each: what comes again is joined to it by a comma (its log lists them at start).
const JOINED: &str = "accept accept-encoding access-control-request-headers access-control-request-method authentication \
    authorization cache-control cdn-loop connection content-encoding content-type expect grpc-accept-encoding \
    grpc-timeout if-match if-modified-since if-none-match if-range if-unmodified-since keep-alive origin pragma \
    proxy-connection proxy-status referer te upgrade user-agent via x-client-trace-id x-forwarded-client-cert \
    x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-proto x-request-id";

/// Opens the filter of a table, natively. A chain of several has no fake: Envoy alone shows it.
pub fn open(setup: &Setup) -> Result<Vec<Box<dyn World>>, String> {
    let [(package, config)] = setup.filters.as_slice() else { return Ok(Vec::new()) };
    let world = Rc::new(fake::World::default());
    world.set_flag(setup.gateway.allow_on_headers_stop_iteration.unwrap_or(true));
    if let Some(bytes) = setup.gateway.buffer_limit {
        world.set_buffer_limit(usize::try_from(bytes).unwrap_or(usize::MAX));
    }
    serve_documents(setup, &world)?;
    let variables: Vec<(&str, &str)> = setup.variables.iter().map(|(name, value)| (&name[..], &value[..])).collect();
    let envoy = fake::Envoy::of(plugin(package)?, &text_of(config), &variables, world)?;
    envoy.advance(FIRST_TICK);
    Ok(vec![Box::new(Fake { envoy, hits: 0, last: RefCell::default(), since: Instant::now() })])
}

/// The cluster `documents`, if the table serves any; it answers at once.
fn serve_documents(setup: &Setup, world: &fake::World) -> Result<(), String> {
    if setup.documents.is_empty() {
        return Ok(());
    }
    let served = setup.served()?;
    world.cluster("documents", move |call| {
        let path = call.headers.iter().find(|(name, _)| name == ":path").map(|(_, path)| path.as_str());
        let path = path.unwrap_or_default().split('?').next().unwrap_or_default();
        Some(
            served.get(path).map_or_else(|| answer_of(404, &[], b""), |it| answer_of(it.status, &it.headers, &it.body)),
        )
    });
    Ok(())
}

fn answer_of(status: u16, fields: &[(Vec<u8>, Vec<u8>)], body: &[u8]) -> Answer {
    let mut headers = portcullis::http::header::Headers::new();
    headers.push(b":status", status.to_string().as_bytes());
    for (name, value) in fields {
        headers.push(name, value);
    }
    Answer::Http { status, headers, body: body.to_vec(), trailers: portcullis::http::header::Headers::new() }
}

fn plugin(package: &str) -> Result<Rc<dyn Plugin>, String> {
    match package {
        "authn" => Ok(native::<Authn>()),
        "actor" => Ok(native::<Actor>()),
        other => Err(format!("no filter {other:?} is linked into the fake world: add it to fake_world.rs")),
    }
}

fn native<F: Filter>() -> Rc<dyn Plugin> {
    Rc::new(Adapter::<F>::default())
}

struct Fake {
    envoy: fake::Envoy,
    hits: u64,
    last: RefCell<Option<Seen>>,
    /// When its clock was last set.
    since: Instant,
}

impl Fake {
    /// Its clocks go as ours do.
    fn keep_time(&mut self) {
        let elapsed = self.since.elapsed();
        self.since = Instant::now();
        self.envoy.advance(Millis(u64::try_from(elapsed.as_millis()).unwrap_or_default()));
        self.envoy.world().set_wall_seconds(now());
    }
}

impl World for Fake {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn send(&mut self, request: &Request) -> Response {
        self.keep_time();
        let answer = self.envoy.send(&fake_request(request));
        Proxy::log(self.envoy.world(), Level::Info, &line(&answer));
        if let Some(sent) = &answer.upstream {
            self.hits += 1;
            self.last.replace(Some(seen(sent)));
        }
        response(&answer)
    }

    fn upstream_hits(&self) -> u64 {
        self.hits
    }

    fn upstream_last(&self) -> Option<Seen> {
        self.last.borrow().clone()
    }

    fn counter(&self, name: &str) -> u64 {
        self.envoy.world().metric(name).unwrap_or_default()
    }

    fn metrics(&self) -> BTreeSet<String> {
        self.envoy.world().metrics().into_iter().map(|(name, _)| name).collect()
    }

    fn log(&self) -> String {
        self.envoy.world().log().join("\n")
    }
}

/// Seconds since 1970: tokens are minted by the same clock.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The line that Envoy's access log would have.
fn line(answer: &fake::Answer) -> String {
    let state =
        |name: &str| answer.state.get(name).map_or("-".into(), |state| String::from_utf8_lossy(state).into_owned());
    let (identity, authn) = (state("portcullis.identity"), state("portcullis.authn"));
    let details = if answer.details.is_empty() { "via_upstream" } else { &answer.details };
    format!("stream {} {details} identity={identity} authn={authn}", answer.status)
}

/// A request as Envoy's HTTP/1.1 codec would show it: values without blanks around them or CR in them, some names
/// joined, and the end of a body after its last byte.
pub fn fake_request(request: &Request) -> fake::Request {
    let mut fields = portcullis::http::header::Headers::new();
    fields.push(b":method", &request.method);
    if let Some(path) = &request.path {
        fields.push(b":path", path);
    }
    if let Some(authority) = &request.authority {
        fields.push(b":authority", authority);
    }
    fields.push(b":scheme", b"http");
    for (name, value) in joined(&request.headers) {
        fields.push(&name, &value);
    }
    let mut body = match &request.body {
        Body::None => Vec::new(),
        Body::Whole(bytes) => {
            fields.push(b"content-length", bytes.len().to_string().as_bytes());
            if bytes.is_empty() { Vec::new() } else { vec![bytes.clone()] }
        }
        Body::Pieces(pieces) => pieces.iter().map(|(_, piece)| piece.clone()).collect(),
    };
    if !body.is_empty() && request.trailers.is_empty() {
        body.push(Vec::new());
    }
    let trailers = (!request.trailers.is_empty())
        .then(|| request.trailers.iter().map(|(name, value)| (&name[..], &value[..])).collect());
    fake::Request { headers: fields, body, trailers, ..fake::Request::default() }
}

fn joined(headers: &Headers) -> Headers {
    let mut joined = Headers::new();
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        let value: Vec<u8> = value.trim_ascii().iter().copied().filter(|byte| *byte != b'\r').collect();
        let is_joined = JOINED.split_ascii_whitespace().any(|known| known.as_bytes() == name);
        match joined.iter_mut().find(|(found, _)| is_joined && *found == name) {
            Some((_, first)) => *first = [first, &b","[..], &value].concat(),
            None => joined.push((name, value)),
        }
    }
    joined
}

fn owned(fields: &portcullis::http::header::Headers) -> Headers {
    let is_plain = |(name, _): &(&[u8], &[u8])| !name.starts_with(b":");
    fields.iter().filter(is_plain).map(|(name, value)| (name.to_vec(), value.to_vec())).collect()
}

fn seen(sent: &fake::Sent) -> Seen {
    let pseudo = |name| sent.headers.first(name).unwrap_or_default().to_vec();
    Seen {
        method: pseudo(":method"),
        path: pseudo(":path"),
        authority: pseudo(":authority"),
        headers: owned(&sent.headers),
        body: sent.body.clone(),
        trailers: sent.trailers.as_ref().map(owned).unwrap_or_default(),
        is_whole: sent.complete,
        ..Seen::default()
    }
}

fn response(answer: &fake::Answer) -> Response {
    Response {
        status: (answer.status > 0).then_some(answer.status),
        headers: owned(&answer.headers),
        body: answer.body.clone(),
        trailers: answer.trailers.as_ref().map(owned).unwrap_or_default(),
        ended: if answer.complete { Ended::Complete } else { Ended::Closed },
        ..Response::default()
    }
}
