//! What a match tells the correlations that are about its rule.

use jiff::Timestamp;

use super::{
    program::{Scene, texts},
    trie::{Slot, Supply, Trie},
};
use crate::{
    correlation::{Correlation, CorrelationIndex, Observation, Occurrence},
    detection::Field,
    metadata::Metadata,
};

/// A field to be read from a matched record.
#[derive(Debug)]
struct Place {
    slot: Slot,
    supply: Supply,
}

/// Where a correlation finds what it needs in events of one of its rules.
#[derive(Debug)]
pub(crate) struct Observer {
    correlation: CorrelationIndex,
    member: usize,
    time: Place,
    event: Place,
    group: Vec<Place>,
    values: Vec<Place>,
}

impl Observer {
    /// Adds the fields that `correlation` needs of events of the rule at position `member` to the trie.
    pub(crate) fn new(
        index: CorrelationIndex,
        correlation: &Correlation,
        member: usize,
        rule: &Metadata,
        trie: &mut Trie,
    ) -> Self {
        let mut place =
            |field: &str| Place { slot: trie.insert_field(&Field::named(field)), supply: Supply::FirstPass };
        Observer {
            correlation: index,
            member,
            time: place("eventTime"),
            event: place("eventID"),
            group: correlation.group_by.iter().map(|group| place(group.of_rule(rule))).collect(),
            values: correlation.value_fields().iter().map(|field| place(field)).collect(),
        }
    }

    /// Looks up what fills the slots, now that the fields of all rules are in the trie.
    pub(crate) fn resolve(&mut self, supplies: &[Supply]) {
        let places = [&mut self.time, &mut self.event].into_iter().chain(&mut self.group).chain(&mut self.values);
        for place in places {
            place.supply = supplies.get(place.slot.0).copied().unwrap_or(Supply::FirstPass);
        }
    }

    /// What the correlation is to know of the record, or `None` if it has no time or lacks a value to
    /// group by.
    pub(crate) fn observe(&self, scene: &mut Scene<'_, '_>) -> Option<Observation> {
        let time: Timestamp = read(&self.time, scene)?.parse().ok()?;
        let group = self.group.iter().map(|place| read(place, scene)).collect::<Option<Vec<String>>>()?;
        let value = self.values.iter().map(|place| read(place, scene)).collect();
        let event = read(&self.event, scene).unwrap_or_default();
        let occurrence = Occurrence { time, event, member: self.member, value };
        Some(Observation { correlation: self.correlation, occurrence, group })
    }
}

/// The first scalar of a field, as text.
fn read(place: &Place, scene: &mut Scene<'_, '_>) -> Option<String> {
    scene.complete(place.supply);
    texts(scene.slots, place.slot).into_iter().next()
}
