//! A load that costs Envoy what real clients cost: keep-alive connections, one request at a time on each.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

const CONNECTIONS: usize = 8;

/// Sends requests for this long and says how many were answered 200; anything else is an error.
pub(crate) fn run(address: SocketAddr, token: Option<&str>, length: Duration) -> io::Result<u64> {
    let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let request = format!(
        "GET /v1/models HTTP/1.1\r\nhost: gateway.test\r\nuser-agent: portcullis-bench\r\naccept: */*\r\n{authorization}\r\n"
    );
    let mut connections = (0..CONNECTIONS).map(|_| Connection::open(address)).collect::<io::Result<Vec<_>>>()?;
    let end = Instant::now() + length;
    let mut answered = 0;
    while Instant::now() < end {
        for connection in &mut connections {
            connection.stream.write_all(request.as_bytes())?;
        }
        for connection in &mut connections {
            connection.read_answer()?;
            answered += 1;
        }
    }
    Ok(answered)
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
        while !self.buffer[..length].ends_with(b"\r\n\r\n") {
            match self.stream.read(&mut self.buffer[length..])? {
                0 => return Err(io::Error::other("Envoy closed the connection")),
                more => length += more,
            }
        }
        if self.buffer.starts_with(b"HTTP/1.1 200") {
            return Ok(());
        }
        let answer = String::from_utf8_lossy(&self.buffer[..length]).into_owned();
        Err(io::Error::other(format!("expected 200, got {answer}")))
    }
}
