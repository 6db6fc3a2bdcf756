//! What each rule did over the whole scan, in two lines or in one object.

use std::io;

use serde::Serialize;
use trailhound_pipeline::TimeSpan;
use trailhound_rule_engine::{Metadata, RuleSet};

use super::{
    histogram::{per_day, sparkline},
    limits::SPARKLINE,
    tally::{Tallies, Tally},
};
use crate::{
    output::{Output, clipped, printable},
    wire::RuleLabel,
};

/// Columns of a terminal.
const WIDTH: usize = 80;

/// Columns of most levels.
const LEVEL: usize = 8;

/// The hits of one rule, for programs.
#[derive(Debug, Serialize)]
pub(super) struct RuleSummary<'r> {
    rule: RuleLabel<'r>,
    hits: u64,
    actors: usize,
    accounts: usize,
    first: Option<String>,
    last: Option<String>,
    per_day: Option<f64>,
}

impl<'r> RuleSummary<'r> {
    /// `span` is that of all records.
    pub(super) fn new(rule: &'r Metadata, tally: &Tally, span: Option<TimeSpan>) -> Self {
        RuleSummary {
            rule: rule.into(),
            hits: tally.hits,
            actors: tally.actors(),
            accounts: tally.accounts(),
            first: tally.span.map(|span| span.first.to_string()),
            last: tally.span.map(|span| span.last.to_string()),
            per_day: span.map(|span| (per_day(tally.hits, span) * 100.0).round() / 100.0),
        }
    }
}

/// Prints two lines for each rule that hit; nothing if none did.
pub(super) fn print(tallies: &Tallies, rules: &RuleSet, span: Option<TimeSpan>, output: &mut Output) -> io::Result<()> {
    let ranked = tallies.ranked(rules);
    if ranked.is_empty() {
        return Ok(());
    }
    let paint = output.paint();
    output.line(paint.bold(format_args!(
        "Rules{:>11}{:>8}{:>10}{:>8}  {:10}  {:10}  Over time",
        "Hits", "Actors", "Accounts", "A day", "First", "Last"
    )))?;
    for (_, rule, tally) in ranked {
        let room = WIDTH - 2 - rule.level.as_str().len().max(LEVEL);
        output.line(format_args!("{:LEVEL$}  {}", paint.level(rule.level), clipped(&printable(&rule.title), room)))?;
        output.line(numbers(tally, span).trim_end())?;
    }
    output.line("")
}

fn numbers(tally: &Tally, span: Option<TimeSpan>) -> String {
    let known = |number: usize| if number == 0 { "-".to_owned() } else { number.to_string() };
    let day =
        |time: Option<jiff::Timestamp>| time.map_or_else(|| "-".to_owned(), |time| time.strftime("%F").to_string());
    let rate = span.map_or_else(|| "-".to_owned(), |span| rate(per_day(tally.hits, span)));
    let line = span.map_or_else(String::new, |span| sparkline(&tally.times.parts(span, SPARKLINE)));
    format!(
        "{:>16}{:>8}{:>10}{rate:>8}  {:10}  {:10}  {line}",
        tally.hits,
        known(tally.actors()),
        known(tally.accounts()),
        day(tally.span.map(|span| span.first)),
        day(tally.span.map(|span| span.last)),
    )
}

/// A rate with as many digits as mean something.
pub(super) fn rate(per_day: f64) -> String {
    if per_day >= 9.95 {
        format!("{per_day:.0}")
    } else if per_day >= 0.05 {
        format!("{per_day:.1}")
    } else {
        "<0.1".to_owned()
    }
}
