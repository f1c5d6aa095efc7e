//! Rules: what each is made of, and what may stand beside what.

use std::collections::BTreeSet;

use portcullis::prelude::{ConfigError, Millis};

use super::roles::RoleIds;
use super::values::{texts, whole_seconds};
use super::{Written, reach, what, when, who};
use crate::config::{self, Caller, Effect};
use crate::policy::{Clamp, Placed, Rule, StepUp};

const MAX_RULES: usize = 4096;
const MAX_AGE: Millis = Millis(720 * 60 * 60 * 1000);

pub(super) fn compile(
    written: &[Written],
    has_certificates: bool,
    ids: &mut RoleIds,
) -> Result<Vec<Rule>, ConfigError> {
    if written.len() > MAX_RULES {
        return Err(ConfigError::new("rules", format!("{} rules", written.len()), format!("at most {MAX_RULES}")));
    }
    let mut names = BTreeSet::new();
    let mut rules = Vec::new();
    for (index, rule) in written.iter().enumerate() {
        let place = |error: ConfigError| error.within(format!("rules[{index}]"));
        check_name(&rule.name).map_err(place)?;
        if !names.insert(&rule.name) {
            return Err(place(ConfigError::new("name", &rule.name, "a name that no other rule has")));
        }
        rules.push(compile_rule(rule, has_certificates, ids).map_err(place)?);
    }
    Ok(rules)
}

fn check_name(name: &str) -> Result<(), ConfigError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    let is_name = (1..=64).contains(&name.len()) && name.bytes().all(fits);
    if is_name { Ok(()) } else { Err(ConfigError::new("name", name, "1 to 64 lower-case letters, digits, '-' or '_'")) }
}

fn compile_rule(written: &Written, has_certificates: bool, ids: &mut RoleIds) -> Result<Rule, ConfigError> {
    let conditions = conditions(written, has_certificates, ids)?;
    check_openness(written, &conditions)?;
    Ok(Rule {
        name: written.name.clone(),
        effect: written.effect,
        is_shadow: written.shadow,
        step_up: written.step_up.as_ref().map(|step_up| compile_step_up(step_up, written)).transpose()?,
        clamp: written.clamp.as_ref().map(|clamp| compile_clamp(clamp, written.effect)).transpose()?,
        conditions,
        is_about_models: reach::is_about_models(written),
    })
}

/// Cheap ones first; those on the body last.
fn conditions(written: &Written, has_certificates: bool, ids: &mut RoleIds) -> Result<Vec<Placed>, ConfigError> {
    let mut all = match &written.who {
        Some(who) => who::conditions(who, has_certificates, ids).map_err(|error| error.within("who"))?,
        None => Vec::new(),
    };
    all.extend(what::selected(&written.select, written.effect).map_err(|error| error.within("select"))?);
    let (of_head, of_body) = what::conditions(&written.what, written.effect).map_err(|error| error.within("what"))?;
    all.extend(of_head);
    all.extend(when::of_head(written).map_err(|error| error.within("when"))?);
    all.extend(of_body);
    all.extend(when::of_body(&written.when).map_err(|error| error.within("when"))?);
    Ok(all)
}

fn check_openness(written: &Written, conditions: &[Placed]) -> Result<(), ConfigError> {
    let says_so = written.who.as_ref().is_some_and(|who| who.caller == Some(Caller::Anyone));
    if written.effect == Effect::Allow && conditions.is_empty() && !says_so {
        let expected = "conditions, or {\"caller\": \"anyone\"}: this rule allows everything to everybody";
        return Err(ConfigError::missing("who", expected));
    }
    Ok(())
}

fn compile_step_up(step_up: &config::StepUp, written: &Written) -> Result<StepUp, ConfigError> {
    let within = |error: ConfigError| error.within("step_up");
    check_beside_allow("step_up", written.effect)?;
    if written.who.as_ref().is_some_and(|who| who.caller == Some(Caller::Anonymous)) {
        return Err(ConfigError::new("step_up", "caller: anonymous", "callers that have logged in"));
    }
    if *step_up == config::StepUp::default() {
        return Err(ConfigError::missing("step_up", "at least one of acr, amr and max_age"));
    }
    let list = |place: &str, list: &Option<Vec<String>>| {
        list.as_ref().map(|list| texts(place, list)).transpose().map(Option::unwrap_or_default)
    };
    let max_age = step_up.max_age.map(|age| whole_seconds("max_age", age, MAX_AGE)).transpose();
    Ok(StepUp {
        acr: list("acr", &step_up.acr).map_err(within)?,
        amr: list("amr", &step_up.amr).map_err(within)?,
        max_age: max_age.map_err(within)?,
    })
}

fn compile_clamp(clamp: &config::Clamp, effect: Effect) -> Result<Clamp, ConfigError> {
    check_beside_allow("clamp", effect)?;
    if *clamp == config::Clamp::default() {
        return Err(ConfigError::missing("clamp", "at least one of max_output_tokens and choices"));
    }
    for (place, cap) in [("max_output_tokens", clamp.max_output_tokens), ("choices", clamp.choices)] {
        if cap == Some(0) {
            return Err(ConfigError::new(format!("clamp.{place}"), 0, "at least 1"));
        }
    }
    Ok(Clamp { max_output_tokens: clamp.max_output_tokens, choices: clamp.choices })
}

fn check_beside_allow(place: &str, effect: Effect) -> Result<(), ConfigError> {
    match effect {
        Effect::Allow => Ok(()),
        Effect::Deny => Err(ConfigError::new(place, "effect: deny", "effect: allow")),
    }
}
