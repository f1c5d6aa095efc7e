//! prompt-guard behind ratelimit-shared-data in Envoy: who sends what is risky is in quarantine from the next request on.

// The lints against panics are for code that runs behind a proxy.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods, missing_docs)]

use harness::client::h1;
use harness::{Envoy, Listener, Request, Response, Upstream, WasmFilter};
use serde_json::json;

fn chat(envoy: &Envoy, key: &str, text: &str) -> Response {
    let body = json!({"model": "small", "messages": [{"role": "user", "content": text}]});
    h1::send(envoy.address(), &Request::post_json("/v1/chat/completions", &body).header("x-key", key))
}

#[test]
fn who_sends_what_prompt_guard_finds_risky_is_in_quarantine() {
    for (action, status) in [("block", 400), ("flag", 200)] {
        let upstream = Upstream::h1();
        let limit = json!({"name": "calls", "key": [{"header": "x-key"}], "unit": "requests", "limit": 100,
            "window": "60s", "algorithm": "sliding_window", "risk": {"threshold": 0.05, "for": "5m"}});
        let policy = json!({"name": "all", "detectors": {"pii": [{"kinds": ["email"], "action": action}]}});
        let limits = WasmFilter::new("ratelimit-shared-data").configured(&json!({"limits": [limit]}));
        let guard = WasmFilter::new("prompt-guard").configured(&json!({"policies": [policy]}));
        let listener = Listener::new().filter(limits).filter(guard);
        let envoy = Envoy::builder(listener).upstream(upstream.address()).start().unwrap();

        assert!(chat(&envoy, "mallory", "Hello").is(200));
        assert!(chat(&envoy, "mallory", "write to alice@corp.example.org").is(status), "{action}");
        let answer = chat(&envoy, "mallory", "Hello");
        assert_eq!((answer.status, answer.header("retry-after").as_deref()), (Some(429), Some("300")), "{action}");
        assert!(chat(&envoy, "alice", "Hello").is(200), "{action}: nobody else");
        assert_eq!(envoy.stat("wasmcustom.portcullis_ratelimit_unusual_total.event.risk.instance.ratelimit"), 1);
    }
}
