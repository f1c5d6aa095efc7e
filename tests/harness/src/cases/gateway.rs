//! The worlds of a real Envoy: one Envoy and one upstream, asked over HTTP/1.1 and over HTTP/2.

use super::run::{Open, Served, Setup, World, text_of};
use crate::chain;
use crate::client::{h1, h2};
use crate::config::{Protocol, cluster};
use crate::envoy::Builder;
use crate::{Envoy, Listener, Reply, Request, Response, Seen, Upstream, WasmFilter};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

/// Verdicts in filter state, and whose they are.
const VERDICTS: [(&str, &str); 5] = [
    ("authn", "authn"),
    ("rbac", "rbac"),
    ("schema_check", "schema-check"),
    ("prompt_guard", "prompt-guard"),
    ("ratelimit", "ratelimit-shared-data"),
];

/// How long documents may take that are answered at once, and how long cases wait for one that is refused.
const DOCUMENTS_DUE: Duration = Duration::from_millis(1500);

/// A real Envoy with the filters of a table, in its two worlds.
#[derive(Clone, Copy, Debug)]
pub struct InEnvoy;

impl Open for InEnvoy {
    fn open(&self, setup: &Setup) -> Result<Vec<Box<dyn World>>, String> {
        let documents = documents(setup)?;
        let upstream = upstream(setup)?;
        let envoy = builder(setup, &upstream, documents.as_ref()).start().map_err(|failure| failure.log)?;
        wait_for_documents(&envoy, documents.as_ref());
        Ok(over_both_protocols(envoy, upstream, documents))
    }

    /// One Envoy, updated again and again: what it refuses leaves the first in force, with its compiled module.
    fn try_each(&self, in_force: &Setup, trials: &[&Setup]) -> Vec<Result<(), String>> {
        let upstream = Upstream::h1();
        let mut envoy = match builder(in_force, &upstream, None).updatable().start() {
            Ok(envoy) => envoy,
            Err(failure) => return trials.iter().map(|_| Err(failure.log.clone())).collect(),
        };
        let mut update = |setup: &Setup| {
            let from = envoy.log().len();
            let told = envoy.update(listener(setup)).map_err(|failure| failure.log);
            told.map_err(|log| log.get(from..).unwrap_or(&log).to_owned())
        };
        let each = |setup: &&Setup| {
            let told = update(setup);
            if told.is_ok() {
                let _ = update(in_force);
            }
            told
        };
        trials.iter().map(each).collect()
    }
}

fn builder(setup: &Setup, upstream: &Upstream, documents: Option<&Upstream>) -> Builder {
    Envoy::builder(listener(setup))
        .upstream(upstream.address())
        .cluster(cluster("documents", documents.map(Upstream::address), Protocol::H1))
        .workers(setup.gateway.workers.unwrap_or(2))
}

fn listener(setup: &Setup) -> Listener {
    let mut listener = Listener::new();
    let last = setup.filters.len().saturating_sub(1);
    for (place, (package, config)) in setup.filters.iter().enumerate() {
        let mut filter = WasmFilter::new(package).configured_raw(&text_of(config));
        for (name, value) in &setup.variables {
            filter = filter.variable(name, value);
        }
        if let Some(allowed) = setup.gateway.allow_on_headers_stop_iteration.filter(|_| place == last) {
            filter = filter.allow_on_headers_stop_iteration(allowed);
        }
        listener = listener.filter(filter);
    }
    listener = listener.manager(&access_log(setup));
    if let Some(fields) = &setup.gateway.manager {
        listener = listener.manager(fields);
    }
    if let Some(bytes) = setup.gateway.buffer_limit {
        listener = listener.buffer_limit(bytes);
    }
    setup.gateway.routes.iter().cloned().fold(listener, Listener::route)
}

/// A line for each stream in Envoy's own log; see the head of [`super`].
fn access_log(setup: &Setup) -> Value {
    let path = if setup.gateway.logs_path { " path=%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%" } else { "" };
    // What others say that only look on is no part of a table.
    let is_own = |package: &str| !chain::is_on() || setup.filters.iter().any(|(own, _)| own.as_str() == package);
    let verdict = |(name, package): (&str, &str)| {
        let told =
            if is_own(package) { format!("%FILTER_STATE(wasm.portcullis.{name}:PLAIN)%") } else { "-".to_owned() };
        format!(" {name}={told}")
    };
    let verdicts: String = VERDICTS.into_iter().map(verdict).collect::<Vec<_>>().concat();
    let format = format!(
        "stream %RESPONSE_CODE% %RESPONSE_CODE_DETAILS% identity=%FILTER_STATE(wasm.portcullis.identity:PLAIN)%{verdicts}{path}\n"
    );
    json!({"access_log": [{
        "name": "envoy.access_loggers.stderr",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StderrAccessLog",
            "log_format": {"text_format_source": {"inline_string": format}}
        }
    }]})
}

