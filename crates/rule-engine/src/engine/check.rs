//! Compares one value of a record with one value of a rule.

use std::{cmp::Ordering, net::IpAddr};

use ipnet::IpNet;

use super::{leaves, slots::Value};
use crate::{
    decimal::{self, Decimal},
    detection::{self, Number},
    expression::Expression,
    modifier::{Comparison, TimePart},
    pattern::{Anchor, Case, Matcher, lower},
    time,
};

/// A value of a rule, ready to be compared.
#[derive(Debug)]
pub(crate) struct Check {
    wanted: Wanted,
    searches_objects: bool,
}

#[derive(Debug)]
enum Wanted {
    Text(Matcher),
    Number(Number),
    Bool(bool),
    Regex(Expression),
    Network(IpNet),
    Compare(Comparison, Decimal),
    Time(TimePart, Option<Comparison>, Decimal),
    Forms(Vec<Check>),
}

impl Check {
    /// `None` for a reference to another field, which is no value to compare with.
    pub(crate) fn new(value: &detection::Value) -> Option<Self> {
        let wanted = match value {
            detection::Value::Text(pattern) => Wanted::Text(Matcher::new(pattern)),
            detection::Value::Number(number) => Wanted::Number(number.clone()),
            detection::Value::Bool(wanted) => Wanted::Bool(*wanted),
            detection::Value::Regex(regex) => Wanted::Regex(regex.clone()),
            detection::Value::Network(network) => Wanted::Network(*network),
            detection::Value::Compare(comparison, number) => Wanted::Compare(*comparison, number.clone()),
            detection::Value::Time(part, comparison, number) => Wanted::Time(*part, *comparison, number.clone()),
            detection::Value::Forms(forms) => Wanted::Forms(forms.iter().filter_map(Check::new).collect()),
            detection::Value::Field(_) => return None,
        };
        Some(Check { wanted, searches_objects: value.searches_objects() })
    }

    /// Roughly how dear the check is, to order checks by.
    pub(crate) fn cost(&self) -> u32 {
        match &self.wanted {
            Wanted::Text(_) | Wanted::Number(_) | Wanted::Bool(_) => 1,
            Wanted::Compare(..) | Wanted::Network(_) | Wanted::Time(..) => 2,
            Wanted::Regex(_) => 8,
            Wanted::Forms(forms) => forms.iter().map(Check::cost).sum(),
        }
    }

    pub(crate) fn accepts(&self, value: &Value<'_>) -> bool {
        match value {
            Value::Object(json) if self.searches_objects => leaves::any(json, &mut |leaf| self.accepts_leaf(leaf)),
            Value::Object(_) | Value::Element(..) | Value::Array | Value::Null | Value::Displaced => false,
            scalar => self.accepts_scalar(scalar),
        }
    }

    /// Of several forms only those that may stand within a field look into objects: a list of names may
    /// hold wildcards and exact entries.
    fn accepts_leaf(&self, leaf: &Value<'_>) -> bool {
        if let Wanted::Forms(forms) = &self.wanted {
            return forms.iter().any(|form| form.searches_objects && form.accepts_leaf(leaf));
        }
        self.accepts_scalar(leaf)
    }

    pub(crate) fn accepts_scalar(&self, value: &Value<'_>) -> bool {
        match &self.wanted {
            Wanted::Text(matcher) => has_text(value, &|text| matcher.matches(text)),
            Wanted::Regex(regex) => has_text(value, &|text| regex.is_match(text)),
            Wanted::Number(number) => equals_number(number, value),
            Wanted::Bool(wanted) => equals_bool(*wanted, value),
            Wanted::Network(network) => within(network, value),
            Wanted::Compare(comparison, number) => compares(*comparison, number, value),
            Wanted::Time(part, comparison, number) => has_time(*part, *comparison, number, value),
            Wanted::Forms(forms) => forms.iter().any(|form| form.accepts_scalar(value)),
        }
    }
}

/// Whether the text of one field stands in another: two numbers by value, all else by text.
pub(crate) fn refers(value: &Value<'_>, other: &Value<'_>, anchor: Anchor, case: Case) -> bool {
    if let (Value::Number(left), Value::Number(right), Anchor::Whole) = (value, other, anchor)
        && let (Some(left), Some(right)) = (Decimal::parse(left), Decimal::parse(right))
    {
        return left == right;
    }
    has_text(value, &|text| has_text(other, &|part| stands(part, text, anchor, case)))
}

fn stands(part: &str, text: &str, anchor: Anchor, case: Case) -> bool {
    let (part, text) = match case {
        Case::Significant => (part.into(), text.into()),
        Case::Ignored => (lower(part), lower(text)),
    };
    match anchor {
        Anchor::Whole => part == text,
        Anchor::Anywhere => text.contains(part.as_ref()),
        Anchor::Start => text.starts_with(part.as_ref()),
        Anchor::End => text.ends_with(part.as_ref()),
    }
}

fn has_time(part: TimePart, comparison: Option<Comparison>, number: &Decimal, value: &Value<'_>) -> bool {
    let Value::Text(text) = value else { return false };
    let found = time::part(text, part).and_then(|found| Decimal::parse(&found.to_string()));
    found.is_some_and(|found| match comparison {
        Some(comparison) => comparison.holds(found.cmp(number)),
        None => found == *number,
    })
}

/// Whether a text that the value reads as passes the test. A number reads as written and in its
/// shortest form.
pub(crate) fn has_text(value: &Value<'_>, test: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::Text(text) => test(text),
        Value::Number(source) => test(source) || decimal::other_text(source).is_some_and(|text| test(&text)),
        Value::Bool(true) => test("true"),
        Value::Bool(false) => test("false"),
        Value::Null | Value::Object(_) | Value::Element(..) | Value::Array | Value::Displaced => false,
    }
}

fn equals_number(number: &Number, value: &Value<'_>) -> bool {
    match value {
        Value::Number(source) => Decimal::parse(source).is_some_and(|found| found == number.value),
        Value::Text(text) => {
            let text = lower(text);
            number.texts.iter().any(|wanted| *wanted == text)
        }
        _ => false,
    }
}

fn equals_bool(wanted: bool, value: &Value<'_>) -> bool {
    match value {
        Value::Bool(found) => *found == wanted,
        Value::Text(text) => text.eq_ignore_ascii_case(if wanted { "true" } else { "false" }),
        _ => false,
    }
}

fn within(network: &IpNet, value: &Value<'_>) -> bool {
    match value {
        Value::Text(text) => address(text).is_some_and(|address| network.contains(&address)),
        _ => false,
    }
}

/// The address that the text is. Names of services, which stand in the same field, are told by their
/// first letters.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let mut bytes = text.bytes().take(2);
    bytes.all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')).then(|| text.parse().ok())?
}

fn compares(comparison: Comparison, number: &Decimal, value: &Value<'_>) -> bool {
    let found = match value {
        Value::Number(source) => Decimal::parse(source),
        Value::Text(text) => Decimal::parse(text),
        _ => None,
    };
    found.is_some_and(|found| comparison.holds(found.cmp(number)))
}

impl Comparison {
    /// Whether the comparison holds for something that stands in this order to the rule's number.
    pub(crate) fn holds(self, order: Ordering) -> bool {
        match self {
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
        }
    }
}
