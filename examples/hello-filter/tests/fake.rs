//! The filter on the fake host: every decision, and what becomes of a host call that fails. No proxy, milliseconds.

// The lints against panics are for code that runs behind a proxy.
#![allow(clippy::unwrap_used)]

use hello_filter::Hello;
use portcullis::host::HostError;
use portcullis::host::fake::{Answer, Envoy, Request};

const CONFIG: &str = r#"{"word":"mellon"}"#;

fn send(request: &Request) -> Answer {
    Envoy::of_filter::<Hello>(CONFIG).unwrap().send(request)
}

#[test]
fn who_says_the_word_is_greeted() {
    let answer = send(&Request::get("/").header("x-word", "mellon"));

    assert_eq!((answer.status, answer.upstream.is_some()), (200, true));
    assert_eq!(answer.headers.first("x-hello"), Some(&b"friend"[..]));
}

#[test]
fn nobody_else_reaches_the_upstream() {
    for request in [
        Request::get("/"),
        Request::get("/").header("x-word", "Mellon"),
        Request::get("/").header("x-word", b"\xff\xfe"),
        Request::get("/").header("x-word", "mellon").header("x-word", "mellon"),
        Request::get("/?x-word=mellon"),
    ] {
        let answer = send(&request);

        assert_eq!((answer.status, answer.upstream), (403, None));
        assert_eq!(answer.details, "portcullis_hello_wrong_word");
        assert_eq!(answer.headers.first("x-hello"), None);
    }
}

#[test]
fn a_greeting_that_cannot_be_written_refuses_the_answer() {
    let envoy = Envoy::of_filter::<Hello>(CONFIG).unwrap();
    envoy.world().refuse("replace_header", HostError::Status(2));

    let answer = envoy.send(&Request::get("/").header("x-word", "mellon"));

    assert_eq!((answer.status, answer.details.as_str()), (503, "portcullis_hello_host_failed"));
}

#[test]
fn a_configuration_without_a_word_is_refused() {
    for (config, fault) in [
        (r"{}", "missing field `word`"),
        (r#"{"word":""}"#, "word: found \"\", expected a word"),
        (r#"{"word":"a","wrod":"b"}"#, "wrod: unknown field `wrod`"),
    ] {
        let refusal = Envoy::of_filter::<Hello>(config).err().unwrap();
        assert!(refusal.contains(fault), "{config}: {refusal}");
    }
}
