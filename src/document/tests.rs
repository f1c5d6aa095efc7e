use super::*;
use crate::config::{ConfigError, Size};
use crate::filter::{Env, Exchange, Filter, Flow, NextTick};
use crate::host::Side;
use crate::host::fake::{CallRecord, Envoy, Request, World};
use crate::http::header::Headers;
use crate::reply::{Reply, Status};
use serde::Deserialize;

/// A filter that lets pass once its document holds the number in `x-want`, and asks for a refresh if it does not.
struct Reader {
    document: Document<u64>,
    /// When its document is somewhere else, in monotonic milliseconds.
    moves_at: Option<u64>,
}

struct Visit {
    reader: Rc<Reader>,
    after: Option<u64>,
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    fetch: Fetch,
    moves_at: Option<u64>,
}

impl Filter for Reader {
    const NAME: &'static str = "reader";
    const METRICS: &'static [Metric] = &[FETCHED, FAILED, REFUSED];
    type Config = Config;
    type Exchange = Visit;

    fn compile(config: Config, _: &Env) -> Result<Self, ConfigError> {
        config.fetch.check()?;
        let read = |bytes: &[u8]| {
            std::str::from_utf8(bytes).ok().and_then(|text| text.parse().ok()).ok_or("no number".to_owned())
        };
        let document = Document::new("number", "portcullis.reader.reader", config.fetch, read);
        document.locate(&place("/number"));
        Ok(Self { document, moves_at: config.moves_at })
    }

    fn exchange(self: &Rc<Self>) -> Visit {
        Visit { reader: Rc::clone(self), after: None }
    }

    fn on_tick(&self, host: &dyn Host) -> NextTick {
        if self.moves_at.is_some_and(|at| at <= host.monotonic().0 / 1_000_000) {
            self.document.locate(&place("/moved"));
        }
        NextTick::In(self.document.tick(host))
    }

    fn on_answer(&self, host: &dyn Host, call: Call, answer: &Answer) {
        let is_own = self.document.on_answer(host, call, answer);
        assert!(is_own || self.moves_at.is_some());
    }
}

fn place(path: &str) -> Location {
    Location { cluster: "idp".to_owned(), url: Url::parse(&format!("https://idp.example{path}")).unwrap() }
}

impl Visit {
    fn refuse() -> Flow {
        Flow::Reply(Reply::new(Status::Unauthorized, "no", "No."))
    }

    fn is_right(&self, host: &dyn Host) -> bool {
        let headers = host.headers(Side::Request).unwrap();
        let want = headers.first("x-want").map(|text| String::from_utf8_lossy(text).parse().unwrap());
        self.reader.document.latest().get().is_some_and(|number| Some(*number) == want)
    }
}

impl Exchange for Visit {
    fn on_request(&mut self, host: &dyn Host) -> Flow {
        if self.is_right(host) {
            return Flow::Continue;
        }
        match self.reader.document.ask(host).unwrap() {
            Refresh::NotNow => Self::refuse(),
            Refresh::After(attempts) => {
                self.after = Some(attempts);
                Flow::AwaitAnswer { deadline: Millis(2000) }
            }
        }
    }

    fn on_answer(&mut self, host: &dyn Host, _: Option<Call>, answer: &Answer) -> Flow {
        let is_over = self.after.is_some_and(|after| self.reader.document.attempts() > after);
        match answer {
            Answer::Woken if !is_over => Flow::AwaitAnswer { deadline: Millis(2000) },
            _ if self.is_right(host) => Flow::Continue,
            _ => Self::refuse(),
        }
    }
}

#[allow(clippy::unnecessary_wraps, reason = "it stands beside None: no answer at all")]
fn http(status: u16, body: &[u8]) -> Option<Answer> {
    let headers = [(&b":status"[..], status.to_string().as_bytes())].into_iter().collect();
    Some(Answer::Http { status, headers, body: body.to_vec(), trailers: Headers::new() })
}

