//! Rate limits that let everything pass: on one bucket that every request changes, on a hundred thousand, by who is calling,
//! and by the tokens of a chat whose body rbac has read before.

use std::rc::Rc;

use portcullis_bench::load::Requests;

use harness::{Listener, WasmFilter};
use serde_json::{Value, json};

use super::{Row, native, rbac};

/// How many callers come one after the other.
const CALLERS: usize = 100_000;

pub(super) fn rows() -> Vec<Row> {
    let one = Rc::new(Requests::with_credentials(["none".to_owned()]));
    let many = Rc::new(Requests::with_credentials((0..CALLERS).map(|number| format!("caller-{number:06}"))));
    let chat = Rc::new(Requests::chat("none", 4 << 10));
    let row = |name, listener, requests: &Rc<Requests>| Row { name, listener, requests: Rc::clone(requests) };
    let ours = |name, listener: Listener, configuration: Value, requests| {
        let filter = WasmFilter::new("ratelimit-shared-data").vm_id(name).configured(&configuration);
        row(name, listener.filter(filter), requests)
    };
    let of_caller = json!([{"header": "authorization"}]);
    vec![
        ours("ratelimit_hot_key", super::listener(), calls(&json!([])), &one),
        ours("ratelimit_100k_keys", super::listener(), calls(&of_caller), &many),
        ours("ratelimit_subject", rbac::listener(1), calls(&json!(["subject"])), &one),
        row("native_local_ratelimit", super::listener().native(local_ratelimit()), &one),
        ours("ratelimit_tokens_chat4k", rbac::chat_listener("ratelimit_tokens_rbac"), tokens(), &chat),
    ]
}

fn calls(key: &Value) -> Value {
    let limit = json!({"name": "calls", "key": key, "unit": "requests", "limit": 1_000_000_000, "window": "60s",
                       "algorithm": "gcra"});
    json!({"slots": 524_288, "limits": [limit]})
}

fn tokens() -> Value {
    let limit = json!({"name": "tokens", "key": ["subject"], "unit": "total_tokens", "limit": 1_000_000_000_000_u64,
                       "window": "60s", "algorithm": "gcra", "default_output_tokens": [{"model": "*", "tokens": 1024}]});
    json!({"limits": [limit]})
}

/// Envoy's own, with a descriptor that the route sets.
fn local_ratelimit() -> Value {
    let bucket = json!({"max_tokens": 1_000_000_000, "tokens_per_fill": 1_000_000_000, "fill_interval": "60s"});
    let all = json!({"default_value": {"numerator": 100, "denominator": "HUNDRED"}});
    native(
        "local_ratelimit",
        "local_ratelimit.v3.LocalRateLimit",
        json!({
            "stat_prefix": "bench", "token_bucket": bucket, "filter_enabled": all, "filter_enforced": all,
            "descriptors": [{"entries": [{"key": "caller", "value": "one"}], "token_bucket": bucket}],
            "rate_limits": [{"actions": [{"generic_key": {"descriptor_key": "caller", "descriptor_value": "one"}}]}]
        }),
    )
}
