//! An earlier run to compare with: what it printed as JSON is read again.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{BufReader, Read},
    path::Path,
};

use serde::{Deserialize, Serialize};
use serde_json::{Deserializer, Map, Value};
use thiserror::Error;
use trailhound_pipeline::Match;
use trailhound_rule_engine::{Level, Metadata};

use super::{correlating::Fired, limits::BASELINE_BYTES};
use crate::inputs::ReadError;

/// The hits of a run, by rule.
#[derive(Debug, Default)]
pub(super) struct Hits {
    rules: BTreeMap<String, RuleHits>,
}

/// The hits of one rule.
#[derive(Debug)]
struct RuleHits {
    label: Label,
    /// What tells each hit from others.
    hits: BTreeSet<String>,
}

/// What names a rule in the output of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Label {
    id: Option<String>,
    name: Option<String>,
    pub(super) title: String,
    pub(super) level: Level,
}

/// Why a file cannot serve as a baseline.
#[derive(Debug, Error)]
pub(super) enum BaselineError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("not what `scan --format json` or `ndjson` prints")]
    Form(#[source] serde_json::Error),
    #[error("the run did not come to its end: there is no summary")]
    Incomplete,
    #[error("not what `scan --format json` or `ndjson` prints")]
    Foreign,
    #[error("more than {} GiB", BASELINE_BYTES >> 30)]
    TooLarge,
}

/// How a rule differs between two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// It hit nothing before.
    New,
    /// It hits nothing any more.
    Gone,
    /// It hits other events than before, or has another level.
    Changed,
}

/// A rule that hits otherwise than before.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename = "change")]
pub(super) struct Change {
    #[serde(rename = "change")]
    pub(super) how: Kind,
    pub(super) rule: Label,
    /// Different hits in the earlier run.
    pub(super) before: usize,
    /// Different hits in this run.
    pub(super) now: usize,
    /// Hits of this run that the earlier one has not.
    pub(super) new_hits: usize,
    /// Hits of the earlier run that this one has not.
    pub(super) gone_hits: usize,
    /// The level in the earlier run, where it is another one.
    pub(super) level_before: Option<Level>,
}

/// What comes of comparing two runs.
#[derive(Debug)]
pub(super) struct Comparison {
    /// By kind, the most urgent first.
    pub(super) changes: Vec<Change>,
    /// Rules that hit the same events as before.
    pub(super) same: usize,
}

/// A line of the output of a run, or all of it as one document. What else it says does not matter here.
#[derive(Debug, Deserialize)]
struct Line {
    kind: Option<String>,
    rule: Option<Label>,
    event: Option<Event>,
    source: Option<Place>,
    group: Option<Map<String, Value>>,
    first: Option<String>,
    matches: Option<Found>,
    correlations: Option<Found>,
}

/// A document lists what a summary counts under the same name.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Found {
    Listed(Vec<Line>),
    Counted(#[expect(dead_code, reason = "only its form matters")] u64),
}

#[derive(Debug, Deserialize)]
struct Event {
    #[serde(rename = "eventID")]
    event_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Place {
    path: String,
    index: u64,
}

impl Hits {
    pub(super) fn read(path: &Path) -> Result<Self, BaselineError> {
        let file = File::open(path).map_err(ReadError::from)?;
        // One byte more than is allowed, by which the excess is noticed.
        let mut source = BufReader::new(file.take(BASELINE_BYTES + 1));
        let hits = Hits::parse(&mut source);
        if source.into_inner().limit() == 0 { Err(BaselineError::TooLarge) } else { hits }
    }

    fn parse(source: impl Read) -> Result<Self, BaselineError> {
        let (mut hits, mut is_complete, mut is_foreign) = (Hits::default(), false, false);
        for line in Deserializer::from_reader(source).into_iter::<Line>() {
            let line = line.map_err(|error| {
                if error.is_io() {
                    BaselineError::Read(ReadError::Io(error.into()))
                } else {
                    BaselineError::Form(error)
                }
            })?;
            is_complete |= line.matches.is_some() || line.kind.as_deref() == Some("summary");
            is_foreign |= !is_complete && line.kind.is_none();
            hits.take(line);
        }
        match (is_complete, is_foreign) {
            (true, _) => Ok(hits),
            (false, true) => Err(BaselineError::Foreign),
            (false, false) => Err(BaselineError::Incomplete),
        }
    }

    fn take(&mut self, line: Line) {
        let Line { kind, rule, event, source, group, first, matches, correlations } = line;
        for found in matches.into_iter().chain(correlations) {
            match found {
                Found::Listed(lines) => lines.into_iter().for_each(|line| self.take(line)),
                Found::Counted(_) => {}
            }
        }
        let Some(rule) = rule else { return };
        let hit = match kind.as_deref() {
            Some("match") => match (event.and_then(|event| event.event_id), source) {
                (Some(event), _) => event,
                (None, Some(Place { path, index })) => place(&path, index),
                (None, None) => return,
            },
            Some("correlation") => firing(group.unwrap_or_default(), &first.unwrap_or_default()),
            _ => return,
        };
        self.add(rule, hit);
    }

    pub(super) fn add_match(&mut self, rule: &Metadata, path: &str, found: &Match) {
        let event = found.event.event_id.clone();
        self.add(rule.into(), event.unwrap_or_else(|| place(path, found.index)));
    }

    pub(super) fn add_fired(&mut self, rule: &Metadata, fired: &Fired) {
        let group = fired.group.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
        self.add(rule.into(), firing(group, &fired.verdict.first.to_string()));
    }

