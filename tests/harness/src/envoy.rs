//! A real Envoy that belongs to its test: configured as values, started on ports it is given,
//! asked through its admin interface, and ended with the value that started it.
//!
//! By default it is a process (`ENVOY` names the binary, else `target/envoy/envoy`); with
//! `ENVOY_IMAGE` set the same configuration runs in a container, see [`container`].
//! `PORTCULLIS_KEEP=1` keeps its folder: configuration, log, access log.

use crate::client::{Request, Response, h1};
use crate::config::{Listener, Protocol, UPSTREAM, cluster, discovery_response, merge, socket_address};
use crate::container::{self, Container};
use crate::scratch::Scratch;
use crate::workspace;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, io};

/// How long Envoy may take until it serves: large modules compile for seconds on each thread.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long Envoy keeps what it writes to files.
const FLUSH: Duration = Duration::from_millis(5);

/// How many of the last log lines a failure shows.
const LAST_LINES: usize = 40;

/// The name of the first listener.
pub const MAIN: &str = "main";

/// What is to be started.
#[derive(Clone, Debug)]
pub struct Builder {
    listeners: Vec<(String, Listener)>,
    clusters: Vec<Value>,
    upstream: Option<(SocketAddr, Protocol)>,
    workers: u32,
    is_updatable: bool,
    variables: BTreeMap<String, String>,
    arguments: Vec<String>,
    bootstrap: Value,
    /// A whole configuration in the place of all that.
    whole: Option<Value>,
}

/// Envoy did not start, or refused a configuration: why, and its last log lines.
#[derive(Clone)]
pub struct StartFailure {
    /// What happened.
    pub reason: String,
    /// Everything it logged.
    pub log: String,
}

impl fmt::Display for StartFailure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.reason)?;
        let lines: Vec<&str> = self.log.lines().collect();
        let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
        last.iter().try_for_each(|line| writeln!(out, "    {line}"))
    }
}

impl fmt::Debug for StartFailure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl std::error::Error for StartFailure {}

impl Builder {
    /// Sends what no route names to this HTTP/1.1 server.
    pub fn upstream(mut self, address: SocketAddr) -> Self {
        self.upstream = Some((address, Protocol::H1));
        self
    }

    /// Sends what no route names to this HTTP/2 server.
    pub fn upstream_h2(mut self, address: SocketAddr) -> Self {
        self.upstream = Some((address, Protocol::H2));
        self
    }

    /// Adds a cluster, as [`cluster`] makes it or as Envoy writes it.
    pub fn cluster(mut self, cluster: Value) -> Self {
        self.clusters.push(cluster);
        self
    }

    /// Adds a further listener; see [`Envoy::address_of`].
    pub fn also(mut self, name: &str, listener: Listener) -> Self {
        self.listeners.push((name.to_owned(), listener));
        self
    }

    /// How many workers; by default one.
    pub fn workers(mut self, workers: u32) -> Self {
        self.workers = workers;
        self
    }

    /// Reads the listeners from a watched file, so that [`Envoy::update`] and [`Envoy::replace`] can replace them.
    pub fn updatable(mut self) -> Self {
        self.is_updatable = true;
        self
    }

    /// Sets a variable of Envoy's environment.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Adds an argument of the command line.
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// Merges fields into the bootstrap: objects are merged, lists are joined.
    pub fn bootstrap(mut self, fields: &Value) -> Self {
        merge(&mut self.bootstrap, fields);
        self
    }

    /// Starts it and waits until it serves.
    pub fn start(self) -> Result<Envoy, StartFailure> {
        let scratch = Scratch::new("envoy");
        let files = Files::new(&scratch);
        let config = scratch.replace("envoy.json", &pretty(&self.to_json(&files)));
        if self.is_updatable {
            scratch.replace(Files::LISTENERS, &pretty(&discovery_response(self.listeners(&files))));
        }
        let process = if let Some(image) = container::image() {
            Process::Container(Container::start(&image, &self.placement(&scratch, &config))?)
        } else {
            Process::Child(spawn(&config, &files, &self)?)
        };
        let mut envoy = Envoy {
            process,
            admin: SocketAddr::from(([127, 0, 0, 1], 0)),
            addresses: BTreeMap::new(),
            plan: self,
            files,
            scratch,
        };
        envoy.wait_until_serving()?;
        Ok(envoy)
    }

