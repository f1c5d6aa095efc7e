//! `portcullis completions` and `portcullis man`: what a shell completes and a reader looks up, made from the command line
//! itself.

use std::io::Write;
use std::process::ExitCode;

use clap::{Args, Command, CommandFactory as _};
use clap_complete::Shell;

use crate::{CommandLine, Fault};

/// Print what a shell completes, for it to read: source <(portcullis completions bash)
#[derive(Args)]
pub(crate) struct Completions {
    /// Whose syntax
    #[arg(value_enum)]
    shell: Shell,
}

/// Print the manual page: portcullis man | man -l -
#[derive(Args)]
pub(crate) struct Manual {
    /// The page of this subcommand
    subcommand: Option<String>,
}

pub(crate) fn completions(arguments: &Completions) -> Result<ExitCode, Fault> {
    let mut command = CommandLine::command();
    let name = command.get_name().to_owned();
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, name, &mut text);
    print(&text)
}

pub(crate) fn man(arguments: &Manual) -> Result<ExitCode, Fault> {
    let command = CommandLine::command();
    let command = match &arguments.subcommand {
        None => command,
        Some(name) => named(&command, name)?,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(command).render(&mut text).map_err(|error| error.to_string())?;
    print(&text)
}

/// A subcommand by the name that is typed.
fn named(command: &Command, name: &str) -> Result<Command, Fault> {
    let known = || command.get_subcommands().map(Command::get_name).collect::<Vec<_>>().join(", ");
    let found = command.find_subcommand(name).ok_or_else(|| format!("{name}: expected one of {}", known()))?;
    Ok(found.clone().name(format!("{}-{name}", command.get_name())))
}

fn print(text: &[u8]) -> Result<ExitCode, Fault> {
    std::io::stdout().write_all(text).map_err(|error| error.to_string())?;
    Ok(ExitCode::SUCCESS)
}
