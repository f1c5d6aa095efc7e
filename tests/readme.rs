//! What a filter's README shows is what happens: its YAML runs in a real Envoy in front of the demo model server, and
//! every `curl` is answered as it is printed.
//!
//! The first YAML block of a README is a filter as it stands in a chain. A `console` block holds calls and their answers:
//! behind `$ curl -i …` the status line, some of the headers, and perhaps an empty line and the body; behind `$ curl …` the
//! body. `...` at the end of a line stands for the rest of it. `$TOKEN` is a token of the issuer in the YAML, whose key the
//! test replaces by one of its own, `$EXPIRED` one that is over, `$TRAINER` and `$ADMIN` those of callers with a role.

// The lints against panics are for code that runs behind a proxy.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::arithmetic_side_effects, clippy::disallowed_methods, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use harness::client::h1;
use harness::config::{Protocol, cluster};
use harness::{Envoy, Key, Listener, Reply, Request, Response, Token, Upstream, jwks, token, workspace};
use portcullis::adapter;
use portcullis::host::fake;
use portcullis::http::header::Headers;
use portcullis::identity::{self, Identity};
use prompt_guard::PromptGuard;
use rbac::Rbac;
use schema_check::SchemaCheck;
use serde_json::{Value, json};

#[test]
fn every_call_of_authns_readme_is_answered_as_it_is_printed() {
    let readme = read("filters/authn/README.md");
    let (filter, variables) = authn_of(&blocks(&readme, "yaml")[0]);
    check_calls(&readme, Listener::new().native(filter), &variables);
}

#[test]
fn every_call_of_rbacs_readme_is_answered_as_it_is_printed() {
    let chain = filters_in("envoy/rbac.yaml");
    let (authn, variables) = authn_of(&serde_norway::to_string(&[&chain[0]]).unwrap());
    let mut rbac = chain[1].clone();
    *rbac.pointer_mut(MODULE).unwrap() = harness::wasm("rbac").display().to_string().into();
    let listener = Listener::new().native(authn).native(rbac).manager(&json!({"use_remote_address": true}));
    check_calls(&read("filters/rbac/README.md"), listener, &variables);
}

#[test]
fn every_call_of_schema_checks_readme_is_answered_as_it_is_printed() {
    let chain = filters_in("envoy/schema-check.yaml");
    let (authn, variables) = authn_of(&serde_norway::to_string(&[&chain[0]]).unwrap());
    let mut filter = chain[1].clone();
    *filter.pointer_mut(MODULE).unwrap() = harness::wasm("schema-check").display().to_string().into();
    check_calls(&read("filters/schema-check/README.md"), Listener::new().native(authn).native(filter), &variables);
}

#[test]
fn schema_checks_example_is_the_configuration_of_its_yaml() {
    let filter = filters_in("envoy/schema-check.yaml").remove(1);
    let example = read("filters/schema-check/example.json");
    assert_eq!(filter.pointer(CONFIGURATION).and_then(Value::as_str).unwrap(), example);
    if let Err(error) = adapter::compile::<SchemaCheck>(&[], example.as_bytes()) {
        panic!("{error}");
    }
}

/// The whole answer that the README shows, to the request before it.
#[test]
fn the_answer_that_schema_checks_readme_shows_whole_is_that_answer() {
    let shown: Value = serde_json::from_str(&blocks(&read("filters/schema-check/README.md"), "json")[0]).unwrap();
    let envoy = fake::Envoy::of_filter::<SchemaCheck>(&read("filters/schema-check/example.json")).unwrap();
    let body = br#"{"model":"demo","messages":[{"role":"root","content":"Hello"}]}"#;
    let request = fake::Request::post("/v1/chat/completions", body).header("content-type", "application/json");
    assert_eq!(serde_json::from_slice::<Value>(&envoy.send(&request).body).unwrap(), shown);
}

#[test]
fn every_call_of_the_rate_limits_readme_is_answered_as_it_is_printed() {
    let chain = filters_in("envoy/ratelimit-shared-data.yaml");
    let (authn, variables) = authn_of(&serde_norway::to_string(&[&chain[1]]).unwrap());
    let mut limits = chain[2].clone();
    *limits.pointer_mut(MODULE).unwrap() = harness::wasm("ratelimit-shared-data").display().to_string().into();
    check_calls(
        &read("filters/ratelimit-shared-data/README.md"),
        Listener::new().native(authn).native(limits),
        &variables,
    );
}

