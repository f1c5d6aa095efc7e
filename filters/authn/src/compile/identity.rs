//! `identity`: what others learn about the caller.

use std::collections::BTreeSet;
use std::rc::Rc;

use portcullis::prelude::ConfigError;

use super::values::{header_name, in_range, path};
use crate::config;
use crate::policy::{Announced, Path, Place, Sources};

const MAX_EXPORTS: usize = 32;
const MAX_HEADERS: usize = 16;
/// The members of an identity that a header can say.
const MEMBERS: &[&str] =
    &["sub", "iss", "tenant", "api_key", "roles", "scopes", "auth_time", "acr", "amr", "jti", "models", "claims"];

/// Claims that other filters get.
pub(super) fn exports(written: &[Vec<String>]) -> Result<Rc<[Path]>, ConfigError> {
    in_range("claims", written.len(), 0, MAX_EXPORTS)?;
    for (index, names) in written.iter().enumerate() {
        let place = format!("claims[{index}]");
        path(&place, names)?;
        let overlaps = |(other, path): (usize, &Path)| other != index && names.starts_with(path);
        if written.iter().enumerate().any(overlaps) {
            return Err(ConfigError::new(place, format!("{names:?}"), "a path that no other path is a part of"));
        }
    }
    Ok(written.into())
}

/// Headers that the upstream gets.
pub(super) fn headers(written: &config::Identity, sources: &Sources) -> Result<Rc<[Announced]>, ConfigError> {
    in_range("headers", written.headers.len(), 0, MAX_HEADERS)?;
    let mut names = BTreeSet::new();
    let mut announced = Vec::new();
    for (index, header) in written.headers.iter().enumerate() {
        let place = |error: ConfigError| error.within(format!("headers[{index}]"));
        if !names.insert(&header.header) {
            return Err(place(ConfigError::new("header", &header.header, "a name that stands here once")));
        }
        announced.push(compile_header(header, &written.claims, sources).map_err(place)?);
    }
    match written.routes_by.iter().position(|name| !names.contains(name)) {
        None => Ok(announced.into()),
        Some(index) => {
            let found = written.routes_by.get(index).map_or("", String::as_str);
            Err(ConfigError::new(format!("routes_by[{index}]"), found, "a header that identity.headers lists"))
        }
    }
}

fn compile_header(
    written: &config::IdentityHeader,
    claims: &[Vec<String>],
    sources: &Sources,
) -> Result<Announced, ConfigError> {
    let header = header_name("header", &written.header)?.to_owned();
    if sources.places().any(|place| matches!(place, Place::Header(name) if *name == header)) {
        return Err(ConfigError::new("header", &header, "a header in which no credential stands"));
    }
    let value = path("value", &written.value)?;
    let found = || format!("{value:?}");
    let (first, rest) = value.split_first().ok_or_else(|| ConfigError::missing("value", "a path"))?;
    if !MEMBERS.contains(&first.as_str()) {
        return Err(ConfigError::new(
            "value",
            found(),
            format!("a path that begins with one of {}", MEMBERS.join(", ")),
        ));
    }
    let is_exported = first != "claims" || claims.iter().any(|path| rest.starts_with(path));
    let expected = "a claim that identity.claims lists";
    if is_exported { Ok(Announced { header, path: value }) } else { Err(ConfigError::new("value", found(), expected)) }
}