/// The two worlds of an Envoy that runs already.
pub fn over_both_protocols(envoy: Envoy, upstream: Upstream, documents: Option<Upstream>) -> Vec<Box<dyn World>> {
    let shared = Rc::new(Shared { envoy, upstream, _documents: documents });
    let over = |wire| -> Box<dyn World> { Box::new(OverEnvoy { shared: Rc::clone(&shared), wire }) };
    let (h1, h2) = (shared.each_worker(h1::Connection::open), shared.each_worker(h2::Connection::open));
    vec![over(Wire::H1(h1)), over(Wire::H2(h2))]
}

/// The upstream, with the answers of the table.
fn upstream(setup: &Setup) -> Result<Upstream, String> {
    let server = Upstream::h1();
    for (path, served) in setup.answered()? {
        server.answer(&path, reply(served));
    }
    Ok(server)
}

fn reply(served: Served) -> Reply {
    let reply = Reply::status(served.status).body(served.body);
    served.headers.iter().fold(reply, |reply, (name, value)| reply.header(name, value))
}

/// The cluster `documents`, if the table serves any.
fn documents(setup: &Setup) -> Result<Option<Upstream>, String> {
    if setup.documents.is_empty() {
        return Ok(None);
    }
    let server = Upstream::h1();
    server.answer_all(|_| Reply::status(404));
    for (path, served) in setup.served()? {
        server.answer(&path, reply(served));
    }
    Ok(Some(server))
}

/// Filters fetch what they need when they are loaded; cases begin when it is there, or was refused.
fn wait_for_documents(envoy: &Envoy, documents: Option<&Upstream>) {
    let Some(server) = documents else { return };
    let deadline = Instant::now() + DOCUMENTS_DUE;
    let is_missing = |(name, value): (&String, &u64)| name.contains("_documents_missing") && *value > 0;
    server.wait_for_hits(1, DOCUMENTS_DUE);
    thread::sleep(DOCUMENTS_DUE / 10);
    while envoy.stats("wasmcustom").iter().any(is_missing) && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(20));
    }
}

struct Shared {
    envoy: Envoy,
    upstream: Upstream,
    _documents: Option<Upstream>,
}

impl Shared {
    /// Connections that stay. Envoy gives each new one to the worker with the fewest, so each worker
    /// gets one as long as all are opened together.
    fn each_worker<C>(&self, open: impl Fn(std::net::SocketAddr) -> C) -> Vec<C> {
        (0..self.envoy.workers()).map(|_| open(self.envoy.address())).collect()
    }
}

/// One protocol of a shared Envoy.
struct OverEnvoy {
    shared: Rc<Shared>,
    wire: Wire,
}

/// The connections that stay, one for each worker.
enum Wire {
    H1(Vec<h1::Connection>),
    H2(Vec<h2::Connection>),
}

impl World for OverEnvoy {
    fn name(&self) -> &'static str {
        match self.wire {
            Wire::H1(_) => "h1",
            Wire::H2(_) => "h2",
        }
    }

    fn send(&mut self, request: &Request) -> Response {
        match self.wire {
            Wire::H1(_) => h1::send(self.shared.envoy.address(), request),
            Wire::H2(_) => h2::send(self.shared.envoy.address(), request),
        }
    }

    fn send_raw(&mut self, bytes: &[u8]) -> Response {
        h1::Connection::open(self.shared.envoy.address()).send_raw(bytes)
    }

    fn workers(&self) -> usize {
        match &self.wire {
            Wire::H1(kept) => kept.len(),
            Wire::H2(kept) => kept.len(),
        }
    }

    /// A connection on which GOOD failed is replaced: the worker gets the new one, as it has fewest.
    fn send_to_worker(&mut self, worker: usize, request: &Request) -> Response {
        let address = self.shared.envoy.address();
        match &mut self.wire {
            Wire::H1(kept) => {
                let answer = kept[worker].send(request);
                if !answer.is(200) {
                    kept[worker] = h1::Connection::open(address);
                }
                answer
            }
            Wire::H2(kept) => {
                let answer = kept[worker].send(request);
                if !answer.is(200) {
                    kept[worker] = h2::Connection::open(address);
                }
                answer
            }
        }
    }

    fn upstream_hits(&self) -> u64 {
        self.shared.upstream.hits()
    }

    fn upstream_last(&self) -> Option<Seen> {
        self.shared.upstream.last()
    }

    fn counter(&self, name: &str) -> u64 {
        self.shared.envoy.stat(&format!("wasmcustom.{name}"))
    }

    fn metrics(&self) -> BTreeSet<String> {
        self.shared.envoy.stats("wasmcustom").into_keys().collect()
    }

    fn log(&self) -> String {
        self.shared.envoy.log()
    }
}
