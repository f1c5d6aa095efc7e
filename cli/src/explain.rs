//! `portcullis explain`: what rbac says to a request that somebody wrote down, and each rule's first failing condition.
//!
//! 1. The configuration is compiled as at load. The request runs through the filter itself, on the Envoy in memory that
//!    the filters' tests use: what is printed as the answer is what a client would get.
//! 2. The rules are told beside it, by the same conditions on the same facts.
//! 3. The identity is what authn would have written to filter state. Without one the caller is anonymous.
//!
//! ```text
//! $ portcullis explain --config rbac.json --identity alice.json request.json
//! outcome    deny
//! status     403
//! code       no_rule
//! rule       -
//! operation  chat (openai)
//! models     gpt-5
//! body       read, because a rule looks at it
//! clamp      -
//!
//! rule       effect  says  because
//! health     allow   no    select.paths fails
//! inference  allow   no    what.models fails
//! ```

use std::io::Read as _;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use portcullis::adapter::{self, Adapter};
use portcullis::host::fake::{self, Envoy, World};
use portcullis::http::header::Headers;
use portcullis::identity::{self, Identity};
use portcullis::json::{self, Limits};
use rbac::Rbac;
use rbac::offline::{Explanation, Reading, Request};
use rbac::policy::{Clamp, Effect, Explained, Outcome, Truth, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{DENIED, Fault, table};

const HELP: &str = r#"The request, of which only method and path must be there:
  {"method": "POST", "path": "/v1/chat/completions", "headers": [["host", "api.example.com"]],
   "body": {"model": "gpt-mini", "messages": []}, "source": "10.0.0.1", "route": "chat",
   "time": "2026-11-21T10:00:00Z",
   "certificate": {"subject": "CN=ops", "uri_san": "spiffe://example.org/ops", "dns_san": "ops.example.org"}}
A body that is a text is sent as it stands, anything else as JSON.

Exit status: 0 allowed; 3 refused; 1 a file or the configuration is wrong; 2 a wrong command line."#;

/// Tell what rbac decides on a request, and why each rule does or does not match
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Arguments {
    /// rbac's configuration, as JSON
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Who is calling: the JSON of filter state portcullis.identity [default: nobody, an anonymous caller]
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// How it is printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Format,
    /// The request; `-` is standard input
    request: PathBuf,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Table,
    Json,
}

/// A request as a person writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    method: String,
    path: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    body: Option<Value>,
    source: Option<IpAddr>,
    route: Option<String>,
    time: Option<String>,
    certificate: Option<Certificate>,
}

/// What Envoy tells of a client certificate: of each kind of alternative name the first.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Certificate {
    subject: String,
    uri_san: String,
    dns_san: String,
}

/// What is printed.
#[derive(Serialize)]
struct Told<'a> {
    /// `allow` or `deny`.
    outcome: &'static str,
    /// The status of the refusal; the upstream says that of a request that goes on.
    status: Option<u16>,
    /// What the client is told.
    code: String,
    /// What verdicts and counters say.
    reason: String,
    rule: Option<&'a str>,
    operation: Option<&'a str>,
    dialect: Option<&'a str>,
    models: &'a [String],
    body: Option<&'static str>,
    clamp: Option<Cut>,
    /// The body that the upstream gets, if it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream_body: Option<String>,
    /// Rules in shadow that would have decided otherwise.
    shadow: Vec<&'a str>,
    rules: Vec<OfRule<'a>>,
}

#[derive(Serialize)]
struct Cut {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    choices: Option<u64>,
}

#[derive(Serialize)]
struct OfRule<'a> {
    name: &'a str,
    effect: &'static str,
    shadow: bool,
    /// `matches`, `no` or `waits`: the decision was made without the body that this one would have to know.
    says: &'static str,
    /// The first condition that says so.
    place: Option<&'a str>,
    /// `fails`, `error`: it cannot be told, which counts against the caller, or `unknown`.
    truth: Option<&'static str>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Fault> {
    let configuration = read(&arguments.config)?;
    let named = |error: String| Fault(format!("{}: {error}", arguments.config.display()));
    let compiled = adapter::compile::<Rbac>(&[], &configuration).map_err(|error| named(error.to_string()))?;
    let request = request(arguments)?;
    let text = String::from_utf8_lossy(&configuration);
    let answer = answered(&text, &request).map_err(named)?;
    let explanation = compiled.filter.explain(&request);
    let told = Told::of(&request, &answer, explanation.as_ref().ok());
    match arguments.format {
        Format::Table => print!("{}", told.table()),
        Format::Json => println!("{}", serde_json::to_string_pretty(&told).map_err(|error| error.to_string())?),
    }
    Ok(if answer.upstream.is_some() { ExitCode::SUCCESS } else { ExitCode::from(DENIED) })
}

// What is asked.

fn read(file: &Path) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes).map(drop)
    } else {
        std::fs::read(file).map(|found| bytes = found)
    };
    read.map_err(|error| Fault(format!("{}: {error}", file.display())))?;
    Ok(bytes)
}

