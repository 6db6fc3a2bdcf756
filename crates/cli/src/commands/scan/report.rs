//! The three forms of what a scan found.

use std::{
    fmt::{self, Display},
    io, mem,
    path::Path,
    sync::Arc,
    time::Duration,
};

use serde::{Serialize, Serializer};
use trailhound_pipeline::{EventSummary, Refusal};
use trailhound_rule_engine::{Metadata, RuleIndex, RuleSet};

use super::{
    baseline::Comparison,
    compare,
    correlating::{self, Fired},
    summary::{self, RuleSummary},
    tally::Tallies,
    timeline::{self, Timeline},
    totals::{RuleCounts, Totals},
};
use crate::{
    arguments::{ByteSize, ScanFormat},
    inputs::Unreadable,
    output::{Output, named, printable},
    wire::{Problem, RuleLabel},
};

/// Takes what a scan finds and prints it in the form that was asked for.
#[derive(Debug)]
pub(super) enum Report {
    /// Sorted by time, so it is printed at the end.
    Text(Timeline),
    /// The matches are printed as they are found; what follows them in the document is kept.
    Json(Document),
    /// Printed as it is found. What was refused or could not be read is on standard error only.
    Ndjson,
}

/// A JSON document under way.
#[derive(Debug, Default)]
pub(super) struct Document {
    matches: Matches,
    refused: Vec<Refused>,
    problems: Vec<Problem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Matches {
    #[default]
    None,
    Some,
}

/// What is known at the end of a scan.
#[derive(Debug)]
pub(super) struct Ending<'s> {
    pub(super) rule_counts: RuleCounts,
    pub(super) totals: &'s Totals,
    pub(super) tallies: &'s Tallies,
    pub(super) rules: &'s RuleSet,
    /// The earlier run and how this one differs from it.
    pub(super) comparison: Option<(&'s Path, &'s Comparison)>,
    pub(super) elapsed: Duration,
}

/// A match and the object it was found in.
#[derive(Debug)]
pub(super) struct Sighting {
    pub(super) path: Arc<str>,
    pub(super) rule: RuleIndex,
    pub(super) event: Arc<EventSummary>,
    pub(super) index: u64,
}

/// A record, or a whole object, that could not be judged.
#[derive(Debug, Serialize)]
pub(super) struct Refused {
    path: String,
    index: Option<u64>,
    offset: Option<u64>,
    reason: String,
}

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename = "match")]
struct MatchLine<'m> {
    rule: RuleLabel<'m>,
    event: &'m EventSummary,
    source: Place<'m>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename = "correlation")]
struct CorrelationLine<'m> {
    rule: RuleLabel<'m>,
    #[serde(serialize_with = "as_map")]
    group: &'m [(String, String)],
    count: usize,
    first: String,
    last: String,
    source: Place<'m>,
    events: Vec<Place<'m>>,
}

#[derive(Debug, Serialize)]
struct Place<'m> {
    path: &'m str,
    index: u64,
}

fn as_map<S: Serializer>(group: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(group.iter().map(|(name, value)| (name, value)))
}

impl<'m> From<&'m correlating::Place> for Place<'m> {
    fn from(place: &'m correlating::Place) -> Self {
        Place { path: &place.path, index: place.index }
    }
}

impl Report {
    pub(super) fn new(format: ScanFormat) -> Self {
        match format {
            ScanFormat::Text => Report::Text(Timeline::default()),
            ScanFormat::Json => Report::Json(Document::default()),
            ScanFormat::Ndjson => Report::Ndjson,
        }
    }

    /// Whether somebody may be waiting for each match.
    pub(super) fn is_streamed(&self) -> bool {
        matches!(self, Report::Ndjson)
    }

    pub(super) fn start(&self, output: &mut Output) -> io::Result<()> {
        match self {
            Report::Json(_) => output.text("{\"matches\":["),
            Report::Text(_) | Report::Ndjson => Ok(()),
        }
    }

    pub(super) fn found(&mut self, rule: &Metadata, sighting: Sighting, output: &mut Output) -> io::Result<()> {
        match self {
            Report::Text(timeline) => {
                timeline.add(sighting);
                Ok(())
            }
            Report::Json(document) => {
                output.text(match mem::replace(&mut document.matches, Matches::Some) {
                    Matches::None => "\n",
                    Matches::Some => ",\n",
                })?;
                output.json(&MatchLine::new(rule, &sighting))
            }
            Report::Ndjson => output.json_line(&MatchLine::new(rule, &sighting)),
        }
    }

    pub(super) fn refused(&mut self, refused: Refused) {
        match self {
            Report::Json(document) => document.refused.push(refused),
            Report::Text(_) | Report::Ndjson => {}
        }
    }

