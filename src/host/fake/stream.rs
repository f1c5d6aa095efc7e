//! One stream in the fake: what Envoy buffers, releases, answers itself and resets.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use super::world::World;
use crate::host::{Action, ContextId, HostError, LocalReply, Plugin, Proxy, Side, Stream};
use crate::http::header::Headers;

/// A request as a test writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// All header fields, pseudo-headers first.
    pub headers: Headers,
    /// The body, in the pieces in which it arrives. No pieces: the headers end the message.
    pub body: Vec<Vec<u8>>,
    /// Trailers, which end the message instead of its last piece.
    pub trailers: Option<Headers>,
    /// What the upstream answers.
    pub response: Response,
}

/// What the upstream answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Header fields, `:status` first.
    pub headers: Headers,
    /// The body in pieces.
    pub body: Vec<Vec<u8>>,
    /// Trailers.
    pub trailers: Option<Headers>,
}

impl Default for Response {
    fn default() -> Self {
        Self {
            headers: fields(&[(":status", "200"), ("content-length", "2")]),
            body: vec![b"ok".to_vec()],
            trailers: None,
        }
    }
}

/// What went on to the upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Header fields.
    pub headers: Headers,
    /// The body so far.
    pub body: Vec<u8>,
    /// Whether it ended.
    pub complete: bool,
    /// Trailers.
    pub trailers: Option<Headers>,
}

impl Sent {
    /// The bytes behind `content-length`: the upstream reads them as the next request on this connection.
    pub fn surplus(&self) -> &[u8] {
        let length = self.headers.first("content-length").and_then(|text| std::str::from_utf8(text).ok());
        let length = length.and_then(|text| text.parse::<usize>().ok()).unwrap_or(self.body.len());
        self.body.get(length..).unwrap_or_default()
    }
}

/// What the client got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status; 0 when nothing came.
    pub status: u16,
    /// `%RESPONSE_CODE_DETAILS%` of a reply by the filter or by Envoy.
    pub details: String,
    /// Header fields.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
    /// Whether it ended in order.
    pub complete: bool,
    /// Trailers.
    pub trailers: Option<Headers>,
    /// What the upstream got, if it was reached.
    pub upstream: Option<Sent>,
    /// Filter state at the end.
    pub state: HashMap<String, Vec<u8>>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

pub(super) fn fields(pairs: &[(&str, &str)]) -> Headers {
    pairs.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect()
}

impl Request {
    /// A request without a body.
    pub fn get(path: &str) -> Self {
        let headers =
            fields(&[(":method", "GET"), (":scheme", "http"), (":authority", "api.example"), (":path", path)]);
        Self { headers, ..Self::default() }
    }

    /// A request with a body in one piece and its length.
    pub fn post(path: &str, body: &[u8]) -> Self {
        let headers =
            fields(&[(":method", "POST"), (":scheme", "http"), (":authority", "api.example"), (":path", path)]);
        let length = body.len().to_string();
        Self { headers, body: vec![body.to_vec()], ..Self::default() }.header("content-length", length.as_bytes())
    }

    /// The same with one more header field.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push(name.as_bytes(), value.as_ref());
        self
    }

    /// The same with the body in these pieces.
    #[must_use]
    pub fn pieces(mut self, pieces: &[&[u8]]) -> Self {
        self.body = pieces.iter().map(|piece| piece.to_vec()).collect();
        self
    }

    /// The same with trailers.
    #[must_use]
    pub fn trailers(mut self, pairs: &[(&str, &str)]) -> Self {
        self.trailers = Some(fields(pairs));
        self
    }

    /// The same with this answer by the upstream.
    #[must_use]
    pub fn answered(mut self, headers: &[(&str, &str)], pieces: &[&[u8]], trailers: Option<&[(&str, &str)]>) -> Self {
        self.response = Response {
            headers: fields(headers),
            body: pieces.iter().map(|piece| piece.to_vec()).collect(),
            trailers: trailers.map(fields),
        };
        self
    }
}

enum Input {
    Headers { end: bool },
    Body(Vec<u8>, bool),
    Trailers(Headers),
}

