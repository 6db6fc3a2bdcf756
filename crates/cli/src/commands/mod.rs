//! The commands, each in the module of its name.

mod check;
#[cfg(feature = "aws")]
mod doctor;
#[cfg(not(feature = "aws"))]
#[path = "doctor_absent.rs"]
mod doctor;
mod rules;
mod scan;
mod test;
mod verify;

use std::io;

use crate::{arguments::Command, exit_status::ExitStatus, output::Output};

/// Runs a command. The only errors are those of printing results.
pub(crate) fn run(command: &Command, output: &mut Output) -> io::Result<ExitStatus> {
    match command {
        Command::Scan(arguments) => scan::run(arguments, output),
        Command::Check(arguments) => check::run(arguments, output),
        Command::Test(arguments) => test::run(arguments, output),
        Command::Rules(arguments) => rules::run(arguments, output),
        Command::Doctor(arguments) => doctor::run(arguments, output),
        Command::Verify(arguments) => verify::run(arguments, output),
    }
}
