//! The case runner finds what it promises to find: in a world made up for it, and in a real Envoy
//! whose Lua filter plays the part of ours.

use harness::cases::gateway::over_both_protocols;
use harness::cases::{Report, Setup, Table, World, run};
use harness::{Envoy, Listener, Request, Response, Seen, Upstream, values};
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::fs;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A table read from a text, as if it were a file of this name.
fn table(name: &str, yaml: &str) -> Result<Table, String> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let file = std::env::temp_dir().join(format!("{name}-portcullis-{}-{count}.yaml", std::process::id()));
    fs::write(&file, yaml).unwrap();
    let table = Table::read(&file);
    fs::remove_file(file).unwrap();
    table
}

#[test]
fn the_example_of_the_documentation_is_a_table() {
    let source = include_str!("../src/cases.rs");
    let example = source.split("//! ```yaml\n").nth(1).unwrap().split("//! ```").next().unwrap();
    let lines: Vec<&str> = example.lines().map(|line| line.strip_prefix("//! ").unwrap()).collect();

    assert_eq!(table("AUTHN-021", &lines.join("\n")).unwrap().cases.len(), 4);
}

/// A gate that refuses paths below `/no`, and has whatever fault the test gives it.
#[derive(Default)]
struct Gate {
    hits: Cell<u64>,
    refused: Cell<u64>,
    log: RefCell<String>,
    last: RefCell<Option<Seen>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    None,
    Leaks,
    EchoesToken,
    LogsToken,
    NoCode,
    TooLong,
    Traps,
    StaysDown,
    LeaksLate,
}

struct MadeUp {
    name: &'static str,
    fault: Fault,
    gate: Rc<Gate>,
}

impl World for MadeUp {
    fn name(&self) -> &'static str {
        self.name
    }

    fn send(&mut self, request: &Request) -> Response {
        let gate = &self.gate;
        let token = values(&request.headers, "authorization").first().map(|v| String::from_utf8_lossy(v).into_owned());
        let token = token.unwrap_or_default();
        let is_down = self.fault == Fault::StaysDown && gate.refused.get() > 0;
        if !request.path.as_ref().unwrap().starts_with(b"/no") && !is_down {
            gate.hits.set(gate.hits.get() + 1);
            *gate.last.borrow_mut() = Some(Seen { headers: request.headers.clone(), ..Seen::default() });
            if self.fault == Fault::LeaksLate && gate.refused.get() > 0 {
                gate.hits.set(gate.hits.get() + 1);
            }
            return Response { status: Some(200), body: b"served".to_vec(), ..Response::default() };
        }
        gate.refused.set(gate.refused.get() + 1);
        let mut body = json!({"error": {"code": "not_here", "message": "no"}});
        match self.fault {
            Fault::Leaks => gate.hits.set(gate.hits.get() + 1),
            Fault::EchoesToken => body["error"]["message"] = json!(token),
            Fault::LogsToken => gate.log.borrow_mut().push_str(&token),
            Fault::NoCode => body = json!("no"),
            Fault::TooLong => body["error"]["message"] = json!("x".repeat(5000)),
            Fault::Traps => gate.log.borrow_mut().push_str("failed: Uncaught RuntimeError: unreachable\n"),
            _ => {}
        }
        Response { status: Some(403), body: body.to_string().into_bytes(), ..Response::default() }
    }

    fn upstream_hits(&self) -> u64 {
        self.gate.hits.get()
    }

    fn upstream_last(&self) -> Option<Seen> {
        self.gate.last.borrow().clone()
    }

    fn counter(&self, name: &str) -> u64 {
        if name == "refused_total" { self.gate.refused.get() } else { 0 }
    }

    fn log(&self) -> String {
        self.gate.log.borrow().clone()
    }
}

const TABLE: &str = "
name: gate
filter: gate
config: {}
expect: {status: 403, code: not_here}
cases:
- name: closed
  request: {path: /no, bearer: good}
  repeat: 3
  expect: {counters: {refused_total: 3}}
- name: open
  request: {path: '/yes?${n}', headers: [[x-case, '${case} in ${world}']]}
  expect: {status: 200, code: none, upstream_headers: {x-case: {contains: open in}, cookie: absent}}
";

fn run_made_up(yaml: &str, fault: Fault) -> Report {
    let open = |_: &Setup| -> Result<Vec<Box<dyn World>>, String> {
        let world = |name, fault| -> Box<dyn World> { Box::new(MadeUp { name, fault, gate: Rc::default() }) };
        Ok(vec![world("fake", Fault::None), world("h1", fault)])
    };
    run(&[table("gate", yaml).unwrap()], &[&open])
}

#[test]
fn a_gate_without_fault_passes() {
    let report = run_made_up(TABLE, Fault::None);
    assert_eq!(report.failures, []);
    assert_eq!(report.lines(), ["gate pass 2/2 fake h1"]);
    report.assert_clean();
}

