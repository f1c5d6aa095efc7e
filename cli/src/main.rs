//! `portcullis`: what an operator does with the filters outside of Envoy, built from the same crates. One file for each
//! subcommand.
//!
//! What a command makes goes to standard output, and nothing else does; what people should know goes to standard error.
//! The exit status is 0 when it is done, 1 when it is not (standard error says what was found, what was expected and
//! what to do), 2 when the command line is wrong.

mod hash_key;

use std::fmt;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "portcullis", version, about = "What an operator does with Portcullis filters outside of Envoy")]
#[command(after_help = "Exit status: 0 done; 1 not done, and standard error says why; 2 a wrong command line.")]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    HashKey(hash_key::Arguments),
}

fn main() -> ExitCode {
    let done = match CommandLine::parse().command {
        Command::HashKey(arguments) => hash_key::run(arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
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
