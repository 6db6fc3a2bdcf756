//! What a match counts towards.

use std::{collections::BTreeMap, io};

use serde::Serialize;
use trailhound_rule_engine::{Correlation, Observation, RuleIndex, RuleSet, json::Reader};

use crate::{
    chosen_record::Found,
    output::{Output, printable},
};

/// A correlation about the rule.
#[derive(Debug, Serialize)]
pub(super) struct Counted {
    name: String,
    title: String,
    file: String,
    line: usize,
    asks: String,
    timespan_seconds: i64,
    group_by: Vec<String>,
    /// The group that the event counts in; nothing if it does not count.
    group: Option<BTreeMap<String, String>>,
    #[serde(skip)]
    matches: bool,
}

impl Counted {
    /// All correlations about the rule, with the group of the event where it matches.
    pub(super) fn of(rules: &RuleSet, rule: RuleIndex, (found, matches): (&Found, bool)) -> Vec<Self> {
        let mut evaluator = rules.evaluator();
        let observations: Vec<Observation> = match evaluator.evaluate(&mut Reader::new(&found.record)) {
            Ok(_) => evaluator.observations("").collect(),
            Err(_) => Vec::new(),
        };
        let about = rules.correlations_about(rule);
        about
            .map(|(index, correlation)| {
                let observation = observations.iter().find(|known| known.correlation == index && matches);
                let group = observation.map(|known| group(correlation, &known.group));
                Counted { group, matches, ..Counted::new(correlation) }
            })
            .collect()
    }

    fn new(correlation: &Correlation) -> Self {
        Counted {
            name: correlation.metadata().handle().to_owned(),
            title: correlation.metadata().title.clone(),
            file: correlation.source().name().to_owned(),
            line: correlation.position().line,
            asks: correlation.asks(),
            timespan_seconds: correlation.timespan(),
            group_by: correlation.group_by().map(str::to_owned).collect(),
            group: None,
            matches: false,
        }
    }

    pub(super) fn print(&self, output: &mut Output) -> io::Result<()> {
        output.line(format_args!("correlation   {}: {}", printable(&self.name), printable(&self.title)))?;
        output.line(format_args!("              {} within {}", printable(&self.asks), span(self.timespan_seconds)))?;
        match &self.group {
            Some(group) => output.line(format_args!("              counts once for {}", shown(group))),
            None if self.matches => output.line("              does not count: no time, or no value to group by"),
            None => output.line("              a match would count"),
        }
    }
}

/// The names in `group-by` with their values.
pub(super) fn group(correlation: &Correlation, values: &[String]) -> BTreeMap<String, String> {
    correlation.group_by().map(str::to_owned).zip(values.iter().cloned()).collect()
}

/// A group as people read it.
pub(super) fn shown(group: &BTreeMap<String, String>) -> String {
    let parts: Vec<String> =
        group.iter().map(|(name, value)| format!("{} {}", printable(name), printable(value))).collect();
    if parts.is_empty() { "all events".to_owned() } else { parts.join(", ") }
}

/// A length of time in its greatest whole unit.
pub(super) fn span(seconds: i64) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let whole = units.into_iter().find(|(length, _)| seconds >= *length && seconds % length == 0);
    let (length, unit) = whole.unwrap_or((1, "second"));
    crate::output::count(seconds / length, unit)
}
