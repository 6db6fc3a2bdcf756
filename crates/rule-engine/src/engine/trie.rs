use std::collections::{BTreeMap, HashMap};

use super::index::Place;
use crate::{
    derived::{Derived, RawField},
    detection::{Field, FieldReference, Origin},
    path::{Path, Position, Step as Names},
};

use rustc_hash::FxHashMap;

/// Number of a field path among all paths of a rule set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Slot(pub(crate) usize);

/// Number of a top-level subtree whose walk is put off until a rule asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Subtree(pub(crate) usize);

/// What fills a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Supply {
    /// The first pass over the record.
    FirstPass,
    /// The walk over a top-level subtree, once a rule asks for it.
    Subtree(Subtree),
    /// A computation on other slots, once a rule asks for it.
    Derived(Derived),
}

/// One place in a record that some field path reaches or passes.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// The path that ends here.
    pub(crate) slot: Option<Slot>,
    /// The path of a block that ends here, which wants the elements.
    pub(crate) elements: Option<Slot>,
    /// What the keys of an object lead to. The keys come from rules, whom we trust, so that a hash
    /// without defence against chosen keys is right: every key of every record is looked up here.
    pub(crate) keys: FxHashMap<Box<str>, Step>,
    /// What the positions of a list lead to.
    pub(crate) positions: Vec<(Position, Node)>,
}

/// What one key of an object leads to.
#[derive(Debug, Default)]
pub(crate) struct Step {
    /// Where the paths that split at this key go on.
    pub(crate) child: Option<Node>,
    /// The paths whose whole remaining names are this key, dots and all.
    pub(crate) literals: Vec<Literal>,
    /// Set on a key of the record itself below which there is something to walk.
    pub(crate) subtree: Option<Subtree>,
    /// What the first pass tells the index of a value whose walk is put off.
    pub(crate) anchors: Anchors,
}

/// Slots that only the index looks at. What the first pass cannot judge it marks with
/// [`Value::Array`](super::slots::Value::Array).
#[derive(Debug, Default)]
pub(crate) struct Anchors {
    /// For the value itself.
    pub(crate) whole: Option<Slot>,
    /// For the values directly below it, by their keys.
    pub(crate) below: Vec<(Box<str>, Slot)>,
    /// For other values that this key of the record, dots and all, displaces.
    pub(crate) displaced: Vec<Slot>,
}

/// Where one path goes on behind a key that holds dots.
#[derive(Debug)]
pub(crate) struct Literal {
    pub(crate) slot: Slot,
    pub(crate) node: Node,
}

/// What is wanted at the end of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Wanted {
    Values,
    /// The elements of the list that stands there, each as a whole.
    Elements,
}

/// The end of a path.
#[derive(Debug, Clone, Copy)]
struct End {
    slot: Slot,
    wanted: Wanted,
}

/// All field paths of a rule set, by their segments.
#[derive(Debug, Default)]
pub(crate) struct Trie {
    root: Node,
    slots: HashMap<(Path, Wanted), Slot>,
    derived: BTreeMap<Derived, DerivedSlot>,
    /// For each subtree, its key in the record.
    subtrees: Vec<Box<str>>,
    anchors: Vec<Slot>,
    part: Part,
    /// Fields of the record that a block compares with; their values come from outside.
    imports: Vec<(Field, Slot)>,
}

/// What the paths start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Part {
    #[default]
    Record,
    Element,
}

/// Where a derived field goes and what it is computed from.
#[derive(Debug)]
pub(crate) struct DerivedSlot {
    pub(crate) slot: Slot,
    pub(crate) needs: Vec<(RawField, Slot)>,
}

impl Trie {
    /// A trie whose paths start from an element of a list.
    pub(crate) fn of_element() -> Self {
        Trie { part: Part::Element, ..Trie::default() }
    }

    /// The slot of a field that is referred to, which is added if it is new.
    pub(crate) fn insert_reference(&mut self, reference: &FieldReference) -> Slot {
        match reference.origin {
            Origin::Searched => self.insert_field(&reference.field),
            Origin::Record => self.insert_of_record(&reference.field),
        }
    }

    /// The slot of a field of the record.
    pub(crate) fn insert_of_record(&mut self, field: &Field) -> Slot {
        if self.part == Part::Record {
            return self.insert_field(field);
        }
        if let Some((_, slot)) = self.imports.iter().find(|(known, _)| known == field) {
            return *slot;
        }
        let slot = Slot(self.slot_count());
        self.imports.push((field.clone(), slot));
        slot
    }

    /// The slots that have to be filled from outside.
    pub(crate) fn imports(&self) -> &[(Field, Slot)] {
        &self.imports
    }

    /// The slot of a field, which is added if it is new.
    pub(crate) fn insert_field(&mut self, field: &Field) -> Slot {
        match field {
            Field::Path(path) => self.insert(path, Wanted::Values),
            Field::Derived(derived) => self.insert_derived(*derived),
        }
    }

    fn insert_derived(&mut self, derived: Derived) -> Slot {
        if let Some(known) = self.derived.get(&derived) {
            return known.slot;
        }
        let mut insert = |raw: &RawField| (*raw, self.insert(&Path::literal(raw.path()), Wanted::Values));
        let needs = derived.needs().iter().map(&mut insert).collect();
        let slot = Slot(self.slot_count());
        self.derived.insert(derived, DerivedSlot { slot, needs });
        slot
    }

