//! What the rows about rate limits share: an Envoy with a limit, and clients that come all at once.

pub(super) mod aborts;
pub(super) mod borders;
pub(super) mod brute_force;
pub(super) mod clocks;
pub(super) mod corrupt;
pub(super) mod exactness;
pub(super) mod first_touch;
pub(super) mod restart;
pub(super) mod saturation;
pub(super) mod usage;

use std::net::SocketAddr;
use std::sync::Barrier;
use std::thread;

use harness::client::h1;
use harness::{Envoy, Listener, Request, Response, Upstream, WasmFilter};
use serde_json::{Value, json};

/// An Envoy with limits, in front of an upstream that answers 200.
pub(super) struct Limited {
    pub(super) envoy: Envoy,
    pub(super) upstream: Upstream,
}

impl Limited {
    /// With these limits, in this module.
    pub(super) fn start(module: &str, limits: &Value, workers: u32) -> Self {
        let upstream = Upstream::h1();
        let filter = WasmFilter::new(module).configured(&json!({"slots": 1024, "limits": limits}));
        let envoy = Envoy::builder(Listener::new().filter(filter))
            .upstream(upstream.address())
            .workers(workers)
            .start()
            .unwrap();
        Self { envoy, upstream }
    }
}

/// A limit of requests for each value of `x-key`.
pub(super) fn by_key(limit: u64, window: &str, algorithm: &str) -> Value {
    json!({"name": "calls", "key": [{"header": "x-key"}], "unit": "requests", "limit": limit, "window": window,
           "algorithm": algorithm})
}

/// A limit of tokens for each value of `x-key`.
pub(super) fn tokens(limit: u64, window: &str) -> Value {
    json!({"name": "tokens", "key": [{"header": "x-key"}], "unit": "total_tokens", "limit": limit, "window": window,
           "algorithm": "sliding_window", "default_output_tokens": [{"model": "*", "tokens": 100}]})
}

pub(super) fn of_key(key: &str) -> Request {
    Request::get("/v1/models").header("x-key", key)
}

/// A chat of a few tokens whose answer has at most so many.
pub(super) fn chat(key: &str, max_tokens: u64) -> Request {
    let body = json!({"model": "small", "max_tokens": max_tokens, "messages": [{"role": "user", "content": "Hello"}]});
    Request::post_json("/v1/chat/completions", &body).header("x-key", key)
}

/// The answers to as many requests on each of as many connections, all of which begin at once.
pub(super) fn all_at_once(address: SocketAddr, connections: usize, each: usize, request: &Request) -> Vec<Response> {
    let start = Barrier::new(connections);
    thread::scope(|scope| {
        let client = || {
            let mut connection = h1::Connection::open(address);
            start.wait();
            (0..each).map(|_| connection.send(request)).collect::<Vec<_>>()
        };
        let clients: Vec<_> = (0..connections).map(|_| scope.spawn(client)).collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    })
}

pub(super) fn with_status(responses: &[Response], status: u16) -> u64 {
    responses.iter().filter(|response| response.is(status)).count() as u64
}

/// What is left of the first limit, as a refusal tells.
pub(super) fn left(response: &Response) -> Option<u64> {
    let told = response.header("ratelimit")?;
    told.split_once(";r=")?.1.split(';').next()?.parse().ok()
}
