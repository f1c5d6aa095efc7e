//! An HTTP/2 client made of frames, for what no library would send: any pseudo-header, any byte,
//! any frame, in any order.
//!
//! One client serves ordinary and hostile requests alike: fields are encoded as literals without
//! indexing, so that what a test wrote is what is on the wire. Prior knowledge, no TLS.

use super::{AUTHORITY, Body, Ended, PATIENCE, Request, Response};
use crate::Headers;
use crate::wire::{Stop, receive};
use std::collections::BTreeMap;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// Frame types (RFC 9113, 6).
#[allow(missing_docs)]
pub mod kind {
    pub const DATA: u8 = 0;
    pub const HEADERS: u8 = 1;
    pub const RST_STREAM: u8 = 3;
    pub const SETTINGS: u8 = 4;
    pub const PING: u8 = 6;
    pub const GOAWAY: u8 = 7;
    pub const WINDOW_UPDATE: u8 = 8;
    pub const CONTINUATION: u8 = 9;
}

/// Frame flags.
#[allow(missing_docs)]
pub mod flag {
    pub const END_STREAM: u8 = 0x1;
    pub const ACK: u8 = 0x1;
    pub const END_HEADERS: u8 = 0x4;
    pub const PADDED: u8 = 0x8;
    pub const PRIORITY: u8 = 0x20;
}

/// Error code CANCEL: the client has lost interest.
pub const CANCEL: u32 = 8;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const MAX_FRAME: usize = 16 * 1024;
const OUR_WINDOW: u32 = 64 * 1024 * 1024;
const INITIAL_WINDOW_SIZE: u16 = 4;

/// One connection with as many streams as the test opens.
pub struct Connection {
    stream: TcpStream,
    ahead: Vec<u8>,
    decoder: loona_hpack::Decoder<'static>,
    streams: BTreeMap<u32, Stream>,
    next: u32,
    block: Option<Block>,
    window: i64,
    initial_window: i64,
    pongs: usize,
    farewell: Option<u32>,
    ended: Option<Ended>,
    patience: Duration,
}

/// A stream as far as its answer came.
struct Stream {
    begin: Instant,
    window: i64,
    response: Response,
    is_done: bool,
}

/// A header block that waits for its continuation.
struct Block {
    stream: u32,
    ends_stream: bool,
    bytes: Vec<u8>,
}

impl Connection {
    /// Connects and exchanges settings.
    pub fn open(address: SocketAddr) -> Self {
        let mut connection = Self::open_silent(address);
        connection.write(PREFACE);
        let window = [&INITIAL_WINDOW_SIZE.to_be_bytes()[..], &OUR_WINDOW.to_be_bytes()].concat();
        connection.frame(kind::SETTINGS, 0, 0, &window);
        connection.frame(kind::WINDOW_UPDATE, 0, 0, &OUR_WINDOW.to_be_bytes());
        connection
    }

