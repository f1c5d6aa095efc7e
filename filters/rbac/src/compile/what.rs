//! `select` and `what`: conditions on where a request goes, and on what it asks for.

use portcullis::ai::dialect::Dialect;
use portcullis::ai::vocabulary::Operation;
use portcullis::http::path::Template;
use portcullis::prelude::ConfigError;
use portcullis::select::{Matcher, When as Select};

use super::placed;
use super::values::each;
use crate::config::What;
use crate::policy::{Condition, Effect, Paths, Pattern, Placed, Selected};

pub(super) fn selected(written: &Select, effect: Effect) -> Result<Vec<Placed>, ConfigError> {
    Matcher::compile(written)?;
    let mut all = Vec::new();
    if let Some(methods) = &written.methods {
        all.push(placed("select.methods", Condition::Methods(methods.clone())));
    }
    if let Some(paths) = &written.paths {
        let parse = |place: &str, text: &String| {
            check_captures(text).map_err(|expected| ConfigError::new(place, text, expected))?;
            Template::parse(text).map_err(|expected| ConfigError::new(place, text, expected))
        };
        let templates = each("paths", paths, parse)?;
        all.push(placed("select.paths", Condition::Paths(Paths { templates, written: paths.clone() })));
    }
    if let Some(hosts) = &written.hosts {
        let written: Vec<String> = hosts.iter().map(|host| with_ports(host, effect)).collect();
        let matcher = Matcher::compile(&Select { hosts: Some(written.clone()), ..Select::default() })?;
        all.push(placed("select.hosts", Condition::Hosts(Selected { matcher, written })));
    }
    if let Some(routes) = &written.routes {
        let matcher = Matcher::compile(&Select { routes: Some(routes.clone()), ..Select::default() })?;
        all.push(placed("select.routes", Condition::Routes(Selected { matcher, written: routes.clone() })));
    }
    Ok(all)
}

/// A host as a rule means it: who denies it without a port denies it with each, which a client can name.
fn with_ports(host: &str, effect: Effect) -> String {
    if effect == Effect::Deny && !host.contains(':') { format!("{host}:*") } else { host.to_owned() }
}

/// The names of a template's captures.
pub(super) fn captures(template: &str) -> impl Iterator<Item = &str> {
    template.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

fn check_captures(template: &str) -> Result<(), &'static str> {
    let is_twice = |(index, name): (usize, &str)| captures(template).take(index).any(|other| other == name);
    if captures(template).enumerate().any(is_twice) { Err("each capture under a name of its own") } else { Ok(()) }
}

/// Conditions on the head, and conditions on the body.
pub(super) fn conditions(what: &What, effect: Effect) -> Result<(Vec<Placed>, Vec<Placed>), ConfigError> {
    let (mut of_head, mut of_body) = (Vec::new(), Vec::new());
    if let Some(words) = &what.dialects {
        let dialects = each("dialects", words, dialect)?;
        of_head.push(placed("what.dialects", Condition::Dialects(dialects)));
    }
    if let Some(words) = &what.operations {
        let operations = each("operations", words, operation)?;
        of_head.push(placed("what.operations", Condition::Operations(operations)));
    }
    if let Some(written) = &what.models {
        of_body.push(placed("what.models", Condition::Models(patterns("models", written, effect)?)));
    }
    if let Some(written) = &what.resources {
        of_body.push(placed("what.resources", Condition::Resources(patterns("resources", written, effect)?)));
    }
    Ok((of_head, of_body))
}

/// An allow rule fits a name byte by byte, a deny rule whatever could be taken for it.
fn patterns(place: &str, written: &[String], effect: Effect) -> Result<Vec<Pattern>, ConfigError> {
    let patterns = each(place, written, pattern)?;
    Ok(if effect == Effect::Deny { patterns.into_iter().map(Pattern::loose).collect() } else { patterns })
}

fn dialect(place: &str, word: &String) -> Result<Dialect, ConfigError> {
    // Not `generic`: APIs that operators describe are told apart by their paths.
    let all = || Dialect::ALL.iter().copied().filter(|dialect| *dialect != Dialect::Generic);
    let expected = || format!("one of {}", all().map(Dialect::word).collect::<Vec<_>>().join(", "));
    let found = all().find(|dialect| dialect.word() == word);
    found.ok_or_else(|| ConfigError::new(place, word, expected()))
}

fn operation(place: &str, word: &String) -> Result<Operation, ConfigError> {
    let words = || Operation::ALL.iter().map(|operation| operation.word()).collect::<Vec<_>>();
    let found = Operation::ALL.iter().find(|operation| operation.word() == word).copied();
    found.ok_or_else(|| ConfigError::new(place, word, format!("one of {}", words().join(", "))))
}

fn pattern(place: &str, text: &String) -> Result<Pattern, ConfigError> {
    Pattern::parse(text).map_err(|expected| ConfigError::new(place, text, expected))
}
