//! `portcullis check`: what a load would say of configurations, and what it would not.
//!
//! 1. A file is one configuration as JSON, or YAML in which the filters are found (`find.rs`): of Envoy, of Istio, of Envoy
//!    Gateway. Each `http_filters` is a chain of its own, and so are the filters of a mesh for the same workloads; what stands
//!    in none, and all JSON files, are one more.
//! 2. Whose a configuration is, is told by the name of the module, else by its members, else by what the filter is called.
//!    Another Wasm filter is named, and not looked at.
//! 3. A fault is the sentence with which the filter would refuse to load.
//! 4. A note is what loads and does not do what somebody meant (`lint/`): rules that never decide, claims that rbac or a rate
//!    limit looks at and authn does not hand on, filters that stand in the wrong place or whose `dialects` differ, settings of
//!    Envoy that a filter needs or must not have, routes that follow a header which authn writes.
//! 5. A `candidate` is looked at like the policy in force.
//!
//! ```text
//! $ portcullis check authn.json rbac.json
//! rbac.json:1: rbac: note: it looks at claim ["groups"], and authn in authn.json does not list it in identity.claims
//! ```

mod chain;
mod find;
mod finding;
mod found;
mod lines;
mod link;
mod lint;
#[cfg(test)]
mod tests;
mod variables;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use self::find::Search;
use self::finding::{Finding, Format, Level, Rule, printed};
use crate::{DENIED, Fault};

const HELP: &str = "\
A file is a configuration as JSON, or YAML in which filters are found: of Envoy by their type, of Istio (WasmPlugin,
EnvoyFilter), of Envoy Gateway (EnvoyExtensionPolicy, EnvoyPatchPolicy). Of a folder every YAML file is looked at. Each
http_filters is a chain of its own, and so are the filters of a mesh for the same workloads; what stands in none, as files of
JSON do, is taken as one chain, in the order of the files and of their lines. A Wasm filter that is none of authn, rbac,
ratelimit-shared-data, schema-check and prompt-guard is named and not looked at. YAML without filters is passed over; if
there are none in all that was named, nothing was checked, which is an error. Lists of Kubernetes and YAML within its ConfigMaps
are looked into. A filter has the variables that its host gives it; those of the proxy's own environment (host_env_keys and the
like) are read from that of this command.

What Envoy would not take is printed as `file:line: place: sentence`, what it would as `file:line: place: note: sentence`;
what is only worth knowing as `info`, which does not count as found.

Exit status: 0 nothing was found; 3 something was; 1 a file cannot be read; 2 a wrong command line.";

/// Say of filters' configurations what Envoy would say at load, and what it would not
#[derive(Args)]
#[command(after_long_help = help())]
pub(crate) struct Arguments {
    /// Whose configurations they are [default: told by the name of the module, by their members, by what they are called]
    #[arg(long, value_enum)]
    filter: Option<Kind>,
    /// How it is printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Format,
    /// The files, and folders of files
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// The text, with the rules by which something is said.
fn help() -> String {
    let rules: Vec<_> = Rule::all().map(|(name, text)| format!("  {name:<22} {text}")).collect();
    format!("{HELP}\n\nRules, in `rule` of json and `ruleId` of sarif:\n{}", rules.join("\n"))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    Authn,
    Rbac,
    #[value(name = "ratelimit-shared-data", alias = "ratelimit")]
    RateLimit,
    SchemaCheck,
    PromptGuard,
}

impl Kind {
    /// By the name of its module.
    fn of_module(module: &str) -> Option<Self> {
        Self::from_str(module, false).ok()
    }

    /// By what somebody calls a filter or its module: `rbac-1.2`, `portcullis_prompt_guard`, `Portcullis-authn`.
    fn called(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase().replace(['_', '.'], "-");
        let own = name.strip_prefix("portcullis-").unwrap_or(&name);
        let is_called =
            |word: &str| own.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
        let words =
            |kind: &Self| kind.to_possible_value().is_some_and(|word| word.get_name_and_aliases().any(is_called));
        Self::value_variants().iter().copied().find(words)
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Fault> {
    let mut search = Search::default();
    for path in &arguments.files {
        search.look_at(path)?;
    }
    search.expect_some(&arguments.files)?;
    let findings = once(search.into_chains().iter().flat_map(|chain| chain.findings(arguments.filter)));
    print!("{}", printed(&findings, arguments.format));
    let is_clean = findings.iter().all(|finding| finding.level == Level::Info);
    Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::from(DENIED) })
}

/// A chain that two listeners share is told once.
fn once(findings: impl Iterator<Item = Finding>) -> Vec<Finding> {
    let mut all = Vec::new();
    for finding in findings {
        if !all.contains(&finding) {
            all.push(finding);
        }
    }
    all
}
