//! `providers`: issuers of tokens, with what a preset fills in.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use portcullis::config::Size;
use portcullis::prelude::{ConfigError, Env, Millis};
use serde_json::Value;

use super::keys;
use super::values::{check_name, in_range, path, plain, plain_list, refuse_empty, whole_seconds};
use crate::config;
use crate::documents::Documents;
use crate::policy::{Algorithm, Announced, Condition, Mapping, Path, Provider, Test};
use crate::presets::{self, Defaults};

const MAX_CLOCK_SKEW: Millis = Millis(5 * 60 * 1000);
const MAX_TOKEN_AGE: Millis = Millis(720 * 3_600_000);
/// No signed token is shorter.
const MIN_TOKEN: Size = Size(256);
const MAX_TOKEN: Size = Size(64 << 10);
const MAX_CONDITIONS: usize = 16;

pub(super) type Providers = BTreeMap<String, Rc<Provider>>;

/// What every provider's identities have in common.
pub(super) struct Profile {
    pub(super) exports: Rc<[Path]>,
    pub(super) announced: Rc<[Announced]>,
}

pub(super) fn compile(
    written: &BTreeMap<String, config::Provider>,
    profile: &Profile,
    documents: &mut Documents,
    env: &Env,
) -> Result<Providers, ConfigError> {
    let mut issuers = BTreeSet::new();
    let mut providers = Providers::new();
    for (name, written) in written {
        let place = |error: ConfigError| error.within(format!("providers.{name}"));
        check_name(name).map_err(place)?;
        if !issuers.insert(&written.issuer) {
            return Err(place(ConfigError::new("issuer", &written.issuer, "an issuer that no other provider has")));
        }
        let provider = provider(name, written, profile, documents, env).map_err(place)?;
        providers.insert(name.clone(), Rc::new(provider));
    }
    Ok(providers)
}

fn provider(
    name: &str,
    written: &config::Provider,
    profile: &Profile,
    documents: &mut Documents,
    env: &Env,
) -> Result<Provider, ConfigError> {
    let preset = written.preset.map_or(presets::NONE, presets::defaults);
    let algorithms = algorithms(written.algorithms.as_deref(), &preset)?;
    let keys = keys::compile(name, written, &algorithms, documents, env)?;
    let skew = whole_seconds("clock_skew", written.clock_skew, MAX_CLOCK_SKEW, ": expired tokens would live on")?;
    let age = written.max_token_age.map(|age| whole_seconds("max_token_age", age, MAX_TOKEN_AGE, "")).transpose()?;
    let claim = |place, names: &Option<Vec<String>>, preset: Option<&[&str]>| {
        let written = names.as_deref().map(|names| path(place, names)).transpose()?;
        Ok::<_, ConfigError>(written.or_else(|| preset.map(owned)))
    };
    Ok(Provider {
        issuer: plain("issuer", &written.issuer)?,
        audiences: plain_list("audiences", &written.audiences)?,
        audience_claim: claim("audience_claim", &written.audience_claim, Some(preset.audience_claim))?
            .unwrap_or_default(),
        types: types(written.typ.as_deref(), &preset)?,
        conditions: conditions(&written.required_claims, &preset)?,
        clock_skew_seconds: skew,
        max_age_seconds: age,
        max_token_bytes: max_token_bytes(written.max_token_bytes)?,
        max_keys_tried: in_range("max_keys_tried", written.max_keys_tried, 1, 10)?,
        mapping: Mapping {
            roles: claim("roles_claim", &written.roles_claim, preset.roles_claim)?,
            tenant: claim("tenant_claim", &written.tenant_claim, preset.tenant_claim)?,
            exports: Rc::clone(&profile.exports),
            announced: Rc::clone(&profile.announced),
        },
        forward: written.forward,
        algorithms,
        keys: keys.latest,
        document: keys.document,
    })
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn algorithms(written: Option<&[String]>, preset: &Defaults) -> Result<Vec<Algorithm>, ConfigError> {
    let names = written.map_or_else(|| owned(preset.algorithms), <[String]>::to_vec);
    refuse_empty("algorithms", names.is_empty(), "at least one algorithm")?;
    let known = || Algorithm::ALL.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(", ");
    let read = |(index, name): (usize, &String)| {
        let fault = || ConfigError::new(format!("algorithms[{index}]"), name, format!("one of {}", known()));
        Algorithm::named(name).ok_or_else(fault)
    };
    names.iter().enumerate().map(read).collect()
}

fn types(written: Option<&[String]>, preset: &Defaults) -> Result<Vec<String>, ConfigError> {
    written.map_or_else(|| Ok(owned(preset.types)), |types| plain_list("typ", types))
}

fn conditions(written: &[config::Condition], preset: &Defaults) -> Result<Vec<Condition>, ConfigError> {
    in_range("required_claims", written.len(), 0, MAX_CONDITIONS)?;
    let given = preset
        .required
        .iter()
        .map(|(claim, text)| Ok(Condition { claim: owned(claim), test: Test::OneOf(vec![Value::from(*text)]) }));
    let read = |(index, written): (usize, &config::Condition)| {
        condition(written).map_err(|error| error.within(format!("required_claims[{index}]")))
    };
    given.chain(written.iter().enumerate().map(read)).collect()
}

fn condition(written: &config::Condition) -> Result<Condition, ConfigError> {
    let claim = path("claim", &written.claim)?;
    let test = match (&written.equals, &written.any_of, &written.contains) {
        (Some(value), None, None) => Test::OneOf(vec![scalar("equals", value)?]),
        (None, Some(values), None) => {
            refuse_empty("any_of", values.is_empty(), "at least one value")?;
            let read = |(index, value): (usize, &Value)| scalar(&format!("any_of[{index}]"), value);
            Test::OneOf(values.iter().enumerate().map(read).collect::<Result<_, _>>()?)
        }
        (None, None, Some(value)) => Test::Contains(scalar("contains", value)?),
        _ => return Err(ConfigError::missing("", "exactly one of equals, any_of and contains")),
    };
    Ok(Condition { claim, test })
}

/// Fractions are left out: two writings of one number need not be equal.
fn scalar(place: &str, value: &Value) -> Result<Value, ConfigError> {
    let fits = value.is_string() || value.is_boolean() || value.is_i64() || value.is_u64();
    if fits { Ok(value.clone()) } else { Err(ConfigError::new(place, value, "a text, a whole number or a boolean")) }
}

fn max_token_bytes(size: Size) -> Result<usize, ConfigError> {
    let expected = format!("{MIN_TOKEN} to {MAX_TOKEN}");
    let fits = (MIN_TOKEN..=MAX_TOKEN).contains(&size);
    if fits { Ok(size.0) } else { Err(ConfigError::new("max_token_bytes", size, expected)) }
}
