//! The recording upstream over HTTP/1.1: one thread for each connection, one request at a time.

use super::{End, RawConnection, Record, Reply, Seen, Step, any_port, lock, loopback};
use crate::wire::{Framing, Reader, Stop, framing};
use crate::{Headers, values};
use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

/// An idle or half-sent connection is given up after this.
const PATIENCE: Duration = Duration::from_mins(2);

pub(super) struct Server {
    address: SocketAddr,
    record: Arc<Record>,
}

impl Server {
    pub(super) fn start(record: Arc<Record>) -> (SocketAddr, Self) {
        let listener = TcpListener::bind(any_port()).unwrap_or_else(|e| panic!("cannot listen: {e}"));
        Self::start_on(listener, record)
    }

    pub(super) fn start_on(listener: TcpListener, record: Arc<Record>) -> (SocketAddr, Self) {
        let port = listener.local_addr().unwrap_or_else(|e| panic!("no address: {e}")).port();
        let shared = Arc::clone(&record);
        thread::spawn(move || accept(&listener, &shared));
        (loopback(port), Self { address: loopback(port), record })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.record.is_over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1)); // wakes accept
        for socket in lock(&self.record.sockets).values() {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

fn accept(listener: &TcpListener, record: &Arc<Record>) {
    for stream in listener.incoming() {
        if record.is_over.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let record = Arc::clone(record);
        thread::spawn(move || {
            let _ = serve(stream, &record);
        });
    }
}

fn serve(stream: TcpStream, record: &Arc<Record>) -> Result<(), Stop> {
    let _ = stream.set_nodelay(true);
    record.connections.fetch_add(1, Ordering::SeqCst);
    let number = {
        let mut raw = lock(&record.raw);
        raw.push(RawConnection::default());
        raw.len() - 1
    };
    let clone = || stream.try_clone().map_err(|_| Stop::Reset);
    lock(&record.sockets).insert(number, clone()?);
    let tap = Arc::clone(record);
    let reader = Reader::new(clone()?, move |bytes| {
        if !tap.forgets() {
            lock(&tap.raw)[number].bytes.extend_from_slice(bytes);
        }
    });
    let mut connection = Connection { number, stream, reader, record };
    let stop = loop {
        if let Err(stop) = connection.exchange() {
            break stop;
        }
    };
    lock(&record.sockets).remove(&number); // the last copy that closes says farewell, or resets
    lock(&record.raw)[number].was_reset = match stop {
        Stop::Closed => Some(false),
        Stop::Reset => Some(true),
        _ => None,
    };
    Ok(())
}

struct Connection<'r> {
    number: usize,
    stream: TcpStream,
    reader: Reader,
    record: &'r Record,
}

impl Connection<'_> {
    /// Reads one request and answers it.
    fn exchange(&mut self) -> Result<(), Stop> {
        let deadline = Instant::now() + PATIENCE;
        let head = self.reader.head(deadline)?;
        let mut words = head.first_line.split(|&b| b == b' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let framing = framing(&head.headers, Framing::Empty);
        let is_head = method == b"HEAD";
        let place = self.record.arrived(Seen {
            connection: self.number,
            method: method.to_vec(),
            path: path.to_vec(),
            authority: values(&head.headers, "host").first().map(|host| host.to_vec()).unwrap_or_default(),
            headers: head.headers,
            ..Seen::default()
        });
        let record = self.record;
        let trailers = self.reader.body(framing?, deadline, &mut |piece| record.body_arrived(place, piece))?;
        let reply = self.record.is_whole(place, trailers);
        self.answer(&reply, is_head)
    }

    fn answer(&mut self, reply: &Reply, is_head: bool) -> Result<(), Stop> {
        if reply.has_head() {
            self.write(&head(reply))?;
        }
        let is_empty = is_head || matches!(reply.status, 204 | 304);
        for step in reply.steps.iter().filter(|_| !is_empty) {
            match step {
                Step::Wait(pause) => self.reader.linger(*pause)?,
                Step::Send(bytes) if reply.has_length() => self.write(bytes)?,
                Step::Send(bytes) if bytes.is_empty() => {}
                Step::Send(bytes) => {
                    let size = format!("{:x}\r\n", bytes.len());
                    self.write(&[size.as_bytes(), bytes, b"\r\n"].concat())?;
                }
            }
        }
        match reply.end {
            End::Clean if reply.has_length() || is_empty => Ok(()),
            End::Clean => self.write(&last_chunk(&reply.trailers)),
            End::Never => loop {
                self.reader.linger(PATIENCE)?;
            },
            End::Reset => {
                let _ = socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
                Err(Stop::Malformed("reset by the script".to_owned()))
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.stream.write_all(bytes).map_err(|_| Stop::Reset)
    }
}

fn head(reply: &Reply) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {} Answer\r\n", reply.status).into_bytes();
    for (name, value) in &reply.headers {
        bytes.extend([name, &b": "[..], value, b"\r\n"].concat());
    }
    let is_framed = ["content-length", "transfer-encoding"].iter().any(|name| !values(&reply.headers, name).is_empty());
    if !is_framed && reply.has_length() {
        bytes.extend(format!("content-length: {}\r\n", reply.body_length()).as_bytes());
    } else if !is_framed {
        bytes.extend(b"transfer-encoding: chunked\r\n");
    }
    bytes.extend(b"\r\n");
    bytes
}

fn last_chunk(trailers: &Headers) -> Vec<u8> {
    let mut bytes = b"0\r\n".to_vec();
    for (name, value) in trailers {
        bytes.extend([name, &b": "[..], value, b"\r\n"].concat());
    }
    bytes.extend(b"\r\n");
    bytes
}
