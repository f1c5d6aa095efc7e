//! The rules of a policy.

use portcullis::ai::vocabulary::Provenance;
use portcullis::config::in_range;
use portcullis::prelude::{ConfigError, Env};

use super::{moderation, name, name_at};
use crate::config::{Action, Allow, Deny, Detectors, Injection, Pii, Secrets, Shape, Signature};
use crate::detect::injection::{self, Point, SharedRoom};
use crate::detect::patterns::{BadPattern, EXPRESSION_BYTES, Patterns};
use crate::detect::{pii, secrets, shape, signature};
use crate::policy::{Allowed, Detector, Finder, Rule, Rules};
use crate::scope::Scope;

/// The inspection has a bit for each.
const MAX_RULES: usize = 64;

const _: () = assert!(MAX_RULES <= 64);

pub(super) fn compile(written: &Detectors, env: &Env) -> Result<Rules, ConfigError> {
    let mut list = Vec::new();
    list.extend(each("deny", &written.deny, deny)?);
    list.extend(each("signature", &written.signature, of_signature)?);
    let room = SharedRoom::default();
    list.extend(each("injection", &written.injection, |written| of_injection(written, &room))?);
    list.extend(each("pii", &written.pii, of_pii)?);
    list.extend(each("secrets", &written.secrets, of_secrets)?);
    list.extend(each("shape", &written.shape, of_shape)?);
    if let Some(written) = &written.moderation {
        list.push(moderation::compile(written, env).map_err(|error| error.within("moderation"))?);
    }
    if list.len() > MAX_RULES {
        return Err(ConfigError::new("", list.len(), "at most 64 rules in a policy"));
    }
    Ok(Rules { list, allowed: each("allow", &written.allow, allow)? })
}

fn each<T, R>(
    place: &str,
    written: &[T],
    compile: impl Fn(&T) -> Result<R, ConfigError>,
) -> Result<Vec<R>, ConfigError> {
    let one = |(index, written)| compile(written).map_err(|error| error.within(format!("{place}[{index}]")));
    written.iter().enumerate().map(one).collect()
}

pub(super) fn rule(detector: Detector, action: Action, scope: Scope, finder: Finder) -> Rule {
    Rule { name: detector.word().to_owned(), detector, action, scope, at_least: 1, finder }
}

fn deny(written: &Deny) -> Result<Rule, ConfigError> {
    let name = name(&written.name, 32)?;
    let patterns = patterns(&written.literals, &written.expressions, written.inside_words)?;
    let scope = scope(written.provenances.as_deref(), Scope::ALL)?;
    Ok(Rule { name, ..rule(Detector::Deny, written.action, scope, Finder::Deny(Box::new(patterns))) })
}

fn allow(written: &Allow) -> Result<Allowed, ConfigError> {
    const EXPECTED: &str = "deny, signature, pii or secrets";
    let detector = |(index, word): (usize, &String)| match word.as_str() {
        "deny" => Ok(Detector::Deny),
        "signature" => Ok(Detector::Signature),
        "pii" => Ok(Detector::Pii),
        "secrets" => Ok(Detector::Secrets),
        word => Err(ConfigError::new(format!("detectors[{index}]"), word, EXPECTED)),
    };
    let detectors: Vec<Detector> = written.detectors.iter().enumerate().map(detector).collect::<Result<_, _>>()?;
    if detectors.is_empty() {
        return Err(ConfigError::new("detectors", "[]", EXPECTED));
    }
    Ok(Allowed { patterns: patterns(&written.literals, &written.expressions, false)?, detectors })
}

fn patterns(literals: &[String], expressions: &[String], inside_words: bool) -> Result<Patterns, ConfigError> {
    if literals.is_empty() && expressions.is_empty() {
        return Err(ConfigError::missing("literals", "literals or expressions"));
    }
    let bad = |BadPattern { place, expected }| ConfigError::new(place, "a pattern that cannot be used", expected);
    Patterns::new(literals, expressions, inside_words).map_err(bad)
}

fn of_signature(written: &Signature) -> Result<Rule, ConfigError> {
    check_some("shapes", written.shapes.as_ref())?;
    let shapes = written.shapes.as_deref().unwrap_or(signature::Reason::ALL);
    let own = [Provenance::System, Provenance::Developer, Provenance::Reasoning];
    let scope = scope(written.provenances.as_deref(), Scope::but(&own))?;
    let finder = Finder::Signature(signature::Signature::new(shapes));
    Ok(rule(Detector::Signature, written.action, scope, finder))
}

/// What is said to a model, and what it is given to read.
const SAID_OR_READ: [Provenance; 8] = [
    Provenance::User,
    Provenance::ToolResult,
    Provenance::ToolArguments,
    Provenance::ToolDefinition,
    Provenance::Description,
    Provenance::Document,
    Provenance::FileName,
    Provenance::Unknown,
];

fn of_injection(written: &Injection, room: &SharedRoom) -> Result<Rule, ConfigError> {
    check_smaller(written.action)?;
    let by_action = if written.action == Action::Block { Point::Block } else { Point::Flag };
    let injection = injection::Injection::within(written.from.unwrap_or(by_action), room);
    let injection = injection.ok_or_else(|| ConfigError::new("", "a table that cannot be read", "a whole module"))?;
    let scope = scope(written.provenances.as_deref(), Scope::of(&SAID_OR_READ))?;
    Ok(rule(Detector::Injection, written.action, scope, Finder::Injection(injection)))
}

