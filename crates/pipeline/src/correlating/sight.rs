//! First sight: values that were not there for the timespan.
//!
//! No occurrence is stored: for each value of a group there are its runs, and a run alerts at its first
//! event. A value that never pauses is one run, however many events it has.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use trailhound_rule_engine::{Firing, Occurrence};

use super::{Correlating, Document, Fired, Group, StateKey, later, run::Run};
use crate::{StateError, limits::HISTORY, state::Change};

/// When the first event of a group was.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Beginning {
    first: Option<Timestamp>,
    /// End of the document, to renew it now and then.
    until: Option<Timestamp>,
}

impl Correlating<'_> {
    pub(super) async fn sight(
        &self,
        group: &Group<'_>,
        learning: i64,
        occurrences: &[Occurrence],
    ) -> Result<Vec<Firing>, StateError> {
        let Some(earliest) = occurrences.iter().map(|own| own.time).min() else { return Ok(Vec::new()) };
        let beginning = self.beginning(group, earliest).await?;
        let mut by_value: std::collections::BTreeMap<&[String], Vec<&Occurrence>> = std::collections::BTreeMap::new();
        for occurrence in occurrences {
            if let Some(value) = &occurrence.value {
                by_value.entry(value).or_default().push(occurrence);
            }
        }
        let mut firings = Vec::new();
        for (value, own) in by_value {
            let key = StateKey::new("sights", group.parts().chain(value.iter().map(String::as_str)));
            for fired in self.sight_of(group, &key, &own, |run| is_learnt(run, beginning, learning)).await? {
                let event = fired.event.clone();
                firings.push(group.firing(fired, vec![event]));
            }
        }
        Ok(firings)
    }

    async fn sight_of(
        &self,
        group: &Group<'_>,
        key: &StateKey,
        own: &[&Occurrence],
        is_learnt: impl Fn(&Run) -> bool + Send + Sync,
    ) -> Result<Vec<Fired>, StateError> {
        let until = later(self.now, HISTORY.max(group.timespan().saturating_mul(2)));
        let change = |document: &mut Document| {
            let before = document.runs.clone();
            for occurrence in own {
                document.runs.fold(occurrence.time, &occurrence.event, group.correlation.timespan());
            }
            let mut answerable = Vec::new();
            for run in &mut document.runs.0 {
                let Some(oldest) = own.iter().map(|own| own.time).find(|time| (run.first..=run.last).contains(time))
                else {
                    continue;
                };
                if run.fired.is_none() && is_learnt(run) {
                    let (event, first) = (run.event.clone(), run.first);
                    run.fired =
                        Some(Fired { event, time: first, count: 1, first, last: first, bound: oldest.max(first) });
                }
                answerable.extend(run.fired.clone().filter(|fired| oldest <= fired.bound));
            }
            document.runs.forget();
            if document.runs == before { Change::Keep(answerable) } else { Change::Write(answerable, until) }
        };
        self.documents().update(key, change).await
    }

    /// The time of the first event of the group that is known of.
    async fn beginning(&self, group: &Group<'_>, earliest: Timestamp) -> Result<Timestamp, StateError> {
        let kept = HISTORY.max(group.timespan().saturating_mul(2));
        let (until, soon) = (later(self.now, kept), later(self.now, kept / 2));
        let change = |document: &mut Beginning| {
            let first = document.first.map_or(earliest, |first| first.min(earliest));
            if document.first == Some(first) && document.until.is_some_and(|until| soon < until) {
                return Change::Keep(first);
            }
            *document = Beginning { first: Some(first), until: Some(until) };
            Change::Write(first, until)
        };
        self.documents().update(&group.key("beginning"), change).await
    }
}

/// Whether the run begins after the group has been learnt.
fn is_learnt(run: &Run, beginning: Timestamp, learning: i64) -> bool {
    run.first.duration_since(beginning).as_secs() >= learning
}
