//! Worlds for the tests: configurations, requests, and chance with a seed.

use std::net::IpAddr;

use portcullis::ai::dialect::Dialect;
use portcullis::ai::vocabulary::{Feature, Operation};
use portcullis::http::header::Headers;
use portcullis::identity::Identity;
use portcullis::prelude::Env;
use portcullis::select::{Needs, Subject};
use serde_json::{Value, json};

use crate::compile::{self, Compiled};
use crate::config::Config;
use crate::policy::{Asked, Body, Certificate, Decision, Head, ModelPlace, Policy};

/// 2027-01-15 08:00 UTC, a Friday.
pub(crate) const NOW: u64 = 1_800_000_000;

/// A request as a test writes it.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) identity: Option<Identity>,
    pub(crate) certificate: Option<Certificate>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) method: String,
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) route: String,
    pub(crate) dialect: Dialect,
    pub(crate) operation: Operation,
    pub(crate) path_model: Option<String>,
    pub(crate) model_place: ModelPlace,
    pub(crate) query_models: Vec<String>,
    pub(crate) source: Option<IpAddr>,
    pub(crate) now: u64,
    pub(crate) body: Option<Asked>,
    /// Whether it ends with its headers.
    pub(crate) is_empty: bool,
}

impl Request {
    pub(crate) fn chat(model: &str) -> Self {
        Self {
            identity: Some(alice(&["user"])),
            certificate: None,
            headers: Vec::new(),
            method: "POST".to_owned(),
            host: "api.example".to_owned(),
            path: "/v1/chat/completions".to_owned(),
            route: "main".to_owned(),
            dialect: Dialect::OpenAi,
            operation: Operation::Chat,
            path_model: None,
            model_place: ModelPlace::Query,
            query_models: Vec::new(),
            source: Some("10.0.0.1".parse().unwrap()),
            now: NOW,
            body: Some(Asked { models: vec![model.to_owned()], ..Asked::default() }),
            is_empty: false,
        }
    }

    pub(crate) fn anonymous(mut self) -> Self {
        self.identity = None;
        self
    }

    pub(crate) fn identity(mut self, change: impl FnOnce(&mut Identity)) -> Self {
        change(self.identity.get_or_insert_with(|| Identity::of("alice")));
        self
    }

    pub(crate) fn asked(&self) -> Option<Asked> {
        if self.is_empty { Some(Asked::NOTHING.clone()) } else { self.body.clone() }
    }

    /// What the filter knows of the body once it will know no more.
    pub(crate) fn body(&self) -> Body<'_> {
        match &self.body {
            _ if self.is_empty => Body::Read(Asked::NOTHING),
            None => Body::None,
            Some(asked) => Body::Read(asked),
        }
    }

    pub(crate) fn with_head<T>(&self, use_it: impl FnOnce(&Head<'_>) -> T) -> T {
        let mut headers = Headers::new();
        for (name, value) in [(":method", &self.method), (":authority", &self.host), (":path", &self.path)] {
            headers.push(name.as_bytes(), value.as_bytes());
        }
        self.headers.iter().for_each(|(name, value)| headers.push(name.as_bytes(), value));
        let needs = Needs { host: true, path: true, route: true, method: false };
        let subject = Subject::read(&headers, Some(self.route.as_bytes()), needs).unwrap();
        use_it(&Head {
            identity: self.identity.as_ref(),
            certificate: self.certificate.as_ref(),
            headers: &headers,
            subject: &subject,
            dialect: self.dialect,
            operation: self.operation,
            path_model: self.path_model.as_deref(),
            model_place: self.model_place,
            query_models: &self.query_models,
            source: self.source,
            now: self.now,
        })
    }

    /// What the policy says once it will learn no more.
    pub(crate) fn decided<'p>(&self, policy: &'p Policy) -> Decision<'p> {
        self.with_head(|head| policy.decide(head, &self.body()))
    }
}

