use std::{io, time::Duration};

use serde::Serialize;
use trailhound_pipeline::{Inspection, LevelCounts, TimeSpan};
use trailhound_rule_engine::Level;

use crate::output::{Output, Paint, count};

/// What has been counted in a scan so far.
#[derive(Debug, Default)]
pub(super) struct Totals {
    objects: u64,
    records: u64,
    matched: u64,
    unmatched: u64,
    refused: u64,
    /// Inputs and objects that could not be read.
    pub(super) unread: u64,
    /// Objects that hold no records by their name.
    pub(super) passed_over: u64,
    /// Records outside the window of time.
    pub(super) outside: u64,
    /// The event times of the records.
    pub(super) span: Option<TimeSpan>,
    shown: LevelCounts,
    hidden: LevelCounts,
    correlations: LevelCounts,
}

/// The last line of a scan for programs.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename = "summary")]
pub(super) struct Summary {
    objects: u64,
    records: u64,
    matches: u64,
    correlations: u64,
    refused: u64,
    rules: usize,
    rules_skipped: usize,
    outside: u64,
    first: Option<String>,
    last: Option<String>,
}

/// How many rules took part.
#[derive(Debug, Clone, Copy)]
pub(super) struct RuleCounts {
    pub(super) loaded: usize,
    pub(super) skipped: usize,
}

impl Totals {
    /// Counts an object, or a later part of one that is counted already.
    pub(super) fn count_object(&mut self, is_new: bool, inspection: &Inspection) {
        self.objects += u64::from(is_new);
        self.records += inspection.records;
        self.matched += inspection.matched_records;
        self.unmatched += inspection.unmatched;
        self.refused += inspection.refused;
        self.hidden.add_all(&inspection.below_level);
        self.outside += inspection.outside;
        self.span = match (self.span, inspection.span) {
            (Some(known), Some(more)) => Some(known.joined(more)),
            (known, more) => known.or(more),
        };
    }

    /// An object that is refused as a whole counts like one record that is refused.
    pub(super) fn count_too_large(&mut self) {
        self.objects += 1;
        self.records += 1;
        self.refused += 1;
    }

    pub(super) fn records(&self) -> u64 {
        self.records
    }

    pub(super) fn refused(&self) -> u64 {
        self.refused
    }

    /// Matches and correlations that are shown.
    pub(super) fn hits(&self) -> u64 {
        self.shown.total() + self.correlations.total()
    }

    pub(super) fn count_shown(&mut self, level: Level) {
        self.shown.add(level);
    }

    pub(super) fn count_hidden_correlation(&mut self, level: Level) {
        self.hidden.add(level);
    }

    pub(super) fn count_correlation(&mut self, level: Level) {
        self.correlations.add(level);
    }

    /// Matches and correlations of a level and above, shown or not.
    pub(super) fn at_least(&self, level: Level) -> u64 {
        self.shown.at_least(level) + self.hidden.at_least(level) + self.correlations.at_least(level)
    }

    /// Matches and correlations below the level that is shown.
    pub(super) fn hidden(&self) -> &LevelCounts {
        &self.hidden
    }

    /// How far the scan is, in a few words.
    pub(super) fn progress(&self) -> String {
        format!("{} objects, {} records, {} matches", self.objects, self.records, self.shown.total())
    }

    pub(super) fn summary(&self, rules: RuleCounts) -> Summary {
        Summary {
            objects: self.objects,
            records: self.records,
            matches: self.shown.total(),
            correlations: self.correlations.total(),
            refused: self.refused,
            rules: rules.loaded,
            rules_skipped: rules.skipped,
            outside: self.outside,
            first: self.span.map(|span| span.first.to_string()),
            last: self.span.map(|span| span.last.to_string()),
        }
    }

    /// Prints the summary for people.
    pub(super) fn print(&self, rules: RuleCounts, elapsed: Duration, output: &mut Output) -> io::Result<()> {
        let Totals { objects, records, matched, unmatched, refused, .. } = self;
        let levels = listed(&self.shown, output.paint());
        let correlations = match self.correlations.total() {
            0 => String::new(),
            number => format!("; {}{}", count(number, "correlation"), listed(&self.correlations, output.paint())),
        };
        output.line(format_args!("Matches  {}{levels}{correlations}", self.shown.total()))?;
        output.line(match self.unread {
            0 => format!("Objects  {objects}"),
            unread => format!("Objects  {objects} ({unread} more could not be read)"),
        })?;
        output.line(format_args!("Records  {records} in {}", pace(*records, elapsed)))?;
        if let Some(TimeSpan { first, last }) = self.span {
            output.line(format_args!("Time     {first} to {last}"))?;
        }
        output.line(format_args!("Refused  {refused}"))?;
        output.line(match rules.skipped {
            0 => format!("Rules    {}", rules.loaded),
            skipped => format!("Rules    {} ({skipped} for other log sources skipped)", rules.loaded),
        })?;
        output.line(format_args!(
            "{matched} matched + {unmatched} unmatched + {refused} refused = {}",
            count(*records, "record")
        ))
    }
}

/// For example `0.42 s, 2380 per second`.
fn pace(records: u64, elapsed: Duration) -> String {
    let milliseconds = elapsed.as_millis().max(1);
    let rate = u128::from(records) * 1000 / milliseconds;
    format!("{:.2} s, {rate} per second", elapsed.as_secs_f64())
}

/// For example ` (1 critical, 2 low)`; empty where there is nothing to count.
pub(super) fn listed(counts: &LevelCounts, paint: Paint) -> String {
    let counts = counts.descending().filter(|&(_, count)| count > 0);
    let words: Vec<String> = counts.map(|(level, count)| format!("{count} {}", paint.level(level))).collect();
    if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) }
}
