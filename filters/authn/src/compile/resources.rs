//! `protected_resources`: metadata documents (RFC 9728 section 2), written once.

use std::collections::BTreeSet;

use portcullis::http::url::Url;
use portcullis::prelude::ConfigError;
use serde_json::{Map, Value};

use super::values::plain_list;
use crate::config::ProtectedResource;
use crate::policy::{Place, Resource, Resources, Sources};

pub(super) fn compile(
    written: &[ProtectedResource],
    issuers: &[String],
    sources: &Sources,
) -> Result<Resources, ConfigError> {
    let mut paths = BTreeSet::new();
    let mut resources = Vec::new();
    for (index, written) in written.iter().enumerate() {
        let place = |error: ConfigError| error.within(format!("protected_resources[{index}]"));
        let resource = resource(written, issuers, sources).map_err(place)?;
        if !paths.insert(resource.path().to_owned()) {
            return Err(place(ConfigError::new("resource", &written.resource, "a path that no other resource has")));
        }
        resources.push(resource);
    }
    Ok(Resources::new(resources))
}

fn resource(written: &ProtectedResource, issuers: &[String], sources: &Sources) -> Result<Resource, ConfigError> {
    let expected = "an https URL without query and fragment (RFC 9728 section 1.2)";
    let url = Url::parse(&written.resource).ok().filter(|url| url.is_https() && !url.path().contains('?'));
    let url = url.ok_or_else(|| ConfigError::new("resource", &written.resource, expected))?;
    let metadata = metadata(written, issuers, sources)?;
    Ok(Resource::new(&url, serde_json::to_vec(&Value::Object(metadata)).unwrap_or_default()))
}

fn metadata(
    written: &ProtectedResource,
    issuers: &[String],
    sources: &Sources,
) -> Result<Map<String, Value>, ConfigError> {
    let servers = written.authorization_servers.as_deref().unwrap_or(issuers);
    let mut members = Map::new();
    members.insert("resource".to_owned(), written.resource.clone().into());
    if !servers.is_empty() {
        members.insert("authorization_servers".to_owned(), plain_list("authorization_servers", servers)?.into());
    }
    members.insert("bearer_methods_supported".to_owned(), methods(sources).into());
    if !written.scopes_supported.is_empty() {
        let scopes = plain_list("scopes_supported", &written.scopes_supported)?;
        members.insert("scopes_supported".to_owned(), scopes.into());
    }
    for (name, value) in
        [("resource_name", &written.resource_name), ("resource_documentation", &written.resource_documentation)]
    {
        if let Some(value) = value {
            members.insert(name.to_owned(), value.clone().into());
        }
    }
    Ok(members)
}

/// How RFC 6750 names the places that are configured.
fn methods(sources: &Sources) -> Vec<String> {
    let is_header = |place: &Place| matches!(place, Place::Header(name) if name == "authorization");
    let is_query = |place: &Place| matches!(place, Place::Query(name) if name == "access_token");
    let named = [("header", sources.places().any(is_header)), ("query", sources.places().any(is_query))];
    named.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name.to_owned()).collect()
}
