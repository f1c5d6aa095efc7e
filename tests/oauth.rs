//! A whole deployment: an OAuth 2.0 authorization server made of a maintained library (`tests/oauth/`), Envoy with authn
//! that discovers its keys, and clients that get tokens there and call through Envoy all the time, while the server's
//! keys rotate and the server goes down and comes back. No good token is refused, no bad one passes.

// The lints against panics are for code that runs behind a proxy.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::arithmetic_side_effects, clippy::disallowed_methods, missing_docs)]

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};
use std::{env, fs, process};

use harness::client::h1;
use harness::config::{Protocol, cluster};
use harness::token::{base64, now};
use harness::{Envoy, Key, Listener, Request, Response, Token, Upstream, WasmFilter, workspace};
use serde_json::json;

const ISSUER: &str = "http://issuer.test";
const REFRESH: Duration = Duration::from_secs(2);
/// After so long every worker knows what the server publishes: a refresh, and the look at what another worker fetched.
const KNOWN: Duration = Duration::from_secs(4);
const COOLDOWN: Duration = Duration::from_secs(1);
const OUTAGE: Duration = Duration::from_secs(6);
/// The longest wait between two tries after an outage of that length.
const BACK: Duration = Duration::from_secs(10);

#[test]
fn no_good_token_is_refused_and_no_bad_one_passes_while_keys_rotate_and_the_server_is_away() {
    let mut server = Server::start();
    let gateway = Gateway::start(&server);
    gateway.until_known(&server);
    let load = Load::default();
    let stop = AtomicBool::new(false);
    let begin = Instant::now();
    thread::scope(|scope| {
        let clients: Vec<_> = (0..2).map(|_| scope.spawn(|| load.ask(gateway.address(), &stop))).collect();
        let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| play(&mut server, &gateway, &load)));
        stop.store(true, Ordering::SeqCst);
        for client in clients {
            client.join().expect("a client");
        }
        told.unwrap_or_else(|fault| std::panic::resume_unwind(fault));
    });
    let (served, refused) = (load.served.load(Ordering::SeqCst), load.refused.load(Ordering::SeqCst));
    eprintln!("{served} good tokens served, {refused} bad ones refused in {:.0} s", begin.elapsed().as_secs_f64());
    let faults = load.faults();
    assert!(faults.is_empty(), "{} faults: {:#?}", faults.len(), &faults[..faults.len().min(TOLD)]);
    assert_eq!(gateway.upstream.hits(), served + gateway.asked.load(Ordering::SeqCst), "only good ones went on");
    assert!(served > 500 && refused > 500, "{served} served, {refused} refused: that is no load");
    let log = gateway.envoy.log();
    assert!(!log.contains("Uncaught RuntimeError"), "{log}");
}

fn play(server: &mut Server, gateway: &Gateway, load: &Load) {
    load.scene("what is good, and what looks like it");
    let first = server.token("good");
    load.is_good(&first);
    load.is_bad("expired", server.token("expired"));
    load.is_bad("for another audience", server.token("other-audience"));
    load.is_bad("signed by somebody else", forged(&server.signing()));
    load.is_bad("of an unknown key", forged("key-99"));
    sleep(REFRESH);

    load.scene("as issuers do it: a key is published");
    server.control("publish");
    sleep(KNOWN);
    load.scene("then it is used");
    server.control("sign");
    let second = server.token("good");
    load.is_good(&second);
    sleep(REFRESH);
    load.scene("then the old one goes");
    load.is_neither(&first);
    server.control("retire");
    sleep(KNOWN);
    load.is_bad("of a key that was withdrawn", first);
    load.is_bad("signed by somebody else as the new key", forged(&server.signing()));
    sleep(REFRESH);

    // Whoever shows it first waits for it. Nobody may have shown a key that is unknown, or is no longer known, within the
    // cooldown before.
    load.scene("as issuers should not: a key is used at once");
    load.shows_good_only.store(true, Ordering::SeqCst);
    sleep(COOLDOWN + REFRESH);
    server.control("publish");
    server.control("sign");
    let third = server.token("good");
    load.is_good(&third);
    sleep(REFRESH);
    load.shows_good_only.store(false, Ordering::SeqCst);

    // What it published last stays in force.
    load.scene("the server is away");
    let failed = gateway.fetches("failed");
    server.kill();
    sleep(OUTAGE);
    assert!(gateway.fetches("failed") > failed, "the outage was noticed");
    load.scene("the server is back");
    server.restart();
    let ok = gateway.fetches("ok");
    gateway.until("it is fetched again", BACK, || gateway.fetches("ok") > ok + 1);

    load.scene("and keys rotate as before");
    server.control("publish");
    sleep(KNOWN);
    server.control("sign");
    load.is_good(&server.token("good"));
    sleep(REFRESH);
}

