//! The contract between a filter and the kit, each line of it played on the fake host and in a real Envoy over
//! HTTP/1.1 and HTTP/2: bodies, streams, calls, ticks, replies, closing and the end of an exchange, on both sides.
//!
//! The filter is `actor`, which does what its configuration says. In Envoy all plays share one VM, each with a
//! configuration and a listener of its own: what one remembers must not reach another. What only several workers, a trap or a missing flag
//! can show stands at the end, in Envoy alone.

use std::rc::Rc;
use std::time::{Duration, Instant};

use actor::Actor;
use harness::client::{h1, h2};
use harness::config::{Protocol, cluster};
use harness::{Ended, Envoy, Listener, Reply, Request, Upstream, WasmFilter};
use portcullis::adapter::Adapter;
use portcullis::filter::Answer as CallAnswer;
use portcullis::host::fake;
use portcullis::http::header::Headers;
use serde_json::{Value, json};

const METRIC: &str = "portcullis_actor_";

/// One scene: what the filter is told, what is sent, what must come of it.
#[derive(Clone)]
struct Play {
    name: &'static str,
    config: Value,
    request: Request,
    answer: Given,
    expect: Expect,
}

/// What the upstream answers.
#[derive(Clone)]
struct Given {
    pieces: Vec<&'static str>,
    length: bool,
    trailers: bool,
}

