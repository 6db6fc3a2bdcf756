use std::{collections::HashMap, sync::Arc};

use trailhound_pipeline::Observed;
use trailhound_rule_engine::{CorrelationIndex, Correlator, RuleSet, Verdict};

use crate::output::Output;

/// Collects what correlations are to know, and where each event stands.
#[derive(Debug, Default)]
pub(super) struct Correlating {
    correlator: Correlator,
    places: HashMap<String, Place>,
    unplaced: usize,
}

/// Where a record stands.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) path: Arc<str>,
    pub(super) index: u64,
}

/// A correlation that holds, with the places of its events.
#[derive(Debug)]
pub(super) struct Fired {
    pub(super) correlation: CorrelationIndex,
    pub(super) group: Vec<(String, String)>,
    pub(super) verdict: Verdict,
    /// The event that made it hold.
    pub(super) source: Place,
    /// All events in the window.
    pub(super) events: Vec<Place>,
}

impl Correlating {
    pub(super) fn add(&mut self, path: &Arc<str>, observed: Vec<Observed>, unplaced: usize) {
        self.unplaced += unplaced;
        for Observed { index, mut observation, .. } in observed {
            let event = &mut observation.occurrence.event;
            if event.is_empty() {
                *event = format!("{path}#{index}");
            }
            // An event that is delivered twice stands where it was seen first.
            self.places.entry(event.clone()).or_insert_with(|| Place { path: Arc::clone(path), index });
            self.correlator.add(observation);
        }
    }

    pub(super) fn finish(self, rules: &RuleSet, output: &Output) -> Vec<Fired> {
        if self.unplaced > 0 {
            let matches = if self.unplaced == 1 { "match" } else { "matches" };
            output.note(format_args!(
                "{} {matches} left out of correlations: no time, or no value to group by",
                self.unplaced
            ));
        }
        let Correlating { correlator, places, .. } = self;
        let fired = |firing: trailhound_rule_engine::Firing| {
            let source = places.get(&firing.verdict.event)?.clone();
            let events = firing.verdict.events.iter().filter_map(|event| places.get(event).cloned()).collect();
            let (correlation, group, verdict) = (firing.correlation, firing.group, firing.verdict);
            Some(Fired { correlation, group, verdict, source, events })
        };
        correlator.finish(rules).into_iter().filter_map(fired).collect()
    }
}