/// A caller with these roles.
pub(crate) fn alice(roles: &[&str]) -> Identity {
    let mut alice = Identity::of("alice");
    alice.roles = roles.iter().map(|role| (*role).to_owned()).collect();
    alice
}

pub(crate) fn read(configuration: &Value) -> Config {
    serde_json::from_value(configuration.clone()).map_err(|error| format!("{error}: {configuration}")).unwrap()
}

pub(crate) fn compiled(configuration: &Value) -> Compiled {
    compiled_of(&read(configuration))
}

pub(crate) fn compiled_of(config: &Config) -> Compiled {
    compile::compile(config, &Env::new("rbac", [])).map_err(|error| format!("{error}")).unwrap()
}

pub(crate) fn fault(configuration: &Value) -> String {
    compile::compile(&read(configuration), &Env::new("rbac", [])).map(|_| ()).unwrap_err().to_string()
}

pub(crate) fn first_match(rules: Value) -> Value {
    let mut configuration = json!({"combining": "first_match"});
    configuration["rules"] = rules;
    configuration
}

/// Chance (Marsaglia's xorshift): the same for the same seed.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from((self.next() >> 11) % u64::try_from(bound).unwrap()).unwrap()
    }

    /// Once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    fn some(&mut self, of: &[&str], most: usize) -> Vec<String> {
        let count = 1 + self.below(most);
        let mut found: Vec<String> = (0..count).map(|_| self.one(of).to_owned()).collect();
        found.sort();
        found.dedup();
        found
    }

    fn maybe_some(&mut self, of: &[&str], most: usize) -> Vec<String> {
        if self.once_in(3) { Vec::new() } else { self.some(of, most) }
    }
}

const ROLES: &[&str] = &["user", "admin", "trainer", "g:user", "auditor"];
const SUBJECTS: &[&str] = &["alice", "bob"];
const TENANTS: &[&str] = &["acme", "evil"];
const MODELS: &[&str] = &[
    "gpt-mini",
    "gpt-4",
    "gpt-4o",
    "ft:gpt:acme:x",
    "ft:gpt:acme:s",
    "*",
    "gpt-4*",
    "ft:*:acme:*",
    "Gpt-4",
    "models/gpt-4",
    "library/gpt-mini:latest",
    "gpt-4:latest",
];
/// What only requests name.
const DISGUISED: &[&str] = &["\u{feff}gpt-4", "gpt\u{200b}-mini\0", "ft:gpt:acme:ſ"];
const RESOURCES: &[&str] = &["file-1", "file-2", "file-*"];
const PATHS: &[&str] =
    &["/v1/chat/completions", "/v1/{tenant}/files", "/v1/*", "/{tenant}/{kind}/files", "/v1/models", "/*"];
const FEATURES: &[&str] = &[
    "logprobs",
    "top_logprobs",
    "logit_bias",
    "echo",
    "tools",
    "response_format",
    "store",
    "background",
    "unknown_members",
];
const SANS: &[&str] = &["spiffe://a", "spiffe://b", "user"];

