//! The harness against a plain Envoy, without any Wasm: what it promises holds.

use harness::config::{Protocol, cluster};
use harness::{Ended, Envoy, Listener, Reply, Request, Upstream, client::h1, client::h2, values};
use serde_json::{Value, json};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(5);

fn plain() -> (Upstream, Envoy) {
    let upstream = Upstream::h1();
    let listener = Listener::new().access_log("%REQ(:PATH)% %RESPONSE_CODE%");
    let envoy = Envoy::builder(listener).upstream(upstream.address()).workers(2).start().unwrap();
    (upstream, envoy)
}

/// A filter of Envoy's own that answers in our place.
fn answering(status: u16, body: &str) -> Listener {
    let answer = json!({"status": status, "body": {"inline_string": body}});
    Listener::new().route(json!({"match": {"prefix": "/"}, "direct_response": answer}))
}

#[test]
fn a_request_reaches_the_upstream_and_is_counted() {
    let (upstream, envoy) = plain();

    let answer = h1::send(envoy.address(), &Request::get("/a?b=c").header("x-one", "1"));

    assert!(answer.is(200), "{answer:?}");
    assert_eq!(answer.json()["path"], "/a?b=c");
    assert_eq!(upstream.hits(), 1);
    assert_eq!(upstream.last().unwrap().header("x-one").as_deref(), Some("1"));
    assert_eq!(envoy.stat("cluster.upstream.upstream_rq_200"), 1);
    assert_eq!(envoy.stats("cluster.upstream.upstream_rq_")["cluster.upstream.upstream_rq_2xx"], 1);
    assert!(envoy.prometheus().contains("envoy_cluster_upstream_rq"));
    assert!(envoy.config_dump()["configs"].is_array());
    assert!(envoy.resident_bytes() > 1024 * 1024);
    assert!(envoy.log().contains("all clusters initialized"));
    assert_eq!(envoy.wait_for_access_log(1, SOON), ["/a?b=c 200"]);
}

#[test]
fn both_protocols_are_served_on_one_port() {
    let (upstream, envoy) = plain();

    let h1 = h1::send(envoy.address(), &Request::post("/1", "one"));
    let h2 = h2::send(envoy.address(), &Request::post("/2", "two"));

    assert!(h1.is(200) && h2.is(200), "{h1:?} {h2:?}");
    let bodies: Vec<Vec<u8>> = upstream.requests().into_iter().map(|seen| seen.body).collect();
    assert_eq!(bodies, [b"one", b"two"]);
}

#[test]
fn a_connection_serves_several_requests() {
    let (upstream, envoy) = plain();
    let mut client = h1::Connection::open(envoy.address());

    for number in 0..3 {
        let answer = client.send(&Request::post("/", "x".repeat(number)));
        assert!(answer.is(200), "{answer:?}");
    }

    assert_eq!(upstream.hits(), 3);
    assert_eq!(envoy.stat("http.main.downstream_cx_total"), 1);
}

#[test]
fn bytes_are_sent_as_they_are() {
    let (upstream, envoy) = plain();
    let mut client = h1::Connection::open(envoy.address());

    let odd = client.send_raw(b"GET /odd HTTP/1.1\r\nhost: x\r\nx-odd: \xff\xfe\r\n\r\n");
    let bad = client.send_raw("NONSENSE\r\n\r\n");

    assert!(odd.is(200), "{odd:?}");
    assert_eq!(values(&upstream.requests()[0].headers, "x-odd"), [b"\xff\xfe"]);
    assert_eq!(bad.status, Some(400));
    assert_eq!(upstream.hits(), 1);
}

#[test]
fn a_request_may_come_in_pieces() {
    let (upstream, envoy) = plain();
    let mut client = h1::Connection::open(envoy.address());
    let pause = Duration::from_millis(20);

    let answer = client.send_pieces(&[(pause, "GET /slow HT"), (pause, "TP/1.1\r\nhost: x\r"), (pause, "\n\r\n")]);

    assert!(answer.is(200), "{answer:?}");
    assert_eq!(upstream.hits(), 1);
}

#[test]
fn chunks_and_trailers_pass_both_ways() {
    let (upstream, envoy) = plain();
    upstream.answer("/t", Reply::ok().chunk("a").chunk("bc").trailer("x-sum", "3"));
    let request = Request::new("POST", "/t").chunk("12").chunk("3").trailer("x-end", "yes");

    for answer in [h1::send(envoy.address(), &request), h2::send(envoy.address(), &request)] {
        assert!(answer.is(200), "{answer:?}");
        assert_eq!(answer.body, b"abc");
        assert_eq!(values(&answer.trailers, "x-sum"), [b"3"]);
    }
    for seen in upstream.requests() {
        assert_eq!((seen.body.as_slice(), seen.is_whole), (&b"123"[..], true));
        assert_eq!(values(&seen.trailers, "x-end"), [b"yes"]);
    }
}

