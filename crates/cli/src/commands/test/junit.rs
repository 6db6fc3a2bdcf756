//! The XML of `JUnit` that CI systems read: a suite for each rule, a case for each test.

use std::{fmt::Write as _, io};

use trailhound_rule_engine::Severity;

use super::{Run, Test, Verdict};
use crate::output::Output;

pub(super) fn print(run: &Run<'_>, output: &mut Output) -> io::Result<()> {
    let errors: Vec<String> = unloaded(run);
    let broken = run.tests.iter().filter(|test| test.outcome == Verdict::Broken).count();
    let failed = run.tests.iter().filter(|test| test.outcome == Verdict::Failed).count();
    output.line("<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    output.line(format_args!(
        "<testsuites name=\"trailhound\" tests=\"{}\" failures=\"{failed}\" errors=\"{}\">",
        run.tests.len() + errors.len(),
        broken + errors.len()
    ))?;
    for tests in run.tests.chunk_by(Test::is_of_same_rule) {
        suite(tests, output)?;
    }
    if !errors.is_empty() {
        let number = errors.len();
        output.line(format_args!(
            "  <testsuite name=\"loading the rules\" tests=\"{number}\" failures=\"0\" errors=\"{number}\">"
        ))?;
        for error in errors {
            output.text(error)?;
        }
        output.line("  </testsuite>")?;
    }
    output.line("</testsuites>")
}

fn suite(tests: &[Test<'_>], output: &mut Output) -> io::Result<()> {
    let Some(first) = tests.first() else { return Ok(()) };
    let number = |outcome| tests.iter().filter(|test| test.outcome == outcome).count();
    output.line(format_args!(
        "  <testsuite name=\"{}\" file=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">",
        escaped(first.rule.title()),
        escaped(first.file),
        tests.len(),
        number(Verdict::Failed),
        number(Verdict::Broken)
    ))?;
    for test in tests {
        output.text(case(test))?;
    }
    output.line("  </testsuite>")
}

fn case(test: &Test<'_>) -> String {
    let mut case = format!(
        "    <testcase name=\"{}\" classname=\"{}\" file=\"{}\" line=\"{}\"",
        escaped(&test.name),
        escaped(test.rule.handle()),
        escaped(test.file),
        test.line
    );
    let element = match test.outcome {
        Verdict::Passed => return case + "/>\n",
        Verdict::Failed => "failure",
        Verdict::Broken => "error",
    };
    let reason = escaped(test.reason.as_deref().unwrap_or_default());
    let explained = escaped(&test.shown.join("\n"));
    // Writing to a string cannot fail.
    let _ = write!(case, ">\n      <{element} message=\"{reason}\">{explained}</{element}>\n    </testcase>\n");
    case
}

/// What kept rules from being loaded, as cases that went wrong.
fn unloaded(run: &Run<'_>) -> Vec<String> {
    let errors = run.diagnostics.iter().filter(|diagnostic| diagnostic.severity() == Severity::Error);
    let diagnostics = errors.map(|error| {
        let place = format!("{}:{}", error.file(), error.position().line);
        (place, format!("{}: {}", error.code().as_str(), error.message()))
    });
    let problems = run.problems.iter().map(|problem| (problem.path.clone(), problem.reason.clone()));
    diagnostics
        .chain(problems)
        .map(|(place, message)| {
            format!(
                "    <testcase name=\"{0}\" classname=\"rules\">\n      <error message=\"{1}\"/>\n    </testcase>\n",
                escaped(&place),
                escaped(&message)
            )
        })
        .collect()
}

/// A text within XML. What no XML document may hold, not even escaped, is replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn hostile_texts_stay_text() {
        assert_eq!(
            escaped("</testcase>\"'&\u{1b}[2J\0\n"),
            "&lt;/testcase&gt;&quot;&apos;&amp;\u{fffd}[2J\u{fffd}&#10;"
        );
        assert_eq!(escaped("ü ✓ \u{10ffff}"), "ü ✓ \u{10ffff}");
    }
}
