//! From what was written to what it means: every check of a configuration that its types cannot make.

mod detectors;
mod moderation;
mod shipped;

use std::rc::Rc;

use portcullis::pattern::Pattern;
use portcullis::prelude::{ConfigError, Env};
use portcullis::select::Matcher;

use crate::config::{self, Config, Mask, Refusal, RefusalAs, Spotlight, Unread, Unrecognised};
use crate::policy::{Policies, Policy};
use crate::refusal::Manner;
use crate::scope::Scope;

const MAX_POLICIES: usize = 64;
const MAX_NAMES: usize = 1_000;

/// Compiles a configuration.
pub(crate) fn compile(config: Config, env: &Env) -> Result<Policies, ConfigError> {
    let written = config.policies.unwrap_or_else(|| vec![shipped_policy()]);
    if !(1..=MAX_POLICIES).contains(&written.len()) {
        return Err(ConfigError::new("policies", written.len(), "1 to 64 policies"));
    }
    let mut list: Vec<Policy> = Vec::with_capacity(written.len());
    for (index, written) in written.into_iter().enumerate() {
        let policy = policy(written, &list, env).map_err(|error| error.within(format!("policies[{index}]")))?;
        list.push(policy);
    }
    Ok(Policies { list, unmatched: config.unmatched })
}

fn shipped_policy() -> config::Policy {
    config::Policy {
        name: "default".to_owned(),
        select: portcullis::select::When::default(),
        tenants: None,
        models: None,
        operations: None,
        detectors: None,
        unrecognised: Unrecognised::default(),
        unread: Unread::default(),
        mask: Mask::default(),
        spotlight: None,
        refusal: Refusal::default(),
    }
}

fn policy(written: config::Policy, others: &[Policy], env: &Env) -> Result<Policy, ConfigError> {
    let name = name(&written.name, 64)?;
    if others.iter().any(|other| other.name == name) {
        return Err(ConfigError::new("name", &name, "a name that no other policy has"));
    }
    let detectors = written.detectors.unwrap_or_else(shipped::detectors);
    Ok(Policy {
        name,
        matcher: Matcher::compile(&written.select).map_err(|error| error.within("select"))?,
        tenants: some("tenants", written.tenants)?,
        models: some("models", written.models)?.map(|models| patterns(&models)).transpose()?,
        operations: some("operations", written.operations)?,
        rules: detectors::compile(&detectors, env).map_err(|error| error.within("detectors"))?,
        unrecognised: written.unrecognised,
        unread: written.unread,
        mask: written.mask,
        spotlight: written.spotlight.map(|spotlight| marked(&spotlight)).transpose()?,
        refusal: refused(written.refusal).map_err(|error| error.within("refusal"))?,
    })
}

/// A list that is given has something in it: an empty one would fit nothing.
fn some<T>(place: &str, list: Option<Vec<T>>) -> Result<Option<Vec<T>>, ConfigError> {
    match &list {
        Some(list) if !(1..=MAX_NAMES).contains(&list.len()) => {
            Err(ConfigError::new(place, list.len(), "1 to 1,000 values: an empty list would fit nothing"))
        }
        _ => Ok(list),
    }
}

fn patterns(written: &[String]) -> Result<Vec<Pattern>, ConfigError> {
    let pattern = |(index, text): (usize, &String)| {
        let pattern = Pattern::parse(text).map(Pattern::loose);
        pattern.map_err(|expected| ConfigError::new(format!("models[{index}]"), text, expected))
    };
    written.iter().enumerate().map(pattern).collect()
}

fn marked(written: &Spotlight) -> Result<Scope, ConfigError> {
    if written.provenances.is_empty() {
        return Err(ConfigError::new("spotlight.provenances", "[]", "at least one"));
    }
    Ok(Scope::of(&written.provenances))
}

fn refused(written: Refusal) -> Result<Manner, ConfigError> {
    const EXPECTED: &str = "1 to 1,024 bytes without control characters";
    let is_right = |text: &String| (1..=1024).contains(&text.len()) && !text.chars().any(char::is_control);
    match written.text {
        Some(text) if !is_right(&text) => Err(ConfigError::new("text", format!("{} bytes", text.len()), EXPECTED)),
        text => Ok(Manner { text: text.map(Rc::from), is_answer: written.shape == RefusalAs::Answer }),
    }
}

/// A name as it may stand in verdicts.
fn name(text: &str, most: usize) -> Result<String, ConfigError> {
    name_at("name", text, most)
}

fn name_at(place: &str, text: &str, most: usize) -> Result<String, ConfigError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    if !(1..=most).contains(&text.len()) || !text.bytes().all(fits) {
        let expected = format!("1 to {most} lower-case letters, digits, '-' or '_'");
        return Err(ConfigError::new(place, text, expected));
    }
    Ok(text.to_owned())
}
