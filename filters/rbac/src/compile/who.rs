//! `who`: conditions on the caller.

use portcullis::prelude::ConfigError;

use super::placed;
use super::roles::{NO_CERTIFICATES, RoleIds};
use super::values::texts;
use crate::config::{Caller, Who};
use crate::policy::{Condition, Placed, RoleId};

pub(super) fn conditions(who: &Who, has_certificates: bool, ids: &mut RoleIds) -> Result<Vec<Placed>, ConfigError> {
    check(who, has_certificates)?;
    let mut all = Vec::new();
    if let Some(caller) = who.caller.filter(|caller| *caller != Caller::Anyone) {
        all.push(placed("who.caller", Condition::Caller(caller)));
    }
    let mut roles = |place: &str, names: &[String]| -> Result<Vec<RoleId>, ConfigError> {
        Ok(texts(place, names)?.into_iter().map(|name| ids.of(name)).collect())
    };
    if let Some(names) = &who.roles_any {
        all.push(placed("who.roles_any", Condition::RolesAny(roles("roles_any", names)?)));
    }
    if let Some(names) = &who.roles_all {
        all.push(placed("who.roles_all", Condition::RolesAll(roles("roles_all", names)?)));
    }
    for (name, list, condition) in lists(who) {
        if let Some(list) = list {
            all.push(placed(format!("who.{name}"), condition(texts(name, list)?)));
        }
    }
    Ok(all)
}

type List<'a> = (&'static str, Option<&'a Vec<String>>, fn(Vec<String>) -> Condition);

fn lists(who: &Who) -> [List<'_>; 5] {
    [
        ("subjects", who.subjects.as_ref(), Condition::Subjects),
        ("tenants", who.tenants.as_ref(), Condition::Tenants),
        ("issuers", who.issuers.as_ref(), Condition::Issuers),
        ("api_keys", who.api_keys.as_ref(), api_keys),
        ("uri_sans", who.uri_sans.as_ref(), Condition::UriSans),
    ]
}

fn api_keys(ids: Vec<String>) -> Condition {
    Condition::ApiKeys(if ids == ["*"] { None } else { Some(ids) })
}

fn check(who: &Who, has_certificates: bool) -> Result<(), ConfigError> {
    if *who == Who::default() {
        return Err(ConfigError::missing("", "at least one member"));
    }
    if who.uri_sans.is_some() && !has_certificates {
        return Err(ConfigError::new("uri_sans", "a list", NO_CERTIFICATES));
    }
    if let Some(ids) = who.api_keys.as_ref().filter(|ids| ids.len() > 1 && ids.iter().any(|id| id == "*")) {
        return Err(ConfigError::new("api_keys", format!("{ids:?}"), "\"*\" alone, or ids alone"));
    }
    let of_identity = [&who.subjects, &who.tenants, &who.issuers, &who.api_keys];
    if who.caller == Some(Caller::Anonymous) && of_identity.iter().any(|list| list.is_some()) {
        return Err(ConfigError::new("caller", "anonymous", "authenticated: nobody has all of this otherwise"));
    }
    Ok(())
}
