//! `portcullis explain` from outside: what it prints is what the filter does, and its exit status says which.

#![allow(missing_docs, clippy::indexing_slicing, clippy::unwrap_used)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use portcullis::json::{Limits, parse};
use serde_json::{Value, json};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../filters/rbac/example.json");

fn explain(config: &Path, identity: Option<&Path>, arguments: &[&str], request: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    command.arg("explain").arg("--config").arg(config).args(arguments);
    if let Some(file) = identity {
        command.arg("--identity").arg(file);
    }
    let pipes = command.arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = pipes.spawn().unwrap();
    // A command that does not read its input closes it.
    let _ = running.stdin.take().unwrap().write_all(request.as_bytes());
    running.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A file that is gone when this is dropped.
struct File(PathBuf);

impl File {
    fn of(name: &str, value: &Value) -> Self {
        let path = std::env::temp_dir().join(format!("portcullis-explain-{}-{name}.json", std::process::id()));
        std::fs::write(&path, value.to_string()).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn alice(name: &str, roles: &[&str]) -> File {
    File::of(name, &json!({"v": 1, "sub": "alice", "roles": roles}))
}

fn told(output: &Output) -> Value {
    assert!(!output.stdout.is_empty(), "{}", text(&output.stderr));
    parse(&output.stdout, Limits::default()).unwrap()
}

#[test]
fn an_allowed_request_is_told_with_its_rule_and_what_is_cut() {
    let user = alice("allowed", &["user"]);
    let request = json!({
        "method": "POST", "path": "/v1/chat/completions", "body": {"model": "gpt-mini", "max_tokens": 90000},
    });
    let output = explain(EXAMPLE.as_ref(), Some(&user.0), &["--format", "json"], &request.to_string());
    let told = told(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert_eq!((&told["outcome"], &told["rule"]), (&json!("allow"), &json!("inference")));
    assert_eq!((&told["operation"], &told["models"]), (&json!("chat"), &json!(["gpt-mini"])));
    assert_eq!(told["clamp"], json!({"max_output_tokens": 1024, "choices": 1}));
    assert!(told["upstream_body"].as_str().unwrap().contains("1024"), "{told}");
}

#[test]
fn a_refused_request_is_told_with_the_first_failing_condition_of_each_rule() {
    let user = alice("refused", &["user"]);
    let request = r#"{"method": "POST", "path": "/v1/chat/completions", "body": {"model": "gpt-5"}}"#;
    let output = explain(EXAMPLE.as_ref(), Some(&user.0), &[], request);
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{table}{}", text(&output.stderr));
    for line in ["outcome    deny", "status     403", "code       no_rule", "models     gpt-5"] {
        assert!(table.contains(line), "{line}: {table}");
    }
    let places: Vec<&str> =
        table.lines().filter_map(|line| line.strip_suffix(" fails")?.split(' ').next_back()).collect();
    assert_eq!(places.len(), 5, "{table}");
    assert_eq!(places.last(), Some(&"what.models"), "{table}");
}

#[test]
fn circumstances_count() {
    let config = File::of(
        "circumstances",
        &json!({
            "combining": "first_match", "client_certificates": "validated_by_listener",
            "rules": [
                {"name": "inside", "effect": "allow", "when": {"source": ["10.0.0.0/8"]}},
                {"name": "route", "effect": "allow", "select": {"routes": ["open"]}},
                {"name": "day", "effect": "allow",
                 "when": {"times": [{"days": ["sat"], "from": "10:00", "to": "11:00", "zone": "UTC"}]}},
                {"name": "certificate", "effect": "allow", "who": {"uri_sans": ["spiffe://example.org/ops"]}},
                {"name": "header", "effect": "allow", "when": {"headers": [{"name": "x-env", "exact": "test"}]}},
            ],
        }),
    );
    for (circumstance, rule) in [
        (json!({"source": "10.1.2.3"}), Some("inside")),
        (json!({"source": "::ffff:10.1.2.3"}), Some("inside")),
        (json!({"source": "11.1.2.3"}), None),
        (json!({"route": "open"}), Some("route")),
        (json!({"time": "2026-11-21T10:30:00Z"}), Some("day")),
        (json!({"time": "2026-11-21T11:00:00Z"}), None),
        (json!({"certificate": {"uri_san": "spiffe://example.org/ops"}}), Some("certificate")),
        (json!({"headers": [["X-Env", "test"]]}), Some("header")),
        (json!({"headers": [["x-env", "test,prod"]]}), None),
        (json!({"headers": [["host", "a.example"], ["host", "b.example"]]}), None),
    ] {
        let mut request = json!({"method": "GET", "path": "/x", "time": "2026-11-20T10:30:00Z"});
        circumstance.as_object().unwrap().iter().for_each(|(name, value)| request[name] = value.clone());
        let output = explain(&config.0, None, &["--format", "json"], &request.to_string());
        assert_eq!(told(&output)["rule"], json!(rule), "{circumstance}: {}", text(&output.stdout));
        assert_eq!(output.status.code(), Some(if rule.is_some() { 0 } else { 3 }));
    }
}

/// What is refused before any rule is asked has its code, and no rule beside it.
#[test]
fn a_request_that_no_rule_is_asked_about_has_the_code_of_its_refusal() {
    let user = alice("unasked", &["user"]);
    for (request, status, code) in [
        (json!({"method": "GET", "path": "/v1/../x"}), 400, "ambiguous_request"),
        (
            json!({"method": "POST", "path": "/v1/chat/completions", "body": "{\"model\": \"a\", \"model\": \"b\"}"}),
            400,
            "duplicate_member",
        ),
        (
            json!({"method": "POST", "path": "/v1/chat/completions", "body": {}, "headers": [["content-encoding", "gzip"]]}),
            415,
            "content_encoding",
        ),
        (
            json!({"method": "GET", "path": "/v1/models", "headers": [["authorization", "a"], ["authorization", "b"]]}),
            400,
            "repeated_header",
        ),
    ] {
        let output = explain(EXAMPLE.as_ref(), Some(&user.0), &["--format", "json"], &request.to_string());
        let told = told(&output);
        assert_eq!((&told["status"], &told["code"]), (&json!(status), &json!(code)), "{request}: {told}");
        assert_eq!(output.status.code(), Some(3));
    }
}

#[test]
fn without_an_identity_the_caller_is_anonymous() {
    let request = r#"{"method": "POST", "path": "/v1/chat/completions", "body": {"model": "gpt-mini"}}"#;
    let output = explain(EXAMPLE.as_ref(), None, &["--format", "json"], request);
    let told = told(&output);
    assert_eq!((&told["status"], &told["code"]), (&json!(401), &json!("unauthenticated")), "{told}");
}

#[test]
fn the_exit_status_tells_what_to_mend() {
    let wrong = File::of("wrong", &json!({"combining": "first_match", "ruls": []}));
    let nobody = File::of("nobody", &json!({"sub": "alice"}));
    let good = r#"{"method": "GET", "path": "/healthz"}"#;
    for (status, config, identity, request, says) in [
        (0, Path::new(EXAMPLE), None, good, ""),
        (1, &wrong.0, None, good, "ruls"),
        (1, Path::new("/nonexistent.json"), None, good, "/nonexistent.json"),
        (1, Path::new(EXAMPLE), Some(nobody.0.as_path()), good, "\"v\": 1"),
        (1, Path::new(EXAMPLE), None, r#"{"method": "GET"}"#, "path"),
        (1, Path::new(EXAMPLE), None, r#"{"method": "GET", "path": "/", "path": "/x"}"#, "-: "),
        (1, Path::new(EXAMPLE), None, r#"{"method": "GET", "path": "/", "time": "noon"}"#, "time"),
    ] {
        let output = explain(config, identity, &[], request);
        assert_eq!(output.status.code(), Some(status), "{request}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(says), "{}", text(&output.stderr));
        assert_eq!(output.stdout.is_empty(), status != 0);
    }
}
