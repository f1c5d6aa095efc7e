//! Uploads of 200 MB through schema-check in Envoy: memory stays flat, and a fault ends them early.

// The lints against panics are for code that runs behind a proxy.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::arithmetic_side_effects, missing_docs)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use harness::client::h1::Connection;
use harness::{Envoy, Listener, WasmFilter};
use serde_json::json;

const MIB: usize = 1 << 20;
const PIECES: usize = 200;
/// What Envoy, its buffers and the module may take more than before.
const FLAT: u64 = 8 << 20;

/// An upstream that reads and keeps nothing: how many bytes came on its latest connection.
struct Sink {
    address: SocketAddr,
    bytes: Arc<AtomicUsize>,
}

impl Sink {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, bytes) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&bytes);
        thread::spawn(move || {
            listener.incoming().flatten().for_each(|connection| drain(connection, &count));
        });
        Self { address, bytes }
    }

    fn bytes(&self) -> usize {
        self.bytes.load(Ordering::SeqCst)
    }
}

/// Reads a message of a known length, and answers it.
fn drain(mut connection: TcpStream, count: &AtomicUsize) {
    let (mut buffer, mut head, mut left) = (vec![0; 64 << 10], Vec::new(), None);
    count.store(0, Ordering::SeqCst);
    while left != Some(0) {
        let Ok(read @ 1..) = connection.read(&mut buffer) else { return };
        let mut new = read;
        if left.is_none() {
            head.extend_from_slice(&buffer[..read]);
            let text = String::from_utf8_lossy(&head).into_owned();
            let Some(end) = text.find("\r\n\r\n") else { continue };
            let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
            left = Some(length.unwrap().parse::<usize>().unwrap());
            new = head.len() - (end + 4);
        }
        count.fetch_add(new, Ordering::SeqCst);
        left = left.map(|left| left - new);
    }
    connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").ok();
}

fn gateway(upstream: &Sink) -> Envoy {
    let body = json!({"required": true, "content": {"multipart/form-data": {}, "application/jsonl": {"schema": {"type": "object"}}}});
    let config = json!({"rules": [{"name": "uploads", "openapi": {
        "openapi": "3.1.1", "info": {"title": "uploads", "version": "1"},
        "paths": {"/files": {"post": {"requestBody": body, "responses": {"200": {"description": "ok"}}}}},
    }}]});
    let filter = WasmFilter::new("schema-check").configured(&config);
    Envoy::builder(Listener::new().filter(filter)).upstream(upstream.address).start().unwrap()
}

/// Sends a body of this beginning, a MiB again and again, and this end; the largest growth of Envoy's memory meanwhile.
fn upload(envoy: &Envoy, content_type: &str, begin: &[u8], piece: &[u8], end: &[u8]) -> (Option<u16>, u64) {
    let length = begin.len() + PIECES * piece.len() + end.len();
    let head =
        format!("POST /files HTTP/1.1\r\nhost: x\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n");
    let before = envoy.resident_bytes();
    let mut growth = 0;
    let mut connection = Connection::open(envoy.address()).patience(Duration::from_mins(1));
    connection.write(&[head.as_bytes(), begin].concat());
    for index in 0..PIECES {
        connection.write(piece);
        if index % 20 == 0 {
            growth = growth.max(envoy.resident_bytes().saturating_sub(before));
        }
    }
    connection.write(end);
    let answer = connection.finish(b"POST");
    (answer.status, growth.max(envoy.resident_bytes().saturating_sub(before)))
}

const BEGIN: &[u8] = b"--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\r\n";
const END: &[u8] = b"\r\n--b--\r\n";

#[test]
fn memory_is_flat_while_an_upload_passes() {
    let upstream = Sink::new();
    let envoy = gateway(&upstream);
    let line = [b"{\"prompt\": \"", vec![b'a'; 8000].as_slice(), b"\"}\n"].concat();
    let lines = line.repeat(MIB / line.len());
    // Once before, so that what is taken once is taken.
    upload(&envoy, "multipart/form-data; boundary=b", BEGIN, &vec![b'\n'; MIB / 16], END);
    for (content_type, begin, piece, end) in [
        ("multipart/form-data; boundary=b", BEGIN, vec![b'\n'; MIB], END),
        ("application/jsonl", b"{}\n".as_slice(), lines, b"{}\n".as_slice()),
    ] {
        let (status, growth) = upload(&envoy, content_type, begin, &piece, end);
        assert_eq!(status, Some(200), "{content_type}");
        assert!(growth <= FLAT, "{content_type}: {} KiB more", growth >> 10);
        assert_eq!(upstream.bytes(), begin.len() + PIECES * piece.len() + end.len(), "{content_type}");
        println!("{content_type}: {} MiB passed, {} KiB more", upstream.bytes() / MIB, growth >> 10);
    }
}

#[test]
fn a_fault_ends_an_upload_early() {
    let upstream = Sink::new();
    let envoy = gateway(&upstream);
    let picture = [BEGIN.strip_suffix(b"\r\n\r\n").unwrap(), b"\r\ncontent-type: image/png\r\n\r\n<html>"].concat();
    let (status, _) = upload(&envoy, "multipart/form-data; boundary=b", &picture, &vec![b'a'; MIB], END);
    assert_eq!(status, Some(400));
    assert!(upstream.bytes() < 2 * MIB, "the upstream read {} bytes of what was refused", upstream.bytes());
}
