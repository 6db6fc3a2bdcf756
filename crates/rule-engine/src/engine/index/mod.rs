//! Which rules can match at all, told from what the first pass over a record comes by.

mod anchor;
mod memory;
mod pieces;

use std::{cell::RefCell, collections::BTreeMap};

use rustc_hash::FxHashMap;

use self::{
    anchor::{EVENT_NAME, Wanted},
    pieces::{Pieces, PiecesBuilder},
};
use super::{
    check::has_text,
    slots::{Slots, Value},
    trie::{Slot, Trie},
};
use crate::{derived::without_date, detection::Detection};

pub(crate) use self::{anchor::Place, memory::Memory};
use crate::pattern::lower;

/// Finds the rules that can match a record.
#[derive(Debug, Default)]
pub(crate) struct Index {
    fields: Vec<IndexedField>,
    /// Rules that nothing in the first pass rules out.
    always: Vec<usize>,
}

#[derive(Debug)]
struct IndexedField {
    slot: Slot,
    /// Whether rules may look for the value without the date behind it.
    undated: bool,
    exact: FxHashMap<Box<str>, Vec<usize>>,
    pieces: Option<Pieces>,
    present: Vec<usize>,
    /// Every rule anchored here, for a value that the first pass cannot judge.
    all: Vec<usize>,
}

#[derive(Debug, Default)]
struct FieldBuilder {
    exact: FxHashMap<Box<str>, Vec<usize>>,
    pieces: PiecesBuilder,
    present: Vec<usize>,
    all: Vec<usize>,
}

impl Index {
    /// Indexes detections by their position. All their field paths have to be in the trie already.
    pub(crate) fn build<'r>(detections: impl Iterator<Item = &'r Detection>, trie: &mut Trie) -> Self {
        let mut fields: BTreeMap<Place, FieldBuilder> = BTreeMap::new();
        let mut always = Vec::new();
        for (rule, detection) in detections.enumerate() {
            let Some(anchors) = anchor::of(detection) else {
                always.push(rule);
                continue;
            };
            for anchor in anchors {
                fields.entry(anchor.place).or_default().add(rule, anchor.wanted);
            }
        }
        let fields = fields.into_iter().map(|(place, field)| field.build(&place, trie)).collect();
        Index { fields, always }
    }

    /// Puts the rules that can match into `candidates`, some perhaps twice, in no order.
    pub(crate) fn candidates(&self, slots: &Slots<'_>, memory: &mut Memory, candidates: &mut Vec<usize>) {
        candidates.extend_from_slice(&self.always);
        for field in &self.fields {
            for value in slots.values(field.slot) {
                field.candidates(value, memory, candidates);
            }
        }
    }
}

impl FieldBuilder {
    fn add(&mut self, rule: usize, wanted: Wanted) {
        match wanted {
            Wanted::Text(text) => add_once(self.exact.entry(text.into()).or_default(), rule),
            Wanted::Piece(piece) => self.pieces.add(rule, piece),
            Wanted::Present => add_once(&mut self.present, rule),
        }
        add_once(&mut self.all, rule);
    }

    fn build(self, place: &Place, trie: &mut Trie) -> IndexedField {
        IndexedField {
            slot: trie.insert_anchor(place),
            undated: *place == Place::Top(EVENT_NAME.to_owned()),
            exact: self.exact,
            pieces: self.pieces.build(),
            present: self.present,
            all: self.all,
        }
    }
}

/// Rules come in ascending order, so only the last can be the same.
fn add_once(rules: &mut Vec<usize>, rule: usize) {
    if rules.last() != Some(&rule) {
        rules.push(rule);
    }
}

impl IndexedField {
    fn candidates(&self, value: &Value<'_>, memory: &mut Memory, candidates: &mut Vec<usize>) {
        match value {
            Value::Text(_) | Value::Number(_) | Value::Bool(_) => {
                candidates.extend_from_slice(&self.present);
                each_text(value, &mut |text| self.candidates_of_text(text, memory, candidates));
            }
            Value::Null => candidates.extend_from_slice(&self.present),
            Value::Array | Value::Object(_) | Value::Element(..) | Value::Displaced => {
                candidates.extend_from_slice(&self.all);
            }
        }
    }

    fn candidates_of_text(&self, text: &str, memory: &mut Memory, candidates: &mut Vec<usize>) {
        if !self.exact.is_empty() {
            self.look_up(text, candidates);
            let undated = if self.undated { without_date(text) } else { text };
            if undated.len() < text.len() {
                self.look_up(undated, candidates);
            }
        }
        if let Some(pieces) = &self.pieces {
            memory.recall(self.slot, text, candidates, |text, candidates| pieces.candidates(text, candidates));
        }
    }

    fn look_up(&self, text: &str, candidates: &mut Vec<usize>) {
        if let Some(rules) = self.exact.get(lower(text).as_ref()) {
            candidates.extend_from_slice(rules);
        }
    }
}

fn each_text(value: &Value<'_>, visit: &mut dyn FnMut(&str)) {
    let visit = RefCell::new(visit);
    has_text(value, &|text| {
        (visit.borrow_mut())(text);
        false
    });
}
