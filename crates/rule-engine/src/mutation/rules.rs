//! The mutants of a detection, in the order in which their changes stand in it.

use super::{Change, ChangeKind, Mutant, Names, closed::Closed, written};
use crate::{
    detection::{Block, Condition, Detection, Field, Identifier, Item, Places, Search, Test, Value},
    modifier::Comparison,
    pattern::{Anchor, Case, Matcher, Pattern},
    source::{Source, Span},
};

/// Something with one change; `None` stands for a change that makes no difference.
type Changed<T> = Vec<Option<(Change, T)>>;

/// All mutants; `None` in the place of one that nothing could tell from the rule. A rule that is read with other
/// lists has the same number, in the same order.
pub(super) fn mutants(detection: &Detection, source: &Source, names: &Names) -> Vec<Option<Mutant>> {
    let mutator = Mutator { source, closed: Closed::new(names, detection) };
    let changed = mutator.detection(detection, Span::default());
    changed.into_iter().map(|one| one.map(|(change, detection)| Mutant { change, detection })).collect()
}

struct Mutator<'m> {
    source: &'m Source,
    closed: Closed<'m>,
}

impl Mutator<'_> {
    /// `around` is what the detection is the body of.
    fn detection(&self, detection: &Detection, around: Span) -> Changed<Detection> {
        let conditions = condition_changes(&detection.condition, &Scope { detection, around, source: self.source });
        let mut changed = within(conditions, |condition| Detection { condition, ..detection.clone() });
        let mut used = Vec::new();
        collect_used(&detection.condition, &mut used);
        for (number, identifier) in detection.identifiers.iter().enumerate().filter(|(number, _)| used.contains(number))
        {
            changed.extend(within(self.search(&identifier.search), |search| {
                let mut identifiers = detection.identifiers.clone();
                if let Some(place) = identifiers.get_mut(number) {
                    *place = Identifier { search, ..identifier.clone() };
                }
                Detection { identifiers, ..detection.clone() }
            }));
        }
        changed
    }

    fn search(&self, search: &Search) -> Changed<Search> {
        match search {
            Search::Item(item) => within(self.item(item), Search::Item),
            Search::Block(block) => within(self.detection(&block.body, block.span), |body| {
                Search::Block(Block { body, path: block.path.clone(), ..*block })
            }),
            Search::All(searches) => self.members(searches, ChangeKind::DropEntry, Search::All),
            Search::Any(searches) => self.members(searches, ChangeKind::DropAlternative, Search::Any),
        }
    }

    fn members(&self, members: &[Search], kind: ChangeKind, join: fn(Vec<Search>) -> Search) -> Changed<Search> {
        let mut changed = Vec::new();
        for (number, member) in members.iter().enumerate() {
            if members.len() > 1 {
                let change = Change { kind, what: member.written(self.source), span: member.span() };
                changed.push(Some((change, join(without(members, number)))));
            }
            changed.extend(within(self.search(member), |one| join(with(members, number, one))));
        }
        changed
    }

    fn item(&self, item: &Item) -> Changed<Item> {
        let mut changed = Vec::new();
        if item.negated {
            let what = Search::Item(item.clone()).written(self.source);
            let change = Change { kind: ChangeKind::Negate, what, span: item.places.whole() };
            changed.push(Some((change, Item { negated: false, ..item.clone() })));
        }
        let Test::Values { quantifier, values } = &item.test else { return changed };
        let tested = |values: Vec<Value>, spans: Vec<Span>| Item {
            test: Test::Values { quantifier: *quantifier, values },
            places: Places { values: spans, ..item.places },
            ..item.clone()
        };
        let spans = &item.places.values;
        for (number, (value, span)) in values.iter().zip(spans).enumerate() {
            if values.len() > 1 {
                let dropped = || tested(without(values, number), without(spans, number));
                let is_needed = !is_fitted_by_another(values, number);
                changed.push(is_needed.then(|| (self.change(ChangeKind::DropValue, *span), dropped())));
            }
            for (kind, other) in self.values(item, value) {
                let item = other.map(|other| tested(with(values, number, other), spans.clone()));
                changed.push(item.map(|item| (self.change(kind, *span), item)));
            }
        }
        changed
    }

    /// Other values in the place of one; `None` for one that means the same.
    fn values(&self, item: &Item, value: &Value) -> Vec<(ChangeKind, Option<Value>)> {
        match value {
            Value::Text(pattern) => {
                let anchors =
                    [(ChangeKind::WidenToStart, Anchor::Start), (ChangeKind::WidenToAnywhere, Anchor::Anywhere)];
                let wider = anchors.into_iter().filter_map(|(kind, anchor)| Some((kind, pattern.widened(anchor)?)));
                wider.map(|(kind, wider)| (kind, self.tells(item, pattern, wider).map(Value::Text))).collect()
            }
            Value::Compare(comparison, number) => {
                vec![(ChangeKind::ShiftComparison, Some(Value::Compare(comparison.shifted(), number.clone())))]
            }
            Value::Time(part, Some(comparison), number) => {
                let shifted = Value::Time(*part, Some(comparison.shifted()), number.clone());
                vec![(ChangeKind::ShiftComparison, Some(shifted))]
            }
            Value::Time(_, None, _)
            | Value::Forms(_)
            | Value::Number(_)
            | Value::Bool(_)
            | Value::Regex(_)
            | Value::Network(_)
            | Value::Field(_) => Vec::new(),
        }
    }

    /// A wider pattern, if a value of the field could tell it from the exact one.
    fn tells(&self, item: &Item, exact: &Pattern, wider: Pattern) -> Option<Pattern> {
        let same = item.field.as_ref().is_some_and(|field: &Field| self.closed.same(field, exact, &wider));
        (!same).then_some(wider)
    }

    fn change(&self, kind: ChangeKind, span: Span) -> Change {
        Change { kind, what: written(self.source, span), span }
    }
}

