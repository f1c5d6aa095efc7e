//! schemathesis against the gateway: requests made from a contract, good and bad, by a tool that others wrote. What is as
//! the contract says passes, what is not is refused with a status of the contract, for three documents and ten seeds each.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods, missing_docs)]

use std::path::Path;
use std::process::Command;
use std::{fs, thread};

use harness::{Envoy, Listener, Upstream, WasmFilter, workspace};
use serde_json::{Value, json};

const CHECKS: &str = "negative_data_rejection,positive_data_acceptance,missing_required_header,unsupported_method,\
                      status_code_conformance";
const SEEDS: std::ops::RangeInclusive<u32> = 1..=10;

#[test]
fn what_schemathesis_makes_of_a_contract_passes_or_is_refused_as_it_says() {
    install();
    drop(harness::wasm("schema-check"));
    let documents = [("pets", "/api"), ("chat", "/llm"), ("legacy", "/old/v2")];
    let wrong: Vec<String> = thread::scope(|scope| {
        let runs: Vec<_> = documents.iter().map(|(name, base)| scope.spawn(|| all_seeds(name, base))).collect();
        runs.into_iter().flat_map(|run| run.join().expect("a run")).collect()
    });
    assert!(wrong.is_empty(), "{} of 30 runs:\n{}", wrong.len(), wrong.join("\n"));
}

/// What is wrong with any of them.
fn all_seeds(name: &str, base: &str) -> Vec<String> {
    let file = workspace().join(format!("tests/schemathesis/documents/{name}.yaml"));
    let gateway = Gateway::start(&file);
    let run = |seed| match gateway.run(&file, base, seed) {
        Ok(()) => {
            eprintln!("{name} seed {seed}: no failure");
            None
        }
        Err(told) => Some(format!("{name} seed {seed}:\n{told}")),
    };
    let wrong = SEEDS.filter_map(run).collect();
    assert!(gateway.upstream.hits() > 100, "{name}: {} requests passed: that is no test", gateway.upstream.hits());
    wrong
}

/// Envoy with one document as the contract.
struct Gateway {
    envoy: Envoy,
    upstream: Upstream,
}

impl Gateway {
    fn start(file: &Path) -> Self {
        let document: Value = serde_norway::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        let config = json!({"rules": [{"name": "contract", "openapi": document}]});
        let upstream = Upstream::h1();
        let listener = Listener::new().filter(WasmFilter::new("schema-check").configured(&config));
        let envoy = Envoy::builder(listener).upstream(upstream.address()).start();
        Self { envoy: envoy.unwrap_or_else(|error| panic!("{error}")), upstream }
    }

    fn run(&self, file: &Path, base: &str, seed: u32) -> Result<(), String> {
        let folder = workspace().join("target/schemathesis");
        let output = Command::new("python3")
            .env("PYTHONPATH", folder.join("packages"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .current_dir(&folder)
            .args(["-c", "from schemathesis.cli import schemathesis; schemathesis()", "--config-file"])
            .arg(workspace().join("tests/schemathesis/schemathesis.toml"))
            .arg("run")
            .arg(file)
            .args(["--url", &format!("http://{}{base}", self.envoy.address())])
            .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", "30"])
            .args(["--seed", &seed.to_string(), "--no-shrink", "--max-failures", "3", "--warnings", "off"])
            .args(["--suppress-health-check", "all"])
            .output()
            .unwrap_or_else(|error| panic!("python3: {error}"));
        if output.status.success() {
            return Ok(());
        }
        Err(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
    }
}

fn install() {
    let script = workspace().join("tests/schemathesis/install.py");
    let status = Command::new("python3").arg(&script).status();
    assert!(status.is_ok_and(|status| status.success()), "expected python3 and pip to fetch schemathesis, see above");
}