/// Definitions of tools say what an e-mail address looks like, and are nobody's.
const OF_PEOPLE: [Provenance; 2] = [Provenance::ToolDefinition, Provenance::Description];

fn of_pii(written: &Pii) -> Result<Rule, ConfigError> {
    in_range("at_least", written.at_least, 1..=1_000)?;
    if written.own.is_empty() {
        check_some("kinds", written.kinds.as_ref())?;
    }
    let kinds = written.kinds.as_deref().unwrap_or(pii::Kind::ALL);
    let own = written.own.iter().map(|(name, own)| self::own(name, own)).collect::<Result<_, _>>()?;
    let scope = scope(written.provenances.as_deref(), Scope::but(&OF_PEOPLE))?;
    let finder = Finder::Pii(pii::Pii::new(kinds, own));
    Ok(Rule { at_least: written.at_least, ..rule(Detector::Pii, written.action, scope, finder) })
}

fn own(written: &str, own: &crate::config::Own) -> Result<pii::Own, ConfigError> {
    let place = format!("own.{written}");
    let name = name_at("own", written, 32)?;
    if own.expression.len() > EXPRESSION_BYTES {
        let found = format!("{} bytes", own.expression.len());
        return Err(ConfigError::new(format!("{place}.expression"), found, "at most 1,024 bytes"));
    }
    let expression = regex::RegexBuilder::new(&own.expression).size_limit(1 << 20).build();
    let expression = expression.ok().filter(|expression| !expression.is_match(""));
    let expected = "a regular expression that needs at least one character, without looking around or back";
    let expression =
        expression.ok_or_else(|| ConfigError::new(format!("{place}.expression"), &own.expression, expected))?;
    Ok(pii::Own { name, expression, check: own.check })
}

fn of_secrets(written: &Secrets) -> Result<Rule, ConfigError> {
    check_some("kinds", written.kinds.as_ref())?;
    let all: Vec<&'static str> = secrets::rules().collect();
    let kind = |(index, name): (usize, &String)| {
        let known = all.iter().find(|known| *known == name).copied();
        known.ok_or_else(|| ConfigError::new(format!("kinds[{index}]"), name, "the name of a rule in the README"))
    };
    let kinds = match &written.kinds {
        Some(kinds) => kinds.iter().enumerate().map(kind).collect::<Result<Vec<_>, _>>()?,
        None => all.clone(),
    };
    let scope = scope(written.provenances.as_deref(), Scope::but(&OF_PEOPLE))?;
    Ok(rule(Detector::Secrets, written.action, scope, Finder::Secrets(secrets::Secrets::new(&kinds))))
}

fn of_shape(written: &Shape) -> Result<Rule, ConfigError> {
    let expected = "names of scripts in lower case, such as latin, cyrillic or han";
    let bad_scripts = |scripts: &[String]| ConfigError::new("scripts", scripts.join(", "), expected);
    let other = |scripts: &Vec<String>| shape::letter_of_other(scripts).ok_or_else(|| bad_scripts(scripts));
    check_some("scripts", written.scripts.as_ref())?;
    written.max_messages.map_or(Ok(()), |most| in_range("max_messages", most, 1..=100_000))?;
    written.max_repetition.map_or(Ok(()), |most| in_range("max_repetition", most, 1..=100))?;
    check_smaller(written.action)?;
    let finder = Finder::Shape(shape::Shape {
        max_text_bytes: Some(written.max_text_bytes.0),
        max_total_bytes: written.max_total_bytes.map(|size| size.0),
        max_messages: written.max_messages,
        other_scripts: written.scripts.as_ref().map(other).transpose()?,
        languages: written.languages.as_deref().map(languages).transpose()?,
        control_characters: written.control_characters,
        max_hidden: written.max_hidden,
        max_repetition: written.max_repetition,
    });
    Ok(rule(Detector::Shape, written.action, scope(written.provenances.as_deref(), Scope::ALL)?, finder))
}

fn languages(codes: &[String]) -> Result<shape::Languages, ConfigError> {
    let expected = "codes of ISO 639-3, such as eng, deu or fra";
    let known = shape::Languages::of(codes).filter(|_| !codes.is_empty());
    known.ok_or_else(|| ConfigError::new("languages", codes.join(", "), expected))
}

/// What is found can be taken out.
fn check_smaller(action: Action) -> Result<(), ConfigError> {
    const EXPECTED: &str = "block, flag or shadow: nothing smaller than the text is at fault";
    if action == Action::Mask { Err(ConfigError::new("action", "mask", EXPECTED)) } else { Ok(()) }
}

/// A list that is given has something in it: who means all leaves it out.
fn check_some<T>(place: &str, list: Option<&Vec<T>>) -> Result<(), ConfigError> {
    match list {
        Some(list) if list.is_empty() => Err(ConfigError::new(place, "[]", "at least one: leave it out for all")),
        _ => Ok(()),
    }
}

pub(super) fn scope(written: Option<&[Provenance]>, default: Scope) -> Result<Scope, ConfigError> {
    match written {
        Some([]) => Err(ConfigError::new("provenances", "[]", "at least one: nobody's texts would be looked at")),
        Some(written) => Ok(Scope::of(written)),
        None => Ok(default),
    }
}
