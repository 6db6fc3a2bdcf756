//! Events that differ from one in the deciding thing alone.

use serde_json::{Value, json};

use super::{conditions::Condition, documented::document};
use crate::arguments::Outcome;

/// An event that a rule must not match, and in what it differs.
#[derive(Debug)]
pub(super) struct NearMiss {
    pub(super) name: String,
    pub(super) event: Value,
}

/// The same call with another outcome.
pub(super) fn of_outcome(record: &Value, outcome: Outcome) -> Option<NearMiss> {
    let mut event = record.clone();
    let members = event.as_object_mut()?;
    let name = match outcome {
        Outcome::Any => return None,
        Outcome::Success => {
            members.insert("errorCode".to_owned(), "AccessDenied".into());
            members.insert("errorMessage".to_owned(), "User is not authorized to perform this action".into());
            members.insert("responseElements".to_owned(), Value::Null);
            "the call was denied"
        }
        Outcome::Denied | Outcome::Failed => {
            members.remove("errorCode");
            members.remove("errorMessage");
            if let Some(Value::Object(answers)) = members.get_mut("responseElements") {
                for answer in answers.values_mut().filter(|answer| **answer == json!("Failure")) {
                    *answer = "Success".into();
                }
            }
            "the call was successful"
        }
    };
    Some(NearMiss { name: name.to_owned(), event })
}

/// The same call with another value of a parameter, or another call.
pub(super) fn of_condition(record: &Value, condition: &Condition) -> NearMiss {
    let mut event = record.clone();
    let path: Vec<&str> = condition.field.split('.').collect();
    replace(&mut event, &path, &other);
    let name = match path.last() {
        Some(last) => format!("another {last}"),
        None => "another value".to_owned(),
    };
    NearMiss { name, event }
}

/// Puts what `new` makes of it in the place of each value at the path, also in documents that stand in texts;
/// whether there was one.
pub(super) fn replace(value: &mut Value, path: &[&str], new: &dyn Fn(&Value) -> Value) -> bool {
    match (value, path) {
        (Value::Array(members), _) => {
            // All of them, not only up to the first.
            members.iter_mut().filter_map(|member| replace(member, path, new).then_some(())).count() > 0
        }
        (Value::Object(members), [key, rest @ ..]) => {
            members.get_mut(*key).is_some_and(|member| replace(member, rest, new))
        }
        (Value::Null, []) => false,
        (Value::String(text), [_, ..]) => {
            let Some(mut within) = document(text) else { return false };
            let is_there = replace(&mut within, path, new);
            if is_there {
                *text = within.to_string();
            }
            is_there
        }
        (value, []) => {
            *value = new(value);
            true
        }
        _ => false,
    }
}

/// Another value of the same kind.
fn other(value: &Value) -> Value {
    match value {
        Value::Bool(value) => Value::Bool(!value),
        Value::Number(number) => json!(number.as_i64().unwrap_or_default().saturating_add(1)),
        Value::String(text) => other_text(text).into(),
        other => other.clone(),
    }
}

fn other_text(text: &str) -> String {
    let pairs = [
        ("true", "false"),
        ("0.0.0.0/0", "192.0.2.0/24"),
        ("::/0", "2001:db8::/32"),
        ("yes", "no"),
        ("Root", "IAMUser"),
        ("Allow", "Deny"),
        ("private", "public-read"),
    ];
    for (one, another) in pairs {
        if text.eq_ignore_ascii_case(one) {
            return another.to_owned();
        }
        if text.eq_ignore_ascii_case(another) {
            return one.to_owned();
        }
    }
    if text.contains(":aws:policy/") {
        return "arn:aws:iam::aws:policy/IAMUserChangePassword".to_owned();
    }
    match text.strip_suffix(".amazonaws.com") {
        Some(_) => "example.amazonaws.com".to_owned(),
        None if text.starts_with(|letter: char| letter.is_ascii_uppercase()) => "Other".to_owned(),
        None => "other".to_owned(),
    }
}
