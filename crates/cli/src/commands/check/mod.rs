//! `trailhound check`: shows every mistake in rule files.

pub(super) mod page;
mod sarif;

use std::{io, path::PathBuf};

use serde::Serialize;
use trailhound_rule_engine::{Diagnostic, Severity, catalog::Catalog, report};

use crate::{
    arguments::{CheckArguments, CheckFormat},
    exit_status::ExitStatus,
    inputs::read_text,
    output::{Output, count, printable},
    rule_files::{self, RuleFiles},
    wire::{Problem, Skipped},
};

#[derive(Debug, Serialize)]
struct Document<'f> {
    diagnostics: &'f [Diagnostic],
    skipped: Vec<Skipped<'f>>,
    problems: Vec<Problem>,
    summary: Summary,
}

#[derive(Debug, Serialize)]
struct Summary {
    files: usize,
    rules: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    skipped: usize,
}

pub(crate) fn run(arguments: &CheckArguments, output: &mut Output) -> io::Result<ExitStatus> {
    if let Some(code) = arguments.explain {
        output.text(page::of(code))?;
        return Ok(ExitStatus::Clean);
    }
    let Some(catalog) = catalog(&arguments.catalog, output) else { return Ok(ExitStatus::CouldNotRun) };
    let mut files = rule_files::load_linted(&arguments.rules.paths, &arguments.rules.lists.files, catalog);
    files.loaded.diagnostics.retain(|diagnostic| !arguments.allow.contains(&diagnostic.code()));
    let summary = Summary::of(&files);
    files.report_unreadable(output);
    files.report_skipped(output);
    let failing = files.loaded.diagnostics.iter().any(|found| found.severity() >= arguments.fail_on.severity());
    match arguments.format {
        CheckFormat::Text => print_text(&files, &summary, output)?,
        CheckFormat::Json => output.json_document(&Document {
            diagnostics: &files.loaded.diagnostics,
            skipped: files.loaded.skipped.iter().map(Skipped::from).collect(),
            problems: files.unreadable.iter().map(Problem::from).collect(),
            summary,
        })?,
        CheckFormat::Sarif => output.json_document(&sarif::Log::of(&files.loaded.diagnostics))?,
    }
    Ok(files.status().max(if failing { ExitStatus::Problems } else { ExitStatus::Clean }))
}

/// The built-in catalogue and those of the files; none after one could not be read.
pub(super) fn catalog(files: &[PathBuf], output: &Output) -> Option<Catalog> {
    let mut catalog = Catalog::built_in();
    for path in files {
        match read_text(path) {
            Ok(text) => {
                if let Err(bad) = catalog.read(&text) {
                    output.error(format_args!("{}: {bad}", printable(&path.display().to_string())));
                    return None;
                }
            }
            Err(unreadable) => {
                output.unreadable(&unreadable);
                return None;
            }
        }
    }
    Some(catalog)
}

fn print_text(files: &RuleFiles, summary: &Summary, output: &mut Output) -> io::Result<()> {
    if files.is_nothing() {
        return Ok(());
    }
    let paint = output.paint();
    output.text(report::text(&files.loaded.diagnostics, paint.report_color()))?;
    let notes = if summary.notes > 0 { format!(", {}", count(summary.notes, "note")) } else { String::new() };
    output.line(format_args!(
        "{}, {}, {}, {}{notes}",
        count(summary.files, "file"),
        count(summary.rules, "rule"),
        count(summary.errors, "error"),
        count(summary.warnings, "warning"),
    ))?;
    let lint = files.loaded.diagnostics.iter().map(Diagnostic::code).find(|code| code.is_lint());
    if let Some(code) = lint {
        output.note(format_args!("`trailhound check --explain {code}` says what a lint means and how to allow it"));
    }
    Ok(())
}

impl Summary {
    fn of(files: &RuleFiles) -> Self {
        let of_severity =
            |severity| files.loaded.diagnostics.iter().filter(|diagnostic| diagnostic.severity() == severity).count();
        Summary {
            files: files.count,
            rules: files.rules(),
            errors: of_severity(Severity::Error),
            warnings: of_severity(Severity::Warning),
            notes: of_severity(Severity::Note),
            skipped: files.loaded.skipped.len(),
        }
    }
}