    /// Connects and says nothing: not even the preface.
    pub fn open_silent(address: SocketAddr) -> Self {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)
            .unwrap_or_else(|e| panic!("cannot connect to {address}: {e}"));
        let _ = stream.set_nodelay(true);
        let _ = stream.set_write_timeout(Some(PATIENCE));
        Self {
            stream,
            ahead: Vec::new(),
            decoder: loona_hpack::Decoder::new(),
            streams: BTreeMap::new(),
            next: 1,
            block: None,
            window: 65_535,
            initial_window: 65_535,
            pongs: 0,
            farewell: None,
            ended: None,
            patience: PATIENCE,
        }
    }

    /// How long to wait for each answer.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sends a request and reads its answer.
    pub fn send(&mut self, request: &Request) -> Response {
        let stream = self.start(request);
        self.finish(stream)
    }

    /// Sends all requests at once, each on a stream of its own, then reads all answers.
    pub fn send_all(&mut self, requests: &[Request]) -> Vec<Response> {
        let streams: Vec<u32> = requests.iter().map(|request| self.start(request)).collect();
        streams.into_iter().map(|stream| self.finish(stream)).collect()
    }

    /// Sends a request on a new stream without waiting for its answer.
    pub fn start(&mut self, request: &Request) -> u32 {
        let ends_here = request.body == Body::None && request.trailers.is_empty();
        let stream = self.open_stream(&fields(request), ends_here);
        match &request.body {
            Body::None => {}
            Body::Whole(body) => self.data(stream, body, request.trailers.is_empty()),
            Body::Pieces(pieces) if pieces.is_empty() && request.trailers.is_empty() => self.data(stream, b"", true),
            Body::Pieces(pieces) => {
                for (at, (pause, piece)) in pieces.iter().enumerate() {
                    thread::sleep(*pause);
                    self.data(stream, piece, request.trailers.is_empty() && at + 1 == pieces.len());
                }
            }
        }
        if !request.trailers.is_empty() {
            self.headers(stream, &request.trailers, true);
        }
        stream
    }

    /// Opens a stream with exactly these fields, pseudo-headers included.
    pub fn open_stream(&mut self, fields: &Headers, ends_stream: bool) -> u32 {
        let stream = self.next_stream();
        self.headers(stream, fields, ends_stream);
        stream
    }

    /// The number of a new stream, on which nothing was sent yet.
    pub fn next_stream(&mut self) -> u32 {
        let stream = self.next;
        self.next += 2;
        let state = Stream {
            begin: Instant::now(),
            window: self.initial_window,
            response: Response::default(),
            is_done: false,
        };
        self.streams.insert(stream, state);
        stream
    }

    /// Sends fields on a stream, in as many frames as they need.
    pub fn headers(&mut self, stream: u32, fields: &Headers, ends_stream: bool) {
        let block = encode(fields);
        let mut parts = block.chunks(MAX_FRAME).peekable();
        let mut flags = if ends_stream { flag::END_STREAM } else { 0 };
        let mut kind = kind::HEADERS;
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                flags |= flag::END_HEADERS;
            }
            self.frame(kind, flags, stream, part);
            (kind, flags) = (kind::CONTINUATION, 0);
        }
    }

    /// Sends body bytes as far and as fast as the peer's windows allow.
    pub fn data(&mut self, stream: u32, bytes: &[u8], ends_stream: bool) {
        let deadline = Instant::now() + self.patience;
        let mut rest = bytes;
        loop {
            let room = self.room(stream).min(MAX_FRAME);
            if room == 0 && !rest.is_empty() {
                if self.is_over(stream) || self.pump(deadline).is_err() {
                    return;
                }
                continue;
            }
            let (part, after) = rest.split_at(room.min(rest.len()));
            let flags = if ends_stream && after.is_empty() { flag::END_STREAM } else { 0 };
            self.frame(kind::DATA, flags, stream, part);
            self.spend(stream, part.len());
            rest = after;
            if rest.is_empty() {
                return;
            }
        }
    }

    /// Sends a frame as it is. A peer that no longer listens shows in the answer.
    pub fn frame(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let length = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_be_bytes();
        let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
        self.write(&[&head, payload].concat());
    }

    /// Writes bytes as they are.
    pub fn write(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Resets a stream.
    pub fn reset(&mut self, stream: u32, code: u32) {
        self.frame(kind::RST_STREAM, 0, stream, &code.to_be_bytes());
    }

    /// Reads until the stream has ended one way or the other.
    pub fn finish(&mut self, stream: u32) -> Response {
        self.read_until(stream, |_| false)
    }

    /// Reads until the stream has ended or `enough` says so of what came so far.
    pub fn read_until(&mut self, stream: u32, enough: impl Fn(&Response) -> bool) -> Response {
        let deadline = Instant::now() + self.patience;
        loop {
            let Some(state) = self.streams.get_mut(&stream) else {
                return Response { ended: Ended::Closed, ..Response::default() };
            };
            if state.is_done || enough(&state.response) {
                return state.response.clone();
            }
            if let Some(ended) = &self.ended {
                state.response.ended = ended.clone();
                state.is_done = true;
                continue;
            }
            if self.pump(deadline) == Err(Stop::Timeout) {
                let so_far = self.streams.get(&stream).map(|s| s.response.clone()).unwrap_or_default();
                return Response { ended: Ended::Timeout, ..so_far };
            }
        }
    }

    /// Asks for a sign of life and waits for it; true when it came.
    pub fn ping(&mut self) -> bool {
        let before = self.pongs;
        self.frame(kind::PING, 0, 0, b"are-you?");
        let deadline = Instant::now() + self.patience;
        while self.pongs == before && self.pump(deadline).is_ok() {}
        self.pongs > before
    }

    /// Waits for the end of the whole connection; none when it did not come.
    pub fn wait_for_end(&mut self) -> Option<Ended> {
        let deadline = Instant::now() + self.patience;
        while self.ended.is_none() && self.pump(deadline).is_ok() {}
        self.ended.clone()
    }

    fn room(&self, stream: u32) -> usize {
        let of_stream = self.streams.get(&stream).map_or(0, |s| s.window);
        usize::try_from(self.window.min(of_stream)).unwrap_or(0)
    }

    fn spend(&mut self, stream: u32, bytes: usize) {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.window -= bytes;
        if let Some(state) = self.streams.get_mut(&stream) {
            state.window -= bytes;
        }
    }

    fn is_over(&self, stream: u32) -> bool {
        self.ended.is_some() || self.streams.get(&stream).is_none_or(|s| s.is_done)
    }

    /// Reads once and handles every whole frame.
    fn pump(&mut self, deadline: Instant) -> Result<(), Stop> {
        match receive(&mut self.stream, deadline) {
            Ok(bytes) => self.ahead.extend(bytes),
            Err(Stop::Timeout) => return Err(Stop::Timeout),
            Err(stop) => {
                let plain = if stop == Stop::Reset { Ended::Reset(None) } else { Ended::Closed };
                self.ended.get_or_insert(self.farewell.map_or(plain, Ended::GoAway));
                return Err(stop);
            }
        }
        while let Some(frame) = self.next_frame() {
            self.handle(&frame);
        }
        Ok(())
    }

    fn next_frame(&mut self) -> Option<Frame> {
        let head: [u8; 9] = self.ahead.get(..9)?.try_into().ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let payload = self.ahead.get(9..9 + length)?.to_vec();
        self.ahead.drain(..9 + length);
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]) & 0x7fff_ffff;
        Some(Frame { kind: head[3], flags: head[4], stream, payload })
    }

    fn handle(&mut self, frame: &Frame) {
        match frame.kind {
            kind::DATA => self.on_data(frame),
            kind::HEADERS => {
                let bytes = frame.content().to_vec();
                let ends_stream = frame.has(flag::END_STREAM);
                self.block = Some(Block { stream: frame.stream, ends_stream, bytes });
                self.on_block_part(frame);
            }
            kind::CONTINUATION => {
                if let Some(block) = &mut self.block {
                    block.bytes.extend(&frame.payload);
                }
                self.on_block_part(frame);
            }
            kind::RST_STREAM => self.finish_stream(frame.stream, Ended::Reset(Some(frame.number()))),
            kind::SETTINGS if !frame.has(flag::ACK) => self.on_settings(frame),
            kind::PING if frame.has(flag::ACK) => self.pongs += 1,
            kind::PING => self.frame(kind::PING, flag::ACK, 0, &frame.payload),
            kind::GOAWAY => self.on_goaway(frame),
            kind::WINDOW_UPDATE => {
                let more = i64::from(frame.number() & 0x7fff_ffff);
                match self.streams.get_mut(&frame.stream) {
                    _ if frame.stream == 0 => self.window += more,
                    Some(state) => state.window += more,
                    None => {}
                }
            }
            _ => {}
        }
    }

    fn on_data(&mut self, frame: &Frame) {
        let content = frame.content();
        if let Some(state) = self.streams.get_mut(&frame.stream).filter(|_| !content.is_empty()) {
            state.response.body.extend(content);
            state.response.arrivals.push((state.begin.elapsed(), content.len()));
        }
        let used = u32::try_from(frame.payload.len()).unwrap_or(0).to_be_bytes();
        if !frame.payload.is_empty() {
            self.frame(kind::WINDOW_UPDATE, 0, 0, &used);
        }
        if frame.has(flag::END_STREAM) {
            self.finish_stream(frame.stream, Ended::Complete);
        } else if !frame.payload.is_empty() {
            self.frame(kind::WINDOW_UPDATE, 0, frame.stream, &used);
        }
    }

    fn on_block_part(&mut self, frame: &Frame) {
        if !frame.has(flag::END_HEADERS) {
            return;
        }
        let Some(block) = self.block.take() else { return };
        let Ok(fields) = self.decoder.decode(&block.bytes) else {
            self.ended = Some(Ended::Malformed("a header block that is not HPACK".to_owned()));
            return;
        };
        if let Some(state) = self.streams.get_mut(&block.stream) {
            take_fields(&mut state.response, fields);
        }
        if block.ends_stream {
            self.finish_stream(block.stream, Ended::Complete);
        }
    }

    fn on_settings(&mut self, frame: &Frame) {
        for setting in frame.payload.chunks_exact(6) {
            let name = u16::from_be_bytes([setting[0], setting[1]]);
            let value = u32::from_be_bytes([setting[2], setting[3], setting[4], setting[5]]);
            if name == INITIAL_WINDOW_SIZE {
                let change = i64::from(value) - self.initial_window;
                self.initial_window += change;
                self.streams.values_mut().for_each(|state| state.window += change);
            }
        }
        self.frame(kind::SETTINGS, flag::ACK, 0, &[]);
    }

    /// A farewell without an error leaves the streams up to `last` their answers; one with an error is
    /// the last frame of the connection (RFC 9113, 5.4.1).
    fn on_goaway(&mut self, frame: &Frame) {
        let last = frame.number() & 0x7fff_ffff;
        let code = frame.payload.get(4..8).map_or(0, |c| u32::from_be_bytes([c[0], c[1], c[2], c[3]]));
        let first_lost = if code == 0 { last + 1 } else { 0 };
        let unanswered: Vec<u32> = self.streams.range(first_lost..).map(|(stream, _)| *stream).collect();
        for stream in unanswered {
            self.finish_stream(stream, Ended::GoAway(code));
        }
        self.farewell = Some(code).filter(|code| *code != 0);
    }

    fn finish_stream(&mut self, stream: u32, ended: Ended) {
        if let Some(state) = self.streams.get_mut(&stream).filter(|state| !state.is_done) {
            state.response.ended = ended;
            state.is_done = true;
        }
    }
}