    /// The bootstrap as Envoy reads it.
    fn to_json(&self, files: &Files) -> Value {
        if let Some(whole) = &self.whole {
            let mut config = moved(whole.clone());
            if self.is_updatable {
                config["static_resources"]["listeners"] = json!([]);
                config["dynamic_resources"] = discovery(files);
            }
            return config;
        }
        let (address, protocol) = match self.upstream {
            Some((address, protocol)) => (Some(address), protocol),
            None => (None, Protocol::H1),
        };
        let mut clusters = vec![cluster(UPSTREAM, address, protocol)];
        clusters.extend(self.clusters.iter().cloned());
        let mut config = json!({
            "node": {"id": "portcullis", "cluster": "portcullis"},
            "admin": {"address": address_of_admin()},
            "static_resources": {"clusters": clusters}
        });
        if self.is_updatable {
            config["dynamic_resources"] = discovery(files);
        } else {
            config["static_resources"]["listeners"] = json!(self.listeners(files));
        }
        merge(&mut config, &self.bootstrap);
        config
    }

    fn listeners(&self, files: &Files) -> Vec<Value> {
        if let Some(whole) = &self.whole {
            return listeners_of(&moved(whole.clone()));
        }
        let to_json = |(place, (name, listener)): (usize, &(String, Listener))| {
            listener.to_json(name, &address_of_listener(place), &files.access_log)
        };
        self.listeners.iter().enumerate().map(to_json).collect()
    }

    fn placement<'p>(&'p self, scratch: &'p Scratch, config: &'p Path) -> container::Placement<'p> {
        let mut shown: Vec<&Path> = self.listeners.iter().flat_map(|(_, l)| l.module_folders()).collect();
        shown.sort_unstable();
        shown.dedup();
        container::Placement {
            folder: scratch.path(),
            shown,
            arguments: self.command_line(config, ["--log-path".into(), Files::new(scratch).log.into()]),
            variables: &self.variables,
            ports: (0..self.listeners.len()).map(container::listener_port).collect(),
        }
    }

    fn command_line(&self, config: &Path, more: [OsString; 2]) -> Vec<OsString> {
        let mut line: Vec<OsString> = vec!["--config-path".into(), config.into()];
        line.extend("--disable-hot-restart --drain-time-s 1 --parent-shutdown-time-s 2".split(' ').map(Into::into));
        line.extend(["--file-flush-interval-msec".into(), FLUSH.as_millis().to_string().into()]);
        line.extend(["--concurrency".into(), self.workers.to_string().into()]);
        line.extend(more);
        line.extend(self.arguments.iter().map(Into::into));
        line
    }
}

/// Where listeners are read that may change.
fn discovery(files: &Files) -> Value {
    let path = files.folder.join(Files::LISTENERS);
    json!({"lds_config": {"resource_api_version": "V3", "path_config_source": {"path": path}}})
}

fn listeners_of(config: &Value) -> Vec<Value> {
    config["static_resources"]["listeners"].as_array().cloned().unwrap_or_default()
}

/// The same on loopback, at ports that are free.
fn moved(mut config: Value) -> Value {
    config["admin"]["address"] = address_of_admin();
    for (place, listener) in config["static_resources"]["listeners"].as_array_mut().into_iter().flatten().enumerate() {
        listener["address"] = address_of_listener(place);
    }
    config
}

/// A running Envoy. It ends when dropped.
pub struct Envoy {
    process: Process, // ends before its folder goes
    admin: SocketAddr,
    addresses: BTreeMap<String, SocketAddr>,
    plan: Builder,
    files: Files,
    scratch: Scratch,
}

enum Process {
    Child(Child),
    Container(Container),
}

impl Envoy {
    /// An Envoy with this listener, named `main`.
    pub fn builder(listener: Listener) -> Builder {
        Builder {
            listeners: vec![(MAIN.to_owned(), listener)],
            clusters: Vec::new(),
            upstream: None,
            workers: 1,
            is_updatable: false,
            variables: BTreeMap::new(),
            arguments: Vec::new(),
            bootstrap: json!({}),
            whole: None,
        }
    }

