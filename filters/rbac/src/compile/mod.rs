//! From what was written to what it means: every check of a configuration that its types cannot make.
//!
//! Refused is what would open the filter, what could never match, and what could be read in two ways. What is only
//! needless is a sentence of [`Compiled::lint`].

mod lint;
mod reach;
mod roles;
mod rules;
mod values;
mod what;
mod when;
mod who;

use std::collections::BTreeSet;

use portcullis::prelude::{ConfigError, Env};

use self::roles::RoleIds;
use self::values::in_range;
use crate::config::{self, Config};
use crate::policy::{ClaimPlace, Condition, Needs, Placed, Policy, RolePlace, Roles, Rule};

/// A policy, and what its operator should know about it.
#[derive(Debug)]
pub struct Compiled {
    /// The policy.
    pub policy: Policy,
    /// A sentence for each rule that can never decide, and for each model that another covers.
    pub lint: Vec<String>,
    /// The claims that the policy looks at, as paths of member names: authn's `identity.claims` must list them.
    pub claims: Vec<Vec<String>>,
}

const MAX_INVENTORY: usize = 4096;

/// Compiles a configuration.
pub fn compile(config: &Config, _env: &Env) -> Result<Compiled, ConfigError> {
    if !config.models.api_key_models {
        let expected = "true: the models that an API key is limited to always bind";
        return Err(ConfigError::new("models.api_key_models", "false", expected));
    }
    in_range("inventory.entries", config.inventory.entries, 0, MAX_INVENTORY)?;
    let mut ids = RoleIds::default();
    let rules = rules::compile(&config.rules, config.client_certificates.is_some(), &mut ids)?;
    let has_certificates = config.client_certificates.is_some();
    let roles = roles::compile(&config.roles, has_certificates, &ids).map_err(|error| error.within("roles"))?;
    let needs = needs(config, &rules, &roles);
    Ok(Compiled {
        lint: lint::sentences(config.combining, &rules),
        claims: claims(&rules, &roles),
        policy: Policy::new(config.combining, roles, rules, needs),
    })
}

fn conditions(rules: &[Rule]) -> impl Iterator<Item = &Condition> {
    rules.iter().flat_map(|rule| &rule.conditions).map(|placed| &placed.condition)
}

fn needs(config: &Config, rules: &[Rule], roles: &Roles) -> Needs {
    let is_any = |is_one: fn(&Condition) -> bool| conditions(rules).any(is_one);
    let of_roles = roles.sources.iter().any(|source| matches!(source.place, RolePlace::Certificate(_)));
    let by_name = !roles.by_uri.is_empty() || !roles.by_dns.is_empty();
    Needs {
        route: is_any(|condition| matches!(condition, Condition::Routes(_))),
        certificate: config.client_certificates.is_some()
            && (of_roles || by_name || is_any(|condition| matches!(condition, Condition::UriSans(_)))),
        source: is_any(|condition| matches!(condition, Condition::Source(_))),
        clock: is_any(|condition| matches!(condition, Condition::Times(_)))
            || rules.iter().any(|rule| rule.step_up.is_some()),
    }
}

fn claims(rules: &[Rule], roles: &Roles) -> Vec<Vec<String>> {
    let of_rules = conditions(rules).filter_map(|condition| match condition {
        Condition::Claim(claim) => match &claim.place {
            ClaimPlace::Claim(path) => Some(path),
            ClaimPlace::Identity(_) => None,
        },
        _ => None,
    });
    let of_roles = roles.sources.iter().filter_map(|source| match &source.place {
        RolePlace::Claim { path, .. } => Some(path),
        RolePlace::Identity(_) | RolePlace::Certificate(_) => None,
    });
    of_rules.chain(of_roles).cloned().collect::<BTreeSet<_>>().into_iter().collect()
}

/// A condition under the place where it is written.
fn placed(place: impl Into<String>, condition: Condition) -> Placed {
    Placed { place: place.into(), condition }
}

/// The words of `config` that a rule is made of.
type Written = config::Rule;
