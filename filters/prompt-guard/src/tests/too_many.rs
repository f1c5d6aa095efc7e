//! So much to find that keeping it would take more memory than the body.

use serde_json::json;

use portcullis::host::fake::Envoy;

use super::post;
use crate::PromptGuard;

#[test]
fn more_than_is_kept_is_refused() {
    let looked_for = json!({"kinds": ["email"], "action": "flag"});
    let detectors = json!({"pii": [looked_for, looked_for, looked_for]});
    let configuration = json!({"policies": [{"name": "a", "detectors": detectors}]});
    let envoy = Envoy::of_filter::<PromptGuard>(&configuration.to_string()).unwrap();
    let said = json!({"role": "user", "content": "a@b.co ".repeat(30_000)});
    let send = |body: serde_json::Value| envoy.send(&post("/v1/chat/completions", &[body.to_string().as_bytes()]));
    // Each rule finds each address.
    let answer = send(json!({"messages": [said, said, said]}));
    assert_eq!(answer.status, 400);
    assert!(String::from_utf8_lossy(&answer.body).contains("too_many_findings"), "{answer:?}");
    assert_eq!(send(json!({"messages": [said, said]})).status, 200);
}
