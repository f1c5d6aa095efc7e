//! `rules`: which requests need what.

use std::collections::BTreeSet;
use std::rc::Rc;

use portcullis::prelude::ConfigError;
use portcullis::select::{Matcher, When};

use super::Vouchers;
use super::values::{check_name, refuse_empty};
use crate::config::{self, Mode};
use crate::policy::{Accepted, Requirement, Rule, Voucher};

/// The most credentials that a rule can want.
const MAX_ALL: usize = 4;

/// The rule that stands where none is written.
pub(super) fn default(vouchers: &Vouchers) -> config::Rule {
    let all = vouchers.names().cloned().collect();
    let require = config::Requirement::Any(all);
    config::Rule { name: "default".to_owned(), when: When::default(), require, mode: Mode::Enforce }
}

pub(super) fn compile(written: &[config::Rule], vouchers: &Vouchers) -> Result<Vec<Rule>, ConfigError> {
    refuse_empty("rules", written.is_empty(), "at least one rule: every request would be refused")?;
    let mut names = BTreeSet::new();
    let mut rules = Vec::new();
    for (index, rule) in written.iter().enumerate() {
        let place = |error: ConfigError| error.within(format!("rules[{index}]"));
        check_name(&rule.name).map_err(place)?;
        if !names.insert(&rule.name) {
            return Err(place(ConfigError::new("name", &rule.name, "a name that no other rule has")));
        }
        rules.push(compile_rule(rule, vouchers).map_err(place)?);
    }
    Ok(rules)
}

fn compile_rule(written: &config::Rule, vouchers: &Vouchers) -> Result<Rule, ConfigError> {
    let requirement = requirement(written, vouchers).map_err(|error| error.within("require"))?;
    if matches!(requirement, Requirement::Anonymous) && written.when == When::default() {
        return Err(ConfigError::missing("when", "conditions: anonymous without any would open the whole filter"));
    }
    let matcher = Matcher::compile(&written.when).map_err(|error| error.within("when"))?;
    Ok(Rule { name: written.name.clone(), matcher, requirement, is_shadow: written.mode == Mode::Shadow })
}

fn requirement(written: &config::Rule, vouchers: &Vouchers) -> Result<Requirement, ConfigError> {
    match &written.require {
        config::Requirement::Any(names) => accepted("any", names, vouchers).map(Requirement::Any),
        config::Requirement::All(names) if names.len() > MAX_ALL => {
            Err(ConfigError::new("all", format!("{} names", names.len()), format!("at most {MAX_ALL}")))
        }
        config::Requirement::All(names) => accepted("all", names, vouchers).map(Requirement::All),
        config::Requirement::Anonymous(true) => Ok(Requirement::Anonymous),
        config::Requirement::Anonymous(false) => {
            Err(ConfigError::new("anonymous", "false", "true, or \"any\" or \"all\" with a list of names"))
        }
    }
}

fn accepted(place: &str, names: &[String], vouchers: &Vouchers) -> Result<Accepted, ConfigError> {
    refuse_empty(place, names.is_empty(), "at least one provider or key set")?;
    let mut accepted: Vec<Voucher> = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let fault = |expected| ConfigError::new(format!("{place}[{index}]"), name, expected);
        let voucher = vouchers.named(name).ok_or_else(|| fault("the name of a provider or key set"))?;
        if names.iter().take(index).any(|other| other == name) {
            return Err(fault("each name once"));
        }
        accepted.push(voucher);
    }
    Ok(Accepted::new(accepted))
}

impl Vouchers {
    fn names(&self) -> impl Iterator<Item = &String> {
        self.providers.keys().chain(self.key_sets.keys())
    }

    fn named(&self, name: &str) -> Option<Voucher> {
        let provider = self.providers.get(name).map(|provider| Voucher::Provider(Rc::clone(provider)));
        provider.or_else(|| self.key_sets.get(name).map(|keys| Voucher::Keys(Rc::clone(keys))))
    }
}

/// Whether a rule lets everybody pass everywhere: it is about every path, and wants nothing or refuses nobody.
pub(super) fn is_open(rule: &config::Rule) -> bool {
    let is_anywhere = rule.when.paths.as_ref().is_none_or(|paths| paths.iter().any(|path| path == "/*"));
    let has_other_conditions = When { paths: None, ..rule.when.clone() } != When::default();
    let refuses_nobody = matches!(rule.require, config::Requirement::Anonymous(_)) || rule.mode == Mode::Shadow;
    refuses_nobody && is_anywhere && !has_other_conditions
}