#[test]
fn the_rate_limits_example_is_the_configuration_of_their_yaml() {
    let filter = filters_in("envoy/ratelimit-shared-data.yaml").remove(2);
    let example = read("filters/ratelimit-shared-data/example.json");
    assert_eq!(filter.pointer(CONFIGURATION).and_then(Value::as_str).unwrap(), example);
}

#[test]
fn every_call_of_prompt_guards_readme_is_answered_as_it_is_printed() {
    let chain = filters_in("envoy/prompt-guard.yaml");
    let (authn, variables) = authn_of(&serde_norway::to_string(&[&chain[0]]).unwrap());
    let mut filter = chain[1].clone();
    *filter.pointer_mut(MODULE).unwrap() = harness::wasm("prompt-guard").display().to_string().into();
    check_calls(&read("filters/prompt-guard/README.md"), Listener::new().native(authn).native(filter), &variables);
}

#[test]
fn prompt_guards_example_is_the_configuration_of_its_yaml() {
    let filter = filters_in("envoy/prompt-guard.yaml").remove(1);
    let example = read("filters/prompt-guard/example.json");
    assert_eq!(filter.pointer(CONFIGURATION).and_then(Value::as_str).unwrap(), example);
    let [_, judged, worked, _] =
        <[String; 4]>::try_from(blocks(&read("filters/prompt-guard/README.md"), "json")).unwrap();
    for configuration in [example, judged, worked] {
        if let Err(error) = adapter::compile::<PromptGuard>(&[], configuration.as_bytes()) {
            panic!("{error}:\n{configuration}");
        }
    }
}

/// The refusal that the README shows whole, and the verdict of the call whose answer is masked.
#[test]
fn what_prompt_guards_readme_shows_whole_is_that() {
    let readme = read("filters/prompt-guard/README.md");
    let [refusal, _, _, verdict] = <[String; 4]>::try_from(blocks(&readme, "json")).unwrap();
    let send = |content: &str| {
        let envoy = fake::Envoy::of_filter::<PromptGuard>(&read("filters/prompt-guard/example.json")).unwrap();
        let body = json!({"model": "demo", "messages": [{"role": "user", "content": content}]}).to_string();
        let request = fake::Request::post("/v1/chat/completions", body.as_bytes());
        envoy.send(&request.header("content-type", "application/json"))
    };
    let of = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let refused = send("postgres://app:tr0ub4dor@db.internal/app");
    assert_eq!(serde_json::from_slice::<Value>(&refused.body).unwrap(), of(&refusal));
    let masked = send("Write to alice@acme.example");
    assert_eq!(serde_json::from_slice::<Value>(&masked.state["portcullis.prompt_guard"]).unwrap(), of(&verdict));
    assert_eq!(masked.state["portcullis.risk"], of(&verdict)["risk"].to_string().as_bytes());
}