/// A world whose issuer answers as the cell says.
fn world(answer: &Rc<RefCell<Option<Answer>>>) -> Rc<World> {
    let (world, answer) = (Rc::new(World::default()), Rc::clone(answer));
    world.cluster("idp", move |_: &CallRecord| answer.borrow().clone());
    world
}

fn worker(world: &Rc<World>, config: &str) -> Envoy {
    Envoy::of(Rc::new(crate::adapter::Adapter::<Reader>::default()), config, &[], Rc::clone(world)).unwrap()
}

fn status(envoy: &Envoy, want: u64) -> u16 {
    envoy.send(&Request::get("/").header("x-want", want.to_string())).status
}

fn fetches(envoy: &Envoy) -> usize {
    envoy.world().calls().len()
}

const QUICK: &str = r#"{"fetch":{"refresh":"10s","max_stale":"60s","cooldown":"5s"}}"#;

#[test]
fn a_document_is_fetched_used_and_fetched_again() {
    let answer = Rc::new(RefCell::new(http(200, b"1")));
    let envoy = worker(&world(&answer), QUICK);
    envoy.advance(Millis(100));
    assert_eq!((status(&envoy, 1), fetches(&envoy)), (200, 1));
    answer.replace(http(200, b"2"));
    envoy.advance(Millis(8_000));
    assert_eq!(fetches(&envoy), 1);
    envoy.advance(Millis(3_100));
    assert_eq!((status(&envoy, 2), fetches(&envoy)), (200, 2));
    let call = envoy.world().calls().remove(0);
    assert_eq!(call.cluster, "idp");
    for field in [(":method", "GET"), (":authority", "idp.example"), (":path", "/number"), (":scheme", "https")] {
        assert!(call.headers.contains(&(field.0.to_owned(), field.1.to_owned())), "{field:?}");
    }
}

/// AUTHN-040.
#[test]
fn only_a_good_document_replaces_a_good_one() {
    let answer = Rc::new(RefCell::new(http(200, b"1")));
    let envoy = worker(&world(&answer), QUICK);
    envoy.advance(Millis(100));
    let gzip = {
        let headers = [(&b":status"[..], &b"200"[..]), (b"content-encoding", b"gzip")].into_iter().collect();
        Some(Answer::Http { status: 200, headers, body: b"2".to_vec(), trailers: Headers::new() })
    };
    let bad = [
        http(500, b"2"),
        http(302, b"2"),
        http(204, b"2"),
        http(200, b""),
        http(200, b"<html>"),
        http(200, &b"2".repeat(300 << 10)),
        gzip,
        Some(Answer::Unreachable),
        None,
    ];
    for (index, bad) in bad.into_iter().enumerate() {
        answer.replace(bad);
        envoy.advance(Millis(14_000));
        assert_eq!(status(&envoy, 1), 200, "{index}");
        answer.replace(http(200, b"1"));
        envoy.advance(Millis(35_000));
    }
    assert!(envoy.world().metric("portcullis_reader_fetches_total.result.refused.instance.reader").unwrap() >= 4);
    assert!(envoy.world().metric("portcullis_reader_fetches_total.result.failed.instance.reader").unwrap() >= 5);
}

#[test]
fn what_is_too_old_is_used_no_longer_and_comes_back() {
    let answer = Rc::new(RefCell::new(http(200, b"1")));
    let envoy = worker(&world(&answer), QUICK);
    envoy.advance(Millis(100));
    answer.replace(http(503, b""));
    envoy.advance(Millis(58_000));
    assert_eq!(status(&envoy, 1), 200);
    envoy.advance(Millis(3_500));
    assert_eq!(status(&envoy, 1), 401);
    answer.replace(http(200, b"1"));
    envoy.advance(Millis(2_000));
    assert_eq!(status(&envoy, 1), 200);
}

