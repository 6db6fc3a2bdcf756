use std::collections::HashMap;

use rustc_hash::FxHashMap;

/// Number of a field path among all paths of a rule set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Slot(pub(crate) usize);

/// Number of a top-level subtree whose walk is put off until a rule asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Subtree(pub(crate) usize);

/// One place in a record that some field path reaches or passes.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// The path that ends here.
    pub(crate) slot: Option<Slot>,
    /// What the keys of an object lead to. The keys come from rules, whom we trust, so that a hash
    /// without defence against chosen keys is right: every key of every record is looked up here.
    pub(crate) keys: FxHashMap<Box<str>, Step>,
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
    /// For each subtree, its key in the record.
    subtrees: Vec<Box<str>>,
}

impl Trie {
    /// The slot of a path, which is added if it is new.
    pub(crate) fn insert(&mut self, path: &str) -> Slot {
        if let Some(&slot) = self.slots.get(path) {
            return slot;
        }
        let slot = Slot(self.slots.len());
        self.slots.insert(path.to_owned(), slot);
        let (mut node, mut rest) = (&mut self.root, path);
        while let Some((head, tail)) = rest.split_once('.') {
            let literal = Node { slot: Some(slot), keys: FxHashMap::default() };
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
        self.slots.len()
    }

    /// All paths with their slots, in no order.
    pub(crate) fn paths(&self) -> impl Iterator<Item = (&str, Slot)> {
        self.slots.iter().map(|(path, &slot)| (path.as_str(), slot))
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
