//! The commands, each in the module of its name.

mod catalog;
mod check;
mod config;
mod coverage;
#[cfg(feature = "aws")]
mod doctor;
#[cfg(not(feature = "aws"))]
#[path = "doctor_absent.rs"]
mod doctor;
mod explain;
#[cfg(feature = "aws")]
mod lookup;
#[cfg(not(feature = "aws"))]
#[path = "lookup_absent.rs"]
mod lookup;
mod lsp;
mod new;
mod rules;
mod run;
mod scan;
mod schema;
#[cfg(feature = "aws")]
mod send_test;
#[cfg(not(feature = "aws"))]
#[path = "send_test_absent.rs"]
mod send_test;
mod shell;
mod test;
mod verify;

use std::io;

use crate::{arguments::Command, exit_status::ExitStatus, output::Output};

/// Runs a command. The only errors are those of printing results.
pub(crate) fn run(command: &Command, output: &mut Output) -> io::Result<ExitStatus> {
    match command {
        Command::Scan(arguments) => scan::run(arguments, output),
        Command::Run(arguments) => Ok(run::run(arguments, output)),
        Command::Check(arguments) => check::run(arguments, output),
        Command::Catalog(arguments) => catalog::run(arguments, output),
        Command::Test(arguments) => test::run(arguments, output),
        Command::Explain(arguments) => explain::run(arguments, output),
        Command::New(arguments) => new::run(arguments, output),
        Command::Rules(arguments) => rules::run(arguments, output),
        Command::Coverage(arguments) => coverage::run(arguments, output),
        Command::Config(arguments) => config::run(arguments, output),
        Command::Doctor(arguments) => doctor::run(arguments, output),
        Command::Lookup(arguments) => lookup::run(arguments, output),
        Command::SendTest(arguments) => send_test::run(arguments, output),
        Command::Schema(arguments) => schema::run(arguments, output),
        Command::Lsp(arguments) => Ok(lsp::run(arguments, output)),
        Command::Completions(arguments) => shell::completions(arguments, output),
        Command::Man(arguments) => shell::man(arguments, output),
        Command::Verify(arguments) => verify::run(arguments, output),
    }
}
