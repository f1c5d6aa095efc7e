//! From what was written to what it means: every check of a configuration that its types cannot make.
//!
//! Refused is what would open the filter, what could never accept anybody, and what could be read in two ways.

mod api_keys;
mod identity;
mod keys;
mod providers;
mod remote;
mod resources;
mod rules;
mod sources;
mod values;

use std::collections::BTreeMap;

use portcullis::prelude::{ConfigError, Env, Millis};

use self::api_keys::KeySets;
use self::providers::{Profile, Providers};
use self::values::in_range;
use crate::config::{self, Config};
use crate::documents::{Documents, skipped_line};
use crate::policy::{Capacity, Policy, Resources};

/// A policy, and what its operator should know about it.
pub(crate) struct Compiled {
    pub(crate) policy: Policy,
    /// What is served to anybody.
    pub(crate) resources: Resources,
    /// What is fetched.
    pub(crate) documents: Documents,
    /// One line for each key of the configuration that was skipped.
    pub(crate) skipped: Vec<String>,
    /// Whether a rule lets everybody pass everywhere.
    pub(crate) is_open: bool,
    /// How long a verified token is remembered.
    pub(crate) max_age: Millis,
}

/// Whom rules can name.
struct Vouchers {
    providers: Providers,
    key_sets: KeySets,
}

const MAX_CACHE_ENTRIES: usize = 65_536;
const MAX_CACHE_AGE: Millis = Millis(60 * 60 * 1000);

pub(crate) fn compile(config: &Config, env: &Env) -> Result<Compiled, ConfigError> {
    let sources = sources::compile(&config.credentials)?;
    let within = |error: ConfigError| error.within("identity");
    let exports = identity::exports(&config.identity.claims).map_err(within)?;
    let announced = identity::headers(&config.identity, &sources).map_err(within)?;
    let mut documents = Documents::default();
    let vouchers = vouchers(config, &Profile { exports, announced: announced.clone() }, &mut documents, env)?;
    let written = config.rules.clone().unwrap_or_else(|| vec![rules::default(&vouchers)]);
    let rules = rules::compile(&written, &vouchers)?;
    let issuers: Vec<String> = config.providers.values().map(|provider| provider.issuer.clone()).collect();
    Ok(Compiled {
        resources: resources::compile(&config.protected_resources, &issuers, &sources)?,
        documents,
        skipped: skipped(&config.providers, &vouchers.providers),
        is_open: written.iter().any(rules::is_open),
        max_age: config.token_cache.max_age,
        policy: Policy::new(sources, rules, announced, capacity(&config.token_cache)?),
    })
}

fn vouchers(config: &Config, profile: &Profile, documents: &mut Documents, env: &Env) -> Result<Vouchers, ConfigError> {
    if config.providers.is_empty() && config.key_sets.is_empty() {
        return Err(ConfigError::missing("providers", "at least one provider or key set: nobody could ever pass"));
    }
    if let Some(name) = config.key_sets.keys().find(|name| config.providers.contains_key(*name)) {
        return Err(ConfigError::new(format!("key_sets.{name}"), name, "a name that no provider has"));
    }
    Ok(Vouchers {
        providers: providers::compile(&config.providers, profile, documents, env)?,
        key_sets: api_keys::compile(&config.key_sets, &profile.announced, documents, env)?,
    })
}

/// Of sets that are there now; what is fetched tells itself.
fn skipped(written: &BTreeMap<String, config::Provider>, providers: &Providers) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, provider) in providers.iter().filter(|(_, provider)| provider.document.is_none()) {
        let Some(keys) = provider.keys.get() else { continue };
        let is_secret = written.get(name).is_some_and(|written| written.hmac_jwks.is_some());
        let place = format!("providers.{name}.{}", if is_secret { "hmac_jwks" } else { "jwks_inline" });
        lines.extend(keys.skipped().iter().map(|skipped| skipped_line(&place, *skipped)));
    }
    lines
}

fn capacity(written: &config::TokenCache) -> Result<Capacity, ConfigError> {
    let entries = in_range("token_cache.entries", written.entries, 0, MAX_CACHE_ENTRIES)?;
    if written.max_age > MAX_CACHE_AGE {
        return Err(ConfigError::new("token_cache.max_age", written.max_age, format!("at most {MAX_CACHE_AGE}")));
    }
    Ok(Capacity { entries, max_age_millis: written.max_age.0 })
}
