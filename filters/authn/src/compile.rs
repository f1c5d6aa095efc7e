//! From what was written to what it means: every check of a configuration that its types cannot make.
//!
//! Refused is what would open the filter, what could never accept anybody, and what could be read in two ways.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

use portcullis::config::Size;
use portcullis::identity::Identity;
use portcullis::prelude::ConfigError;
use portcullis::select::{Matcher, When};

use crate::config::{self, Config};
use crate::policy::{
    Accepted, Algorithm, ApiKey, ApiKeys, Capacity, Fingerprint, KeySet, Mapping, PLAIN_TEXT, Path, Policy, Provider,
    Requirement, Rule, Source, Sources, is_plain,
};

/// A policy, and what its operator should know about it.
pub(crate) struct Compiled {
    pub(crate) policy: Policy,
    /// One line for each key that was skipped.
    pub(crate) skipped: Vec<String>,
    /// Whether a rule lets everybody pass everywhere.
    pub(crate) is_open: bool,
}

/// Whom rules can name.
struct Vouchers {
    providers: BTreeMap<String, Rc<Provider>>,
    key_sets: BTreeMap<String, Rc<ApiKeys>>,
}

const MAX_CLOCK_SKEW_MILLIS: u64 = 5 * 60 * 1000;
/// No signed token is shorter.
const MIN_TOKEN: Size = Size(256);
const MAX_TOKEN: Size = Size(64 << 10);
const MAX_CACHE_ENTRIES: usize = 65_536;
const MAX_CACHE_AGE_MILLIS: u64 = 60 * 60 * 1000;
const MAX_EXPORTS: usize = 32;
const MAX_PATH: usize = 8;

pub(crate) fn compile(config: &Config) -> Result<Compiled, ConfigError> {
    let sources = sources(&config.credentials)?;
    let vouchers = vouchers(config)?;
    let written = config.rules.clone().unwrap_or_else(|| vec![vouchers.default_rule()]);
    let rules = rules(&written, &vouchers)?;
    Ok(Compiled {
        skipped: vouchers.skipped(),
        is_open: written.iter().any(is_open),
        policy: Policy::new(sources, rules, capacity(&config.token_cache)?),
    })
}

// Sources.

fn sources(written: &[config::Credential]) -> Result<Sources, ConfigError> {
    refuse_empty("credentials", written.is_empty(), "at least one header: nobody could show who they are")?;
    let mut sources: Vec<Source> = Vec::new();
    for (index, credential) in written.iter().enumerate() {
        add_source(&mut sources, credential).map_err(|error| error.within(format!("credentials[{index}]")))?;
    }
    Ok(Sources::new(sources))
}

/// One header with several schemes is one source, so that it can hold only one credential.
fn add_source(sources: &mut Vec<Source>, credential: &config::Credential) -> Result<(), ConfigError> {
    let header = header_name(&credential.header)?;
    let scheme = credential.prefix.as_deref().map(scheme).transpose()?;
    let Some(known) = sources.iter_mut().find(|source| source.header == header) else {
        sources.push(Source { header: header.to_owned(), schemes: scheme.into_iter().map(str::to_owned).collect() });
        return Ok(());
    };
    let is_new = |scheme: &&str| !known.schemes.iter().any(|other| other.eq_ignore_ascii_case(scheme));
    match scheme.filter(is_new) {
        Some(scheme) if !known.schemes.is_empty() => known.schemes.push(scheme.to_owned()),
        _ => {
            return Err(ConfigError::new(
                "header",
                header,
                "a header that has no bare credential and no such prefix yet",
            ));
        }
    }
    Ok(())
}

/// Headers that a request cannot do without; a credential header is removed from it.
const NEEDED: &[&str] = &[
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "te",
    "transfer-encoding",
    "upgrade",
];

fn header_name(name: &str) -> Result<&str, ConfigError> {
    let is_name = !name.is_empty() && name.bytes().all(|byte| is_tchar(byte) && !byte.is_ascii_uppercase());
    if is_name && !NEEDED.contains(&name) {
        return Ok(name);
    }
    Err(ConfigError::new(
        "header",
        name,
        "a header name in lower case that a request can do without, such as x-api-key",
    ))
}

fn scheme(prefix: &str) -> Result<&str, ConfigError> {
    let scheme = prefix.strip_suffix(' ').filter(|scheme| !scheme.is_empty() && scheme.bytes().all(is_tchar));
    scheme.ok_or_else(|| ConfigError::new("prefix", prefix, "a scheme and one blank, such as \"Bearer \""))
}

