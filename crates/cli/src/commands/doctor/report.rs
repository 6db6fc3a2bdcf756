//! A report for people: 80 columns, a block for each trail.

use std::io;

use super::judge::{Check, Report, RulesReport, Summary, TrailReport, Verdict};
use crate::output::{Output, Paint, Painted, count, printable};

/// Characters in a line, as far as words can be broken between.
const WIDTH: usize = 80;
/// Columns of the words of verdicts and of the names of checks.
const VERDICT_WIDTH: usize = 7;
const SUBJECT_WIDTH: usize = 17;
/// Where the sentences of a check begin: after both columns and two blanks before each.
const INDENT: usize = VERDICT_WIDTH + SUBJECT_WIDTH + 6;

pub(super) fn print_text(report: &Report<'_>, output: &mut Output) -> io::Result<()> {
    let paint = output.paint();
    for line in lines(report, paint) {
        output.line(line)?;
    }
    Ok(())
}

fn lines(report: &Report<'_>, paint: Paint) -> Vec<String> {
    let mut lines = vec![paint.bold("CloudTrail").to_string()];
    lines.extend(report.checks.iter().flat_map(|check| of_check(check, paint)));
    for trail in &report.trails {
        lines.push(String::new());
        lines.extend(of_trail(trail, paint));
    }
    if let Some(rules) = &report.rules {
        lines.push(String::new());
        lines.extend(of_rules(rules, paint));
    }
    if !report.deployment.is_empty() {
        lines.push(String::new());
        lines.push(paint.bold("Deployment").to_string());
        lines.extend(report.deployment.iter().flat_map(|check| of_check(check, paint)));
    }
    let Summary { trails: _, ok, warnings, problems, unknown } = report.summary;
    lines.push(String::new());
    lines.push(format!(
        "{ok} ok, {}, {}, {unknown} unknown",
        counted(warnings, "warning"),
        counted(problems, "problem")
    ));
    lines
}

fn of_trail(trail: &TrailReport<'_>, paint: Paint) -> Vec<String> {
    let owner = if trail.organization { "organization trail" } else { "trail" };
    let path = trail.prefix.map_or(String::new(), |prefix| format!("/{prefix}"));
    let mut lines = vec![
        paint.bold(printable(trail.name)).to_string(),
        format!("  {}", printable(trail.arn)),
        format!("  {owner} with home region {}", printable(trail.home_region)),
        format!("  s3://{}{}", printable(trail.bucket), printable(&path)),
    ];
    lines.extend(trail.checks.iter().flat_map(|check| of_check(check, paint)));
    lines
}

/// The selectors stand as they are to be copied.
fn of_rules(rules: &RulesReport<'_>, paint: Paint) -> Vec<String> {
    let mut lines = vec![paint.bold("Rules").to_string()];
    lines.extend(rules.checks.iter().flat_map(|check| of_check(check, paint)));
    if rules.advanced_event_selectors.is_empty() {
        return lines;
    }
    lines.push(String::new());
    lines.push("  Add these to the advanced event selectors of a trail, all of which".to_owned());
    lines.push("  `aws cloudtrail put-event-selectors` replaces:".to_owned());
    // Values of text alone: this cannot fail.
    let json = serde_json::to_string_pretty(&rules.advanced_event_selectors).unwrap_or_default();
    lines.extend(json.lines().map(|line| format!("  {}", printable(line))));
    lines
}

/// What was seen, and below it what to do.
fn of_check(check: &Check, paint: Paint) -> Vec<String> {
    let Check { subject, verdict, seen, advice } = check;
    let mut texts = broken(&printable(seen), "");
    texts.extend(advice.iter().flat_map(|advice| broken(&printable(advice), "→ ")));
    let mut texts = texts.into_iter();
    let head = format!(
        "  {:VERDICT_WIDTH$}  {:SUBJECT_WIDTH$}  {}",
        word(*verdict, paint),
        subject.as_str(),
        texts.next().unwrap_or_default()
    );
    std::iter::once(head).chain(texts.map(|text| format!("{:INDENT$}{text}", ""))).collect()
}

/// Breaks a text between words; the lines after the first are indented as far as `mark` before it goes.
fn broken(text: &str, mark: &str) -> Vec<String> {
    let indent = " ".repeat(mark.chars().count());
    let mut lines = Vec::new();
    let mut line = mark.to_owned();
    let mut is_empty = true;
    for word in text.split(' ') {
        let length = line.chars().count().saturating_add(word.chars().count()).saturating_add(1);
        if !is_empty && length > WIDTH - INDENT {
            lines.push(std::mem::replace(&mut line, indent.clone()));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines
}

fn word(verdict: Verdict, paint: Paint) -> Painted<&'static str> {
    match verdict {
        Verdict::Ok => paint.good("ok"),
        Verdict::Warning => paint.warning("warning"),
        Verdict::Problem => paint.error("problem"),
        Verdict::Unknown => paint.bold("unknown"),
    }
}

fn counted(number: usize, noun: &str) -> String {
    u64::try_from(number).map_or_else(|_| number.to_string(), |number| count(number, noun))
}

#[cfg(test)]
mod tests {
    use super::super::{judge::judge, samples};
    use super::*;

    /// `RECORD=1 cargo test -p trailhound-cli` writes both files anew; look at what changed.
    fn compare(name: &str, is: &str) {
        let path = format!("{}/tests/data/doctor/{name}", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("RECORD").is_some() {
            std::fs::write(&path, is).unwrap();
        }
        assert_eq!(is, std::fs::read_to_string(&path).unwrap(), "{path}");
    }

    #[test]
    fn a_report_reads_as_recorded() {
        let facts = samples::account();
        let report = judge(&facts, &samples::QUESTION);
        compare("report.txt", &(lines(&report, Paint::Plain).join("\n") + "\n"));
        compare("report.json", &(serde_json::to_string_pretty(&report).unwrap() + "\n"));
    }

    #[test]
    fn verdicts_are_coloured_and_columns_stay() {
        let facts = samples::account();
        let report = judge(&facts, &samples::QUESTION);
        let colored = lines(&report, Paint::Colored);
        for (plain, colored) in lines(&report, Paint::Plain).iter().zip(colored) {
            assert_eq!(anstream::adapter::strip_str(&colored).to_string(), *plain);
        }
    }

    #[test]
    fn lines_are_broken_between_words_and_words_stay_whole() {
        assert_eq!(broken("", ""), [""]);
        assert_eq!(broken("a b", "→ "), ["→ a b"]);
        let long = "x".repeat(WIDTH);
        assert_eq!(broken(&format!("a {long} b"), "→ "), ["→ a".to_owned(), format!("  {long}"), "  b".to_owned()]);
        let (room, fits) = (WIDTH - INDENT, "y".repeat(WIDTH - INDENT - 2));
        assert_eq!(broken(&format!("a {fits}"), "").len(), 1);
        assert_eq!(broken(&format!("ab {fits}"), "").len(), 2, "{room}");
    }
}
