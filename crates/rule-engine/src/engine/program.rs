//! A rule's condition in the form that is cheapest to evaluate.

use std::collections::HashSet;

use ipnet::IpNet;

use super::{
    block::BlockTest,
    check::{Check, address, has_text, refers},
    leaves,
    slots::{Slots, Value},
    trie::{Slot, Supply, Trie},
    walk,
};
use crate::{
    derived::{Answer, Derived, RawFields},
    detection::{self, Condition, Detection, Item, Search},
    json::Reader,
    modifier::Quantifier,
    pattern::{Anchor, Case, lower},
};

/// Fewest literal values for which a hash set beats comparing one after the other.
const SET_SIZE: usize = 6;

/// A compiled condition. Members of `All` and `Any` stand cheapest first.
#[derive(Debug)]
pub(crate) enum Program {
    Test(FieldTest),
    Block(Box<BlockTest>),
    Not(Box<Program>),
    All(Vec<Program>),
    Any(Vec<Program>),
}

/// One question about one field, or about the whole record.
#[derive(Debug)]
pub(crate) struct FieldTest {
    target: Target,
    question: Question,
    negated: bool,
}

#[derive(Debug)]
enum Target {
    /// A field, and what fills its slot.
    Field(Slot, Supply),
    /// Every text, number and boolean of the record.
    Record,
}

#[derive(Debug)]
enum Question {
    Null,
    Exists(bool),
    Any(Vec<Check>),
    All(Vec<Check>),
    /// Any of many literal texts, in lower case.
    OneOf(HashSet<Box<str>>),
    /// An address within any of several networks.
    Within(Vec<IpNet>),
    /// The texts of other fields of the record.
    References(Quantifier, Vec<Reference>),
}

/// Another field, and where its text has to stand.
#[derive(Debug)]
struct Reference {
    slot: Slot,
    supply: Supply,
    anchor: Anchor,
    case: Case,
}

/// Everything a program looks at while it runs.
#[derive(Debug)]
pub(crate) struct Scene<'e, 'd> {
    pub(crate) trie: &'e Trie,
    pub(crate) supplies: &'e [Supply],
    pub(crate) reader: &'e mut Reader<'d>,
    pub(crate) slots: &'e mut Slots<'d>,
}

impl Scene<'_, '_> {
    /// Fills slots if that has not happened yet.
    pub(crate) fn complete(&mut self, supply: Supply) {
        match supply {
            Supply::FirstPass => {}
            Supply::Subtree(subtree) => walk::subtree(self.trie, subtree, self.reader, self.slots),
            Supply::Derived(derived) => self.derive(derived),
        }
    }

    fn derive(&mut self, derived: Derived) {
        let Some(known) = self.trie.derived(derived) else { return };
        if !self.slots.start_derived(derived) {
            return;
        }
        for (_, slot) in &known.needs {
            if let Some(supply) = self.supplies.get(slot.0) {
                self.complete(*supply);
            }
        }
        let raw = RawFields::read(derived.needs(), |field| {
            let slot = known.needs.iter().find(|(needed, _)| *needed == field).map(|(_, slot)| *slot);
            slot.map(|slot| texts(self.slots, slot)).unwrap_or_default()
        });
        match derived.answer(&raw) {
            Some(Answer::Text(text)) => self.slots.push(known.slot, Value::Text(text.into())),
            Some(Answer::Bool(value)) => self.slots.push(known.slot, Value::Bool(value)),
            None => {}
        }
    }
}

/// The texts, numbers and booleans of a slot in the order of the record.
pub(super) fn texts(slots: &Slots<'_>, slot: Slot) -> Vec<String> {
    let text = |value: &Value<'_>| match value {
        Value::Text(text) => Some(text.to_string()),
        Value::Number(source) => Some(source.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::Object(_) | Value::Element(..) | Value::Array | Value::Displaced => None,
    };
    // Slots give their latest value first.
    let mut texts: Vec<String> = slots.values(slot).filter_map(text).collect();
    texts.reverse();
    texts
}

impl Program {
    /// Compiles a detection, adding its fields to the trie.
    pub(crate) fn compile(detection: &Detection, trie: &mut Trie) -> Self {
        condition(&detection.condition, detection, trie)
    }