/// A character of a token (RFC 9110 section 5.6.2).
fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

// Providers.

fn vouchers(config: &Config) -> Result<Vouchers, ConfigError> {
    if config.providers.is_empty() && config.key_sets.is_empty() {
        return Err(ConfigError::missing("providers", "at least one provider or key set: nobody could ever pass"));
    }
    if let Some(name) = config.key_sets.keys().find(|name| config.providers.contains_key(*name)) {
        return Err(ConfigError::new(format!("key_sets.{name}"), name, "a name that no provider has"));
    }
    Ok(Vouchers { providers: providers(config)?, key_sets: key_sets(&config.key_sets)? })
}

fn providers(config: &Config) -> Result<BTreeMap<String, Rc<Provider>>, ConfigError> {
    let exports = exports(&config.identity.claims).map_err(|error| error.within("identity"))?;
    let mut issuers = BTreeSet::new();
    let mut providers = BTreeMap::new();
    for (name, written) in &config.providers {
        let place = |error: ConfigError| error.within(format!("providers.{name}"));
        check_name(name).map_err(place)?;
        if !issuers.insert(&written.issuer) {
            return Err(place(ConfigError::new("issuer", &written.issuer, "an issuer that no other provider has")));
        }
        let provider = provider(written, &exports).map_err(place)?;
        providers.insert(name.clone(), Rc::new(provider));
    }
    Ok(providers)
}

fn provider(written: &config::Provider, exports: &Rc<[Path]>) -> Result<Provider, ConfigError> {
    let algorithms = algorithms(&written.algorithms)?;
    let keys = KeySet::read(&written.jwks_inline, &algorithms).map_err(|fault| {
        let place = fault.index().map_or("jwks_inline".to_owned(), |index| format!("jwks_inline.keys[{index}]"));
        ConfigError::new(place, fault, fault.expected())
    })?;
    Ok(Provider {
        issuer: plain("issuer", &written.issuer)?,
        audiences: plain_list("audiences", &written.audiences)?,
        types: types(written.typ.as_deref())?,
        clock_skew_seconds: clock_skew_seconds(written.clock_skew.0)?,
        max_token_bytes: max_token_bytes(written.max_token_bytes)?,
        max_keys_tried: in_range("max_keys_tried", written.max_keys_tried, 1, 10)?,
        mapping: Mapping {
            roles: path("roles_claim", written.roles_claim.as_deref())?,
            tenant: path("tenant_claim", written.tenant_claim.as_deref())?,
            exports: Rc::clone(exports),
        },
        forward: written.forward,
        algorithms,
        keys,
    })
}

fn algorithms(names: &[String]) -> Result<Vec<Algorithm>, ConfigError> {
    refuse_empty("algorithms", names.is_empty(), "at least one algorithm")?;
    let read = |(index, name): (usize, &String)| {
        let known: Vec<_> = Algorithm::ALL.iter().map(|algorithm| algorithm.name()).collect();
        let expected = format!("one of {}", known.join(", "));
        Algorithm::named(name).ok_or_else(|| ConfigError::new(format!("algorithms[{index}]"), name, expected))
    };
    names.iter().enumerate().map(read).collect()
}

fn types(written: Option<&[String]>) -> Result<Vec<String>, ConfigError> {
    written.map_or(Ok(Vec::new()), |types| plain_list("typ", types))
}

fn clock_skew_seconds(millis: u64) -> Result<u64, ConfigError> {
    if millis > MAX_CLOCK_SKEW_MILLIS {
        return Err(ConfigError::new("clock_skew", format!("{millis}ms"), "at most 5m: expired tokens would live on"));
    }
    if !millis.is_multiple_of(1000) {
        return Err(ConfigError::new(
            "clock_skew",
            format!("{millis}ms"),
            "whole seconds: dates in tokens have no finer",
        ));
    }
    Ok(millis / 1000)
}

fn max_token_bytes(size: Size) -> Result<usize, ConfigError> {
    let expected = format!("{MIN_TOKEN} to {MAX_TOKEN}");
    let fits = (MIN_TOKEN..=MAX_TOKEN).contains(&size);
    if fits { Ok(size.0) } else { Err(ConfigError::new("max_token_bytes", size, expected)) }
}

fn path(place: &str, written: Option<&[String]>) -> Result<Option<Path>, ConfigError> {
    let Some(names) = written else { return Ok(None) };
    let expected = format!("1 to {MAX_PATH} member names, outermost first");
    let fits = (1..=MAX_PATH).contains(&names.len());
    if fits { Ok(Some(names.to_vec())) } else { Err(ConfigError::new(place, format!("{names:?}"), expected)) }
}

