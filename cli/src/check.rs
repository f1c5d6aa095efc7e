//! `portcullis check`: what a load would say of configurations, and what it would not.
//!
//! 1. A file is one configuration as JSON, or YAML of Envoy in which the filters are found. Each `http_filters` is a chain
//!    of its own; what stands in none, and all JSON files, are one more.
//! 2. Whose a configuration is, is told by the name of the module, else by its members. Another Wasm filter is named, and
//!    not looked at.
//! 3. A fault is the sentence with which the filter would refuse to load.
//! 4. A note is what loads and does not do what somebody meant: rules that never decide, claims that rbac or a rate limit
//!    looks at and authn does not hand on, filters that stand in the wrong place or whose `dialects` differ, and settings of
//!    Envoy that a filter needs or must not have.
//! 5. A `candidate` is looked at like the policy in force.
//!
//! ```text
//! $ portcullis check authn.json rbac.json
//! rbac.json: note: it looks at claim ["groups"], and authn in authn.json does not list it in identity.claims
//! ```

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use authn::Authn;
use clap::{Args, ValueEnum};
use portcullis::adapter;
use portcullis::ai::dialects::Dialects;
use portcullis::ai::dialects::written::Mapping;
use portcullis::config::{self, ConfigError, Settings};
use portcullis::filter::Env;
use portcullis::json::{self, Limits};
use prompt_guard::PromptGuard;
use prompt_guard::offline::Scanner;
use ratelimit_shared_data::RateLimit;
use ratelimit_shared_data::config::{Backend, KeyPart, Mode, OnContention, OnUnavailable, OnUnmatched};
use rbac::Rbac;
use schema_check::SchemaCheck;
use serde::Serialize;
use serde_json::Value;

use crate::{DENIED, Fault};

const HELP: &str = "\
A file is a configuration as JSON, or Envoy's YAML, in which filters are found by their type. Each http_filters is a chain
of its own. What stands in none, as files of JSON do, is taken as one chain, in the order of the files and of their lines.
A Wasm filter that is none of authn, rbac, ratelimit-shared-data, schema-check and prompt-guard is named and not looked
at, which counts as found. Secrets are read from the environment of this command. Resources of Istio and Envoy Gateway are
not looked into yet.

Exit status: 0 nothing was found; 3 something was; 1 a file cannot be read; 2 a wrong command line.";

/// Say of filters' configurations what Envoy would say at load, and what it would not
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Arguments {
    /// Whose configurations they are [default: told by the name of the module, else by their members]
    #[arg(long, value_enum)]
    filter: Option<Kind>,
    /// How it is printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Format,
    /// The files
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    Authn,
    Rbac,
    #[value(name = "ratelimit-shared-data", alias = "ratelimit")]
    RateLimit,
    SchemaCheck,
    PromptGuard,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

/// What is said.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Finding {
    #[serde(rename = "where")]
    place: String,
    level: Level,
    says: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    /// Envoy would not take it.
    Fault,
    /// It would.
    Note,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Fault => "fault",
            Level::Note => "note",
        };
        write!(f, "{}: {level}: {}", self.place, self.says)
    }
}

/// A configuration, and where it was found.
struct Found {
    place: String,
    kind: Option<Kind>,
    text: String,
    /// The filter in Envoy's YAML.
    envoy: Option<Value>,
}

/// Filters that a request meets one after the other.
#[derive(Default)]
struct Chain {
    found: Vec<Found>,
    /// Whether no other filter can stand in it: it is an `http_filters`.
    is_whole: bool,
    /// Whether it is known that headers with `_` in their names come through to it.
    takes_underscores: bool,
}

/// What one filter of the chain means to the others.
struct Link {
    place: String,
    kind: Kind,
    /// The name of the instance, if it is not the filter's.
    name: Option<String>,
    dialects: Vec<Mapping>,
    policy: Part,
    candidate: Option<Part>,
    /// Sentences of rules that can never decide and the like.
    lint: Vec<String>,
}

/// What a policy, or a candidate, means to the others.
#[derive(Default)]
struct Part {
    /// The claims that authn hands on, or that another looks at.
    claims: Vec<Vec<String>>,
    /// Whether it looks at what authn alone knows.
    asks_who: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Fault> {
    let (mut loose, mut chains) = (Chain::default(), Vec::new());
    for file in &arguments.files {
        find_in(file, &mut loose, &mut chains)?;
    }
    chains.insert(0, loose);
    let findings: Vec<_> = chains.iter().flat_map(|chain| of_chain(chain, arguments.filter)).collect();
    match arguments.format {
        Format::Text => findings.iter().for_each(|finding| println!("{finding}")),
        Format::Json => println!("{}", serde_json::to_string_pretty(&findings).map_err(|error| error.to_string())?),
    }
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(DENIED) })
}

