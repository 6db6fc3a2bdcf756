//! `trailhound test`: runs the tests that rules carry, and says what they do not ask.

mod junit;
mod quality;

use std::io;

use serde::Serialize;
use serde_json::Value;
use trailhound_rule_engine::{
    Rule, Source, Tests,
    explain::Explanation,
    oracle::Json,
    suite::{self, Outcome, TestResult},
};

use self::quality::{CoverageReport, MutationReport};
use crate::{
    arguments::{TestArguments, TestFormat},
    exit_status::ExitStatus,
    explained::{self, Miss},
    output::{Output, Paint, printable},
    rule_files::{self, Carrier, RuleFiles},
    wire::{Problem, RuleLabel},
};

/// Blanks before what is said of a test.
const INDENT: usize = 7;

/// The tests of all rules, run.
#[derive(Debug, Serialize)]
struct Run<'r> {
    tests: Vec<Test<'r>>,
    /// Rules that carry no test.
    untested: Vec<Untested<'r>>,
    diagnostics: &'r [trailhound_rule_engine::Diagnostic],
    problems: Vec<Problem>,
    summary: Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<CoverageReport<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mutation: Option<MutationReport<'r>>,
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
    /// What the event of a test that failed made of the rule.
    explanation: Option<Explained>,
    /// The same in lines for people.
    #[serde(skip)]
    shown: Vec<String>,
    #[serde(skip)]
    source: &'r Source,
}

#[derive(Debug, Serialize)]
struct Explained {
    nearest_miss: Option<Miss>,
    condition: Value,
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

pub(crate) fn run(arguments: &TestArguments, output: &mut Output) -> io::Result<ExitStatus> {
    if arguments.format == TestFormat::Junit && (arguments.coverage || arguments.mutate) {
        output.error("`--format junit` has no place for coverage and mutants; ask for them in another run");
        return Ok(ExitStatus::CouldNotRun);
    }
    let files = rule_files::load(&arguments.rules.paths, &arguments.rules.lists.files, Tests::Read);
    files.report_unreadable(output);
    files.report_skipped(output);
    files.report_diagnostics(output);
    let paint = if arguments.format == TestFormat::Text { output.paint() } else { Paint::Plain };
    let mut run = Run::of(&files, paint);
    run.coverage = arguments.coverage.then(|| CoverageReport::of(&files));
    run.mutation = arguments.mutate.then(|| MutationReport::of(&files, arguments));
    match arguments.format {
        TestFormat::Text if files.is_nothing() => {}
        TestFormat::Text => print_text(&run, output)?,
        TestFormat::Json => output.json_document(&run)?,
        TestFormat::Junit => junit::print(&run, output)?,
    }
    Ok(files.status().max(run.status(arguments)))
}

fn print_text(run: &Run<'_>, output: &mut Output) -> io::Result<()> {
    let paint = output.paint();
    for test in run.tests.iter().filter(|test| test.outcome != Verdict::Passed) {
        let Test { file, line, column, .. } = test;
        let word = if test.outcome == Verdict::Broken { "BROKEN" } else { "FAILED" };
        output.line(format_args!("{} {}:{line}:{column}", paint.error(word), printable(file)))?;
        output.line(format_args!("       {}: {}", test.rule.title(), printable(&test.name)))?;
        output.line(format_args!("       {}", printable(test.reason.as_deref().unwrap_or_default())))?;
        for line in &test.shown {
            output.line(format_args!("{:INDENT$}{line}", ""))?;
        }
        output.line("")?;
    }
    for rule in &run.untested {
        output.warning(format_args!(
            "{}:{}: the rule `{}` has no tests",
            printable(rule.file),
            rule.line,
            rule.rule.title()
        ));
    }
    if let Some(coverage) = &run.coverage {
        coverage.print(output)?;
    }
    if let Some(mutation) = &run.mutation {
        mutation.print(output)?;
    }
    output.line(format_args!("{} passed, {} failed", run.summary.passed, run.summary.failed))
}

impl<'r> Run<'r> {
    fn of(files: &'r RuleFiles, paint: Paint) -> Self {
        let rules = &files.loaded.rules;
        let of_rules = rules.iter().map(|(_, rule)| {
            let read = |name: &str| files.event_file(rule.source(), name);
            let results = suite::run(rule, &read).into_iter().enumerate();
            let tests = results.map(|(number, result)| {
                let explanation = explanation(rule, number, &result, &read);
                Test::new(rule.into(), result).explained(explanation.as_ref(), paint)
            });
            (Carrier::from(rule), tests.collect())
        });
        let of_correlations = rules.correlations().map(|(index, correlation)| {
            let carrier = Carrier::from(correlation);
            let results = suite::run_correlation(rules, index, &|name| files.event_file(carrier.source, name));
            (carrier, results.into_iter().map(|result| Test::new(carrier, result)).collect())
        });
        let results: Vec<(Carrier<'r>, Vec<Test<'r>>)> = of_rules.chain(of_correlations).collect();
        let untested: Vec<Untested<'r>> = results
            .iter()
            .filter(|(_, results)| results.is_empty())
            .map(|(carrier, _)| Untested::from(*carrier))
            .collect();
        let loaded = results.len();
        let tests: Vec<Test<'r>> = results.into_iter().flat_map(|(_, tests)| tests).collect();
        let passed = tests.iter().filter(|test| test.outcome == Verdict::Passed).count();
        Run {
            summary: Summary { rules: loaded, untested: untested.len(), passed, failed: tests.len() - passed },
            diagnostics: &files.loaded.diagnostics,
            problems: files.unreadable.iter().map(Problem::from).collect(),
            tests,
            untested,
            coverage: None,
            mutation: None,
        }
    }

    /// What the tests and, if it was asked for, the lowest score say.
    fn status(&self, arguments: &TestArguments) -> ExitStatus {
        let lowest = self.mutation.as_ref().map(MutationReport::lowest);
        let too_low = arguments.min_score.zip(lowest).is_some_and(|(wanted, lowest)| lowest < usize::from(wanted));
        if self.summary.failed > 0 || too_low { ExitStatus::Problems } else { ExitStatus::Clean }
    }
}

/// Why a test of a rule failed.
fn explanation(
    rule: &Rule,
    number: usize,
    result: &TestResult,
    read: &dyn Fn(&str) -> Result<String, String>,
) -> Option<Explanation> {
    let Outcome::Failed { event, .. } = result.outcome else { return None };
    let test = rule.tests().get(number)?;
    let record = test.records(read).ok()?.into_iter().nth(event)?;
    Some(Explanation::alone(&test.rule(rule), &Json::record(&record).ok()?))
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
            explanation: None,
            shown: Vec::new(),
            source: carrier.source,
        }
    }

    fn explained(mut self, explanation: Option<&Explanation>, paint: Paint) -> Self {
        let Some(explanation) = explanation else { return self };
        self.shown = explained::tree(&explanation.rule, self.source, paint, INDENT);
        let miss = explanation.nearest_miss();
        self.shown.extend(miss.iter().flat_map(|miss| explained::sentence_lines(miss, INDENT)));
        let condition = explained::json_tree(&explanation.rule, self.source);
        self.explanation = Some(Explained { nearest_miss: Miss::of(explanation), condition });
        self
    }

    fn is_of_same_rule(&self, other: &Self) -> bool {
        self.file == other.file && self.rule.title() == other.rule.title()
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
