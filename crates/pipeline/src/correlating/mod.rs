//! Judges correlations over what is stored, so that any number of workers that see parts of the events
//! in any order alert once for each run of them.
//!
//! A worker first records the occurrences of its delivery, then reads: of two workers the later one sees
//! the occurrences of both, so whatever holds is seen by somebody. That it is said once is a matter of
//! the runs of the group ([`run::Run`]), which change by compare and swap.

mod closing;
mod run;
mod sight;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use trailhound_rule_engine::{Correlation, CorrelationIndex, Firing, Judging, Observation, Occurrence, RuleSet};

use self::run::{Fired, Run, Runs};
use crate::{
    EventSummary, State, StateError, StateKey,
    alert::rule_identity,
    limits::{ALERT_MEMORY, NAMED_EVENTS, OCCURRENCE_REST},
    state::{Change, Documents},
};

pub(crate) use closing::WINDOW;

/// Judges correlations at one moment.
pub(crate) struct Correlating<'p> {
    rules: &'p RuleSet,
    state: &'p dyn State,
    now: Timestamp,
    near: Vec<Near>,
}

/// An event that came with a delivery, and the group of a correlation that it is in.
pub(crate) type Near = (CorrelationIndex, Vec<String>, Arc<EventSummary>);

/// Where an event happened; kept for alerts of a time at which no event is at hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Whereabouts {
    account: Option<String>,
    region: Option<String>,
}

/// One group of one correlation.
struct Group<'p> {
    index: CorrelationIndex,
    correlation: &'p Correlation,
    values: Vec<String>,
}

/// What is stored about a group.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Document {
    runs: Runs,
    /// When somebody will look whether windows are over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
    /// What windows that are over have come to, until it is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    outbox: Vec<Fired>,
    /// Where one of its latest events happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<Whereabouts>,
}

impl<'p> Correlating<'p> {
    pub(crate) fn new(rules: &'p RuleSet, state: &'p dyn State, now: Timestamp) -> Self {
        Correlating { rules, state, now, near: Vec::new() }
    }

    /// The same with events that are at hand.
    pub(crate) fn with_events(self, near: Vec<Near>) -> Self {
        Correlating { near, ..self }
    }

    /// An event at hand of a group.
    pub(crate) fn event_near(&self, index: CorrelationIndex, group: &[&str]) -> Option<&EventSummary> {
        let is_in = |known: &&Near| known.0 == index && known.1.iter().eq(group);
        self.near.iter().find(is_in).map(|(_, _, event)| &**event)
    }

    /// Records what a delivery has brought; what the correlations come to that it is answerable for,
    /// silent ones included. Asked again with the same observations it says the same.
    pub(crate) async fn observe(&self, observations: Vec<Observation>) -> Result<Vec<Firing>, StateError> {
        let mut waiting: BTreeMap<CorrelationIndex, BTreeMap<Vec<String>, Vec<Occurrence>>> = BTreeMap::new();
        let add = |waiting: &mut BTreeMap<_, BTreeMap<_, Vec<_>>>, observation: Observation| {
            let Observation { correlation, occurrence, group } = observation;
            waiting.entry(correlation).or_default().entry(group).or_default().push(occurrence);
        };
        for observation in observations {
            add(&mut waiting, observation);
        }
        let mut firings = Vec::new();
        // Each correlation comes after those it is about, so that their firings are there by then.
        for index in self.rules.correlation_order() {
            let Some(correlation) = self.rules.correlation(*index) else { continue };
            for (values, mut occurrences) in waiting.remove(index).unwrap_or_default() {
                occurrences.sort();
                occurrences.dedup();
                let group = Group { index: *index, correlation, values };
                for firing in self.group(&group, &occurrences).await? {
                    for passed in self.rules.observations_of(&firing) {
                        add(&mut waiting, passed);
                    }
                    firings.push(firing);
                }
            }
        }
        Ok(firings)
    }

    async fn group(&self, group: &Group<'_>, occurrences: &[Occurrence]) -> Result<Vec<Firing>, StateError> {
        match group.correlation.judging() {
            Judging::FirstSight { learning } => self.sight(group, learning, occurrences).await,
            Judging::AtTheEnd => {
                self.record(group, occurrences).await?;
                self.expect(group, occurrences).await?;
                Ok(Vec::new())
            }
            Judging::AtEachEvent => {
                self.record(group, occurrences).await?;
                self.judge(group, occurrences).await
            }
        }
    }

    async fn record(&self, group: &Group<'_>, occurrences: &[Occurrence]) -> Result<(), StateError> {
        let until = self.after(group.timespan().saturating_add(OCCURRENCE_REST));
        self.state.record(&group.events(), occurrences, until).await
    }

