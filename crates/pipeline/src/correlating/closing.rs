//! Conditions that more events could undo: their windows are judged when they are over.
//!
//! A window begins with the first event after the one before, and lasts for the timespan. It is over
//! when the time that events may be late has passed, since its end and since its events came. What
//! wakes somebody up to look is an entry on the agenda.

use jiff::{SignedDuration, Timestamp, Unit};
use serde::{Deserialize, Serialize};
use trailhound_rule_engine::{Firing, Occurrence};

use super::{Correlating, Document, Fired, Group, Whereabouts, later, run::Run};
use crate::{
    AgendaEntry, EventSummary, StateError, StateKey,
    alert::rule_identity,
    limits::{ALERT_MEMORY, LATENESS, SWAP_ATTEMPTS},
    state::Change,
};

/// Begins the keys of agenda entries about windows.
pub(crate) const WINDOW: &str = "window";

/// Leads from an agenda entry to its group.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    rule: String,
    group: Vec<String>,
}

/// What windows that are over have come to; it has to be [finished](Correlating::finish) once it is sent.
#[derive(Debug, Default)]
pub(crate) struct Closed {
    /// What to send, silent correlations and those about them included.
    pub(crate) firings: Vec<Firing>,
    sent: Vec<Fired>,
    document: Option<StateKey>,
    /// What is known of where the events happened.
    pub(crate) near: Option<EventSummary>,
}

/// A window that is over.
struct Over {
    /// Its first event.
    start: Timestamp,
    end: Timestamp,
    fired: Option<Fired>,
}