/// One direction of a stream.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // independent facts, each set by another callback
struct Half {
    headers: Headers,
    /// Headers were shown to the filter.
    seen: bool,
    /// The filter held the headers, and the flag is off: no more callbacks until it resumes.
    stopped: bool,
    /// Headers went on.
    released: bool,
    /// What the filter can read: all that is held, or the piece at hand.
    buffer: Vec<u8>,
    /// Nothing more can be written: trailers are at hand and nothing is held.
    sealed: bool,
    out: Vec<u8>,
    trailers: Option<Headers>,
    input: VecDeque<Input>,
    arrived_whole: bool,
    complete: bool,
    resume: bool,
}

/// A stream between the client and the upstream, as the filter's host calls see it.
pub(super) struct Wire {
    pub(super) id: ContextId,
    world: Rc<World>,
    stream: Rc<dyn Stream>,
    request: RefCell<Half>,
    response: RefCell<Half>,
    script: Response,
    answered: Cell<bool>,
    reply: RefCell<Option<OwnReply>>,
    replied: Cell<bool>,
    details: RefCell<String>,
    closed: Cell<bool>,
    state: RefCell<HashMap<String, Vec<u8>>>,
}

struct OwnReply {
    headers: Headers,
    body: Vec<u8>,
    details: String,
}

// Host calls.
impl Wire {
    fn half(&self, side: Side) -> &RefCell<Half> {
        match side {
            Side::Request => &self.request,
            Side::Response => &self.response,
        }
    }

    pub(super) fn headers(&self, side: Side) -> Result<Headers, HostError> {
        let half = self.half(side).borrow();
        if half.seen { Ok(half.headers.clone()) } else { Err(HostError::Status(2)) }
    }

    pub(super) fn edit_header(&self, side: Side, name: &str, value: Option<&[u8]>) -> Result<(), HostError> {
        let mut half = self.half(side).borrow_mut();
        if !half.seen || half.released {
            return Err(HostError::Status(2));
        }
        let mut edited: Headers =
            half.headers.iter().filter(|(found, _)| !found.eq_ignore_ascii_case(name.as_bytes())).collect();
        if let Some(value) = value {
            edited.push(name.as_bytes(), value);
        }
        half.headers = edited;
        Ok(())
    }

    pub(super) fn body(&self, side: Side, start: usize, len: usize) -> Result<Vec<u8>, HostError> {
        let half = self.half(side).borrow();
        if half.buffer.is_empty() {
            return Err(HostError::Status(1));
        }
        let end = start.saturating_add(len).min(half.buffer.len());
        half.buffer.get(start..end).map(<[u8]>::to_vec).ok_or(HostError::Status(2))
    }

    pub(super) fn replace_body(&self, side: Side, len: usize, body: &[u8]) -> Result<(), HostError> {
        let mut half = self.half(side).borrow_mut();
        if half.sealed || (half.released && half.buffer.is_empty() && half.complete) {
            return Err(HostError::Status(2));
        }
        let at = len.min(half.buffer.len());
        let rest = half.buffer.split_off(at);
        half.buffer = [body, &rest].concat();
        Ok(())
    }

    pub(super) fn property(&self, name: &str) -> Option<Vec<u8>> {
        self.state.borrow().get(name).cloned()
    }

    pub(super) fn set_property(&self, name: &str, value: &[u8], readonly: bool) -> Result<(), HostError> {
        if readonly && self.state.borrow().contains_key(name) {
            return Err(HostError::Status(2));
        }
        self.state.borrow_mut().insert(name.to_owned(), value.to_vec());
        Ok(())
    }

    pub(super) fn reply(&self, reply: &LocalReply<'_>) {
        let mut headers = fields(&[(":status", &reply.status.to_string())]);
        headers.push(b"content-length", reply.body.len().to_string().as_bytes());
        reply.headers.iter().for_each(|(name, value)| headers.push(name.as_bytes(), value));
        let details = reply.details.replace([' ', '\n'], "_");
        self.answer_instead(OwnReply { headers, body: reply.body.to_vec(), details });
    }

    fn answer_instead(&self, reply: OwnReply) {
        if self.replied.get() {
            return;
        }
        if self.response.borrow().released {
            self.closed.set(true);
            return;
        }
        self.reply.replace(Some(reply));
    }

    pub(super) fn resume(&self, side: Side) {
        self.half(side).borrow_mut().resume = true;
    }

    pub(super) fn close(&self) {
        self.closed.set(true);
    }
}

