//! The plays, in the order of a stream's life.

#![allow(clippy::too_many_lines)] // tables

use std::time::Duration;

use harness::Request;
use serde_json::{Value, json};

use crate::looking_on::{candidates, shadow};
use crate::play::{Expect, Play, play};

pub(crate) fn plays() -> Vec<Play> {
    let holds_no_body = |play: &Play| !play.config.to_string().contains("await_body");
    let without_flag = calls().into_iter().filter(holds_no_body).map(Play::without_flag).collect();
    [requests(), streams(), calls(), without_flag, responses(), replies(), shadow(), candidates()].concat()
}

fn requests() -> Vec<Play> {
    let body = || json!({"request": {"flow": "await_body"}});
    let replace =
        |text: &str| json!({"request": {"flow": "await_body"}, "request_body": {"do": [{"replace_body": text}]}});
    let long = "a body that is longer than the first";
    vec![
        play(
            "a request without a body is judged at once",
            body(),
            get(),
            logged(reached(""), "request body of 0 bytes"),
        ),
        play(
            "a body with a length is read whole",
            body(),
            post("hello"),
            logged(reached("hello"), "request body of 5 bytes"),
        ),
        play(
            "a body in pieces is read whole, once",
            body(),
            pieces(),
            logged(reached("hello world"), "request body of 11 bytes"),
        ),
        play(
            "trailers end a body",
            body(),
            pieces().trailer("x-end", "1"),
            logged(reached("hello world"), "request body of 11 bytes"),
        ),
        play(
            "a longer body gets its own length",
            replace(long),
            post("hello"),
            Expect { upstream_header: Some(("content-length", "36")), ..reached(long) },
        ),
        play(
            "a shorter body gets its own length",
            replace("x"),
            post("hello"),
            Expect { upstream_header: Some(("content-length", "1")), ..reached("x") },
        ),
        play("a body that trailers end can be replaced", replace(long), pieces().trailer("x-end", "1"), reached(long)),
        play(
            "a request without a body cannot be given one",
            replace(long),
            get(),
            counted(refused(503), "kit_total.event.host_failed"),
        ),
        play(
            "a body over the cap is refused",
            json!({"max_body_bytes": "4B", "request": {"flow": "await_body"}}),
            post("hello"),
            counted(refused(413), "kit_total.event.body_too_large"),
        ),
        play(
            "a body over the cap is refused in pieces too",
            json!({"max_body_bytes": "8B", "request": {"flow": "await_body"}}),
            pieces(),
            counted(refused(413), "kit_total.event.body_too_large"),
        ),
        play(
            "a request over the memory budget is refused",
            json!({"memory_budget": "1KiB"}),
            get(),
            counted(refused(503), "kit_total.event.overloaded"),
        ),
        play(
            "a repeated content-type is refused, although Envoy joins its lines",
            json!({}),
            post("{}").header("content-type", "application/json").header("content-type", "text/plain"),
            counted(refused(400), "kit_total.event.repeated_header"),
        ),
        play(
            "a repeated content-encoding is refused, although Envoy joins its lines",
            json!({}),
            post("{}").header("content-encoding", "identity").header("content-encoding", "gzip"),
            counted(refused(400), "kit_total.event.repeated_header"),
        ),
        play(
            "trailers alone end a request",
            body(),
            Request::new("POST", "/v1/chat/completions").trailer("x-end", "1"),
            logged(reached(""), "request body of 0 bytes"),
        ),
        play(
            "trailers alone end a stream",
            json!({"request": {"flow": {"stream": true}}, "chunk": "upper"}),
            Request::new("POST", "/v1/chat/completions").trailer("x-end", "1"),
            reached(""),
        ),
        play(
            "a filter that asks twice for a body is refused",
            json!({"request": {"flow": "await_body"}, "request_body": {"flow": "await_body"}}),
            post("hello"),
            refused(500),
        ),
        play(
            "a header that was not declared is not written",
            json!({"request": {"do": [{"set_header": ["x-other", "1"]}]}}),
            get(),
            counted(refused(503), "kit_total.event.host_failed"),
        ),
        play(
            "a declared header is written",
            json!({"headers": ["x-mine"], "request": {"do": [{"set_header": ["x-mine", "1"]}]}}),
            get(),
            Expect { upstream_header: Some(("x-mine", "1")), ..reached("") },
        ),
        play(
            "a header value with CR LF is not written",
            json!({"headers": ["x-mine"], "request": {"do": [{"set_header": ["x-mine", "1\r\nx-evil: 1"]}]}}),
            get(),
            counted(refused(503), "kit_total.event.host_failed"),
        ),
        play(
            "a declared query parameter is removed, and no other byte of the path",
            json!({"query": ["key"], "request": {"do": [{"remove_query": ["key"]}]}}),
            Request::get("/v1/%61?x=1&%6bey=secret&y=%20&key"),
            Expect { upstream_path: Some("/v1/%61?x=1&y=%20"), ..reached("") },
        ),
        play(
            "a query without the parameter stays",
            json!({"query": ["key"], "request": {"do": [{"remove_query": ["key"]}]}}),
            Request::get("/v1/models?Key=1&"),
            Expect { upstream_path: Some("/v1/models?Key=1&"), ..reached("") },
        ),
        play(
            "a query parameter can be removed once the body is there",
            json!({"query": ["key"], "request": {"flow": "await_body"},
                "request_body": {"do": [{"remove_query": ["key"]}]}}),
            Request::post("/v1/chat/completions?key=secret", "hello"),
            Expect { upstream_path: Some("/v1/chat/completions"), ..reached("hello") },
        ),
        play(
            "a query parameter that was not declared is not removed",
            json!({"query": ["key"], "request": {"do": [{"remove_query": ["key", "other"]}]}}),
            Request::get("/v1/models?key=1"),
            counted(refused(503), "kit_total.event.host_failed"),
        ),
        play(
            "a query that cannot be read is not changed and does not pass",
            json!({"query": ["key"], "request": {"do": [{"remove_query": ["key"]}]}}),
            Request::get("/v1/models?key=1&%zz=1"),
            counted(refused(503), "kit_total.event.host_failed"),
        ),
        play(
            "the path cannot be written as a header",
            json!({"headers": [":path"], "request": {"do": [{"set_header": [":path", "/admin"]}]}}),
            get(),
            counted(refused(503), "kit_total.event.host_failed"),
        ),
        play(
            "a failed call can be tolerated",
            json!({"request": {"do": [{"set_header": ["x-other", "1"]}, "tolerate"]}}),
            get(),
            reached(""),
        ),
        play(
            "state that is written twice refuses",
            json!({"request": {"do": [{"set_state": "a"}, {"set_state": "b"}]}}),
            get(),
            counted(refused(503), "kit_total.event.host_failed"),
        ),
        play(
            "a repeated header that must be single is refused",
            json!({}),
            get().header("mcp-session-id", "a").header("mcp-session-id", "b"),
            counted(refused(400), "kit_total.event.repeated_header"),
        ),
        play(
            "a header that says a model must be single, on every path",
            json!({"dialects": [{"prefix": "/llm", "dialect": "openai", "strip_prefix": true, "model_from": {"header": "x-model"}}]}),
            get().header("x-model", "a").header("x-model", "b"),
            counted(refused(400), "kit_total.event.repeated_header"),
        ),
    ]
}

