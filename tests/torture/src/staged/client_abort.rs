//! PF-013: clients that leave at each boundary between callbacks leave nothing behind.

use std::thread::sleep;
use std::time::Duration;

use harness::client::h1;
use harness::config::{Protocol, cluster};
use harness::{Envoy, Listener, Reply, Request, Upstream, WasmFilter};
use serde_json::json;

use super::{Outcome, scaled};

/// What the client has sent when it leaves, and how long it waits before.
const BOUNDARIES: [(&str, &str, u64); 5] = [
    ("headers", "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n", 0),
    ("body", "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n", 0),
    (
        "trailers",
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-end: 1\r\n\r\n",
        0,
    ),
    ("callout", "POST /slow HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello", 3),
    ("response", "GET /stream HTTP/1.1\r\nhost: a\r\n\r\n", 8),
];

/// How much resident memory may grow over a boundary: allocators keep some.
const GROWTH: u64 = 24 * 1024 * 1024;

pub(super) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    let (upstream, side) = (Upstream::h1(), Upstream::h1());
    upstream.answer_all(|_| Reply::ok().chunk("one").wait(Duration::from_millis(20)).chunk("two"));
    side.answer("/call", Reply::ok().wait(Duration::from_millis(5)).chunk("yes"));
    let config = json!({
        "request": {"flow": "await_body"},
        "request_body": {"do": [{"call": "side"}], "flow": {"await_answer": 1000}},
        "response": {"flow": {"stream": true}}, "chunk": "upper"
    });
    let envoy = Envoy::builder(Listener::new().filter(WasmFilter::new("actor").configured(&config)))
        .upstream(upstream.address())
        .cluster(cluster("side", Some(side.address()), Protocol::H1))
        .start()
        .unwrap();
    for _ in 0..200 {
        h1::send(envoy.address(), &Request::post("/", "warm"));
    }
    for (boundary, bytes, millis) in BOUNDARIES {
        let before = envoy.resident_bytes();
        for _ in 0..scaled(10_000) {
            leave(&envoy, bytes, millis);
        }
        settle(&envoy, boundary, before, &mut outcome);
    }
    outcome.notes = format!("{} clients a boundary", scaled(10_000));
    outcome
}

fn leave(envoy: &Envoy, bytes: &str, millis: u64) {
    let mut client = h1::Connection::open(envoy.address());
    client.write(bytes.as_bytes());
    sleep(Duration::from_millis(millis));
    client.abort();
}

fn settle(envoy: &Envoy, boundary: &str, before: u64, outcome: &mut Outcome) {
    let active = || {
        envoy
            .stats("http.")
            .iter()
            .filter(|(name, _)| name.ends_with("downstream_rq_active") && !name.contains("admin"))
            .map(|(_, n)| n)
            .sum::<u64>()
    };
    for _ in 0..40 {
        if active() == 0 {
            break;
        }
        sleep(Duration::from_millis(50));
    }
    let good = h1::send(envoy.address(), &Request::post("/", "good"));
    let grown = envoy.resident_bytes().saturating_sub(before);
    let trapped = envoy.trap();
    let holds = active() == 0 && good.is(200) && grown <= GROWTH && trapped.is_none();
    outcome.check(holds, || {
        format!("{boundary}: {} active, good got {:?}, {grown} bytes more, trap: {trapped:?}", active(), good.status)
    });
}
