//! What Envoy really does, wherever the kit relies on it, and for each fact the test that our adapter is safe from it.
//!
//! A fact is asked with `probe`, a plugin without the adapter, in a real Envoy and on the fake host: an Envoy upgrade is
//! then a difference in this file. The safe side is shown with `actor`, a filter on the adapter, as in `contract.rs`.
//! What the fake cannot show (several workers, traps, routing) is asked of Envoy alone, and says so.

// The lints against panics are for code that runs behind a proxy.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::arithmetic_side_effects, clippy::disallowed_methods, missing_docs)]

use std::rc::Rc;
use std::time::{Duration, Instant};

use harness::client::{h1, h2};
use harness::config::{Protocol, cluster};
use harness::{Ended, Envoy, Listener, Reply, Request, Upstream, WasmFilter};
use portcullis::filter::Answer as CallAnswer;
use portcullis::host::fake;
use portcullis::http::header::Headers;
use serde_json::{Value, json};

const CHAT: &str = "/v1/chat/completions";
const BUFFER_LIMIT: u32 = 65_536;

/// What came of a request, in a form both worlds can tell.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    status: u16,
    body: String,
    headers: Vec<String>,
    cut: bool,
    /// What the upstream read, request after request.
    upstream: Vec<String>,
    log: String,
}

impl Seen {
    fn logged(&self, line: &str) -> bool {
        self.log.contains(line)
    }
}

/// Asks the fake host.
fn ask_fake(program: &Value, request: &fake::Request) -> Seen {
    let world = Rc::new(fake::World::default());
    world.cluster("side", |_| {
        let headers: Headers = [(&b":status"[..], &b"200"[..])].into_iter().collect();
        Some(CallAnswer::Http { status: 200, headers, body: Vec::new(), trailers: Headers::new() })
    });
    let envoy =
        fake::Envoy::of(Rc::new(probe::Probe::default()), &program.to_string(), &[], Rc::clone(&world)).unwrap();
    let answer = envoy.send(request);
    let upstream = answer.upstream.iter().flat_map(|sent| {
        let (own, surplus) = sent.body.split_at(sent.body.len() - sent.surplus().len());
        [own.to_vec(), surplus.to_vec()].into_iter().enumerate().filter(|(index, body)| *index == 0 || !body.is_empty())
    });
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Seen {
        status: answer.status,
        body: answer.text(),
        headers: answer.headers.iter().map(|(name, value)| text([name, b": ", value].concat())).collect(),
        cut: !answer.complete,
        upstream: upstream.map(|(_, body)| text(body)).collect(),
        log: world.log().join("\n"),
    }
}

/// A real Envoy with the probe in it.
struct Real {
    envoy: Envoy,
    upstream: Upstream,
    _side: Upstream,
}

impl Real {
    fn with(program: &Value, shape: impl FnOnce(Listener) -> Listener) -> Self {
        Self::of(shape(Listener::new().filter(WasmFilter::new("probe").configured(program))), Upstream::h1(), 1)
    }

    fn of(listener: Listener, upstream: Upstream, workers: u32) -> Self {
        let side = Upstream::h1();
        side.answer("/call", Reply::ok());
        let envoy = Envoy::builder(listener)
            .upstream(upstream.address())
            .workers(workers)
            .cluster(cluster("side", Some(side.address()), Protocol::H1))
            .cluster(cluster("empty", None, Protocol::H1))
            .start()
            .unwrap();
        Self { envoy, upstream, _side: side }
    }

    fn ask(&self, request: &Request) -> Seen {
        self.seen(&h1::send(self.envoy.address(), request))
    }

    fn ask_h2(&self, request: &Request) -> Seen {
        self.seen(&h2::send(self.envoy.address(), request))
    }

    fn seen(&self, response: &harness::Response) -> Seen {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let line = |(name, value): &(Vec<u8>, Vec<u8>)| format!("{}: {}", text(name), text(value));
        Seen {
            status: response.status.unwrap_or_default(),
            body: response.text(),
            headers: response.headers.iter().map(line).collect(),
            cut: response.ended != Ended::Complete,
            upstream: self.upstream.requests().iter().map(|seen| text(&seen.body)).collect(),
            log: self.envoy.log(),
        }
    }
}

