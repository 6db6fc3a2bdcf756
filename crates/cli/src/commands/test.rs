//! `trailhound test`: runs the tests that rules carry.

use std::io;

use serde::Serialize;
use trailhound_rule_engine::{
    Tests,
    suite::{self, Outcome, TestResult},
};

use crate::{
    arguments::{Format, RuleArguments},
    exit_status::ExitStatus,
    output::{Output, printable},
    rule_files::{self, Carrier, RuleFiles},
    wire::{Problem, RuleLabel},
};

/// The tests of all rules, run.
#[derive(Debug, Serialize)]
struct Run<'r> {
    tests: Vec<Test<'r>>,
    /// Rules that carry no test.
    untested: Vec<Untested<'r>>,
    diagnostics: &'r [trailhound_rule_engine::Diagnostic],
    problems: Vec<Problem>,
    summary: Summary,
}

#[derive(Debug, Serialize)]
struct Test<'r> {
    rule: RuleLabel<'r>,
    file: &'r str,
    line: usize,
    column: usize,
    name: String,
    outcome: Verdict,
    /// Why the test did not pass.
    reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Passed,
    Failed,
    Broken,
}

#[derive(Debug, Serialize)]
struct Untested<'r> {
    rule: RuleLabel<'r>,
    file: &'r str,
    line: usize,
}

#[derive(Debug, Serialize)]
struct Summary {
    rules: usize,
    untested: usize,
    passed: usize,
    failed: usize,
}

pub(crate) fn run(arguments: &RuleArguments, output: &mut Output) -> io::Result<ExitStatus> {
    let files = rule_files::load(&arguments.paths, &arguments.lists, Tests::Read);
    files.report_unreadable(output);
    files.report_skipped(output);
    files.report_diagnostics(output);
    let run = Run::of(&files);
    let failed = if run.summary.failed > 0 { ExitStatus::Problems } else { ExitStatus::Clean };
    match arguments.format {
        Format::Text => print_text(&run, output)?,
        Format::Json => output.json_document(&run)?,
    }
    Ok(files.status().max(failed))
}

fn print_text(run: &Run<'_>, output: &mut Output) -> io::Result<()> {
    let paint = output.paint();
    for test in run.tests.iter().filter(|test| test.outcome != Verdict::Passed) {
        let Test { file, line, column, .. } = test;
        let word = if test.outcome == Verdict::Broken { "BROKEN" } else { "FAILED" };
        output.line(format_args!("{} {}:{line}:{column}", paint.error(word), printable(file)))?;
        output.line(format_args!("       {}: {}", test.rule.title(), printable(&test.name)))?;
        output.line(format_args!("       {}\n", printable(test.reason.as_deref().unwrap_or_default())))?;
    }
    for rule in &run.untested {
        output.warning(format_args!(
            "{}:{}: the rule `{}` has no tests",
            printable(rule.file),
            rule.line,
            rule.rule.title()
        ));
    }
    output.line(format_args!("{} passed, {} failed", run.summary.passed, run.summary.failed))
}

impl<'r> Run<'r> {
    fn of(files: &'r RuleFiles) -> Self {
        let rules = &files.loaded.rules;
        let of_rules = rules.iter().map(|(_, rule)| {
            let carrier = Carrier::from(rule);
            (carrier, suite::run(rule, &|name| files.event_file(carrier.source, name)))
        });
        let of_correlations = rules.correlations().map(|(index, correlation)| {
            let carrier = Carrier::from(correlation);
            (carrier, suite::run_correlation(rules, index, &|name| files.event_file(carrier.source, name)))
        });
        let results: Vec<(Carrier<'r>, Vec<TestResult>)> = of_rules.chain(of_correlations).collect();
        let untested: Vec<Untested<'r>> = results
            .iter()
            .filter(|(_, results)| results.is_empty())
            .map(|(carrier, _)| Untested::from(*carrier))
            .collect();
        let loaded = results.len();
        let tests: Vec<Test<'r>> = results
            .into_iter()
            .flat_map(|(carrier, results)| results.into_iter().map(move |result| Test::new(carrier, result)))
            .collect();
        let passed = tests.iter().filter(|test| test.outcome == Verdict::Passed).count();
        Run {
            summary: Summary { rules: loaded, untested: untested.len(), passed, failed: tests.len() - passed },
            diagnostics: &files.loaded.diagnostics,
            problems: files.unreadable.iter().map(Problem::from).collect(),
            tests,
            untested,
        }
    }
}

impl<'r> Test<'r> {
    fn new(carrier: Carrier<'r>, result: TestResult) -> Self {
        let (outcome, reason) = match result.outcome {
            Outcome::Passed => (Verdict::Passed, None),
            Outcome::Failed { expected_match: true, event } => {
                (Verdict::Failed, Some(format!("expected a match, but the rule does not match{}", of(event))))
            }
            Outcome::Failed { expected_match: false, event } => {
                (Verdict::Failed, Some(format!("expected no match, but the rule matches{}", of(event))))
            }
            Outcome::AlertedElsewhere { expected, actual } => {
                (Verdict::Failed, Some(format!("expected {}, but it alerts {}", wanted(expected), at(&actual))))
            }
            Outcome::Broken { reason } => (Verdict::Broken, Some(reason)),
        };
        Test {
            rule: carrier.metadata.into(),
            file: carrier.source.name(),
            line: result.position.line,
            column: result.position.column,
            name: result.name,
            outcome,
            reason,
        }
    }
}

/// Names an event of a test; the first needs no name, as most tests have only one.
fn of(event: usize) -> String {
    if event == 0 { String::new() } else { format!(" `events[{event}]`") }
}

fn wanted(events: Option<Vec<String>>) -> String {
    match events {
        None => "an alert".to_owned(),
        Some(events) if events.is_empty() => "no alert".to_owned(),
        Some(events) => format!("an alert {}", at(&events)),
    }
}

/// Names the events of a correlation's alerts.
fn at(events: &[String]) -> String {
    match events {
        [] => "nowhere".to_owned(),
        events => format!("at {}", events.iter().map(|event| format!("`{event}`")).collect::<Vec<_>>().join(", ")),
    }
}

impl<'r> From<Carrier<'r>> for Untested<'r> {
    fn from(carrier: Carrier<'r>) -> Self {
        Untested { rule: carrier.metadata.into(), file: carrier.source.name(), line: carrier.position.line }
    }
}
