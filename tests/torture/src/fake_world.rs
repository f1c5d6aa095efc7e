//! The fake host as a world of case tables: the same plugin, natively, without a wire.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use actor::Actor;
use authn::Authn;
use harness::cases::{Served, Setup, World, text_of};
use harness::client::Body;
use harness::{Ended, Headers, Request, Response, Seen};
use portcullis::adapter::Adapter;
use portcullis::filter::{Answer, Filter};
use portcullis::host::{Millis, Plugin, Proxy, Wall, fake};
use portcullis::log::Level;
use prompt_guard::PromptGuard;
use ratelimit_shared_data::RateLimit;
use rbac::Rbac;
use schema_check::SchemaCheck;
use serde_json::Value;

/// A filter's first tick comes a millisecond after its configuration.
const FIRST_TICK: Millis = Millis(2);

/// Where every request comes from, as in Envoy.
const CALLER: &[u8] = b"127.0.0.1:40000";

/// Names that Envoy keeps in one place each: what comes again is joined to it by a comma (its log lists them at start).
const JOINED: &str = "accept accept-encoding access-control-request-headers access-control-request-method authentication \
    authorization cache-control cdn-loop connection content-encoding content-type expect grpc-accept-encoding \
    grpc-timeout if-match if-modified-since if-none-match if-range if-unmodified-since keep-alive origin pragma \
    proxy-connection proxy-status referer te upgrade user-agent via x-client-trace-id x-forwarded-client-cert \
    x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-proto x-request-id";

/// Opens the filters of a table, natively.
pub fn open(setup: &Setup) -> Result<Vec<Box<dyn World>>, String> {
    let chain: Vec<_> = setup.filters.iter().map(|filter| start(setup, filter)).collect::<Result<_, _>>()?;
    let told = RefCell::new(Told { lines: Vec::new(), seen: vec![0; chain.len()] });
    let (answers, since) = (setup.answered()?, Instant::now());
    Ok(vec![Box::new(Fake { chain, answers, told, hits: 0, last: RefCell::default(), since })])
}

/// A filter of the chain, alone with its host.
fn start(setup: &Setup, (package, config): &(String, Value)) -> Result<fake::Envoy, String> {
    let world = Rc::new(fake::World::default());
    world.set_flag(setup.gateway.allow_on_headers_stop_iteration.unwrap_or(true));
    if let Some(bytes) = setup.gateway.buffer_limit {
        world.set_buffer_limit(usize::try_from(bytes).unwrap_or(usize::MAX));
    }
    world.attribute("source.address", CALLER);
    serve_documents(setup, &world)?;
    let variables: Vec<(&str, &str)> = setup.variables.iter().map(|(name, value)| (&name[..], &value[..])).collect();
    let envoy = fake::Envoy::of(plugin(package)?, &text_of(config), &variables, world)?;
    envoy.advance(FIRST_TICK);
    Ok(envoy)
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

fn head_of(status: u16, fields: &[(Vec<u8>, Vec<u8>)]) -> portcullis::http::header::Headers {
    let mut headers = portcullis::http::header::Headers::new();
    headers.push(b":status", status.to_string().as_bytes());
    for (name, value) in fields {
        headers.push(name, value);
    }
    headers
}

fn answer_of(status: u16, fields: &[(Vec<u8>, Vec<u8>)], body: &[u8]) -> Answer {
    let headers = head_of(status, fields);
    Answer::Http { status, headers, body: body.to_vec(), trailers: portcullis::http::header::Headers::new() }
}

fn plugin(package: &str) -> Result<Rc<dyn Plugin>, String> {
    match package {
        "authn" => Ok(native::<Authn>()),
        "actor" => Ok(native::<Actor>()),
        "rbac" => Ok(native::<Rbac>()),
        "ratelimit-shared-data" => Ok(native::<RateLimit>()),
        "schema-check" => Ok(native::<SchemaCheck>()),
        "prompt-guard" => Ok(native::<PromptGuard>()),
        other => Err(format!("no filter {other:?} is linked into the fake world: add it to fake_world.rs")),
    }
}

fn native<F: Filter>() -> Rc<dyn Plugin> {
    Rc::new(Adapter::<F>::default())
}

/// The filters of a chain, each with a host of its own: what one lets go on is what the next is asked.
struct Fake {
    chain: Vec<fake::Envoy>,
    answers: BTreeMap<String, Served>,
    told: RefCell<Told>,
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
        for envoy in &self.chain {
            envoy.advance(Millis(u64::try_from(elapsed.as_millis()).unwrap_or_default()));
            envoy.world().set_wall(now());
        }
    }

    /// What the upstream answers to this path.
    fn upstream(&self, path: Option<&[u8]>) -> fake::Response {
        let path = String::from_utf8_lossy(path.unwrap_or_default());
        let Some(served) = self.answers.get(path.split('?').next().unwrap_or_default()) else {
            return fake::Response::default();
        };
        let mut headers = head_of(served.status, &served.headers);
        headers.push(b"content-length", served.body.len().to_string().as_bytes());
        fake::Response { headers, body: vec![served.body.clone()], trailers: None }
    }

    /// Sends a request through the chain. Only the last filter sees the answer: no filter in front of another looks at it.
    fn through(&self, request: fake::Request) -> fake::Answer {
        let mut request = request;
        let mut state: HashMap<String, Vec<u8>> = HashMap::new();
        let mut answer = None;
        for envoy in &self.chain {
            for (name, value) in &state {
                envoy.world().state(name, Some(value));
            }
            request.response = self.upstream(request.headers.first(":path"));
            let own = envoy.send(&request);
            for name in state.keys() {
                envoy.world().state(name, None);
            }
            state.extend(own.state.clone());
            let sent = own.upstream.clone();
            answer = Some(fake::Answer { state: state.clone(), ..own });
            match sent {
                Some(sent) => request = asked_next(sent, !request.body.is_empty()),
                None => break,
            }
        }
        answer.expect("a chain has a filter")
    }

    /// What is told of the whole chain.
    fn worlds(&self) -> impl Iterator<Item = &fake::World> {
        self.chain.iter().map(fake::Envoy::world)
    }
}