fn ask_envoy(program: &Value, request: &Request) -> Seen {
    Real::with(program, |listener| listener).ask(request)
}

/// A filter on the adapter, in Envoy.
fn actor(config: &Value, shape: impl FnOnce(Listener) -> Listener) -> Real {
    Real::of(shape(Listener::new().filter(WasmFilter::new("actor").configured(config))), Upstream::h1(), 1)
}

// 1. The flag turns "pause in headers, wait for a call" into a bypass.

fn pause_in_headers() -> Value {
    json!({"request_headers": ["pause"], "request_body": ["continue"]})
}

fn was_bypassed(seen: &Seen) {
    assert_eq!((seen.status, seen.upstream.as_slice()), (200, &["hello".to_owned()][..]), "{seen:?}");
}

#[test]
fn fact_1_a_body_callback_that_continues_releases_held_headers() {
    was_bypassed(&ask_envoy(&pause_in_headers(), &Request::post(CHAT, "hello")));
    was_bypassed(&ask_fake(&pause_in_headers(), &fake::Request::post(CHAT, b"hello")));
}

#[test]
fn a_post_cannot_pass_while_a_get_would_wait() {
    let config = json!({"request": {"flow": {"await_answer": 300}}, "timed_out": {"flow": "reply"}});
    let real = actor(&config, |listener| listener);
    for request in [
        Request::get(CHAT),
        Request::post(CHAT, "hello"),
        Request::new("POST", CHAT).chunk("he").chunk("llo"),
        Request::new("POST", CHAT).chunk("hello").trailer("x-end", "1"),
    ] {
        for seen in [real.ask(&request), real.ask_h2(&request)] {
            assert_eq!((seen.status, seen.upstream.len()), (403, 0), "{request:?} {seen:?}");
        }
    }
}

// 2. A body replaced by a longer one under the old length is request smuggling.

const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n";

fn longer_body() -> Value {
    let body = format!("hello{SMUGGLED}");
    json!({"request_headers": ["pause"], "request_body": ["pause"], "request_body_end": [{"replace_body": body}, "continue"]})
}

#[test]
fn fact_2_surplus_bytes_of_a_longer_body_are_read_as_the_next_request() {
    let real = Real::with(&longer_body(), |listener| listener);
    real.ask(&Request::post(CHAT, "hello"));
    assert!(real.upstream.wait_for_hits(2, Duration::from_secs(2)), "{:?}", real.upstream.requests());
    assert_eq!(real.upstream.last().map(|seen| seen.path()), Some("/smuggled".to_owned()));
    let fake = ask_fake(&longer_body(), &fake::Request::post(CHAT, b"hello"));
    assert_eq!(fake.upstream, ["hello", SMUGGLED]);
}

#[test]
fn a_rewritten_body_cannot_smuggle() {
    let body = format!("hello{SMUGGLED}");
    let config = json!({"request": {"flow": "await_body"}, "request_body": {"do": [{"replace_body": body}]}});
    let real = actor(&config, |listener| listener);
    let seen = real.ask(&Request::post(CHAT, "hello"));
    assert_eq!((seen.status, seen.upstream.as_slice()), (200, &[body][..]));
    assert!(!real.upstream.wait_for_hits(2, Duration::from_millis(300)));
}

// 3. No call ends a response in the middle cleanly.

fn endless(real: &Real) {
    real.upstream.answer_all(|_| {
        Reply::ok()
            .chunk("one ")
            .wait(Duration::from_millis(50))
            .chunk("two ")
            .wait(Duration::from_millis(50))
            .chunk("three ")
            .wait(Duration::from_millis(50))
            .chunk("four ")
            .then_silence()
    });
}

#[test]
fn fact_3_a_reset_loses_what_was_written_in_the_same_callback() {
    let program = json!({"response_body_2": [{"replace_body": "end"}, "close", "continue"]});
    let real = Real::with(&program, |listener| listener);
    endless(&real);
    let seen = real.ask(&Request::get(CHAT));
    assert_eq!((seen.cut, seen.body.as_str()), (true, "one "), "{seen:?}");
}