// Finding configurations.

fn find_in(file: &Path, loose: &mut Chain, chains: &mut Vec<Chain>) -> Result<(), Fault> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
    if !file.extension().is_some_and(|kind| kind == "yaml" || kind == "yml") {
        loose.found.push(Found { place: name, kind: None, text, envoy: None });
        return Ok(());
    }
    let value: Value = serde_norway::from_str(&text).map_err(|error| format!("{name}: {error}"))?;
    let count = |loose: &Chain, chains: &[Chain]| chains.iter().chain([loose]).map(|chain| chain.found.len()).sum();
    let before: usize = count(loose, chains);
    loose.collect(&value, &name, chains);
    if count(loose, chains) == before {
        return Err(format!("{name}: expected a file with a Wasm filter of Envoy, found none").into());
    }
    Ok(())
}

fn is_type(value: &Value, name: &str) -> bool {
    value.get("@type").and_then(Value::as_str).is_some_and(|kind| kind.ends_with(name))
}

impl Chain {
    /// Filters in the order in which they stand: those of this chain, and those of the chains that begin within.
    fn collect(&mut self, value: &Value, file: &str, others: &mut Vec<Self>) {
        match value {
            Value::Object(_) if is_type(value, "envoy.extensions.filters.http.wasm.v3.Wasm") => {
                self.found.push(Found::in_filter(value, file));
            }
            Value::Object(members) => {
                for (name, member) in members {
                    if name == "http_filters" {
                        let mut own = Self::of(value);
                        own.collect(member, file, others);
                        others.push(own);
                    } else {
                        self.collect(member, file, others);
                    }
                }
            }
            Value::Array(values) => values.iter().for_each(|value| self.collect(value, file, others)),
            _ => {}
        }
    }

    /// What stands beside `http_filters`: a connection manager, as a rule.
    fn of(manager: &Value) -> Self {
        let action = manager.pointer("/common_http_protocol_options/headers_with_underscores_action");
        let is_kept_out = matches!(action.and_then(Value::as_str), Some("REJECT_REQUEST" | "DROP_HEADER"));
        let takes_underscores = is_type(manager, "http_connection_manager.v3.HttpConnectionManager") && !is_kept_out;
        Self { found: Vec::new(), is_whole: true, takes_underscores }
    }
}

impl Found {
    fn in_filter(filter: &Value, file: &str) -> Self {
        let text = |pointer: &str| filter.pointer(pointer).and_then(Value::as_str);
        let module = text("/config/vm_config/code/local/filename").and_then(|path| Path::new(path).file_stem());
        let kind = match module.and_then(|stem| stem.to_str()) {
            Some("authn") => Some(Kind::Authn),
            Some("rbac") => Some(Kind::Rbac),
            Some("ratelimit-shared-data") => Some(Kind::RateLimit),
            Some("schema-check") => Some(Kind::SchemaCheck),
            Some("prompt-guard") => Some(Kind::PromptGuard),
            _ => None,
        };
        let name = text("/config/name").unwrap_or("a filter without a name");
        let written = match filter.pointer("/config/configuration/value") {
            Some(Value::String(text)) => text.clone(),
            // A Struct, which a note is about.
            Some(members) => members.to_string(),
            None => String::new(),
        };
        Self { place: format!("{file}: {name}"), kind, text: written, envoy: Some(filter.clone()) }
    }

    /// Whose it is: rbac must say how rules combine, a rate limit has a list of limits, schema-check's rules have
    /// contracts, prompt-guard has policies, and authn knows no such members.
    fn kind(&self) -> Option<Kind> {
        let members = json::parse(self.text.as_bytes(), Limits::default()).ok()?;
        let has = |name| members.get(name).is_some();
        match self.kind {
            None if has("combining") => Some(Kind::Rbac),
            None if has("providers") || has("key_sets") => Some(Kind::Authn),
            None if members.get("limits").is_some_and(Value::is_array) => Some(Kind::RateLimit),
            None if has_contract(&members) => Some(Kind::SchemaCheck),
            None if has("policies") => Some(Kind::PromptGuard),
            known => known,
        }
    }
}

/// Whether a rule has what schema-check holds requests against.
fn has_contract(members: &Value) -> bool {
    let rules = members.get("rules").and_then(Value::as_array).into_iter().flatten();
    rules.into_iter().any(|rule| ["contract", "openapi", "schemas"].iter().any(|name| rule.get(name).is_some()))
}

// What is said of them.