/// One request on a connection of its own.
pub fn send(address: SocketAddr, request: &Request) -> Response {
    Connection::open(address).send(request)
}

/// The fields of a request as HTTP/2 sends them. Pseudo-headers among the request's own headers
/// replace those it would get.
pub fn fields(request: &Request) -> Headers {
    let (own, mut ordinary): (Headers, Headers) =
        request.headers.iter().cloned().partition(|(name, _)| name.starts_with(b":"));
    let mut fields = Headers::new();
    let mut pseudo = |name: &str, value: Option<&[u8]>| {
        if let Some(value) = value.filter(|_| !own.iter().any(|(key, _)| key == name.as_bytes())) {
            fields.push((name.into(), value.to_vec()));
        }
    };
    pseudo(":method", Some(&request.method));
    let is_plain_connect = request.method == b"CONNECT" && request.path.is_none();
    pseudo(":scheme", Some(&b"http"[..]).filter(|_| !is_plain_connect)); // RFC 9113, 8.5
    pseudo(":authority", request.authority.as_deref());
    pseudo(":path", request.path.as_deref());
    fields.extend(own);
    if let Body::Whole(body) = &request.body
        && !request.has("content-length")
        && request.trailers.is_empty()
    {
        ordinary.push((b"content-length".to_vec(), body.len().to_string().into()));
    }
    fields.extend(ordinary);
    fields
}