    /// The slot of a path, which is added if it is new.
    pub(crate) fn insert(&mut self, path: &Path, wanted: Wanted) -> Slot {
        if let Some(&slot) = self.slots.get(&(path.clone(), wanted)) {
            return slot;
        }
        let slot = Slot(self.slot_count());
        self.slots.insert((path.clone(), wanted), slot);
        self.root.grow(path.steps(), End { slot, wanted });
        let first_pass = path.as_key().is_some() && wanted == Wanted::Values;
        if let Some(key) = path.key().filter(|_| !first_pass) {
            self.defer(key);
        }
        slot
    }

    /// The slot in which the first pass leaves what stands at `place`. To be called when all fields are
    /// in the trie.
    pub(crate) fn insert_anchor(&mut self, place: &Place) -> Slot {
        match place {
            Place::Top(key) if self.subtree_below(key).is_none() => self.insert(&Path::literal(key), Wanted::Values),
            Place::Top(key) => {
                if let Some(known) = self.anchors_of(key).whole {
                    return known;
                }
                let slot = self.anchor_slot();
                self.anchors_of(key).whole = Some(slot);
                slot
            }
            Place::Below(key, below) => {
                let slot = self.anchor_slot();
                self.anchors_of(key).below.push((below.as_str().into(), slot));
                self.anchors_of(&format!("{key}.{below}")).displaced.push(slot);
                slot
            }
        }
    }

    fn anchor_slot(&mut self) -> Slot {
        let slot = Slot(self.slot_count());
        self.anchors.push(slot);
        slot
    }

    fn anchors_of(&mut self, key: &str) -> &mut Anchors {
        &mut self.root.keys.entry(key.into()).or_default().anchors
    }

    pub(crate) fn root(&self) -> &Node {
        &self.root
    }

    /// How many slots there are.
    pub(crate) fn slot_count(&self) -> usize {
        self.slots.len() + self.derived.len() + self.anchors.len() + self.imports.len()
    }

    /// What fills each slot, by the number of the slot. Complete only when all fields are in the trie.
    pub(crate) fn supplies(&self) -> Vec<Supply> {
        let mut supplies: Vec<(Slot, Supply)> =
            self.derived.iter().map(|(derived, known)| (known.slot, Supply::Derived(*derived))).collect();
        supplies.extend(
            self.slots
                .iter()
                .map(|((path, _), slot)| (*slot, self.subtree(path).map_or(Supply::FirstPass, Supply::Subtree))),
        );
        supplies.extend(self.anchors.iter().map(|slot| (*slot, Supply::FirstPass)));
        supplies.sort_unstable_by_key(|(slot, _)| *slot);
        supplies.into_iter().map(|(_, supply)| supply).collect()
    }

    pub(crate) fn derived(&self, derived: Derived) -> Option<&DerivedSlot> {
        self.derived.get(&derived)
    }

    /// What has to be walked before the slot of `path` is complete; `None` if the first pass fills it.
    fn subtree(&self, path: &Path) -> Option<Subtree> {
        self.subtree_below(path.key()?)
    }

    /// What is walked below a key of the record.
    pub(crate) fn subtree_below(&self, key: &str) -> Option<Subtree> {
        self.root.keys.get(key).and_then(|step| step.subtree)
    }

    /// The node at the top of a subtree.
    pub(crate) fn subtree_node(&self, subtree: Subtree) -> Option<&Node> {
        let key = self.subtrees.get(subtree.0)?;
        self.root.keys.get(key).and_then(|step| step.child.as_ref())
    }

    fn defer(&mut self, key: &str) {
        if let Some(step) = self.root.keys.get_mut(key)
            && step.subtree.is_none()
        {
            step.subtree = Some(Subtree(self.subtrees.len()));
            self.subtrees.push(key.into());
        }
    }
}

impl Node {
    fn grow(&mut self, steps: &[Names], end: End) {
        let Some((step, rest)) = steps.split_first() else {
            match end.wanted {
                Wanted::Values => self.slot = Some(end.slot),
                Wanted::Elements => self.elements = Some(end.slot),
            }
            return;
        };
        let (mut node, mut names) = (self, step.names.as_str());
        while let Some((head, tail)) = names.split_once('.') {
            let mut literal = Literal { slot: end.slot, node: Node::default() };
            literal.node.pick(&step.positions, rest, end);
            node.keys.entry(names.into()).or_default().literals.push(literal);
            node = node.keys.entry(head.into()).or_default().child.get_or_insert_default();
            names = tail;
        }
        node.keys.entry(names.into()).or_default().child.get_or_insert_default().pick(&step.positions, rest, end);
    }

    fn pick(&mut self, positions: &[Position], rest: &[Names], end: End) {
        let Some((position, more)) = positions.split_first() else { return self.grow(rest, end) };
        let known = self.positions.iter().position(|(known, _)| known == position);
        let at = known.unwrap_or_else(|| {
            self.positions.push((*position, Node::default()));
            self.positions.len() - 1
        });
        if let Some((_, node)) = self.positions.get_mut(at) {
            node.pick(more, rest, end);
        }
    }
}
