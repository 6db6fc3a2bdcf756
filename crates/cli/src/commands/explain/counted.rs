//! What a match counts towards.

use std::{collections::BTreeMap, io};

use serde::Serialize;
use trailhound_rule_engine::{Correlation, Observation, RuleIndex, RuleSet, json::Reader};

use super::correlation::{CorrelationLabel, group, shown};
use crate::{
    chosen_record::Found,
    output::{Output, printable},
};

/// A correlation about the rule.
#[derive(Debug, Serialize)]
pub(super) struct Counted {
    #[serde(flatten)]
    label: CorrelationLabel,
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
            label: CorrelationLabel::of(correlation),
            group_by: correlation.group_by().map(str::to_owned).collect(),
            group: None,
            matches: false,
        }
    }

    pub(super) fn print(&self, output: &mut Output) -> io::Result<()> {
        let CorrelationLabel { name, title, .. } = &self.label;
        output.line(format_args!("correlation   {}: {}", printable(name), printable(title)))?;
        output.line(format_args!("              {}", self.label.question()))?;
        match &self.group {
            Some(group) => output.line(format_args!("              counts once for {}", shown(group))),
            None if self.matches => output.line("              does not count: no time, or no value to group by"),
            None => output.line("              a match would count"),
        }
    }
}
