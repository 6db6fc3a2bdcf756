//! `trailhound coverage`: what rules cover, and what none does.

mod facts;
mod markdown;
mod measure;
mod navigator;

use std::io;

use trailhound_rule_engine::{Tests, catalog::Catalog};

use self::{
    facts::Fact,
    measure::{Below, Coverage},
};
use crate::{
    arguments::{CoverageArguments, CoverageFormat},
    exit_status::ExitStatus,
    output::Output,
    rule_files,
};

pub(crate) fn run(arguments: &CoverageArguments, output: &mut Output) -> io::Result<ExitStatus> {
    let files = rule_files::load(&arguments.rules.paths, &arguments.rules.lists.files, Tests::PassOver);
    files.report_unreadable(output);
    files.report_skipped(output);
    files.report_diagnostics(output);
    if files.status() != ExitStatus::Clean {
        output.error("nothing is measured, because the rules could not be loaded");
        return Ok(ExitStatus::CouldNotRun);
    }
    let (facts, below) = Fact::of_all(&files.loaded.rules, arguments.level);
    let coverage = Coverage::of(&facts, Below { level: arguments.level, facts: &below }, &Catalog::built_in());
    match arguments.format {
        CoverageFormat::Markdown => output.text(markdown::page(&coverage))?,
        CoverageFormat::Json => output.json_document(&coverage)?,
        CoverageFormat::Navigator => output.json_document(&navigator::layer(&coverage))?,
    }
    Ok(ExitStatus::Clean)
}
