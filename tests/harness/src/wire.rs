//! Reads HTTP/1.1 from a socket and keeps every byte, for the raw client and the recording upstream
//! alike. It judges nothing: what it cannot frame it reports.

use crate::{Headers, values};
use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Why reading stopped before the message was whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Closed,
    Reset,
    Timeout,
    Malformed(String),
}

/// How a message says where its body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    Empty,
    Length(usize),
    Chunked,
    UntilClosed,
}

/// First line and fields of a message.
pub(crate) struct Head {
    pub(crate) first_line: Vec<u8>,
    pub(crate) headers: Headers,
}

/// A socket and what was read from it too early.
pub(crate) struct Reader {
    stream: TcpStream,
    ahead: Vec<u8>,
    tap: Tap,
}

type Tap = Box<dyn FnMut(&[u8]) + Send>;

impl Reader {
    /// `tap` sees every byte as it arrives.
    pub(crate) fn new(stream: TcpStream, tap: impl FnMut(&[u8]) + Send + 'static) -> Self {
        Self { stream, ahead: Vec::new(), tap: Box::new(tap) }
    }

    /// Whether bytes of a next message have been read already.
    pub(crate) fn is_ahead(&self) -> bool {
        !self.ahead.is_empty()
    }

    pub(crate) fn head(&mut self, deadline: Instant) -> Result<Head, Stop> {
        let end = loop {
            if let Some(at) = find(&self.ahead, b"\r\n\r\n") {
                break at + 4;
            }
            self.more(deadline)?;
        };
        let block: Vec<u8> = self.ahead.drain(..end).collect();
        let mut lines = lines(&block);
        let first_line = lines.next().unwrap_or_default().to_vec();
        let headers = fields(lines)?;
        Ok(Head { first_line, headers })
    }

    /// Reads a body and hands out its pieces as they arrive; returns the trailers.
    pub(crate) fn body(
        &mut self,
        framing: Framing,
        deadline: Instant,
        piece: &mut dyn FnMut(&[u8]),
    ) -> Result<Headers, Stop> {
        match framing {
            Framing::Empty => Ok(Headers::new()),
            Framing::Length(length) => self.exactly(length, deadline, piece).map(|()| Headers::new()),
            Framing::Chunked => self.chunks(deadline, piece),
            Framing::UntilClosed => loop {
                piece(&std::mem::take(&mut self.ahead));
                match self.more(deadline) {
                    Ok(()) => {}
                    Err(Stop::Closed) => return Ok(Headers::new()),
                    Err(stop) => return Err(stop),
                }
            },
        }
    }

    /// Reads for as long as `time` says, whatever arrives; tells whether the peer has gone.
    pub(crate) fn linger(&mut self, time: Duration) -> Result<(), Stop> {
        let deadline = Instant::now() + time;
        loop {
            match self.more(deadline) {
                Ok(()) => {}
                Err(Stop::Timeout) => return Ok(()),
                Err(stop) => return Err(stop),
            }
        }
    }

    fn chunks(&mut self, deadline: Instant, piece: &mut dyn FnMut(&[u8])) -> Result<Headers, Stop> {
        loop {
            let line = self.line(deadline)?;
            let digits = line.split(|&b| b == b';').next().unwrap_or_default();
            let size = std::str::from_utf8(digits).ok().and_then(|d| usize::from_str_radix(d.trim(), 16).ok());
            let Some(size) = size else {
                return Err(Stop::Malformed(format!("chunk size {:?}", String::from_utf8_lossy(&line))));
            };
            if size == 0 {
                return self.trailers(deadline);
            }
            self.exactly(size, deadline, piece)?;
            if !self.line(deadline)?.is_empty() {
                return Err(Stop::Malformed("chunk longer than its size".to_owned()));
            }
        }
    }

    fn trailers(&mut self, deadline: Instant) -> Result<Headers, Stop> {
        let mut block = Vec::new();
        loop {
            let line = self.line(deadline)?;
            if line.is_empty() {
                return fields(block.iter().map(Vec::as_slice));
            }
            block.push(line);
        }
    }

    fn exactly(&mut self, length: usize, deadline: Instant, piece: &mut dyn FnMut(&[u8])) -> Result<(), Stop> {
        let mut left = length;
        while left > 0 {
            if self.ahead.is_empty() {
                self.more(deadline)?;
            }
            let part: Vec<u8> = self.ahead.drain(..left.min(self.ahead.len())).collect();
            left -= part.len();
            piece(&part);
        }
        Ok(())
    }

    fn line(&mut self, deadline: Instant) -> Result<Vec<u8>, Stop> {
        loop {
            if let Some(at) = find(&self.ahead, b"\r\n") {
                let mut line: Vec<u8> = self.ahead.drain(..at + 2).collect();
                line.truncate(at);
                return Ok(line);
            }
            self.more(deadline)?;
        }
    }

    fn more(&mut self, deadline: Instant) -> Result<(), Stop> {
        let part = receive(&mut self.stream, deadline)?;
        (self.tap)(&part);
        self.ahead.extend_from_slice(&part);
        Ok(())
    }
}

/// One read that ends at the deadline.
pub(crate) fn receive(stream: &mut TcpStream, deadline: Instant) -> Result<Vec<u8>, Stop> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(Stop::Timeout);
    }
    let _ = stream.set_read_timeout(Some(left));
    let mut part = vec![0; 64 * 1024];
    match stream.read(&mut part) {
        Ok(0) => Err(Stop::Closed),
        Ok(length) => {
            part.truncate(length);
            Ok(part)
        }
        Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Err(Stop::Timeout),
        Err(e) if e.kind() == ErrorKind::Interrupted => Ok(Vec::new()),
        Err(_) => Err(Stop::Reset),
    }
}

/// The framing that the fields of a message announce; without one, `otherwise`.
pub(crate) fn framing(headers: &Headers, otherwise: Framing) -> Result<Framing, Stop> {
    let is_chunked = |value: &&[u8]| value.to_ascii_lowercase().ends_with(b"chunked");
    if values(headers, "transfer-encoding").last().is_some_and(is_chunked) {
        return Ok(Framing::Chunked);
    }
    let Some(length) = values(headers, "content-length").first().copied() else {
        return Ok(otherwise);
    };
    let number = std::str::from_utf8(length).ok().and_then(|text| text.trim().parse().ok());
    number
        .map(Framing::Length)
        .ok_or_else(|| Stop::Malformed(format!("content-length {:?}", String::from_utf8_lossy(length))))
}

fn fields<'l>(lines: impl Iterator<Item = &'l [u8]>) -> Result<Headers, Stop> {
    lines
        .map(|line| {
            let colon = line.iter().position(|&b| b == b':').ok_or_else(|| {
                Stop::Malformed(format!("field without a colon: {:?}", String::from_utf8_lossy(line)))
            })?;
            Ok((line[..colon].to_vec(), line[colon + 1..].trim_ascii().to_vec()))
        })
        .collect()
}

fn lines(block: &[u8]) -> impl Iterator<Item = &[u8]> {
    let text = block.strip_suffix(b"\r\n\r\n").unwrap_or(block);
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let now = rest?;
        let (line, after) = match find(now, b"\r\n") {
            Some(at) => (&now[..at], Some(&now[at + 2..])),
            None => (now, None),
        };
        rest = after;
        Some(line)
    })
}

pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
