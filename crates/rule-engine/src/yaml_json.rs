//! Turns the YAML of a test event into the JSON text that a record would be.

use crate::{
    decimal::Decimal,
    json::Reader,
    syntax::{Data, Entry, Node, Scalar, Typed},
};

/// The JSON text of a node, types by the core schema of YAML 1.2.
pub fn to_json(node: &Node) -> String {
    // About as long as it is in YAML.
    let mut json = String::with_capacity(node.span.end - node.span.start);
    write(node, &mut json);
    json
}

fn write(node: &Node, json: &mut String) {
    match &node.data {
        Data::Scalar(scalar) => write_scalar(scalar, json),
        Data::List(members) => {
            json.push('[');
            write_separated(members, json, write);
            json.push(']');
        }
        Data::Map(entries) => {
            json.push('{');
            write_separated(entries, json, write_entry);
            json.push('}');
        }
    }
}

fn write_separated<T>(members: &[T], json: &mut String, write_one: fn(&T, &mut String)) {
    for (position, member) in members.iter().enumerate() {
        if position > 0 {
            json.push(',');
        }
        write_one(member, json);
    }
}

fn write_entry(entry: &Entry, json: &mut String) {
    write_text(&entry.key, json);
    json.push(':');
    write(&entry.value, json);
}

fn write_scalar(scalar: &Scalar, json: &mut String) {
    match scalar.typed() {
        Typed::Null => json.push_str("null"),
        Typed::Bool(true) => json.push_str("true"),
        Typed::Bool(false) => json.push_str("false"),
        Typed::Integer(text) | Typed::Float(text) => write_number(text, json),
        Typed::Text(text) => write_text(text, json),
    }
}

/// Keeps the digits as written where JSON can hold them, so that `1.10` and long integers stay exact.
fn write_number(text: &str, json: &mut String) {
    let mut reader = Reader::new(text);
    if reader.number().is_ok() && reader.finish().is_ok() {
        json.push_str(text);
        return;
    }
    match Decimal::parse_yaml(text).and_then(|number| number.canonical()) {
        Some(canonical) => json.push_str(&canonical),
        None => write_text(text, json),
    }
}

fn write_text(text: &str, json: &mut String) {
    json.push('"');
    let mut rest = text;
    // What needs no escape goes in one piece: most of what tests hold is texts.
    loop {
        let plain = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | ..b' ')).unwrap_or(rest.len());
        let Some((run, from_escape)) = rest.split_at_checked(plain) else { break };
        json.push_str(run);
        let mut characters = from_escape.chars();
        match characters.next() {
            None => break,
            Some('"') => json.push_str("\\\""),
            Some('\\') => json.push_str("\\\\"),
            Some(control) => json.push_str(&control_escape(control)),
        }
        rest = characters.as_str();
    }
    json.push('"');
}

fn control_escape(control: char) -> String {
    format!("\\u{:04x}", u32::from(control))
}