    /// Looks up what fills the slots, now that the fields of all rules are in the trie.
    pub(crate) fn resolve(&mut self, supplies: &[Supply]) {
        let supply = |slot: Slot| supplies.get(slot.0).copied().unwrap_or(Supply::FirstPass);
        match self {
            Program::Test(test) => {
                if let Target::Field(slot, filled) = &mut test.target {
                    *filled = supply(*slot);
                }
                if let Question::References(_, references) = &mut test.question {
                    for reference in references {
                        reference.supply = supply(reference.slot);
                    }
                }
            }
            Program::Block(block) => block.resolve(supplies),
            Program::Not(inner) => inner.resolve(supplies),
            Program::All(members) | Program::Any(members) => {
                for member in members.iter_mut() {
                    member.resolve(supplies);
                }
                members.sort_by_cached_key(Program::cost);
            }
        }
    }

    pub(crate) fn holds(&self, scene: &mut Scene<'_, '_>) -> bool {
        match self {
            Program::Test(test) => test.holds(scene),
            Program::Block(block) => block.holds(scene),
            Program::Not(inner) => !inner.holds(scene),
            Program::All(members) => members.iter().all(|member| member.holds(scene)),
            Program::Any(members) => members.iter().any(|member| member.holds(scene)),
        }
    }

    pub(super) fn cost(&self) -> u32 {
        match self {
            Program::Test(test) => test.cost(),
            Program::Block(block) => block.cost(),
            Program::Not(inner) => inner.cost(),
            Program::All(members) | Program::Any(members) => members.iter().map(Program::cost).sum(),
        }
    }
}

fn condition(node: &Condition, detection: &Detection, trie: &mut Trie) -> Program {
    match node {
        Condition::Identifier(index) => match detection.identifiers.get(*index) {
            Some(identifier) => search(&identifier.search, trie),
            None => Program::Any(Vec::new()),
        },
        Condition::Not(inner) => Program::Not(Box::new(condition(inner, detection, trie))),
        Condition::All(members) => {
            Program::All(members.iter().map(|member| condition(member, detection, trie)).collect())
        }
        Condition::Any(members) => {
            Program::Any(members.iter().map(|member| condition(member, detection, trie)).collect())
        }
    }
}

fn search(node: &Search, trie: &mut Trie) -> Program {
    match node {
        Search::Item(item) => Program::Test(FieldTest::new(item, trie)),
        Search::Block(block) => Program::Block(Box::new(BlockTest::new(block, trie))),
        Search::All(members) => Program::All(members.iter().map(|member| search(member, trie)).collect()),
        Search::Any(searches) => Program::Any(searches.iter().map(|member| search(member, trie)).collect()),
    }
}

impl FieldTest {
    fn new(item: &Item, trie: &mut Trie) -> Self {
        let target = match &item.field {
            Some(field) => Target::Field(trie.insert_field(field), Supply::FirstPass),
            None => Target::Record,
        };
        let question = match &item.test {
            detection::Test::Null => Question::Null,
            detection::Test::Exists(wanted) => Question::Exists(*wanted),
            detection::Test::Values { quantifier, values } => {
                Question::references(*quantifier, values, trie).unwrap_or_else(|| Question::about(*quantifier, values))
            }
        };
        FieldTest { target, question, negated: item.negated }
    }

    fn cost(&self) -> u32 {
        let place = match self.target {
            Target::Field(_, Supply::FirstPass) => 1,
            Target::Field(_, Supply::Subtree(_)) => 100,
            Target::Field(_, Supply::Derived(_)) => 200,
            Target::Record => 10_000,
        };
        place + self.question.cost()
    }

    fn holds(&self, scene: &mut Scene<'_, '_>) -> bool {
        let answer = match self.target {
            Target::Record => self.question.about_record(scene.slots.record()),
            Target::Field(slot, supply) => {
                scene.complete(supply);
                if let Question::References(_, references) = &self.question {
                    for reference in references {
                        scene.complete(reference.supply);
                    }
                }
                self.question.about_field(scene.slots, slot)
            }
        };
        answer != self.negated
    }
}