fn exports(written: &[Vec<String>]) -> Result<Rc<[Path]>, ConfigError> {
    in_range("claims", written.len(), 0, MAX_EXPORTS)?;
    for (index, names) in written.iter().enumerate() {
        let place = format!("claims[{index}]");
        path(&place, Some(names))?;
        let overlaps = |(other, path): (usize, &Path)| other != index && names.starts_with(path);
        if written.iter().enumerate().any(overlaps) {
            return Err(ConfigError::new(place, format!("{names:?}"), "a path that no other path is a part of"));
        }
    }
    Ok(written.into())
}

// API keys.

fn key_sets(written: &BTreeMap<String, config::KeySet>) -> Result<BTreeMap<String, Rc<ApiKeys>>, ConfigError> {
    let mut known = Known::default();
    let mut sets = BTreeMap::new();
    for (name, set) in written {
        let place = |error: ConfigError| error.within(format!("key_sets.{name}"));
        check_name(name).map_err(place)?;
        refuse_empty("keys", set.keys.is_empty(), "at least one key").map_err(place)?;
        let keys: Result<Vec<_>, _> = set.keys.iter().enumerate().map(|(index, key)| known.admit(index, key)).collect();
        sets.insert(name.clone(), Rc::new(keys.map_err(place)?.into_iter().collect()));
    }
    Ok(sets)
}

/// Ids and hashes of all sets: one key must not be two callers.
#[derive(Default)]
struct Known {
    ids: BTreeSet<String>,
    hashes: HashSet<Fingerprint>,
}

impl Known {
    fn admit(&mut self, index: usize, written: &config::ApiKey) -> Result<ApiKey, ConfigError> {
        let place = |error: ConfigError| error.within(format!("keys[{index}]"));
        let key = api_key(written).map_err(place)?;
        if !self.ids.insert(written.id.clone()) {
            return Err(place(ConfigError::new("id", &written.id, "an id that no other key has")));
        }
        if !self.hashes.insert(key.fingerprint.clone()) {
            return Err(place(ConfigError::new("sha256", "the hash of another key", "each key once")));
        }
        Ok(key)
    }
}

fn api_key(written: &config::ApiKey) -> Result<ApiKey, ConfigError> {
    let mut identity = Identity::of(plain("subject", &written.subject)?);
    identity.api_key = Some(plain("id", &written.id)?);
    identity.roles = plain_texts("roles", &written.roles)?;
    identity.scopes = plain_texts("scopes", &written.scopes)?;
    identity.tenant = written.tenant.as_deref().map(|tenant| plain("tenant", tenant)).transpose()?;
    identity.models = written.models.as_deref().map(|models| plain_texts("models", models)).transpose()?;
    let state =
        identity.to_state().ok_or_else(|| ConfigError::new("", "a larger one", "an identity of at most 8 KiB"))?;
    Ok(ApiKey {
        fingerprint: fingerprint(&written.sha256)?,
        not_after: written.not_after,
        disabled: written.disabled,
        state: state.into(),
    })
}

/// The value is not shown: who writes the key itself here should not find it in the log as well.
fn fingerprint(text: &str) -> Result<Fingerprint, ConfigError> {
    let found = format!("{} bytes", text.len());
    let expected = "the SHA-256 of the key as 64 lower-case hex digits";
    let print = Fingerprint::from_hex(text).ok_or_else(|| ConfigError::new("sha256", found, expected))?;
    if print == Fingerprint::of(b"") {
        return Err(ConfigError::new("sha256", "the hash of an empty key", "the hash of a key"));
    }
    Ok(print)
}

// Rules.

impl Vouchers {
    fn default_rule(&self) -> config::Rule {
        let all = self.providers.keys().chain(self.key_sets.keys()).cloned().collect();
        config::Rule { name: "default".to_owned(), when: When::default(), require: config::Requirement::Any(all) }
    }

    fn skipped(&self) -> Vec<String> {
        let lines = |(name, provider): (&String, &Rc<Provider>)| {
            let line = |(index, fault)| format!("providers.{name}.jwks_inline.keys[{index}] is skipped: {fault}");
            provider.keys.skipped().iter().copied().map(line).collect::<Vec<_>>()
        };
        self.providers.iter().flat_map(lines).collect()
    }

