//! Policies that only look on, where a play is too small to show it: what is logged and how often, what memory is
//! taken, what a candidate's `Host` answers, and authn with a candidate. Plays of both are in `tests/contract`.

// The lints against panics are for code that runs behind a proxy.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::arithmetic_side_effects, clippy::disallowed_methods, missing_docs)]

use std::cell::RefCell;
use std::rc::Rc;

use actor::Actor;
use authn::Authn;
use portcullis::adapter::{self, Adapter};
use portcullis::filter::{Answer, Filter};
use portcullis::host::fake::{Envoy, Request, World};
use portcullis::host::{Cas, Hash, HostError, HttpCall, Signed};
use portcullis::http::header::Headers;
use portcullis::prelude::{ConfigError, End, Env, Exchange, Flow, Host, Metric, Millis, NextTick, Reply, Side, Status};
use serde_json::{Value, json};

fn actor(configuration: &Value) -> Envoy {
    Envoy::of_filter::<Actor>(&configuration.to_string()).unwrap()
}

fn counted(envoy: &Envoy, filter: &str, event: &str) -> u64 {
    let name = format!("portcullis_{filter}_kit_total.event.{event}.instance.{filter}");
    envoy.world().metric(&name).unwrap()
}

fn lines(envoy: &Envoy, text: &str) -> usize {
    envoy.world().log().iter().filter(|line| line.contains(text)).count()
}

// Shadow.

#[test]
fn shadow_is_a_gauge_and_a_warning() {
    for (configuration, is_on) in [(json!({}), 0), (json!({"shadow": false}), 0), (json!({"shadow": true}), 1)] {
        let envoy = actor(&configuration);
        assert_eq!(envoy.world().metric("portcullis_actor_kit_shadow.instance.actor"), Some(is_on));
        assert_eq!(lines(&envoy, "warn portcullis actor: shadow is on: what the policy refuses passes") as u64, is_on);
    }
}

#[test]
fn every_refusal_is_counted_and_one_in_a_second_is_logged() {
    let envoy = actor(&json!({"shadow": true, "request": {"flow": "reply"}}));
    let send = || (0..5).for_each(|_| assert!(envoy.send(&Request::get("/secret")).upstream.is_some()));
    send();
    assert_eq!((counted(&envoy, "actor", "shadowed"), lines(&envoy, "in shadow")), (5, 1));
    envoy.advance(Millis(1000));
    send();
    assert_eq!((counted(&envoy, "actor", "shadowed"), lines(&envoy, "in shadow")), (10, 2));
    assert_eq!(lines(&envoy, "secret"), 0);
}

#[test]
fn in_shadow_a_missing_flag_holds_nobody_up_for_ever() {
    let envoy = actor(&json!({"shadow": true, "request": {"flow": "await_body"}}));
    envoy.world().set_flag(false);
    let answer = envoy.send(&Request::post("/v1/chat/completions", b"hello"));
    assert_eq!((answer.status, answer.upstream.unwrap().body), (200, b"hello".to_vec()));
    assert_eq!((counted(&envoy, "actor", "flag_missing"), counted(&envoy, "actor", "shadowed")), (1, 1));
}

#[test]
fn in_shadow_an_answer_that_nobody_waited_for_lets_a_held_body_go() {
    let config = json!({"request": {"do": [{"call": "side"}, {"call": "side"}], "flow": "await_body"},
        "answer": {"flow": "reply"}});
    for shadow in [false, true] {
        let mut config = config.clone();
        config["shadow"] = json!(shadow);
        let world = Rc::new(World::default());
        world.cluster("side", |_| Some(ok(b"")));
        let envoy = load::<Actor>(&config, &world).unwrap();
        let running = envoy.open(&Request::post("/", b"hello world"));
        running.body(b"hello ", false);
        assert!(!running.reached_upstream());
        envoy.answer_calls();
        assert_eq!(running.reached_upstream(), shadow);
        if shadow {
            running.body(b"world", true);
            let answer = running.finish();
            assert_eq!((answer.status, answer.upstream.unwrap().body), (200, b"hello world".to_vec()));
            assert_eq!(counted(&envoy, "actor", "shadowed"), 1, "nobody is asked about the second answer");
        }
    }
}