/// What the searches of a condition are called.
pub(super) struct Scope<'s> {
    pub(super) detection: &'s Detection,
    /// What the detection is the body of.
    pub(super) around: Span,
    pub(super) source: &'s Source,
}

impl Scope<'_> {
    fn change(&self, kind: ChangeKind, condition: &Condition) -> Change {
        let name = condition.written(self.detection);
        let span = condition.first_identifier(self.detection).map_or(self.around, |first| first.span);
        let what = if name.is_empty() { written(self.source, span) } else { name };
        Change { kind, what, span }
    }
}

/// A condition with a term dropped or turned into its opposite.
pub(super) fn condition_changes(condition: &Condition, scope: &Scope<'_>) -> Changed<Condition> {
    match condition {
        Condition::Identifier(_) => {
            let negated = Condition::Not(Box::new(condition.clone()));
            vec![Some((scope.change(ChangeKind::Negate, condition), negated))]
        }
        Condition::Not(inner) => {
            let mut changed = vec![Some((scope.change(ChangeKind::Negate, condition), (**inner).clone()))];
            if !matches!(**inner, Condition::Identifier(_)) {
                let inner = condition_changes(inner, scope);
                changed.extend(within(inner, |inner| Condition::Not(Box::new(inner))));
            }
            changed
        }
        Condition::All(members) => term_changes(members, Condition::All, scope),
        Condition::Any(members) => term_changes(members, Condition::Any, scope),
    }
}

fn term_changes(members: &[Condition], join: fn(Vec<Condition>) -> Condition, scope: &Scope<'_>) -> Changed<Condition> {
    let mut changed = Vec::new();
    for (number, member) in members.iter().enumerate() {
        if members.len() > 1 {
            changed.push(Some((scope.change(ChangeKind::DropTerm, member), join(without(members, number)))));
        }
        changed.extend(within(condition_changes(member, scope), |one| join(with(members, number, one))));
    }
    changed
}

impl Comparison {
    /// The same comparison with its bound on the other side.
    fn shifted(self) -> Self {
        match self {
            Comparison::Greater => Comparison::GreaterOrEqual,
            Comparison::GreaterOrEqual => Comparison::Greater,
            Comparison::Less => Comparison::LessOrEqual,
            Comparison::LessOrEqual => Comparison::Less,
        }
    }
}

/// Whether another value fits everything that this one fits.
fn is_fitted_by_another(values: &[Value], number: usize) -> bool {
    let Some(Value::Text(pattern)) = values.get(number) else { return false };
    let Some(text) = pattern.literal() else { return false };
    let others = values.iter().enumerate().filter(|(other, _)| *other != number);
    others.filter(|_| pattern.case() == Case::Ignored).any(|(_, other)| match other {
        Value::Text(other) => other.case() == Case::Ignored && Matcher::new(other).matches(text),
        _ => false,
    })
}

fn collect_used(condition: &Condition, used: &mut Vec<usize>) {
    match condition {
        Condition::Identifier(index) => used.push(*index),
        Condition::Not(inner) => collect_used(inner, used),
        Condition::All(members) | Condition::Any(members) => {
            for member in members {
                collect_used(member, used);
            }
        }
    }
}

fn within<T, U>(changed: Changed<T>, around: impl Fn(T) -> U) -> Changed<U> {
    changed.into_iter().map(|one| one.map(|(change, inner)| (change, around(inner)))).collect()
}

fn without<T: Clone>(members: &[T], number: usize) -> Vec<T> {
    let others = members.iter().enumerate().filter(|(other, _)| *other != number);
    others.map(|(_, member)| member.clone()).collect()
}

fn with<T: Clone>(members: &[T], number: usize, one: T) -> Vec<T> {
    let mut members = members.to_vec();
    if let Some(place) = members.get_mut(number) {
        *place = one;
    }
    members
}
