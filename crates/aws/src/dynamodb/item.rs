//! Items: how they are made, and how their attributes are read.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use trailhound_pipeline::StateError;

pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) const PARTITION: &str = "pk";
pub(super) const SORT: &str = "sk";
/// End of an item in milliseconds since 1970.
pub(super) const UNTIL: &str = "until";
/// What DynamoDB removes items by, in seconds since 1970.
const TTL: &str = "ttl";

/// Added to nanoseconds, so that those before 1970 are no negative numbers; twelve thousand years.
const BEFORE_1970: i128 = 400_000_000_000_000_000_000;

/// An item with nothing but its keys.
pub(super) fn keys(partition: impl Into<String>, sort: impl Into<String>) -> Item {
    HashMap::from([(PARTITION.to_owned(), text(partition)), (SORT.to_owned(), text(sort))])
}

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(format!("{value}"))
}

/// The attributes that end an item at `until`, in milliseconds. It is removed `rest` seconds after that
/// at the earliest.
pub(super) fn ending(until: i64, rest: i64) -> [(String, AttributeValue); 2] {
    [(UNTIL.to_owned(), number(until)), (TTL.to_owned(), number(removal(until, rest)))]
}

pub(super) fn removal(until: i64, rest: i64) -> i64 {
    until.div_euclid(1_000).saturating_add(1).saturating_add(rest)
}

/// A time as text, in the order of time.
pub(super) fn sortable(time: Timestamp) -> String {
    format!("{:021}", time.as_nanosecond().saturating_add(BEFORE_1970))
}

/// The time of a text that [`sortable`] made.
pub(super) fn from_sortable(text: &str) -> Result<Timestamp, StateError> {
    let nanoseconds = text.parse::<i128>().map_err(|_| unusable(SORT))?;
    Timestamp::from_nanosecond(nanoseconds.saturating_sub(BEFORE_1970)).map_err(|_| unusable(SORT))
}

pub(super) fn read_text<'i>(item: &'i Item, name: &'static str) -> Result<&'i str, StateError> {
    item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str).ok_or_else(|| unusable(name))
}

pub(super) fn read_number<N: std::str::FromStr>(item: &Item, name: &'static str) -> Result<N, StateError> {
    let digits = item.get(name).and_then(|value| value.as_n().ok());
    digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| unusable(name))
}

/// Written by another release, or by somebody else.
pub(super) fn unusable(name: &'static str) -> StateError {
    StateError::Transient(format!("an item of the state table has no usable `{name}`"))
}
