//! The values that a field has in the events of tests.

use std::collections::BTreeSet;

use serde_json::Value;
use trailhound_rule_engine::RuleSet;

use crate::limits::{EXAMPLE_CHARS, EXAMPLES};

/// Values of a field in the tests of rules, as code in Markdown, and whether there are more. Of files that are
/// closed no tests are read, so these are of those at hand.
pub(crate) fn of_tests(rules: &RuleSet, field: &str) -> (Vec<String>, bool) {
    let keys: Vec<&str> = field.split('.').collect();
    let mut values = BTreeSet::new();
    for (_, rule) in rules.iter() {
        for test in rule.tests() {
            // Event files are not read for a look at a word.
            let records = test.records(&|_| Err(String::new())).unwrap_or_default();
            for record in records.iter().filter_map(|record| serde_json::from_str::<Value>(record).ok()) {
                collect(&record, &keys, &mut values);
            }
            if values.len() > EXAMPLES {
                break;
            }
        }
    }
    let more = values.len() > EXAMPLES;
    (values.into_iter().take(EXAMPLES).map(|value| format!("`{value}`")).collect(), more)
}

/// Follows keys through objects and, as rules do, through lists.
fn collect(value: &Value, keys: &[&str], values: &mut BTreeSet<String>) {
    match (value, keys.split_first()) {
        (Value::Array(members), _) => members.iter().for_each(|member| collect(member, keys, values)),
        (Value::Object(object), Some((key, rest))) => {
            object.get(*key).into_iter().for_each(|inner| collect(inner, rest, values));
        }
        (Value::String(text), None) => values.extend(shown(text)),
        (Value::Number(_) | Value::Bool(_), None) => values.extend([value.to_string()]),
        _ => {}
    }
}

/// A value that can stand in a line of Markdown as it is.
fn shown(text: &str) -> Option<String> {
    let is_plain = |character: char| !character.is_control() && character != '`';
    (!text.is_empty() && text.chars().count() <= EXAMPLE_CHARS && text.chars().all(is_plain)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_in_objects_and_lists_and_only_shown_where_they_are_plain() {
        let record = serde_json::json!({"a": [{"b": "x"}, {"b": ["y", 7, true]}, {"b": {"c": "z"}}, {"b": "`"}]});
        let mut values = BTreeSet::new();
        collect(&record, &["a", "b"], &mut values);
        assert_eq!(values.into_iter().collect::<Vec<_>>(), ["7", "true", "x", "y"]);
        assert_eq!(shown(&"x".repeat(EXAMPLE_CHARS + 1)), None);
    }
}
