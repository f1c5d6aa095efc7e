//! Documents on the network: where they are, who may name them, and how long they last.

use std::collections::BTreeMap;

use portcullis::document::{Document, Fetch, Location};
use portcullis::http::url::{self, Url};
use portcullis::json::{self, Limits};
use portcullis::prelude::{ConfigError, Env};
use serde_json::Value;

use crate::config;

/// A document at a URL that the operator wrote.
pub(super) fn document<T>(
    name: &str,
    remote: &config::Remote,
    env: &Env,
    read: impl Fn(&[u8]) -> Result<T, String> + 'static,
) -> Result<Document<T>, ConfigError> {
    remote.fetch.check().map_err(|error| error.within("fetch"))?;
    let document = unplaced(name, remote.fetch, env, read);
    document.locate(&Location { cluster: cluster(&remote.cluster)?, url: parse("uri", &remote.uri)? });
    Ok(document)
}

/// A document whose place another one says.
pub(super) fn unplaced<T>(
    name: &str,
    fetch: Fetch,
    env: &Env,
    read: impl Fn(&[u8]) -> Result<T, String> + 'static,
) -> Document<T> {
    Document::new(name, format!("portcullis.authn.{}.{name}", env.instance()), fetch, read)
}

/// The configuration of an issuer (`OpenID` Connect Discovery 1.0 section 4), of which only one thing is wanted: where
/// its keys are.
pub(super) fn discovery(
    name: &str,
    issuer: &str,
    written: &config::Discovery,
    env: &Env,
) -> Result<Document<Location>, ConfigError> {
    written.fetch.check().map_err(|error| error.within("fetch"))?;
    let clusters = clusters(&written.clusters)?;
    let default = || format!("{}/.well-known/openid-configuration", issuer.strip_suffix('/').unwrap_or(issuer));
    let uri = written.uri.clone().unwrap_or_else(default);
    let url = parse("uri", &uri)?;
    let expected = "clusters to name the host of the issuer's configuration";
    let place = place(url, &clusters).ok_or_else(|| ConfigError::new("clusters", &uri, expected))?;
    let issuer = issuer.to_owned();
    let read = move |bytes: &[u8]| read_configuration(bytes, &issuer, &clusters);
    let document = unplaced(name, written.fetch, env, read);
    document.locate(&place);
    Ok(document)
}

type Clusters = BTreeMap<String, String>;

fn clusters(written: &Clusters) -> Result<Clusters, ConfigError> {
    if written.is_empty() {
        return Err(ConfigError::new("clusters", "{}", "at least one host and its cluster"));
    }
    let entry = |(host, name): (&String, &String)| {
        let is_host = Url::parse(&format!("https://{host}")).is_ok_and(|url| url.authority() == host);
        let expected = "host or host:port in lower case";
        if !is_host {
            return Err(ConfigError::new("clusters", host, expected));
        }
        Ok((host.clone(), cluster(name)?))
    };
    written.iter().map(entry).collect()
}

fn cluster(name: &str) -> Result<String, ConfigError> {
    if name.is_empty() {
        Err(ConfigError::new("cluster", name, "the name of an Envoy cluster"))
    } else {
        Ok(name.to_owned())
    }
}

fn parse(place: &str, uri: &str) -> Result<Url, ConfigError> {
    Url::parse(uri).map_err(|expected| ConfigError::new(place, uri, expected))
}

fn place(url: Url, clusters: &Clusters) -> Option<Location> {
    let cluster = clusters.get(url.authority())?.clone();
    Some(Location { cluster, url })
}

/// What the document says of itself must be what the operator said: another issuer's keys would sign for this one
/// (section 4.3), and a host that nobody named would be called.
fn read_configuration(bytes: &[u8], issuer: &str, clusters: &Clusters) -> Result<Location, String> {
    let value = json::parse(bytes, Limits::default()).map_err(|error| format!("not valid JSON: {error}"))?;
    if value.get("issuer").and_then(Value::as_str) != Some(issuer) {
        return Err("its issuer is not the provider's".to_owned());
    }
    let uri = value.get("jwks_uri").and_then(Value::as_str).ok_or("it has no jwks_uri")?;
    let url = Url::parse(uri).map_err(|_| format!("its jwks_uri is not {}", url::EXPECTED))?;
    place(url, clusters).ok_or_else(|| "its jwks_uri names a host that is not in clusters".to_owned())
}