#[test]
fn every_fault_is_found_and_told() {
    for (fault, sign) in [
        (Fault::Leaks, "the upstream was reached 1 times"),
        (Fault::LeaksLate, "times in the end"),
        (Fault::EchoesToken, "the refusal gives away"),
        (Fault::LogsToken, "the log gives away"),
        (Fault::NoCode, "without a code"),
        (Fault::TooLong, "a refusal of 5"),
        (Fault::Traps, "the module trapped"),
        (Fault::StaysDown, "GOOD is not served"),
    ] {
        let report = run_made_up(TABLE, fault);
        let found: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
        assert!(found.iter().any(|line| line.contains(sign)), "{fault:?}: {found:#?}");
        assert!(report.lines()[0].contains("FAIL"), "{fault:?}");
        assert!(found.iter().all(|line| !line.contains("[fake]")), "{found:#?}");
    }
}

#[test]
fn worlds_that_decide_differently_are_found() {
    let yaml = TABLE.replace("status: 403, code: not_here", "status: [200, 403]");
    let report = run_made_up(&yaml, Fault::NoCode);
    assert!(report.failures.iter().any(|failure| failure.world == "fake h1"), "{:?}", report.failures);
}

#[test]
fn wrong_expectations_are_found() {
    for (right, wrong) in [
        ("status: 403", "status: 401"),
        ("code: not_here", "code: elsewhere"),
        ("refused_total: 3", "refused_total: 2"),
        ("cookie: absent", "cookie: present"),
        ("contains: open in", "contains: closed"),
        ("code: none", "code: none, upstream: untouched"),
        ("code: none", "code: none, body_contains: other"),
        ("code: none", "code: none, body_lacks: [served]"),
        ("code: none", "code: none, log_contains: something"),
        ("code: none", "code: none, headers: {x-any: {contains: a}}"),
        ("bearer: good", "bearer: nobody"),
    ] {
        assert!(TABLE.contains(right), "{right}");
        let report = run_made_up(&TABLE.replace(right, wrong), Fault::None);
        assert!(!report.failures.is_empty(), "{wrong}");
    }
}

#[test]
fn a_table_with_a_fault_is_not_read() {
    for (right, wrong) in [
        ("name: gate", "name: gate\nrow: X-1"),
        ("name: open", "name: closed"),
        ("repeat: 3", "repeats: 3"),
        ("repeat: 3", "only: [h1]"),
        ("repeat: 3", "only: [h3]\n  reason: none"),
        ("path: /no", "raw: x"),
        ("code: not_here", "codes: not_here"),
    ] {
        assert!(TABLE.contains(right), "{right}");
        assert!(table("bad", &TABLE.replace(right, wrong)).is_err(), "{wrong}");
    }
}

/// Refuses with our kind of body, where ours would stand.
const LUA: &str = r#"
function envoy_on_request(handle)
  local credential = handle:headers():get("authorization") or ""
  if credential:find("bad") then
    handle:respond({[":status"] = "401", ["content-type"] = "application/json"}, '{"code":"bad_token"}')
  end
end
"#;

const LUA_TABLE: &str = "
name: lua
filter: lua
config: {}
tokens:
  forged: {header: {kid: bad}, text: bad.bad.bad-token}
cases:
- name: a bad one
  request: {bearer: forged, path: /a}
  expect: {status: 401, code: bad_token, headers: {content-type: application/json}}
- name: a good one with a body and trailers
  request: {bearer: good, chunks: [a, b], trailers: [[x-end, yes]]}
  expect: {status: 200, upstream_headers: {authorization: 'Bearer ${good}'}, body_contains: '\"body\":\"ab\"'}
- name: no HTTP
  only: [h1]
  reason: a raw request line is HTTP/1.1
  request: {raw: {bytes: 'GET\\r\\n\\r\\n'}}
  expect: {by_envoy: true}
- name: a method that is none
  request: {method: 'GET /x'}
  expect: {by_envoy: true}
- name: forty at once is too much for nobody
  request: {bearer: good}
  repeat: 40
  expect: {status: 200}
";

#[test]
fn a_table_runs_in_a_real_envoy_over_both_protocols() {
    let open = |_: &Setup| {
        let upstream = Upstream::h1();
        let lua = json!({"name": "lua", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
            "default_source_code": {"inline_string": LUA}
        }});
        let envoy = Envoy::builder(Listener::new().native(lua)).upstream(upstream.address()).workers(2).start();
        Ok(over_both_protocols(envoy.map_err(|failure| failure.log)?, upstream, None))
    };

    let report = run(&[table("lua", LUA_TABLE).unwrap()], &[&open]);

    report.assert_clean();
    assert_eq!(report.lines(), ["lua pass 5/5 h1 h2"]);
    assert_eq!(report.tables[0].skipped.len(), 1);
    assert_eq!(report.to_json()["tables"][0]["pass"], true);
}

#[test]
fn a_configuration_that_must_be_refused_is_judged_by_its_sentence() {
    let yaml = "
name: refusal
filter: none
config: {}
cases:
- name: refused
  expect: {refused_config: 'rules[0] is empty'}
";
    let refuses = |_: &Setup| Err("critical: rules[0] is empty".to_owned());
    let refuses_otherwise = |_: &Setup| Err("no memory".to_owned());
    let run = |open: &dyn harness::cases::Open| run(&[table("refusal", yaml).unwrap()], &[open]).failures.len();
    assert_eq!(run(&refuses), 0);
    assert_eq!(run(&refuses_otherwise), 1);
}
