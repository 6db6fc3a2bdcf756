//! Which rules can match at all, told from the exact values of a few top-level fields.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::{
    check::has_text,
    slots::Slots,
    trie::{Slot, Trie, Wanted},
};
use crate::{
    derived::{Derived, without_date},
    detection::{Condition, Detection, Field, Item, Search, Test, Value},
    modifier::Quantifier,
    path::Path,
    pattern::lower,
};

const EVENT_NAME: &str = "eventName";

/// Field values of which at least one must occur for a rule to match.
type Anchors = Vec<(String, String)>;

/// Finds the rules that can match a record.
#[derive(Debug, Default)]
pub(crate) struct Index {
    fields: Vec<IndexedField>,
    /// Rules that no exact value of a top-level field rules out.
    always: Vec<usize>,
}

#[derive(Debug)]
struct IndexedField {
    slot: Slot,
    /// Whether rules may look for the value without the date behind it.
    undated: bool,
    rules: FxHashMap<Box<str>, Vec<usize>>,
}

impl Index {
    /// Indexes detections by their position. All their field paths have to be in the trie already.
    pub(crate) fn build<'r>(detections: impl Iterator<Item = &'r Detection>, trie: &mut Trie) -> Self {
        let mut fields: BTreeMap<String, FxHashMap<Box<str>, Vec<usize>>> = BTreeMap::new();
        let mut index = Index::default();
        for (rule, detection) in detections.enumerate() {
            let anchoring = Anchoring { trie };
            let Some(anchors) = anchoring.condition(&detection.condition, detection) else {
                index.always.push(rule);
                continue;
            };
            for (field, value) in anchors {
                let rules = fields.entry(field).or_default().entry(value.into()).or_default();
                if rules.last() != Some(&rule) {
                    rules.push(rule);
                }
            }
        }
        let indexed = |(field, rules): (String, _)| IndexedField {
            slot: trie.insert(&Path::literal(&field), Wanted::Values),
            undated: field == EVENT_NAME,
            rules,
        };
        index.fields = fields.into_iter().map(indexed).collect();
        index
    }

    /// Puts the rules that can match into `candidates`, some perhaps twice, in no order.
    pub(crate) fn candidates(&self, slots: &Slots<'_>, candidates: &mut Vec<usize>) {
        candidates.extend_from_slice(&self.always);
        for field in &self.fields {
            for value in slots.values(field.slot) {
                let mut look_up = |text: &str| {
                    if let Some(rules) = field.rules.get(lower(text).as_ref()) {
                        candidates.extend_from_slice(rules);
                    }
                };
                each_text(value, &mut |text| {
                    look_up(text);
                    let undated = if field.undated { without_date(text) } else { text };
                    if undated.len() < text.len() {
                        look_up(undated);
                    }
                });
            }
        }
    }
}

fn each_text(value: &super::slots::Value<'_>, visit: &mut dyn FnMut(&str)) {
    let visit = std::cell::RefCell::new(visit);
    has_text(value, &|text| {
        (visit.borrow_mut())(text);
        false
    });
}

/// Finds the anchors of detections.
struct Anchoring<'a> {
    trie: &'a Trie,
}

impl Anchoring<'_> {
    /// Anchors of a condition, or `None` when a record without any particular value could match.
    fn condition(&self, node: &Condition, detection: &Detection) -> Option<Anchors> {
        match node {
            Condition::Identifier(index) => self.search(&detection.identifiers.get(*index)?.search),
            Condition::Not(_) => None,
            Condition::All(members) => best(members.iter().map(|member| self.condition(member, detection))),
            Condition::Any(members) => every(members.iter().map(|member| self.condition(member, detection))),
        }
    }

    fn search(&self, node: &Search) -> Option<Anchors> {
        match node {
            Search::Item(item) => self.item(item),
            Search::Block(_) => None,
            Search::All(members) => best(members.iter().map(|member| self.search(member))),
            Search::Any(searches) => every(searches.iter().map(|search| self.search(search))),
        }
    }

    /// An entry anchors when it wants one of some literal texts in a field that the first pass over the
    /// record fills: a top-level one below which no rule looks.
    fn item(&self, item: &Item) -> Option<Anchors> {
        let anchored = item.field.as_ref().and_then(Anchored::of).filter(|_| !item.negated)?;
        if self.trie.subtree_below(anchored.field()).is_some() {
            return None;
        }
        let Test::Values { quantifier, values } = &item.test else { return None };
        let anchors = values.iter().map(|value| literals(anchored, value));
        match quantifier {
            Quantifier::Any => every(anchors),
            // With `all` every single value must occur, so one of them is enough.
            Quantifier::All => best(anchors),
        }
    }
}

/// A field whose literal values can be looked up in the first pass.
#[derive(Debug, Clone, Copy)]
enum Anchored<'f> {
    Field(&'f str),
    /// `trailhound.event`, whose values tell the name of the event.
    Event,
}

impl<'f> Anchored<'f> {
    fn of(field: &'f Field) -> Option<Self> {
        match field {
            Field::Path(path) => path.as_key().map(Anchored::Field),
            Field::Derived(Derived::Event) => Some(Anchored::Event),
            Field::Derived(_) => None,
        }
    }

    fn field(self) -> &'f str {
        match self {
            Anchored::Field(field) => field,
            Anchored::Event => EVENT_NAME,
        }
    }

    /// The text that has to stand in the field for `literal` to be met.
    fn text(self, literal: &str) -> Option<String> {
        let literal = lower(literal);
        match self {
            Anchored::Field(_) => Some(literal.into_owned()),
            Anchored::Event => {
                // With a second colon it would be open which one stands between service and name.
                let (_, name) = literal.split_once(':').filter(|(_, name)| !name.contains(':'))?;
                Some(name.to_owned())
            }
        }
    }
}

fn literals(anchored: Anchored<'_>, value: &Value) -> Option<Anchors> {
    match value {
        Value::Text(pattern) => Some(vec![(anchored.field().to_owned(), anchored.text(pattern.literal()?)?)]),
        Value::Forms(forms) => every(forms.iter().map(|form| literals(anchored, form))),
        Value::Number(_)
        | Value::Bool(_)
        | Value::Regex(_)
        | Value::Network(_)
        | Value::Compare(..)
        | Value::Time(..)
        | Value::Field(_) => None,
    }
}

/// All members must hold: the most telling anchors of one of them.
fn best(members: impl Iterator<Item = Option<Anchors>>) -> Option<Anchors> {
    members.flatten().min_by_key(|anchors| {
        let rank = anchors.iter().map(|(field, _)| rank(field)).max().unwrap_or_default();
        (rank, anchors.len())
    })
}

/// Any member may hold: the anchors of all, if all have some.
fn every(members: impl Iterator<Item = Option<Anchors>>) -> Option<Anchors> {
    let all: Option<Vec<Anchors>> = members.collect();
    all.map(|anchors| anchors.into_iter().flatten().collect())
}

/// How many records share a value of this field, few first, from what real records show.
fn rank(field: &str) -> u32 {
    match field {
        "eventName" => 0,
        "errorCode" | "errorMessage" => 1,
        "eventSource" => 3,
        "awsRegion" | "eventType" | "eventCategory" | "eventVersion" | "recipientAccountId" => 4,
        _ => 2,
    }
}