/// A token like the server's, signed by somebody else under this name.
fn forged(kid: &str) -> String {
    let claims = json!({
        "iss": ISSUER, "aud": ["api"], "sub": "good", "client_id": "good", "scope": "chat", "jti": "forged",
        "iat": now(), "exp": now() + 300,
    });
    Token::of(&json!({"typ": "at+jwt", "kid": kid}), &claims).sign(Key::AttackerRsa)
}

/// Envoy, and what is behind it.
struct Gateway {
    envoy: Envoy,
    upstream: Upstream,
    /// Requests that were served before the load began.
    asked: AtomicU64,
}

impl Gateway {
    fn start(server: &Server) -> Self {
        let upstream = Upstream::h1();
        let seconds = |time: Duration| format!("{}s", time.as_secs());
        let config = json!({"providers": {"main": {
            "issuer": ISSUER, "audiences": ["api"], "algorithms": ["RS256"], "typ": ["at+jwt"], "clock_skew": "1s",
            "oidc_discovery": {
                "clusters": {"issuer.test": "issuer"},
                "fetch": {"refresh": seconds(REFRESH), "max_stale": "1h", "timeout": "1s", "cooldown": seconds(COOLDOWN)}
            }
        }}});
        let envoy = Envoy::builder(Listener::new().filter(WasmFilter::new("authn").configured(&config)))
            .upstream(upstream.address())
            .cluster(cluster("issuer", Some(server.address), Protocol::H1))
            .workers(2)
            .start()
            .unwrap();
        Self { envoy, upstream, asked: AtomicU64::new(0) }
    }

    fn address(&self) -> SocketAddr {
        self.envoy.address()
    }

    /// Each worker has the keys.
    fn until_known(&self, server: &Server) {
        let token = server.token("good");
        self.until("the keys are there", Duration::from_secs(10), || {
            let mut clients: Vec<_> = (0..self.envoy.workers()).map(|_| h1::Connection::open(self.address())).collect();
            let served =
                clients.iter_mut().filter_map(|client| client.send(&asking(&token)).is(200).then_some(())).count();
            self.asked.fetch_add(served as u64, Ordering::SeqCst);
            served == clients.len()
        });
    }

    fn until(&self, what: &str, within: Duration, is_so: impl Fn() -> bool) {
        let deadline = Instant::now() + within;
        while !is_so() {
            assert!(Instant::now() < deadline, "waited {within:?} until {what}: {}", self.envoy.log());
            sleep(Duration::from_millis(50));
        }
    }

    fn fetches(&self, result: &str) -> u64 {
        self.envoy.stat(&format!("wasmcustom.portcullis_authn_fetches_total.result.{result}.instance.authn"))
    }
}

fn asking(token: &str) -> Request {
    Request::get("/v1/models").bearer(token)
}

