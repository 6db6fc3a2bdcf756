//! One pass over a record along the trie of field paths.

use std::{borrow::Cow, ops::Range};

use super::{
    key_order::{KeyOrder, NextKey, Place},
    slots::{Slots, Surroundings, Value},
    trie::{Anchors, Node, Slot, Step, Subtree, Trie},
};
use crate::{
    document,
    json::{Error, Kind, Progress, Reader},
    limits::NESTED_DOCUMENTS,
    path::Position,
};

/// Reads one record at the cursor: fills the slots of its top-level fields and notes where the
/// subtrees stand that rules may ask for.
pub(crate) fn record<'r, 'd>(
    trie: &'r Trie,
    order: &mut KeyOrder<'r>,
    reader: &mut Reader<'d>,
    slots: &mut Slots<'d>,
) -> Result<(), Error> {
    reader.peek()?;
    let start = reader.offset();
    reader.enter_object()?;
    let mut out = Out::of_record(slots, 0);
    let mut place = Place::default();
    loop {
        match order.next(trie, reader, &mut place)? {
            NextKey::Wanted(step) => known(step, reader, &mut out)?,
            NextKey::Unwanted => drop(reader.skip()?),
            NextKey::End => break,
        }
    }
    slots.set_record(reader.text().get(start..reader.offset()).unwrap_or_default());
    Ok(())
}

/// Reads the value of a key of the record that some path or anchor names.
fn known<'d>(step: &Step, reader: &mut Reader<'d>, out: &mut Out<'_, 'd, 'd>) -> Result<(), Error> {
    let mark = reader.mark();
    for literal in &step.literals {
        reader.rewind(mark);
        value(Aim::at(&literal.node), reader, out)?;
        out.slots.set_literal(literal.slot);
    }
    for slot in &step.anchors.displaced {
        out.push(Some(*slot), Value::Array);
    }
    reader.rewind(mark);
    let Some(child) = &step.child else { return reader.skip().map(drop) };
    match step.subtree {
        // Scalars wait as well, so that the values of a repeated key keep their order.
        Some(subtree) => {
            out.slots.defer(subtree, reader.mark());
            anchors(&step.anchors, reader, out)
        }
        None => value(Aim::at(child), reader, out),
    }
}

/// Passes over a value whose walk is put off, and tells the index what it wants to know of it.
fn anchors<'d>(anchors: &Anchors, reader: &mut Reader<'d>, out: &mut Out<'_, 'd, 'd>) -> Result<(), Error> {
    let kind = reader.peek()?;
    if kind == Kind::Object && !anchors.below.is_empty() {
        out.push(anchors.whole, Value::Array);
        return anchors_below(&anchors.below, reader, out);
    }
    // The elements of a list, and a document in a string, may hold what is asked for.
    if matches!(kind, Kind::Array | Kind::String) {
        for (_, slot) in &anchors.below {
            out.push(Some(*slot), Value::Array);
        }
    }
    anchored(anchors.whole, kind, reader, out)
}

fn anchors_below<'d>(
    below: &[(Box<str>, Slot)],
    reader: &mut Reader<'d>,
    out: &mut Out<'_, 'd, 'd>,
) -> Result<(), Error> {
    let mut progress = Progress::default();
    reader.enter_object()?;
    while let Some(key) = reader.next_key(&mut progress)? {
        let key = key.decode();
        match below.iter().find(|(name, _)| **name == *key) {
            Some((_, slot)) => {
                let kind = reader.peek()?;
                anchored(Some(*slot), kind, reader, out)?;
            }
            None => drop(reader.skip()?),
        }
    }
    Ok(())
}

fn anchored<'d>(
    slot: Option<Slot>,
    kind: Kind,
    reader: &mut Reader<'d>,
    out: &mut Out<'_, 'd, 'd>,
) -> Result<(), Error> {
    if slot.is_none() || matches!(kind, Kind::Object | Kind::Array) {
        reader.skip()?;
        out.push(slot, Value::Array);
        return Ok(());
    }
    let leaf = leaf(kind, reader)?;
    out.push(slot, leaf);
    Ok(())
}

/// Fills the slots below one top-level field, wherever it stands in the record.
pub(crate) fn subtree<'d>(trie: &Trie, subtree: Subtree, reader: &mut Reader<'d>, slots: &mut Slots<'d>) {
    let Some(node) = trie.subtree_node(subtree) else { return };
    while let Some(deferred) = slots.take_deferred(subtree) {
        let from = slots.len();
        reader.rewind(deferred.place);
        // The first pass has checked the grammar and the depth of what is walked here.
        if value(Aim::at(node), reader, &mut Out::of_record(slots, 0)).is_err() {
            return;
        }
        for at in 0..slots.literals().len() {
            if let Some(&slot) = slots.literals().get(at) {
                slots.displace(slot, from, &[]);
            }
        }
    }
}

/// Whether something has fields that a path can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An object, or a string that holds one.
    Object,
    Other,
}

