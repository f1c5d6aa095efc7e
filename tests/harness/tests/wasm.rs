//! A compiled module in its Envoy: built when a test asks for it, and watched by the case runner.

use harness::cases::gateway::InEnvoy;
use harness::cases::{Table, run};
use harness::{Envoy, Listener, Request, Upstream, WasmFilter, client::h1, wasm};
use serde_json::json;

#[test]
fn a_module_is_built_once_and_judges_its_configuration() {
    let module = wasm("actor");
    assert_eq!(module, wasm("actor"));
    assert!(std::fs::read(&module).unwrap().starts_with(b"\0asm"));

    let upstream = Upstream::h1();
    let with = |configuration: &serde_json::Value| {
        let filter = WasmFilter::new("actor").configured(configuration);
        Envoy::builder(Listener::new().filter(filter)).upstream(upstream.address()).start()
    };

    let envoy = with(&json!({})).unwrap();
    assert!(h1::send(envoy.address(), &Request::get("/")).is(200));
    let refused = with(&json!({"no_such_key": 1})).err().expect("Envoy takes a key that nobody knows");
    assert!(refused.log.contains("no_such_key"), "{refused}");
}

const TABLE: &str = "
name: traps
filter: actor
config: {request: {do: [{trap_if: request}]}}
cases:
- name: served
  request: {bearer: good}
  expect: {status: 200}
- name: trapped by surprise
  request: {headers: [[x-trap, request]]}
  expect: {status: 503, by_envoy: true}
- name: trapped on purpose
  fresh: true
  traps: true
  request: {headers: [[x-trap, request]]}
  expect: {status: 503, by_envoy: true}
- name: refused
  config: {no_such_key: 1}
  expect: {refused_config: no_such_key}
- name: replies
  config: {request: {flow: reply}}
  without_good: the actor refuses everything
  expect: {status: 403, code: acted, upstream: untouched}
";

#[test]
fn the_runner_sees_a_trap_and_forgives_only_the_one_on_purpose() {
    let file = std::env::temp_dir().join(format!("portcullis-traps-{}.yaml", std::process::id()));
    std::fs::write(&file, TABLE).unwrap();
    let table = Table::read(&file).unwrap();
    std::fs::remove_file(file).unwrap();

    let report = run(&[table], &[&InEnvoy]);

    assert!(report.failures.iter().all(|failure| failure.case == "trapped by surprise"), "{:#?}", report.failures);
    let whats: Vec<&str> = report.failures.iter().map(|failure| failure.what.as_str()).collect();
    assert!(whats.iter().any(|what| what.contains("the module trapped")), "{whats:#?}");
    assert!(whats.iter().any(|what| what.contains("GOOD is not served")), "{whats:#?}");
    assert_eq!(report.lines(), ["traps FAIL 4/5 h1 h2"]);
}
