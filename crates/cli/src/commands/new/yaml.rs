//! Writes JSON values as YAML that people read.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// Columns that a value in one line keeps within; the width of the rules of the project.
const WIDTH: usize = 100;

/// Keys that stand first, in the order in which CloudTrail writes them; others follow by name.
const ORDER: [&str; 26] = [
    "eventVersion",
    "userIdentity",
    "type",
    "principalId",
    "arn",
    "accountId",
    "accessKeyId",
    "userName",
    "sessionContext",
    "sessionIssuer",
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "errorCode",
    "errorMessage",
    "requestParameters",
    "responseElements",
    "additionalEventData",
    "requestID",
    "eventID",
    "readOnly",
    "resources",
    "eventType",
];

/// The value behind a key that stands at `indent` blanks and has `taken` columns: on the same line where
/// it fits, else on the lines below. Ends with a line end.
pub(super) fn value(value: &Value, indent: usize, taken: usize) -> String {
    let inline = flow(value);
    if indent + taken + inline.chars().count() < WIDTH || is_flat(value) {
        return format!(" {inline}\n");
    }
    let mut text = String::from("\n");
    block(value, indent + 2, &mut text);
    text
}

fn is_flat(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(members) => members.is_empty(),
        _ => true,
    }
}

fn block(node: &Value, indent: usize, text: &mut String) {
    match node {
        Value::Object(members) => {
            for (key, member) in sorted(members) {
                let key = scalar(key);
                let below = value(member, indent, key.chars().count() + 2);
                // Writing into a string cannot fail.
                let _ = write!(text, "{:indent$}{key}:{below}", "");
            }
        }
        Value::Array(members) => {
            for member in members {
                let below = value(member, indent, 2);
                // What goes below the dash begins beside it.
                let beside = below.trim_start_matches('\n').trim_start();
                let _ = write!(text, "{:indent$}- {beside}", "");
            }
        }
        _ => text.push_str(&flow(node)),
    }
}

/// The value in one line.
pub(super) fn flow(node: &Value) -> String {
    match node {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => node.to_string(),
        Value::String(text) => scalar(text),
        Value::Array(members) => {
            let members: Vec<String> = members.iter().map(flow).collect();
            format!("[{}]", members.join(", "))
        }
        Value::Object(members) => {
            let members: Vec<String> =
                sorted(members).into_iter().map(|(key, member)| format!("{}: {}", scalar(key), flow(member))).collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

fn sorted(members: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut members: Vec<(&String, &Value)> = members.iter().collect();
    let place = |key: &str| ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len());
    members.sort_by(|(left, _), (right, _)| place(left).cmp(&place(right)).then_with(|| left.cmp(right)));
    members
}

/// A text that is read as this text wherever it stands, and shows nothing invisible on a terminal.
pub(super) fn scalar(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else if text.chars().all(is_harmless) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        escaped(text)
    }
}

fn escaped(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            _ if is_harmless(character) => quoted.push(character),
            _ => {
                let _ = write!(quoted, "\\U{:08x}", u32::from(character));
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Letters, digits and blanks of any script, and the visible part of ASCII.
fn is_harmless(character: char) -> bool {
    character == ' ' || character.is_ascii_graphic() || character.is_alphanumeric()
}

/// Whether YAML takes it for text without quotes, in a flow as well.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 10] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "none"];
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|letter| letter.is_ascii_alphanumeric() || "_-./() ".contains(letter))
        && !text.ends_with(' ')
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_quoted_where_yaml_would_read_something_else() {
        for (text, written) in [
            ("StopLogging", "StopLogging"),
            ("s3.amazonaws.com", "s3.amazonaws.com"),
            ("true", "'true'"),
            ("012345678901", "'012345678901'"),
            ("it's: so", "'it''s: so'"),
            ("", "''"),
            ("*", "'*'"),
            ("a\nb\u{202e}\"\u{1b}", "\"a\\nb\\U0000202e\\\"\\U0000001b\""),
        ] {
            assert_eq!(scalar(text), written);
        }
    }

    #[test]
    fn what_is_long_goes_below() {
        let short = json!({"b": [1, null], "a": {}});
        assert_eq!(value(&short, 0, 2), " {a: {}, b: [1, null]}\n");
        let list = json!([{"type": "AWS::S3::Bucket", "ARN": "x".repeat(90)}]);
        assert_eq!(value(&list, 2, 2), format!("\n    - type: 'AWS::S3::Bucket'\n      ARN: {}\n", "x".repeat(90)));
        let long = json!({"userName": "x".repeat(90), "type": "IAMUser"});
        assert_eq!(value(&long, 2, 2), format!("\n    type: IAMUser\n    userName: {}\n", "x".repeat(90)));
    }
}