#[test]
fn a_stopped_answer_delivers_its_closing_bytes_before_the_reset() {
    let config = json!({"response": {"flow": {"stream": true}}, "chunk": {"stop_at": "two"}});
    let real = actor(&config, |listener| listener);
    real.upstream.answer_all(|_| {
        let first = Reply::ok().chunk("one ").wait(Duration::from_millis(50)).chunk("two ");
        (0..100).fold(first, |reply, _| reply.wait(Duration::from_millis(50)).chunk("more ")).then_silence()
    });
    let begin = Instant::now();
    let seen = real.ask(&Request::get(CHAT));
    assert_eq!((seen.cut, seen.body.as_str()), (true, "one data: [DONE]\n\n"), "{seen:?}");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
}

#[test]
fn a_stopped_answer_is_reset_although_its_upstream_falls_silent() {
    let config = json!({"response": {"flow": {"stream": true}}, "chunk": {"stop_at": "two"}});
    let real = actor(&config, |listener| listener);
    real.upstream
        .answer_all(|_| Reply::ok().chunk("one ").wait(Duration::from_millis(50)).chunk("two ").then_silence());
    let begin = Instant::now();
    let seen = real.ask(&Request::get(CHAT));
    assert_eq!((seen.cut, seen.body.as_str()), (true, "one data: [DONE]\n\n"), "{seen:?}");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
}

// 4. Trailers defeat a tail that was held back.

fn late_write() -> Value {
    json!({"response_trailers_end": [{"replace_body": "tail"}, "continue"]})
}

