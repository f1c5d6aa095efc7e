//! `rls-server` as a process.

use rls::Redis;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};

use crate::for_each_user;
use harness::scratch::Scratch;

/// A process that ends with its test.
pub(crate) struct Program {
    child: Child,
    pub(crate) address: SocketAddr,
    _scratch: Scratch,
}

impl Program {
    /// One that counts in this Redis.
    pub(crate) fn start(limits: &Value, redis: &Redis, listen: &str) -> Self {
        let scratch = Scratch::new("rls");
        let file = scratch.replace("limits.json", &limits.to_string());
        let mut command = Command::new(PROGRAM);
        command.arg(file).args(["--redis", &redis.url(), "--listen", listen]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, address: line.trim().parse().expect("it says where it serves"), _scratch: scratch }
    }

    /// `SIGKILL`.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).stdin(Stdio::null()).output().unwrap()
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_rls-server");

#[test]
fn a_program_that_cannot_serve_says_why_and_ends() {
    let scratch = Scratch::new("rls");
    let limits = scratch.replace("limits.json", &for_each_user(1).to_string());
    let wrong = scratch.replace("wrong.yaml", "[{namespace: ai}]");
    let (limits, wrong) = (limits.to_str().unwrap(), wrong.to_str().unwrap());
    for (arguments, said) in [
        (&["--memory"][..], "expected: rls-server LIMITS"),
        (&[limits], "expected: rls-server LIMITS"),
        (&[limits, "--memory", "--faster"], "--faster: expected"),
        (&[wrong, "--memory"], "max_value"),
        (&["nowhere.yaml", "--memory"], "nowhere.yaml: No such file"),
        (&[limits, "--redis", "redis://127.0.0.1:1"], "redis://127.0.0.1:1: Connection refused"),
        (&[limits, "--redis", "rediss://127.0.0.1:1"], "rediss://127.0.0.1:1:"),
    ] {
        let told = run(arguments);
        let text = String::from_utf8_lossy(&told.stderr).into_owned();
        assert!(!told.status.success() && text.contains(said), "{arguments:?}: {text}");
    }
    assert!(fs::metadata(limits).is_ok());
}
