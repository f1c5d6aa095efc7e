//! A load that costs Envoy what real clients cost: keep-alive connections, one request at a time on each.

#![allow(clippy::disallowed_methods, clippy::missing_errors_doc)]

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// So many connections keep one worker busy.
pub const CONNECTIONS: usize = 8;

/// Requests that are sent one after the other, round and round.
pub struct Requests {
    texts: Vec<Vec<u8>>,
    next: Cell<usize>,
}

impl Requests {
    /// One for each of these `authorization` headers.
    pub fn with_credentials(credentials: impl IntoIterator<Item = String>) -> Self {
        Self::of("/v1/models", credentials)
    }

    /// For this path, one for each of these `authorization` headers.
    pub fn of(path: &str, credentials: impl IntoIterator<Item = String>) -> Self {
        let text = |credential: String| {
            format!(
                "GET {path} HTTP/1.1\r\nhost: gateway.test\r\nuser-agent: portcullis-bench\r\naccept: */*\r\n\
                 authorization: Bearer {credential}\r\n\r\n"
            )
        };
        Self {
            texts: credentials.into_iter().map(|credential| text(credential).into_bytes()).collect(),
            next: Cell::new(0),
        }
    }

    /// One chat of about so many bytes, by whoever shows this credential.
    #[must_use]
    pub fn chat(credential: &str, bytes: usize) -> Self {
        Self::chat_of(credential, "The report says that revenue grew by twelve percent. ", bytes)
    }

    /// One chat of about so many bytes in which this text is said again and again; it needs no escapes.
    #[must_use]
    pub fn chat_of(credential: &str, text: &str, bytes: usize) -> Self {
        let open =
            "{\"model\":\"gpt-mini\",\"max_completion_tokens\":256,\"messages\":[{\"role\":\"user\",\"content\":\"";
        let room = bytes.saturating_sub(open.len() + 4);
        let mut content = text.repeat(room / text.len() + 1);
        content.truncate(content.floor_char_boundary(room));
        let body = format!("{open}{content}\"}}]}}");
        let text = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: gateway.test\r\nuser-agent: portcullis-bench\r\naccept: */*\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nauthorization: Bearer {credential}\r\n\r\n{body}",
            body.len()
        );
        Self { texts: vec![text.into_bytes()], next: Cell::new(0) }
    }

    /// Requests for a list of models, each with header fields of its own.
    #[must_use]
    pub fn with_fields(fields: impl IntoIterator<Item = Vec<(String, String)>>) -> Self {
        let text = |fields: Vec<(String, String)>| {
            let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            format!("GET /v1/models HTTP/1.1\r\nhost: gateway.test\r\n{}\r\n", fields.concat()).into_bytes()
        };
        Self { texts: fields.into_iter().map(text).collect(), next: Cell::new(0) }
    }

    fn next(&self) -> &[u8] {
        let at = self.next.get();
        self.next.set((at + 1) % self.texts.len());
        &self.texts[at]
    }
}

/// Sends requests for this long and says how many were answered 200; anything else is an error.
pub fn run(address: SocketAddr, requests: &Requests, length: Duration) -> io::Result<u64> {
    let end = Instant::now() + length;
    run_until(address, requests, CONNECTIONS, |_| Instant::now() >= end)
}

/// Sends requests on so many connections until `is_done` says so of the number that was answered.
pub fn run_until(
    address: SocketAddr,
    requests: &Requests,
    connections: usize,
    is_done: impl Fn(u64) -> bool,
) -> io::Result<u64> {
    let mut connections = (0..connections).map(|_| Connection::open(address)).collect::<io::Result<Vec<_>>>()?;
    let mut answered = 0;
    while !is_done(answered) {
        for connection in &mut connections {
            connection.stream.write_all(requests.next())?;
        }
        for connection in &mut connections {
            connection.read_answer()?;
            answered += 1;
        }
    }
    Ok(answered)
}

/// One connection that is asked now and then.
pub struct Client(Connection);

impl Client {
    /// A new one.
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        Connection::open(address).map(Self)
    }

    /// Sends the next request and waits for its answer, which must be 200.
    pub fn ask(&mut self, requests: &Requests) -> io::Result<()> {
        self.0.stream.write_all(requests.next())?;
        self.0.read_answer()
    }
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        Ok(Self { stream, buffer: vec![0; 4096] })
    }

    /// Answers here have no body: the blank line ends them.
    fn read_answer(&mut self) -> io::Result<()> {
        let mut length = 0;
        while !self.buffer[..length].windows(4).any(|window| window == b"\r\n\r\n") {
            match self.stream.read(&mut self.buffer[length..])? {
                0 => return Err(io::Error::other("Envoy closed the connection")),
                more => length += more,
            }
        }
        let is_whole = self.buffer[..length].ends_with(b"\r\n\r\n");
        if is_whole && self.buffer.starts_with(b"HTTP/1.1 200") {
            return Ok(());
        }
        let answer = String::from_utf8_lossy(&self.buffer[..length]).into_owned();
        Err(io::Error::other(format!("expected 200 without a body, got {answer}")))
    }
}