    fn add(&mut self, label: Label, hit: String) {
        let of_rule = self.rules.entry(label.key().to_owned());
        of_rule.or_insert_with(|| RuleHits { label, hits: BTreeSet::new() }).hits.insert(hit);
    }

    /// How this run differs from an earlier one.
    pub(super) fn compare(&self, earlier: &Hits) -> Comparison {
        let keys: BTreeSet<&String> = self.rules.keys().chain(earlier.rules.keys()).collect();
        let total = keys.len();
        let pairs = keys.into_iter().map(|key| (earlier.rules.get(key), self.rules.get(key)));
        let mut changes: Vec<Change> = pairs.filter_map(|(before, now)| change(before, now)).collect();
        changes.sort_by_key(|change| (change.how, Reverse(change.rule.level), change.rule.title.clone()));
        Comparison { same: total - changes.len(), changes }
    }
}

fn change(before: Option<&RuleHits>, now: Option<&RuleHits>) -> Option<Change> {
    let none = BTreeSet::new();
    let hits = |side: Option<&RuleHits>| side.map_or(0, |rule| rule.hits.len());
    let old = before.map_or(&none, |rule| &rule.hits);
    let new = now.map_or(&none, |rule| &rule.hits);
    let (new_hits, gone_hits) = (new.difference(old).count(), old.difference(new).count());
    let rule = now.or(before)?.label.clone();
    let level_before = before.map(|rule| rule.label.level).filter(|level| *level != rule.level);
    let kind = match (before, now) {
        (None, _) => Kind::New,
        (_, None) => Kind::Gone,
        (Some(_), Some(_)) if new_hits + gone_hits > 0 || level_before.is_some() => Kind::Changed,
        (Some(_), Some(_)) => return None,
    };
    Some(Change { how: kind, rule, before: hits(before), now: hits(now), new_hits, gone_hits, level_before })
}

impl From<&Metadata> for Label {
    fn from(rule: &Metadata) -> Self {
        Label { id: rule.id.clone(), name: rule.name.clone(), title: rule.title.clone(), level: rule.level }
    }
}

impl Label {
    /// What stays the same when a rule is edited.
    fn key(&self) -> &str {
        self.id.as_deref().or(self.name.as_deref()).unwrap_or(&self.title)
    }
}

/// A record without `eventID`.
fn place(path: &str, index: u64) -> String {
    format!("{path}#{index}")
}

/// A correlation that holds: for whom, and since when.
fn firing(group: Map<String, Value>, first: &str) -> String {
    format!("{} {first}", Value::Object(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = r#"
{"kind":"match","rule":{"id":null,"name":"a","title":"A","level":"low"},"event":{"eventID":"1"},"source":{"path":"x","index":0}}
{"kind":"match","rule":{"id":null,"name":"a","title":"A","level":"low"},"event":{"eventID":null},"source":{"path":"x","index":7}}
{"kind":"correlation","rule":{"id":null,"name":"c","title":"C","level":"high"},"group":{"b":"1","a":"2"},"first":"t"}
{"kind":"summary","objects":1,"matches":2,"correlations":1}"#;

    fn hits(text: &str) -> Result<Hits, BaselineError> {
        Hits::parse(text.as_bytes())
    }

    fn kinds(comparison: &Comparison) -> Vec<(Kind, &str, usize, usize)> {
        let changes = comparison.changes.iter();
        changes.map(|change| (change.how, &*change.rule.title, change.new_hits, change.gone_hits)).collect()
    }

    #[test]
    fn lines_and_document_say_the_same() {
        let lines: Vec<&str> = LINES.trim().lines().collect();
        let [first, second, third, summary] = lines[..] else { panic!() };
        let document = format!(r#"{{"matches":[{first},{second}],"correlations":[{third}],"summary":{summary}}}"#);
        let comparison = hits(LINES).unwrap().compare(&hits(&document).unwrap());
        assert_eq!((kinds(&comparison), comparison.same), (vec![], 2));
    }

    #[test]
    fn rules_are_new_gone_or_changed() {
        let now = LINES.replace(r#""eventID":"1""#, r#""eventID":"2""#).replace(r#""name":"c""#, r#""name":"d""#);
        let comparison = hits(&now).unwrap().compare(&hits(LINES).unwrap());
        let expected = [(Kind::New, "C", 1, 0), (Kind::Gone, "C", 0, 1), (Kind::Changed, "A", 1, 1)];
        assert_eq!((kinds(&comparison), comparison.same), (expected.to_vec(), 0));
    }

    #[test]
    fn another_level_is_a_change() {
        let comparison = hits(&LINES.replace("\"high\"", "\"low\"")).unwrap().compare(&hits(LINES).unwrap());
        assert_eq!((kinds(&comparison), comparison.same), (vec![(Kind::Changed, "C", 0, 0)], 1));
        assert_eq!(comparison.changes[0].level_before, Some(Level::High));
    }

    #[test]
    fn what_is_no_whole_run_is_no_baseline() {
        for text in ["{}", r#"{"eventVersion":"1.11","eventName":"StopLogging"}"#, r#"{"Records":[]}"#] {
            assert!(matches!(hits(text), Err(BaselineError::Foreign)), "{text}");
        }
        for text in ["", LINES.rsplit_once('\n').unwrap().0] {
            assert!(matches!(hits(text), Err(BaselineError::Incomplete)), "{text}");
        }
        for text in ["matches", "[1]", LINES.trim_end_matches('}')] {
            assert!(matches!(hits(text), Err(BaselineError::Form(_))), "{text}");
        }
    }
}
