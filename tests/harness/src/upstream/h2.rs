//! The recording upstream over HTTP/2, on a runtime of its own.

use super::{End, Record, Reply, Seen, Step, any_port, loopback};
use crate::Headers;
use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

const WINDOW: u32 = 16 * 1024 * 1024;

pub(super) struct Server {
    _alive: oneshot::Sender<()>, // the thread ends when this is dropped
}

impl Server {
    pub(super) fn start(record: Arc<Record>) -> (SocketAddr, Self) {
        let socket = std::net::TcpListener::bind(any_port()).unwrap_or_else(|e| panic!("cannot listen: {e}"));
        let port = socket.local_addr().unwrap_or_else(|e| panic!("no address: {e}")).port();
        socket.set_nonblocking(true).unwrap_or_else(|e| panic!("cannot listen: {e}"));
        let (alive, end) = oneshot::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.unwrap_or_else(|e| panic!("no runtime: {e}"));
            runtime.block_on(async {
                tokio::select! {
                    () = accept(socket, record) => {}
                    _ = end => {}
                }
            });
        });
        (loopback(port), Self { _alive: alive })
    }
}

async fn accept(socket: std::net::TcpListener, record: Arc<Record>) {
    let Ok(listener) = TcpListener::from_std(socket) else { return };
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, Arc::clone(&record)));
    }
}

async fn serve(stream: TcpStream, record: Arc<Record>) {
    let number = usize::try_from(record.connections.fetch_add(1, Ordering::SeqCst)).unwrap_or(0);
    let mut settings = h2::server::Builder::new();
    settings.initial_window_size(WINDOW).initial_connection_window_size(WINDOW);
    let Ok(mut connection) = settings.handshake(stream).await else { return };
    while let Some(Ok((request, respond))) = connection.accept().await {
        let record = Arc::clone(&record);
        tokio::spawn(async move {
            let _ = exchange(number, request, respond, &record).await;
        });
    }
}

/// Reads one request and answers it.
async fn exchange(
    connection: usize,
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    record: &Record,
) -> Result<(), h2::Error> {
    let (head, mut body) = request.into_parts();
    let path = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let authority = head.uri.authority().map(ToString::to_string).unwrap_or_default();
    let place = record.arrived(Seen {
        connection,
        method: head.method.as_str().into(),
        path: path.into_bytes(),
        authority: authority.into_bytes(),
        headers: pairs(&head.headers),
        ..Seen::default()
    });
    while let Some(piece) = body.data().await {
        let piece = piece?;
        record.body_arrived(place, &piece);
        body.flow_control().release_capacity(piece.len())?;
    }
    let trailers = body.trailers().await?.as_ref().map(pairs).unwrap_or_default();
    let reply = record.is_whole(place, trailers);
    answer(&reply, &mut respond).await
}

async fn answer(reply: &Reply, respond: &mut SendResponse<Bytes>) -> Result<(), h2::Error> {
    if !reply.has_head() {
        return match reply.end {
            End::Reset => {
                respond.send_reset(Reason::INTERNAL_ERROR);
                Ok(())
            }
            _ => poll_fn(|context| respond.poll_reset(context)).await.map(|_| ()),
        };
    }
    let mut stream = respond.send_response(head(reply), false)?;
    for step in &reply.steps {
        match step {
            Step::Wait(pause) => tokio::time::sleep(*pause).await,
            Step::Send(bytes) => send(&mut stream, bytes).await?,
        }
    }
    match reply.end {
        End::Clean if reply.trailers.is_empty() => stream.send_data(Bytes::new(), true),
        End::Clean => stream.send_trailers(map(&reply.trailers)),
        End::Reset => {
            stream.send_reset(Reason::INTERNAL_ERROR);
            Ok(())
        }
        End::Never => poll_fn(|context| stream.poll_reset(context)).await.map(|_| ()),
    }
}

/// Sends a piece as fast as the peer's window allows.
async fn send(stream: &mut SendStream<Bytes>, bytes: &[u8]) -> Result<(), h2::Error> {
    let mut rest = Bytes::copy_from_slice(bytes);
    while !rest.is_empty() {
        stream.reserve_capacity(rest.len());
        let Some(room) = poll_fn(|context| stream.poll_capacity(context)).await else {
            return Ok(()); // the peer has gone
        };
        let room = room?.min(rest.len());
        stream.send_data(rest.split_to(room), false)?;
    }
    Ok(())
}

fn head(reply: &Reply) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or_default();
    *response.headers_mut() = map(&reply.headers);
    if reply.has_length() {
        let length = HeaderValue::from(reply.body_length());
        response.headers_mut().entry("content-length").or_insert(length);
    }
    response
}

fn pairs(headers: &HeaderMap) -> Headers {
    headers.iter().map(|(name, value)| (name.as_str().into(), value.as_bytes().into())).collect()
}

fn map(headers: &Headers) -> HeaderMap {
    let pair = |(name, value): &(Vec<u8>, Vec<u8>)| {
        let name = HeaderName::from_bytes(name).unwrap_or_else(|e| panic!("{name:?}: {e}"));
        let value = HeaderValue::from_bytes(value).unwrap_or_else(|e| panic!("{value:?}: {e}"));
        (name, value)
    };
    let mut map = HeaderMap::new();
    for (name, value) in headers.iter().map(pair) {
        map.append(name, value);
    }
    map
}