// What Envoy does.
impl Wire {
    fn callback(&self, act: impl FnOnce(&dyn Stream, &dyn Proxy) -> Action) -> Action {
        let before = self.world.current.replace(Some(self.id));
        let action = act(self.stream.as_ref(), self.world.as_ref());
        self.world.current.set(before);
        action
    }

    fn over(&self) -> bool {
        self.closed.get() || (self.replied.get() && self.reply.borrow().is_none())
    }

    /// Carries out what the last callbacks asked for, until nothing moves.
    pub(super) fn settle(&self) {
        loop {
            self.send_reply();
            let moved = [Side::Request, Side::Response].into_iter().any(|side| self.go_on(side) || self.deliver(side));
            if !moved && !self.answer() {
                break;
            }
        }
    }

    fn send_reply(&self) {
        let Some(reply) = self.reply.take() else { return };
        self.replied.set(true);
        self.details.replace(reply.details);
        let in_request = !self.response.borrow().seen;
        self.response.replace(Half { headers: reply.headers, seen: true, ..Half::default() });
        let empty = reply.body.is_empty();
        if in_request {
            self.callback(|stream, proxy| stream.on_headers(proxy, Side::Response, empty));
            self.response.borrow_mut().buffer.clone_from(&reply.body);
            if !empty {
                self.callback(|stream, proxy| stream.on_body(proxy, Side::Response, reply.body.len(), true));
            }
        }
        let mut response = self.response.borrow_mut();
        response.buffer.clear();
        response.out = reply.body;
        response.released = true;
        response.complete = true;
    }

    /// Lets a held side go on if the filter resumed it.
    fn go_on(&self, side: Side) -> bool {
        let mut half = self.half(side).borrow_mut();
        if self.over() || !std::mem::take(&mut half.resume) {
            return false;
        }
        release(&mut half);
        true
    }

    fn deliver(&self, side: Side) -> bool {
        if self.over() || self.half(side).borrow().stopped {
            return false;
        }
        let Some(input) = self.half(side).borrow_mut().input.pop_front() else { return false };
        match input {
            Input::Headers { end } => self.deliver_headers(side, end),
            Input::Body(bytes, end) => self.deliver_body(side, &bytes, end),
            Input::Trailers(trailers) => self.deliver_trailers(side, trailers),
        }
        true
    }

    fn deliver_headers(&self, side: Side, end: bool) {
        {
            let mut half = self.half(side).borrow_mut();
            half.seen = true;
            half.arrived_whole = end;
        }
        let action = self.callback(|stream, proxy| stream.on_headers(proxy, side, end));
        let mut half = self.half(side).borrow_mut();
        match action {
            Action::Continue => release(&mut half),
            Action::Pause => half.stopped = !self.world.flag.get(),
        }
    }

    fn deliver_body(&self, side: Side, bytes: &[u8], end: bool) {
        let size = {
            let mut half = self.half(side).borrow_mut();
            half.buffer.extend_from_slice(bytes);
            half.arrived_whole |= end;
            half.buffer.len()
        };
        let action = self.callback(|stream, proxy| stream.on_body(proxy, side, size, end));
        if action == Action::Continue {
            // Also headers that were held: measured, and a bypass for a filter that does not know.
            release(&mut self.half(side).borrow_mut());
        } else if self.world.buffer_limit.get().is_some_and(|limit| size > limit) {
            self.answer_over_limit(side);
        }
    }

    fn deliver_trailers(&self, side: Side, trailers: Headers) {
        {
            let mut half = self.half(side).borrow_mut();
            half.sealed = half.buffer.is_empty() && half.released;
            half.trailers = Some(trailers);
            half.arrived_whole = true;
        }
        if self.callback(|stream, proxy| stream.on_trailers(proxy, side)) == Action::Continue {
            release(&mut self.half(side).borrow_mut());
        }
    }

    fn answer_over_limit(&self, side: Side) {
        let (status, details) = match side {
            Side::Request => ("413", "request_payload_too_large"),
            Side::Response => ("500", "response_payload_too_large"),
        };
        let headers = fields(&[(":status", status)]);
        self.answer_instead(OwnReply { headers, body: details.into(), details: details.to_owned() });
    }