fn lost_its_tail(seen: &Seen) {
    assert_eq!((seen.cut, seen.body.as_str()), (false, "body"), "{seen:?}");
    assert!(seen.logged(r#"ReplaceBody("tail") Err(Status(2))"#), "{seen:?}");
}

#[test]
fn fact_4_nothing_can_be_written_once_trailers_are_there() {
    let real = Real::with(&late_write(), |listener| listener);
    real.upstream.answer_all(|_| Reply::ok().chunk("body").trailer("x-end", "1"));
    lost_its_tail(&real.ask(&Request::get(CHAT)));
    let request = fake::Request::get(CHAT).answered(&[(":status", "200")], &[b"body"], Some(&[("x-end", "1")]));
    lost_its_tail(&ask_fake(&late_write(), &request));
}

#[test]
fn a_tail_that_trailers_defeat_is_cut_where_somebody_sees_it() {
    let config = json!({"response": {"flow": {"stream": true}}, "chunk": "hold_back"});
    let real = actor(&config, |listener| listener);
    real.upstream.answer_all(|_| Reply::ok().chunk("the answer").trailer("x-end", "1"));
    let seen = real.ask(&Request::get(CHAT));
    assert!(seen.cut, "{seen:?}");
    assert_eq!(real.envoy.stat("wasmcustom.portcullis_actor_kit_total.event.tail_lost.instance.actor"), 1);
}

// 5. The buffer limit does not cap a held HTTP/2 body.

#[test]
fn fact_5_the_buffer_limit_caps_http1_and_not_http2() {
    let program = json!({"request_headers": ["pause"], "request_body": ["pause"], "request_body_end": ["continue"]});
    let real = Real::with(&program, |listener| listener.buffer_limit(BUFFER_LIMIT));
    let large = Request::post(CHAT, vec![b'x'; 1_000_000]);
    assert_eq!(real.ask(&large).status, 413);
    assert_eq!(real.upstream.hits(), 0);
    assert_eq!(real.ask_h2(&large).status, 200);
    assert_eq!(real.upstream.last().map(|seen| seen.body.len()), Some(1_000_000));
}

#[test]
fn an_http2_body_cannot_pass_the_cap() {
    let config = json!({"max_body_bytes": "64KiB", "request": {"flow": "await_body"}});
    let real = actor(&config, |listener| listener.buffer_limit(BUFFER_LIMIT));
    let large = Request::post(CHAT, vec![b'x'; 1_000_000]);
    assert_eq!((real.ask_h2(&large).status, real.ask(&large).status), (413, 413));
    assert_eq!(real.upstream.hits(), 0);
    let fits = Request::post(CHAT, vec![b'x'; 64 * 1024]);
    assert_eq!(real.ask_h2(&fits).status, 200);
}

// 6. A stream that waits in a VM that trapped is never failed by it. (Envoy alone: the fake cannot trap.)

fn idle(listener: Listener) -> Listener {
    listener.stream_idle_timeout(Duration::from_secs(2))
}

#[test]
fn fact_6_a_stream_held_in_a_trapped_vm_waits_for_the_idle_timeout() {
    let program = json!({"request_headers": ["pause"], "request_body": ["pause"], "request_headers_end": ["trap"]});
    let real = Real::with(&program, idle);
    let mut held = h1::Connection::open(real.envoy.address());
    held.start(&Request::post(CHAT, "hello"));
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(real.ask(&Request::get(CHAT)).status, 503);
    let begin = Instant::now();
    assert_eq!(held.finish(b"POST").status, Some(503));
    assert!(begin.elapsed() > Duration::from_millis(1200), "{:?}", begin.elapsed());
}

#[test]
fn a_held_stream_cannot_hang() {
    let config = json!({"request": {"do": [{"trap_if": "headers"}], "flow": {"await_answer": 60_000}}});
    let real = actor(&config, idle);
    let mut held = h1::Connection::open(real.envoy.address());
    held.start(&Request::post(CHAT, "hello"));
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(real.ask(&Request::get(CHAT).header("x-trap", "headers")).status, 503);
    let begin = Instant::now();
    assert_eq!(held.finish(b"POST").status, Some(503));
    assert!(begin.elapsed() < Duration::from_secs(4), "{:?}", begin.elapsed());
    assert_eq!(real.upstream.hits(), 0);
}

// 7. A CR LF in a reply's header value becomes a header of its own.

fn split_reply() -> Value {
    json!({"request_headers_end": [{"reply": [403, "x-split", "a\r\nx-smuggled: yes"]}, "pause"]})
}

#[test]
fn fact_7_a_header_value_with_cr_lf_splits_the_reply() {
    let seen = ask_envoy(&split_reply(), &Request::get(CHAT));
    assert!(seen.headers.iter().any(|line| line == "x-smuggled: yes"), "{seen:?}");
    let fake = ask_fake(&split_reply(), &fake::Request::get(CHAT));
    assert!(fake.headers.iter().any(|line| line == "x-split: a\r\nx-smuggled: yes"), "{fake:?}");
}

#[test]
fn a_header_value_cannot_split_a_reply() {
    let real = actor(&json!({"request": {"flow": "split_reply"}}), |listener| listener);
    for seen in [real.ask(&Request::get(CHAT)), real.ask_h2(&Request::get(CHAT))] {
        assert_eq!(seen.status, 403);
        assert!(!seen.headers.iter().any(|line| line.contains("split") || line.contains("smuggled")), "{seen:?}");
    }
}

// 8. Configuration and ticks also run on the main thread. (Envoy alone: the fake has one worker.)

#[test]
fn fact_8_n_workers_tick_in_n_plus_1_vms_and_configure_in_n_plus_2() {
    let program = json!({"configure": ["count", {"tick": 50}], "tick": ["count", {"tick": 100_000}]});
    let listener = Listener::new().filter(WasmFilter::new("probe").configured(&program));
    let real = Real::of(listener, Upstream::h1(), 2);
    std::thread::sleep(Duration::from_millis(600));
    let log = real.envoy.log();
    let count = |event: &str| log.matches(&format!("probe: {event}(0, false) Count")).count();
    assert_eq!((count("configure"), count("tick")), (4, 3), "{log}");
}

#[test]
fn a_filter_that_wants_no_tick_gets_no_more_than_one() {
    let config = json!({"tick": {"call": null, "every": 3_600_000}});
    let listener = Listener::new().filter(WasmFilter::new("actor").configured(&config));
    let real = Real::of(listener, Upstream::h1(), 2);
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(real.envoy.stat("wasmcustom.portcullis_actor_ticks_total.instance.actor"), 3);
}

// 9. After a trap the worker answers 503 for about a second. (Envoy alone.)

#[test]
fn fact_9_a_trap_costs_a_second_of_503_and_nothing_passes_meanwhile() {
    let config = json!({"request": {"do": [{"trap_if": "headers"}]}});
    let real = actor(&config, |listener| listener);
    assert_eq!(real.ask(&Request::get(CHAT)).status, 200);
    assert_eq!(real.ask(&Request::get(CHAT).header("x-trap", "headers")).status, 503);
    let begin = Instant::now();
    let mut refused = 0;
    while real.ask(&Request::get(CHAT)).status != 200 {
        refused += 1;
        assert!(begin.elapsed() < Duration::from_secs(2), "no recovery within 2 s");
        std::thread::sleep(Duration::from_millis(20));
    }
    eprintln!("recovered after {:?}, {refused} answers 503 meanwhile", begin.elapsed());
    assert!(refused > 0);
    assert_eq!(real.upstream.hits(), 2);
}

// 10. The route's name is not refreshed by a header edit. (Envoy alone: the fake does not route.)

fn two_routes(listener: Listener) -> Listener {
    listener.route(json!({"name": "moved", "match": {"prefix": "/", "headers": [{"name": "x-move", "string_match": {"exact": "1"}}]},
        "direct_response": {"status": 200, "body": {"inline_string": "moved"}}}))
}

#[test]
fn fact_10_a_header_edit_moves_the_request_and_the_route_name_stays() {
    let name = json!({"log_property": ["xds", "route_name"]});
    let program = json!({"request_headers_end": [{"set_header": ["x-move", "1"]}, name], "response_headers": [name]});
    let real = Real::with(&program, two_routes);
    let seen = real.ask(&Request::get(CHAT));
    assert_eq!((seen.body.as_str(), seen.upstream.len()), ("moved", 0), "{seen:?}");
    let moved = r#"LogProperty(["xds", "route_name"]) Ok("moved")"#;
    assert!(!seen.log.lines().any(|line| line.contains("request_headers") && line.contains(moved)), "{seen:?}");
    assert!(seen.log.lines().any(|line| line.contains("response_headers") && line.contains(moved)), "{seen:?}");
}

#[test]
fn an_undeclared_header_cannot_move_a_request() {
    let config = json!({"request": {"do": [{"set_header": ["x-move", "1"]}]}});
    let real = actor(&config, two_routes);
    let seen = real.ask(&Request::get(CHAT));
    assert_eq!((seen.status, seen.upstream.len()), (503, 0), "{seen:?}");
}

// Further facts that the kit relies on.

fn read_only() -> Value {
    json!({"configure": [{"declare_property": "x"}],
        "request_headers_end": [{"set_property": ["x", "first"]}, {"set_property": ["x", "second"]},
            {"log_property": ["filter_state", "wasm.x"]}, {"log_property": ["x"]}]})
}

#[test]
fn read_only_state_is_written_once() {
    let real = ask_envoy(&read_only(), &Request::get(CHAT));
    let fake = ask_fake(&read_only(), &fake::Request::get(CHAT));
    for seen in [real, fake] {
        assert!(seen.logged(r#"SetProperty("x", "second") Err(Status(2))"#), "{seen:?}");
        assert!(seen.logged(r#"LogProperty(["filter_state", "wasm.x"]) Ok("first")"#), "{seen:?}");
        assert!(seen.logged(r#"LogProperty(["x"]) Ok("first")"#), "{seen:?}");
    }
}

/// A filter is told under which `vm_id` its shared data stands, and of the blank one that it is none. (Envoy alone.)
#[test]
fn a_filter_can_read_its_own_vm_id_before_any_request() {
    let program = json!({"configure": [{"tick": 50}], "tick": [{"log_property": ["plugin_vm_id"]}, {"tick": 100_000}]});
    for id in ["own", ""] {
        let filter = WasmFilter::new("probe").configured(&program).vm_id(id);
        let real = Real::of(Listener::new().filter(filter), Upstream::h1(), 1);
        let line = format!("LogProperty([\"plugin_vm_id\"]) Ok({id:?})");
        assert!(real.envoy.wait_for_log(&line, Duration::from_secs(2)), "{line}: {}", real.envoy.log());
    }
}

fn call_nowhere(cluster: &str) -> Value {
    json!({"request_headers_end": [{"call": cluster}]})
}

#[test]
fn a_cluster_without_endpoints_fails_at_dispatch() {
    for name in ["empty", "unknown"] {
        let seen = ask_envoy(&call_nowhere(name), &Request::get(CHAT));
        assert!(seen.logged("Err(Unreachable)"), "{name}: {seen:?}");
        assert!(!seen.logged("probe: answer") && !seen.logged("probe: failure"));
        let seen = ask_fake(&call_nowhere(name), &fake::Request::get(CHAT));
        assert!(seen.logged("Err(Unreachable)"), "{name}: {seen:?}");
    }
}

fn own_reply() -> Value {
    json!({"request_headers_end": [{"reply": [403, "x-own", "1"]}, "pause"], "response_headers": [{"log_header": "x-own"}],
        "log": [{"log_property": ["x"]}]})
}

#[test]
fn a_filters_own_reply_runs_through_its_own_response_callbacks() {
    let real = ask_envoy(&own_reply(), &Request::get(CHAT));
    let fake = ask_fake(&own_reply(), &fake::Request::get(CHAT));
    for seen in [real, fake] {
        assert!(seen.logged(r#"response_headers(0, false) LogHeader("x-own") Ok("1")"#), "{seen:?}");
        assert_eq!((seen.status, seen.body.as_str(), seen.upstream.len()), (403, "probe", 0));
    }
}

/// Header names that this Envoy keeps in one place each: repeated lines arrive as one value, joined by a comma. A
/// reader of one credential must therefore refuse a list, and does (a bearer token holds no comma).
#[test]
fn repeated_credentials_arrive_joined_or_twice_and_never_as_the_first_alone() {
    for (name, arrives) in [
        ("authorization", "a,b"),
        ("content-type", "a,b"),
        ("content-encoding", "a,b"),
        ("user-agent", "a,b"),
        ("x-api-key", "a|b"),
        ("api-key", "a|b"),
        ("mcp-session-id", "a|b"),
    ] {
        let program = json!({"request_headers_end": [{"log_header": name}]});
        let seen = ask_envoy(&program, &Request::get(CHAT).header(name, "a").header(name, "b"));
        let line = format!("LogHeader({name:?}) Ok({arrives:?})");
        assert!(
            seen.logged(&line),
            "{line}: {}",
            seen.log.lines().filter(|line| line.contains("probe")).collect::<String>()
        );
    }
}

/// What HTTP/1.1's codec takes from a value before any filter sees it, so that no filter can refuse it.
#[test]
fn the_http1_codec_trims_blanks_and_drops_a_lone_cr() {
    let program = json!({"request_headers_end": [{"log_header": "x-odd"}]});
    let real = Real::with(&program, |listener| listener);
    for (sent, arrives) in [("  a\t ", "a"), ("a\rb", "ab")] {
        let request = format!("GET {CHAT} HTTP/1.1\r\nhost: a\r\nx-odd: {sent}\r\n\r\n");
        h1::Connection::open(real.envoy.address()).send_raw(request);
        let line = format!("LogHeader(\"x-odd\") Ok({arrives:?})");
        assert!(real.envoy.wait_for_log(&line, Duration::from_secs(1)), "{line}: {}", real.envoy.log());
    }
}

#[test]
fn bytes_that_are_not_text_reach_a_filter_and_end_nothing() {
    let program = json!({"request_headers_end": [{"log_header": "x-bytes"}]});
    let seen = ask_envoy(&program, &Request::get(CHAT).header("x-bytes", b"\xff\xfe"));
    assert!(seen.logged(r"\\xff\\xfe") || seen.logged(r"\xff\xfe"), "{}", seen.log);
    assert_eq!(seen.status, 200);
    let fake = ask_fake(&program, &fake::Request::get(CHAT).header("x-bytes", b"\xff\xfe"));
    assert!(fake.logged(r"\\xff\\xfe") || fake.logged(r"\xff\xfe"), "{}", fake.log);
}
