//! The command line of Trailhound.

#![allow(clippy::disallowed_methods, reason = "only the pure crates must do without files, clock and environment")]

mod arguments;
mod chosen_record;
mod commands;
mod exit_status;
mod explained;
mod inputs;
mod output;
mod rule_files;
mod spool;
mod wire;

use std::process::ExitCode;

use clap::Parser;

use crate::{arguments::Arguments, exit_status::ExitStatus, output::Output};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(usage) => return arguments::explain(&usage),
    };
    let mut output = Output::new(arguments.color);
    let status = commands::run(&arguments.command, &mut output);
    match status.and_then(|status| output.finish().map(|()| status)) {
        Ok(status) => status.into(),
        Err(error) => {
            output.error(format_args!("the results cannot be written: {error}"));
            ExitStatus::CouldNotRun.into()
        }
    }
}
