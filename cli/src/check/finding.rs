//! What is said: where, by which rule, and how it is printed.

use std::fmt;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde::Serialize;
use serde_json::{Value, json};

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) file: String,
    /// From 1 on.
    pub(super) line: usize,
    /// The filter, and what of its configuration.
    pub(super) place: String,
    pub(super) rule: Rule,
    pub(super) level: Level,
    pub(super) says: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Level {
    /// Envoy would not take it.
    Fault,
    /// It would, and it does not do what somebody meant.
    Note,
    /// Somebody may want to know; nothing was found.
    Info,
}

/// Why it is said. The names stay what they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Rule {
    /// The filter refuses it when it is loaded
    Configuration,
    /// A Wasm filter that is none of these five
    UnknownFilter,
    /// A rule, limit or policy that never decides, or that opens what it is there to close
    Policy,
    /// A configuration that is no string: duplicate members are lost unseen
    StructConfiguration,
    /// What happens after a trap
    FailurePolicy,
    /// Whether headers wait for a body
    HeldHeaders,
    /// Names of headers with underscores, which some servers read as dashes
    HeaderUnderscores,
    /// A rule by address, where the address is what a header says
    TrustedAddress,
    /// A route that follows a header which a filter writes
    RoutesBy,
    /// Where a filter stands in its chain
    FilterOrder,
    /// Two instances with one name
    InstanceName,
    /// Filters of one chain that take a path for different APIs
    Dialects,
    /// A claim that is looked at and not handed on
    ClaimNotExported,
}

impl Rule {
    /// All of them, by name, with what each is about.
    pub(super) fn all() -> impl Iterator<Item = (String, String)> {
        let of = |rule: &Self| rule.to_possible_value();
        let named = |value: PossibleValue| (value.get_name().to_owned(), value.get_help().map(ToString::to_string));
        Self::value_variants().iter().filter_map(of).map(named).map(|(name, help)| (name, help.unwrap_or_default()))
    }

    /// Its name: `failure-policy`.
    pub(super) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, place, says, .. } = self;
        let level = match self.level {
            Level::Fault => "",
            Level::Note => "note: ",
            Level::Info => "info: ",
        };
        write!(f, "{file}:{line}: {place}: {level}{says}")
    }
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// `file:line: place: sentence`, with `note: ` or `info: ` before the sentence where Envoy would take it
    #[default]
    Text,
    /// A list of objects: file, line, place, rule, level, says
    Json,
    /// SARIF 2.1.0, which code scanning reads
    Sarif,
}

/// All of it, as it is asked for.
pub(super) fn printed(findings: &[Finding], format: Format) -> String {
    match format {
        Format::Text => findings.iter().flat_map(|finding| [finding.to_string(), "\n".to_owned()]).collect(),
        Format::Json => format!("{:#}\n", json!(findings)),
        Format::Sarif => format!("{:#}\n", sarif(findings)),
    }
}

/// Static Analysis Results Interchange Format, OASIS Standard of 2020.
fn sarif(findings: &[Finding]) -> Value {
    let rules: Vec<Value> =
        Rule::all().map(|(name, text)| json!({"id": name, "shortDescription": {"text": text}})).collect();
    let results: Vec<Value> = findings.iter().map(result).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "portcullis", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "results": results,
        }],
    })
}

fn result(finding: &Finding) -> Value {
    let index = Rule::value_variants().iter().position(|rule| *rule == finding.rule);
    json!({
        "ruleId": finding.rule.name(),
        "ruleIndex": index,
        "level": match finding.level {
            Level::Fault => "error",
            Level::Note => "warning",
            Level::Info => "note",
        },
        "message": {"text": format!("{}: {}", finding.place, finding.says)},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": finding.file.replace('\\', "/")},
            "region": {"startLine": finding.line},
        }}],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(level: Level) -> Finding {
        let (file, place, says) = ("envoy/a.yaml".to_owned(), "authn.rules[0]".to_owned(), "expected b".to_owned());
        Finding { file, line: 7, place, rule: Rule::FailurePolicy, level, says }
    }

    #[test]
    fn text_begins_with_file_and_line() {
        assert_eq!(finding(Level::Fault).to_string(), "envoy/a.yaml:7: authn.rules[0]: expected b");
        assert_eq!(finding(Level::Note).to_string(), "envoy/a.yaml:7: authn.rules[0]: note: expected b");
    }

    #[test]
    fn sarif_has_what_its_specification_asks_for() {
        let told = sarif(&[Level::Fault, Level::Note, Level::Info].map(finding));
        assert_eq!(told["version"], "2.1.0");
        let run = &told["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        for (result, level) in run["results"].as_array().unwrap().iter().zip(["error", "warning", "note"]) {
            assert_eq!(result["level"], level);
            let at = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!((&rules[at]["id"], &result["ruleId"]), (&json!("failure-policy"), &json!("failure-policy")));
            let place = &result["locations"][0]["physicalLocation"];
            assert_eq!(place["artifactLocation"]["uri"], "envoy/a.yaml");
            assert_eq!(place["region"]["startLine"], 7);
            assert!(result["message"]["text"].as_str().unwrap().contains("expected b"));
        }
    }

    #[test]
    fn every_rule_has_one_name_and_a_text() {
        assert!(Rule::all().all(|(_, text)| !text.is_empty()));
        let written = |rule: &Rule| serde_json::to_value(rule).unwrap();
        assert!(Rule::value_variants().iter().all(|rule| written(rule) == rule.name()), "JSON and SARIF name it alike");
    }
}