fn of_chain(chain: &Chain, kind: Option<Kind>) -> Vec<Finding> {
    let (mut findings, mut links) = (Vec::new(), Vec::new());
    for found in &chain.found {
        let Some(kind) = kind.or_else(|| found.kind()) else {
            findings.push(found.is_nobodys());
            continue;
        };
        findings.extend(found.envoy.iter().flat_map(|filter| of_envoy(found, kind, filter)));
        match found.link(kind) {
            Ok(link) => {
                findings.extend(link.lint.iter().map(|sentence| found.says(Level::Note, sentence)));
                links.push(link);
            }
            Err(error) => findings.push(found.says(Level::Fault, &error.to_string())),
        }
    }
    findings.extend(of_links(chain, &links));
    findings
}

impl Found {
    fn says(&self, level: Level, sentence: &str) -> Finding {
        Finding { place: self.place.clone(), level, says: sentence.to_owned() }
    }

    /// Neither the module's name nor a member tells whose it is.
    fn is_nobodys(&self) -> Finding {
        if self.envoy.is_some() {
            let sentence = "it was not looked at: neither its module nor its configuration is known as authn's, rbac's, \
                            ratelimit-shared-data's, schema-check's or prompt-guard's; --filter says whose it is";
            return self.says(Level::Note, sentence);
        }
        self.says(
            Level::Fault,
            "expected a configuration of authn, rbac, ratelimit-shared-data, schema-check or prompt-guard; --filter says \
             whose it is",
        )
    }

    /// Compiles it as a load does, and says what the filter would say in its log.
    fn link(&self, kind: Kind) -> Result<Link, ConfigError> {
        let text = self.text.as_bytes();
        match kind {
            Kind::Authn => {
                let variables: Vec<_> = std::env::vars_os()
                    .filter_map(|(name, value)| name.into_string().ok().zip(value.into_string().ok()))
                    .collect();
                adapter::compile::<Authn>(&variables, text)?;
                let (settings, config) = config::read::<authn::config::Config>(text)?;
                let candidate = settings.candidate::<authn::config::Config>()?.map(Part::of_authn);
                Ok(self.linked(kind, settings, Part::of_authn(config), candidate, Vec::new()))
            }
            Kind::Rbac => {
                adapter::compile::<Rbac>(&[], text)?;
                let (settings, config) = config::read::<rbac::config::Config>(text)?;
                let env = Env::new("rbac", []).with_dialects(Rc::new(Dialects::compile(&settings.dialects)?));
                let (policy, mut lint) = Part::of_rbac(&config, &env)?;
                let candidate = settings.candidate::<rbac::config::Config>()?;
                let candidate = candidate.map(|config| Part::of_rbac(&config, &env)).transpose()?.map(|(part, own)| {
                    lint.extend(own.iter().map(|sentence| format!("candidate: {sentence}")));
                    part
                });
                Ok(self.linked(kind, settings, policy, candidate, lint))
            }
            Kind::RateLimit => {
                adapter::compile::<RateLimit>(&[], text)?;
                let (settings, config) = config::read::<ratelimit_shared_data::config::Config>(text)?;
                let candidate = settings.candidate::<ratelimit_shared_data::config::Config>()?;
                let candidate = candidate.as_ref().map(Part::of_ratelimit).transpose()?;
                let policy = Part::of_ratelimit(&config)?;
                Ok(self.linked(kind, settings, policy, candidate, lint_of_ratelimit(&config)))
            }
            Kind::SchemaCheck => {
                adapter::compile::<SchemaCheck>(&[], text)?;
                let (settings, config) = config::read::<schema_check::config::Config>(text)?;
                let env = Env::new("schema_check", []).with_dialects(Rc::new(Dialects::compile(&settings.dialects)?));
                let lint = schema_check::offline::lint(config, &env)?;
                Ok(self.linked(kind, settings, Part::default(), None, lint))
            }
            Kind::PromptGuard => {
                adapter::compile::<PromptGuard>(&[], text)?;
                let (settings, config) = config::read::<prompt_guard::config::Config>(text)?;
                let scanner = Scanner::new(config)?;
                let policy = Part { asks_who: scanner.asks_who(), ..Part::default() };
                Ok(self.linked(kind, settings, policy, None, scanner.lint()))
            }
        }
    }

    fn linked(&self, kind: Kind, settings: Settings, policy: Part, candidate: Option<Part>, lint: Vec<String>) -> Link {
        let Settings { name, dialects, .. } = settings;
        Link { place: self.place.clone(), kind, name, dialects, policy, candidate, lint }
    }

    /// Whether headers must wait for a body. Of what does not load nobody knows.
    fn awaits_bodies(&self, kind: Kind) -> bool {
        let of_limits = || {
            let (_, config) = config::read::<ratelimit_shared_data::config::Config>(self.text.as_bytes()).ok()?;
            let compiled = ratelimit_shared_data::compile::compile(&config).ok()?;
            Some(compiled.limits.iter().any(ratelimit_shared_data::policy::Limit::needs_body))
        };
        match kind {
            Kind::Authn => false,
            Kind::RateLimit => of_limits().unwrap_or_default(),
            Kind::Rbac | Kind::SchemaCheck | Kind::PromptGuard => true,
        }
    }
}

