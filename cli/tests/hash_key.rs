//! `portcullis hash-key` from outside: what it prints is a configuration that authn takes, and the key then passes.

#![allow(missing_docs, clippy::indexing_slicing, clippy::unwrap_used)]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::rc::Rc;

use authn::Authn;
use authn::policy::Fingerprint;
use portcullis::adapter::Adapter;
use portcullis::host::fake::{Envoy, Request, World};
use serde_json::{Value, json};

const PEPPER: &str = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";
const KEY: &str = "sk-acme-0123456789abcdef0123456789abcdef";
const WHO: [&str; 4] = ["--id", "acme-1", "--subject", "acme-app"];

fn hash_key(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    command.arg("hash-key").args(arguments).env("PEPPER", PEPPER);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    // A command that does not read its input closes it.
    let _ = running.stdin.take().unwrap().write_all(input.as_bytes());
    running.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn entry(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    portcullis::json::parse(&output.stdout, portcullis::json::Limits::default()).unwrap()
}

/// An Envoy whose only key set is this.
fn gateway(set: &Value) -> Envoy {
    let configuration = json!({"credentials": [{"header": "x-api-key"}], "key_sets": {"partners": set}}).to_string();
    let plugin = Rc::new(Adapter::<Authn>::default());
    Envoy::of(plugin, &configuration, &[("PEPPER", PEPPER)], Rc::new(World::default())).unwrap()
}

fn call(gateway: &Envoy, key: &str) -> (u16, Option<Value>) {
    let answer = gateway.send(&Request::get("/v1/models").header("x-api-key", key));
    let identity = answer.state.get("portcullis.identity");
    let parse = |bytes: &Vec<u8>| portcullis::json::parse(bytes, portcullis::json::Limits::default()).unwrap();
    (answer.status, identity.map(parse))
}

#[test]
fn a_key_passes_as_the_caller_of_its_entry() {
    let arguments = ["--role", "user", "--role", "batch", "--tenant", "acme", "--model", "gpt-mini"];
    let entry = entry(&hash_key(&[&WHO[..], &arguments].concat(), &format!("{KEY}\n")));
    let gateway = gateway(&json!({"keys": [entry]}));
    let (status, identity) = call(&gateway, KEY);
    let identity = identity.unwrap();
    assert_eq!((status, &identity["sub"], &identity["api_key"]), (200, &json!("acme-app"), &json!("acme-1")));
    assert_eq!(identity["roles"], json!(["user", "batch"]));
    assert_eq!((&identity["tenant"], &identity["models"]), (&json!("acme"), &json!(["gpt-mini"])));
    assert_eq!(call(&gateway, "sk-acme"), (401, None));
}

#[test]
fn a_key_passes_up_to_its_end() {
    let entry = entry(&hash_key(&[&WHO[..], &["--expires", "2100-01-01T00:00:00Z"]].concat(), KEY));
    let gateway = gateway(&json!({"keys": [entry]}));
    for (now, status) in [(4_102_444_800, 200), (4_102_444_801, 401)] {
        gateway.world().set_wall_seconds(now);
        assert_eq!(call(&gateway, KEY).0, status, "{now}");
    }
}

#[test]
fn a_generated_key_is_shown_once_and_passes() {
    let pepper = json!({"env": "PEPPER", "encoding": "hex"});
    let peppered = ["--pepper-env", "PEPPER", "--pepper-encoding", "hex"];
    for (arguments, pepper) in [(&[][..], Value::Null), (&peppered[..], pepper)] {
        let output = hash_key(&[&WHO[..], &["--generate", "--prefix", "sk-acme-"], arguments].concat(), "");
        let told = text(&output.stderr);
        let key = told.lines().map(str::trim).find(|line| line.starts_with("sk-")).unwrap();
        assert_eq!(key.len(), "sk-acme-".len() + 43);
        assert!(!text(&output.stdout).contains(key));
        let gateway = gateway(&json!({"keys": [entry(&output)], "pepper": pepper}));
        assert_eq!(call(&gateway, key).0, 200, "{arguments:?}");
        assert_eq!(call(&gateway, &key.replace("acme", "emca")).0, 401, "{arguments:?}");
    }
}

/// What the command takes and what the filter looks at is one number.
#[test]
fn the_longest_key_passes_and_a_longer_one_is_taken_by_neither() {
    let longest = "x".repeat(Fingerprint::MAX_KEY_BYTES);
    let gateway = gateway(&json!({"keys": [entry(&hash_key(&WHO, &longest))]}));
    assert_eq!(call(&gateway, &longest).0, 200);
    let longer = format!("{longest}x");
    let answer = gateway.send(&Request::get("/v1/models").header("x-api-key", longer.as_str()));
    assert_eq!((answer.status, answer.details.as_str()), (401, "portcullis_authn_credential_too_large"));
    assert_eq!(hash_key(&WHO, &longer).status.code(), Some(1));
}

#[test]
fn a_key_with_a_pepper_passes_where_the_pepper_is_the_same() {
    for (encoding, pepper) in [("text", json!({"env": "PEPPER"})), ("hex", json!({"env": "PEPPER", "encoding": "hex"}))]
    {
        let arguments = ["--pepper-env", "PEPPER", "--pepper-encoding", encoding];
        let output = hash_key(&[&WHO[..], &arguments].concat(), KEY);
        let entry = entry(&output);
        assert!(entry["hmac_sha256"].is_string() && entry.get("sha256").is_none(), "{entry}");
        assert!(!text(&output.stdout).contains(PEPPER));
        let set = json!({"keys": [entry], "pepper": pepper});
        assert_eq!(call(&gateway(&set), KEY).0, 200, "{encoding}");
    }
}

#[test]
fn a_key_is_never_taken_from_the_command_line() {
    let output = hash_key(&[&WHO[..], &[KEY]].concat(), "");
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stderr);
    assert!(told.contains("standard input") && !told.contains(KEY), "{told}");
}

#[test]
fn the_exit_status_tells_what_to_mend() {
    for (status, arguments, input) in [
        (0, &["--id", "a", "--subject", "b"][..], KEY),
        (1, &["--id", "a", "--subject", "b"], ""),
        (1, &["--id", "a", "--subject", "b"], "two words"),
        (1, &["--id", "a", "--subject", ""], KEY),
        (1, &["--id", "a", "--subject", "b", "--pepper-env", "NOBODY_SET_THIS"], KEY),
        (1, &["--id", "a", "--subject", "b", "--expires", "2001-01-01T00:00:00Z"], KEY),
        (2, &["--id", "a"], KEY),
        (2, &["--id", "a", "--subject", "b", "--expires", "tomorrow"], KEY),
        (2, &["--id", "a", "--subject", "b", "--prefix", "sk-"], KEY),
        (2, &["--id", "a", "--subject", "b", "--pepper-encoding", "hex"], KEY),
    ] {
        let output = hash_key(arguments, input);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", text(&output.stderr));
        assert_eq!(output.stdout.is_empty(), status != 0, "{arguments:?}");
        assert_eq!(output.stderr.is_empty(), status == 0, "{arguments:?}");
        assert!(!text(&output.stderr).contains("two words"));
    }
}
