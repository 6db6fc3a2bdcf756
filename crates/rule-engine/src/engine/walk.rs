//! One pass over a record along the trie of field paths.

use std::ops::Range;

use super::{
    slots::{Slots, Value},
    trie::{Node, Slot, Subtree, Trie},
};
use crate::json::{Error, Kind, Progress, Reader};

/// Reads one record at the cursor: fills the slots of its top-level fields and notes where the
/// subtrees stand that rules may ask for.
pub(crate) fn record<'d>(trie: &Trie, reader: &mut Reader<'d>, slots: &mut Slots<'d>) -> Result<(), Error> {
    reader.peek()?;
    let start = reader.offset();
    reader.enter_object()?;
    let mut progress = Progress::default();
    while let Some(key) = reader.next_key(&mut progress)? {
        let Some(step) = trie.root().keys.get(key.decode().as_ref()) else {
            reader.skip()?;
            continue;
        };
        let mark = reader.mark();
        for literal in &step.literals {
            reader.rewind(mark);
            value(&literal.node, reader, slots)?;
            slots.set_literal(literal.slot);
        }
        let Some(child) = &step.child else { continue };
        reader.rewind(mark);
        match (step.subtree, reader.peek()?) {
            (Some(subtree), Kind::Object | Kind::Array) => {
                slots.defer(subtree, reader.mark());
                reader.skip()?;
            }
            _ => value(child, reader, slots)?,
        }
    }
    slots.set_record(reader.text().get(start..reader.offset()).unwrap_or_default());
    Ok(())
}

/// Fills the slots below one top-level field, wherever it stands in the record.
pub(crate) fn subtree<'d>(trie: &Trie, subtree: Subtree, reader: &mut Reader<'d>, slots: &mut Slots<'d>) {
    let Some(node) = trie.subtree_node(subtree) else { return };
    while let Some(deferred) = slots.take_deferred(subtree) {
        let from = slots.len();
        reader.rewind(deferred.place);
        // The first pass has checked the grammar and the depth of what is walked here.
        if value(node, reader, slots).is_err() {
            return;
        }
        for at in 0..slots.literals().len() {
            if let Some(&slot) = slots.literals().get(at) {
                slots.displace(slot, from, &[]);
            }
        }
    }
}

/// Reads the value that a block's body looks at.
pub(crate) fn element<'d>(trie: &Trie, json: &'d str, slots: &mut Slots<'d>) -> Result<Kind, Error> {
    let mut reader = Reader::new(json);
    let kind = reader.peek()?;
    value(trie.root(), &mut reader, slots)?;
    slots.set_record(json);
    Ok(kind)
}

/// Reads one value at a node: first what is wanted of its positions, then the value itself.
fn value<'d>(node: &Node, reader: &mut Reader<'d>, slots: &mut Slots<'d>) -> Result<(), Error> {
    let kind = reader.peek()?;
    if !node.positions.is_empty() {
        let mark = reader.mark();
        positions(node, kind, reader, slots)?;
        reader.rewind(mark);
    }
    match kind {
        Kind::Array => array(node, reader, slots),
        // A null in the place of a list is no element, a null in a list is one.
        Kind::Null => leaf_value(node, kind, reader, slots),
        _ => member(node, reader, slots),
    }
}

/// What stands at the positions of a list; a value that is no list counts as a list of one.
fn positions<'d>(node: &Node, kind: Kind, reader: &mut Reader<'d>, slots: &mut Slots<'d>) -> Result<(), Error> {
    let mark = reader.mark();
    match kind {
        Kind::Null => {}
        Kind::Array => {
            let length = length(reader)?;
            for (position, picked) in &node.positions {
                reader.rewind(mark);
                if let Some(number) = position.within(length) {
                    nth(picked, number, reader, slots)?;
                }
            }
        }
        _ => {
            for (_, picked) in node.positions.iter().filter(|(position, _)| position.is_only()) {
                reader.rewind(mark);
                value(picked, reader, slots)?;
            }
        }
    }
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
fn nth<'d>(node: &Node, number: usize, reader: &mut Reader<'d>, slots: &mut Slots<'d>) -> Result<(), Error> {
    let mut progress = Progress::default();
    reader.enter_array()?;
    for _ in 0..number {
        reader.next_element(&mut progress)?;
        reader.skip()?;
    }
    reader.next_element(&mut progress)?;
    value(node, reader, slots)
}