impl Part {
    fn of_authn(config: authn::config::Config) -> Self {
        Self { claims: config.identity.claims, asks_who: false }
    }

    fn of_rbac(config: &rbac::config::Config, env: &Env) -> Result<(Self, Vec<String>), ConfigError> {
        let compiled = rbac::compile::compile(config, env)?;
        Ok((
            Self { claims: compiled.claims, asks_who: config.rules.iter().any(|rule| asks_who(config, rule)) },
            compiled.lint,
        ))
    }

    fn of_ratelimit(config: &ratelimit_shared_data::config::Config) -> Result<Self, ConfigError> {
        let of_identity = |part: &KeyPart| {
            matches!(part, KeyPart::Subject | KeyPart::Tenant | KeyPart::ApiKey | KeyPart::Role(_) | KeyPart::Claim(_))
        };
        let claims = ratelimit_shared_data::compile::compile(config)?.claims;
        let asks_who = config.limits.iter().any(|limit| limit.tiers.is_some() || limit.key.iter().any(of_identity));
        Ok(Self { claims, asks_who })
    }

    fn lacks(&self, claim: &[String]) -> bool {
        !self.claims.iter().any(|given| claim.starts_with(given))
    }
}

/// Whether a rule looks at what authn alone knows. Roles can be those of a client certificate.
fn asks_who(config: &rbac::config::Config, rule: &rbac::config::Rule) -> bool {
    let of_identity = |who: &rbac::config::Who| {
        let lists = [&who.subjects, &who.tenants, &who.issuers, &who.api_keys];
        let has_roles = who.roles_any.is_some() || who.roles_all.is_some();
        lists.iter().any(|list| list.is_some())
            || who.caller == Some(rbac::config::Caller::Authenticated)
            || has_roles && config.client_certificates.is_none()
    };
    rule.who.as_ref().is_some_and(of_identity) || rule.when.claims.is_some()
}

/// What opens what a limit is there to close.
fn lint_of_ratelimit(config: &ratelimit_shared_data::config::Config) -> Vec<String> {
    let of_contention = (config.on_contention == OnContention::Allow)
        .then(|| "on_contention: allow lets requests pass that no limit counts".to_owned());
    let of_backend = config.backend.iter().flat_map(lint_of_backend);
    let of_shadow = config.limits.iter().all(|limit| limit.mode == Mode::Shadow);
    let of_shadow = of_shadow.then(|| "limits: all are in shadow, and none refuses".to_owned());
    of_contention.into_iter().chain(of_backend).chain(of_shadow).collect()
}

fn lint_of_backend(Backend::Rls(rls): &Backend) -> impl Iterator<Item = String> + use<> {
    let of_silence = (rls.on_unavailable == OnUnavailable::Allow).then_some("on_unavailable");
    let of_unmatched = (rls.on_unmatched == OnUnmatched::Allow).then_some("on_unmatched");
    let places = of_silence.into_iter().chain(of_unmatched);
    places.map(|place| format!("backend.rls.{place}: allow lets requests pass that nobody counts"))
}

/// What Envoy's own settings must be.
fn of_envoy(found: &Found, kind: Kind, filter: &Value) -> Vec<Finding> {
    let text = |pointer: &str| filter.pointer(pointer).and_then(Value::as_str);
    let is_true = |pointer: &str| filter.pointer(pointer) == Some(&Value::Bool(true));
    let holds_headers = is_true("/config/allow_on_headers_stop_iteration");
    let is_string =
        text("/config/configuration/@type").is_some_and(|kind| kind.ends_with("google.protobuf.StringValue"));
    // Without a policy Envoy's is FAIL_CLOSED; `fail_open` is the older name.
    let closes = match filter.pointer("/config/failure_policy") {
        None => !is_true("/config/fail_open"),
        Some(policy) => matches!(policy.as_str(), Some("FAIL_RELOAD" | "FAIL_CLOSED")),
    };
    [
        (
            !is_string,
            "configuration: expected a google.protobuf.StringValue; in a Struct duplicate members are lost unseen",
        ),
        (
            !closes,
            "failure_policy: expected FAIL_RELOAD, which has a new VM about a second after a trap, or FAIL_CLOSED; \
             FAIL_OPEN lets everybody pass",
        ),
        (
            found.awaits_bodies(kind) && !holds_headers,
            "allow_on_headers_stop_iteration: expected true: without it no body is held, and what needs one is \
             answered 500 flag_missing",
        ),
        (
            kind == Kind::Authn && holds_headers,
            "allow_on_headers_stop_iteration: expected not to be set: authn reads no body, and an upload that waits \
             for keys would be answered 413",
        ),
    ]
    .into_iter()
    .filter(|(holds, _)| *holds)
    .map(|(_, sentence)| found.says(Level::Note, sentence))
    .collect()
}