    fn accepted(&self, names: &[String]) -> Result<Accepted, ConfigError> {
        refuse_empty("any", names.is_empty(), "at least one provider or key set")?;
        let mut accepted = Accepted::default();
        for (index, name) in names.iter().enumerate() {
            match (self.providers.get(name), self.key_sets.get(name)) {
                (Some(provider), _) => accepted.providers.push(Rc::clone(provider)),
                (_, Some(keys)) => accepted.key_sets.push(Rc::clone(keys)),
                _ => return Err(ConfigError::new(format!("any[{index}]"), name, "the name of a provider or key set")),
            }
        }
        Ok(accepted)
    }
}

fn rules(written: &[config::Rule], vouchers: &Vouchers) -> Result<Vec<Rule>, ConfigError> {
    refuse_empty("rules", written.is_empty(), "at least one rule: every request would be refused")?;
    let mut names = BTreeSet::new();
    let mut rules = Vec::new();
    for (index, rule) in written.iter().enumerate() {
        let place = |error: ConfigError| error.within(format!("rules[{index}]"));
        check_name(&rule.name).map_err(place)?;
        if !names.insert(&rule.name) {
            return Err(place(ConfigError::new("name", &rule.name, "a name that no other rule has")));
        }
        rules.push(compile_rule(rule, vouchers).map_err(place)?);
    }
    Ok(rules)
}

fn compile_rule(written: &config::Rule, vouchers: &Vouchers) -> Result<Rule, ConfigError> {
    let requirement = match &written.require {
        config::Requirement::Any(names) => {
            Requirement::Any(vouchers.accepted(names).map_err(|error| error.within("require"))?)
        }
        config::Requirement::Anonymous(true) if written.when != When::default() => Requirement::Anonymous,
        config::Requirement::Anonymous(true) => {
            return Err(ConfigError::missing("when", "conditions: anonymous without any would open the whole filter"));
        }
        config::Requirement::Anonymous(false) => {
            return Err(ConfigError::new("require.anonymous", "false", "true, or \"any\" with a list of names"));
        }
    };
    let matcher = Matcher::compile(&written.when).map_err(|error| error.within("when"))?;
    Ok(Rule { name: written.name.clone(), matcher, requirement })
}

/// Whether a rule lets everybody pass: its one condition is a path that every path fits.
fn is_open(rule: &config::Rule) -> bool {
    let is_anywhere = rule.when.paths.as_ref().is_some_and(|paths| paths.iter().any(|path| path == "/*"));
    let has_other_conditions = When { paths: None, ..rule.when.clone() } != When::default();
    matches!(rule.require, config::Requirement::Anonymous(_)) && is_anywhere && !has_other_conditions
}

// Values.

fn capacity(written: &config::TokenCache) -> Result<Capacity, ConfigError> {
    let entries = in_range("token_cache.entries", written.entries, 0, MAX_CACHE_ENTRIES)?;
    if written.max_age.0 > MAX_CACHE_AGE_MILLIS {
        return Err(ConfigError::new("token_cache.max_age", format!("{}ms", written.max_age.0), "at most 1h"));
    }
    Ok(Capacity { entries, max_age_millis: written.max_age.0 })
}

fn check_name(name: &str) -> Result<(), ConfigError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_name = (1..=64).contains(&name.len()) && name.bytes().all(fits);
    if is_name { Ok(()) } else { Err(ConfigError::new("name", name, "1 to 64 letters, digits, '-', '_' or '.'")) }
}

fn plain(place: &str, text: &str) -> Result<String, ConfigError> {
    if is_plain(text) { Ok(text.to_owned()) } else { Err(ConfigError::new(place, text, PLAIN_TEXT)) }
}

fn plain_texts(place: &str, texts: &[String]) -> Result<Vec<String>, ConfigError> {
    texts.iter().enumerate().map(|(index, text)| plain(&format!("{place}[{index}]"), text)).collect()
}

fn plain_list(place: &str, texts: &[String]) -> Result<Vec<String>, ConfigError> {
    refuse_empty(place, texts.is_empty(), "at least one value")?;
    plain_texts(place, texts)
}

fn refuse_empty(place: &str, is_empty: bool, expected: &str) -> Result<(), ConfigError> {
    if is_empty { Err(ConfigError::new(place, "[]", expected)) } else { Ok(()) }
}

fn in_range(place: &str, found: usize, least: usize, most: usize) -> Result<usize, ConfigError> {
    let expected = format!("{least} to {most}");
    if (least..=most).contains(&found) { Ok(found) } else { Err(ConfigError::new(place, found, expected)) }
}