fn request(arguments: &Arguments) -> Result<Request, Fault> {
    let named = |error: &dyn std::fmt::Display| Fault(format!("{}: {error}", arguments.request.display()));
    let value = json::parse(&read(&arguments.request)?, Limits::default()).map_err(|error| named(&error))?;
    let written: Written = serde_json::from_value(value).map_err(|error| named(&error))?;
    let identity = arguments.identity.as_deref().map(identity_in).transpose()?;
    written.request(identity).map_err(|fault| named(&fault))
}

/// The identity as it stands in filter state, where its version is looked at as everywhere.
fn identity_in(file: &Path) -> Result<Vec<u8>, Fault> {
    let bytes = read(file)?;
    match Identity::from_state(&bytes) {
        Ok(_) => Ok(bytes),
        Err(_) => Err(Fault(format!(
            "{}: expected what authn writes to filter state, as in \
             {{\"v\": 1, \"sub\": \"alice\", \"roles\": [\"user\"], \"claims\": {{}}}}",
            file.display()
        ))),
    }
}

impl Written {
    fn request(self, identity: Option<Vec<u8>>) -> Result<Request, &'static str> {
        let expected = "time: expected a date with its time zone such as 2026-11-21T10:00:00Z";
        let time = self.time.as_deref().map(|text| text.parse::<Timestamp>().map_err(|_| expected)).transpose()?;
        let now = time.unwrap_or_else(Timestamp::now).as_second();
        let body = match &self.body {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::String(text)) => text.clone().into_bytes(),
            Some(value) => value.to_string().into_bytes(),
        };
        Ok(Request {
            headers: self.fields(body.len()),
            attributes: self.attributes(),
            body,
            identity,
            now: u64::try_from(now).unwrap_or_default(),
        })
    }

    /// The fields as Envoy hands them over: names in lower case, the host as `:authority`, and the length of the body.
    fn fields(&self, length: usize) -> Headers {
        let is_host = |name: &str| name.eq_ignore_ascii_case("host") || name == ":authority";
        let host = self.headers.iter().find(|(name, _)| is_host(name));
        let mut fields = Headers::new();
        for (name, value) in [
            (":method", self.method.as_str()),
            (":scheme", "https"),
            (":authority", host.map_or("localhost", |(_, value)| value)),
            (":path", &self.path),
        ] {
            fields.push(name.as_bytes(), value.as_bytes());
        }
        for (name, value) in self.headers.iter().filter(|(name, _)| !is_host(name)) {
            fields.push(name.to_ascii_lowercase().as_bytes(), value.as_bytes());
        }
        let is_missing = |name: &str| !self.headers.iter().any(|(found, _)| found.eq_ignore_ascii_case(name));
        if length > 0 && is_missing("content-type") {
            fields.push(b"content-type", b"application/json");
        }
        if length > 0 && is_missing("content-length") && is_missing("transfer-encoding") {
            fields.push(b"content-length", length.to_string().as_bytes());
        }
        fields
    }

    fn attributes(&self) -> Vec<(&'static str, Vec<u8>)> {
        let mut attributes = Vec::new();
        if let Some(source) = self.source {
            attributes.push(("source.address", SocketAddr::new(source, 0).to_string().into_bytes()));
        }
        if let Some(route) = &self.route {
            attributes.push(("xds.route_name", route.clone().into_bytes()));
        }
        if let Some(Certificate { subject, uri_san, dns_san }) = &self.certificate {
            attributes.push(("connection.mtls", vec![1]));
            for (name, value) in [
                ("connection.subject_peer_certificate", subject),
                ("connection.uri_san_peer_certificate", uri_san),
                ("connection.dns_san_peer_certificate", dns_san),
            ] {
                attributes.push((name, value.clone().into_bytes()));
            }
        }
        attributes
    }
}

/// What the filter does with the request.
fn answered(configuration: &str, request: &Request) -> Result<fake::Answer, String> {
    let world = World::default();
    world.set_wall_seconds(request.now);
    world.state(identity::STATE, request.identity.as_deref());
    request.attributes.iter().for_each(|(name, value)| world.attribute(name, value));
    let envoy = Envoy::of(Rc::new(Adapter::<Rbac>::default()), configuration, &[], Rc::new(world))?;
    let body = if request.body.is_empty() { Vec::new() } else { vec![request.body.clone()] };
    Ok(envoy.send(&fake::Request { headers: request.headers.clone(), body, ..fake::Request::default() }))
}

// What is told.

