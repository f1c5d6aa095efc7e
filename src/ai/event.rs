//! An event that is sent in an API's name, as the framings write it.

use serde_json::Value;

use crate::http::stream::event_stream;

/// Its name, where its API has one, and what it carries.
pub(super) type Event = (&'static str, Value);

/// As a server-sent event.
pub(super) fn server_sent((name, data): &Event) -> String {
    match *name {
        "" => format!("data: {data}\n\n"),
        name => format!("event: {name}\ndata: {data}\n\n"),
    }
}

/// As an AWS message.
pub(super) fn message((name, data): &Event) -> Vec<u8> {
    let headers = [(":message-type", "event"), (":event-type", *name), (":content-type", "application/json")];
    event_stream::encode(&headers, data.to_string().as_bytes())
}
