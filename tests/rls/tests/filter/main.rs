//! Portcullis before the service: Envoys in processes of their own that share limits in one Redis.

// The rules of `clippy.toml` are for code that runs behind a proxy; this code runs beside it.
#![allow(clippy::disallowed_methods, missing_docs)]

mod exactness;
mod outages;
mod tokens;

use std::sync::Barrier;
use std::thread;

use harness::client::h1;
use harness::config::{Protocol, cluster};
use harness::{Envoy, Listener, Request, Response, Upstream, WasmFilter};
use rls::{Client, RateLimitDescriptor, RateLimitRequest, Redis, RlsServer, Storage};
use serde_json::{Value, json};

const WORKERS: u32 = 2;

/// Envoys that ask one server, which counts in Redis.
struct Fleet {
    envoys: Vec<Envoy>,
    upstream: Upstream,
    server: RlsServer,
    redis: Redis,
}

impl Fleet {
    /// Two Envoys with this limit, of so many in an hour for each value of `x-key`.
    fn start(limit: &Value, rls: &Value) -> Self {
        let most = &limit["limit"];
        let limits = json!([{"namespace": "portcullis", "max_value": most, "seconds": 3600,
                             "variables": ["descriptors[0]['limit']", "descriptors[0]['header.x-key']"]}]);
        let redis = Redis::start();
        let server = RlsServer::start(&limits, &Storage::Redis(redis.url()));
        let upstream = Upstream::h1();
        let mut backend = json!({"cluster": "counter", "timeout": "2s"});
        harness::config::merge(&mut backend, rls);
        let configuration = json!({"slots": 1024, "limits": [limit], "backend": {"rls": backend}});
        let envoy = || {
            let filter = WasmFilter::new("ratelimit-shared-data").configured(&configuration);
            Envoy::builder(Listener::new().filter(filter))
                .upstream(upstream.address())
                .cluster(cluster("counter", Some(server.address()), Protocol::H2))
                .workers(WORKERS)
                .start()
                .unwrap()
        };
        Self { envoys: vec![envoy(), envoy()], upstream, server, redis }
    }

    /// The answers to as many requests of a key on each of as many connections to each Envoy, all of which begin at once.
    fn crowd(&self, connections: usize, each: usize, key: &str) -> Vec<Response> {
        let start = Barrier::new(connections * self.envoys.len());
        let client = |envoy: &Envoy| {
            let mut connection = h1::Connection::open(envoy.address());
            start.wait();
            (0..each).map(|_| connection.send(&of_key(key))).collect::<Vec<_>>()
        };
        let client = &client;
        thread::scope(|scope| {
            let of_one = |envoy| (0..connections).map(move |_| scope.spawn(move || client(envoy)));
            let clients: Vec<_> = self.envoys.iter().flat_map(of_one).collect();
            clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
        })
    }

    /// What the server has left of a key.
    fn left(&self, limit: &str, key: &str) -> u64 {
        let entries = [("limit", limit), ("header.x-key", &hashed(key))];
        let asked = RateLimitRequest::of("portcullis").with(RateLimitDescriptor::of(&entries).hits(0));
        let answer = Client::of(self.server.address()).ask(&asked).unwrap();
        u64::from(answer.statuses[0].limit_remaining)
    }

    fn stat(&self, event: &str) -> u64 {
        let name = format!("wasmcustom.portcullis_ratelimit_backend_total.event.{event}.instance.ratelimit");
        self.envoys.iter().map(|envoy| envoy.stat(&name)).sum()
    }
}

/// So many requests in an hour for each value of `x-key`.
fn requests(most: u64) -> Value {
    json!({"name": "calls", "key": [{"header": "x-key"}], "unit": "requests", "limit": most, "window": "1h",
           "algorithm": "fixed_window"})
}

fn of_key(key: &str) -> Request {
    Request::get("/v1/models").header("x-key", key)
}

/// As the filter tells a header.
fn hashed(value: &str) -> String {
    use sha2::{Digest as _, Sha256};
    let hash = Sha256::digest(value.as_bytes());
    hash.iter().take(16).fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

fn with_status(responses: &[Response], status: u16) -> u64 {
    responses.iter().filter(|response| response.is(status)).count() as u64
}