impl Correlating<'_> {
    /// Notes new events, and that somebody has to look at their windows later.
    pub(super) async fn expect(&self, group: &Group<'_>, occurrences: &[Occurrence]) -> Result<(), StateError> {
        let Some(earliest) = occurrences.iter().map(|own| own.time).min() else { return Ok(()) };
        let due = when_over(later(earliest, group.timespan()).max(self.now));
        let until = self.after(ALERT_MEMORY);
        let values: Vec<&str> = group.values.iter().map(String::as_str).collect();
        let place = self.event_near(group.index, &values).map(Whereabouts::of);
        for _ in 0..SWAP_ATTEMPTS {
            let known: Document = self.documents().read(&group.runs()).await?;
            let due = known.due.map_or(due, |known| known.min(due));
            // Before it is noted in the document: if this worker ends between the two, somebody looks
            // once too often, and not never.
            if known.due != Some(due) {
                self.state.schedule(&group.entry(due)).await?;
            }
            let note = |document: &mut Document| {
                if document.due != known.due {
                    // Somebody else changed when to look, and may have removed the entry relied on here.
                    return Change::Keep(false);
                }
                let before = document.runs.clone();
                document.runs.fold_all(occurrences, group.correlation.timespan());
                document.runs.forget();
                let is_known = document.runs == before && document.due == Some(due);
                document.due = Some(due);
                if !is_known {
                    document.place = place.clone().or(document.place.take());
                }
                if is_known { Change::Keep(true) } else { Change::Write(true, until) }
            };
            if self.documents().update(&group.runs(), note).await? {
                return Ok(());
            }
        }
        Err(StateError::Transient(format!("others were faster {SWAP_ATTEMPTS} times in a row")))
    }

    /// Judges what is over by now in the group of an agenda entry.
    pub(crate) async fn close(&self, entry: &AgendaEntry) -> Result<Closed, StateError> {
        let Some(group) = self.noted(&entry.note) else { return Ok(Closed::default()) };
        let document: Document = self.documents().read(&group.runs()).await?;
        let (mut over, mut next) = (Vec::new(), None);
        for run in &document.runs.0 {
            let open = self.judge_windows(&group, run, &mut over).await?;
            next = [next, open].into_iter().flatten().min();
        }
        let (outbox, due) = self.note_closed(&group, &over, next).await?;
        if let Some(due) = due {
            self.state.schedule(&group.entry(due)).await?;
        }
        let mut firings = Vec::new();
        for fired in outbox.clone() {
            firings.push(self.firing(&group, fired).await?);
        }
        let passed = firings.iter().flat_map(|firing| self.rules.observations_of(firing)).collect();
        // On the heap: watching and closing call one another.
        firings.extend(Box::pin(self.observe(passed)).await?);
        let near = document.place.map(Whereabouts::event);
        Ok(Closed { firings, sent: outbox, document: Some(group.runs()), near })
    }

    /// Everything was sent that `closed` holds, and the entry is done.
    pub(crate) async fn finish(&self, entry: &AgendaEntry, closed: &Closed) -> Result<(), StateError> {
        if let Some(key) = closed.document.as_ref().filter(|_| !closed.sent.is_empty()) {
            let until = self.after(ALERT_MEMORY);
            let clear = |document: &mut Document| {
                document.outbox.retain(|waiting| !closed.sent.contains(waiting));
                Change::Write((), until)
            };
            self.documents().update(key, clear).await?;
        }
        self.state.unschedule(entry).await
    }

    /// Adds the windows of a run that are over; the end of the first that is not.
    async fn judge_windows(
        &self,
        group: &Group<'_>,
        run: &Run,
        over: &mut Vec<Over>,
    ) -> Result<Option<Timestamp>, StateError> {
        if run.judged.is_some_and(|judged| run.last <= judged) {
            return Ok(None);
        }
        let from = run
            .judged
            .map_or(run.first, |judged| judged.saturating_add(SignedDuration::from_nanos(1)).unwrap_or(judged));
        let events = self.state.window(&group.events(), from, run.last).await?;
        if events.is_empty() {
            // They have ended, since nobody has looked for longer than they are kept.
            over.push(Over { start: run.last, end: run.last, fired: None });
        }
        let mut rest = events.as_slice();
        while let Some(first) = rest.first() {
            let (start, end) = (first.time, later(first.time, group.timespan()));
            if later(end, LATENESS) > self.now {
                return Ok(Some(end));
            }
            let length = rest.iter().take_while(|event| event.time <= end).count().max(1);
            let Some((window, after)) = rest.split_at_checked(length) else { break };
            let verdict = group.correlation.judge(window).into_iter().next();
            over.push(Over { start, end, fired: verdict.map(|verdict| Fired::new(&verdict, verdict.time)) });
            rest = after;
        }
        Ok(None)
    }

    /// Notes what was judged; all that waits to be sent, and when to look again.
    async fn note_closed(
        &self,
        group: &Group<'_>,
        over: &[Over],
        next: Option<Timestamp>,
    ) -> Result<(Vec<Fired>, Option<Timestamp>), StateError> {
        let until = self.after(ALERT_MEMORY);
        let note = |document: &mut Document| {
            for Over { start, end, fired } in over {
                // Gone if there are too many runs, judged if another worker was here.
                let Some(run) = document.runs.at(*start).filter(|run| run.judged < Some(*end)) else { continue };
                run.judged = Some(*end);
                document.outbox.extend(fired.clone());
            }
            let is_open = document.runs.0.iter().any(|run| run.judged.is_none_or(|judged| judged < run.last));
            document.due = is_open.then(|| when_over(next.unwrap_or(self.now)));
            Change::Write((document.outbox.clone(), document.due), until)
        };
        self.documents().update(&group.runs(), note).await
    }

    /// The group of a note, unless its rule is gone.
    fn noted(&self, note: &str) -> Option<Group<'_>> {
        let Note { rule, group } = serde_json::from_str(note).ok()?;
        let mut known = self.rules.correlations();
        let (index, correlation) = known.find(|(_, known)| rule_identity(known.metadata()) == rule)?;
        Some(Group { index, correlation, values: group })
    }
}

impl Group<'_> {
    fn entry(&self, due: Timestamp) -> AgendaEntry {
        let rule = self.parts().next().unwrap_or_default().to_owned();
        let note = Note { rule, group: self.values.clone() };
        // A list of texts can always be written.
        let note = serde_json::to_string(&note).unwrap_or_default();
        AgendaEntry { due, key: self.key(WINDOW), note }
    }
}

/// When a window that ends at `end` is over, to the minute, so that entries seldom differ.
fn when_over(end: Timestamp) -> Timestamp {
    let over = later(end, LATENESS);
    let rounding = jiff::TimestampRound::new().smallest(Unit::Minute).mode(jiff::RoundMode::Ceil);
    over.round(rounding).unwrap_or(over)
}
