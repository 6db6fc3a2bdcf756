//! Which parts of a rule were ever decisive: turning such a part alone would have turned the verdict.

use std::collections::BTreeMap;

use super::{Explanation, Needs, Part, PartKind, TestSeen, Wanted};
use crate::{
    detection::{Condition, Detection, Search},
    rule::Rule,
    source::Span,
};

/// What the records seen so far say about the parts of a rule.
#[derive(Debug, Clone)]
pub struct Coverage {
    points: BTreeMap<Key, Point>,
}

/// A part of a rule that should be decisive for some record.
#[derive(Debug, Clone)]
pub struct Point {
    /// What it is.
    pub kind: PointKind,
    /// Where it stands in the rule.
    pub span: Span,
    /// Whether it was decisive by holding.
    pub by_holding: bool,
    /// Whether it was decisive by not holding.
    pub by_failing: bool,
}

/// What should be decisive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PointKind {
    /// A search identifier, both by holding and by not holding.
    Search(String),
    /// One of the alternatives that a condition or a list of maps joins, by holding alone.
    Branch(String),
    /// One of several values of a field, by being the only one that fits; of values that are all
    /// needed, by being needed.
    Value(String),
}

/// A place in a rule: where the innermost named search stands, and the numbers of the members that lead from
/// there.
type Key = (usize, Vec<usize>);

impl Point {
    /// Whether it was as decisive as it should be.
    pub fn is_covered(&self) -> bool {
        match self.kind {
            PointKind::Search(_) => self.by_holding && self.by_failing,
            PointKind::Branch(_) | PointKind::Value(_) => self.by_holding,
        }
    }
}

impl Coverage {
    /// Of a rule for which no record has been seen.
    pub fn of(rule: &Rule) -> Self {
        let mut expected = Expected { rule, points: BTreeMap::new() };
        expected.condition(&rule.detection().condition, rule.detection(), &Key::default());
        Coverage { points: expected.points }
    }

    /// Takes into account what one record made of the rule itself; filters do not count.
    pub fn add(&mut self, explanation: &Explanation) {
        self.decisive(&explanation.rule, &Key::default());
    }

    /// The points in the order in which they stand in the rule.
    pub fn points(&self) -> Vec<&Point> {
        let mut points: Vec<&Point> = self.points.values().collect();
        points.sort_by_key(|point| (point.span.start, matches!(point.kind, PointKind::Value(_))));
        points
    }

    /// Marks a part that is decisive, and what in it is.
    fn decisive(&mut self, part: &Part, key: &Key) {
        let key = match (&part.kind, part.span) {
            (PartKind::Search(_), Some(span)) => &(span.start, Vec::new()),
            _ => key,
        };
        if let Some(point) = self.points.get_mut(key).filter(|point| !matches!(point.kind, PointKind::Value(_))) {
            point.mark(part.held);
        }
        match &part.kind {
            PartKind::Test(test) => self.decisive_values(test, key),
            PartKind::Not | PartKind::Search(_) | PartKind::All => self.decisive_members(part, Joint::All, key),
            PartKind::Any => self.decisive_members(part, Joint::Any, key),
            PartKind::Element(_) => part.parts.iter().for_each(|part| self.decisive(part, key)),
            PartKind::Block { needs, .. } => {
                let joint = match needs {
                    Needs::All | Needs::AllOrEmpty => Joint::All,
                    Needs::Any | Needs::None => Joint::Any,
                };
                let elements: Vec<&Part> = joint.decisive(&part.parts).map(|(_, part)| part).collect();
                for element in elements {
                    self.decisive(element, &member(key, 0));
                }
            }
        }
    }

    fn decisive_members(&mut self, part: &Part, joint: Joint, key: &Key) {
        for (number, part) in joint.decisive(&part.parts) {
            self.decisive(part, &member(key, number));
        }
    }

