//! One unary call of gRPC over HTTP/2 (<https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>), as a request to a
//! cluster and its answer.

use portcullis::host::{HttpCall, Millis};
use portcullis::prelude::*;
use prost::Message;

/// A message that is not compressed, and the length of its length.
const PLAIN: u8 = 0;
const LENGTH: usize = 4;

/// Sends a message; its answer comes to `on_answer` of whoever asked.
pub(super) fn send(
    host: &dyn Host,
    cluster: &str,
    authority: &str,
    path: &str,
    message: &impl Message,
    timeout: Millis,
) -> Result<Call, HostError> {
    let grpc_timeout = format!("{}m", timeout.0);
    let headers = [
        (":method", "POST"),
        (":path", path),
        (":authority", authority),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
        ("grpc-timeout", grpc_timeout.as_str()),
    ];
    host.call(&HttpCall { cluster, headers: &headers, body: &framed(message), timeout })
}

/// The message of an answer; `None` if the call failed or is answered by something else.
pub(super) fn read<M: Message + Default>(answer: &Answer) -> Option<M> {
    let Answer::Http { status: 200, headers, body, trailers } = answer else { return None };
    // An answer without a message has its status among the headers.
    let status = trailers.first("grpc-status").or_else(|| headers.first("grpc-status"))?;
    let ([PLAIN], rest) = body.split_first_chunk()? else { return None };
    let (length, message) = rest.split_first_chunk::<LENGTH>()?;
    let is_whole = usize::try_from(u32::from_be_bytes(*length)).is_ok_and(|length| length == message.len());
    if status == b"0" && is_whole { M::decode(message).ok() } else { None }
}

fn framed(message: &impl Message) -> Vec<u8> {
    let length = u32::try_from(message.encoded_len()).unwrap_or(u32::MAX);
    let mut frame = vec![PLAIN];
    frame.extend(length.to_be_bytes());
    frame.extend(message.encode_to_vec());
    frame
}
