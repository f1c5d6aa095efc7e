//! A Redis that belongs to its test: a process on a port and in a folder of its own, without persistence.
//!
//! The binary is `target/redis/redis-server`, where `make redis` puts it, else `redis-server` on `PATH`.

use harness::scratch::Scratch;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long it may take to serve.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many ports are tried: somebody may take a free one before Redis does.
const PORTS: usize = 5;

/// A running Redis. It ends when dropped.
pub struct Redis {
    child: Child,
    address: SocketAddr,
    scratch: Scratch,
}

impl Redis {
    /// Starts one and waits until it serves.
    ///
    /// # Panics
    /// With the sentence that says what is missing.
    pub fn start() -> Self {
        let scratch = Scratch::new("redis");
        for _ in 0..PORTS {
            let address = free_address();
            if let Ok(child) = run(address, scratch.path()) {
                return Self { child, address, scratch };
            }
        }
        panic!("Redis did not start:\n{}", log(scratch.path()));
    }

    /// Where it listens, also while it is killed.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as limitador wants it.
    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Ends it at once; what it held is gone.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it anew on its port, empty.
    ///
    /// # Panics
    /// When somebody else has its port.
    pub fn restart(&mut self) {
        self.kill();
        let started = run(self.address, self.scratch.path());
        self.child = started.unwrap_or_else(|()| panic!("Redis did not start again:\n{}", log(self.scratch.path())));
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The process, once its own log says that it serves: whatever else answers on the port may be somebody else's.
fn run(address: SocketAddr, folder: &Path) -> Result<Child, ()> {
    let _ = fs::remove_file(folder.join(LOG));
    let mut child = spawn(address, folder).unwrap_or_else(|e| panic!("{MISSING} ({e})"));
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline && child.try_wait().is_ok_and(|ended| ended.is_none()) {
        if log(folder).contains("Ready to accept connections") {
            return Ok(child);
        }
        sleep(Duration::from_millis(5));
    }
    let _ = child.kill();
    let _ = child.wait();
    Err(())
}

fn spawn(address: SocketAddr, folder: &Path) -> io::Result<Child> {
    let mut command = Command::new(binary());
    command.args(["--port", &address.port().to_string(), "--bind", &address.ip().to_string()]);
    command.args(["--save", "", "--appendonly", "no", "--daemonize", "no", "--logfile", LOG, "--dir"]).arg(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}

fn binary() -> PathBuf {
    let fetched = harness::workspace().join("target/redis/redis-server");
    if fetched.is_file() { fetched } else { "redis-server".into() }
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("it is bound")
}

fn log(folder: &Path) -> String {
    fs::read_to_string(folder.join(LOG)).unwrap_or_default()
}

const LOG: &str = "redis.log";
const MISSING: &str = "no redis-server in target/redis or on PATH: run `make redis`";
