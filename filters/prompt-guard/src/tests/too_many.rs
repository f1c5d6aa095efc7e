//! So much to find that keeping it would take more memory than the body.

use serde_json::json;

use super::{envoy, post};

#[test]
fn more_than_is_kept_is_refused() {
    let text = |count: usize| "a@b.co ".repeat(count);
    // Each text is as long as may be; all of them have more than is kept.
    let said = json!({"role": "user", "content": text(30_000)});
    let body = json!({"messages": [said, said]});
    let answer = envoy().send(&post("/v1/chat/completions", &[body.to_string().as_bytes()]));
    assert_eq!(answer.status, 400);
    assert!(String::from_utf8_lossy(&answer.body).contains("too_many_findings"), "{answer:?}");
    let body = json!({"messages": [said]});
    assert_eq!(envoy().send(&post("/v1/chat/completions", &[body.to_string().as_bytes()])).status, 200);
}