/// What filters of one chain must have in common.
fn of_links(chain: &Chain, links: &[Link]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, link) in links.iter().enumerate() {
        let mut note = |says| findings.push(Finding { place: link.place.clone(), level: Level::Note, says });
        if at == 0 && chain.takes_underscores {
            let place = "common_http_protocol_options.headers_with_underscores_action";
            note(format!(
                "{place}: expected REJECT_REQUEST on its connection manager: to some servers x_role is x-role"
            ));
        }
        if let Some(other) = links.first().filter(|other| other.dialects != link.dialects) {
            note(format!("dialects: expected what {} says", other.place));
        }
        if matches!(link.kind, Kind::Rbac | Kind::PromptGuard) || link.kind == Kind::RateLimit && link.policy.asks_who {
            of_identity(chain, links, at).into_iter().for_each(&mut note);
        }
        if link.kind == Kind::RateLimit {
            of_place(links, at, link).for_each(&mut note);
        }
        if matches!(link.kind, Kind::Rbac | Kind::RateLimit) {
            of_claims(links, link).into_iter().for_each(note);
        }
    }
    findings
}

/// Whether authn stands where others need it.
fn of_identity(chain: &Chain, links: &[Link], at: usize) -> Option<String> {
    let is_behind = |before: usize| links.iter().take(before).any(|link| link.kind == Kind::Authn);
    let asks_who = links.get(at).is_some_and(|link| link.policy.asks_who);
    let what = match (is_behind(at), is_behind(links.len())) {
        (false, true) => "it stands before authn",
        (false, false) if chain.is_whole && asks_who => "no authn stands in its chain",
        (true, _) | (false, false) => return None,
    };
    Some(format!("{what}: no identity is there yet, and every caller is anonymous"))
}

/// Whether a rate limit stands where it does what it is for: cheap and strict before dear, and who may not ask spends
/// nothing. What counts by address alone may stand before everybody.
fn of_place<'a>(links: &'a [Link], at: usize, link: &'a Link) -> impl Iterator<Item = String> + 'a {
    let (before, behind) = (links.iter().take(at), links.iter().skip(at.saturating_add(1)));
    let is_dear = |other: &&Link| matches!(other.kind, Kind::SchemaCheck | Kind::PromptGuard);
    let dear = before.clone().find(is_dear).map(|other| {
        format!("it stands behind {}, which reads the bodies of those for whom no limit has more", other.place)
    });
    let is_rbac = |other: &&Link| other.kind == Kind::Rbac && link.policy.asks_who;
    let rbac = behind.into_iter().find(is_rbac).map(|other| {
        format!("it stands before rbac in {}, and what rbac refuses spends the caller's limits", other.place)
    });
    let is_namesake = |other: &&Link| other.kind == Kind::RateLimit && other.name == link.name;
    let namesake = before.clone().find(is_namesake).map(|other| {
        format!("name: expected another than in {}, with which it would share metrics, verdict and table", other.place)
    });
    dear.into_iter().chain(rbac).chain(namesake)
}