/// Reads the element that a block's body looks at.
pub(crate) fn element<'d>(
    trie: &Trie,
    json: &'d str,
    around: Surroundings,
    slots: &mut Slots<'d>,
) -> Result<Shape, Error> {
    slots.set_record(json);
    let mut reader = Reader::within(json, around.depth);
    let mut out = Out::of_record(slots, around.documents);
    let aim = Aim::at(trie.root());
    match reader.peek()? {
        Kind::String => text(aim, &mut reader, &mut out),
        kind => {
            value(aim, &mut reader, &mut out)?;
            Ok(if kind == Kind::Object { Shape::Object } else { Shape::Other })
        }
    }
}

/// Where a walk puts the values of a text that lives for `'t`.
struct Out<'o, 't, 'd> {
    slots: &'o mut Slots<'d>,
    /// Makes a value live as long as the slots.
    keep: fn(Value<'t>) -> Value<'d>,
    /// How many documents are around the text.
    documents: usize,
}

impl<'o, 'd> Out<'o, 'd, 'd> {
    fn of_record(slots: &'o mut Slots<'d>, documents: usize) -> Self {
        Out { slots, keep: |value| value, documents }
    }
}

impl<'t> Out<'_, 't, '_> {
    fn push(&mut self, slot: Option<Slot>, value: Value<'t>) {
        if let Some(slot) = slot {
            self.slots.push(slot, (self.keep)(value));
        }
    }

    /// Walks through a document.
    fn enter(&mut self, aim: Aim<'_>, document: &Document<'_>) -> Result<(), Error> {
        let mut out = Out { slots: &mut *self.slots, keep: Value::into_owned, documents: self.documents + 1 };
        value(aim, &mut Reader::within(&document.text, document.depth), &mut out)
    }

    /// The document that a string holds, if it is one.
    fn document<'s>(&self, string: &'s str, depth: usize) -> Option<Document<'s>> {
        if self.documents == NESTED_DOCUMENTS {
            return None;
        }
        let text = document::text(string)?;
        let mut reader = Reader::within(&text, depth);
        let kind = reader.peek().ok()?;
        reader.skip().and_then(|_| reader.finish()).ok()?;
        Some(Document { text, kind, depth })
    }
}

/// A JSON document that a string holds.
struct Document<'s> {
    text: Cow<'s, str>,
    kind: Kind,
    /// Objects and arrays around it.
    depth: usize,
}

/// What is wanted of one value.
#[derive(Clone, Copy)]
struct Aim<'n> {
    node: &'n Node,
    slot: Option<Slot>,
    elements: Option<Slot>,
    positions: &'n [(Position, Node)],
}

impl<'n> Aim<'n> {
    fn at(node: &'n Node) -> Self {
        Aim { node, slot: node.slot, elements: node.elements, positions: &node.positions }
    }

    /// What is wanted of a member of the array. Positions count in the outermost array alone.
    fn of_member(self) -> Self {
        Aim { positions: &[], ..self }
    }

    /// What is wanted of the array that a string holds: all but the string itself.
    fn of_list(self) -> Self {
        Aim { slot: None, ..self }
    }

    /// What is wanted of the object that a string holds. As a list of one it is still the string.
    fn of_fields(self) -> Self {
        Aim { slot: None, elements: None, positions: &[], ..self }
    }

    fn looks_inside(self) -> bool {
        !self.node.keys.is_empty() || self.elements.is_some() || !self.positions.is_empty()
    }
}

/// Reads one value with all that is wanted of it.
fn value<'t>(aim: Aim<'_>, reader: &mut Reader<'t>, out: &mut Out<'_, 't, '_>) -> Result<(), Error> {
    let kind = reader.peek()?;
    match kind {
        Kind::String if aim.looks_inside() => text(aim, reader, out).map(drop),
        Kind::Array => {
            if !aim.positions.is_empty() {
                positions(aim, reader, out)?;
            }
            array(aim.of_member(), reader, out)
        }
        // A null in the place of a list is no element, a null in a list is one.
        Kind::Null => single(aim, kind, reader, out),
        _ => {
            if aim.elements.is_some() || !aim.positions.is_empty() {
                let start = reader.mark();
                only(aim, reader, out)?;
                reader.rewind(start);
            }
            single(aim, kind, reader, out)
        }
    }
}

/// Reads a string that paths may go into.
fn text<'t>(aim: Aim<'_>, reader: &mut Reader<'t>, out: &mut Out<'_, 't, '_>) -> Result<Shape, Error> {
    reader.peek()?;
    let (start, depth) = (reader.mark(), reader.depth());
    let string = reader.string()?.decode();
    let document = aim.looks_inside().then(|| out.document(&string, depth)).flatten();
    let shape = match &document {
        Some(list) if list.kind == Kind::Array => {
            out.enter(aim.of_list(), list)?;
            Shape::Other
        }
        other => {
            reader.rewind(start);
            only(aim, reader, out)?;
            match other {
                Some(object) => {
                    out.enter(aim.of_fields(), object)?;
                    Shape::Object
                }
                None => Shape::Other,
            }
        }
    };
    out.push(aim.slot, Value::Text(string));
    Ok(shape)
}

