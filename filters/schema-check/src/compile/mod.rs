//! From what was written to what it means: every check of a configuration that its types cannot make, and every schema
//! compiled. Of what an operator writes nothing is compiled while a request waits.

mod derived;
mod files;
mod integers;
mod openapi;
mod schemas;
mod shipped;
mod unheld;

use std::rc::Rc;

use portcullis::config::Size;
use portcullis::json;
use portcullis::prelude::{ConfigError, Env};
use portcullis::select::Matcher;

use crate::config::{self, Config, Integers, UnknownMembers};
use crate::policy::{Contract, Policy, Reading, Rule};
use crate::schema::BadSchema;

/// A policy, and what its operator should know about it.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) policy: Policy,
    /// What was found in a contract that it cannot enforce as it is written.
    pub(crate) lint: Vec<String>,
}

const MAX_RULES: usize = 64;

/// Compiles a configuration.
pub(crate) fn compile(config: Config, env: &Env) -> Result<Compiled, ConfigError> {
    if !(1..=MAX_RULES).contains(&config.rules.len()) {
        return Err(ConfigError::new("rules", config.rules.len(), "1 to 64 rules"));
    }
    check_limits(&config.limits).map_err(|error| error.within("limits"))?;
    let (unmatched, reading) = (config.unmatched, reading(&config.limits));
    let mut rules: Vec<Rule> = Vec::with_capacity(config.rules.len());
    let mut lint = Vec::new();
    for (index, written) in config.rules.into_iter().enumerate() {
        let rule = rule(written, &rules, env, &mut lint).map_err(|error| error.within(format!("rules[{index}]")))?;
        rules.push(rule);
    }
    Ok(Compiled { policy: Policy { rules, unmatched, reading, dialects: Rc::clone(env.dialects()) }, lint })
}

fn rule(mut written: config::Rule, others: &[Rule], env: &Env, lint: &mut Vec<String>) -> Result<Rule, ConfigError> {
    let name = name(&written.name)?;
    if others.iter().any(|other| other.name == name) {
        return Err(ConfigError::new("name", &name, "a name that no other rule has"));
    }
    Ok(Rule {
        matcher: Matcher::compile(&written.select).map_err(|error| error.within("select"))?,
        contract: contract(&mut written, env, lint)?,
        requests: written.requests,
        responses: written.responses,
        structured_outputs: written.structured_outputs,
        files: Rc::new(files::compile(written.files.as_ref()).map_err(|error| error.within("files"))?),
        name,
    })
}

fn contract(written: &mut config::Rule, env: &Env, lint: &mut Vec<String>) -> Result<Contract, ConfigError> {
    check_company(written)?;
    match (written.openapi.take(), written.schemas.take(), written.contract.take()) {
        (Some(document), None, None) => {
            openapi::compile(document, written, lint).map_err(|error| error.within("openapi"))
        }
        (None, Some(schemas), None) => {
            schemas::compile(&schemas, written.formats).map_err(|error| error.within("schemas"))
        }
        (None, None, Some(named)) => shipped::compile(&named, written, env),
        (None, None, None) => {
            Err(ConfigError::missing("openapi", "openapi, schemas or contract: what the contract is"))
        }
        (Some(_), Some(_), None) => {
            Err(ConfigError::new("schemas", "a second contract", "one of openapi, schemas and contract"))
        }
        _ => Err(ConfigError::new("contract", "a second contract", "one of openapi, schemas and contract")),
    }
}

/// A schema that is refused: its pointer stands with its place, so that the problem is never what is cut off.
fn unenforceable(place: &str, fault: &BadSchema) -> ConfigError {
    let pointer = if fault.place.is_empty() { String::new() } else { format!("#{}", fault.place) };
    ConfigError::new(format!("{place}{pointer}"), &fault.problem, "a schema that can be enforced")
}

/// What goes with one kind of contract alone.
fn check_company(written: &config::Rule) -> Result<(), ConfigError> {
    if written.base_path.is_some() && written.openapi.is_none() {
        return Err(ConfigError::new("base_path", "a path", "it with openapi alone"));
    }
    if written.unknown_members == UnknownMembers::Deny && written.contract.is_none() {
        let expected = "it with contract alone: a document or a schema says itself what it allows";
        return Err(ConfigError::new("unknown_members", "deny", expected));
    }
    Ok(())
}

fn name(name: &str) -> Result<String, ConfigError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    let is_name = (1..=64).contains(&name.len()) && name.bytes().all(fits);
    let expected = "1 to 64 lower-case letters, digits, '-' or '_'";
    if is_name { Ok(name.to_owned()) } else { Err(ConfigError::new("name", name, expected)) }
}

fn check_limits(limits: &config::Limits) -> Result<(), ConfigError> {
    in_range("depth", usize::from(limits.depth), 128)?;
    in_range("members", limits.members, 100_000)?;
    in_range("values", limits.values, 1_000_000)?;
    at_most("string_bytes", limits.string_bytes, Size(64 << 20))?;
    at_most("name_bytes", limits.name_bytes, Size(64 << 10))
}

fn reading(written: &config::Limits) -> Reading {
    let limits = json::Limits {
        depth: written.depth,
        members: written.members,
        values: written.values,
        string_bytes: written.string_bytes.0,
        name_bytes: written.name_bytes.0,
        exact_integers: written.integers == Integers::Safe,
        ..json::Limits::DEFAULT
    };
    Reading { limits, integers: written.integers }
}

fn in_range(place: &str, found: usize, most: usize) -> Result<(), ConfigError> {
    if (1..=most).contains(&found) { Ok(()) } else { Err(ConfigError::new(place, found, format!("1 to {most}"))) }
}

fn at_most(place: &str, found: Size, most: Size) -> Result<(), ConfigError> {
    if found > most { Err(ConfigError::new(place, found, format!("at most {most}"))) } else { Ok(()) }
}
