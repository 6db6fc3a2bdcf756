//! Counts what stands in a window while it slides, so that an event costs the same in a window of ten
//! thousand.

use std::{
    collections::{BTreeSet, HashMap, hash_map::Entry},
    hash::Hash,
};

use super::{Correlation, Kind, Occurrence, Threshold};

/// What is told apart and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Counted<'e> {
    Event(&'e str),
    Value(&'e [String]),
    Member(usize),
}

/// How often each thing stands in the window. The texts are whatever callers chose, so the hash is one that
/// they cannot foresee.
#[derive(Debug, Default)]
pub(super) struct Tally<'e> {
    counts: HashMap<Counted<'e>, usize>,
}

impl<'e> Tally<'e> {
    /// A tally for a correlation whose condition is about how many different things there are, or which.
    pub(super) fn of(correlation: &Correlation) -> Option<Self> {
        let counts = matches!(correlation.kind, Kind::EventCount | Kind::ValueCount(_) | Kind::Temporal);
        counts.then(Tally::default)
    }

    pub(super) fn add(&mut self, correlation: &Correlation, event: &'e Occurrence) {
        if let Some(counted) = counted(correlation, event) {
            *self.counts.entry(counted).or_default() += 1;
        }
    }

    /// Takes out an event that was added before.
    pub(super) fn remove(&mut self, correlation: &Correlation, event: &'e Occurrence) {
        let Some(Entry::Occupied(mut entry)) = counted(correlation, event).map(|counted| self.counts.entry(counted))
        else {
            return;
        };
        *entry.get_mut() -= 1;
        if *entry.get() == 0 {
            entry.remove();
        }
    }

    /// How many different things there are.
    pub(super) fn distinct(&self) -> usize {
        self.counts.len()
    }

    /// The rules that have matched, for a condition over their names.
    pub(super) fn members(&self) -> BTreeSet<usize> {
        let member = |counted: &Counted<'_>| match counted {
            Counted::Member(member) => Some(*member),
            Counted::Event(_) | Counted::Value(_) => None,
        };
        self.counts.keys().filter_map(member).collect()
    }
}

fn counted<'e>(correlation: &Correlation, event: &'e Occurrence) -> Option<Counted<'e>> {
    match (&correlation.kind, &correlation.threshold) {
        (Kind::Temporal, _) | (_, Threshold::Expression(_)) => Some(Counted::Member(event.member)),
        (Kind::ValueCount(_), Threshold::Bounds(_)) => event.value.as_deref().map(Counted::Value),
        (_, Threshold::Bounds(_)) => Some(Counted::Event(&event.event)),
    }
}
