//! An HTTP/1.1 client on a bare socket, for bytes that no library would send.

use super::{Body, Ended, PATIENCE, Request, Response};
use crate::wire::{Framing, Reader, Stop, framing};
use std::io::Write;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

/// One connection. It can be used for several requests, one after the other.
pub struct Connection {
    stream: TcpStream,
    reader: Reader,
    patience: Duration,
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> Self {
        Self::try_open(address).unwrap_or_else(|| panic!("nobody listens at {address}"))
    }

    /// Connects, if somebody listens there.
    pub fn try_open(address: SocketAddr) -> Option<Self> {
        Self::over(TcpStream::connect_timeout(&address, PATIENCE).ok()?)
    }

    /// Connects from an address of this machine.
    pub fn open_from(own: Ipv4Addr, address: SocketAddr) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        socket.bind(&SocketAddr::from((own, 0)).into()).unwrap_or_else(|error| panic!("{own}: {error}"));
        socket.connect_timeout(&address.into(), PATIENCE).unwrap_or_else(|error| panic!("{own} to {address}: {error}"));
        Self::over(socket.into()).expect("a socket can be cloned")
    }

    fn over(stream: TcpStream) -> Option<Self> {
        let _ = stream.set_nodelay(true);
        let _ = stream.set_write_timeout(Some(PATIENCE));
        let reading = stream.try_clone().ok()?;
        Some(Self { stream, reader: Reader::new(reading, |_| {}), patience: PATIENCE })
    }

    /// How long to wait for each answer.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sends a request and reads its answer.
    pub fn send(&mut self, request: &Request) -> Response {
        self.start(request);
        self.finish(&request.method)
    }

    /// Sends bytes as they are and reads one answer.
    pub fn send_raw(&mut self, bytes: impl AsRef<[u8]>) -> Response {
        let bytes = bytes.as_ref();
        self.write(bytes);
        let method = bytes.split(|&b| b == b' ').next().unwrap_or_default();
        self.finish(method)
    }

    /// Sends bytes piece by piece, each after its pause, and reads one answer.
    pub fn send_pieces<B: AsRef<[u8]>>(&mut self, pieces: &[(Duration, B)]) -> Response {
        for (pause, bytes) in pieces {
            thread::sleep(*pause);
            self.write(bytes.as_ref());
        }
        self.finish(b"")
    }

    /// Sends a request without reading.
    pub fn start(&mut self, request: &Request) {
        self.write(&head(request));
        match &request.body {
            Body::None if request.trailers.is_empty() => {}
            Body::None => self.write(&last_chunk(request)),
            Body::Whole(body) if request.trailers.is_empty() => self.write(body),
            Body::Whole(body) => self.write(&[chunk(body), last_chunk(request)].concat()),
            Body::Pieces(pieces) => {
                for (pause, piece) in pieces {
                    thread::sleep(*pause);
                    self.write(&chunk(piece));
                }
                self.write(&last_chunk(request));
            }
        }
    }

    /// Writes bytes without reading. A peer that no longer listens shows in the answer.
    pub fn write(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Reads the answer to a request with this method.
    pub fn finish(&mut self, method: &[u8]) -> Response {
        let mut response = Response::default();
        response.ended = match self.read(method, &mut response) {
            Ok(()) => Ended::Complete,
            Err(Stop::Closed) => Ended::Closed,
            Err(Stop::Reset) => Ended::Reset(None),
            Err(Stop::Timeout) => Ended::Timeout,
            Err(Stop::Malformed(what)) => Ended::Malformed(what),
        };
        response
    }

    /// Says that nothing more will be sent, and goes on listening.
    pub fn close_writing(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Ends the connection with a reset instead of a farewell.
    pub fn abort(self) {
        let _ = socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
    }

    /// Whether bytes came that belong to no answer read so far: a second answer, or a smuggled one.
    pub fn has_more(&mut self, within: Duration) -> bool {
        let _ = self.reader.linger(within);
        self.reader.is_ahead()
    }

    fn read(&mut self, method: &[u8], response: &mut Response) -> Result<(), Stop> {
        let begin = Instant::now();
        let deadline = begin + self.patience;
        let status = loop {
            let head = self.reader.head(deadline)?;
            let status = status(&head.first_line)?;
            if status >= 200 || status == 101 {
                response.headers = head.headers;
                break status;
            }
            response.interim.push(status);
        };
        response.status = Some(status);
        let framing = match status {
            _ if method == b"HEAD" => Framing::Empty,
            101 | 204 | 304 => Framing::Empty,
            _ => framing(&response.headers, Framing::UntilClosed)?,
        };
        let (body, arrivals) = (&mut response.body, &mut response.arrivals);
        response.trailers = self.reader.body(framing, deadline, &mut |piece| {
            if !piece.is_empty() {
                body.extend_from_slice(piece);
                arrivals.push((begin.elapsed(), piece.len()));
            }
        })?;
        Ok(())
    }
}

/// One request on a connection of its own.
pub fn send(address: SocketAddr, request: &Request) -> Response {
    Connection::open(address).send(request)
}

/// The bytes of a request up to its body.
pub fn head(request: &Request) -> Vec<u8> {
    let path = request.path.as_deref().unwrap_or(b"*");
    let mut bytes = [&request.method, &b" "[..], path, b" HTTP/1.1\r\n"].concat();
    let mut field = |name: &[u8], value: &[u8]| bytes.extend([name, b": ", value, b"\r\n"].concat());
    if let Some(authority) = request.authority.as_ref().filter(|_| !request.has("host")) {
        field(b"host", authority);
    }
    for (name, value) in &request.headers {
        field(name, value);
    }
    let is_framed = request.has("content-length") || request.has("transfer-encoding");
    match &request.body {
        _ if is_framed => {}
        Body::None if request.trailers.is_empty() => {}
        Body::Whole(body) if request.trailers.is_empty() => {
            field(b"content-length", body.len().to_string().as_bytes());
        }
        _ => field(b"transfer-encoding", b"chunked"),
    }
    bytes.extend(b"\r\n");
    bytes
}

fn chunk(piece: &[u8]) -> Vec<u8> {
    if piece.is_empty() {
        return Vec::new(); // an empty chunk would end the body
    }
    [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat()
}

fn last_chunk(request: &Request) -> Vec<u8> {
    let mut bytes = b"0\r\n".to_vec();
    for (name, value) in &request.trailers {
        bytes.extend([name, &b": "[..], value, b"\r\n"].concat());
    }
    bytes.extend(b"\r\n");
    bytes
}

fn status(line: &[u8]) -> Result<u16, Stop> {
    let text = String::from_utf8_lossy(line);
    let status = text.split(' ').nth(1).and_then(|number| number.parse().ok());
    status.filter(|_| text.starts_with("HTTP/1.")).ok_or_else(|| Stop::Malformed(format!("status line {text:?}")))
}
