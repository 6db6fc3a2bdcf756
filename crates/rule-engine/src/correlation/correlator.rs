use std::collections::BTreeMap;

use super::{CorrelationIndex, Observation, Occurrence, Verdict, resolve::Target};
use crate::ruleset::RuleSet;

/// A correlation that has come to hold for one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firing {
    /// The correlation.
    pub correlation: CorrelationIndex,
    /// The names in its `group-by` with their values, in their order.
    pub group: Vec<(String, String)>,
    /// The window in which it holds.
    pub verdict: Verdict,
}

/// Keeps observations in memory and judges them all at once.
///
/// What comes out does not depend on the order in which observations are added, nor on whether one is
/// added twice.
#[derive(Debug, Default)]
pub struct Correlator {
    groups: BTreeMap<(CorrelationIndex, Vec<String>), Vec<Occurrence>>,
}

impl Correlator {
    /// Takes an event into account.
    pub fn add(&mut self, observation: Observation) {
        let Observation { correlation, occurrence, group } = observation;
        self.groups.entry((correlation, group)).or_default().push(occurrence);
    }

    /// Judges everything that was added by the correlations of `rules`, which the observations are from:
    /// the firings of those that speak for themselves, by time.
    /// A correlation that another one is about is silent unless that one generates.
    pub fn finish(self, rules: &RuleSet) -> Vec<Firing> {
        let mut firings = self.finish_with_silent(rules);
        firings.retain(|firing| !rules.is_silent_correlation(firing.correlation));
        firings
    }

    /// The same with the silent correlations.
    pub fn finish_with_silent(mut self, rules: &RuleSet) -> Vec<Firing> {
        let mut firings = Vec::new();
        for &index in rules.correlation_order() {
            let fired = self.judge(index, rules);
            for firing in &fired {
                self.pass_on(firing, rules);
            }
            firings.extend(fired);
        }
        firings.sort_by(|left, right| {
            (left.verdict.time, left.correlation, &left.group).cmp(&(
                right.verdict.time,
                right.correlation,
                &right.group,
            ))
        });
        firings
    }

    fn judge(&self, index: CorrelationIndex, rules: &RuleSet) -> Vec<Firing> {
        let Some(correlation) = rules.correlation(index) else { return Vec::new() };
        let mut fired = Vec::new();
        for ((_, group), occurrences) in
            self.groups.range((index, Vec::new())..).take_while(|((at, _), _)| *at == index)
        {
            let named: Vec<(String, String)> =
                correlation.group_by().map(str::to_owned).zip(group.iter().cloned()).collect();
            fired.extend(correlation.judge(occurrences).into_iter().map(|verdict| Firing {
                correlation: index,
                group: named.clone(),
                verdict,
            }));
        }
        fired
    }

    fn pass_on(&mut self, firing: &Firing, rules: &RuleSet) {
        for observation in rules.observations_of(firing) {
            self.add(observation);
        }
    }
}

impl RuleSet {
    /// A firing is an event for the correlations about it, at the time of the event that made it hold,
    /// with its group values as its fields.
    pub fn observations_of(&self, firing: &Firing) -> Vec<Observation> {
        let mut observations = Vec::new();
        let Some(metadata) = self.correlation(firing.correlation).map(|fired| &fired.metadata) else {
            return observations;
        };
        let field = |name: &str| firing.group.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
        for (index, parent) in self.correlations() {
            let targets = self.correlation_targets(index).iter().enumerate();
            for (member, _) in targets.filter(|(_, target)| **target == Target::Correlation(firing.correlation)) {
                let group: Option<Vec<String>> =
                    parent.group_by.iter().map(|group| field(group.of_rule(metadata))).collect();
                let Some(group) = group else { continue };
                let value = parent.value_fields().iter().map(|name| field(name)).collect();
                let event = firing.verdict.event.clone();
                let occurrence = Occurrence { time: firing.verdict.time, event, member, value };
                observations.push(Observation { correlation: index, occurrence, group });
            }
        }
        observations
    }
}