impl Question {
    /// `None` unless the values name other fields.
    fn references(quantifier: Quantifier, values: &[detection::Value], trie: &mut Trie) -> Option<Self> {
        let mut reference = |value: &detection::Value| match value {
            detection::Value::Field(other) => {
                let slot = trie.insert_reference(other);
                Some(Reference { slot, supply: Supply::FirstPass, anchor: other.anchor, case: other.case })
            }
            _ => None,
        };
        let references: Option<Vec<Reference>> = values.iter().map(&mut reference).collect();
        references.map(|references| Question::References(quantifier, references))
    }

    fn about(quantifier: Quantifier, values: &[detection::Value]) -> Self {
        let literals: Option<HashSet<Box<str>>> = values.iter().map(caseless_literal).collect();
        if let (Quantifier::Any, Some(networks)) = (quantifier, networks(values)) {
            return Question::Within(networks);
        }
        match (quantifier, literals) {
            (Quantifier::Any, Some(literals)) if literals.len() >= SET_SIZE => Question::OneOf(literals),
            (Quantifier::Any, _) => Question::Any(values.iter().filter_map(Check::new).collect()),
            (Quantifier::All, _) => Question::All(values.iter().filter_map(Check::new).collect()),
        }
    }

    fn cost(&self) -> u32 {
        match self {
            Question::Null | Question::Exists(_) => 0,
            Question::OneOf(_) | Question::Within(_) => 2,
            Question::References(_, references) => references.iter().map(|_| 100).sum(),
            Question::Any(checks) | Question::All(checks) => checks.iter().map(Check::cost).sum(),
        }
    }

    fn about_field(&self, slots: &Slots<'_>, slot: Slot) -> bool {
        let mut values = slots.values(slot);
        match self {
            Question::Null => {
                let mut empty = true;
                values.any(|value| {
                    empty = false;
                    *value == Value::Null
                }) || empty
            }
            Question::Exists(wanted) => values.next().is_some() == *wanted,
            Question::Any(checks) => values.any(|value| checks.iter().any(|check| check.accepts(value))),
            Question::All(checks) => checks.iter().all(|check| values.clone().any(|value| check.accepts(value))),
            Question::OneOf(literals) => {
                values.any(|value| has_text(value, &|text| literals.contains(lower(text).as_ref())))
            }
            Question::Within(networks) => values.any(|value| is_within(networks, value)),
            Question::References(quantifier, references) => {
                let mut holds = references.iter().map(|reference| {
                    let pairs = slots.values(reference.slot);
                    pairs
                        .clone()
                        .any(|other| values.clone().any(|value| refers(value, other, reference.anchor, reference.case)))
                });
                match quantifier {
                    Quantifier::Any => holds.any(|holds| holds),
                    Quantifier::All => holds.all(|holds| holds),
                }
            }
        }
    }

    fn about_record(&self, record: &str) -> bool {
        match self {
            Question::Any(checks) => {
                leaves::any(record, &mut |leaf| checks.iter().any(|check| check.accepts_scalar(leaf)))
            }
            Question::All(checks) => {
                checks.iter().all(|check| leaves::any(record, &mut |leaf| check.accepts_scalar(leaf)))
            }
            Question::OneOf(literals) => {
                leaves::any(record, &mut |leaf| has_text(leaf, &|text| literals.contains(lower(text).as_ref())))
            }
            Question::Within(networks) => leaves::any(record, &mut |leaf| is_within(networks, leaf)),
            // Refused when the rule is read: these ask about a field.
            Question::Null | Question::Exists(_) | Question::References(..) => false,
        }
    }
}

/// The networks, if the values are nothing else.
fn networks(values: &[detection::Value]) -> Option<Vec<IpNet>> {
    let mut all = Vec::new();
    for value in values {
        match value {
            detection::Value::Network(network) => all.push(*network),
            detection::Value::Forms(forms) => all.extend(networks(forms)?),
            _ => return None,
        }
    }
    Some(all)
}

/// The address is read once, however many networks there are.
fn is_within(networks: &[IpNet], value: &Value<'_>) -> bool {
    match value {
        Value::Text(text) => {
            address(text).is_some_and(|address| networks.iter().any(|network| network.contains(&address)))
        }
        _ => false,
    }
}

fn caseless_literal(value: &detection::Value) -> Option<Box<str>> {
    match value {
        detection::Value::Text(pattern) if pattern.case() == Case::Ignored => pattern.literal().map(Into::into),
        _ => None,
    }
}
