//! Which claims become which part of an identity. A claim of the wrong type refuses the token.
//!
//! | identity | claim | type |
//! |---|---|---|
//! | `sub`, `jti`, `acr` | the same | text |
//! | `iss` | the provider's issuer | |
//! | `roles`, `tenant` | the provider's `roles_claim`, `tenant_claim` | list of texts, text |
//! | `scopes` | `scope` (RFC 8693), else `scp` (Okta, Entra ID) | text with blanks between; `scp` also a list of texts |
//! | `auth_time`, `amr`, `cnf` | the same | date, list of texts, object |
//! | `claims` | exactly the paths of `identity.claims`, nested as they were | any |

use std::rc::Rc;

use portcullis::identity::Identity;
use serde_json::{Map, Value};

use super::caller::{Announced, Caller};
use super::claims::{Claims, Path, plain};
use super::denial::{Denial, Reason};
use super::time::Round;

/// Where the identity's parts are found in the claims.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// Where roles stand; none: there are none.
    pub roles: Option<Path>,
    /// Where the tenant stands; none: there is none.
    pub tenant: Option<Path>,
    /// What is handed on as it is.
    pub exports: Rc<[Path]>,
    /// Headers that tell the upstream.
    pub announced: Rc<[Announced]>,
}

impl Mapping {
    /// Who a token of this issuer says is calling.
    pub fn caller(&self, issuer: &str, claims: &Claims) -> Result<Caller, Denial> {
        Caller::of(&self.identity(issuer, claims)?, &self.announced)
    }

    fn identity(&self, issuer: &str, claims: &Claims) -> Result<Identity, Denial> {
        let mut identity = Identity::of(claims.text("sub")?.ok_or(Reason::BadClaim.about("sub"))?);
        identity.iss = Some(issuer.to_owned());
        identity.roles = self.roles.as_ref().map_or(Ok(Vec::new()), |path| claims.texts_at(path, "roles_claim"))?;
        identity.tenant = self.tenant.as_ref().map_or(Ok(None), |path| claims.text_at(path, "tenant_claim"))?;
        identity.scopes = scopes(claims)?;
        identity.auth_time = claims.date("auth_time", Round::Down)?;
        identity.acr = claims.text("acr")?.map(str::to_owned);
        identity.amr = claims.texts("amr")?;
        identity.jti = claims.text("jti")?.map(str::to_owned);
        identity.cnf = confirmation(claims)?;
        identity.claims = self.exported(claims);
        Ok(identity)
    }

    fn exported(&self, claims: &Claims) -> Map<String, Value> {
        let mut exported = Map::new();
        for path in self.exports.iter() {
            if let (Some(value), Some((last, parents))) = (claims.at(path), path.split_last()) {
                put(&mut exported, parents, last, value.clone());
            }
        }
        exported
    }
}

/// Hangs a value under its path. No path is the beginning of another, which the configuration makes sure of.
fn put(members: &mut Map<String, Value>, parents: &[String], last: &str, value: Value) {
    let Some((parent, rest)) = parents.split_first() else {
        members.insert(last.to_owned(), value);
        return;
    };
    let inner = members.entry(parent.clone()).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(inner) = inner {
        put(inner, rest, last, value);
    }
}

/// `scp` is read only where there is no `scope`: two lists that differ would be two answers to one question.
fn scopes(claims: &Claims) -> Result<Vec<String>, Denial> {
    match (claims.get("scope"), claims.get("scp")) {
        (Some(Value::String(listed)), _) => split(listed, "scope"),
        (Some(_), _) => Err(Reason::BadClaim.about("scope")),
        (None, Some(Value::String(listed))) => split(listed, "scp"),
        (None, _) => claims.texts("scp"),
    }
}

fn split(listed: &str, about: &'static str) -> Result<Vec<String>, Denial> {
    let scopes = listed.split(' ').filter(|scope| !scope.is_empty());
    scopes.map(|scope| plain(&Value::from(scope), about).map(str::to_owned)).collect()
}

fn confirmation(claims: &Claims) -> Result<Option<Value>, Denial> {
    match claims.get("cnf") {
        None => Ok(None),
        Some(Value::Object(members)) => Ok(Some(Value::Object(members.clone()))),
        Some(_) => Err(Reason::BadClaim.about("cnf")),
    }
}