#[test]
fn an_http2_upstream_records_and_answers_alike() {
    let upstream = Upstream::h2();
    upstream.answer("/t", Reply::ok().chunk("a").chunk("bc").trailer("x-sum", "3"));
    let envoy = Envoy::builder(Listener::new()).upstream_h2(upstream.address()).start().unwrap();

    let echo = h1::send(envoy.address(), &Request::post("/echo?q", "hello").header("x-one", "1"));
    let trailers = h2::send(envoy.address(), &Request::new("POST", "/t").chunk("1").trailer("x-end", "yes"));

    assert_eq!(echo.json()["body"], "hello");
    assert_eq!(values(&trailers.trailers, "x-sum"), [b"3"]);
    assert_eq!(upstream.hits(), 2);
    assert_eq!(values(&upstream.last().unwrap().trailers, "x-end"), [b"yes"]);
}

#[test]
fn events_arrive_one_by_one() {
    let (upstream, envoy) = plain();
    upstream.answer("/sse", Reply::events(["one", "two", "three"], Duration::from_millis(60)));

    for answer in [h1::send(envoy.address(), &Request::get("/sse")), h2::send(envoy.address(), &Request::get("/sse"))] {
        assert!(answer.is(200), "{answer:?}");
        assert_eq!(answer.text(), "data: one\n\ndata: two\n\ndata: three\n\n");
        assert_eq!(answer.arrivals.len(), 3);
        let (first, last) = (answer.arrivals[0].0, answer.arrivals[2].0);
        assert!(last >= first + Duration::from_millis(90), "{:?}", answer.arrivals);
    }
}

#[test]
fn an_upstream_that_resets_or_is_silent_shows_as_such() {
    let (upstream, envoy) = plain();
    upstream.answer("/reset", Reply::reset());
    upstream.answer("/silent", Reply::silence());
    upstream.answer("/cut", Reply::ok().chunk("a").then_reset());

    let reset = h1::send(envoy.address(), &Request::get("/reset"));
    let silent =
        h1::Connection::open(envoy.address()).patience(Duration::from_millis(300)).send(&Request::get("/silent"));
    let cut = h2::send(envoy.address(), &Request::get("/cut"));

    assert_eq!(reset.status, Some(503));
    assert_eq!((silent.status, silent.ended), (None, Ended::Timeout));
    assert_eq!((cut.status, cut.body.as_slice()), (Some(200), &b"a"[..]));
    assert!(matches!(cut.ended, Ended::Reset(Some(_))), "{cut:?}");
}

#[test]
fn the_raw_bytes_of_the_upstream_are_kept() {
    let (upstream, envoy) = plain();

    h1::send(envoy.address(), &Request::post("/raw", "body"));

    let raw = &upstream.raw()[0].bytes;
    assert!(raw.starts_with(b"POST /raw HTTP/1.1\r\n"), "{}", String::from_utf8_lossy(raw));
    assert!(raw.ends_with(b"\r\n\r\nbody"));
}

#[test]
fn streams_of_one_connection_are_answered_together() {
    let (upstream, envoy) = plain();
    upstream.answer("/slow", Reply::ok().wait(Duration::from_millis(200)).chunk("late"));
    let requests = [Request::get("/slow"), Request::get("/fast"), Request::get("/slow")];

    let answers = h2::Connection::open(envoy.address()).send_all(&requests);

    assert!(answers.iter().all(|answer| answer.is(200)), "{answers:?}");
    assert_eq!(answers[0].body, b"late");
    assert_eq!(envoy.stat("http.main.downstream_cx_total"), 1);
}

#[test]
fn large_bodies_respect_the_windows() {
    let (upstream, envoy) = plain();
    upstream.answer_with("/big", |seen| Reply::ok().body(&seen.body));
    let body = vec![7; 3_000_000];

    let h2 = h2::send(envoy.address(), &Request::post("/big", &body));
    let h1 = h1::send(envoy.address(), &Request::post("/big", &body));

    assert!(h2.is(200) && h1.is(200));
    assert!(h2.body == body && h1.body == body);
}

