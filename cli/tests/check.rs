//! `portcullis check` from outside: what we publish has nothing to be said about it, and what is wrong is said.

#![allow(missing_docs, clippy::unwrap_used)]

use std::process::{Command, Output};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn check(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    command.arg("check").args(arguments).current_dir(ROOT).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn nothing_is_to_be_said_of_what_we_publish() {
    for file in [
        "envoy/authn.yaml",
        "envoy/authn-discovery.yaml",
        "envoy/rbac.yaml",
        "envoy/ratelimit-shared-data.yaml",
        "envoy/schema-check.yaml",
        "filters/authn/example.json",
        "filters/rbac/example.json",
        "filters/ratelimit-shared-data/example.json",
        "filters/schema-check/example.json",
        "envoy/prompt-guard.yaml",
        "envoy/gateway.yaml",
        "envoy",
        "filters/prompt-guard/example.json",
    ] {
        let output = check(&[file]);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), String::new()), "{file}");
    }
    let output = check(&["--format", "json", "filters/authn/example.json", "filters/rbac/example.json"]);
    assert_eq!((output.status.code(), text(&output.stdout).trim()), (Some(0), "[]"));
}

#[test]
fn a_pattern_that_names_files_without_filters_too_is_no_fault() {
    let mut files: Vec<_> = std::fs::read_dir(format!("{ROOT}/envoy"))
        .unwrap()
        .map(|entry| format!("envoy/{}", entry.unwrap().file_name().into_string().unwrap()))
        .filter(|name| std::path::Path::new(name).extension().is_some_and(|kind| kind == "yaml"))
        .collect();
    files.sort();
    assert!(files.iter().any(|name| name == "envoy/docker-compose.yaml"), "{files:?}");
    let named = files.iter().map(String::as_str).chain(["envoy/gateway.yaml", "examples/hello-filter/envoy.yaml"]);
    let output = check(&named.collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn what_is_found_is_a_status_of_its_own() {
    let output = check(&["--filter", "authn", "filters/rbac/example.json"]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.starts_with("filters/rbac/example.json:"), "{told}");
    assert!(told.contains(": combining: "), "{told}");
    let output = check(&["envoy/stats.yaml"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    for nothing in ["envoy/compose", "envoy/istio/connections.yaml"] {
        let output = check(&[nothing]);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains("found none in ") && told.contains(nothing), "{told}");
    }
    let output = check(&["examples"]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(
        told.starts_with("examples/hello-filter/envoy.yaml:") && told.contains("info: it was not looked at"),
        "{told}"
    );
    assert_eq!(check(&["/nonexistent.json"]).status.code(), Some(1));
    assert_eq!(check(&[]).status.code(), Some(2));
}
