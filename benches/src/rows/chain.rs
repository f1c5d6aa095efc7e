//! All five filters as `envoy/gateway.yaml` has them, one more in each row, so that the difference between two rows is a
//! filter's share. A native filter holds the body first, as who answers by itself before it came closes the connection.

use std::rc::Rc;

use portcullis_bench::gateway;
use serde_json::json;

use super::{Row, listener, native};

/// The rows, by the filter that is the last of each.
const ROWS: [&str; 8] = [
    "chain_none",
    "chain_edge",
    "chain_authn",
    "chain_callers",
    "chain_rbac",
    "chain_ratelimit",
    "chain_schema_check",
    "chain_chat4k",
];

pub(super) fn rows() -> Vec<Row> {
    let buffer = native("buffer", "buffer.v3.Buffer", json!({"max_request_bytes": 1 << 20}));
    let (filters, requests) = (gateway::filters(), Rc::new(gateway::chat()));
    let row = |(count, name)| {
        let first = listener().native(buffer.clone());
        let listener = filters.iter().take(count).fold(first, |listener, filter| listener.native(filter.clone()));
        Row { name, listener, requests: Rc::clone(&requests) }
    };
    ROWS.into_iter().enumerate().map(row).collect()
}
