//! How the count of a correlation grows from event to event, and where it alerts.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ffi::OsString,
    io,
};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use trailhound_cloudtrail::{Inflater, Limits, RecordRefusal, RecordSink, read_records};
use trailhound_rule_engine::{
    Correlation, CorrelationIndex, Correlator, Evaluator, Firing, Observation, Occurrence, RuleSet, json,
};

use super::{
    Refusal,
    correlation::{CorrelationLabel, group, shown},
};
use crate::{
    arguments::{ByteSize, ExplainArguments},
    inputs::{Content, Input},
    output::{Output, count, named, printable},
    rule_files::RuleFiles,
};

/// Groups and events of a group that people are shown; JSON has all.
const SHOWN: usize = 20;

#[derive(Debug, Serialize)]
pub(super) struct Growth {
    #[serde(flatten)]
    label: CorrelationLabel,
    groups: Vec<Group>,
}

#[derive(Debug, Serialize)]
struct Group {
    #[serde(rename = "group")]
    values: BTreeMap<String, String>,
    alerts: usize,
    events: Vec<Event>,
}

#[derive(Debug, Serialize)]
struct Event {
    time: Timestamp,
    #[serde(rename = "event")]
    id: String,
    place: Option<String>,
    /// What is in the window that ends with it: events, or different values or rules where those are counted.
    count: usize,
    alerts: bool,
}

/// Looks at all events of the inputs.
pub(super) fn of(
    arguments: &ExplainArguments,
    files: &RuleFiles,
    index: CorrelationIndex,
    output: &Output,
) -> Result<Growth, Refusal> {
    let rules = &files.loaded.rules;
    let seen = Seen::of(arguments, rules, output)?;
    let correlation = rules.correlation(index).ok_or("the correlation is gone")?;
    let firings: Vec<&Firing> = seen.firings.iter().filter(|firing| firing.correlation == index).collect();
    let groups = seen.occurrences.iter().filter(|((of, _), _)| *of == index);
    let mut groups: Vec<Group> = groups
        .map(|((_, values), occurrences)| {
            let of_group = |firing: &&&Firing| firing.group.iter().map(|(_, value)| value).eq(values);
            let alerts: BTreeSet<&str> =
                firings.iter().filter(of_group).map(|firing| firing.verdict.event.as_str()).collect();
            let events = events(correlation, occurrences, (&alerts, &seen.places));
            Group { values: group(correlation, values), alerts: alerts.len(), events }
        })
        .collect();
    groups.sort_by_key(|group| (std::cmp::Reverse(group.alerts), std::cmp::Reverse(group.events.len())));
    Ok(Growth { label: CorrelationLabel::of(correlation), groups })
}

/// What the events mean to the correlations.
struct Seen {
    occurrences: BTreeMap<(CorrelationIndex, Vec<String>), Vec<Occurrence>>,
    firings: Vec<Firing>,
    /// Where each event stands, as `scan` names it.
    places: HashMap<String, String>,
}

impl Seen {
    fn of(arguments: &ExplainArguments, rules: &RuleSet, output: &Output) -> Result<Self, Refusal> {
        let first = Input::try_from(OsString::from(&arguments.event)).map_err(|error| error.to_string())?;
        let mut reading = Reading {
            evaluator: rules.evaluator(),
            path: String::new(),
            observations: Vec::new(),
            places: HashMap::new(),
        };
        let mut inflater = Inflater::default();
        let limits = Limits::default();
        for input in std::iter::once(&first).chain(&arguments.logs) {
            let mut objects = input.objects(ByteSize::default().0).peekable();
            if objects.peek().is_none() {
                output.warning(format_args!("{}: no object found", named(&input.to_string())));
            }
            for object in objects {
                let object = object.map_err(|error| format!("{}: {}", named(&error.path), error.reason()))?;
                let bytes = match object.content {
                    Content::Whole(bytes) => bytes,
                    Content::TooLarge => {
                        output.warning(format_args!("{}: too large, not looked at", named(&object.name)));
                        continue;
                    }
                    Content::NoRecords => continue,
                };
                reading.path = object.name;
                let inflated = inflater.inflate(&bytes, limits.inflated_bytes);
                read_records(&inflated.bytes, &limits, &mut reading);
            }
        }
        Ok(Seen::judged(reading, rules))
    }

