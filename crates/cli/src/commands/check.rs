//! `trailhound check`: shows every mistake in rule files.

use std::io;

use serde::Serialize;
use trailhound_rule_engine::{Diagnostic, Severity, Tests, report};

use crate::{
    arguments::{Format, RuleArguments},
    exit_status::ExitStatus,
    output::{Output, count},
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
    skipped: usize,
}

pub(crate) fn run(arguments: &RuleArguments, output: &mut Output) -> io::Result<ExitStatus> {
    let files = rule_files::load(&arguments.paths, &arguments.lists, Tests::Read);
    let summary = Summary::of(&files);
    files.report_unreadable(output);
    files.report_skipped(output);
    match arguments.format {
        Format::Text => print_text(&files, &summary, output)?,
        Format::Json => output.json_document(&Document {
            diagnostics: &files.loaded.diagnostics,
            skipped: files.loaded.skipped.iter().map(Skipped::from).collect(),
            problems: files.unreadable.iter().map(Problem::from).collect(),
            summary,
        })?,
    }
    Ok(files.status())
}

fn print_text(files: &RuleFiles, summary: &Summary, output: &mut Output) -> io::Result<()> {
    let paint = output.paint();
    output.text(report::text(&files.loaded.diagnostics, paint.report_color()))?;
    output.line(format_args!(
        "{}, {}, {}, {}",
        count(summary.files, "file"),
        count(summary.rules, "rule"),
        count(summary.errors, "error"),
        count(summary.warnings, "warning"),
    ))
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
            skipped: files.loaded.skipped.len(),
        }
    }
}
