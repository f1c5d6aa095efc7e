//! `key_sets`: API keys, from the configuration or from a document.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

use portcullis::config::Secret;
use portcullis::document::Latest;
use portcullis::identity::Identity;
use portcullis::json::{self, Limits};
use portcullis::prelude::{ConfigError, Env};
use serde::Deserialize;

use super::remote;
use super::values::{check_name, plain, plain_texts, refuse_empty};
use crate::config;
use crate::documents::Documents;
use crate::policy::{Announced, ApiKey, ApiKeySet, ApiKeys, Caller, Fingerprint, Pepper};

pub(super) type KeySets = BTreeMap<String, Rc<ApiKeySet>>;

pub(super) fn compile(
    written: &BTreeMap<String, config::KeySet>,
    announced: &Rc<[Announced]>,
    documents: &mut Documents,
    env: &Env,
) -> Result<KeySets, ConfigError> {
    let mut known = Known::default();
    let mut sets = KeySets::new();
    for (name, set) in written {
        let place = |error: ConfigError| error.within(format!("key_sets.{name}"));
        check_name(name).map_err(place)?;
        let set = key_set(name, set, &mut known, announced, documents, env).map_err(place)?;
        sets.insert(name.clone(), Rc::new(set));
    }
    Ok(sets)
}

fn key_set(
    name: &str,
    written: &config::KeySet,
    known: &mut Known,
    announced: &Rc<[Announced]>,
    documents: &mut Documents,
    env: &Env,
) -> Result<ApiKeySet, ConfigError> {
    let pepper = written.pepper.as_ref().map(|secret| pepper(secret, env)).transpose()?;
    let is_peppered = pepper.is_some();
    match (&written.keys, &written.document) {
        (Some(keys), None) => {
            let keys = Rc::new(Latest::of(table(keys, is_peppered, known, announced)?));
            Ok(ApiKeySet { pepper, keys, document: None })
        }
        (None, Some(remote)) => {
            let announced = Rc::clone(announced);
            let read = move |bytes: &[u8]| read_document(bytes, is_peppered, &announced);
            let document = remote::document(&format!("key_sets.{name}.document"), remote, env, read)
                .map_err(|error| error.within("document"))?;
            let keys = Rc::clone(document.latest());
            Ok(ApiKeySet { pepper, keys, document: Some(documents.add_api_keys(document)) })
        }
        _ => Err(ConfigError::missing("", "exactly one of keys and document")),
    }
}

fn pepper(secret: &Secret, env: &Env) -> Result<Pepper, ConfigError> {
    let bytes = secret.resolve(env).map_err(|error| error.within("pepper"))?;
    let expected = format!("a secret of at least {} bytes", Pepper::MIN_BYTES);
    let found = || format!("{} bytes in {}", bytes.len(), secret.env);
    Pepper::of(&bytes).ok_or_else(|| ConfigError::new("pepper", found(), expected))
}

/// A document of API keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Published {
    keys: Vec<config::ApiKey>,
}

fn read_document(bytes: &[u8], is_peppered: bool, announced: &[Announced]) -> Result<ApiKeys, String> {
    let value = json::parse(bytes, Limits::default()).map_err(|error| format!("not valid JSON: {error}"))?;
    // What serde says of a value would show it.
    let published: Published = serde_json::from_value(value).map_err(|_| "expected {\"keys\": [...]}".to_owned())?;
    table(&published.keys, is_peppered, &mut Known::default(), announced)
        .map_err(|error| format!("{} is not what it must be", error.place()))
}

fn table(
    written: &[config::ApiKey],
    is_peppered: bool,
    known: &mut Known,
    announced: &[Announced],
) -> Result<ApiKeys, ConfigError> {
    refuse_empty("keys", written.is_empty(), "at least one key")?;
    let admit = |(index, key): (usize, &config::ApiKey)| {
        known.admit(key, is_peppered, announced).map_err(|error| error.within(format!("keys[{index}]")))
    };
    written.iter().enumerate().map(admit).collect()
}

/// Ids and hashes of all sets: one key must not be two callers.
#[derive(Default)]
struct Known {
    ids: BTreeSet<String>,
    hashes: HashSet<Fingerprint>,
}

impl Known {
    fn admit(
        &mut self,
        written: &config::ApiKey,
        is_peppered: bool,
        announced: &[Announced],
    ) -> Result<ApiKey, ConfigError> {
        let key = api_key(written, is_peppered, announced)?;
        if !self.ids.insert(written.id.clone()) {
            return Err(ConfigError::new("id", &written.id, "an id that no other key has"));
        }
        if !self.hashes.insert(key.fingerprint.clone()) {
            return Err(ConfigError::new(hash_name(is_peppered), "the hash of another key", "each key once"));
        }
        Ok(key)
    }
}

fn api_key(written: &config::ApiKey, is_peppered: bool, announced: &[Announced]) -> Result<ApiKey, ConfigError> {
    let mut identity = Identity::of(plain("subject", &written.subject)?);
    identity.api_key = Some(plain("id", &written.id)?);
    identity.roles = plain_texts("roles", &written.roles)?;
    identity.scopes = plain_texts("scopes", &written.scopes)?;
    identity.tenant = written.tenant.as_deref().map(|tenant| plain("tenant", tenant)).transpose()?;
    identity.models = written.models.as_deref().map(|models| plain_texts("models", models)).transpose()?;
    let caller = Caller::of(&identity, announced).map_err(|_| {
        ConfigError::new("", &written.id, "an identity of at most 8 KiB that identity.headers can be made from")
    })?;
    Ok(ApiKey {
        fingerprint: fingerprint(written, is_peppered)?,
        not_after: written.not_after,
        disabled: written.disabled,
        caller,
    })
}

const PLAIN: &str = "the SHA-256 of the key as 64 lower-case hex digits";
const PEPPERED: &str = "the HMAC-SHA-256 of the key with the pepper as 64 lower-case hex digits";

fn hash_name(is_peppered: bool) -> &'static str {
    if is_peppered { "hmac_sha256" } else { "sha256" }
}

/// The value is not shown: who writes the key itself here should not find it in the log as well.
fn fingerprint(written: &config::ApiKey, is_peppered: bool) -> Result<Fingerprint, ConfigError> {
    let name = hash_name(is_peppered);
    let (hash, other) =
        if is_peppered { (&written.hmac_sha256, &written.sha256) } else { (&written.sha256, &written.hmac_sha256) };
    if other.is_some() {
        let expected = "sha256 in a set without a pepper, hmac_sha256 in one with it";
        return Err(ConfigError::new(hash_name(!is_peppered), "a hash", expected));
    }
    let expected = if is_peppered { PEPPERED } else { PLAIN };
    let hash = hash.as_deref().ok_or_else(|| ConfigError::missing(name, expected))?;
    let found = || format!("{} bytes", hash.len());
    let print = Fingerprint::from_hex(hash).ok_or_else(|| ConfigError::new(name, found(), expected))?;
    if print == Fingerprint::of(b"") {
        return Err(ConfigError::new(name, "the hash of an empty key", "the hash of a key"));
    }
    Ok(print)
}
