//! JSON Schemas (2020-12) of what rule files hold, for editors that know no Trailhound.
//!
//! They are made from the [`vocabulary`](crate::vocabulary) and never refuse a document that the reader takes,
//! but for one that leaves things to a template before it (`action: global`): a schema sees one document at a
//! time. What they cannot know, such as which modifiers go together, they let pass.

mod body;
mod build;

use serde_json::{Map, Value, json};

use self::build::reference;

/// What a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Any document of a rule file.
    File,
    /// A detection rule.
    Rule,
    /// A correlation.
    Correlation,
    /// A filter.
    Filter,
    /// Named lists.
    Lists,
    /// The value of `tests`.
    Tests,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 6] = [Kind::File, Kind::Rule, Kind::Correlation, Kind::Filter, Kind::Lists, Kind::Tests];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::File => "file",
            Kind::Rule => "rule",
            Kind::Correlation => "correlation",
            Kind::Filter => "filter",
            Kind::Lists => "lists",
            Kind::Tests => "tests",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Kind::File => "Rule file of Trailhound",
            Kind::Rule => "Detection rule of Trailhound",
            Kind::Correlation => "Correlation of Trailhound",
            Kind::Filter => "Filter of Trailhound",
            Kind::Lists => "Named lists of Trailhound",
            Kind::Tests => "Tests of a rule of Trailhound",
        }
    }
}

/// The schema of one kind, complete in itself.
pub fn of(kind: Kind) -> Value {
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".to_owned(), json!(kind.title()));
    let root = reference(kind.as_str());
    let mut needed = Map::new();
    collect(&root, &body::definitions(), &mut needed);
    schema.extend(root.as_object().cloned().unwrap_or_default());
    schema.insert("$defs".to_owned(), Value::Object(needed));
    Value::Object(schema)
}

/// Gathers the definitions that a part refers to, directly or through others.
fn collect(part: &Value, all: &Map<String, Value>, needed: &mut Map<String, Value>) {
    match part {
        Value::Object(members) => {
            let name = members.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix("#/$defs/"));
            if let Some((name, definition)) = name.and_then(|name| all.get_key_value(name))
                && !needed.contains_key(name)
            {
                needed.insert(name.clone(), definition.clone());
                collect(definition, all, needed);
            }
            members.values().for_each(|member| collect(member, all, needed));
        }
        Value::Array(members) => members.iter().for_each(|member| collect(member, all, needed)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
