use std::{
    collections::{BTreeSet, HashMap},
    io, mem,
    rc::Rc,
    sync::Arc,
};

use trailhound_rule_engine::{CorrelationIndex, Firing, Held, Judge, Observation, RuleSet};

use super::{
    Fired, Place, Ranks,
    entry::{Entry, Shared, read_entry, read_key, write_entry, write_key},
};
use crate::spool::{Merged, Name, Names};

/// Objects whose names are kept while firings are put together; 1,024.
const KNOWN_NAMES: usize = 1_024;

/// Judges groups one after the other, those of a correlation that others are about before theirs.
pub(super) struct Judging<'r> {
    rules: &'r RuleSet,
    ranks: Ranks,
    merged: Merged,
    names: Names,
    known: HashMap<Name, Arc<str>>,
    /// What firings mean to other correlations.
    derived: BTreeSet<Vec<u8>>,
    fired: Vec<Fired>,
}

/// A group whose events are coming in.
struct Group<'r> {
    key: Vec<u8>,
    correlation: CorrelationIndex,
    values: Vec<String>,
    judge: Judge<'r, Shared>,
}

impl<'r> Judging<'r> {
    pub(super) fn new(rules: &'r RuleSet, ranks: Ranks, merged: Merged, names: Names) -> Self {
        let (known, derived, fired) = Default::default();
        Judging { rules, ranks, merged, names, known, derived, fired }
    }

    /// All firings of correlations that speak for themselves, by time.
    pub(super) fn run(mut self) -> io::Result<Vec<Fired>> {
        let mut group: Option<Group<'r>> = None;
        let (mut head, mut entry) = (Vec::new(), Vec::new());
        let mut has_head = self.merged.next_into(&mut head)?;
        loop {
            let is_derived = self.derived.first().is_some_and(|first| !has_head || *first < head);
            let next = if is_derived { self.derived.first() } else { has_head.then_some(&head) };
            // A group that is over may fire into the one that would be next, so it is closed before.
            if let Some(over) = group.take_if(|group| next.is_none_or(|next| !next.starts_with(&group.key))) {
                self.close(over)?;
                continue;
            }
            if is_derived {
                entry = self.derived.pop_first().unwrap_or_default();
            } else if has_head {
                mem::swap(&mut entry, &mut head);
                has_head = self.merged.next_into(&mut head)?;
            } else {
                break;
            }
            self.take(&mut group, &entry)?;
        }
        self.fired.sort_by(|left, right| left.order().cmp(&right.order()));
        Ok(self.fired)
    }

    fn take(&mut self, group: &mut Option<Group<'r>>, entry: &[u8]) -> io::Result<()> {
        if group.is_none() {
            *group = self.open(entry);
        }
        let Some(group) = group else { return Err(io::ErrorKind::InvalidData.into()) };
        let read = entry.get(group.key.len()..).and_then(read_entry).ok_or(io::ErrorKind::InvalidData)?;
        match group.judge.take(Shared(Rc::new(read))) {
            Some(held) => self.fire(group.correlation, &group.values, held),
            None => Ok(()),
        }
    }

    fn open(&self, entry: &[u8]) -> Option<Group<'r>> {
        let key = read_key(entry)?;
        let correlation = self.rules.correlation_order().get(key.rank as usize).copied()?;
        let judge = Judge::new(self.rules.correlation(correlation)?);
        Some(Group { key: key.bytes.to_vec(), correlation, values: key.group, judge })
    }

    fn close(&mut self, group: Group<'r>) -> io::Result<()> {
        match group.judge.finish() {
            Some(held) => self.fire(group.correlation, &group.values, held),
            None => Ok(()),
        }
    }

    fn fire(&mut self, index: CorrelationIndex, values: &[String], held: Held<Shared>) -> io::Result<()> {
        let Some(correlation) = self.rules.correlation(index) else { return Ok(()) };
        let Some(Shared(last)) = held.window.last().cloned() else { return Ok(()) };
        let group = correlation.group_by().map(str::to_owned).zip(values.iter().cloned()).collect();
        let firing = Firing { correlation: index, group, verdict: held.verdict };
        for observation in self.rules.observations_of(&firing) {
            self.derive(observation, &last);
        }
        if self.rules.is_silent_correlation(index) {
            return Ok(());
        }
        let mut source = self.place(&last)?;
        let mut events = Vec::with_capacity(firing.verdict.events.len());
        // The window has an event once for each rule that it matches; a verdict has it once.
        let mut wanted = firing.verdict.events.iter().peekable();
        for Shared(entry) in &held.window {
            if wanted.next_if(|event| **event == entry.occurrence.event).is_some() {
                let place = self.place(entry)?;
                if entry.occurrence.event == firing.verdict.event {
                    source = place.clone();
                }
                events.push(place);
            }
        }
        let Firing { correlation, group, verdict } = firing;
        self.fired.push(Fired { correlation, group, verdict, source, events });
        Ok(())
    }

    fn derive(&mut self, observation: Observation, source: &Entry) {
        let Some(rank) = self.ranks.of(observation.correlation) else { return };
        let mut bytes = Vec::new();
        write_key(&mut bytes, rank, &observation.group);
        let entry = Entry { occurrence: observation.occurrence, ..source.clone() };
        // Whatever else is the same has come from a log, which is before all firings.
        write_entry(&mut bytes, &entry, u64::MAX);
        self.derived.insert(bytes);
    }

    fn place(&mut self, entry: &Entry) -> io::Result<Place> {
        if let Some(path) = self.known.get(&entry.name) {
            return Ok(Place { path: Arc::clone(path), index: entry.index });
        }
        let path: Arc<str> = self.names.get(entry.name)?.into();
        if self.known.len() >= KNOWN_NAMES {
            self.known.clear();
        }
        self.known.insert(entry.name, Arc::clone(&path));
        Ok(Place { path, index: entry.index })
    }
}
