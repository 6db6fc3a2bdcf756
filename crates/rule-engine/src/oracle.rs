//! The slow, obvious evaluator: what a rule means, written down without any cleverness.
//!
//! It parses the whole record into a tree and follows the rule as it was read: no trie, no slots, no
//! index, no borrowed values. It exists so that the fast evaluator can be compared with it, on every
//! record at hand and on generated ones, and to explain verdicts ([`explain`](crate::explain)) and to try
//! variants of a rule ([`mutation`](crate::mutation)), where nothing is in a hurry.

mod explain;
mod tree;

use std::net::IpAddr;

pub(crate) use explain::explain;
pub use tree::{InvalidRecord, Json};

use crate::{
    decimal::Decimal,
    derived::{Answer, Derived, RawFields},
    detection::{
        Block, Condition, Detection, Field, FieldReference, Fitting, Item, Number, Origin, Search, Test, Value,
    },
    modifier::Quantifier,
    path::{BlockQuantifier, Path},
    pattern::{Anchor, Case, Part, Pattern},
    rule::Rule,
    ruleset::RuleSet,
    time,
};

/// Whether a rule matches a record, without regard to filters.
pub fn matches(rule: &Rule, record: &Json) -> bool {
    detection_holds(rule.detection(), record)
}

/// Whether a rule of a rule set matches a record, its filters included.
pub fn matches_within(rules: &RuleSet, rule: &Rule, record: &Json) -> bool {
    let mut joined = rules.filters().filter(|(_, filter)| filter.applies_to(rule));
    matches(rule, record) && joined.all(|(_, filter)| detection_holds(filter.detection(), record))
}

/// What is searched, and the record it is a part of.
#[derive(Clone, Copy)]
struct Place<'j> {
    searched: &'j Json,
    record: &'j Json,
}

pub(crate) fn detection_holds(detection: &Detection, record: &Json) -> bool {
    holds(&detection.condition, detection, Place { searched: record, record })
}

fn holds(condition: &Condition, detection: &Detection, place: Place<'_>) -> bool {
    match condition {
        Condition::Identifier(index) => {
            detection.identifiers.get(*index).is_some_and(|identifier| search_holds(&identifier.search, place))
        }
        Condition::Not(inner) => !holds(inner, detection, place),
        Condition::All(members) => members.iter().all(|member| holds(member, detection, place)),
        Condition::Any(members) => members.iter().any(|member| holds(member, detection, place)),
    }
}

fn search_holds(search: &Search, place: Place<'_>) -> bool {
    match search {
        Search::Item(item) => item_holds(item, place),
        Search::Block(block) => block_holds(block, place),
        Search::All(searches) => searches.iter().all(|search| search_holds(search, place)),
        Search::Any(searches) => searches.iter().any(|search| search_holds(search, place)),
    }
}

fn block_holds(block: &Block, place: Place<'_>) -> bool {
    let elements = place.searched.elements(&block.path);
    let fits = |element: &&Json| {
        let can_fit = element.has_fields() || block.fitting == Fitting::Anything;
        can_fit && holds(&block.body.condition, &block.body, Place { searched: element, ..place })
    };
    match block.quantifier {
        BlockQuantifier::Any => elements.iter().any(fits),
        BlockQuantifier::All => !elements.is_empty() && elements.iter().all(fits),
        BlockQuantifier::AllOrEmpty => elements.iter().all(fits),
        BlockQuantifier::None => !elements.iter().any(fits),
    }
}

fn item_holds(item: &Item, place: Place<'_>) -> bool {
    let mut computed = None;
    let found = match &item.field {
        Some(field) => values(field, place.searched, &mut computed),
        None => place.searched.leaves(),
    };
    found_holds(item, &found, place)
}

/// Whether an item holds for the values of its field.
fn found_holds(item: &Item, found: &[&Json], place: Place<'_>) -> bool {
    let holds = match &item.test {
        Test::Null => found.is_empty() || found.contains(&&Json::Null),
        Test::Exists(wanted) => found.is_empty() != *wanted,
        Test::Values { quantifier: Quantifier::Any, values } => {
            values.iter().any(|value| any_equals(value, found, place))
        }
        Test::Values { quantifier: Quantifier::All, values } => {
            values.iter().all(|value| any_equals(value, found, place))
        }
    };
    holds != item.negated
}

/// The values of a field; `computed` keeps the one of a derived field.
fn values<'j>(field: &Field, record: &'j Json, computed: &'j mut Option<Json>) -> Vec<&'j Json> {
    match field {
        Field::Path(path) => record.at_path(path),
        Field::Derived(derived) => {
            *computed = derive(*derived, record);
            computed.iter().collect()
        }
    }
}

/// The value of a derived field, as a part of a record would hold it.
fn derive(derived: Derived, record: &Json) -> Option<Json> {
    let raw = RawFields::read(derived.needs(), |field| {
        record
            .at_path(&Path::literal(field.path()))
            .into_iter()
            .filter_map(|value| value.texts().into_iter().next())
            .collect()
    });
    derived.answer(&raw).map(|answer| match answer {
        Answer::Text(text) => Json::Text(text),
        Answer::Bool(value) => Json::Bool(value),
    })
}