/// The lines of all filters in one log, which only grows at its end.
#[derive(Default)]
struct Told {
    lines: Vec<String>,
    /// How many lines of each filter are in it.
    seen: Vec<usize>,
}

/// What one filter let go on, as the next is asked.
fn asked_next(sent: fake::Sent, has_body: bool) -> fake::Request {
    let mut body = if sent.body.is_empty() { Vec::new() } else { vec![sent.body] };
    if has_body && sent.trailers.is_none() {
        body.push(Vec::new());
    }
    fake::Request { headers: sent.headers, body, trailers: sent.trailers, ..fake::Request::default() }
}

impl World for Fake {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn send(&mut self, request: &Request) -> Response {
        self.keep_time();
        let answer = self.through(fake_request(request));
        if let Some(envoy) = self.chain.last() {
            Proxy::log(envoy.world(), Level::Info, &line(&answer));
        }
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
        self.worlds().filter_map(|world| world.metric(name)).sum()
    }

    fn metrics(&self) -> BTreeSet<String> {
        self.worlds().flat_map(fake::World::metrics).map(|(name, _)| name).collect()
    }

    fn log(&self) -> String {
        let mut told = self.told.borrow_mut();
        let Told { lines, seen } = &mut *told;
        for (world, seen) in self.worlds().zip(seen) {
            let own = world.log();
            lines.extend(own.iter().skip(*seen).cloned());
            *seen = own.len();
        }
        lines.join("\n")
    }
}

/// The clock by which tokens are minted, and by which cases wait for the beginning of a second.
fn now() -> Wall {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Wall(u64::try_from(since.as_nanos()).unwrap_or_default())
}

/// The line that Envoy's access log would have.
fn line(answer: &fake::Answer) -> String {
    let state =
        |name: &str| answer.state.get(name).map_or("-".into(), |state| String::from_utf8_lossy(state).into_owned());
    let (identity, authn, rbac) = (state("portcullis.identity"), state("portcullis.authn"), state("portcullis.rbac"));
    let (schema_check, prompt_guard) = (state("portcullis.schema_check"), state("portcullis.prompt_guard"));
    let ratelimit = state("portcullis.ratelimit");
    let status = answer.status;
    let details = if answer.details.is_empty() { "via_upstream" } else { &answer.details };
    format!(
        "stream {status} {details} identity={identity} authn={authn} rbac={rbac} schema_check={schema_check} \
         prompt_guard={prompt_guard} ratelimit={ratelimit}"
    )
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
