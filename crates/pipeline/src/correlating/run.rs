use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use trailhound_rule_engine::Verdict;

use crate::limits::RUNS;

/// Events of a group, none of which is further than the timespan from the next.
///
/// A correlation says once for each run that it holds: the engine says so again only after a window has
/// been empty, and that is where a run ends. Runs are made of what was folded in, whatever the order,
/// however often, and by however many workers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Run {
    /// Time of its first event.
    pub(super) first: Timestamp,
    /// Its first event.
    pub(super) event: String,
    /// Time of its last event.
    pub(super) last: Timestamp,
    /// What was said of it. Of two runs that a late event joins, the earlier saying stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) fired: Option<Fired>,
    /// Up to where its windows are judged, for correlations that are judged at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) judged: Option<Timestamp>,
}

/// That a correlation holds, as it was said first: every worker says the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fired {
    pub(super) event: String,
    pub(super) time: Timestamp,
    pub(super) count: usize,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    /// A delivery with an event up to here is answerable for the alert: one of them caused it.
    pub(super) bound: Timestamp,
}

/// The runs of a group, by time; between two of them lies more than the timespan.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Runs(pub(super) Vec<Run>);

impl Runs {
    /// Takes an event into account; the run it belongs to.
    pub(super) fn fold(&mut self, time: Timestamp, event: &str, timespan: i64) -> Option<&mut Run> {
        let reach = SignedDuration::from_secs(timespan);
        let is_near = |run: &Run| run.first.duration_since(time) <= reach && time.duration_since(run.last) <= reach;
        let start = self.0.iter().position(is_near);
        let start = start.unwrap_or_else(|| self.0.iter().take_while(|run| run.last < time).count());
        let near = self.0.iter().skip(start).take_while(|run| is_near(run)).count();
        let point = Run { first: time, event: event.to_owned(), last: time, fired: None, judged: None };
        let joined = self.0.splice(start..start.saturating_add(near), []).fold(point, Run::join);
        self.0.insert(start, joined);
        self.0.get_mut(start)
    }

    /// The run that this time lies in.
    pub(super) fn at(&mut self, time: Timestamp) -> Option<&mut Run> {
        self.0.iter_mut().find(|run| (run.first..=run.last).contains(&time))
    }

    /// Forgets the oldest of too many.
    pub(super) fn forget(&mut self) {
        let too_many = self.0.len().saturating_sub(RUNS);
        self.0.drain(..too_many);
    }
}

impl Run {
    fn join(self, other: Run) -> Run {
        let event = match (other.first, &other.event).cmp(&(self.first, &self.event)) {
            std::cmp::Ordering::Less => other.event,
            _ => self.event,
        };
        let fired =
            [self.fired, other.fired].into_iter().flatten().min_by_key(|fired| (fired.time, fired.event.clone()));
        Run {
            first: self.first.min(other.first),
            event,
            last: self.last.max(other.last),
            fired,
            judged: self.judged.max(other.judged),
        }
    }
}

impl Fired {
    pub(super) fn new(verdict: &Verdict, bound: Timestamp) -> Self {
        let Verdict { event, time, count, first, last, events: _ } = verdict;
        Fired { event: event.clone(), time: *time, count: *count, first: *first, last: *last, bound }
    }

    pub(super) fn verdict(self, events: Vec<String>) -> Verdict {
        let Fired { event, time, count, first, last, bound: _ } = self;
        Verdict { event, time, count, first, last, events }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    /// Clusters by sorting first.
    fn slow(seconds: &[i64], timespan: i64) -> Vec<(Timestamp, Timestamp)> {
        let mut sorted = seconds.to_vec();
        sorted.sort_unstable();
        let mut clusters: Vec<(i64, i64)> = Vec::new();
        for second in sorted {
            match clusters.last_mut() {
                Some(last) if second - last.1 <= timespan => last.1 = second,
                _ => clusters.push((second, second)),
            }
        }
        clusters.into_iter().map(|(first, last)| (at(first), at(last))).collect()
    }

    proptest! {
        #[test]
        fn runs_do_not_depend_on_the_order(seconds in proptest::collection::vec(0i64..200, 0..40)) {
            let mut runs = Runs::default();
            for second in seconds.iter().chain(seconds.iter().rev()) {
                let event = second.to_string();
                let run = runs.fold(at(*second), &event, 10).unwrap();
                prop_assert!((run.first..=run.last).contains(&at(*second)));
            }
            let found: Vec<_> = runs.0.iter().map(|run| (run.first, run.last)).collect();
            prop_assert_eq!(found, slow(&seconds, 10));
            for run in &runs.0 {
                prop_assert_eq!(at(run.event.parse().unwrap()), run.first);
            }
        }
    }
}
