use std::borrow::Cow;

use super::trie::{Slot, Subtree};
use crate::{derived::Derived, json::Mark};

/// A value found at a field path, borrowed from the record where it can be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'d> {
    Null,
    Bool(bool),
    /// The number as the record writes it.
    Number(Cow<'d, str>),
    Text(Cow<'d, str>),
    /// The JSON text of a whole object.
    Object(Cow<'d, str>),
    /// The JSON text of an element that a block looks at, and what is around it.
    Element(Cow<'d, str>, Surroundings),
    /// An array stood here; its members are values of their own.
    Array,
    /// A value that a literal key with a dot in its name has displaced.
    Displaced,
}

/// What is around a part of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Surroundings {
    /// Objects and arrays.
    pub(crate) depth: usize,
    /// Documents held in strings.
    pub(crate) documents: usize,
}

impl Value<'_> {
    /// The same value, borrowed from this one.
    pub(crate) fn lend(&self) -> Value<'_> {
        match self {
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(*value),
            Value::Number(source) => Value::Number(Cow::Borrowed(source)),
            Value::Text(text) => Value::Text(Cow::Borrowed(text)),
            Value::Object(json) => Value::Object(Cow::Borrowed(json)),
            Value::Element(json, around) => Value::Element(Cow::Borrowed(json), *around),
            Value::Array => Value::Array,
            Value::Displaced => Value::Displaced,
        }
    }

    /// The same value, borrowed from nothing.
    pub(crate) fn into_owned<'n>(self) -> Value<'n> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(value),
            Value::Number(source) => Value::Number(owned(source)),
            Value::Text(text) => Value::Text(owned(text)),
            Value::Object(json) => Value::Object(owned(json)),
            Value::Element(json, around) => Value::Element(owned(json), around),
            Value::Array => Value::Array,
            Value::Displaced => Value::Displaced,
        }
    }
}

#[derive(Debug)]
struct Entry<'d> {
    slot: Slot,
    value: Value<'d>,
    /// One more than the position of the next entry of the same slot; zero at the end.
    next: usize,
}

/// A subtree that the first pass went past.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deferred {
    pub(crate) subtree: Subtree,
    pub(crate) place: Mark,
    walked: bool,
}

/// The values of one record at the field paths of a rule set.
///
/// Values of all slots stand in one list, chained per slot, so that a record costs no allocation once
/// the buffers have grown.
#[derive(Debug)]
pub(crate) struct Slots<'d> {
    entries: Vec<Entry<'d>>,
    /// Per slot one more than the position of its first entry; zero for none.
    heads: Vec<usize>,
    deferred: Vec<Deferred>,
    /// Slots for which the record itself has a literal key, which wins over every split path.
    literal: Vec<Slot>,
    /// The derived fields that have been computed.
    derived: Vec<Derived>,
    record: &'d str,
}

impl Slots<'static> {
    pub(crate) fn new(slots: usize) -> Self {
        Slots {
            entries: Vec::new(),
            heads: vec![0; slots],
            deferred: Vec::new(),
            literal: Vec::new(),
            derived: Vec::new(),
            record: "",
        }
    }
}

impl<'d> Slots<'d> {
    /// Empties the slots and hands their buffers on to another record.
    pub(crate) fn recycle<'n>(mut self) -> Slots<'n> {
        for entry in &self.entries {
            if let Some(head) = self.heads.get_mut(entry.slot.0) {
                *head = 0;
            }
        }
        self.entries.clear();
        self.deferred.clear();
        self.literal.clear();
        self.derived.clear();
        // Collecting an empty vector into one of the same layout keeps its memory.
        let entries = self.entries.into_iter().map_while(|_| None).collect();
        let Slots { heads, deferred, literal, derived, .. } = self;
        Slots { entries, heads, deferred, literal, derived, record: "" }
    }

    pub(crate) fn push(&mut self, slot: Slot, value: Value<'d>) {
        let Some(head) = self.heads.get_mut(slot.0) else { return };
        let next = std::mem::replace(head, self.entries.len() + 1);
        self.entries.push(Entry { slot, value, next });
    }

    /// Position that the next value will get.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Takes back the values of `slot` from position `from` on, except those in `keep`.
    pub(crate) fn displace(&mut self, slot: Slot, from: usize, keep: &[std::ops::Range<usize>]) {
        for (position, entry) in self.entries.iter_mut().enumerate().skip(from) {
            if entry.slot == slot && !keep.iter().any(|range| range.contains(&position)) {
                entry.value = Value::Displaced;
            }
        }
    }

    /// The values of a slot, in no particular order.
    pub(crate) fn values(&self, slot: Slot) -> Values<'_, 'd> {
        Values { entries: &self.entries, next: self.heads.get(slot.0).copied().unwrap_or_default() }
    }

    pub(crate) fn defer(&mut self, subtree: Subtree, place: Mark) {
        self.deferred.push(Deferred { subtree, place, walked: false });
    }

    /// The next place where `subtree` stands and has not been walked, which is then taken as walked.
    pub(crate) fn take_deferred(&mut self, subtree: Subtree) -> Option<Deferred> {
        let found = self.deferred.iter_mut().find(|deferred| deferred.subtree == subtree && !deferred.walked)?;
        found.walked = true;
        Some(*found)
    }

    /// Takes a derived field as computed; `false` if it was already.
    pub(crate) fn start_derived(&mut self, derived: Derived) -> bool {
        let new = !self.derived.contains(&derived);
        if new {
            self.derived.push(derived);
        }
        new
    }

    pub(crate) fn set_literal(&mut self, slot: Slot) {
        self.literal.push(slot);
    }

    pub(crate) fn literals(&self) -> &[Slot] {
        &self.literal
    }

    pub(crate) fn set_record(&mut self, record: &'d str) {
        self.record = record;
    }

    /// The JSON text of the whole record.
    pub(crate) fn record(&self) -> &'d str {
        self.record
    }
}

/// Walks over the values of one slot.
#[derive(Debug, Clone)]
pub(crate) struct Values<'s, 'd> {
    entries: &'s [Entry<'d>],
    next: usize,
}

impl<'s, 'd> Iterator for Values<'s, 'd> {
    type Item = &'s Value<'d>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let entry = self.entries.get(self.next.checked_sub(1)?)?;
            self.next = entry.next;
            if entry.value != Value::Displaced {
                return Some(&entry.value);
            }
        }
    }
}