    /// An Envoy with a whole configuration as somebody wrote it. Its listeners and its admin interface are moved to free
    /// ports of loopback.
    pub fn of(config: Value) -> Builder {
        Builder { whole: Some(config), listeners: Vec::new(), ..Self::builder(Listener::new()) }
    }

    /// Asks Envoy whether it would take this configuration (`--mode validate`).
    pub fn validate(config: &Value) -> Result<(), StartFailure> {
        let scratch = Scratch::new("validate");
        Self::validate_file(&scratch.replace("envoy.json", &pretty(config)))
    }

    /// Asks Envoy whether it would take this file, YAML or JSON. The binary is asked, in container
    /// mode too: what is asked about is the file.
    pub fn validate_file(config: &Path) -> Result<(), StartFailure> {
        let mut command = Command::new(binary()?);
        command.args(["--mode", "validate", "--config-path"]).arg(config);
        let failed =
            |reason: String, log: &[u8]| StartFailure { reason, log: String::from_utf8_lossy(log).into_owned() };
        let output = command.stdin(Stdio::null()).output().map_err(|e| failed(format!("{command:?}: {e}"), b""))?;
        if output.status.success() {
            return Ok(());
        }
        Err(failed(format!("Envoy refuses {}", config.display()), &output.stderr))
    }

    /// Where the first listener listens.
    pub fn address(&self) -> SocketAddr {
        self.address_of(MAIN)
    }

    /// Where a listener listens.
    pub fn address_of(&self, listener: &str) -> SocketAddr {
        *self.addresses.get(listener).unwrap_or_else(|| panic!("no listener {listener:?}: {:?}", self.addresses))
    }

    /// Where the admin interface listens.
    pub fn admin_address(&self) -> SocketAddr {
        self.admin
    }

    /// Replaces the first listener while it runs, and waits until Envoy took or refused it.
    pub fn update(&mut self, listener: Listener) -> Result<(), StartFailure> {
        self.plan.listeners[0].1 = listener;
        self.publish()
    }

    /// Replaces the listeners of a whole configuration while it runs, and waits until Envoy took or refused them.
    pub fn replace(&mut self, config: Value) -> Result<(), StartFailure> {
        self.plan.whole = Some(config);
        self.publish()
    }

    fn publish(&mut self) -> Result<(), StartFailure> {
        assert!(self.plan.is_updatable, "an update needs an Envoy that was started with `.updatable()`");
        let before = self.lds();
        let listeners = pretty(&discovery_response(self.plan.listeners(&self.files)));
        self.scratch.replace(Files::LISTENERS, &listeners);
        self.wait_for("the update", |envoy| (envoy.lds() != before).then_some(()))?;
        self.accepted(&before)
    }

    /// The value of a counter or gauge; 0 when it does not exist.
    pub fn stat(&self, name: &str) -> u64 {
        self.stats(name).get(name).copied().unwrap_or(0)
    }

    /// All counters and gauges whose name begins with `prefix`.
    pub fn stats(&self, prefix: &str) -> BTreeMap<String, u64> {
        let text = self.ask("GET", &format!("/stats?filter=^{}", escaped(prefix))).text();
        let pair = |line: &str| {
            let (name, value) = line.rsplit_once(": ")?;
            Some((name.to_owned(), value.parse().ok()?))
        };
        text.lines().filter_map(pair).collect()
    }

    /// The statistics as Prometheus reads them.
    pub fn prometheus(&self) -> String {
        self.ask("GET", "/stats/prometheus").text()
    }

    /// The configuration in force.
    pub fn config_dump(&self) -> Value {
        self.ask("GET", "/config_dump").json()
    }

    /// Asks the admin interface; panics when it does not answer.
    pub fn ask(&self, method: &str, path: &str) -> Response {
        let answer = self.try_ask(method, path);
        answer.unwrap_or_else(|| panic!("{}", self.failure(format!("admin does not answer {method} {path}"))))
    }