fn streams() -> Vec<Play> {
    let upper =
        || json!({"request": {"flow": {"stream": true}}, "response": {"flow": {"stream": true}}, "chunk": "upper"});
    let watch = || json!({"request": {"flow": {"stream": false}}, "response": {"flow": {"stream": false}}});
    let hold_back =
        || json!({"request": {"flow": {"stream": true}}, "response": {"flow": {"stream": true}}, "chunk": "hold_back"});
    let hold_answer = || json!({"response": {"flow": {"stream": true}}, "chunk": "hold_back"});
    let stop = || json!({"response": {"flow": {"stream": true}}, "chunk": {"stop_at": "bad"}});
    let refuse = || json!({"request": {"flow": {"stream": true}}, "chunk": {"refuse_at": "bad"}});
    vec![
        play(
            "pieces are changed as they pass, on both sides",
            upper(),
            pieces(),
            Expect { body: Some("OK"), ..reached("HELLO WORLD") },
        ),
        play(
            "a stream with edits has no length",
            upper(),
            post("hello"),
            Expect { body: Some("OK"), lacks_header: Some("content-length"), ..reached("HELLO") },
        ),
        play(
            "a stream without edits keeps its length",
            watch(),
            post("hello"),
            Expect {
                upstream_header: Some(("content-length", "5")),
                header: Some(("content-length", "2")),
                ..reached("hello")
            },
        ),
        play("a streamed request without a body passes", upper(), get(), Expect { body: Some("OK"), ..reached("") }),
        play("bytes held back are sent at the end", hold_back(), pieces(), reached("hello world")),
        play(
            "a change that was not announced closes the stream",
            json!({"response": {"flow": {"stream": false}}, "chunk": "upper"}),
            get(),
            Expect {
                cut: true,
                body: None,
                log: vec![],
                ..counted(Expect { status: 200, upstream: Some(""), ..Expect::default() }, "kit_total.event.closed")
            },
        ),
        play(
            "a tail held back until trailers is not lost silently",
            hold_answer(),
            get(),
            Expect {
                cut: true,
                status: 200,
                upstream: Some(""),
                counters: vec![
                    ("kit_total.event.late_reply", 1),
                    ("kit_total.event.closed", 1),
                    ("kit_total.event.tail_lost", 1),
                ],
                ..Expect::default()
            },
        )
        .answered(&["hello", "world"], false, true),
        play(
            "a stopped answer ends with the closing bytes",
            stop(),
            get(),
            Expect { body: Some("good data: [DONE]\n\n"), ..counted(reached(""), "kit_total.event.stopped") },
        )
        .answered(&["good ", "bad", "worse"], false, false),
        play(
            "an answer cannot be stopped where that was not announced",
            json!({"response": {"flow": {"stream": false}}, "chunk": {"stop_at": "bad"}}),
            get(),
            Expect {
                cut: true,
                status: 200,
                upstream: Some(""),
                counters: vec![("kit_total.event.closed", 1)],
                ..Expect::default()
            },
        )
        .answered(&["good ", "bad", "worse"], false, false),
        play(
            "a streamed request can be refused in the middle",
            refuse(),
            Request::new("POST", "/v1/files").chunk("good ").chunk_after(Duration::from_millis(100), "bad"),
            Expect { status: 400, upstream: Some(""), ..Expect::default() },
        ),
    ]
}

