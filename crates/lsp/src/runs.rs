//! Running the tests of the rules of a file.

use std::path::Path;

use lsp_types::{Diagnostic, DiagnosticSeverity, NumberOrString};
use serde::Serialize;
use trailhound_rule_engine::suite::{self, Outcome, TestResult};

use crate::{
    address,
    symbols::SOURCE,
    workspace::{Files, Open, Workspace},
};

/// The command that runs tests; its arguments are the URI of the file and the line, from zero, at which the rule
/// starts. Without a line the tests of all rules of the file are run.
pub(crate) const RUN_TESTS: &str = "trailhound.runTests";

/// What came of a run.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Run {
    rules: usize,
    passed: usize,
    failed: usize,
    #[serde(skip)]
    pub(crate) diagnostics: Vec<Diagnostic>,
}

pub(crate) fn run(workspace: &Workspace, open: &Open, line: Option<u64>, files: &dyn Files) -> Run {
    let name = address::name(&open.uri);
    let is_meant = |found: &str, at: usize| {
        found == name && line.is_none_or(|line| u64::try_from(at).is_ok_and(|at| at == line + 1))
    };
    let beside = |file: &str| files.read(&Path::new(&name).with_file_name(file));
    let mut run = Run::default();
    for (_, rule) in workspace.loaded.rules.iter() {
        if is_meant(rule.source().name(), rule.position().line) {
            run.take(suite::run(rule, &beside), open);
        }
    }
    for (index, correlation) in workspace.loaded.rules.correlations() {
        if is_meant(correlation.source().name(), correlation.position().line) {
            run.take(suite::run_correlation(&workspace.loaded.rules, index, &beside), open);
        }
    }
    run
}

impl Run {
    fn take(&mut self, results: Vec<TestResult>, open: &Open) {
        self.rules += 1;
        for result in results {
            if result.passed() {
                self.passed += 1;
            } else {
                self.failed += 1;
                self.diagnostics.push(failure(&result, open));
            }
        }
    }

    pub(crate) fn has_failures(&self) -> bool {
        self.failed > 0 || self.rules == 0
    }

    /// The result in a sentence.
    pub(crate) fn in_words(&self) -> String {
        let Run { rules, passed, failed, .. } = self;
        if *rules == 0 {
            return "no test was run: the rule has errors, or is for other logs".to_owned();
        }
        format!("{passed} of {} tests passed", passed + failed)
    }
}

fn failure(result: &TestResult, open: &Open) -> Diagnostic {
    let reason = match &result.outcome {
        Outcome::Passed => "passed".to_owned(),
        Outcome::Failed { expected_match: true, event } => format!("the rule does not match event {event}"),
        Outcome::Failed { expected_match: false, event } => format!("the rule matches event {event}"),
        Outcome::AlertedElsewhere { expected, actual } => {
            let at = |names: &[String]| if names.is_empty() { "no event".to_owned() } else { names.join(", ") };
            let expected = expected.as_ref().map_or_else(|| "some event".to_owned(), |names| at(names));
            format!("an alert is expected at {expected} and comes at {}", at(actual))
        }
        Outcome::Broken { reason } => format!("the test cannot be run: {reason}"),
    };
    let line = result.position.line.saturating_sub(1);
    let start = open.text.line_start(line);
    let content = open.text.line(line);
    let indent = content.len() - content.trim_start().len();
    Diagnostic {
        range: open.text.range(trailhound_rule_engine::Span::new(start + indent, start + content.len())),
        severity: Some(DiagnosticSeverity::ERROR),
        code: Some(NumberOrString::String("test".to_owned())),
        source: Some(SOURCE.to_owned()),
        message: format!("test `{}` failed: {reason}", result.name),
        ..Diagnostic::default()
    }
}
