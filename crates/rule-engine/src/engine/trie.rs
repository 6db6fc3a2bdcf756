use std::collections::{BTreeMap, HashMap};

use crate::{
    derived::{Derived, RawField},
    detection::Field,
};

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
    /// What the keys of an object lead to.
    pub(crate) keys: HashMap<Box<str>, Step>,
}

/// What one key of an object leads to.
#[derive(Debug, Default)]
pub(crate) struct Step {
    /// Where the paths that split at this key go on.
    pub(crate) child: Option<Node>,
    /// Ends of the paths whose whole remaining name is this key, dots and all.
    pub(crate) literals: Vec<Node>,
    /// Set on a key of the record itself below which there is something to walk.
    pub(crate) subtree: Option<Subtree>,
}

/// All field paths of a rule set, by their segments.
#[derive(Debug, Default)]
pub(crate) struct Trie {
    root: Node,
    slots: HashMap<String, Slot>,
    derived: BTreeMap<Derived, DerivedSlot>,
    /// For each subtree, its key in the record.
    subtrees: Vec<Box<str>>,
}

/// Where a derived field goes and what it is computed from.
#[derive(Debug)]
pub(crate) struct DerivedSlot {
    pub(crate) slot: Slot,
    pub(crate) needs: Vec<(RawField, Slot)>,
}

impl Trie {
    /// The slot of a field, which is added if it is new.
    pub(crate) fn insert_field(&mut self, field: &Field) -> Slot {
        match field {
            Field::Path(path) => self.insert(path),
            Field::Derived(derived) => self.insert_derived(*derived),
        }
    }

    fn insert_derived(&mut self, derived: Derived) -> Slot {
        if let Some(known) = self.derived.get(&derived) {
            return known.slot;
        }
        let needs = derived.needs().iter().map(|raw| (*raw, self.insert(raw.path()))).collect();
        let slot = Slot(self.slot_count());
        self.derived.insert(derived, DerivedSlot { slot, needs });
        slot
    }

    /// The slot of a path, which is added if it is new.
    pub(crate) fn insert(&mut self, path: &str) -> Slot {
        if let Some(&slot) = self.slots.get(path) {
            return slot;
        }
        let slot = Slot(self.slot_count());
        self.slots.insert(path.to_owned(), slot);
        let (mut node, mut rest) = (&mut self.root, path);
        while let Some((head, tail)) = rest.split_once('.') {
            let literal = Node { slot: Some(slot), keys: HashMap::new() };
            node.keys.entry(rest.into()).or_default().literals.push(literal);
            node = node.keys.entry(head.into()).or_default().child.get_or_insert_default();
            rest = tail;
        }
        node.keys.entry(rest.into()).or_default().child.get_or_insert_default().slot = Some(slot);
        if let Some((head, _)) = path.split_once('.') {
            self.defer(head);
        }
        slot
    }

    pub(crate) fn root(&self) -> &Node {
        &self.root
    }

    /// How many slots there are.
    pub(crate) fn slot_count(&self) -> usize {
        self.slots.len() + self.derived.len()
    }

    /// What fills each slot, by the number of the slot. Complete only when all fields are in the trie.
    pub(crate) fn supplies(&self) -> Vec<Supply> {
        let mut supplies: Vec<(Slot, Supply)> =
            self.derived.iter().map(|(derived, known)| (known.slot, Supply::Derived(*derived))).collect();
        supplies.extend(
            self.slots
                .iter()
                .map(|(path, slot)| (*slot, self.subtree(path).map_or(Supply::FirstPass, Supply::Subtree))),
        );
        supplies.sort_unstable_by_key(|(slot, _)| *slot);
        supplies.into_iter().map(|(_, supply)| supply).collect()
    }

    pub(crate) fn derived(&self, derived: Derived) -> Option<&DerivedSlot> {
        self.derived.get(&derived)
    }

    /// What has to be walked before the slot of `path` is complete; `None` if the first pass fills it.
    pub(crate) fn subtree(&self, path: &str) -> Option<Subtree> {
        let head = path.split('.').next().unwrap_or_default();
        self.root.keys.get(head).and_then(|step| step.subtree)
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