fn calls() -> Vec<Play> {
    let ask = |cluster: &str, then: Value| {
        let mut config = json!({"request": {"do": [{"call": cluster}], "flow": {"await_answer": 300}},
            "timed_out": {"flow": "reply"}, "unreachable": {"flow": "reply"}});
        for (name, step) in then.as_object().unwrap() {
            config[name] = step.clone();
        }
        config
    };
    vec![
        play("an answer lets a request without a body go", ask("side", json!({})), get(), reached("")),
        play("a body cannot pass while an answer is awaited", ask("side", json!({})), post("hello"), reached("hello")),
        play("an answer can refuse", ask("side", json!({"answer": {"flow": "reply"}})), post("hello"), refused(403)),
        play(
            "an answer can ask for the body",
            ask("side", json!({"answer": {"flow": "await_body"}})),
            pieces(),
            logged(reached("hello world"), "request body of 11 bytes"),
        ),
        play(
            "an answer can begin a stream",
            ask("side", json!({"answer": {"flow": {"stream": true}}, "chunk": "upper"})),
            post("hello"),
            reached("HELLO"),
        ),
        play(
            "an answer can begin a stream whose trailers are there already",
            ask("side", json!({"answer": {"flow": {"stream": true}}, "chunk": "upper"})),
            pieces().trailer("x-end", "1"),
            reached("HELLO WORLD"),
        ),
        play(
            "a response can begin a stream after an answer",
            json!({"response": {"do": [{"call": "side"}], "flow": {"await_answer": 300}},
                "answer": {"flow": {"stream": true}}, "chunk": "upper"}),
            get(),
            Expect { body: Some("HELLO WORLD"), trailers: true, ..reached("") },
        )
        .answered(&["hello ", "world"], false, true),
        play(
            "a response's deadline ends its wait",
            json!({"response": {"do": [{"call": "silent"}], "flow": {"await_answer": 300}}, "timed_out": {"flow": "reply"}}),
            get(),
            counted(Expect { status: 403, upstream: Some(""), ..Expect::default() }, "kit_total.event.timed_out"),
        ),
        play(
            "a second answer after the reply changes nothing",
            json!({"request": {"do": [{"call": "side"}, {"call": "later"}], "flow": {"await_answer": 5000}},
                "answer": {"flow": "reply"}}),
            post("hello"),
            refused(403),
        ),
        play(
            "a body can wait for an answer and be replaced then",
            json!({
            "request": {"flow": "await_body"}, "request_body": {"do": [{"call": "side"}], "flow": {"await_answer": 300}},
            "answer": {"do": [{"replace_body": "a longer body than before"}]}}),
            post("hello"),
            reached("a longer body than before"),
        ),
        play(
            "trailers wait with the body",
            ask("side", json!({})),
            pieces().trailer("x-end", "1"),
            reached("hello world"),
        ),
        play(
            "a deadline ends a wait",
            ask("silent", json!({})),
            post("hello"),
            counted(refused(403), "kit_total.event.timed_out"),
        ),
        play("a cluster without endpoints fails at once", ask("empty", json!({})), get(), refused(503)),
        play("an unknown cluster fails at once", ask("nowhere", json!({})), get(), refused(503)),
        play("an answer cut in the middle is unreachable", ask("cut", json!({})), get(), refused(403)),
        play(
            "a wait without a call is woken by the filter's own answer",
            json!({
            "tick": {"call": "later", "every": 50}, "request": {"flow": {"await_answer": 5000}},
            "woken": {"flow": "continue"}, "timed_out": {"flow": "reply"}}),
            post("hello"),
            reached("hello"),
        ),
        play(
            "a request can ask for a tick of a filter that wanted none",
            json!({
            "tick": {"call": "side", "when_asked": true},
            "request": {"do": ["tick_soon"], "flow": {"await_answer": 2000}}, "timed_out": {"flow": "reply"}}),
            post("hello"),
            reached("hello"),
        ),
        play(
            "a tick can ask for another",
            json!({
            "tick": {"call": "side", "when_asked": true, "again": true},
            "request": {"do": ["tick_soon"], "flow": {"await_answer": 300}},
            "woken": {"flow": {"await_answer": 300}}, "timed_out": {"flow": "reply"}}),
            post("hello"),
            logged(counted(refused(403), "kit_total.event.timed_out"), "the tick's call was answered"),
        ),
        play(
            "a wait without a call ends by its deadline",
            json!({
            "request": {"flow": {"await_answer": 100}}, "timed_out": {"flow": "reply"}}),
            post("hello"),
            counted(refused(403), "kit_total.event.timed_out"),
        ),
        play(
            "the response can wait for an answer",
            json!({
            "response": {"do": [{"call": "side"}], "flow": {"await_answer": 300}}}),
            get(),
            reached(""),
        ),
        play(
            "the response can be refused by an answer",
            json!({
            "response": {"do": [{"call": "side"}], "flow": {"await_answer": 300}}, "answer": {"flow": "reply"}}),
            get(),
            Expect { status: 403, upstream: Some(""), ..Expect::default() },
        ),
    ]
}

