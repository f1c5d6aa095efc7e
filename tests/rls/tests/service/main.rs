//! What the Rate Limit Service promises to those who test a filter with it.

// The rules of `clippy.toml` are for code that runs behind a proxy; this code runs beside it.
#![allow(clippy::disallowed_methods, missing_docs)]

mod envoy;
mod exactness;
mod outages;
mod program;
mod protocol;

use rls::RateLimitDescriptor;
use serde_json::{Value, json};

/// One limit: so many for each user in an hour, which is longer than a test.
fn for_each_user(most: u64) -> Value {
    json!([{
        "namespace": "ai", "name": "hourly", "max_value": most, "seconds": 3600, "variables": ["descriptors[0].user"]
    }])
}

fn user(name: &str) -> RateLimitDescriptor {
    RateLimitDescriptor::of(&[("user", name)])
}