/// A configuration of up to so many rules.
pub(crate) fn configuration(chance: &mut Chance, most: usize) -> Value {
    let combining = chance.one(&["first_match", "deny_overrides"]);
    let rules: Vec<Value> = (0..chance.below(most + 1)).map(|index| rule(chance, &format!("r{index}"))).collect();
    let mut sources = vec![json!({"identity": "roles"})];
    if chance.once_in(3) {
        sources.push(json!({"claim": ["groups"], "split": chance.once_in(2), "prefix": chance.one(&["", "g:"])}));
    }
    if chance.once_in(4) {
        sources.push(json!({"certificate": chance.one(&["uri_san", "dns_san", "subject"])}));
    }
    let includes = chance.one(&["{}", r#"{"admin":["trainer"],"trainer":["user"]}"#, r#"{"user":["auditor"]}"#]);
    json!({
        "combining": combining, "client_certificates": "validated_by_listener", "rules": rules,
        "roles": {
            "sources": sources, "includes": parse(includes),
            "certificates": {"admin": {"uri_sans": ["spiffe://b"]}},
        },
    })
}

fn parse(text: &str) -> Value {
    portcullis::json::parse(text.as_bytes(), portcullis::json::Limits::default()).unwrap()
}

fn put(object: &mut Value, member: &str, value: impl Into<Value>) {
    object[member] = value.into();
}

pub(crate) fn rule(chance: &mut Chance, name: &str) -> Value {
    let effect = chance.one(&["allow", "allow", "deny"]);
    let mut who = json!({});
    let mut select = json!({});
    let mut what = json!({});
    let mut when = json!({});
    for _ in 0..chance.below(4) {
        match chance.below(24) {
            0 | 1 => put(&mut who, "roles_any", chance.some(ROLES, 2)),
            2 => put(&mut who, "roles_all", chance.some(ROLES, 2)),
            3 => put(&mut who, "subjects", chance.some(SUBJECTS, 1)),
            4 => put(&mut who, "tenants", chance.some(TENANTS, 2)),
            5 => put(&mut who, "issuers", chance.some(&["https://a"], 1)),
            6 => put(&mut who, "api_keys", chance.some(&["*"], 1)),
            7 => put(&mut who, "uri_sans", chance.some(SANS, 2)),
            8 => put(&mut select, "methods", chance.some(&["GET", "POST", "DELETE"], 2)),
            9 => put(&mut select, "hosts", chance.some(&["api.example", "b.example"], 1)),
            // What a claim is compared with stays.
            10 | 11 if when.get("claims").is_some() => {}
            10 | 11 => put(&mut select, "paths", chance.some(PATHS, 2)),
            12 => put(&mut select, "routes", chance.some(&["main", "other"], 1)),
            13 => put(&mut what, "operations", chance.some(&["chat", "files", "models", "embeddings", "unknown"], 2)),
            14 => put(&mut what, "dialects", chance.some(&["openai", "anthropic"], 2)),
            15 | 16 => put(&mut what, "models", chance.some(MODELS, 2)),
            17 => put(&mut what, "resources", chance.some(RESOURCES, 2)),
            18 => put(&mut when, "source", chance.some(&["10.0.0.0/8", "::ffff:192.168.0.0/112", "2001:db8::/32"], 2)),
            19 => put(&mut when, "times", vec![window(chance)]),
            20 => claims(chance, &mut select, &mut when),
            21 => put(&mut when, "headers", vec![header(chance)]),
            22 => put(&mut when, "request", caps(chance)),
            _ => put(&mut when, "forbids", chance.some(FEATURES, 2)),
        }
    }
    if chance.once_in(8) && who.get("api_keys").is_none() {
        let caller = chance.one(&["authenticated", "anyone", "anonymous"]);
        let is_told = who.as_object().is_some_and(|who| !who.is_empty());
        put(&mut who, "caller", if caller == "anonymous" && is_told { "authenticated" } else { caller });
    }
    if [&who, &select, &what, &when].iter().all(|part| part.as_object().is_some_and(serde_json::Map::is_empty)) {
        put(&mut who, "caller", "anyone");
    }
    let mut rule = json!({
        "name": name, "effect": effect, "shadow": chance.once_in(12), "select": select, "what": what, "when": when,
    });
    let is_anonymous = who.get("caller").is_some_and(|caller| caller == "anonymous");
    if who.as_object().is_some_and(|who| !who.is_empty()) {
        put(&mut rule, "who", who);
    }
    if effect == "allow" && chance.once_in(5) && !is_anonymous {
        put(&mut rule, "step_up", step_up(chance));
    }
    if effect == "allow" && chance.once_in(5) {
        let cap = 100 * (1 + chance.below(3));
        put(
            &mut rule,
            "clamp",
            if chance.once_in(2) { json!({"max_output_tokens": cap}) } else { json!({"choices": cap}) },
        );
    }
    rule
}

fn window(chance: &mut Chance) -> Value {
    let from = chance.one(&["00:00", "07:30", "22:00"]);
    let to = chance.one(&["06:00", "08:01", "24:00"]);
    let mut window = json!({"from": from, "to": to, "zone": "UTC"});
    if chance.once_in(2) {
        put(&mut window, "days", chance.some(&["mon", "thu", "fri", "sat"], 3));
    }
    window
}

fn claims(chance: &mut Chance, select: &mut Value, when: &mut Value) {
    let claim = match chance.below(6) {
        0 => json!({"claim": ["level"], "one_of": [1, 2]}),
        1 => json!({"claim": ["groups"], "contains": chance.one(&["user", "x"])}),
        2 => json!({"claim": ["org", "unit"], "equals": chance.one(&["a", "b"])}),
        3 => json!({"identity": "roles", "contains": chance.one(ROLES)}),
        4 => json!({"identity": "acr", "equals": "gold"}),
        _ => {
            put(select, "paths", vec![chance.one(&["/v1/{tenant}/files", "/{tenant}/{kind}/files"])]);
            json!({"identity": "tenant", "equals": "{tenant}"})
        }
    };
    // Another path may have been drawn before; a rule with a capture has just its own.
    let is_captured = |claim: &Value| claim["equals"] == "{tenant}";
    let mut all: Vec<Value> = when["claims"].as_array().cloned().unwrap_or_default();
    all.retain(|other| !is_captured(other) && *other != claim);
    all.push(claim);
    put(when, "claims", all);
}

fn header(chance: &mut Chance) -> Value {
    let mut header = json!({"name": chance.one(&["x-zone", "x-role"])});
    match chance.below(5) {
        0 => put(&mut header, "exact", "blue"),
        1 => put(&mut header, "prefix", "bl"),
        2 => put(&mut header, "suffix", "en"),
        3 => put(&mut header, "regex", "(blue|green)"),
        _ => {
            put(&mut header, "present", chance.once_in(2));
            return header;
        }
    }
    put(&mut header, "not", chance.once_in(2));
    header
}

fn caps(chance: &mut Chance) -> Value {
    match chance.below(6) {
        0 => json!({"max_output_tokens": 100}),
        1 => json!({"choices": 1}),
        2 => json!({"tools": chance.below(2)}),
        3 => json!({"images": false}),
        4 => json!({"stream": chance.once_in(2)}),
        _ => json!({"messages": 2}),
    }
}

fn step_up(chance: &mut Chance) -> Value {
    match chance.below(3) {
        0 => json!({"acr": ["gold"]}),
        1 => json!({"amr": ["mfa"]}),
        _ => json!({"max_age": "15m"}),
    }
}

/// A request of which rules have something to say.
pub(crate) fn request(chance: &mut Chance) -> Request {
    let operation = [Operation::Chat, Operation::Files, Operation::Models, Operation::Embeddings, Operation::Unknown];
    let named = |text: &&str| !text.contains('*');
    let models: Vec<&str> = MODELS.iter().chain(DISGUISED).copied().filter(named).collect();
    let is_empty = chance.once_in(6);
    let body = (!is_empty && !chance.once_in(6)).then(|| asked(chance, &models));
    let sources = ["10.1.2.3", "::ffff:10.1.2.3", "192.168.7.7", "2001:db8::1", "11.0.0.1"];
    Request {
        identity: if chance.once_in(6) { None } else { Some(identity(chance)) },
        certificate: chance.once_in(4).then(|| Certificate {
            subject: chance.one(SANS).to_owned(),
            uri_sans: chance.maybe_some(SANS, 2),
            dns_sans: chance.maybe_some(SANS, 1),
        }),
        headers: (0..chance.below(3)).map(|_| line(chance)).collect(),
        method: chance.one(&["GET", "POST", "POST", "DELETE", "get"]).to_owned(),
        host: chance.one(&["api.example", "b.example", "c.example", "api.example:80"]).to_owned(),
        path: chance
            .one(&[
                "/v1/chat/completions",
                "/v1/acme/files",
                "/v1/models",
                "/evil/x/files",
                "/v1",
                "/",
                "/acme/v1/files",
            ])
            .to_owned(),
        route: chance.one(&["main", "other", ""]).to_owned(),
        dialect: if chance.once_in(3) { Dialect::Anthropic } else { Dialect::OpenAi },
        operation: operation[chance.below(operation.len())],
        path_model: chance.once_in(5).then(|| chance.one(&models).to_owned()),
        model_place: [ModelPlace::Head, ModelPlace::Body, ModelPlace::Query][chance.below(3)],
        query_models: if chance.once_in(8) { vec![chance.one(&models).to_owned()] } else { Vec::new() },
        source: (!chance.once_in(10)).then(|| chance.one(&sources).parse().unwrap()),
        now: NOW + 60 * u64::try_from(chance.below(14 * 1440)).unwrap(),
        body,
        is_empty,
    }
}

fn asked(chance: &mut Chance, models: &[&str]) -> Asked {
    Asked {
        models: chance.maybe_some(models, 2),
        resources: chance.maybe_some(&["file-1", "file-2", "other"], 2),
        stream: (!chance.once_in(5)).then(|| chance.once_in(2)),
        max_output_tokens: chance.once_in(2).then(|| 50 * u64::try_from(chance.below(4)).unwrap()),
        choices: chance.once_in(3).then(|| u64::try_from(chance.below(3)).unwrap()),
        tools: chance.below(3),
        has_unknown: chance.once_in(3),
        has_media: chance.once_in(3),
        messages: u32::try_from(chance.below(4)).unwrap(),
        features: (0..chance.below(3)).map(|_| Feature::ALL[chance.below(Feature::ALL.len())]).collect(),
        top_logprobs: chance.once_in(4).then_some(3),
    }
}

fn identity(chance: &mut Chance) -> Identity {
    let mut claims = json!({});
    if !chance.once_in(3) {
        let groups = [json!(["user", "x"]), json!("user admin"), json!("trainer"), json!(7), json!([1]), Value::Null];
        put(&mut claims, "groups", groups[chance.below(groups.len())].clone());
    }
    if chance.once_in(2) {
        let levels = [json!(1), json!("1"), json!(3), json!([1])];
        put(&mut claims, "level", levels[chance.below(levels.len())].clone());
    }
    if chance.once_in(2) {
        let orgs = [json!({"unit": "a"}), json!({"unit": "c"}), json!("a")];
        put(&mut claims, "org", orgs[chance.below(orgs.len())].clone());
    }
    let now = NOW + 86_400 * 7;
    let mut identity = Identity::of(chance.one(SUBJECTS));
    identity.iss = chance.once_in(2).then(|| chance.one(&["https://a", "https://b"]).to_owned());
    identity.tenant = chance.once_in(2).then(|| chance.one(TENANTS).to_owned());
    identity.api_key = chance.once_in(4).then(|| "key-1".to_owned());
    identity.roles = chance.maybe_some(ROLES, 2);
    identity.scopes = chance.maybe_some(ROLES, 1);
    identity.auth_time = chance.once_in(2).then(|| now + 60 * u64::try_from(chance.below(30)).unwrap());
    identity.acr = chance.once_in(2).then(|| chance.one(&["gold", "tin"]).to_owned());
    identity.amr = chance.maybe_some(&["mfa", "pwd"], 2);
    identity.models = chance.once_in(6).then(|| chance.some(&["gpt-mini", "gpt-4"], 2));
    identity.claims = claims.as_object().unwrap().clone();
    identity
}

fn line(chance: &mut Chance) -> (String, Vec<u8>) {
    let values: [&[u8]; 8] = [b"blue", b"Blue", b"green", b"blue,green", b"red, BLUE", b"blue\xff", b"", b"sky blue"];
    (chance.one(&["x-zone", "x-role"]).to_owned(), values[chance.below(values.len())].to_vec())
}