    /// The upstream answers once the request is complete.
    fn answer(&self) -> bool {
        if self.over() || self.answered.get() || !self.request.borrow().complete {
            return false;
        }
        self.answered.set(true);
        let mut response = self.response.borrow_mut();
        response.headers = self.script.headers.clone();
        response.input = inputs(&self.script.body, self.script.trailers.as_ref());
        true
    }
}

/// What is held goes on.
fn release(half: &mut Half) {
    half.released = true;
    half.stopped = false;
    let held = std::mem::take(&mut half.buffer);
    half.out.extend(held);
    half.complete = half.arrived_whole;
}

fn inputs(body: &[Vec<u8>], trailers: Option<&Headers>) -> VecDeque<Input> {
    let mut inputs = VecDeque::from([Input::Headers { end: body.is_empty() && trailers.is_none() }]);
    let last = body.len().saturating_sub(1);
    for (index, piece) in body.iter().enumerate() {
        inputs.push_back(Input::Body(piece.clone(), index == last && trailers.is_none()));
    }
    inputs.extend(trailers.map(|trailers| Input::Trailers(trailers.clone())));
    inputs
}

/// A stream that a test drives.
pub struct Running {
    world: Rc<World>,
    wire: Rc<Wire>,
}

impl Running {
    pub(super) fn open(world: Rc<World>, plugin: &dyn Plugin, request: &Request) -> Self {
        let id = world.next_id();
        let wire = Rc::new(Wire {
            id,
            world: Rc::clone(&world),
            stream: plugin.stream(id),
            request: RefCell::new(Half { headers: request.headers.clone(), ..Half::default() }),
            response: RefCell::default(),
            script: request.response.clone(),
            answered: Cell::default(),
            reply: RefCell::default(),
            replied: Cell::default(),
            details: RefCell::default(),
            closed: Cell::default(),
            state: RefCell::default(),
        });
        world.opened(&wire);
        let end = request.body.is_empty() && request.trailers.is_none();
        let running = Self { world, wire };
        running.push(Input::Headers { end });
        running
    }

    fn push(&self, input: Input) {
        self.wire.request.borrow_mut().input.push_back(input);
        self.wire.settle();
    }

    /// Sends a piece of the request's body.
    pub fn body(&self, piece: &[u8], end: bool) {
        self.push(Input::Body(piece.to_vec(), end));
    }

    /// Sends the request's trailers.
    pub fn trailers(&self, pairs: &[(&str, &str)]) {
        self.push(Input::Trailers(fields(pairs)));
    }

    /// Sends the body and trailers of a request whose headers were sent.
    pub(super) fn send_rest(&self, request: &Request) {
        inputs(&request.body, request.trailers.as_ref()).into_iter().skip(1).for_each(|input| self.push(input));
    }

    /// Whether the client has its whole answer, or a reset.
    pub fn is_over(&self) -> bool {
        self.wire.closed.get() || self.wire.response.borrow().complete
    }

    /// Whether the upstream has seen the request's headers.
    pub fn reached_upstream(&self) -> bool {
        self.wire.request.borrow().released
    }

    /// What the client has got so far.
    pub fn answer(&self) -> Answer {
        let response = self.wire.response.borrow();
        let got = response.released;
        let status = response.headers.first(":status").and_then(|text| std::str::from_utf8(text).ok());
        Answer {
            status: status.filter(|_| got).and_then(|text| text.parse().ok()).unwrap_or(0),
            details: self.wire.details.borrow().clone(),
            headers: if got { response.headers.clone() } else { Headers::new() },
            body: response.out.clone(),
            complete: response.complete && !self.wire.closed.get(),
            trailers: response.trailers.clone().filter(|_| response.complete),
            upstream: self.sent(),
            state: self.wire.state.borrow().clone(),
        }
    }

    fn sent(&self) -> Option<Sent> {
        let request = self.wire.request.borrow();
        request.released.then(|| Sent {
            headers: request.headers.clone(),
            body: request.out.clone(),
            complete: request.complete,
            trailers: request.trailers.clone(),
        })
    }

    /// Ends the stream, as Envoy does when it is complete or the client has left, and says what the client got.
    pub fn finish(self) -> Answer {
        self.wire.callback(|stream, proxy| {
            stream.on_end(proxy);
            Action::Continue
        });
        self.world.ended(self.wire.id);
        self.answer()
    }
}
