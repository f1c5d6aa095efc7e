//! Measures prompt-guard on a labelled corpus.
//!
//! ```text
//! portcullis-eval [TABLE…]
//! ```
//!
//! Without a name all tables are made. Every figure that something is asked of has an aim and a floor ([`goal`]). Exit: 0 if
//! every floor holds, whatever aims are missed; 1 if a figure is behind its floor; 2 if nothing could be measured.

// A program for developers: nobody sends it anything.
#![allow(clippy::arithmetic_side_effects, clippy::disallowed_methods)]

mod cost;
mod encoded;
mod goal;
mod injection;
mod pii;
mod secrets;
mod signature;
mod speed;

use std::process::ExitCode;

use portcullis_training::corpus::Corpus;

/// A table: its name, and what makes it. It says whether its floors hold.
type Table = (&'static str, fn(&Corpus) -> Result<bool, String>);

const TABLES: &[Table] = &[
    ("encoded", encoded::run),
    ("injection", injection::run),
    ("pii", pii::run),
    ("secrets", secrets::run),
    ("signature", signature::run),
];

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(fault) => {
            eprintln!("eval: {fault}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool, String> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = wanted.iter().find(|name| TABLES.iter().all(|(table, _)| table != name)) {
        let names: Vec<_> = TABLES.iter().map(|(name, _)| *name).collect();
        return Err(format!("{unknown}: expected one of {}", names.join(", ")));
    }
    let corpus = Corpus::open()?;
    let mut holds = true;
    for (name, table) in TABLES.iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|wish| wish == name)) {
        println!("## {name}\n");
        holds &= table(&corpus)?;
        println!();
    }
    Ok(holds)
}
