//! `portcullis`: what an operator does with the filters outside of Envoy, built from the same crates. One file for each
//! subcommand.
//!
//! What a command makes goes to standard output, and nothing else does; what people should know goes to standard error.
//! The exit status is 0 when it is done, 1 when it is not (standard error says what was found, what was expected and
//! what to do), 2 when the command line is wrong, and 3 when it is done and the answer is no: the request is refused, or
//! something was found.

mod bundle;
mod check;
mod explain;
mod hash_key;
mod manual;
mod replay;
mod scan;
mod table;

use std::fmt;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "portcullis", version, about = "What an operator does with Portcullis filters outside of Envoy")]
#[command(
    after_help = "Exit status: 0 done; 1 not done, and standard error says why; 2 a wrong command line; 3 done, and \
                        the answer is no."
)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Bundle(bundle::Arguments),
    Check(check::Arguments),
    Completions(manual::Completions),
    Explain(explain::Arguments),
    HashKey(Box<hash_key::Arguments>),
    Man(manual::Manual),
    Replay(replay::Arguments),
    Scan(scan::Arguments),
}

/// The status of a command that is done, and whose answer is no.
const DENIED: u8 = 3;

fn main() -> ExitCode {
    let done = match CommandLine::parse().command {
        Command::Bundle(arguments) => bundle::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Completions(arguments) => manual::completions(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::HashKey(arguments) => hash_key::run(*arguments).map(|()| ExitCode::SUCCESS),
        Command::Man(arguments) => manual::man(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Scan(arguments) => scan::run(&arguments),
    };
    match done {
        Ok(status) => status,
        Err(fault) => {
            eprintln!("portcullis: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// Why a command did not do what it was told, in one sentence for who typed it.
#[derive(Debug, PartialEq, Eq)]
struct Fault(String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Fault {
    fn from(sentence: String) -> Self {
        Self(sentence)
    }
}

impl From<&str> for Fault {
    fn from(sentence: &str) -> Self {
        Self(sentence.to_owned())
    }
}