    /// Everything Envoy and its filters logged so far.
    pub fn log(&self) -> String {
        if let Process::Container(_) = self.process {
            thread::sleep(2 * FLUSH); // a process logs at once, a container through a buffer
        }
        read(&self.files.log)
    }

    /// What the log says when a module trapped, if it does.
    pub fn trap(&self) -> Option<&'static str> {
        let log = self.log();
        ["invalid context_id", "Uncaught RuntimeError", "in-VM backtrace"].into_iter().find(|sign| log.contains(sign))
    }

    /// The lines of the access log so far.
    pub fn access_log(&self) -> Vec<String> {
        read(&self.files.access_log).lines().map(str::to_owned).collect()
    }

    /// Waits until the log contains a text; false when it does not in time.
    pub fn wait_for_log(&self, text: &str, within: Duration) -> bool {
        eventually(within, || self.log().contains(text))
    }

    /// Waits until the access log has so many lines, and returns what it has.
    pub fn wait_for_access_log(&self, lines: usize, within: Duration) -> Vec<String> {
        eventually(within, || self.access_log().len() >= lines);
        self.access_log()
    }

    /// Waits until a counter or gauge has at least this value; false when it has not in time.
    pub fn wait_for_stat(&self, name: &str, at_least: u64, within: Duration) -> bool {
        eventually(within, || self.stat(name) >= at_least)
    }

    /// How many workers it was started with.
    pub fn workers(&self) -> u32 {
        self.plan.workers
    }

    /// Whether the process still runs and answers.
    pub fn is_alive(&self) -> bool {
        self.try_ask("GET", "/ready").is_some_and(|answer| answer.is(200))
    }

    /// The process, as the machine numbers it.
    pub fn pid(&self) -> u32 {
        match &self.process {
            Process::Child(child) => child.id(),
            Process::Container(container) => container.pid(),
        }
    }

    /// Resident memory in bytes.
    pub fn resident_bytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1024
    }

    fn wait_until_serving(&mut self) -> Result<(), StartFailure> {
        self.admin = self.wait_for("Envoy to serve", Self::find_admin)?;
        self.wait_for("Envoy to serve", |envoy| envoy.is_alive().then_some(()))?;
        if self.plan.is_updatable {
            let nothing = Lds { accepted: 0, refused: 0 };
            self.wait_for("the first listeners", |envoy| (envoy.lds() != nothing).then_some(()))?;
            return self.accepted(&nothing);
        }
        self.find_addresses()
    }

    fn find_admin(&self) -> Option<SocketAddr> {
        match &self.process {
            Process::Child(_) => read(&self.files.admin_address).trim().parse().ok(),
            Process::Container(container) => container.published(container::ADMIN_PORT),
        }
    }

    /// After an update was judged: an error if it was refused, else the new addresses.
    fn accepted(&mut self, before: &Lds) -> Result<(), StartFailure> {
        if self.lds().refused > before.refused {
            return Err(self.failure("Envoy refused the listener".to_owned()));
        }
        self.wait_for("the new listener to warm", |envoy| {
            (envoy.stat("listener_manager.total_listeners_warming") == 0).then_some(())
        })?;
        self.find_addresses()
    }

    fn find_addresses(&mut self) -> Result<(), StartFailure> {
        self.wait_for("the workers", |envoy| (envoy.stat("listener_manager.workers_started") == 1).then_some(()))?;
        let listing = self.ask("GET", "/listeners?format=json").json();
        for status in listing["listener_statuses"].as_array().into_iter().flatten() {
            let name = status["name"].as_str().unwrap_or_default();
            let address = &status["local_address"]["socket_address"];
            let host = address["address"].as_str().and_then(|host| host.parse().ok());
            let port = address["port_value"].as_u64().and_then(|port| u16::try_from(port).ok());
            if let (Some(host), Some(port)) = (host, port) {
                let inside = SocketAddr::new(host, port);
                let address = match &self.process {
                    Process::Child(_) => Some(inside),
                    Process::Container(container) => container.published(port),
                };
                self.addresses.extend(address.map(|address| (name.to_owned(), address)));
            }
        }
        Ok(())
    }

    /// Polls until `look` finds what it waits for; an error when Envoy ended or time is up.
    fn wait_for<T>(&mut self, what: &str, look: impl Fn(&Self) -> Option<T>) -> Result<T, StartFailure> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(self) {
                return Ok(found);
            }
            if let Some(status) = self.process.ended() {
                return Err(self.failure(format!("Envoy ended while the test waited for {what}: {status}")));
            }
            if Instant::now() > deadline {
                return Err(self.failure(format!("waited {} s for {what}", PATIENCE.as_secs())));
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn try_ask(&self, method: &str, path: &str) -> Option<Response> {
        let mut client = h1::Connection::try_open(self.admin)?;
        let request = Request::new(method, path).header("connection", "close");
        Some(client.send(&request)).filter(|answer| answer.status.is_some())
    }

    fn lds(&self) -> Lds {
        let stats = self.stats("listener_manager.lds.update_");
        let count = |name: &str| stats.get(&format!("listener_manager.lds.update_{name}")).copied().unwrap_or(0);
        Lds { accepted: count("success"), refused: count("rejected") }
    }

    fn failure(&self, reason: String) -> StartFailure {
        let mut log = self.log();
        if let Process::Container(container) = &self.process {
            log.push_str(&container.output());
        }
        StartFailure { reason, log }
    }
}

