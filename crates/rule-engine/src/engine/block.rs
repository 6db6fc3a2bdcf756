//! Blocks: searches on the elements of a list, each taken by itself.

use super::{
    program::{Program, Scene},
    slots::{Slots, Surroundings, Value},
    trie::{Slot, Supply, Trie, Wanted},
    walk::{self, Shape},
};
use crate::{
    detection::{Block, Field, Fitting},
    json::Reader,
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
    imports: Vec<Import>,
    body: Program,
}

/// A field of the record that the body compares with.
#[derive(Debug)]
struct Import {
    outside: Slot,
    supply: Supply,
    inside: Slot,
}

impl BlockTest {
    pub(crate) fn new(block: &Block, outer: &mut Trie) -> Self {
        let mut trie = Trie::of_element();
        let mut body = Program::compile(&block.body, &mut trie);
        // An element is walked as a whole, so nothing in it is put off.
        body.resolve(&[]);
        let import = |(field, inside): &(Field, Slot)| {
            let outside = outer.insert_of_record(field);
            Import { outside, supply: Supply::FirstPass, inside: *inside }
        };
        let imports = trie.imports().iter().map(import).collect();
        BlockTest {
            slot: outer.insert(&block.path, Wanted::Elements),
            supply: Supply::FirstPass,
            quantifier: block.quantifier,
            fitting: block.fitting,
            trie,
            imports,
            body,
        }
    }

    pub(crate) fn resolve(&mut self, supplies: &[Supply]) {
        let supply = |slot: Slot| supplies.get(slot.0).copied().unwrap_or(Supply::FirstPass);
        self.supply = supply(self.slot);
        for import in &mut self.imports {
            import.supply = supply(import.outside);
        }
    }

    pub(crate) fn cost(&self) -> u32 {
        self.body.cost().saturating_add(1000)
    }

    pub(crate) fn holds(&self, scene: &mut Scene<'_, '_>) -> bool {
        scene.complete(self.supply);
        for import in &self.imports {
            scene.complete(import.supply);
        }
        let mut spare = Slots::new(self.trie.slot_count());
        let mut elements = scene.slots.values(self.slot).filter_map(|value| match value {
            Value::Element(json, around) => Some((json.as_ref(), *around)),
            _ => None,
        });
        let mut fits = |(json, around): (&str, Surroundings)| {
            let mut slots = std::mem::replace(&mut spare, Slots::new(0)).recycle();
            for import in &self.imports {
                for value in scene.slots.values(import.outside) {
                    slots.push(import.inside, value.lend());
                }
            }
            let fits = self.fits(json, around, &mut slots);
            spare = slots.recycle();
            fits
        };
        match self.quantifier {
            BlockQuantifier::Any => elements.any(fits),
            BlockQuantifier::None => !elements.any(fits),
            BlockQuantifier::AllOrEmpty => elements.all(fits),
            BlockQuantifier::All => elements.next().is_some_and(&mut fits) && elements.all(fits),
        }
    }

    fn fits<'d>(&self, json: &'d str, around: Surroundings, slots: &mut Slots<'d>) -> bool {
        // The text is a slice of a record whose grammar has been checked.
        let Ok(shape) = walk::element(&self.trie, json, around, slots) else { return false };
        if self.fitting == Fitting::Objects && shape != Shape::Object {
            return false;
        }
        let mut scene = Scene { trie: &self.trie, supplies: &[], reader: &mut Reader::new(json), slots };
        self.body.holds(&mut scene)
    }
}
