//! `trailhound completions` and `trailhound man`: what is made from the definition of the command line.

use std::io;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::{
    arguments::{Arguments, CompletionsArguments, ManArguments},
    exit_status::ExitStatus,
    output::Output,
};

const NAME: &str = "trailhound";

/// Prints what a shell reads to complete words.
pub(crate) fn completions(arguments: &CompletionsArguments, output: &mut Output) -> io::Result<ExitStatus> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), NAME, &mut script);
    output.text(String::from_utf8_lossy(&script))?;
    Ok(ExitStatus::Clean)
}

/// Prints the man page of the program or of one command.
pub(crate) fn man(arguments: &ManArguments, output: &mut Output) -> io::Result<ExitStatus> {
    let mut program = Arguments::command();
    // Gives each command its full name, by which pages are found, as those of `git` are.
    program.build();
    let page = match &arguments.command {
        None => Some(program),
        Some(name) => program.find_subcommand(name).cloned().map(|command| command.version(env!("CARGO_PKG_VERSION"))),
    };
    let Some(page) = page else {
        output.error("there is no such command; `trailhound --help` names them all");
        return Ok(ExitStatus::CouldNotRun);
    };
    let mut text = Vec::new();
    Man::new(page).render(&mut text)?;
    output.text(String::from_utf8_lossy(&text))?;
    Ok(ExitStatus::Clean)
}