impl Process {
    /// How it ended, if it did.
    fn ended(&mut self) -> Option<String> {
        match self {
            Self::Child(child) => child.try_wait().ok().flatten().map(|status| status.to_string()),
            Self::Container(container) => container.ended(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Self::Child(child) = self {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// How many updates Envoy took and refused.
#[derive(PartialEq, Eq)]
struct Lds {
    accepted: u64,
    refused: u64,
}

/// What Envoy reads and writes in its folder.
struct Files {
    folder: PathBuf,
    log: PathBuf,
    access_log: PathBuf,
    admin_address: PathBuf,
}

impl Files {
    const LISTENERS: &str = "listeners.json";

    fn new(scratch: &Scratch) -> Self {
        let out = scratch.path().join(container::WRITABLE);
        let _ = fs::create_dir_all(&out);
        Self {
            folder: scratch.path().to_path_buf(),
            log: out.join("envoy.log"),
            access_log: out.join("access.log"),
            admin_address: out.join("admin-address"),
        }
    }
}

/// The binary that tests run.
pub fn binary() -> Result<PathBuf, StartFailure> {
    let path = env::var_os("ENVOY").map_or_else(|| workspace().join("target/envoy/envoy"), PathBuf::from);
    if path.is_file() {
        return Ok(path);
    }
    let reason = format!("no Envoy at {}: run `make envoy` (or name a binary by ENVOY=…)", path.display());
    Err(StartFailure { reason, log: String::new() })
}

fn spawn(config: &Path, files: &Files, plan: &Builder) -> Result<Child, StartFailure> {
    let binary = binary()?;
    let failed = |e: io::Error| StartFailure { reason: format!("{}: {e}", binary.display()), log: String::new() };
    let log = File::create(&files.log).map_err(failed)?;
    let admin = ["--admin-address-path".into(), files.admin_address.clone().into()];
    Command::new(&binary)
        .args(plan.command_line(config, admin))
        .envs(&plan.variables)
        .stdin(Stdio::null())
        .stdout(log.try_clone().map_err(failed)?)
        .stderr(log)
        .spawn()
        .map_err(failed)
}

fn address_of_admin() -> Value {
    match container::image() {
        Some(_) => socket_address("0.0.0.0", container::ADMIN_PORT),
        None => socket_address("127.0.0.1", 0),
    }
}

fn address_of_listener(place: usize) -> Value {
    match container::image() {
        Some(_) => socket_address("0.0.0.0", container::listener_port(place)),
        None => socket_address("127.0.0.1", 0),
    }
}

/// A name as part of a regular expression in a query string.
fn escaped(name: &str) -> String {
    name.replace('.', "\\.")
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn read(path: &Path) -> String {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

fn eventually(within: Duration, is_true: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + within;
    while !is_true() {
        if Instant::now() > deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(10));
    }
    true
}