/// Sends every call of a README to the demo model server, through these filters.
fn check_calls(readme: &str, listener: Listener, variables: &BTreeMap<String, String>) {
    let server = ModelServer::start();
    let envoy = Envoy::builder(listener).upstream(server.address).start().unwrap();
    let calls: Vec<Call> = blocks(readme, "console").iter().flat_map(|block| calls(block, variables)).collect();
    assert!(calls.len() >= 5, "{} calls", calls.len());
    let faults: Vec<String> = calls.iter().flat_map(|call| call.faults(envoy.address())).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

/// Each row of the table under "The worked policy": roles, address, request, and the rule that allows it or the refusal.
#[test]
fn the_worked_policy_of_rbacs_readme_decides_as_its_table_says() {
    let readme = read("filters/rbac/README.md");
    let (_, rest) = readme.split_once("| roles | from | request | becomes |\n|---|---|---|---|\n").unwrap();
    let rows: Vec<Vec<&str>> = rest
        .lines()
        .map_while(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .map(|line| line.split(" | ").collect())
        .collect();
    assert!(rows.len() >= 15, "{}", rows.len());
    for row in rows {
        let [roles, from, request, becomes] = [row[0], row[1], row[2], row[3]].map(|cell| cell.replace('`', ""));
        let envoy = fake::Envoy::of_filter::<Rbac>(&read("filters/rbac/example.json")).unwrap();
        let mut caller = Identity::of("alice");
        caller.roles = vec![roles.clone()];
        envoy.world().state(identity::STATE, caller.to_state().as_deref().filter(|_| roles != "nobody"));
        envoy.world().attribute("source.address", format!("{from}:40000").as_bytes());
        let mut words = request.splitn(3, ' ');
        let (method, path, body) = (words.next().unwrap(), words.next().unwrap(), words.next());
        let mut asked =
            body.map_or_else(|| fake::Request::get(path), |body| fake::Request::post(path, body.as_bytes()));
        asked.headers = asked.headers.iter().fold(Headers::new(), |mut headers, (name, value)| {
            headers.push(name, if name == b":method" { method.as_bytes() } else { value });
            headers
        });
        asked = asked.answered(&[(":status", "200")], &[br#"{"data": []}"#], None);
        let answer = envoy.send(&asked);
        let verdict: Value = serde_json::from_slice(&answer.state["portcullis.rbac"]).unwrap();
        let found = match &answer.upstream {
            Some(_) => verdict["rule"].as_str().unwrap_or_default().to_owned(),
            None => format!("{} {}", answer.status, answer.details.trim_start_matches("portcullis_rbac_")),
        };
        assert_eq!(found, becomes, "{roles} from {from}: {request}");
    }
}

#[test]
fn every_configuration_in_rbacs_readme_loads() {
    let readme = read("filters/rbac/README.md");
    for block in blocks(&readme, "json") {
        if let Err(error) = adapter::compile::<Rbac>(&[], block.as_bytes()) {
            panic!("{error}:\n{block}");
        }
    }
    let rbac = filters_in("envoy/rbac.yaml").remove(1);
    assert_eq!(rbac.pointer(CONFIGURATION).and_then(Value::as_str).unwrap(), read("filters/rbac/example.json"));
}

#[test]
fn the_upstream_of_authns_readme_gets_the_caller_and_no_credential() {
    let (filter, variables) = authn_of(&blocks(&read("filters/authn/README.md"), "yaml")[0]);
    let upstream = Upstream::h1();
    let envoy = Envoy::builder(Listener::new().native(filter)).upstream(upstream.address()).start().unwrap();
    for (header, value, caller) in [
        ("x-api-key", "example-key-do-not-deploy".to_owned(), "acme"),
        ("authorization", format!("Bearer {}", variables["TOKEN"]), "alice"),
    ] {
        let request = Request::get("/v1/models").header("x-caller", "root").header(header, value);
        assert_eq!(h1::Connection::open(envoy.address()).send(&request).status, Some(200));
        let seen = upstream.last().unwrap();
        assert_eq!((seen.header("x-caller").as_deref(), seen.header(header)), (Some(caller), None));
    }
}

#[test]
fn authns_example_is_the_configuration_of_its_yaml() {
    let readme = read("filters/authn/README.md");
    let filter: Value = serde_norway::from_str::<Vec<Value>>(&blocks(&readme, "yaml")[0]).unwrap().remove(0);
    let shown = filter.pointer(CONFIGURATION).and_then(Value::as_str).unwrap();
    assert_eq!(shown, read("filters/authn/example.json"));
}

/// `envoy/authn-discovery.yaml`, with its two issuers played by one server.
#[test]
fn authn_discovery_fetches_the_keys_of_both_issuers() {
    let mut filter = filters_in("envoy/authn-discovery.yaml").remove(0);
    *filter.pointer_mut(MODULE).unwrap() = harness::wasm("authn").display().to_string().into();

    let realm = "/realms/models";
    let issuer = format!("https://sso.example.com{realm}");
    let issuers = Upstream::h1();
    let configuration = json!({"issuer": issuer, "jwks_uri": format!("{issuer}/certs")});
    issuers.answer(&format!("{realm}/.well-known/openid-configuration"), Reply::json(&configuration));
    issuers.answer(&format!("{realm}/certs"), Reply::json(&jwks(&[Key::K1])));
    issuers.answer("/keys", Reply::json(&jwks(&[Key::Es256])));
    let upstream = Upstream::h1();
    let envoy = Envoy::builder(Listener::new().native(filter))
        .upstream(upstream.address())
        .cluster(cluster("sso", Some(issuers.address()), Protocol::H1))
        .cluster(cluster("partner_issuer", Some(issuers.address()), Protocol::H1))
        .start()
        .unwrap();

    let staff = json!({
        "iss": issuer, "aud": ["model-gateway", "account"], "sub": "9b1f", "typ": "Bearer",
        "iat": token::now(), "exp": token::now() + 300,
    });
    let partner = json!({
        "iss": "https://issuer.partner.example", "aud": "https://models.example.com/api", "sub": "p1",
        "groups": ["model-users"], "iat": token::now(), "exp": token::now() + 300,
    });
    for (what, typ, claims, key, status) in [
        ("a token of the realm", "JWT", staff.clone(), Key::K1, 200),
        ("a partner's token", "at+jwt", partner.clone(), Key::Es256, 200),
        ("an ID token of the realm", "JWT", with(&staff, "typ", "ID"), Key::K1, 401),
        ("a partner's token without the group", "at+jwt", with(&partner, "groups", json!([])), Key::Es256, 401),
        ("a partner's key for the realm", "JWT", staff.clone(), Key::Es256, 401),
    ] {
        let credential = Token::of(&json!({"typ": typ}), &claims).sign(key);
        let request = Request::get("/v1/models").bearer(credential);
        let answer = settled(envoy.address(), &request);
        assert_eq!(answer.status, Some(status), "{what}: {}", answer.text());
    }
}

/// The filters of the listener in a file.
fn filters_in(file: &str) -> Vec<Value> {
    let file: Value = serde_norway::from_str(&read(file)).unwrap();
    let chain = "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config/http_filters";
    file.pointer(chain).and_then(Value::as_array).unwrap().clone()
}

fn with(claims: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut claims = claims.clone();
    claims[name] = value.into();
    claims
}

/// The answer once keys have come.
fn settled(address: SocketAddr, request: &Request) -> Response {
    let ask = || h1::Connection::open(address).send(request);
    let mut answer = ask();
    for _ in 0..100 {
        if answer.status != Some(503) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
        answer = ask();
    }
    answer
}

// The filter in a README.

const MODULE: &str = "/typed_config/config/vm_config/code/local/filename";
const CONFIGURATION: &str = "/typed_config/config/configuration/value";

/// The filter with a module and a key of ours in it, and what the README's variables stand for.
fn authn_of(yaml: &str) -> (Value, BTreeMap<String, String>) {
    let mut filter: Value = serde_norway::from_str::<Vec<Value>>(yaml).unwrap().remove(0);
    let text = filter.pointer(CONFIGURATION).and_then(Value::as_str).unwrap();
    let mut configuration: Value = serde_json::from_str(text).unwrap();
    let provider = &mut configuration["providers"]["main"];
    let jwk = &mut provider["jwks_inline"]["keys"][0];
    for coordinate in ["x", "y"] {
        jwk[coordinate] = Key::Es256.jwk()[coordinate].clone();
    }
    let header = json!({"typ": provider["typ"][0], "kid": provider["jwks_inline"]["keys"][0]["kid"]});
    let claims = json!({"iss": provider["issuer"], "aud": provider["audiences"], "sub": "alice"});
    let until = |exp| Token::of(&header, &claims).claim("exp", token::now() + exp).sign(Key::Es256);
    let of = |role| Token::of(&header, &with(&claims, "roles", json!([role]))).claim("exp", token::now() + 300);
    let of = |role| of(role).sign(Key::Es256);
    let variables =
        [("TOKEN", until(300)), ("EXPIRED", until(-3600)), ("TRAINER", of("trainer")), ("ADMIN", of("admin"))];
    *filter.pointer_mut(CONFIGURATION).unwrap() = configuration.to_string().into();
    *filter.pointer_mut(MODULE).unwrap() = harness::wasm("authn").display().to_string().into();
    (filter, variables.map(|(name, value)| (name.to_owned(), value)).into())
}

fn read(path: &str) -> String {
    fs::read_to_string(workspace().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The fenced blocks of this language.
fn blocks(document: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        let Some(words) = line.strip_prefix("```") else { continue };
        let block: String = lines.by_ref().take_while(|line| *line != "```").flat_map(|line| [line, "\n"]).collect();
        if words.split(' ').next() == Some(language) {
            blocks.push(block);
        }
    }
    assert!(!blocks.is_empty(), "no ```{language}");
    blocks
}

// Calls.

/// A `curl` and what is printed below it.
struct Call {
    line: String,
    shows_head: bool,
    request: Request,
    answer: Vec<String>,
}

fn calls(block: &str, variables: &BTreeMap<String, String>) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    for line in block.replace("\\\n", " ").lines() {
        match (line.strip_prefix("$ "), calls.last_mut()) {
            (Some(line), _) => calls.push(Call::read(line, variables)),
            (None, Some(call)) => call.answer.push(line.to_owned()),
            (None, None) => panic!("an answer to nothing: {line}"),
        }
    }
    calls
}

impl Call {
    fn read(line: &str, variables: &BTreeMap<String, String>) -> Self {
        let mut words = words(line, variables).into_iter();
        assert_eq!(words.next().as_deref(), Some("curl"), "{line}");
        let (mut path, mut headers, mut body, mut shows_head) = (None, Vec::new(), None, false);
        while let Some(word) = words.next() {
            match word.as_str() {
                "-i" => shows_head = true,
                "-H" => headers.push(words.next().unwrap()),
                "-d" => body = words.next(),
                url => path = Some(url.strip_prefix("http://127.0.0.1:10000").expect("the listener's URL").to_owned()),
            }
        }
        let path = path.unwrap();
        let request = body.map_or_else(|| Request::get(&path), |body| Request::post(&path, body));
        let request = headers.iter().fold(request, |request, header| {
            let (name, value) = header.split_once(": ").unwrap();
            request.header(name, value)
        });
        Self { line: line.to_owned(), shows_head, request, answer: Vec::new() }
    }

    /// What is not as it is printed.
    fn faults(&self, address: SocketAddr) -> Vec<String> {
        let answer = h1::Connection::open(address).send(&self.request);
        let (head, body) = if self.shows_head {
            let end = self.answer.iter().position(String::is_empty).unwrap_or(self.answer.len());
            (&self.answer[..end], self.answer.get(end + 1..).unwrap_or_default())
        } else {
            (&self.answer[..0], &self.answer[..])
        };
        let mut faults: Vec<&str> = head.iter().map(String::as_str).filter(|line| !has(&answer, line)).collect();
        let body = body.join("\n");
        if !body.is_empty() && !fits(answer.text().trim_end(), &body) {
            faults.push(&body);
        }
        let field =
            |(name, value): &(Vec<u8>, Vec<u8>)| [name.as_slice(), value].map(String::from_utf8_lossy).join(": ");
        let head: Vec<String> = answer.headers.iter().map(field).collect();
        let whole = format!("{:?}\n{}\n\n{}", answer.status, head.join("\n"), answer.text());
        faults.iter().map(|fault| format!("{}\nis not answered\n{fault}\nbut\n{whole}", self.line)).collect()
    }
}

/// Whether an answer has this status line or header.
fn has(answer: &Response, line: &str) -> bool {
    if let Some(status) = line.strip_prefix("HTTP/1.1 ") {
        return status.split(' ').next().and_then(|code| code.parse().ok()) == answer.status;
    }
    let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("no header: {line}"));
    answer.header(name).is_some_and(|found| fits(&found, value))
}

fn fits(found: &str, printed: &str) -> bool {
    printed.strip_suffix("...").map_or_else(|| found == printed, |begin| found.starts_with(begin))
}

/// A command line as a shell reads it: quotes, and variables where no single quotes are.
fn words(line: &str, variables: &BTreeMap<String, String>) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let (mut quote, mut is_open) = (None, false);
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, quote) {
            (' ', None) => is_open = false,
            ('\'' | '"', None) => quote = Some(character),
            (_, Some(open)) if character == open => quote = None,
            _ => {
                if !std::mem::replace(&mut is_open, true) {
                    words.push(String::new());
                }
                let word = words.last_mut().unwrap();
                if character == '$' && quote != Some('\'') {
                    let mut name = String::new();
                    while let Some(letter) = characters.next_if(|next| next.is_ascii_alphanumeric() || *next == '_') {
                        name.push(letter);
                    }
                    word.push_str(variables.get(&name).unwrap_or_else(|| panic!("${name} in {line}")));
                } else {
                    word.push(character);
                }
            }
        }
    }
    words
}

// The demo.

/// `examples/demo/model_server.py` on a port of its own, until this is dropped.
struct ModelServer {
    address: SocketAddr,
    process: Child,
}

impl ModelServer {
    fn start() -> Self {
        let script = workspace().join("examples/demo/model_server.py");
        let mut command = Command::new("python3");
        command.arg(script).args(["--port", "0"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("python3");
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split([' ', ',']).find_map(|word| word.parse().ok()).expect("an address");
        Self { address, process }
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
