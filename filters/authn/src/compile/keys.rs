//! Where a provider's keys come from: the configuration, the network, or a secret.

use std::rc::Rc;

use portcullis::config::Secret;
use portcullis::document::{Document, Latest};
use portcullis::json::{self, Limits};
use portcullis::prelude::{ConfigError, Env};
use serde_json::Value;

use super::remote;
use crate::config;
use crate::documents::{self, Documents};
use crate::policy::{Algorithm, DocumentId, KeySet, SetFault};

/// A provider's keys.
pub(super) struct Keys {
    pub(super) latest: Rc<Latest<KeySet>>,
    pub(super) document: Option<DocumentId>,
}

pub(super) fn compile(
    name: &str,
    written: &config::Provider,
    algorithms: &[Algorithm],
    documents: &mut Documents,
    env: &Env,
) -> Result<Keys, ConfigError> {
    let source = Source::of(written)?;
    let family = if source.is_secret() { Algorithm::SECRET } else { Algorithm::PUBLIC };
    if let Some(other) = algorithms.iter().find(|algorithm| !family.contains(algorithm)) {
        return Err(ConfigError::new("algorithms", other.name(), SetFault::Family.expected()));
    }
    match source {
        Source::Inline(set) => {
            KeySet::read(set, algorithms).map(fixed).map_err(|fault| set_fault("jwks_inline", fault))
        }
        Source::Secret(secret) => {
            let bytes = secret.resolve(env).map_err(|error| error.within("hmac_secret"))?;
            KeySet::of_secret(&bytes, algorithms).map(fixed).map_err(|fault| set_fault("hmac_secret", fault))
        }
        Source::Secrets(secret) => secrets(secret, algorithms, env).map_err(|error| error.within("hmac_jwks")),
        Source::Uri(remote) => {
            let name = format!("providers.{name}.jwks_uri");
            let document =
                remote::document(&name, remote, env, reader(algorithms)).map_err(|error| error.within("jwks_uri"))?;
            let latest = Rc::clone(document.latest());
            Ok(Keys { latest, document: Some(documents.add_keys(documents::Keys::new(name, document))) })
        }
        Source::Discovery(discovery) => discovered(name, &written.issuer, discovery, algorithms, documents, env)
            .map_err(|error| error.within("oidc_discovery")),
    }
}

/// Exactly one of the ways to say it.
enum Source<'a> {
    Inline(&'a Value),
    Uri(&'a config::Remote),
    Discovery(&'a config::Discovery),
    Secret(&'a Secret),
    Secrets(&'a Secret),
}

impl<'a> Source<'a> {
    fn of(written: &'a config::Provider) -> Result<Self, ConfigError> {
        let given = [
            written.jwks_inline.as_ref().map(Self::Inline),
            written.jwks_uri.as_ref().map(Self::Uri),
            written.oidc_discovery.as_ref().map(Self::Discovery),
            written.hmac_secret.as_ref().map(Self::Secret),
            written.hmac_jwks.as_ref().map(Self::Secrets),
        ];
        let mut given = given.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(ConfigError::missing(
                "",
                "exactly one of jwks_inline, jwks_uri, oidc_discovery, hmac_secret and hmac_jwks",
            )),
        }
    }

    fn is_secret(&self) -> bool {
        matches!(self, Self::Secret(_) | Self::Secrets(_))
    }
}

fn fixed(keys: KeySet) -> Keys {
    Keys { latest: Rc::new(Latest::of(keys)), document: None }
}

fn set_fault(name: &str, fault: SetFault) -> ConfigError {
    let place = fault.index().map_or(name.to_owned(), |index| format!("{name}.keys[{index}]"));
    ConfigError::new(place, fault, fault.expected())
}

fn secrets(secret: &Secret, algorithms: &[Algorithm], env: &Env) -> Result<Keys, ConfigError> {
    let bytes = secret.resolve(env)?;
    let expected = "a variable that holds a JWK set of oct keys";
    let set = json::parse(&bytes, Limits::default()).map_err(|_| ConfigError::new("env", &secret.env, expected))?;
    KeySet::secrets(&set, algorithms).map(fixed).map_err(|fault| set_fault("", fault))
}

/// What makes a key set of a fetched document.
fn reader(algorithms: &[Algorithm]) -> impl Fn(&[u8]) -> Result<KeySet, String> + 'static {
    let algorithms = algorithms.to_vec();
    move |bytes| {
        let set = json::parse(bytes, Limits::default()).map_err(|error| format!("not valid JSON: {error}"))?;
        KeySet::read(&set, &algorithms).map_err(|fault| fault.to_string())
    }
}

fn discovered(
    name: &str,
    issuer: &str,
    written: &config::Discovery,
    algorithms: &[Algorithm],
    documents: &mut Documents,
    env: &Env,
) -> Result<Keys, ConfigError> {
    let configuration = remote::discovery(&format!("providers.{name}.oidc_discovery"), issuer, written, env)?;
    let name = format!("providers.{name}.oidc_discovery.jwks_uri");
    let keys: Document<KeySet> = remote::unplaced(&name, written.fetch, env, reader(algorithms));
    let latest = Rc::clone(keys.latest());
    let keys = documents::Keys::new(name, keys);
    Ok(Keys { latest, document: Some(documents.add_discovered(configuration, keys)) })
}
