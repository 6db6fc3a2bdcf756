//! What has changed since an earlier run, for people.

use std::{io, path::Path};

use super::baseline::{Change, Comparison, Kind};
use crate::output::{Output, clipped, count, printable};

/// Columns beside what changed and the level.
const TITLE: usize = 61;

/// Details stand under the title.
const INDENT: usize = 19;

/// Prints two lines for each rule that hits otherwise than before.
pub(super) fn print(comparison: &Comparison, baseline: &Path, output: &mut Output) -> io::Result<()> {
    let paint = output.paint();
    let name = printable(&baseline.display().to_string());
    output.line(paint.bold(format_args!("Compared with {name}")))?;
    for change in &comparison.changes {
        let word = match change.how {
            Kind::New => "new",
            Kind::Gone => "gone",
            Kind::Changed => "changed",
        };
        let title = clipped(&printable(&change.rule.title), TITLE);
        output.line(format_args!("{word:7}  {:8}  {title}", paint.level(change.rule.level)))?;
        output.line(format_args!("{:INDENT$}{}", "", numbers(change)))?;
    }
    let more = if comparison.changes.is_empty() { "" } else { "more " };
    output.line(format_args!("{} as before\n", count(comparison.same, &format!("{more}rule"))))
}

fn numbers(change: &Change) -> String {
    match change.how {
        Kind::New => count(change.now, "hit"),
        Kind::Gone => format!("{} before", count(change.before, "hit")),
        Kind::Changed => {
            let Change { before, now, new_hits, gone_hits, level_before, .. } = change;
            let level = level_before.map_or_else(String::new, |level| format!("; level was {level}"));
            format!("{}, {before} before: {new_hits} new, {gone_hits} gone{level}", count(*now, "hit"))
        }
    }
}