impl<'a> Told<'a> {
    fn of(request: &Request, answer: &fake::Answer, explanation: Option<&'a Explanation<'_>>) -> Self {
        let code = answer.details.strip_prefix("portcullis_rbac_").unwrap_or("allowed").to_owned();
        let decision = explanation.map(|explanation| &explanation.decision);
        let sent = answer.upstream.as_ref();
        let cut = sent.filter(|sent| sent.body != request.body);
        Self {
            outcome: if sent.is_some() { "allow" } else { "deny" },
            status: sent.is_none().then_some(answer.status),
            reason: reason(answer).unwrap_or_else(|| code.clone()),
            code: if sent.is_some() { "allowed".to_owned() } else { code },
            rule: decision.and_then(|decision| decision.rule).map(|rule| rule.name.as_str()),
            operation: explanation.map(|explanation| explanation.operation),
            dialect: explanation.map(|explanation| explanation.dialect),
            models: explanation.map_or(&[], |explanation| &explanation.models),
            body: explanation.map(|explanation| of_body(explanation.body)),
            clamp: decision.and_then(|decision| match decision.outcome {
                Outcome::Allow { clamp } => clamp.map(Cut::of),
                _ => None,
            }),
            upstream_body: cut.map(|sent| String::from_utf8_lossy(&sent.body).into_owned()),
            shadow: decision
                .map(|decision| decision.shadowed.iter().map(|(rule, _)| rule.name.as_str()).collect())
                .unwrap_or_default(),
            rules: explanation.map(|told| told.rules.iter().map(OfRule::of).collect()).unwrap_or_default(),
        }
    }

    fn table(&self) -> String {
        let or_none = |text: Option<&str>| text.unwrap_or("-").to_owned();
        let list = |names: &[&str]| if names.is_empty() { "-".to_owned() } else { names.join(", ") };
        let status = self.status.map_or_else(|| "the upstream's".to_owned(), |status| status.to_string());
        let operation = self.operation.zip(self.dialect).map(|(operation, dialect)| format!("{operation} ({dialect})"));
        let models: Vec<&str> = self.models.iter().map(String::as_str).collect();
        let mut head = vec![
            vec!["outcome".to_owned(), self.outcome.to_owned()],
            vec!["status".to_owned(), status],
            vec!["code".to_owned(), self.code.clone()],
            vec!["rule".to_owned(), or_none(self.rule)],
            vec!["operation".to_owned(), or_none(operation.as_deref())],
            vec!["models".to_owned(), list(&models)],
            vec!["body".to_owned(), or_none(self.body)],
            vec!["clamp".to_owned(), self.clamp.as_ref().map_or("-".to_owned(), Cut::text)],
        ];
        if self.reason != self.code {
            head.insert(3, vec!["reason".to_owned(), self.reason.clone()]);
        }
        if !self.shadow.is_empty() {
            head.push(vec!["shadow".to_owned(), format!("{} would decide otherwise", self.shadow.join(", "))]);
        }
        let head = table::aligned(&head);
        if self.rules.is_empty() {
            return format!("{head}\nNo rule is asked.\n");
        }
        let title = ["rule", "effect", "says", "because"].map(str::to_owned).to_vec();
        let rows: Vec<Vec<String>> = std::iter::once(title).chain(self.rules.iter().map(OfRule::row)).collect();
        format!("{head}\n{}", table::aligned(&rows))
    }
}

/// The reason in the verdict, which says more than the code to who may read it.
fn reason(answer: &fake::Answer) -> Option<String> {
    let verdict = json::parse(answer.state.get("portcullis.rbac")?, Limits::default()).ok()?;
    verdict.get("code").and_then(Value::as_str).map(str::to_owned)
}

fn of_body(reading: Reading) -> &'static str {
    match reading {
        Reading::NotNeeded => "not needed",
        Reading::Read => "read, because a rule looks at it",
        Reading::Empty => "there is none, and a rule looks at it",
        Reading::NotRead => "not one that is read, and a rule looks at it",
    }
}

impl Cut {
    fn of(clamp: &Clamp) -> Self {
        Self { max_output_tokens: clamp.max_output_tokens, choices: clamp.choices }
    }

    fn text(&self) -> String {
        let caps = [("max_output_tokens", self.max_output_tokens), ("choices", self.choices)];
        let said = caps.iter().filter_map(|(name, cap)| cap.map(|cap| format!("{name} {cap}")));
        said.collect::<Vec<_>>().join(", ")
    }
}

impl<'a> OfRule<'a> {
    fn of(explained: &Explained<'a>) -> Self {
        let &Explained { rule, verdict, place, truth } = explained;
        Self {
            name: &rule.name,
            effect: match rule.effect {
                Effect::Allow => "allow",
                Effect::Deny => "deny",
            },
            shadow: rule.is_shadow,
            says: match verdict {
                Verdict::Matches => "matches",
                Verdict::Not => "no",
                Verdict::Unknown => "waits",
            },
            place,
            truth: truth.map(|truth| match truth {
                Truth::Holds => "holds",
                Truth::Fails => "fails",
                Truth::Error => "error",
                Truth::Unknown => "unknown",
            }),
        }
    }

    fn row(&self) -> Vec<String> {
        let place = self.place.unwrap_or_default();
        let because = match self.truth {
            Some("fails") => format!("{place} fails"),
            Some("error") => format!("{place} cannot be told, which counts against the caller"),
            Some("unknown") => format!("{place} depends on the body"),
            _ => String::new(),
        };
        let effect = if self.shadow { format!("{} (shadow)", self.effect) } else { self.effect.to_owned() };
        vec![self.name.to_owned(), effect, self.says.to_owned(), because]
    }
}
