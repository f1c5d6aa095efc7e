//! PF-012: what HTTP/2 allows and nobody honest does. Envoy ends the connection or the stream; no module traps, and who is
//! good is served at once.
//!
//! h2spec itself is a program that no package index has; what its sections break is broken here by hand.

use std::time::Duration;

use harness::Headers;
use harness::client::h2::{Connection, encode, pseudo_headers};

use super::{GROWTH, Gateway, MARK};
use crate::staged::{Outcome, scaled};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PRIORITY: u8 = 2;
const SETTINGS: u8 = 4;
const PUSH_PROMISE: u8 = 5;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const UNKNOWN: u8 = 0xEE;

const END_STREAM: u8 = 0x1;
const END_HEADERS: u8 = 0x4;
const CANCEL: u32 = 8;

type Attack = (&'static str, fn(&mut Connection));

/// By the sections of RFC 9113 and by CVE.
const ATTACKS: &[Attack] = &[
    ("rapid reset (CVE-2023-44487)", |wire| {
        for _ in 0..scaled(20_000) {
            let stream = wire.open_stream(&fields(), false);
            wire.reset(stream, CANCEL);
        }
    }),
    ("CONTINUATION without end (CVE-2024-30255)", |wire| {
        let stream = wire.next_stream();
        wire.frame(HEADERS, 0, stream, &encode(&fields()));
        for number in 0..scaled(20_000) {
            wire.frame(CONTINUATION, 0, stream, &encode(&field(&format!("x-{number}"), &"a".repeat(200))));
        }
    }),
    ("CONTINUATION of nothing", |wire| {
        let stream = wire.next_stream();
        wire.frame(HEADERS, 0, stream, &encode(&fields()));
        (0..scaled(20_000)).for_each(|_| wire.frame(CONTINUATION, 0, stream, b""));
    }),
    ("trailers without END_STREAM (CVE-2026-73513)", |wire| {
        let stream = wire.open_stream(&fields(), false);
        wire.data(stream, b"{}", false);
        wire.frame(HEADERS, END_HEADERS, stream, &encode(&field("x-trailer", "1")));
    }),
    ("pseudo-headers among trailers", |wire| {
        let stream = wire.open_stream(&fields(), false);
        wire.headers(stream, &field(":path", "/v1/models"), true);
    }),
    ("SETTINGS without end (CVE-2019-9515)", |wire| {
        (0..scaled(100_000)).for_each(|_| wire.frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 100]));
    }),
    ("PING without end (CVE-2019-9512)", |wire| {
        (0..scaled(100_000)).for_each(|_| wire.frame(PING, 0, 0, &[0; 8]));
    }),
    ("PRIORITY without end (CVE-2019-9513)", |wire| {
        (0..scaled(100_000)).for_each(|_| wire.frame(PRIORITY, 0, 3, &[0, 0, 0, 1, 16]));
    }),
    ("DATA of nothing (CVE-2019-9518)", |wire| {
        let stream = wire.open_stream(&fields(), false);
        (0..scaled(100_000)).for_each(|_| wire.frame(DATA, 0, stream, b""));
    }),
    ("WINDOW_UPDATE without end", |wire| {
        (0..scaled(100_000)).for_each(|_| wire.frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]));
    }),
    ("unknown frames without end", |wire| {
        (0..scaled(20_000)).for_each(|_| wire.frame(UNKNOWN, 0xFF, 0, &[0; 64]));
    }),
    ("a window of more than 2^31-1 (6.9.1)", |wire| {
        wire.frame(WINDOW_UPDATE, 0, 0, &[0x7F, 0xFF, 0xFF, 0xFF]);
        wire.frame(WINDOW_UPDATE, 0, 0, &[0x7F, 0xFF, 0xFF, 0xFF]);
    }),
    ("a window update of nothing (6.9)", |wire| wire.frame(WINDOW_UPDATE, 0, 0, &[0; 4])),
    ("an initial window of more than 2^31-1 (6.5.2)", |wire| {
        wire.frame(SETTINGS, 0, 0, &[0, 4, 0xFF, 0xFF, 0xFF, 0xFF]);
    }),
    ("SETTINGS of half a setting (6.5)", |wire| wire.frame(SETTINGS, 0, 0, &[0, 4, 0])),
    ("SETTINGS on a stream (6.5)", |wire| wire.frame(SETTINGS, 0, 1, b"")),
    ("PING of seven bytes (6.7)", |wire| wire.frame(PING, 0, 0, &[0; 7])),
    ("DATA on no stream (6.1)", |wire| wire.frame(DATA, END_STREAM, 0, b"x")),
    ("HEADERS on no stream (6.2)", |wire| {
        wire.frame(HEADERS, END_STREAM | END_HEADERS, 0, &encode(&fields()));
    }),
    ("a stream with an even number (5.1.1)", |wire| {
        wire.frame(HEADERS, END_STREAM | END_HEADERS, 2, &encode(&fields()));
    }),
    ("a stream with a smaller number (5.1.1)", |wire| {
        let (first, second) = (wire.next_stream(), wire.next_stream());
        wire.frame(HEADERS, END_STREAM | END_HEADERS, second, &encode(&fields()));
        wire.frame(HEADERS, END_STREAM | END_HEADERS, first, &encode(&fields()));
    }),
    ("DATA after the end of a stream (5.1)", |wire| {
        let stream = wire.open_stream(&fields(), true);
        wire.frame(DATA, 0, stream, b"more");
    }),
    ("a stream that depends on itself (5.3.1)", |wire| wire.frame(PRIORITY, 0, 5, &[0, 0, 0, 5, 16])),
    ("a promise of a client (8.4)", |wire| {
        wire.frame(PUSH_PROMISE, END_HEADERS, 1, &[&[0, 0, 0, 2], &encode(&fields())[..]].concat());
    }),
    ("a frame of more than a frame may be (4.2)", |wire| {
        let stream = wire.open_stream(&fields(), false);
        wire.frame(DATA, 0, stream, &vec![0; 20_000]);
    }),
    ("a table of fields that is none (RFC 7541, 6.1)", |wire| {
        let stream = wire.next_stream();
        wire.frame(HEADERS, END_STREAM | END_HEADERS, stream, &[0xFF, 0xFF, 0xFF, 0xFF, 0x7F]);
    }),
    ("names in upper case (8.2.1)", |wire| {
        wire.open_stream(&[fields(), field("X-Role", "admin")].concat(), true);
    }),
    ("a path twice (8.3)", |wire| {
        wire.open_stream(&[fields(), field(":path", "/healthz")].concat(), true);
    }),
    ("no path (8.3.1)", |wire| {
        let without = fields().into_iter().filter(|(name, _)| name != b":path").collect();
        wire.open_stream(&without, true);
    }),
    ("fields of a connection (8.2.2)", |wire| {
        wire.open_stream(&[fields(), field("connection", "keep-alive")].concat(), true);
    }),
    ("less body than announced (8.1.1)", |wire| {
        let stream = wire.open_stream(&[fields(), field("content-length", "9")].concat(), false);
        wire.data(stream, b"{}", true);
    }),
    ("GOAWAY and more", |wire| {
        wire.frame(GOAWAY, 0, 0, &[0; 8]);
        wire.open_stream(&fields(), true);
    }),
    ("no HTTP/2 at all (3.4)", |wire| wire.write(b"\x00\xFF\xFF not a frame, not a preface")),
    ("a hundred thousand streams", |wire| {
        for _ in 0..scaled(100_000) {
            wire.open_stream(&fields(), false);
        }
    }),
];

