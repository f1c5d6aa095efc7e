//! `portcullis replay`: what a new configuration of prompt-guard would say otherwise than the old one.
//!
//! The texts are lines of JSON as for `scan`, recorded where they may be. Each line on which the two differ is told by its
//! number; no word of its text is.

use std::fmt;
use std::io::BufRead as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use prompt_guard::offline::{Scan, Scanner};
use serde::Serialize;

use crate::scan::{provenance, read, scanner, unknown_policy};
use crate::{DENIED, Fault, table};

/// Tell on which recorded texts two configurations of prompt-guard differ
#[derive(Args)]
#[command(
    after_long_help = "Exit status: 0 they never differ; 3 they do; 1 a file or a line is wrong; 2 a wrong command line."
)]
pub(crate) struct Arguments {
    /// The configuration in force, as JSON [default: what prompt-guard looks for by itself]
    #[arg(long, value_name = "FILE")]
    old: Option<PathBuf>,
    /// The one that shall replace it
    #[arg(long, value_name = "FILE")]
    new: PathBuf,
    /// The policy by its name, in both [default: the first of each]
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// Whose texts they are, where a line does not say
    #[arg(long, value_name = "WORD", default_value = "user")]
    provenance: String,
    /// How it is printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Format,
    /// The recorded texts, one JSON object a line; `-` is standard input
    texts: PathBuf,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Table,
    Json,
}

/// A line on which two configurations differ.
#[derive(Serialize)]
struct Difference {
    /// Its number, from 1.
    line: usize,
    /// `stricter`, `looser`, or `other` where the outcome is the same and what was found is not.
    is: &'static str,
    old: Scan,
    new: Scan,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Fault> {
    let (old, new) = (scanner(arguments.old.as_deref())?, scanner(Some(&arguments.new))?);
    let (policy, provenance) = (arguments.policy.as_deref(), provenance(&arguments.provenance)?);
    let mut differences = Vec::new();
    let mut lines = 0_usize;
    for (number, line) in texts(arguments)?.lines().enumerate() {
        let line = line.map_err(|error| format!("line {}: {error}", number.saturating_add(1)))?;
        let Some(line) = read(&line, number)? else { continue };
        lines = lines.saturating_add(1);
        let hand = line.provenance.unwrap_or(provenance);
        let say = |scanner: &Scanner| scanner.scan(policy, &line.text, hand).ok_or_else(|| unknown_policy(scanner));
        let (old, new) = (say(&old)?, say(&new)?);
        if old.outcome != new.outcome || old.detectors != new.detectors {
            let is = kind(&old, &new);
            differences.push(Difference { line: number.saturating_add(1), is, old, new });
        }
    }
    print(arguments.format, lines, &differences)?;
    Ok(if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(DENIED) })
}

fn texts(arguments: &Arguments) -> Result<Box<dyn std::io::BufRead>, Fault> {
    if arguments.texts.as_os_str() == "-" {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    let file = std::fs::File::open(&arguments.texts);
    let file = file.map_err(|error| format!("{}: {error}", arguments.texts.display()))?;
    Ok(Box::new(std::io::BufReader::new(file)))
}

fn kind(old: &Scan, new: &Scan) -> &'static str {
    const ORDER: [&str; 5] = ["pass", "shadow", "flag", "mask", "block"];
    let weight = |scan: &Scan| ORDER.iter().position(|outcome| *outcome == scan.outcome);
    match weight(new).cmp(&weight(old)) {
        std::cmp::Ordering::Greater => "stricter",
        std::cmp::Ordering::Less => "looser",
        std::cmp::Ordering::Equal => "other",
    }
}

fn print(format: Format, lines: usize, differences: &[Difference]) -> Result<(), Fault> {
    if format == Format::Json {
        for difference in differences {
            println!("{}", serde_json::to_string(difference).map_err(|error| error.to_string())?);
        }
        return Ok(());
    }
    let count = |is: &str| differences.iter().filter(|difference| difference.is == is).count();
    println!("{lines} texts: {} stricter, {} looser, {} otherwise", count("stricter"), count("looser"), count("other"));
    if !differences.is_empty() {
        let row = |difference: &Difference| {
            let said = |scan: &Scan| Said(scan).to_string();
            [difference.line.to_string(), difference.is.to_owned(), said(&difference.old), said(&difference.new)]
        };
        let head = ["line", "is", "old", "new"].map(str::to_owned);
        let rows: Vec<Vec<String>> = std::iter::once(head).chain(differences.iter().map(row)).map(Vec::from).collect();
        print!("{}", table::aligned(&rows));
    }
    Ok(())
}

/// An outcome and its reasons.
struct Said<'a>(&'a Scan);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut reasons: Vec<&str> = self.0.detectors.iter().map(|detected| detected.reason).collect();
        reasons.sort_unstable();
        reasons.dedup();
        f.write_str(self.0.outcome)?;
        if reasons.is_empty() { Ok(()) } else { write!(f, " ({})", reasons.join(", ")) }
    }
}
