//! Blocks: searches on the elements of a list, each taken by itself.

use super::{
    program::{Program, Scene},
    slots::{Slots, Value},
    trie::{Slot, Supply, Trie, Wanted},
    walk,
};
use crate::{
    detection::{Block, Fitting},
    json::{Kind, Reader},
    path::BlockQuantifier,
};

/// A compiled block: its elements come from a slot, its body is a small rule set of its own.
#[derive(Debug)]
pub(crate) struct BlockTest {
    slot: Slot,
    supply: Supply,
    quantifier: BlockQuantifier,
    fitting: Fitting,
    trie: Trie,
    body: Box<Program>,
}

impl BlockTest {
    pub(crate) fn new(block: &Block, outer: &mut Trie) -> Self {
        let mut trie = Trie::default();
        let mut body = Program::compile(&block.body, &mut trie);
        // An element is walked as a whole, so nothing in it is put off.
        body.resolve(&[]);
        BlockTest {
            slot: outer.insert(&block.path, Wanted::Elements),
            supply: Supply::FirstPass,
            quantifier: block.quantifier,
            fitting: block.fitting,
            trie,
            body: Box::new(body),
        }
    }

    pub(crate) fn resolve(&mut self, supplies: &[Supply]) {
        self.supply = supplies.get(self.slot.0).copied().unwrap_or(Supply::FirstPass);
    }

    pub(crate) fn cost(&self) -> u32 {
        self.body.cost().saturating_add(1000)
    }

    pub(crate) fn holds(&self, scene: &mut Scene<'_, '_>) -> bool {
        scene.complete(self.supply);
        let mut spare = Slots::new(self.trie.slot_count());
        let mut elements = scene.slots.values(self.slot).filter_map(|value| match value {
            Value::Element(json) => Some(*json),
            _ => None,
        });
        let mut fits = |json| self.fits(json, &mut spare);
        match self.quantifier {
            BlockQuantifier::Any => elements.any(fits),
            BlockQuantifier::None => !elements.any(fits),
            BlockQuantifier::AllOrEmpty => elements.all(fits),
            BlockQuantifier::All => elements.next().is_some_and(&mut fits) && elements.all(fits),
        }
    }

    fn fits(&self, json: &str, spare: &mut Slots<'static>) -> bool {
        let recycled = std::mem::replace(spare, Slots::new(0));
        let mut slots = recycled.recycle();
        let fits = self.body_holds(json, &mut slots);
        *spare = slots.recycle();
        fits
    }

    fn body_holds<'d>(&self, json: &'d str, slots: &mut Slots<'d>) -> bool {
        // The text is a slice of a record whose grammar has been checked.
        let Ok(kind) = walk::element(&self.trie, json, slots) else { return false };
        if self.fitting == Fitting::Objects && kind != Kind::Object {
            return false;
        }
        let mut scene = Scene { trie: &self.trie, supplies: &[], reader: &mut Reader::new(json), slots };
        self.body.holds(&mut scene)
    }
}