/// A body under another's length is read by the upstream as the beginning of the next request.
#[test]
fn a_half_replaced_body_goes_nowhere_in_shadow_too() {
    for flow in ["continue", "reply", "close"] {
        let body = json!({"do": [{"replace_body": "a longer body"}, "tolerate"], "flow": flow});
        let envoy = actor(&json!({"shadow": true, "request": {"flow": "await_body"}, "request_body": body}));
        envoy.world().refuse("replace_body", HostError::Status(2));
        let answer = envoy.send(&Request::post("/", b"hello"));
        assert!(answer.status != 200 && answer.upstream.is_none(), "{flow}: {answer:?}");
        assert_eq!(counted(&envoy, "actor", "shadowed"), 0, "{flow}");
    }
}

#[test]
fn authn_in_shadow_refuses_nobody_and_still_says_who_calls() {
    let envoy = Envoy::of_filter::<Authn>(&with(authn(), "shadow", json!(true)).to_string()).unwrap();
    let known = envoy.send(&Request::get("/v1/models").header("x-api-key", KEY));
    assert!(known.state.contains_key("portcullis.identity"));
    assert_eq!(known.upstream.unwrap().headers.first("x-api-key"), None);
    let unknown = envoy.send(&Request::get("/v1/models").header("x-api-key", "guess"));
    assert!(!unknown.state.contains_key("portcullis.identity"));
    let verdict = String::from_utf8(unknown.state["portcullis.authn"].clone()).unwrap();
    assert!(verdict.contains(r#""outcome":"deny""#) && verdict.contains("unknown_api_key"), "{verdict}");
    assert_eq!(unknown.upstream.unwrap().headers.first("x-api-key"), Some(&b"guess"[..]), "as it came");
    assert_eq!(counted(&envoy, "authn", "shadowed"), 1);
}

// Candidates.

#[test]
fn a_fault_in_a_candidate_names_its_place() {
    let fault = |candidate: &Value| Envoy::of_filter::<Actor>(&json!({"candidate": candidate}).to_string()).err();
    for (candidate, says) in [
        (json!({"request": {"flow": "maybe"}}), "candidate.request.flow: unknown variant `maybe`"),
        (json!({"name": "other"}), "candidate.name: unknown field `name`"),
        (json!({"shadow": true}), "candidate.shadow: unknown field `shadow`"),
        (json!({"candidate": {}}), "candidate.candidate: unknown field `candidate`"),
        (json!([]), "candidate: invalid type: sequence, expected a map"),
    ] {
        let fault = fault(&candidate).unwrap_or_default();
        assert!(fault.contains(&format!("configuration refused: {says}")), "{candidate}: {fault}");
    }
    let compiled = adapter::compile::<Authn>(&[], with(authn(), "candidate", json!({})).to_string().as_bytes());
    assert_eq!(compiled.err().unwrap().place(), "candidate.providers");
}

#[test]
fn every_difference_is_counted_and_one_in_a_second_is_logged() {
    let envoy = actor(&json!({"candidate": {"request": {"flow": "reply"}}}));
    let send = || (0..5).for_each(|_| assert_eq!(envoy.send(&Request::get("/secret")).status, 200));
    send();
    assert_eq!((counted(&envoy, "actor", "candidate_stricter"), lines(&envoy, "candidate differs")), (5, 1));
    envoy.advance(Millis(1000));
    send();
    assert_eq!((counted(&envoy, "actor", "candidate_stricter"), lines(&envoy, "candidate differs")), (10, 2));
    assert_eq!(lines(&envoy, "secret"), 0);
    assert_eq!(lines(&envoy, "end replied"), 10, "a candidate's own lines are not written");
}

#[test]
fn a_candidate_without_room_is_undecided_and_refuses_nobody() {
    let envoy = actor(&json!({"memory_budget": "2KiB", "candidate": {"request": {"flow": "reply"}}}));
    let large = "x".repeat(500);
    assert_eq!(envoy.send(&Request::get("/").header("x-large", &large)).status, 200);
    assert_eq!(counted(&envoy, "actor", "candidate_undecided"), 1);
    assert_eq!(counted(&envoy, "actor", "overloaded"), 0);
}

#[test]
fn what_a_candidate_took_of_the_memory_budget_is_given_back() {
    let stream = json!({"flow": {"stream": true}});
    let held = json!({"do": [{"set_state": "x".repeat(2000)}], "flow": "await_body"});
    for candidate in [
        json!({}),
        json!({"request": {"flow": "reply"}}),
        json!({"request": held}),
        json!({"request": {"do": [{"call": "side"}]}}),
        json!({"request": stream, "response": stream}),
        json!({"response": stream}),
    ] {
        for live in [json!({}), json!({"request": {"flow": "reply"}}), json!({"request": {"flow": "await_body"}})] {
            let config = with(with(live, "candidate", candidate.clone()), "memory_budget", json!("8KiB"));
            let envoy = actor(&config);
            (0..50).for_each(|_| drop(envoy.send(&Request::post("/", b"hello"))));
            (0..50).for_each(|_| drop(envoy.open(&Request::post("/", b"hello")).finish()));
            envoy.send(&Request::get("/").header("x-large", "y".repeat(4_000)));
            assert_eq!(counted(&envoy, "actor", "overloaded"), 0, "{config}");
        }
    }
}

#[test]
fn headers_of_requests_that_went_on_take_no_memory_of_a_candidate() {
    for live in [json!({}), json!({"flow": {"stream": false}})] {
        let envoy = actor(&json!({"memory_budget": "96KiB", "request": live, "candidate": {}}));
        let request = Request::get("/").header("x-large", "y".repeat(20_000));
        let open: Vec<_> = (0..20).map(|_| envoy.open(&request)).collect();
        let ended = open.into_iter().map(portcullis::host::fake::Running::finish).count() as u64;
        assert_eq!((counted(&envoy, "actor", "overloaded"), counted(&envoy, "actor", "candidate_same")), (0, ended));
    }
}

const KEY: &str = "example-key-do-not-deploy";

fn authn() -> Value {
    serde_json::from_str(include_str!("../filters/authn/example.json")).unwrap()
}

fn with(mut configuration: Value, name: &str, value: Value) -> Value {
    configuration[name] = value;
    configuration
}

#[test]
fn authn_with_a_candidate_decides_writes_and_counts_as_without() {
    let mut candidate = authn();
    candidate["key_sets"]["partners"]["keys"][0]["disabled"] = json!(true);
    let envoy = Envoy::of_filter::<Authn>(&with(authn(), "candidate", candidate).to_string()).unwrap();
    let alone = Envoy::of_filter::<Authn>(&authn().to_string()).unwrap();
    for (key, status) in [(KEY, 200), ("guess", 401)] {
        let request = Request::get("/v1/models").header("x-api-key", key);
        let answer = envoy.send(&request);
        assert_eq!((answer.status, &answer), (status, &alone.send(&request)));
    }
    let own = |envoy: &Envoy| {
        envoy.world().metrics().into_iter().filter(|(name, _)| !name.contains(".event.candidate")).collect::<Vec<_>>()
    };
    assert_eq!(own(&envoy), own(&alone));
    let counts = ["same", "stricter"].map(|what| counted(&envoy, "authn", &format!("candidate_{what}")));
    assert_eq!(counts, [1, 1]);
    assert_eq!(
        lines(&envoy, "candidate differs on the request: pass in force, refuse unknown_api_key by the candidate"),
        1
    );
}

/// A repeated credential is refused by the kit, before a filter is asked: a candidate's places of credentials count.
#[test]
fn what_a_candidate_wants_to_stand_once_may_stand_once_for_it() {
    let places = json!([{"header": "x-api-key"}, {"header": "x-new-key"}]);
    let candidate = with(authn(), "credentials", places);
    let envoy = Envoy::of_filter::<Authn>(&with(authn(), "candidate", candidate).to_string()).unwrap();
    let request = Request::get("/v1/models").header("x-api-key", KEY).header("x-new-key", "a").header("x-new-key", "b");
    assert_eq!(envoy.send(&request).status, 200);
    assert_eq!(lines(&envoy, "refuse repeated_header by the candidate"), 1);
}

/// The keys are the instance's: what the policy in force has fetched, its candidate reads.
#[test]
fn a_candidate_reads_fetched_documents_and_fetches_none() {
    let document = |path: &str| json!({"uri": format!("https://keys.example{path}"), "cluster": "keys"});
    let configuration = |path: &str| with(authn(), "key_sets", json!({"partners": {"document": document(path)}}));
    for (path, event) in [("/a", "candidate_same"), ("/b", "candidate_undecided")] {
        let world = Rc::new(World::default());
        let entries = json!({"keys": authn()["key_sets"]["partners"]["keys"]}).to_string().into_bytes();
        world.cluster("keys", move |_| Some(ok(&entries)));
        let envoy = load::<Authn>(&with(configuration("/a"), "candidate", configuration(path)), &world).unwrap();
        envoy.advance(Millis(3000));
        let answer = envoy.send(&Request::get("/v1/models").header("x-api-key", KEY));
        assert_eq!((answer.status, world.calls().len()), (200, 1), "{path} {:?}", world.log());
        assert_eq!(counted(&envoy, "authn", event), 1, "{path}");
    }
}

// A candidate's host.

/// Tries every method of its host, as a candidate, and keeps what it was answered.
struct Prober {
    is_candidate: bool,
}

struct Probe(Rc<Prober>);

thread_local! {
    static ANSWERS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn tell(line: impl Into<String>) {
    ANSWERS.with_borrow_mut(|answers| answers.push(line.into()));
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    is_candidate: bool,
}

const METRIC: Metric = Metric::counter("probed_total");

impl Filter for Prober {
    const NAME: &'static str = "prober";
    const HEADERS: &'static [&'static str] = &["x-mine"];
    const STATE: &'static [&'static str] = &["mine"];
    const METRICS: &'static [Metric] = &[METRIC];
    type Config = Config;
    type Exchange = Probe;

    fn compile(config: Config, _: &Env) -> Result<Self, ConfigError> {
        Ok(Self { is_candidate: config.is_candidate })
    }

    fn exchange(self: &Rc<Self>) -> Probe {
        Probe(Rc::clone(self))
    }

    fn on_tick(&self, host: &dyn Host) -> NextTick {
        if self.is_candidate {
            host.log(portcullis::log::Level::Warn, "about the configuration");
            tell(format!("tick set_shared {:?}", host.set_shared("key", b"candidate", Cas::Absent)));
        }
        NextTick::Never
    }
}

impl Exchange for Probe {
    fn on_request(&mut self, host: &dyn Host) -> Flow {
        if !self.0.is_candidate {
            host.set_header(Side::Request, "x-mine", b"live").unwrap();
            host.set_property("mine", b"live").unwrap();
            return Flow::AwaitBody;
        }
        tell(format!("set_property {:?}", host.set_property("mine", b"candidate")));
        tell(format!("set_verdict {:?}", host.set_verdict(b"candidate")));
        tell(format!("set_header {:?}", host.set_header(Side::Request, "x-mine", b"candidate")));
        tell(format!("remove_header {:?}", host.remove_header(Side::Request, "x-mine")));
        tell(format!("early replace_body {:?}", host.replace_body(Side::Request, b"candidate")));
        host.tolerate();
        host.measure(METRIC, 1);
        host.log(portcullis::log::Level::Error, "about the request");
        host.tick_soon();
        let signed = Signed { hash: Hash::Sha256, public_key: b"", signature: b"", message: b"" };
        tell(format!("verify {:?}", host.verify(&signed)));
        tell(format!("shared {:?}", host.shared("key").map(|shared| shared.map(|shared| shared.value))));
        Flow::AwaitBody
    }

    fn on_request_body(&mut self, host: &dyn Host, body: &[u8]) -> Flow {
        if !self.0.is_candidate {
            return Flow::Continue;
        }
        let headers = host.headers(Side::Request).unwrap();
        tell(format!("headers {:?}", headers.first("x-mine").map(String::from_utf8_lossy)));
        let property = |path: &[&str]| host.property(path).unwrap().map(|value| String::from_utf8(value).unwrap());
        tell(format!("property {:?}", property(&["filter_state", "wasm.mine"])));
        tell(format!("attribute {:?}", property(&["xds", "route_name"])));
        tell(format!("replace_body {:?} {}", host.replace_body(Side::Request, b"candidate"), body.len()));
        let call = HttpCall { cluster: "side", headers: &[], body: b"", timeout: Millis(1) };
        tell(format!("call {:?}", host.call(&call)));
        Flow::Reply(Reply::new(Status::Forbidden, "unheard", "Nobody hears this."))
    }

    fn on_end(&mut self, _: &dyn Host, end: &End) {
        if self.0.is_candidate {
            tell(format!("end {:?} {}", end.replied, end.complete));
        }
    }
}

#[test]
fn a_candidates_host_reads_what_is_there_and_writes_nothing() {
    let world = Rc::new(World::default());
    world.cluster("side", |_| Some(ok(b"")));
    world.verifier(|_| Ok(true));
    world.attribute("xds.route_name", b"main");
    let config = json!({"is_candidate": false, "candidate": {"is_candidate": true}});
    let envoy = load::<Prober>(&config, &world).unwrap();
    envoy.advance(Millis(100));
    let answer = envoy.send(&Request::post("/", b"hello").header("x-mine", "client"));
    assert_eq!(
        ANSWERS.take(),
        [
            "tick set_shared Err(Unsupported)",
            "set_property Ok(())",
            "set_verdict Ok(())",
            "set_header Ok(())",
            "remove_header Ok(())",
            "early replace_body Err(BodyNotHeld)",
            "verify Ok(true)",
            "shared Ok(None)",
            "headers Some(\"client\")",
            "property Some(\"candidate\")",
            "attribute Some(\"main\")",
            "replace_body Ok(()) 5",
            "call Err(Unsupported)",
            "end None false",
        ]
    );
    let upstream = answer.upstream.unwrap();
    assert_eq!((upstream.body, upstream.headers.first("x-mine")), (b"hello".to_vec(), Some(&b"live"[..])));
    assert_eq!(answer.state, [("mine".to_owned(), b"live".to_vec())].into());
    assert_eq!((world.calls().len(), world.metric("portcullis_prober_probed_total.instance.prober")), (0, Some(0)));
    assert_eq!(lines(&envoy, "about the request"), 0);
    assert_eq!(lines(&envoy, "warn portcullis prober: candidate: about the configuration"), 1);
    assert_eq!(counted(&envoy, "prober", "candidate_undecided"), 1);
}

#[test]
fn a_read_that_fails_for_a_candidate_refuses_nobody() {
    let config = json!({"is_candidate": false, "candidate": {"is_candidate": true}});
    let envoy = Envoy::of_filter::<Prober>(&config.to_string()).unwrap();
    envoy.world().refuse("shared", HostError::Status(10));
    assert_eq!(envoy.send(&Request::get("/")).status, 200);
    assert!(ANSWERS.take().contains(&"shared Err(Status(10))".to_owned()));
    assert_eq!(counted(&envoy, "prober", "host_failed"), 0);
}

fn load<F: Filter>(configuration: &Value, world: &Rc<World>) -> Result<Envoy, String> {
    Envoy::of(Rc::new(Adapter::<F>::default()), &configuration.to_string(), &[], Rc::clone(world))
}

fn ok(body: &[u8]) -> Answer {
    let headers = [(&b":status"[..], &b"200"[..])].into_iter().collect();
    Answer::Http { status: 200, headers, body: body.to_vec(), trailers: Headers::new() }
}