/// How many there are.
pub(crate) const VARIANTS: usize = ATTACKS.len();

pub(crate) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    let gateway = Gateway::start(2);
    let (resident, hits) = (gateway.envoy.resident_bytes(), gateway.plan.provider.hits());
    for (name, attack) in ATTACKS {
        let mut wire = Connection::open(gateway.address()).patience(Duration::from_millis(300));
        attack(&mut wire);
        // Whether Envoy ends it or bears it, it answers others.
        wire.ping();
        gateway.check(name, &mut outcome);
    }
    let grown = gateway.envoy.resident_bytes().saturating_sub(resident);
    outcome.check(grown < GROWTH, || format!("{grown} bytes more"));
    outcome.check(gateway.envoy.is_alive(), || "Envoy is gone".to_owned());
    let reached = gateway.plan.provider.hits() - hits;
    outcome.check(reached == ATTACKS.len() as u64, || format!("{reached} reached the provider"));
    outcome.notes = format!("{grown} bytes more");
    outcome
}

/// A request without a credential: nothing of it may reach the provider.
fn fields() -> Headers {
    [pseudo_headers("POST", "/v1/chat/completions"), field("content-type", "application/json"), field(MARK, "h2")]
        .concat()
}

fn field(name: &str, value: &str) -> Headers {
    vec![(name.into(), value.into())]
}