#[test]
fn frames_that_no_library_would_send_are_sent() {
    let (upstream, envoy) = plain();
    let mut client = h2::Connection::open(envoy.address());

    let connect = client
        .open_stream(&vec![(b":method".to_vec(), b"CONNECT".to_vec()), (b":authority".to_vec(), b"x".to_vec())], true);
    let connect = client.finish(connect);
    assert_eq!(connect.status, Some(404), "{connect:?}");

    let abandoned = client.start(&Request::get("/abandoned"));
    client.reset(abandoned, h2::CANCEL);
    assert!(client.ping(), "the connection survives a reset stream");

    let stream = client.next_stream();
    client.frame(h2::kind::DATA, 0, stream, b"before any headers");
    let refused = client.finish(stream);
    assert!(matches!(refused.ended, Ended::GoAway(_) | Ended::Closed), "{refused:?}");
    assert!(client.wait_for_end().is_some());
    assert!(upstream.requests().iter().all(|seen| seen.path() == "/abandoned"));
}

#[test]
fn both_workers_are_reached_by_two_connections() {
    let (_upstream, envoy) = plain();
    let mut clients = [h1::Connection::open(envoy.address()), h1::Connection::open(envoy.address())];

    assert!(clients.iter_mut().all(|client| client.send(&Request::get("/")).is(200)));

    let workers: Vec<u64> = envoy
        .stats("listener.")
        .into_iter()
        .filter(|(name, _)| name.contains(".worker_") && name.ends_with("downstream_cx_total"))
        .map(|(_, connections)| connections)
        .collect();
    assert_eq!(workers, [1, 1]);
}

#[test]
fn a_listener_is_replaced_by_an_update() {
    let mut envoy = Envoy::builder(answering(200, "old")).updatable().start().unwrap();
    assert_eq!(h1::send(envoy.address(), &Request::get("/")).body, b"old");

    envoy.update(answering(200, "new")).unwrap();

    assert_eq!(h1::send(envoy.address(), &Request::get("/")).body, b"new");
}

#[test]
fn a_refused_update_says_why_and_the_old_listener_stays() {
    let mut envoy = Envoy::builder(answering(200, "old")).updatable().start().unwrap();

    let refused = envoy.update(Listener::new().native(json!({"name": "nobody.knows.it"}))).unwrap_err();

    assert!(refused.log.contains("nobody.knows.it"), "{refused}");
    assert_eq!(h1::send(envoy.address(), &Request::get("/")).body, b"old");
}

#[test]
fn a_bad_configuration_is_refused_at_start() {
    let bad = Listener::new().native(json!({"name": "nobody.knows.it"}));

    let at_start = Envoy::builder(bad.clone()).start().err().expect("Envoy takes it");
    let by_file = Envoy::builder(bad).updatable().start().err().expect("Envoy takes it");

    assert!(at_start.log.contains("nobody.knows.it"), "{at_start}");
    assert!(by_file.log.contains("nobody.knows.it"), "{by_file}");
}

#[test]
fn validation_tells_good_from_bad() {
    assert!(Envoy::validate(&json!({})).is_ok());
    let bad = Envoy::validate(&json!({"no_such_field": 1})).unwrap_err();
    assert!(bad.log.contains("no_such_field"), "{bad}");
}

#[test]
fn other_routes_clusters_listeners_and_options_are_taken() {
    let other = Upstream::h1();
    other.answer_all(|_| Reply::ok().body("other"));
    let listener = Listener::new()
        .route(json!({"match": {"path": "/other"}, "route": {"cluster": "other"}}))
        .manager(&json!({"server_name": "gatehouse"}))
        .stream_idle_timeout(Duration::from_millis(1500))
        .buffer_limit(65_536);
    let envoy = Envoy::builder(listener)
        .cluster(cluster("other", Some(other.address()), Protocol::H1))
        .also("second", answering(418, "teapot"))
        .bootstrap(&json!({"layered_runtime": {"layers": [{"name": "static", "static_layer": {}}]}}))
        .start()
        .unwrap();

    let answer = h1::send(envoy.address(), &Request::get("/other"));
    let nobody = h1::send(envoy.address(), &Request::get("/"));
    let teapot = h1::send(envoy.address_of("second"), &Request::get("/"));

    assert_eq!((answer.body.as_slice(), answer.header("server").as_deref()), (&b"other"[..], Some("gatehouse")));
    assert_eq!(nobody.status, Some(503), "a cluster without endpoints");
    assert_eq!(teapot.status, Some(418));
    let dump: Value = envoy.config_dump();
    assert!(dump.to_string().contains("\"stream_idle_timeout\":\"1.500s\""));
}

#[test]
fn nothing_stays_when_a_test_is_over() {
    let (_upstream, envoy) = plain();
    let (pid, address) = (envoy.pid(), envoy.address());
    assert!(envoy.is_alive());

    drop(envoy);

    assert!(h1::Connection::try_open(address).is_none());
    assert!(!std::path::Path::new(&format!("/proc/{pid}/exe")).exists());
}
