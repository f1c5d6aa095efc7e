//! The module in a real Envoy.

// The lints against panics are for code that runs behind a proxy.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::time::Duration;

use harness::client::h1;
use harness::{Envoy, Listener, Request, Upstream, WasmFilter, values, workspace};
use serde_json::{Value, json};

fn published_stats() -> Value {
    let text = fs::read_to_string(workspace().join("envoy/stats.yaml")).unwrap();
    serde_norway::from_str(&text).unwrap()
}

#[test]
fn the_word_opens_and_metrics_say_how_often() {
    let upstream = Upstream::h1();
    let filter = WasmFilter::new("hello-filter").configured(&json!({"word": "mellon"}));
    let filter = filter.allow_on_headers_stop_iteration(false);
    let envoy = Envoy::builder(Listener::new().filter(filter))
        .upstream(upstream.address())
        .bootstrap(&published_stats())
        .start()
        .unwrap();
    let mut client = h1::Connection::open(envoy.address());

    let refused = client.send(&Request::get("/v1/models"));
    assert!(refused.is(403), "{refused:?}");
    assert_eq!(upstream.hits(), 0);

    let greeted = client.send(&Request::get("/v1/models").header("x-word", "mellon"));
    assert!(greeted.is(200), "{greeted:?}");
    assert_eq!(values(&greeted.headers, "x-hello"), [b"friend"]);
    assert_eq!(upstream.hits(), 1);

    let raw = "wasmcustom.portcullis_hello_requests_total.outcome.deny.code.wrong_word.instance.hello";
    assert!(envoy.wait_for_stat(raw, 1, Duration::from_secs(10)));
    for labelled in [
        r#"portcullis_hello_requests_total{portcullis_instance="hello",outcome="deny",code="wrong_word"} 1"#,
        r#"portcullis_hello_requests_total{portcullis_instance="hello",outcome="allow",code="ok"} 1"#,
        r#"portcullis_hello_kit_total{portcullis_instance="hello",event="overloaded"} 0"#,
    ] {
        assert!(envoy.prometheus().contains(labelled), "no {labelled} in\n{}", envoy.prometheus());
    }
}
