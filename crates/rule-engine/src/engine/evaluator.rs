use super::{index::Memory, key_order::KeyOrder, program::Scene, slots::Slots, walk};
use crate::{
    correlation::Observation,
    filter::FilterIndex,
    json::{Error, Reader},
    ruleset::{RuleIndex, RuleSet},
};

/// Evaluates records against a rule set, one after the other.
///
/// Holds buffers that are used again for every record; one for each thread.
#[derive(Debug)]
pub struct Evaluator<'r> {
    rules: &'r RuleSet,
    slots: Option<Slots<'static>>,
    order: KeyOrder<'r>,
    memory: Memory,
    candidates: Vec<usize>,
    matches: Vec<RuleIndex>,
    suppressed: Vec<(RuleIndex, FilterIndex)>,
    observations: Vec<Observation>,
    /// `eventTime` of the last record, empty where it has none.
    time: String,
    unplaced: usize,
}

impl<'r> Evaluator<'r> {
    pub(crate) fn new(rules: &'r RuleSet) -> Self {
        Evaluator {
            rules,
            slots: None,
            order: KeyOrder::default(),
            memory: Memory::default(),
            candidates: Vec::new(),
            matches: Vec::new(),
            suppressed: Vec::new(),
            observations: Vec::new(),
            time: String::new(),
            unplaced: 0,
        }
    }

    /// Reads one JSON object at the cursor and says which rules it matches, in ascending order. Rules that are
    /// only there for a correlation are silent.
    ///
    /// Leaves the cursor behind the object. After an error the cursor stands where the damage was
    /// noticed.
    pub fn evaluate(&mut self, reader: &mut Reader<'_>) -> Result<&[RuleIndex], Error> {
        self.matches.clear();
        self.suppressed.clear();
        self.observations.clear();
        let recycled = self.slots.take().unwrap_or_else(|| Slots::new(self.rules.trie().slot_count()));
        let mut slots = recycled.recycle();
        let outcome = walk::record(self.rules.trie(), &mut self.order, reader, &mut slots);
        self.time.clear();
        if outcome.is_ok() {
            self.time.push_str(self.rules.time(&slots).unwrap_or_default());
            let end = reader.mark();
            self.run_candidates(reader, &mut slots);
            reader.rewind(end);
        }
        self.slots = Some(slots.recycle());
        outcome.map(|()| self.matches.as_slice())
    }

    /// The rules that the last record matches, as [`Evaluator::evaluate`] gave them.
    pub fn matches(&self) -> &[RuleIndex] {
        &self.matches
    }

    /// The rules that the last record would have matched but for a filter, each with the first filter
    /// that kept it from matching.
    pub fn suppressed(&self) -> &[(RuleIndex, FilterIndex)] {
        &self.suppressed
    }

    /// What the last record means to correlations, for a [`Correlator`](crate::Correlator) or a store.
    /// `place` tells the event from others if it has no `eventID`.
    pub fn observations(&self, place: &str) -> impl Iterator<Item = Observation> {
        self.observations.iter().cloned().map(move |mut observation| {
            if observation.occurrence.event.is_empty() {
                place.clone_into(&mut observation.occurrence.event);
            }
            observation
        })
    }

    /// The first `eventTime` of the last record that is text, which the first pass comes by anyway.
    pub fn event_time(&self) -> Option<&str> {
        Some(self.time.as_str()).filter(|time| !time.is_empty())
    }

    /// How many matches so far no correlation could use, because the record has no time or lacks a value
    /// to group by.
    pub fn unplaced(&self) -> usize {
        self.unplaced
    }

    fn run_candidates<'d>(&mut self, reader: &mut Reader<'d>, slots: &mut Slots<'d>) {
        self.candidates.clear();
        self.rules.index().candidates(slots, &mut self.memory, &mut self.candidates);
        self.candidates.sort_unstable();
        self.candidates.dedup();
        let mut scene = Scene { trie: self.rules.trie(), supplies: self.rules.supplies(), reader, slots };
        for &candidate in &self.candidates {
            let Some(rule) = self.rules.compiled(candidate) else { continue };
            if !rule.program.holds(&mut scene) {
                continue;
            }
            if let Some((filter, _)) = rule.filters.iter().find(|(_, filter)| !filter.holds(&mut scene)) {
                self.suppressed.push((RuleIndex::new(candidate), *filter));
                continue;
            }
            if !rule.is_silent {
                self.matches.push(RuleIndex::new(candidate));
            }
            for observer in &rule.observers {
                match observer.observe(&mut scene) {
                    Some(observation) => self.observations.push(observation),
                    None => self.unplaced += 1,
                }
            }
        }
    }
}