#[derive(Clone, Default)]
struct Expect {
    status: u16,
    body: Option<&'static str>,
    cut: bool,
    /// None: not reached. Some: reached, with this body.
    upstream: Option<&'static str>,
    upstream_header: Option<(&'static str, &'static str)>,
    header: Option<(&'static str, &'static str)>,
    lacks_header: Option<&'static str>,
    trailers: bool,
    counters: Vec<(&'static str, u64)>,
    log: Vec<&'static str>,
}

/// What came of it, in one world.
#[derive(Debug)]
struct Got {
    status: u16,
    body: String,
    cut: bool,
    upstream: Option<String>,
    upstream_headers: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    trailers: bool,
    counters: Vec<(&'static str, u64)>,
    log: String,
}

fn play(name: &'static str, config: Value, request: Request, expect: Expect) -> Play {
    let answer = Given { pieces: vec!["ok"], length: true, trailers: false };
    Play { name, config, request, answer, expect }
}

impl Play {
    fn answered(mut self, pieces: &[&'static str], length: bool, trailers: bool) -> Self {
        self.answer = Given { pieces: pieces.to_vec(), length, trailers };
        self
    }
}

fn get() -> Request {
    Request::get("/v1/models")
}

fn post(body: &str) -> Request {
    Request::post("/v1/chat/completions", body)
}

fn pieces() -> Request {
    Request::new("POST", "/v1/chat/completions").chunk("hello ").chunk("world")
}

fn reached(body: &'static str) -> Expect {
    Expect {
        status: 200,
        body: Some("ok"),
        upstream: Some(body),
        log: vec!["end replied=- complete=true"],
        ..Expect::default()
    }
}

fn refused(status: u16) -> Expect {
    Expect { status, ..Expect::default() }
}

fn counted(mut expect: Expect, name: &'static str) -> Expect {
    expect.counters.push((name, 1));
    expect
}

fn logged(mut expect: Expect, line: &'static str) -> Expect {
    expect.log.push(line);
    expect
}

fn plays() -> Vec<Play> {
    [requests(), streams(), calls(), responses(), replies()].concat()
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
                counters: vec![("kit_total.event.tail_lost", 1), ("kit_total.event.closed", 1)],
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
            "a wait without a call ends by its deadline",
            json!({
            "request": {"flow": {"await_answer": 100}}, "timed_out": {"flow": "reply"}}),
            post("hello"),
            refused(403),
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

// The fake.

fn in_fake(play: &Play) -> Got {
    let world = Rc::new(fake::World::default());
    world.cluster("side", |_| Some(ok()));
    world.cluster("silent", |_| None);
    world.cluster("cut", |_| Some(CallAnswer::Unreachable));
    let asked = std::cell::Cell::new(0);
    world.cluster("later", move |_| {
        asked.set(asked.get() + 1);
        (asked.get() > 2).then(ok)
    });
    let plugin = Rc::new(Adapter::<Actor>::default());
    let envoy = fake::Envoy::of(plugin, &play.config.to_string(), &[], Rc::clone(&world)).expect("configuration");
    let answer = envoy.send(&fake_request(play));
    assert_eq!(world.open_streams(), 0);
    Got {
        status: answer.status,
        body: answer.text(),
        cut: !answer.complete,
        upstream: answer.upstream.as_ref().map(|sent| String::from_utf8_lossy(&sent.body).into_owned()),
        upstream_headers: answer.upstream.map(|sent| texts(sent.headers.iter())).unwrap_or_default(),
        headers: texts(answer.headers.iter()),
        trailers: answer.trailers.is_some(),
        counters: counters(play, |name| world.metric(&format!("{METRIC}{name}.instance.actor")).unwrap_or_default()),
        log: world.log().join("\n"),
    }
}

fn ok() -> CallAnswer {
    let headers = [(&b":status"[..], &b"200"[..])].into_iter().collect();
    CallAnswer::Http { status: 200, headers, body: Vec::new(), trailers: Headers::new() }
}

fn fake_request(play: &Play) -> fake::Request {
    let Request { method, path, headers, body, trailers, .. } = &play.request;
    let mut request = fake::Request::get(std::str::from_utf8(path.as_ref().unwrap()).unwrap());
    let pseudo = [(":method", method.as_slice()), (":path", path.as_ref().unwrap()), (":authority", b"gateway.test")];
    request.headers = pseudo.iter().map(|(name, value)| (name.as_bytes(), *value)).collect();
    headers.iter().for_each(|(name, value)| request.headers.push(name, value));
    match body {
        harness::client::Body::None => {}
        harness::client::Body::Whole(bytes) => {
            request = request.pieces(&[bytes]).header("content-length", bytes.len().to_string());
        }
        harness::client::Body::Pieces(pieces) => request.body = pieces.iter().map(|(_, piece)| piece.clone()).collect(),
    }
    request.trailers = (!trailers.is_empty()).then(|| trailers.iter().map(|(n, v)| (&n[..], &v[..])).collect());
    let length = play.answer.pieces.concat().len().to_string();
    let mut fields = vec![(":status", "200")];
    if play.answer.length {
        fields.push(("content-length", &length));
    }
    let pieces: Vec<&[u8]> = play.answer.pieces.iter().map(|piece| piece.as_bytes()).collect();
    let trailers: &[(&str, &str)] = &[("x-end", "1")];
    request.answered(&fields, &pieces, play.answer.trailers.then_some(trailers))
}

// The real one.

/// One Envoy for all plays: a listener and a configuration for each, all in one VM.
struct Stage {
    envoy: Envoy,
    upstream: Upstream,
    _clusters: [Upstream; 4],
}

impl Stage {
    fn of(plays: &[Play], protocol: Protocol) -> Self {
        let upstream = match protocol {
            Protocol::H1 => Upstream::h1(),
            Protocol::H2 => Upstream::h2(),
        };
        let answers: Vec<_> = plays.iter().map(|play| play.answer.clone()).collect();
        upstream.answer_all(move |seen| answers[seen.header("x-play").unwrap().parse::<usize>().unwrap()].reply());
        let clusters = [Upstream::h1(), Upstream::h1(), Upstream::h1(), Upstream::h1()];
        clusters[0].answer("/call", Reply::ok());
        clusters[1].answer("/call", Reply::silence());
        clusters[2].answer("/call", Reply::ok().chunk("part").then_reset());
        clusters[3].answer("/call", Reply::ok().wait(Duration::from_millis(200)).chunk("done"));
        let listener = |(index, play): (usize, &Play)| {
            let mut config = play.config.clone();
            config["name"] = json!(instance(index));
            Listener::new().filter(WasmFilter::new("actor").configured(&config))
        };
        let mut listeners = plays.iter().enumerate().map(listener);
        let mut builder = Envoy::builder(listeners.next().unwrap());
        for (index, listener) in listeners.enumerate() {
            builder = builder.also(&instance(index + 1), listener);
        }
        builder = match protocol {
            Protocol::H1 => builder.upstream(upstream.address()),
            Protocol::H2 => builder.upstream_h2(upstream.address()),
        };
        for (name, server) in ["side", "silent", "cut", "later"].iter().zip(&clusters) {
            builder = builder.cluster(cluster(name, Some(server.address()), Protocol::H1));
        }
        let builder = builder.cluster(cluster("empty", None, Protocol::H1));
        let envoy = builder.argument("--component-log-level").argument("wasm:info").start().unwrap();
        Self { envoy, upstream, _clusters: clusters }
    }

    fn run(&self, index: usize, play: &Play, protocol: Protocol) -> Got {
        let address = if index == 0 { self.envoy.address() } else { self.envoy.address_of(&instance(index)) };
        let request = play.request.clone().header("x-play", index.to_string());
        let response = match protocol {
            Protocol::H1 => h1::send(address, &request),
            Protocol::H2 => h2::send(address, &request),
        };
        let counter = |name: &str| format!("wasmcustom.{METRIC}{name}.instance.{}", instance(index));
        self.envoy.wait_for_stat(&counter("ended_total"), 1, Duration::from_millis(200));
        let seen = self.upstream.requests().into_iter().find(|seen| seen.header("x-play") == Some(index.to_string()));
        let own = format!("portcullis actor/{}: ", instance(index));
        Got {
            status: response.status.unwrap_or_default(),
            body: response.text(),
            cut: response.ended != Ended::Complete,
            upstream: seen.as_ref().map(|seen| String::from_utf8_lossy(&seen.body).into_owned()),
            upstream_headers: seen.map(|seen| pairs(&seen.headers)).unwrap_or_default(),
            headers: pairs(&response.headers),
            trailers: !response.trailers.is_empty(),
            counters: counters(play, |name| self.envoy.stat(&counter(name))),
            log: self.envoy.log().lines().filter(|line| line.contains(&own)).collect::<Vec<_>>().join("\n"),
        }
    }
}

fn instance(index: usize) -> String {
    format!("play-{index}")
}

impl Given {
    fn reply(&self) -> Reply {
        let reply = match (self.length, self.pieces.as_slice()) {
            (true, pieces) => Reply::ok().body(pieces.concat()),
            (false, pieces) => {
                pieces.iter().fold(Reply::ok(), |reply, piece| reply.chunk(piece).wait(Duration::from_millis(30)))
            }
        };
        if self.trailers { reply.trailer("x-end", "1") } else { reply }
    }
}

fn texts<'a>(fields: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    fields.map(|(name, value)| (text(name).to_lowercase(), text(value))).collect()
}

fn pairs(fields: &harness::Headers) -> Vec<(String, String)> {
    texts(fields.iter().map(|(name, value)| (&name[..], &value[..])))
}

fn counters(play: &Play, value: impl Fn(&str) -> u64) -> Vec<(&'static str, u64)> {
    play.expect.counters.iter().map(|(name, _)| (*name, value(name))).collect()
}

/// Every expectation that was not met.
fn faults(play: &Play, world: &str, got: &Got) -> Vec<String> {
    let expect = &play.expect;
    let mut faults = Vec::new();
    let mut check = |ok: bool, what: String| {
        if !ok {
            faults.push(format!("{} [{world}]: {what}", play.name));
        }
    };
    check(got.status == expect.status, format!("status {} instead of {}", got.status, expect.status));
    check(got.cut == expect.cut, format!("cut: {} instead of {}", got.cut, expect.cut));
    if let Some(body) = expect.body {
        check(got.body == body, format!("body {:?} instead of {body:?}", got.body));
    }
    match (&got.upstream, expect.upstream) {
        (Some(_), None) => check(false, "the upstream was reached".to_owned()),
        (None, Some(_)) => check(false, "the upstream was not reached".to_owned()),
        (Some(got), Some(body)) if expect.status < 400 => {
            check(got == body, format!("the upstream got {got:?} instead of {body:?}"));
        }
        _ => {}
    }
    let has = |fields: &[(String, String)], (name, value): (&str, &str)| {
        fields.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str()).eq([value])
    };
    if let Some(header) = expect.upstream_header {
        check(
            has(&got.upstream_headers, header),
            format!("upstream headers {:?} lack {header:?}", got.upstream_headers),
        );
    }
    if let Some(header) = expect.header {
        check(has(&got.headers, header), format!("headers {:?} lack {header:?}", got.headers));
    }
    if let Some(name) = expect.lacks_header {
        check(!got.headers.iter().any(|(found, _)| found == name), format!("{name} in {:?}", got.headers));
    }
    if expect.trailers {
        check(got.trailers, "no trailers".to_owned());
    }
    check(got.counters == expect.counters, format!("counters {:?} instead of {:?}", got.counters, expect.counters));
    for line in &expect.log {
        check(got.log.contains(line), format!("{line:?} is not in the log:\n{}", got.log));
    }
    faults
}

#[test]
fn every_play_ends_as_written_on_the_fake_host() {
    let faults: Vec<_> = plays().iter().flat_map(|play| faults(play, "fake", &in_fake(play))).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn every_play_in_envoy(protocol: Protocol, world: &str) {
    let plays = plays();
    let stage = Stage::of(&plays, protocol);
    let run = |(index, play): (usize, &Play)| faults(play, world, &stage.run(index, play, protocol));
    let faults: Vec<_> = plays.iter().enumerate().flat_map(run).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_play_ends_as_written_in_envoy_over_http1() {
    every_play_in_envoy(Protocol::H1, "h1");
}

#[test]
fn every_play_ends_as_written_in_envoy_over_http2() {
    every_play_in_envoy(Protocol::H2, "h2");
}

#[test]
fn names_of_plays_are_unique() {
    let mut names: Vec<_> = plays().iter().map(|play| play.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn a_missing_flag_is_found_and_named_within_six_seconds() {
    let config = json!({"request": {"flow": "await_body"}});
    let filter = WasmFilter::new("actor").configured(&config).allow_on_headers_stop_iteration(false);
    let upstream = Upstream::h1();
    let envoy = Envoy::builder(Listener::new().filter(filter)).upstream(upstream.address()).start().unwrap();
    let begin = Instant::now();
    let response = h1::send(envoy.address(), &post("hello"));
    assert_eq!(response.status, Some(500), "{response:?}");
    assert!(begin.elapsed() < Duration::from_secs(6), "{:?}", begin.elapsed());
    assert_eq!(response.json()["error"]["code"], "flag_missing");
    assert!(envoy.log().contains("set allow_on_headers_stop_iteration: true"));
    assert_eq!(upstream.hits(), 0);
}