/// What clients send all the time, and what came of it.
#[derive(Default)]
struct Load {
    good: Mutex<Vec<String>>,
    bad: Mutex<Vec<(&'static str, String)>>,
    shows_good_only: AtomicBool,
    served: AtomicU64,
    refused: AtomicU64,
    faults: Mutex<Vec<String>>,
    /// What is being played, for faults.
    scene: Mutex<(&'static str, Option<Instant>)>,
}

/// How many faults are told: one cause has thousands.
const TOLD: usize = 5;

impl Load {
    fn is_good(&self, token: &str) {
        lock(&self.good).push(token.to_owned());
    }

    fn is_bad(&self, why: &'static str, token: String) {
        lock(&self.bad).push((why, token));
    }

    /// It is shown no more; requests that are under way may end.
    fn is_neither(&self, token: &str) {
        lock(&self.good).retain(|good| good != token);
        sleep(Duration::from_millis(200));
    }

    fn scene(&self, name: &'static str) {
        *lock(&self.scene) = (name, Some(Instant::now()));
    }

    fn faults(&self) -> Vec<String> {
        lock(&self.faults).clone()
    }

    fn ask(&self, address: SocketAddr, stop: &AtomicBool) {
        let mut client = h1::Connection::open(address);
        while !stop.load(Ordering::SeqCst) {
            let (good, bad) = (lock(&self.good).clone(), lock(&self.bad).clone());
            for token in &good {
                let answer = client.send(&asking(token));
                self.note(answer.is(200), &self.served, "a good token", &answer);
            }
            for (why, token) in bad.iter().filter(|_| !self.shows_good_only.load(Ordering::SeqCst)) {
                let answer = client.send(&asking(token));
                self.note(answer.is(401), &self.refused, why, &answer);
            }
            sleep(Duration::from_millis(5));
        }
    }

    fn note(&self, is_right: bool, counter: &AtomicU64, what: &str, answer: &Response) {
        if is_right {
            counter.fetch_add(1, Ordering::SeqCst);
        } else {
            let (scene, since) = *lock(&self.scene);
            let millis = since.map_or(0, |since| since.elapsed().as_millis());
            let (status, body) = (answer.status, answer.text());
            lock(&self.faults).push(format!("{scene}, after {millis} ms: {what}: {status:?} {body}"));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The authorization server, with a folder and a port of its own.
struct Server {
    child: Child,
    address: SocketAddr,
    state: PathBuf,
}

impl Server {
    fn start() -> Self {
        install();
        let state = env::temp_dir().join(format!("portcullis-oauth-{}", process::id()));
        fs::create_dir_all(&state).unwrap();
        let (child, address) = run(&state, 0);
        Self { child, address, state }
    }

    /// A token for the credentials of this client (RFC 6749 section 4.4).
    fn token(&self, client: &str) -> String {
        let secret = format!("{}-secret", client.split('-').next().unwrap_or_default());
        let request = Request::post("/token", "grant_type=client_credentials&scope=chat")
            .header("authorization", format!("Basic {}", base64(format!("{client}:{secret}").as_bytes())))
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = self.send(request);
        answer.json()["access_token"].as_str().unwrap_or_else(|| panic!("no token for {client}: {answer:?}")).to_owned()
    }

    fn control(&self, step: &str) {
        let answer = self.send(Request::post(format!("/control/{step}"), ""));
        assert!(answer.is(200), "{step}: {answer:?}");
    }

    /// The `kid` that it signs with.
    fn signing(&self) -> String {
        let token = self.token("good");
        let header = harness::token::unbase64url(token.split('.').next().unwrap_or_default());
        let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
        header["kid"].as_str().unwrap().to_owned()
    }

    fn send(&self, request: Request) -> Response {
        h1::send(self.address, &request.authority("issuer.test"))
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn restart(&mut self) {
        (self.child, self.address) = run(&self.state, self.address.port());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.state);
    }
}

/// Starts the server and waits until it says where it listens.
fn run(state: &Path, port: u16) -> (Child, SocketAddr) {
    let log = fs::File::options().create(true).append(true).open(state.join("server.log")).unwrap();
    let mut child = python(&["tests/oauth/authorization_server.py", "--issuer", ISSUER, "--port", &port.to_string()])
        .arg("--state")
        .arg(state)
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap_or_else(|e| panic!("{e}: {NO_PYTHON}"));
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let port = line.trim().parse().unwrap_or_else(|_| {
        panic!("the authorization server did not start:\n{}", fs::read_to_string(state.join("server.log")).unwrap())
    });
    (child, SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
}

const NO_PYTHON: &str = "expected Python 3.11 or later with pip (Debian: apt-get install python3 python3-pip)";

/// Its packages, by their checksums; nothing is fetched that is there.
fn install() {
    let told = python(&["tests/oauth/install.py"]).stdin(Stdio::null()).output();
    let told = told.unwrap_or_else(|e| panic!("{e}: {NO_PYTHON}"));
    let text = [told.stdout, told.stderr].concat();
    assert!(told.status.success(), "make oauth-server failed: {}\n{NO_PYTHON}", String::from_utf8_lossy(&text));
}

fn python(arguments: &[&str]) -> Command {
    let mut command = Command::new("python3");
    command.args(arguments).current_dir(workspace()).env("PYTHONPATH", workspace().join("target/oauth/packages"));
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
