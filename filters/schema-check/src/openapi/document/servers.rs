//! The paths below which an API is found: what its servers' addresses say behind the host.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::Fault;
use super::super::pointer::{child, item};
use super::follow::At;

/// So many addresses a server's variables may make.
const MAX_ADDRESSES: usize = 256;

/// The path prefixes of the field `servers`, each once; none if there are no servers.
pub(super) fn bases(at: &At<'_>) -> Result<Option<Vec<String>>, Fault> {
    let servers = at.fields.get("servers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if servers.is_empty() {
        return Ok(None);
    }
    let list_at = at.child("servers");
    let mut bases = BTreeSet::new();
    for (index, server) in servers.iter().enumerate() {
        let url_at = child(&item(&list_at, index), "url");
        for address in addresses(server).ok_or_else(|| Fault::new(&url_at, "at most 256 combinations of variables"))? {
            let base = base(&address).ok_or_else(|| {
                Fault::new(&url_at, format!("an address with a host, or a path that begins with /, found {address}"))
            })?;
            bases.insert(base);
        }
    }
    Ok(Some(bases.into_iter().collect()))
}

/// The address with every value of its variables: those of `enum`, or the default.
fn addresses(server: &Value) -> Option<Vec<String>> {
    let mut addresses = vec![server.get("url")?.as_str()?.to_owned()];
    for (name, variable) in server.get("variables").and_then(Value::as_object).into_iter().flatten() {
        let expression = format!("{{{name}}}");
        let values = values(variable);
        let is_there = addresses.iter().any(|address| address.contains(&expression));
        if is_there && addresses.len().checked_mul(values.len())? > MAX_ADDRESSES {
            return None;
        }
        if is_there {
            let each =
                |address: &String| values.iter().map(|value| address.replace(&expression, value)).collect::<Vec<_>>();
            addresses = addresses.iter().flat_map(each).collect();
        }
    }
    Some(addresses)
}

fn values(variable: &Value) -> Vec<&str> {
    match variable.get("enum").and_then(Value::as_array) {
        Some(values) => values.iter().filter_map(Value::as_str).collect(),
        None => variable.get("default").and_then(Value::as_str).into_iter().collect(),
    }
}

/// The path of an address without a slash at its end. What is relative to the document's own address is not known.
fn base(address: &str) -> Option<String> {
    if address.contains(['?', '#', '{']) {
        return None;
    }
    let path = match address.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default(),
        None if address.starts_with('/') && !address.starts_with("//") => address,
        None => return None,
    };
    Some(path.trim_end_matches('/').to_owned())
}
