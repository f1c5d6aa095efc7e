//! Where roles come from, and what each brings: what a role includes is worked out here, once.

use std::collections::{BTreeMap, BTreeSet};

use portcullis::prelude::ConfigError;

use super::values::{path, refuse_empty, text, texts};
use crate::config::{self, CertificateNames};
use crate::policy::{RoleId, RolePlace, RoleSource, Roles};

/// Numbers of roles that rules name.
#[derive(Debug, Default)]
pub(super) struct RoleIds(BTreeMap<String, RoleId>);

impl RoleIds {
    pub(super) fn of(&mut self, name: String) -> RoleId {
        let next = self.0.len();
        *self.0.entry(name).or_insert(next)
    }
}

type Includes = BTreeMap<String, Vec<String>>;

/// The most roles that include others: working them out takes the square of it.
const MAX_INCLUDES: usize = 1024;

pub(super) fn compile(written: &config::Roles, has_certificates: bool, ids: &RoleIds) -> Result<Roles, ConfigError> {
    refuse_empty("sources", written.sources.is_empty(), "at least one place in which roles are found")?;
    let mut sources = Vec::new();
    for (index, source) in written.sources.iter().enumerate() {
        let place = |error: ConfigError| error.within(format!("sources[{index}]"));
        sources.push(source_of(source, has_certificates).map_err(place)?);
    }
    check_includes(&written.includes)?;
    let names: BTreeSet<&String> = ids.0.keys().chain(written.includes.keys()).collect();
    let grants = names.into_iter().map(|name| (name.clone(), granted(name, &written.includes, ids))).collect();
    let named = |names: fn(&CertificateNames) -> &Vec<String>| by_name(written, names, ids);
    check_certificates(&written.certificates, has_certificates)?;
    Ok(Roles {
        sources,
        grants,
        by_uri: named(|names| &names.uri_sans),
        by_dns: named(|names| &names.dns_sans),
        count: ids.0.len(),
    })
}

/// What is expected where something is asked of certificates that nobody looks at.
pub(super) const NO_CERTIFICATES: &str =
    "client_certificates: validated_by_listener; without it no certificate is looked at";

fn source_of(written: &config::RoleSource, has_certificates: bool) -> Result<RoleSource, ConfigError> {
    let place = match (&written.identity, &written.claim, &written.certificate) {
        (Some(list), None, None) => RolePlace::Identity(*list),
        (None, Some(claim), None) => RolePlace::Claim { path: path("claim", claim)?, split: written.split },
        (None, None, Some(kind)) if has_certificates => RolePlace::Certificate(*kind),
        (None, None, Some(kind)) => return Err(ConfigError::new("certificate", format!("{kind:?}"), NO_CERTIFICATES)),
        _ => return Err(ConfigError::missing("", "exactly one of identity, claim and certificate")),
    };
    if written.split && written.claim.is_none() {
        return Err(ConfigError::new("split", "true", "a claim beside it: only the text of a claim is split"));
    }
    let prefix = if written.prefix.is_empty() { String::new() } else { text("prefix", &written.prefix)? };
    Ok(RoleSource { place, prefix })
}

fn check_includes(includes: &Includes) -> Result<(), ConfigError> {
    if includes.len() > MAX_INCLUDES {
        return Err(ConfigError::new(
            "includes",
            format!("{} roles", includes.len()),
            format!("at most {MAX_INCLUDES}"),
        ));
    }
    for (name, included) in includes {
        let place = format!("includes.{name}");
        text(&place, name)?;
        texts(&place, included)?;
        if reached(included, includes).contains(name) {
            return Err(ConfigError::new(place, name, "roles that do not lead back to the one that includes them"));
        }
    }
    Ok(())
}

/// These roles, and what they include.
fn reached<'a>(names: &'a [String], includes: &'a Includes) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&String> = names.iter().collect();
    while let Some(name) = next.pop() {
        if reached.insert(name) {
            next.extend(includes.get(name).into_iter().flatten());
        }
    }
    reached
}

fn granted(name: &String, includes: &Includes, ids: &RoleIds) -> Vec<RoleId> {
    reached(std::slice::from_ref(name), includes).into_iter().filter_map(|name| ids.0.get(name).copied()).collect()
}

fn check_certificates(
    certificates: &BTreeMap<String, CertificateNames>,
    has_certificates: bool,
) -> Result<(), ConfigError> {
    for (role, names) in certificates {
        let place = format!("certificates.{role}");
        if !has_certificates {
            return Err(ConfigError::new(place, role, NO_CERTIFICATES));
        }
        text(&place, role)?;
        refuse_empty(&place, names.uri_sans.is_empty() && names.dns_sans.is_empty(), "at least one name")?;
        for (kind, names) in [("uri_sans", &names.uri_sans), ("dns_sans", &names.dns_sans)] {
            if !names.is_empty() {
                texts(kind, names).map_err(|error| error.within(&place))?;
            }
        }
    }
    Ok(())
}

fn by_name(
    written: &config::Roles,
    names: fn(&CertificateNames) -> &Vec<String>,
    ids: &RoleIds,
) -> BTreeMap<String, Vec<RoleId>> {
    let mut by_name: BTreeMap<String, Vec<RoleId>> = BTreeMap::new();
    for (role, certificate) in &written.certificates {
        let granted = granted(role, &written.includes, ids);
        for name in names(certificate) {
            by_name.entry(name.clone()).or_default().extend(&granted);
        }
    }
    by_name
}