    fn judged(reading: Reading<'_>, rules: &RuleSet) -> Self {
        let Reading { observations, places, .. } = reading;
        let mut correlator = Correlator::default();
        observations.iter().cloned().for_each(|observation| correlator.add(observation));
        let firings = correlator.finish_with_silent(rules);
        let of_firings = firings.iter().flat_map(|firing| rules.observations_of(firing));
        let mut occurrences: BTreeMap<(CorrelationIndex, Vec<String>), Vec<Occurrence>> = BTreeMap::new();
        for Observation { correlation, occurrence, group } in observations.into_iter().chain(of_firings) {
            occurrences.entry((correlation, group)).or_default().push(occurrence);
        }
        Seen { occurrences, firings, places }
    }
}

/// Collects what the records of an object mean to correlations.
struct Reading<'r> {
    evaluator: Evaluator<'r>,
    path: String,
    observations: Vec<Observation>,
    places: HashMap<String, String>,
}

impl RecordSink for Reading<'_> {
    fn record(&mut self, index: u64, reader: &mut json::Reader<'_>) -> Result<(), json::Error> {
        self.evaluator.evaluate(reader)?;
        let place = format!("{}#{index}", self.path);
        for observation in self.evaluator.observations(&place) {
            self.places.entry(observation.occurrence.event.clone()).or_insert_with(|| place.clone());
            self.observations.push(observation);
        }
        Ok(())
    }

    fn refused(&mut self, _index: u64, _refusal: RecordRefusal) {}
}

/// The events of a group by time, each with what is in the window that ends with it.
fn events(
    correlation: &Correlation,
    occurrences: &[Occurrence],
    (alerts, places): (&BTreeSet<&str>, &HashMap<String, String>),
) -> Vec<Event> {
    let mut sorted: Vec<&Occurrence> = occurrences.iter().collect();
    sorted.sort();
    sorted.dedup();
    let length = SignedDuration::from_secs(correlation.timespan());
    let mut first = 0;
    let mut events = Vec::new();
    for (place, newest) in sorted.iter().enumerate() {
        let is_old = |old: &&Occurrence| newest.time.duration_since(old.time) > length;
        while sorted.get(first).is_some_and(is_old) {
            first += 1;
        }
        let window = sorted.get(first..=place).unwrap_or_default();
        events.push(Event {
            time: newest.time,
            id: newest.event.clone(),
            place: places.get(&newest.event).cloned(),
            count: correlation.counted(window),
            alerts: alerts.contains(newest.event.as_str()),
        });
    }
    events
}

impl Growth {
    pub(super) fn print(&self, output: &mut Output) -> io::Result<()> {
        let paint = output.paint();
        let alerts: usize = self.groups.iter().map(|group| group.alerts).sum();
        let verdict =
            if alerts > 0 { paint.good("ALERTS").to_string() } else { paint.error("DOES NOT ALERT").to_string() };
        let CorrelationLabel { title, file, line, .. } = &self.label;
        output.line(format_args!("{verdict}  {}", paint.bold(printable(title))))?;
        output.line(format_args!("rule   {}:{line}", printable(file)))?;
        output.line(format_args!("asks   {}", self.label.question()))?;
        if self.groups.is_empty() {
            output.line("\nNo event counts: no rule it is about matches, or there is no value to group by.")?;
        }
        for group in self.groups.iter().take(SHOWN) {
            group.print(output)?;
        }
        more(self.groups.len(), "group", output)
    }
}

impl Group {
    fn print(&self, output: &mut Output) -> io::Result<()> {
        let paint = output.paint();
        output.line(format_args!("\n{}", paint.bold(shown(&self.values))))?;
        for event in self.events.iter().take(SHOWN) {
            let place = event.place.as_deref().unwrap_or(&event.id);
            let mark = if event.alerts { paint.warning("  alerts").to_string() } else { String::new() };
            output.line(format_args!("{:>6}  {}  {}{mark}", event.count, event.time, printable(place)))?;
        }
        more(self.events.len(), "event", output)
    }
}

/// Says how many are not shown.
fn more(all: usize, noun: &str, output: &mut Output) -> io::Result<()> {
    match all.checked_sub(SHOWN).filter(|rest| *rest > 0) {
        Some(rest) => output.line(format_args!("        … and {} more", count(rest, noun))),
        None => Ok(()),
    }
}