    fn decisive_values(&mut self, test: &TestSeen, key: &Key) {
        let fitting = test.wanted.values().iter().filter(|value| value.fits).count();
        for (number, value) in test.wanted.values().iter().enumerate() {
            let decides = match &test.wanted {
                Wanted::AnyOf(_) => value.fits && fitting == 1,
                Wanted::AllOf(values) => fitting == values.len() || (!value.fits && fitting + 1 == values.len()),
                Wanted::Null | Wanted::Exists(_) => false,
            };
            if let Some(point) = self.points.get_mut(&member(key, number)).filter(|_| decides) {
                point.mark(true);
            }
        }
    }
}

impl Point {
    fn mark(&mut self, held: bool) {
        if held {
            self.by_holding = true;
        } else {
            self.by_failing = true;
        }
    }
}

/// How parts make up a whole.
#[derive(Debug, Clone, Copy)]
enum Joint {
    All,
    Any,
}

impl Joint {
    /// The parts of which each alone would turn the whole, with their numbers.
    fn decisive(self, parts: &[Part]) -> impl Iterator<Item = (usize, &Part)> {
        let turning = parts.iter().filter(|part| self.turns(part)).count();
        parts.iter().enumerate().filter(move |(_, part)| match turning {
            0 => true,
            1 => self.turns(part),
            _ => false,
        })
    }

    /// Whether a part makes the whole what it is, whatever the others are.
    fn turns(self, part: &Part) -> bool {
        match self {
            Joint::All => !part.held,
            Joint::Any => part.held,
        }
    }
}

/// Collects the points of a rule.
struct Expected<'r> {
    rule: &'r Rule,
    points: BTreeMap<Key, Point>,
}

impl Expected<'_> {
    fn point(&mut self, key: Key, kind: PointKind, span: Span) {
        self.points.entry(key).or_insert(Point { kind, span, by_holding: false, by_failing: false });
    }

    fn written(&self, span: Span) -> String {
        self.rule.source().written(span).to_owned()
    }

    fn condition(&mut self, condition: &Condition, detection: &Detection, key: &Key) {
        match condition {
            Condition::Identifier(index) => match detection.identifiers.get(*index) {
                Some(identifier) if identifier.name.is_empty() => self.search(&identifier.search, key),
                Some(identifier) => {
                    let key = (identifier.span.start, Vec::new());
                    self.point(key.clone(), PointKind::Search(identifier.name.clone()), identifier.span);
                    self.search(&identifier.search, &member(&key, 0));
                }
                None => {}
            },
            Condition::Not(inner) => self.condition(inner, detection, &member(key, 0)),
            Condition::All(members) => {
                for (number, inner) in members.iter().enumerate() {
                    self.condition(inner, detection, &member(key, number));
                }
            }
            Condition::Any(members) => {
                for (number, inner) in members.iter().enumerate() {
                    let key = member(key, number);
                    // A search that is named here is a point of its own.
                    if !matches!(inner, Condition::Identifier(_)) {
                        let span = inner.first_identifier(detection).map(|first| first.span).unwrap_or_default();
                        self.point(key.clone(), PointKind::Branch(inner.written(detection)), span);
                    }
                    self.condition(inner, detection, &key);
                }
            }
        }
    }

    fn search(&mut self, search: &Search, key: &Key) {
        match search {
            Search::Item(item) => {
                let values = item.places.values.iter().enumerate().filter(|_| item.places.values.len() > 1);
                for (number, span) in values {
                    self.point(member(key, number), PointKind::Value(self.written(*span)), *span);
                }
            }
            Search::Block(block) => self.condition(&block.body.condition, &block.body, &member(key, 0)),
            Search::All(members) => {
                for (number, search) in members.iter().enumerate() {
                    self.search(search, &member(key, number));
                }
            }
            Search::Any(members) => {
                for (number, search) in members.iter().enumerate() {
                    let key = member(key, number);
                    let span = search.span();
                    if members.len() > 1 {
                        self.point(key.clone(), PointKind::Branch(search.written(self.rule.source())), span);
                    }
                    self.search(search, &key);
                }
            }
        }
    }
}

fn member(key: &Key, number: usize) -> Key {
    let (search, mut numbers) = key.clone();
    numbers.push(number);
    (search, numbers)
}