fn responses() -> Vec<Play> {
    let whole = || json!({"response": {"flow": "await_body"}});
    let replace =
        |text: &str| json!({"response": {"flow": "await_body"}, "response_body": {"do": [{"replace_body": text}]}});
    let upstream_was = || Expect { upstream: Some(""), ..Expect::default() };
    vec![
        play("a response is read whole", whole(), get(), logged(reached(""), "response body of 2 bytes")),
        play(
            "a response in pieces is read whole",
            whole(),
            get(),
            logged(Expect { body: Some("hello world"), ..reached("") }, "response body of 11 bytes"),
        )
        .answered(&["hello ", "world"], false, false),
        play(
            "trailers end a response and stay",
            whole(),
            get(),
            Expect { body: Some("hello world"), trailers: true, ..reached("") },
        )
        .answered(&["hello ", "world"], false, true),
        play(
            "a response without a body is judged at once",
            whole(),
            get(),
            logged(Expect { body: Some(""), ..reached("") }, "response body of 0 bytes"),
        )
        .answered(&[], true, false),
        play(
            "a longer response gets its own length",
            replace("a longer answer"),
            get(),
            Expect { body: Some("a longer answer"), header: Some(("content-length", "15")), ..reached("") },
        ),
        play(
            "a response can be refused by its headers",
            json!({"response": {"flow": "reply"}}),
            get(),
            Expect { status: 403, ..upstream_was() },
        ),
        play(
            "a response can be refused by its body",
            json!({"response": {"flow": "await_body"}, "response_body": {"flow": "reply"}}),
            get(),
            Expect { status: 403, ..upstream_was() },
        ),
        play(
            "a response over the cap is refused",
            json!({"max_body_bytes": "1B", "response": {"flow": "await_body"}}),
            get(),
            counted(Expect { status: 502, ..upstream_was() }, "kit_total.event.body_too_large"),
        ),
        play(
            "a response header is written",
            json!({"response": {"do": [{"set_response_header": ["x-mine", "1"]}]}}),
            get(),
            Expect { header: Some(("x-mine", "1")), ..reached("") },
        ),
    ]
}