    pub(super) fn unreadable(&mut self, unreadable: &Unreadable) {
        match self {
            Report::Json(document) => document.problems.push(unreadable.into()),
            Report::Text(_) | Report::Ndjson => {}
        }
    }

    /// All matches have been seen; correlations follow.
    pub(super) fn end_matches(&mut self, rules: &RuleSet, output: &mut Output) -> io::Result<()> {
        match self {
            Report::Text(timeline) => mem::take(timeline).print(rules, output),
            Report::Json(document) => output.text(match mem::take(&mut document.matches) {
                Matches::None => "],\n\"correlations\":[",
                Matches::Some => "\n],\n\"correlations\":[",
            }),
            Report::Ndjson => Ok(()),
        }
    }

    pub(super) fn fired(&mut self, rule: &Metadata, fired: &Fired, output: &mut Output) -> io::Result<()> {
        match self {
            Report::Text(_) => timeline::print_fired(rule, fired, output),
            Report::Json(document) => {
                output.text(match mem::replace(&mut document.matches, Matches::Some) {
                    Matches::None => "\n",
                    Matches::Some => ",\n",
                })?;
                output.json(&CorrelationLine::new(rule, fired))
            }
            Report::Ndjson => output.json_line(&CorrelationLine::new(rule, fired)),
        }
    }

    /// Prints what can be said only now that everything has been seen.
    pub(super) fn finish(self, ending: &Ending<'_>, output: &mut Output) -> io::Result<()> {
        match self {
            Report::Text(_) => ending.print(output),
            Report::Json(document) => document.finish(ending, output),
            Report::Ndjson => {
                for change in ending.comparison.iter().flat_map(|(_, comparison)| &comparison.changes) {
                    output.json_line(change)?;
                }
                output.json_line(&ending.totals.summary(ending.rule_counts))
            }
        }
    }
}

impl Ending<'_> {
    fn print(&self, output: &mut Output) -> io::Result<()> {
        summary::print(self.tallies, self.rules, self.totals.span, output)?;
        if let Some((baseline, comparison)) = self.comparison {
            compare::print(comparison, baseline, output)?;
        }
        self.totals.print(self.rule_counts, self.elapsed, output)
    }
}

impl Document {
    fn finish(&self, ending: &Ending<'_>, output: &mut Output) -> io::Result<()> {
        output.text(match self.matches {
            Matches::None => "],\n\"rules\":",
            Matches::Some => "\n],\n\"rules\":",
        })?;
        let ranked = ending.tallies.ranked(ending.rules);
        let rules = ranked.iter().map(|(_, rule, tally)| RuleSummary::new(rule, tally, ending.totals.span));
        output.json(&rules.collect::<Vec<_>>())?;
        output.text(",\n\"changes\":")?;
        output.json(&ending.comparison.map(|(_, comparison)| &comparison.changes))?;
        output.text(",\n\"summary\":")?;
        output.json(&ending.totals.summary(ending.rule_counts))?;
        output.text(",\n\"refused\":")?;
        output.json(&self.refused)?;
        output.text(",\n\"problems\":")?;
        output.json(&self.problems)?;
        output.line("}")
    }
}

impl<'m> MatchLine<'m> {
    fn new(rule: &'m Metadata, sighting: &'m Sighting) -> Self {
        MatchLine {
            rule: rule.into(),
            event: &sighting.event,
            source: Place { path: &sighting.path, index: sighting.index },
        }
    }
}

impl<'m> CorrelationLine<'m> {
    fn new(rule: &'m Metadata, fired: &'m Fired) -> Self {
        CorrelationLine {
            rule: rule.into(),
            group: &fired.group,
            count: fired.verdict.count,
            first: fired.verdict.first.to_string(),
            last: fired.verdict.last.to_string(),
            source: (&fired.source).into(),
            events: fired.events.iter().map(Place::from).collect(),
        }
    }
}

impl Refused {
    pub(super) fn new(path: &str, refusal: &Refusal) -> Self {
        Refused { path: path.to_owned(), index: refusal.index, offset: refusal.offset, reason: refusal.reason.clone() }
    }

    /// A whole object that is not even read.
    pub(super) fn too_large(path: &str, limit: ByteSize) -> Self {
        let reason = format!("the object is larger than the limit of {limit}, see `--max-object-bytes`");
        Refused { path: path.to_owned(), index: None, offset: None, reason }
    }
}

impl Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", named(&self.path))?;
        if let Some(index) = self.index {
            write!(formatter, ": record {index}")?;
        }
        // The reason names the byte.
        write!(formatter, ": {}", printable(&self.reason))
    }
}