/// The claims that a policy looks at and authn does not hand on, now or by its candidate.
fn of_claims(links: &[Link], link: &Link) -> Vec<String> {
    let authn = || links.iter().filter(|link| link.kind == Kind::Authn);
    let in_force = |claim: &[String]| authn().find(|authn| authn.policy.lacks(claim));
    let by_candidate =
        |claim: &[String]| authn().find(|authn| authn.candidate.as_ref().is_some_and(|own| own.lacks(claim)));
    let sentence = |who: &str, claim: &[String], whose: &str, authn: &Link| {
        let shown = serde_json::to_string(claim).unwrap_or_default();
        format!("{who} looks at claim {shown}, and {whose} in {} does not list it in identity.claims", authn.place)
    };
    let of_policy = link.policy.claims.iter().filter_map(|claim| {
        let now = in_force(claim).map(|authn| sentence("it", claim, "authn", authn));
        now.or_else(|| by_candidate(claim).map(|authn| sentence("it", claim, "the candidate of authn", authn)))
    });
    let candidates = link.candidate.iter().flat_map(|own| &own.claims);
    let of_candidate = candidates
        .filter(|claim| !link.policy.claims.contains(claim))
        .filter_map(|claim| in_force(claim).map(|authn| sentence("its candidate", claim, "authn", authn)));
    of_policy.chain(of_candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn chain(configurations: &[Value]) -> Vec<Finding> {
        let found = configurations.iter().enumerate().map(|(at, configuration)| Found {
            place: format!("{at}.json"),
            kind: None,
            text: configuration.to_string(),
            envoy: None,
        });
        of_chain(&Chain { found: found.collect(), ..Chain::default() }, None)
    }

    /// What is said of Envoy's YAML.
    fn in_envoy(value: &Value) -> Vec<String> {
        let (mut loose, mut chains) = (Chain::default(), Vec::new());
        loose.collect(value, "envoy.yaml", &mut chains);
        chains.insert(0, loose);
        let findings = chains.iter().flat_map(|chain| of_chain(chain, None));
        findings.map(|finding| finding.to_string()).collect()
    }

    /// A filter as Envoy's YAML has it, with what it should have.
    fn filter(module: &str, configuration: &Value) -> Value {
        json!({"typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
            "config": {
                "name": "a-filter", "failure_policy": "FAIL_RELOAD",
                "allow_on_headers_stop_iteration": configuration.get("providers").or(configuration.get("key_sets")).is_none(),
                "vm_config": {"code": {"local": {"filename": format!("/etc/{module}")}}},
                "configuration": {
                    "@type": "type.googleapis.com/google.protobuf.StringValue", "value": configuration.to_string(),
                },
            },
        }})
    }

    fn said(configurations: &[Value]) -> Vec<String> {
        chain(configurations).iter().map(ToString::to_string).collect()
    }

    fn authn(claims: &Value) -> Value {
        let keys = json!([{"id": "a", "subject": "a", "sha256": "0".repeat(64)}]);
        json!({"key_sets": {"k": {"keys": keys}}, "identity": {"claims": claims}})
    }

    fn rbac(rules: &Value) -> Value {
        json!({"combining": "first_match", "rules": rules})
    }

    /// A rate limit with this key.
    fn limit(key: &Value) -> Value {
        let limit =
            json!({"name": "l", "key": key, "unit": "requests", "limit": 5, "window": "1s", "algorithm": "gcra"});
        json!({"limits": [limit]})
    }

    fn about(claim: &[&str]) -> Value {
        json!([{"name": "r", "effect": "allow", "when": {"claims": [{"claim": claim, "equals": "x"}]}}])
    }

    #[test]
    fn a_fault_is_the_sentence_of_the_load() {
        let misspelt = json!({"combining": "first_match", "ruls": []});
        let expected = adapter::compile::<Rbac>(&[], misspelt.to_string().as_bytes()).err().unwrap().to_string();
        assert_eq!(said(&[misspelt]), [format!("0.json: fault: {expected}")]);
        assert_eq!(chain(&[json!({})])[0].level, Level::Fault);
        assert_eq!(said(&[rbac(&json!([]))]), [""; 0]);
    }

    #[test]
    fn a_rule_that_never_decides_is_told() {
        let rule = |name| json!({"name": name, "effect": "allow", "who": {"roles_any": ["user"]}});
        let told = said(&[rbac(&json!([rule("first"), rule("second")]))]);
        assert!(told.len() == 1 && told[0].starts_with("0.json: note: rule \"second\" never decides"), "{told:?}");
    }

    #[test]
    fn a_claim_that_nobody_exports_is_told() {
        let exports = json!([["groups"], ["org", "unit"]]);
        for (claim, is_told) in [
            (&["groups"][..], false),
            (&["groups", "x"], false),
            (&["org", "unit"], false),
            (&["org"], true),
            (&["level"], true),
        ] {
            let told = said(&[authn(&exports), rbac(&about(claim))]);
            assert_eq!(told.len(), usize::from(is_told), "{claim:?}: {told:?}");
        }
        assert_eq!(said(&[rbac(&about(&["level"]))]), [""; 0], "nothing is known of an authn that was not given");
    }

    #[test]
    fn order_and_dialects_count() {
        let told = said(&[rbac(&json!([])), authn(&json!([]))]);
        assert!(told.len() == 1 && told[0].contains("before authn"), "{told:?}");
        let mut mapped = rbac(&json!([]));
        mapped["dialects"] = json!([{"prefix": "/llm", "dialect": "ollama", "strip_prefix": true}]);
        let told = said(&[authn(&json!([])), mapped]);
        assert!(told.len() == 1 && told[0].contains("dialects: expected what 0.json says"), "{told:?}");
    }

    #[test]
    fn a_limit_for_each_caller_stands_behind_authn_and_one_for_each_address_where_it_likes() {
        let (authn, rbac) = (authn(&json!([])), rbac(&json!([])));
        for (key, asks_who) in [
            (json!(["subject"]), true),
            (json!(["source", "tenant"]), true),
            (json!(["api_key"]), true),
            (json!([{"role": ["gold"]}]), true),
            (json!(["source"]), false),
            (json!(["source", "model", {"header": "x-team"}]), false),
            (json!([]), false),
        ] {
            let limit = limit(&key);
            assert_eq!(said(&[authn.clone(), rbac.clone(), limit.clone()]), [""; 0], "{key}");
            assert_eq!(said(std::slice::from_ref(&limit)), [""; 0], "{key}: nothing is known of what stands before");
            let told = said(&[limit.clone(), authn.clone()]);
            assert_eq!(
                told.iter().filter(|told| told.contains("before authn")).count(),
                usize::from(asks_who),
                "{told:?}"
            );
            let told = said(&[authn.clone(), limit.clone(), rbac.clone()]);
            assert_eq!(
                told.iter().filter(|told| told.contains("before rbac")).count(),
                usize::from(asks_who),
                "{told:?}"
            );
            let whole = in_envoy(&json!({"http_filters": [filter("ratelimit-shared-data.wasm", &limit)]}));
            assert_eq!(whole.len(), usize::from(asks_who), "{whole:?}");
        }
        let mut tiered = limit(&json!([]));
        tiered["limits"][0]["tiers"] = json!({"claim": ["plan"], "quotas": [{"is": "gold", "limit": 9}]});
        let told = said(&[tiered, self::authn(&json!([["plan"]]))]);
        assert!(told.len() == 1 && told[0].contains("before authn"), "{told:?}");
    }

    #[test]
    fn a_limit_stands_before_what_costs_more() {
        let guard = json!({"policies": [{"name": "p"}]});
        let contract = json!({"rules": [{"name": "r", "schemas": {"request": true}}]});
        for dear in [guard, contract] {
            let (authn, limit) = (authn(&json!([])), limit(&json!(["subject"])));
            assert_eq!(said(&[authn.clone(), limit.clone(), dear.clone()]), [""; 0]);
            let told = said(&[authn, dear, limit]);
            assert!(told.len() == 1 && told[0].contains("it stands behind 1.json"), "{told:?}");
        }
    }

    #[test]
    fn two_limits_in_one_chain_have_two_names() {
        let (edge, inner) = (limit(&json!(["source"])), limit(&json!(["subject"])));
        let told = said(&[edge.clone(), authn(&json!([])), inner.clone()]);
        assert!(told.len() == 1 && told[0].contains("2.json: note: name: expected another than in 0.json"), "{told:?}");
        let mut named = edge;
        named["name"] = json!("edge");
        assert_eq!(said(&[named, authn(&json!([])), inner]), [""; 0]);
    }

    #[test]
    fn a_claim_that_a_limit_looks_at_is_exported() {
        let by_claim = limit(&json!([{"claim": ["org", "unit"]}]));
        let mut by_tier = limit(&json!([]));
        by_tier["limits"][0]["tiers"] = json!({"claim": ["org", "unit"], "quotas": [{"is": "gold", "limit": 9}]});
        let mut tried = limit(&json!([]));
        tried["candidate"] = by_claim.clone();
        for limit in [by_claim, by_tier, tried] {
            assert_eq!(said(&[authn(&json!([["org"]])), limit.clone()]), [""; 0], "{limit}");
            let told = said(&[authn(&json!([["plan"]])), limit.clone()]);
            assert!(told.len() == 1 && told[0].contains("looks at claim [\"org\",\"unit\"]"), "{limit}: {told:?}");
        }
    }

    #[test]
    fn a_limit_that_lets_pass_what_it_does_not_count_is_told() {
        let mut open = limit(&json!([]));
        open["on_contention"] = json!("allow");
        assert!(said(&[open])[0].starts_with("0.json: note: on_contention: allow"));
        let mut shadow = limit(&json!([]));
        shadow["limits"][0]["mode"] = json!("shadow");
        assert!(said(&[shadow])[0].starts_with("0.json: note: limits: all are in shadow"));
    }

    #[test]
    fn headers_wait_for_a_body_where_a_limit_needs_one() {
        let told = |limit: &Value, holds_headers: bool| {
            let mut filter = filter("ratelimit-shared-data.wasm", limit);
            filter["typed_config"]["config"]["allow_on_headers_stop_iteration"] = json!(holds_headers);
            in_envoy(&json!({"http_filters": [filter]}))
        };
        for (key, needs_body) in [(json!(["source"]), false), (json!(["model"]), true), (json!(["tool"]), true)] {
            let limit = limit(&key);
            assert_eq!(told(&limit, true), [""; 0], "{key}");
            let without = told(&limit, false);
            assert_eq!(without.len(), usize::from(needs_body), "{key}: {without:?}");
            assert!(without.iter().all(|note| note.contains("allow_on_headers_stop_iteration")), "{without:?}");
        }
    }

    #[test]
    fn a_candidate_is_looked_at_like_the_policy_in_force() {
        let rule = |name| json!({"name": name, "effect": "allow", "who": {"roles_any": ["user"]}});
        let mut tried = rbac(&json!([]));
        tried["candidate"] = rbac(&json!([rule("first"), rule("second")]));
        let told = said(&[tried]);
        assert!(told.len() == 1 && told[0].starts_with("0.json: note: candidate: rule \"second\" never"), "{told:?}");

        let mut tried = rbac(&json!([]));
        tried["candidate"] = rbac(&about(&["level"]));
        let told = said(&[authn(&json!([])), tried]);
        assert!(told.len() == 1 && told[0].contains("its candidate looks at claim [\"level\"]"), "{told:?}");

        let mut tried = authn(&json!([["level"]]));
        tried["candidate"] = authn(&json!([]));
        let told = said(&[tried, rbac(&about(&["level"]))]);
        assert!(told.len() == 1 && told[0].contains("the candidate of authn in 0.json"), "{told:?}");
    }

    #[test]
    fn what_envoy_must_be_told_is_looked_at() {
        let quiet = filter("rbac.wasm", &rbac(&json!([])));
        for (member, value, is_told) in [
            ("failure_policy", json!("FAIL_RELOAD"), false),
            ("failure_policy", json!("FAIL_CLOSED"), false),
            ("failure_policy", json!("FAIL_OPEN"), true),
            ("allow_on_headers_stop_iteration", json!(false), true),
        ] {
            let mut filter = quiet.clone();
            filter["typed_config"]["config"][member] = value.clone();
            let told = in_envoy(&json!({"http_filters": [filter]}));
            assert_eq!(told.len(), usize::from(is_told), "{member} {value}: {told:?}");
        }
        let mut unset = quiet;
        let config = unset["typed_config"]["config"].as_object_mut().unwrap();
        config.remove("failure_policy");
        assert_eq!(in_envoy(&json!({"http_filters": [unset.clone()]})), [""; 0], "Envoy's default is FAIL_CLOSED");
        unset["typed_config"]["config"]["fail_open"] = json!(true);
        assert_eq!(in_envoy(&json!({"http_filters": [unset]})).len(), 1);
    }

    #[test]
    fn a_filter_is_known_by_its_configuration_whatever_its_module_is_called() {
        let hidden =
            json!([{"name": "a", "effect": "allow", "who": {"caller": "anyone"}}, {"name": "b", "effect": "deny"}]);
        let told = in_envoy(&json!({"http_filters": [filter("plugin.wasm", &limit(&json!(["subject"])))]}));
        assert!(told.len() == 1 && told[0].contains("no authn stands in its chain"), "{told:?}");
        for module in ["rbac.wasm", "plugin.wasm", "portcullis-rbac-1.2.wasm"] {
            let told = in_envoy(&json!({"http_filters": [filter(module, &rbac(&hidden))]}));
            assert!(told.len() == 1 && told[0].contains("rule \"b\" never decides"), "{module}: {told:?}");
        }
        let told = in_envoy(&json!({"http_filters": [filter("waf.wasm", &json!({"directives": []}))]}));
        assert!(told.len() == 1 && told[0].contains("envoy.yaml: a-filter: note: it was not looked at"), "{told:?}");
    }

    #[test]
    fn each_listener_has_a_chain_of_its_own() {
        let users = rbac(&json!([{"name": "users", "effect": "allow", "who": {"roles_any": ["user"]}}]));
        let (authn, rbac) = (filter("authn.wasm", &authn(&json!([]))), filter("rbac.wasm", &users));
        assert_eq!(in_envoy(&json!([{"http_filters": [authn, rbac]}])), [""; 0]);
        let told = in_envoy(&json!([{"http_filters": [authn]}, {"http_filters": [rbac]}]));
        assert!(told.len() == 1 && told[0].contains("no authn stands in its chain"), "{told:?}");
    }

    #[test]
    fn names_with_underscores_are_kept_out() {
        let told = |options: &Value| {
            in_envoy(&json!({
                "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                "common_http_protocol_options": options,
                "http_filters": [filter("authn.wasm", &authn(&json!([]))), filter("rbac.wasm", &rbac(&json!([])))],
            }))
        };
        assert_eq!(told(&json!({"headers_with_underscores_action": "REJECT_REQUEST"})), [""; 0]);
        for options in [json!({}), json!({"headers_with_underscores_action": "ALLOW"})] {
            let told = told(&options);
            assert!(told.len() == 1 && told[0].contains("headers_with_underscores_action"), "{told:?}");
        }
    }
}