fn replies() -> Vec<Play> {
    vec![
        play(
            "a reply is in the caller's dialect and is not judged as an answer",
            json!({"request": {"flow": "reply"}, "response": {"do": [{"set_response_header": ["x-judged", "1"]}]}}),
            get(),
            Expect {
                status: 403,
                body: Some(
                    r#"{"error":{"code":"acted","message":"The actor refused.","param":null,"type":"permission_error"}}"#,
                ),
                header: Some(("content-type", "application/json")),
                lacks_header: Some("x-judged"),
                log: vec!["end replied=acted complete=true"],
                ..Expect::default()
            },
        ),
        play(
            "a reply below a prefix of the operator's is in the dialect of that prefix",
            json!({
                "request": {"flow": "reply"},
                "dialects": [{"prefix": "/v1/chat", "dialect": "google", "strip_prefix": true}],
            }),
            Request::get("/v1/chat/x"),
            Expect {
                status: 403,
                body: Some(concat!(
                    r#"{"error":{"code":403,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","#,
                    r#""domain":"portcullis","reason":"acted"}],"message":"The actor refused. (acted)","#,
                    r#""status":"PERMISSION_DENIED"}}"#
                )),
                ..Expect::default()
            },
        ),
        play(
            "a reply to a JSON-RPC request has its id",
            json!({"request": {"flow": "reply"}}),
            Request::post("/mcp", r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#),
            Expect {
                status: 403,
                body: Some(
                    r#"{"error":{"code":403,"data":{"code":"acted"},"message":"The actor refused. (acted)"},"id":1,"jsonrpc":"2.0"}"#,
                ),
                ..Expect::default()
            },
        ),
        play(
            "a document is served as it is, whatever the dialect of the path",
            json!({"request": {"flow": "document"}, "response": {"do": [{"set_response_header": ["x-judged", "1"]}]}}),
            get(),
            Expect {
                status: 200,
                body: Some("{}"),
                header: Some(("content-type", "application/json")),
                lacks_header: Some("x-judged"),
                log: vec!["end replied=served complete=true"],
                ..Expect::default()
            },
        ),
        play(
            "a document can stand in for the upstream's answer",
            json!({"response": {"flow": "document"}}),
            get(),
            Expect { body: Some("{}"), ..reached_and_replaced() },
        ),
        play(
            "a header value cannot split a reply",
            json!({"request": {"flow": "split_reply"}}),
            get(),
            Expect { status: 403, lacks_header: Some("x-smuggled"), ..Expect::default() },
        ),
        play(
            "a closed exchange reaches nobody",
            json!({"request": {"flow": "close"}}),
            get(),
            counted(Expect { status: 0, cut: true, ..Expect::default() }, "kit_total.event.closed"),
        ),
    ]
}

pub(crate) fn get() -> Request {
    Request::get("/v1/models")
}

pub(crate) fn post(body: &str) -> Request {
    Request::post("/v1/chat/completions", body)
}

pub(crate) fn pieces() -> Request {
    Request::new("POST", "/v1/chat/completions").chunk("hello ").chunk("world")
}

pub(crate) fn reached(body: &'static str) -> Expect {
    Expect {
        status: 200,
        body: Some("ok"),
        upstream: Some(body),
        log: vec!["end replied=- complete=true"],
        ..Expect::default()
    }
}

fn reached_and_replaced() -> Expect {
    Expect { status: 200, upstream: Some(""), ..Expect::default() }
}

pub(crate) fn refused(status: u16) -> Expect {
    Expect { status, ..Expect::default() }
}

pub(crate) fn counted(mut expect: Expect, name: &'static str) -> Expect {
    expect.counters.push((name, 1));
    expect
}

pub(crate) fn logged(mut expect: Expect, line: &'static str) -> Expect {
    expect.log.push(line);
    expect
}
