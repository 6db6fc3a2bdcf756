//! What the correlations make of everything that is scanned. Logs come in no order, and there may be more of
//! them than fits into memory; so what correlations are to know is sorted by correlation, group and time first.

mod entry;
mod judging;

use std::{io, sync::Arc};

use jiff::Timestamp;
use trailhound_pipeline::Observed;
use trailhound_rule_engine::{CorrelationIndex, RuleSet, Verdict};

use self::{
    entry::{Entry, write_entry, write_key},
    judging::Judging,
};
use crate::{
    output::Output,
    spool::{Names, Spool},
};

/// Collects what correlations are to know, and where each event stands.
#[derive(Debug)]
pub(super) struct Correlating {
    spool: Spool,
    names: Names,
    ranks: Ranks,
    arrived: u64,
    unplaced: usize,
    entry: Vec<u8>,
}

/// The place of each correlation in the order of judging.
#[derive(Debug)]
struct Ranks(Vec<u32>);

/// Where a record stands.
#[derive(Debug, Clone, PartialEq, Eq)]
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

impl Fired {
    fn order(&self) -> (Timestamp, CorrelationIndex, &[(String, String)]) {
        (self.verdict.time, self.correlation, &self.group)
    }
}

impl Ranks {
    fn new(rules: &RuleSet) -> Self {
        let order = rules.correlation_order();
        let mut ranks = vec![0; order.len()];
        for (rank, correlation) in (0..).zip(order) {
            if let Some(place) = ranks.get_mut(correlation.get()) {
                *place = rank;
            }
        }
        Ranks(ranks)
    }

    fn of(&self, correlation: CorrelationIndex) -> Option<u32> {
        self.0.get(correlation.get()).copied()
    }
}

impl Correlating {
    pub(super) fn new(rules: &RuleSet) -> Self {
        let (spool, names, entry) = Default::default();
        Correlating { spool, names, ranks: Ranks::new(rules), arrived: 0, unplaced: 0, entry }
    }

    /// Adds what was observed in one object. An event that is delivered twice stands where it was seen first.
    pub(super) fn add(&mut self, path: &str, observed: Vec<Observed>, unplaced: usize) -> io::Result<()> {
        self.unplaced += unplaced;
        if observed.is_empty() {
            return Ok(());
        }
        let name = self.names.add(path)?;
        for Observed { index, observation, .. } in observed {
            let Some(rank) = self.ranks.of(observation.correlation) else { continue };
            let mut occurrence = observation.occurrence;
            if occurrence.event.is_empty() {
                occurrence.event = format!("{path}#{index}");
            }
            self.entry.clear();
            write_key(&mut self.entry, rank, &observation.group);
            write_entry(&mut self.entry, &Entry { occurrence, name, index }, self.arrived);
            self.spool.add(&self.entry)?;
            self.arrived += 1;
        }
        Ok(())
    }

    /// Everything has been added: the firings by time.
    pub(super) fn finish(self, rules: &RuleSet, output: &Output) -> io::Result<Vec<Fired>> {
        if self.unplaced > 0 {
            let matches = if self.unplaced == 1 { "match" } else { "matches" };
            output.note(format_args!(
                "{} {matches} left out of correlations: no time, or no value to group by",
                self.unplaced
            ));
        }
        Judging::new(rules, self.ranks, self.spool.finish()?, self.names).run()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;
    use trailhound_rule_engine::{Correlator, Limits, Observation, Occurrence, Source};

    use super::*;

    const RULES: &str = "
title: A
name: a
logsource: {product: aws, service: cloudtrail}
detection: {s: {x: 1}, condition: s}
---
title: B
name: b
logsource: {product: aws, service: cloudtrail}
detection: {s: {x: 2}, condition: s}
---
title: A chain, which stands before what it is about
correlation: {type: temporal_ordered, rules: [many, few], group-by: [who], timespan: 20s}
---
title: Many
name: many
correlation: {type: event_count, rules: [a, b], group-by: [who], timespan: 10s, condition: {gte: 3}}
---
title: Few
name: few
correlation: {type: event_count, rules: [a], group-by: [who], timespan: 5s, condition: {lt: 2}, generate: true}
---
title: Different
correlation: {type: value_count, rules: [a, b], group-by: [who], timespan: 10s, condition: {field: v, gte: 2}}
---
title: New
correlation: {type: new_value, rules: [a], group-by: [who], timespan: 10s, condition: {field: v}}
";

    /// Number of the correlation among those about rules, second, event, position of the rule, value, actor.
    type Seen = (usize, i64, u8, usize, Option<u8>, u8);

    fn observed(correlation: CorrelationIndex, (_, second, event, member, value, who): &Seen) -> Observation {
        let time = Timestamp::from_second(*second).unwrap();
        let value = value.map(|value| vec![value.to_string()]);
        let occurrence = Occurrence { time, event: event.to_string(), member: *member, value };
        Observation { correlation, occurrence, group: vec![who.to_string()] }
    }

    fn seen() -> impl Strategy<Value = Seen> {
        (0..4_usize, 0..60_i64, 0..30_u8, 0..2_usize, proptest::option::of(0..3_u8), 0..2_u8)
    }

    proptest! {
        #[test]
        fn what_is_sorted_on_disk_is_judged_as_in_memory(seen in proptest::collection::vec(seen(), 0..80)) {
            let loaded = RuleSet::load([Source::new("c.yml", RULES)], &Limits::default());
            prop_assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
            let rules = loaded.rules;
            let about_rules: Vec<CorrelationIndex> = rules.correlations().map(|(index, _)| index).skip(1).collect();
            let mut correlator = Correlator::default();
            let mut correlating = Correlating::new(&rules);
            correlating.spool = Spool::with_memory(500);
            for (number, seen) in seen.iter().enumerate() {
                let Some(&correlation) = about_rules.get(seen.0) else { continue };
                correlator.add(observed(correlation, seen));
                let observed = Observed {
                    index: number as u64,
                    observation: observed(correlation, seen),
                    event: Arc::default(),
                    record: "".into(),
                };
                correlating.add("o.json", vec![observed], 0).unwrap();
            }
            let expected: Vec<_> = correlator
                .finish(&rules)
                .into_iter()
                .map(|firing| (firing.correlation, firing.group, firing.verdict))
                .collect();
            let spool = correlating.spool.finish().unwrap();
            let fired = Judging::new(&rules, correlating.ranks, spool, correlating.names).run().unwrap();
            for fired in &fired {
                prop_assert_eq!(fired.events.len(), fired.verdict.events.len());
                let at = fired.verdict.events.iter().position(|event| *event == fired.verdict.event);
                prop_assert_eq!(at.and_then(|at| fired.events.get(at)), Some(&fired.source));
            }
            let fired: Vec<_> =
                fired.into_iter().map(|fired| (fired.correlation, fired.group, fired.verdict)).collect();
            prop_assert_eq!(fired, expected);
        }
    }
}