    async fn judge(&self, group: &Group<'_>, occurrences: &[Occurrence]) -> Result<Vec<Firing>, StateError> {
        let mut firings = Vec::new();
        for run in self.fold(&group.runs(), group, occurrences).await? {
            let own = || occurrences.iter().map(|own| own.time).filter(|time| (run.first..=run.last).contains(time));
            let (Some(oldest), Some(newest)) = (own().min(), own().max()) else { continue };
            let fired = match run.fired {
                Some(fired) => Some(fired),
                None => self.hold(group, oldest, newest).await?,
            };
            if let Some(fired) = fired.filter(|fired| oldest <= fired.bound) {
                firings.push(self.firing(group, fired).await?);
            }
        }
        Ok(firings)
    }

    /// Folds events into the runs of a group; the runs they belong to.
    async fn fold(
        &self,
        key: &StateKey,
        group: &Group<'_>,
        occurrences: &[Occurrence],
    ) -> Result<Vec<Run>, StateError> {
        let until = self.after(ALERT_MEMORY);
        let fold = |document: &mut Document| {
            let before = document.runs.clone();
            let touched = document.runs.fold_all(occurrences, group.correlation.timespan());
            document.runs.forget();
            if document.runs == before { Change::Keep(touched) } else { Change::Write(touched, until) }
        };
        self.documents().update(key, fold).await
    }

    /// Looks whether a window holds that an event between these times lies in, and says so for its run
    /// unless somebody else has.
    async fn hold(&self, group: &Group<'_>, oldest: Timestamp, newest: Timestamp) -> Result<Option<Fired>, StateError> {
        let timespan = group.timespan();
        let (from, to) = (earlier(oldest, timespan), later(newest, timespan));
        let window = self.state.window(&group.events(), from, to).await?;
        let Some(verdict) = group.correlation.first_holding(&window, oldest) else { return Ok(None) };
        let until = self.after(ALERT_MEMORY);
        let say = |document: &mut Document| {
            // Others may have recorded events of the window and not yet come to folding them in.
            let reach = group.correlation.timespan();
            document.runs.fold(verdict.first, verdict.events.first().unwrap_or(&verdict.event), reach);
            let Some(run) = document.runs.fold(verdict.last, &verdict.event, reach) else { return Change::Keep(None) };
            if let Some(fired) = &run.fired {
                return Change::Keep(Some(fired.clone()));
            }
            let fired = Fired::new(&verdict, verdict.time);
            run.fired = Some(fired.clone());
            Change::Write(Some(fired), until)
        };
        self.documents().update(&group.runs(), say).await
    }

    /// The firing with the events of its window.
    async fn firing(&self, group: &Group<'_>, fired: Fired) -> Result<Firing, StateError> {
        let window = self.state.window(&group.events(), fired.first, fired.last).await?;
        let mut events: Vec<String> = Vec::new();
        for occurrence in window {
            if events.len() < NAMED_EVENTS && !events.contains(&occurrence.event) {
                events.push(occurrence.event);
            }
        }
        Ok(group.firing(fired, events))
    }

    fn documents(&self) -> Documents<'_> {
        Documents::new(self.state)
    }

    fn after(&self, time: Duration) -> Timestamp {
        later(self.now, time)
    }
}

impl Whereabouts {
    fn of(event: &EventSummary) -> Self {
        Whereabouts { account: event.recipient_account_id.clone(), region: event.aws_region.clone() }
    }

    /// As much of an event as it says.
    fn event(self) -> EventSummary {
        EventSummary { recipient_account_id: self.account, aws_region: self.region, ..EventSummary::default() }
    }
}

impl Runs {
    /// Folds events in; the runs they belong to, as they are afterwards.
    fn fold_all(&mut self, occurrences: &[Occurrence], timespan: i64) -> Vec<Run> {
        for occurrence in occurrences {
            self.fold(occurrence.time, &occurrence.event, timespan);
        }
        let is_touched = |run: &&Run| occurrences.iter().any(|event| (run.first..=run.last).contains(&event.time));
        self.0.iter().filter(is_touched).cloned().collect()
    }
}

impl Group<'_> {
    fn timespan(&self) -> Duration {
        Duration::from_secs(u64::try_from(self.correlation.timespan()).unwrap_or_default())
    }

    fn key(&self, kind: &'static str) -> StateKey {
        StateKey::new(kind, self.parts())
    }

    /// What sets the group apart from all others.
    fn parts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(rule_identity(self.correlation.metadata())).chain(self.values.iter().map(String::as_str))
    }

    fn events(&self) -> StateKey {
        self.key("events")
    }

    fn runs(&self) -> StateKey {
        self.key("runs")
    }

    fn firing(&self, fired: Fired, events: Vec<String>) -> Firing {
        let names = self.correlation.group_by().map(str::to_owned);
        Firing {
            correlation: self.index,
            group: names.zip(self.values.iter().cloned()).collect(),
            verdict: fired.verdict(events),
        }
    }
}

fn earlier(time: Timestamp, by: Duration) -> Timestamp {
    time.saturating_sub(by).unwrap_or(Timestamp::MIN)
}

fn later(time: Timestamp, by: Duration) -> Timestamp {
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}
