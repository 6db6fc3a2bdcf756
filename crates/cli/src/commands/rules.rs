//! `trailhound rules`: lists rules.

use std::{cmp::Reverse, io};

use serde::Serialize;
use trailhound_rule_engine::{Level, Tests};

use crate::{
    arguments::{Format, RuleArguments},
    exit_status::ExitStatus,
    output::{Output, count, printable},
    rule_files::{self, Carrier},
    wire::RuleLabel,
};

/// Names up to this width make up a column; a longer one pushes its title to the right.
const WIDEST_COLUMN: usize = 40;

#[derive(Debug, Serialize)]
struct Document<'r> {
    rules: Vec<Entry<'r>>,
}

#[derive(Debug, Serialize)]
struct Entry<'r> {
    #[serde(flatten)]
    label: RuleLabel<'r>,
    description: Option<&'r str>,
    tags: &'r [String],
    tests: usize,
    file: &'r str,
    line: usize,
}

pub(crate) fn run(arguments: &RuleArguments, output: &mut Output) -> io::Result<ExitStatus> {
    let files = rule_files::load(&arguments.rules.paths, &arguments.rules.lists.files, Tests::Read);
    files.report_unreadable(output);
    files.report_skipped(output);
    files.report_diagnostics(output);
    let mut rules: Vec<Carrier<'_>> = files.carriers().collect();
    rules.sort_by_key(|rule| (Reverse(rule.metadata.level), rule.metadata.handle()));
    match arguments.format {
        Format::Text if files.is_nothing() => {}
        Format::Text => print_text(&rules, output)?,
        Format::Json => output.json_document(&Document { rules: rules.into_iter().map(Entry::of).collect() })?,
    }
    Ok(files.status())
}

fn print_text(rules: &[Carrier<'_>], output: &mut Output) -> io::Result<()> {
    let paint = output.paint();
    let level_width = widest(rules, |rule| rule.metadata.level.as_str().len());
    let name_width = widest(rules, |rule| rule.metadata.handle().chars().count()).min(WIDEST_COLUMN);
    for rule in rules {
        let metadata = rule.metadata;
        output.line(format_args!(
            "{:level_width$}  {:name_width$}  {}",
            paint.level(metadata.level),
            printable(metadata.handle()),
            printable(&metadata.title),
        ))?;
    }
    let levels = Level::ALL.into_iter().rev().filter_map(|level| {
        let number = rules.iter().filter(|rule| rule.metadata.level == level).count();
        (number > 0).then(|| format!("{number} {level}"))
    });
    let levels: Vec<String> = levels.collect();
    output.line(format_args!("{}: {}", count(rules.len(), "rule"), levels.join(", ")))
}

fn widest(rules: &[Carrier<'_>], column: impl Fn(&Carrier<'_>) -> usize) -> usize {
    rules.iter().map(column).max().unwrap_or_default()
}

impl<'r> Entry<'r> {
    fn of(rule: Carrier<'r>) -> Self {
        let metadata = rule.metadata;
        Entry {
            label: metadata.into(),
            description: metadata.description.as_deref(),
            tags: &metadata.tags,
            tests: rule.tests,
            file: rule.source.name(),
            line: rule.position.line,
        }
    }
}