/// The pseudo-headers of an ordinary GET, to begin a hostile list with.
pub fn pseudo_headers(method: &str, path: &str) -> Headers {
    [(":method", method), (":scheme", "http"), (":authority", AUTHORITY), (":path", path)]
        .map(|(name, value)| (name.into(), value.into()))
        .into()
}

/// HPACK, every field as a literal without indexing and without Huffman code (RFC 7541, 6.2.2).
pub fn encode(fields: &Headers) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name, value] {
            encode_length(text.len(), &mut block);
            block.extend(text);
        }
    }
    block
}

/// An integer with a prefix of seven bits (RFC 7541, 5.1).
fn encode_length(length: usize, block: &mut Vec<u8>) {
    if length < 127 {
        block.push(u8::try_from(length).unwrap_or(0));
        return;
    }
    block.push(127);
    let mut rest = length - 127;
    while rest >= 128 {
        block.push(u8::try_from(rest % 128).unwrap_or(0) | 0x80);
        rest /= 128;
    }
    block.push(u8::try_from(rest).unwrap_or(0));
}

/// The first block is the head (after interim ones), a later one the trailers.
fn take_fields(response: &mut Response, fields: Headers) {
    if response.status.is_some() {
        response.trailers = fields;
        return;
    }
    let (pseudo, ordinary): (Headers, Headers) = fields.into_iter().partition(|(name, _)| name.starts_with(b":"));
    let status = pseudo.iter().find(|(name, _)| name == b":status");
    let status = status.and_then(|(_, value)| String::from_utf8_lossy(value).parse().ok());
    if let Some(interim @ 100..200) = status {
        response.interim.push(interim);
    } else {
        response.status = status;
        response.headers = ordinary;
    }
}

struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

impl Frame {
    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// The first four bytes as a number: a window, an error code, a stream.
    fn number(&self) -> u32 {
        self.payload.get(..4).map_or(0, |n| u32::from_be_bytes([n[0], n[1], n[2], n[3]]))
    }

    /// The payload of DATA and HEADERS without padding and priority.
    fn content(&self) -> &[u8] {
        let mut content = self.payload.as_slice();
        if self.has(flag::PADDED) {
            let padding = usize::from(*content.first().unwrap_or(&0));
            let end = content.len().saturating_sub(padding);
            content = content.get(1..end).unwrap_or_default();
        }
        if self.kind == kind::HEADERS && self.has(flag::PRIORITY) {
            content = content.get(5..).unwrap_or_default();
        }
        content
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        let long = vec![0xff; 40_000];
        let fields: Headers = vec![(b":path".to_vec(), b"/\\".to_vec()), (b"x".to_vec(), long)];
        let decoded = loona_hpack::Decoder::new().decode(&encode(&fields)).unwrap();
        assert_eq!(decoded, fields);
    }
}