/// AUTHN-041: a try after one second and then every two, whatever comes in.
#[test]
fn an_outage_at_the_start_is_asked_about_with_patience() {
    let answer = Rc::new(RefCell::new(http(503, b"")));
    let envoy = worker(&world(&answer), QUICK);
    for _ in 0..100 {
        envoy.advance(Millis(300));
        assert_eq!(status(&envoy, 1), 401);
    }
    assert!((15..=18).contains(&fetches(&envoy)), "{}", fetches(&envoy));
}

/// AUTHN-042.
#[test]
fn whoever_asks_for_more_gets_one_fetch_in_each_cooldown() {
    let answer = Rc::new(RefCell::new(http(200, b"1")));
    let envoy = worker(&world(&answer), r#"{"fetch":{"cooldown":"30s"}}"#);
    envoy.advance(Millis(100));
    for _ in 0..50 {
        assert_eq!((status(&envoy, 7), status(&envoy, 1)), (401, 200));
        envoy.advance(Millis(200));
    }
    assert_eq!(fetches(&envoy), 2);
}

#[test]
fn a_request_waits_for_what_is_new() {
    let answer = Rc::new(RefCell::new(http(200, b"1")));
    let envoy = worker(&world(&answer), QUICK);
    envoy.advance(Millis(100));
    answer.replace(http(200, b"2"));
    assert_eq!((status(&envoy, 2), fetches(&envoy)), (200, 2));
}

/// Three workers, which read shared data in turns.
struct Workers(Vec<Envoy>);

impl Workers {
    fn of(answer: &Rc<RefCell<Option<Answer>>>, config: &str) -> Self {
        let first = world(answer);
        let others = [0, 1].map(|_| Rc::new(first.neighbour()));
        for world in &others {
            let answer = Rc::clone(answer);
            world.cluster("idp", move |_: &CallRecord| answer.borrow().clone());
        }
        Self(others.iter().chain([&first]).map(|world| worker(world, config)).collect())
    }

    fn advance(&self, time: Millis) {
        (0..time.0 / 60).for_each(|_| self.0.iter().for_each(|worker| worker.advance(Millis(20))));
    }

    fn fetches(&self) -> usize {
        self.0.iter().map(fetches).sum()
    }
}

#[test]
fn workers_share_one_fetch() {
    let answer = Rc::new(RefCell::new(http(200, b"1")));
    let workers = Workers::of(&answer, QUICK);
    for round in 1..=3_u16 {
        workers.advance(Millis(2_000));
        assert!(workers.0.iter().all(|worker| status(worker, round.into()) == 200), "{round}");
        assert_eq!(workers.fetches(), usize::from(round));
        answer.replace(http(200, (round + 1).to_string().as_bytes()));
        workers.advance(Millis(9_000));
    }
}

/// A new key is used at once: the first request brings a fetch about, and the others find what it fetched.
#[test]
fn what_another_worker_fetched_is_found_at_once() {
    let answer = Rc::new(RefCell::new(http(200, b"1")));
    let workers = Workers::of(&answer, QUICK);
    workers.advance(Millis(2_000));
    answer.replace(http(200, b"2"));
    for worker in &workers.0 {
        assert_eq!(status(worker, 2), 200);
    }
    assert_eq!(workers.fetches(), 2);
}

#[test]
fn what_others_wrote_into_shared_data_is_no_document_and_blocks_nothing() {
    let answer = Rc::new(RefCell::new(http(200, b"1")));
    let world = world(&answer);
    let key = |part| format!("portcullis.reader.reader.document.{part} idp https://idp.example/number");
    let far = Head { not_before: u64::MAX, ..Head::default() }.to_bytes();
    crate::host::Proxy::set_shared(world.as_ref(), &key("head"), &far, Cas::Absent).unwrap();
    let body = Body { generation: u64::MAX, fetched_at: u64::MAX, bytes: b"<html>" }.to_bytes();
    crate::host::Proxy::set_shared(world.as_ref(), &key("body"), &body, Cas::Absent).unwrap();
    let envoy = worker(&world, QUICK);
    envoy.advance(Millis(2_000));
    assert_eq!(status(&envoy, 1), 200);
}

/// An issuer moves its keys because they leaked, and the old place is slow.
#[test]
fn a_late_answer_of_the_old_place_is_not_believed_at_the_new_one() {
    let world = Rc::new(World::default());
    let clock = Rc::clone(&world);
    world.cluster("idp", move |call: &CallRecord| match call.headers.iter().any(|(_, path)| path == "/moved") {
        true => http(200, b"2"),
        false if crate::host::Proxy::monotonic(clock.as_ref()).0 < 4_000_000_000 => None,
        false => http(200, b"1"),
    });
    let config = r#"{"fetch":{"refresh":"10m","timeout":"30s"},"moves_at":2000}"#;
    let envoy = worker(&world, config);
    envoy.advance(Millis(5_000));
    assert_eq!((status(&envoy, 1), status(&envoy, 2)), (401, 200));
}

/// Shared data outlives a configuration.
#[test]
fn a_shorter_refresh_holds_from_the_next_configuration_on() {
    let answer = Rc::new(RefCell::new(http(200, b"1")));
    let world = world(&answer);
    let before = worker(&world, r#"{"fetch":{"refresh":"24h"}}"#);
    before.advance(Millis(1_000));
    drop(before);
    let after = worker(&world, r#"{"fetch":{"refresh":"10s"}}"#);
    after.advance(Millis(12_000));
    assert_eq!(fetches(&after), 2);
    after.advance(Millis(30_000));
    assert!((4..=6).contains(&fetches(&after)), "{}", fetches(&after));
}

#[test]
fn a_fetcher_that_dies_loses_its_lease() {
    let answer = Rc::new(RefCell::new(http(200, b"1")));
    let world = world(&answer);
    let dead = Head {
        is_fetching: true,
        not_before: crate::host::Proxy::monotonic(world.as_ref()).plus(Millis(3000)).0,
        ..Head::default()
    }
    .to_bytes();
    let key = "portcullis.reader.reader.document.head idp https://idp.example/number";
    crate::host::Proxy::set_shared(world.as_ref(), key, &dead, Cas::Absent).unwrap();
    let envoy = worker(&world, QUICK);
    envoy.advance(Millis(2_500));
    assert_eq!(fetches(&envoy), 0);
    envoy.advance(Millis(1_000));
    assert_eq!((fetches(&envoy), status(&envoy, 1)), (1, 200));
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    for text in [
        r#"{"refresh":"999ms"}"#,
        r#"{"refresh":"25h"}"#,
        r#"{"refresh":"1h","max_stale":"30m"}"#,
        r#"{"max_stale":"721h"}"#,
        r#"{"timeout":"49ms"}"#,
        r#"{"timeout":"31s"}"#,
        r#"{"cooldown":"999ms"}"#,
        r#"{"cooldown":"2h"}"#,
        r#"{"max_bytes":"1023B"}"#,
        r#"{"max_bytes":"5MiB"}"#,
    ] {
        let fetch: Fetch = serde_json::from_str(text).unwrap();
        assert!(fetch.check().is_err(), "{text}");
    }
    for text in [
        r#"{"refresh":"1s","max_stale":"1s","timeout":"50ms","cooldown":"1s","max_bytes":"1KiB"}"#,
        r#"{"refresh":"24h","max_stale":"720h","timeout":"30s","cooldown":"1h","max_bytes":"4MiB"}"#,
    ] {
        let fetch: Fetch = serde_json::from_str(text).unwrap();
        assert_eq!(fetch.check(), Ok(()), "{text}");
    }
    assert_eq!(Fetch::default().check(), Ok(()));
    assert_eq!(Fetch::default().max_bytes, Size(256 << 10));
}