/// Reads an array: it stands for each of its members, and those of arrays in it.
fn array<'d>(node: &Node, reader: &mut Reader<'d>, slots: &mut Slots<'d>) -> Result<(), Error> {
    if let Some(slot) = node.slot {
        slots.push(slot, Value::Array);
    }
    let mut progress = Progress::default();
    reader.enter_array()?;
    while reader.next_element(&mut progress)? {
        match reader.peek()? {
            Kind::Array => array(node, reader, slots)?,
            _ => member(node, reader, slots)?,
        }
    }
    Ok(())
}

/// Reads a value that is no array.
fn member<'d>(node: &Node, reader: &mut Reader<'d>, slots: &mut Slots<'d>) -> Result<(), Error> {
    let kind = reader.peek()?;
    if let Some(slot) = node.elements {
        let mark = reader.mark();
        let json = reader.skip()?;
        slots.push(slot, Value::Element(json));
        reader.rewind(mark);
    }
    if kind != Kind::Object || node.keys.is_empty() {
        return leaf_value(node, kind, reader, slots);
    }
    let start = reader.offset();
    object(node, reader, slots)?;
    if let Some(slot) = node.slot {
        slots.push(slot, Value::Object(reader.text().get(start..reader.offset()).unwrap_or_default()));
    }
    Ok(())
}

fn leaf_value<'d>(node: &Node, kind: Kind, reader: &mut Reader<'d>, slots: &mut Slots<'d>) -> Result<(), Error> {
    match node.slot {
        Some(slot) => {
            let leaf = leaf(kind, reader)?;
            slots.push(slot, leaf);
        }
        None => {
            reader.skip()?;
        }
    }
    Ok(())
}

fn object<'d>(node: &Node, reader: &mut Reader<'d>, slots: &mut Slots<'d>) -> Result<(), Error> {
    let from = slots.len();
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
            let start = slots.len();
            value(&literal.node, reader, slots)?;
            literals.push((literal.slot, start..slots.len()));
        }
        if let Some(child) = &step.child {
            reader.rewind(mark);
            value(child, reader, slots)?;
        }
    }
    for (slot, _) in &literals {
        let own: Vec<Range<usize>> =
            literals.iter().filter(|(other, _)| other == slot).map(|(_, range)| range.clone()).collect();
        slots.displace(*slot, from, &own);
    }
    Ok(())
}

/// Reads a value that is no array.
pub(crate) fn leaf<'d>(kind: Kind, reader: &mut Reader<'d>) -> Result<Value<'d>, Error> {
    Ok(match kind {
        Kind::String => Value::Text(reader.string()?.decode()),
        Kind::Number => Value::Number(reader.number()?),
        Kind::Object | Kind::Array => Value::Object(reader.skip()?),
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

/// Shows every text, number and boolean below a JSON value to `visit` until it says `true`.
pub(crate) fn any_leaf(json: &str, visit: &mut dyn FnMut(&Value<'_>) -> bool) -> bool {
    let mut reader = Reader::new(json);
    // The text is a slice of a record whose grammar has been checked.
    leaves(&mut reader, visit).unwrap_or(false)
}

fn leaves(reader: &mut Reader<'_>, visit: &mut dyn FnMut(&Value<'_>) -> bool) -> Result<bool, Error> {
    let mut progress = Progress::default();
    match reader.peek()? {
        Kind::Object => {
            reader.enter_object()?;
            while reader.next_key(&mut progress)?.is_some() {
                if leaves(reader, visit)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Kind::Array => {
            reader.enter_array()?;
            while reader.next_element(&mut progress)? {
                if leaves(reader, visit)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        kind => {
            let value = leaf(kind, reader)?;
            Ok(value != Value::Null && visit(&value))
        }
    }
}