/// Reads a value that is no array as a list of one.
fn only<'t>(aim: Aim<'_>, reader: &mut Reader<'t>, out: &mut Out<'_, 't, '_>) -> Result<(), Error> {
    let start = reader.mark();
    for (_, picked) in aim.positions.iter().filter(|(position, _)| position.is_only()) {
        reader.rewind(start);
        value(Aim::at(picked), reader, out)?;
    }
    reader.rewind(start);
    let around = Surroundings { depth: reader.depth(), documents: out.documents };
    let json = reader.skip()?;
    out.push(aim.elements, Value::Element(Cow::Borrowed(json), around));
    Ok(())
}

/// What stands at the positions of a list.
fn positions<'t>(aim: Aim<'_>, reader: &mut Reader<'t>, out: &mut Out<'_, 't, '_>) -> Result<(), Error> {
    let start = reader.mark();
    let length = length(reader)?;
    for (position, picked) in aim.positions {
        reader.rewind(start);
        if let Some(number) = position.within(length) {
            nth(picked, number, reader, out)?;
        }
    }
    reader.rewind(start);
    Ok(())
}

fn length(reader: &mut Reader<'_>) -> Result<usize, Error> {
    let mut length = 0;
    let mut progress = Progress::default();
    reader.enter_array()?;
    while reader.next_element(&mut progress)? {
        reader.skip()?;
        length += 1;
    }
    Ok(length)
}

/// Reads one element of the array at the cursor and leaves the rest unread.
fn nth<'t>(node: &Node, number: usize, reader: &mut Reader<'t>, out: &mut Out<'_, 't, '_>) -> Result<(), Error> {
    let mut progress = Progress::default();
    reader.enter_array()?;
    for _ in 0..number {
        reader.next_element(&mut progress)?;
        reader.skip()?;
    }
    reader.next_element(&mut progress)?;
    value(Aim::at(node), reader, out)
}

/// Reads an array: it stands for each of its members, and those of arrays in it.
fn array<'t>(aim: Aim<'_>, reader: &mut Reader<'t>, out: &mut Out<'_, 't, '_>) -> Result<(), Error> {
    out.push(aim.slot, Value::Array);
    let mut progress = Progress::default();
    reader.enter_array()?;
    while reader.next_element(&mut progress)? {
        match reader.peek()? {
            Kind::Array => array(aim, reader, out)?,
            Kind::String if aim.looks_inside() => drop(text(aim, reader, out)?),
            kind => {
                if aim.elements.is_some() {
                    let start = reader.mark();
                    only(aim, reader, out)?;
                    reader.rewind(start);
                }
                single(aim, kind, reader, out)?;
            }
        }
    }
    Ok(())
}

/// Reads a value that is no array for what it is.
fn single<'t>(aim: Aim<'_>, kind: Kind, reader: &mut Reader<'t>, out: &mut Out<'_, 't, '_>) -> Result<(), Error> {
    if kind == Kind::Object && !aim.node.keys.is_empty() {
        let start = reader.offset();
        object(aim.node, reader, out)?;
        let json = reader.text().get(start..reader.offset()).unwrap_or_default();
        out.push(aim.slot, Value::Object(Cow::Borrowed(json)));
    } else if aim.slot.is_some() {
        let leaf = leaf(kind, reader)?;
        out.push(aim.slot, leaf);
    } else {
        reader.skip()?;
    }
    Ok(())
}

fn object<'t>(node: &Node, reader: &mut Reader<'t>, out: &mut Out<'_, 't, '_>) -> Result<(), Error> {
    let from = out.slots.len();
    let mut literals: Vec<(Slot, Range<usize>)> = Vec::new();
    let mut progress = Progress::default();
    reader.enter_object()?;
    while let Some(key) = reader.next_key(&mut progress)? {
        let Some(step) = node.keys.get(key.decode().as_ref()) else {
            reader.skip()?;
            continue;
        };
        let mark = reader.mark();
        for literal in &step.literals {
            reader.rewind(mark);
            let start = out.slots.len();
            value(Aim::at(&literal.node), reader, out)?;
            literals.push((literal.slot, start..out.slots.len()));
        }
        if let Some(child) = &step.child {
            reader.rewind(mark);
            value(Aim::at(child), reader, out)?;
        }
    }
    for (slot, _) in &literals {
        let own: Vec<Range<usize>> =
            literals.iter().filter(|(other, _)| other == slot).map(|(_, range)| range.clone()).collect();
        out.slots.displace(*slot, from, &own);
    }
    Ok(())
}

/// Reads a value that is no array.
pub(super) fn leaf<'t>(kind: Kind, reader: &mut Reader<'t>) -> Result<Value<'t>, Error> {
    Ok(match kind {
        Kind::String => Value::Text(reader.string()?.decode()),
        Kind::Number => Value::Number(Cow::Borrowed(reader.number()?)),
        Kind::Object | Kind::Array => Value::Object(Cow::Borrowed(reader.skip()?)),
        Kind::True | Kind::False => {
            reader.skip()?;
            Value::Bool(kind == Kind::True)
        }
        Kind::Null => {
            reader.skip()?;
            Value::Null
        }
    })
}