fn any_equals(value: &Value, found: &[&Json], place: Place<'_>) -> bool {
    match value {
        Value::Forms(forms) => return forms.iter().any(|form| any_equals(form, found, place)),
        Value::Field(other) => return refers(other, found, place),
        _ => {}
    }
    found.iter().any(|candidate| match candidate {
        Json::Object(_) if value.searches_objects() => candidate.leaves().iter().any(|leaf| equals(value, leaf)),
        scalar => equals(value, scalar),
    })
}

fn equals(value: &Value, found: &Json) -> bool {
    match value {
        Value::Text(pattern) => found.texts().iter().any(|text| fits(pattern, text)),
        Value::Regex(regex) => found.texts().iter().any(|text| regex.is_match(text)),
        Value::Number(number) => equals_number(number, found),
        Value::Bool(wanted) => match found {
            Json::Bool(found) => found == wanted,
            other => other.as_text().is_some_and(|text| text.to_lowercase() == wanted.to_string()),
        },
        Value::Network(network) => {
            let address = found.as_text().and_then(|text| text.parse::<IpAddr>().ok());
            address.is_some_and(|address| network.contains(&address))
        }
        Value::Compare(comparison, number) => {
            let decimal = match found {
                Json::Number(text) => Decimal::parse(text),
                other => other.as_text().and_then(Decimal::parse),
            };
            decimal.is_some_and(|decimal| comparison.holds(decimal.cmp(number)))
        }
        Value::Time(part, comparison, number) => {
            let Some(text) = found.as_text() else { return false };
            let Some(found) = time::part(text, *part) else { return false };
            let order = Decimal::parse(&found.to_string()).as_ref().cmp(&Some(number));
            comparison.map_or(order.is_eq(), |comparison| comparison.holds(order))
        }
        // Both are taken apart before single values are compared.
        Value::Forms(_) | Value::Field(_) => false,
    }
}

/// Whether any value of the field stands in the right relation to any value of the other one.
fn refers(reference: &FieldReference, found: &[&Json], place: Place<'_>) -> bool {
    let mut computed = None;
    let of = match reference.origin {
        Origin::Searched => place.searched,
        Origin::Record => place.record,
    };
    let others = values(&reference.field, of, &mut computed);
    found.iter().any(|value| others.iter().any(|other| pair_refers(reference, value, other)))
}

fn pair_refers(reference: &FieldReference, value: &Json, other: &Json) -> bool {
    if let (Json::Number(left), Json::Number(right), Anchor::Whole) = (value, other, reference.anchor) {
        return Decimal::parse(left) == Decimal::parse(right);
    }
    let cased = |text: String| match reference.case {
        Case::Significant => text,
        Case::Ignored => lower(&text).into_iter().collect(),
    };
    let parts: Vec<String> = other.texts().into_iter().map(cased).collect();
    value.texts().into_iter().map(cased).any(|text| {
        parts.iter().any(|part| match reference.anchor {
            Anchor::Whole => text == *part,
            Anchor::Anywhere => text.contains(part.as_str()),
            Anchor::Start => text.starts_with(part.as_str()),
            Anchor::End => text.ends_with(part.as_str()),
        })
    })
}

fn equals_number(number: &Number, found: &Json) -> bool {
    match found {
        Json::Number(text) => Decimal::parse(text).as_ref() == Some(&number.value),
        other => other.as_text().is_some_and(|text| number.texts.contains(&lower(text).into_iter().collect())),
    }
}

fn lower(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// One character or wildcard of a pattern.
enum Unit {
    Character(char),
    One,
    Many,
}

/// Matches by filling the table of which beginnings of the pattern fit which beginnings of the text.
fn fits(pattern: &Pattern, text: &str) -> bool {
    let text = match pattern.case() {
        Case::Significant => text.chars().collect(),
        Case::Ignored => lower(text),
    };
    let units: Vec<Unit> = pattern.parts().iter().flat_map(units).collect();
    let mut fitting = vec![true];
    fitting.resize(text.len() + 1, false);
    for unit in units {
        fitting = advance(&unit, &text, &fitting);
    }
    fitting.last().copied().unwrap_or(false)
}

fn units(part: &Part) -> Vec<Unit> {
    match part {
        Part::Literal(text) => text.chars().map(Unit::Character).collect(),
        Part::One => vec![Unit::One],
        Part::Many => vec![Unit::Many],
    }
}

/// The next row of the table: which beginnings of the text fit once `unit` is added to the pattern.
fn advance(unit: &Unit, text: &[char], before: &[bool]) -> Vec<bool> {
    let mut after = vec![matches!(unit, Unit::Many) && before.first() == Some(&true)];
    for (position, character) in text.iter().enumerate() {
        let shorter = before.get(position) == Some(&true);
        let fits = match unit {
            Unit::Character(wanted) => shorter && character == wanted,
            Unit::One => shorter,
            Unit::Many => before.get(position + 1) == Some(&true) || after.last() == Some(&true),
        };
        after.push(fits);
    }
    after
}
