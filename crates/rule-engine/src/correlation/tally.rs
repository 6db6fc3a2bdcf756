//! Counts what stands in a window while it slides, so that an event costs the same in a window of ten
//! thousand.

use std::{
    collections::{BTreeSet, HashMap, hash_map::Entry},
    hash::{Hash, Hasher},
    ops::Deref,
};

use super::{Correlation, Kind, Occurrence, Threshold};

/// What is told apart and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counts {
    Events,
    Values,
    Members,
}

/// How often each thing stands in the window. The texts are whatever callers chose, so the hash is one that
/// they cannot foresee.
#[derive(Debug)]
pub(super) struct Tally<O> {
    counts: Counts,
    things: HashMap<Thing<O>, usize>,
}

/// An occurrence that stands for all that are the same by what is counted.
#[derive(Debug)]
struct Thing<O>(Counts, O);

impl<O: Deref<Target = Occurrence>> Tally<O> {
    /// A tally for a correlation whose condition is about how many different things there are, or which.
    pub(super) fn of(correlation: &Correlation) -> Option<Self> {
        let counts = match (&correlation.kind, &correlation.threshold) {
            (Kind::Temporal, _) | (Kind::EventCount | Kind::ValueCount(_), Threshold::Expression(_)) => Counts::Members,
            (Kind::ValueCount(_), Threshold::Bounds(_)) => Counts::Values,
            (Kind::EventCount, Threshold::Bounds(_)) => Counts::Events,
            _ => return None,
        };
        Some(Tally { counts, things: HashMap::new() })
    }

    pub(super) fn add(&mut self, event: O) {
        if self.is_counted(&event) {
            *self.things.entry(Thing(self.counts, event)).or_default() += 1;
        }
    }

    /// Takes out an event that was added before.
    pub(super) fn remove(&mut self, event: O) {
        if let Entry::Occupied(mut entry) = self.things.entry(Thing(self.counts, event)) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.things.clear();
    }

    /// How many different things there are.
    pub(super) fn distinct(&self) -> usize {
        self.things.len()
    }

    /// The rules that have matched, for a condition over their names.
    pub(super) fn members(&self) -> BTreeSet<usize> {
        self.things.keys().map(|thing| thing.1.member).collect()
    }

    fn is_counted(&self, event: &O) -> bool {
        self.counts != Counts::Values || event.value.is_some()
    }
}

impl<O: Deref<Target = Occurrence>> PartialEq for Thing<O> {
    fn eq(&self, other: &Self) -> bool {
        match self.0 {
            Counts::Events => self.1.event == other.1.event,
            Counts::Values => self.1.value == other.1.value,
            Counts::Members => self.1.member == other.1.member,
        }
    }
}

impl<O: Deref<Target = Occurrence>> Eq for Thing<O> {}

impl<O: Deref<Target = Occurrence>> Hash for Thing<O> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.0 {
            Counts::Events => self.1.event.hash(state),
            Counts::Values => self.1.value.hash(state),
            Counts::Members => self.1.member.hash(state),
        }
    }
}
