//! Judges the product by suites that others wrote, so that "strict" is not our word alone.
//!
//! ```text
//! portcullis-suites [--format text|json] [SUITE…]
//! ```
//!
//! 1. The suites are in the folder that `SUITES` names; else they are unpacked from
//!    `../shared/suites.tar.xz` to `target/suites`.
//! 2. Each suite (all, or those named) judges every case: right is what its label says, unless
//!    `differences.yaml` owns another verdict.
//! 3. A line for each set of cases goes to stdout: `json_test_suite.default: 318/318`. What is
//!    wrong goes to stderr, by name, and so does what a suite has that is not among its cases.
//!
//! Exit: 0 if everything is right. 1 if a case is wrong, cases are missing, or a table does not fit
//! its suite. 2 if nothing could be judged: no suites, wrong arguments. Nothing is ever skipped.
//!
//! `wycheproof.envoy` builds a module and starts an Envoy; what it needs for that it says itself.
//!
//! A new suite is one file beside `json_test_suite.rs` and one line in [`SUITES`].

mod crds;
mod differences;
mod fields;
mod folder;
mod jose;
mod jose_cookbook;
mod json_schema_test_suite;
mod json_test_suite;
mod jwt_verify_lib;
mod mcp_examples;
mod mcp_fields;
mod openai_contract;
mod openai_fields;
mod openapi_documents;
mod suite;
mod wycheproof;
mod wycheproof_envoy;

use std::process::ExitCode;

use differences::Differences;
use suite::{Fault, Ground, Score, Suite};

const SUITES: &[Suite] = &[
    json_test_suite::SUITE,
    json_schema_test_suite::SUITE,
    wycheproof::SUITE,
    wycheproof_envoy::SUITE,
    jwt_verify_lib::SUITE,
    jose_cookbook::SUITE,
    openai_fields::SUITE,
    mcp_fields::SUITE,
    mcp_examples::SUITE,
    openapi_documents::SUITE,
    openai_contract::SUITE,
    crds::SUITE,
];

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(fault) => {
            eprintln!("suites: {fault}");
            ExitCode::from(match fault {
                Fault::Table(_) => 1,
                Fault::Surroundings(_) => 2,
            })
        }
    }
}

/// Whether everything is right.
fn run() -> Result<bool, Fault> {
    let wish = Wish::parse(std::env::args().skip(1))?;
    let groups: Vec<&str> = SUITES.iter().flat_map(|suite| suite.groups).copied().collect();
    let differences = Differences::parse(include_str!("../differences.yaml"), &groups)?;
    let ground = Ground::open(folder::find()?, differences)?;

    let mut scores = Vec::new();
    for suite in wish.suites {
        scores.extend((suite.run)(&ground)?);
    }
    print(&scores, wish.format)?;
    Ok(scores.iter().all(Score::is_right))
}

fn print(scores: &[Score], format: Format) -> Result<(), Fault> {
    for score in scores {
        for wrong in &score.wrong {
            eprintln!("{}: {wrong}", score.name);
        }
        for left_out in &score.left_out {
            eprintln!("{}: left out: {left_out}", score.name);
        }
    }
    match format {
        Format::Text => scores.iter().for_each(|score| println!("{score}")),
        Format::Json => {
            let json = serde_json::to_string_pretty(scores).map_err(|error| Fault::Surroundings(error.to_string()))?;
            println!("{json}");
        }
    }
    Ok(())
}

/// What the caller asked for.
#[derive(Debug)]
struct Wish {
    format: Format,
    suites: Vec<&'static Suite>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Text,
    Json,
}

impl Wish {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Wish, Fault> {
        let mut wish = Wish { format: Format::Text, suites: Vec::new() };
        while let Some(arg) = args.next() {
            if arg == "--format" {
                wish.format = match args.next().as_deref() {
                    Some("text") => Format::Text,
                    Some("json") => Format::Json,
                    _ => {
                        return Err(Fault::Surroundings("--format: expected text or json".into()));
                    }
                };
            } else if let Some(suite) = SUITES.iter().find(|suite| suite.name == arg) {
                wish.suites.push(suite);
            } else {
                let names: Vec<_> = SUITES.iter().map(|suite| suite.name).collect();
                return Err(Fault::Surroundings(format!(
                    "{arg}: expected --format text|json or a suite: {}",
                    names.join(", ")
                )));
            }
        }
        if wish.suites.is_empty() {
            wish.suites = SUITES.iter().collect();
        }
        Ok(wish)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(args: &[&str]) -> Result<Wish, Fault> {
        Wish::parse(args.iter().map(ToString::to_string))
    }

    #[test]
    fn without_arguments_every_suite_runs() {
        let wish = wish(&[]).unwrap();
        assert_eq!((wish.format, wish.suites.len()), (Format::Text, SUITES.len()));
    }

    #[test]
    fn a_suite_can_be_named() {
        let wish = wish(&["json_test_suite", "--format", "json"]).unwrap();
        assert_eq!((wish.format, wish.suites.len()), (Format::Json, 1));
    }

    #[test]
    fn an_argument_that_means_nothing_is_refused() {
        for args in [&["jsn"][..], &["--format"], &["--format", "xml"], &["-v"]] {
            assert!(matches!(wish(args), Err(Fault::Surroundings(_))), "{args:?}");
        }
    }

    #[test]
    fn the_table_of_the_repository_is_sound() {
        let groups: Vec<&str> = SUITES.iter().flat_map(|suite| suite.groups).copied().collect();
        Differences::parse(include_str!("../differences.yaml"), &groups).unwrap();
    }

    #[test]
    fn a_suite_owns_only_groups_of_its_own_name() {
        for suite in SUITES {
            assert!(suite.groups.iter().all(|group| group.starts_with(suite.name)), "{}", suite.name);
        }
    }
}
