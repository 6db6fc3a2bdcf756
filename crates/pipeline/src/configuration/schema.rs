//! A JSON Schema (2020-12) of the configuration file, made from the registry of settings.

use serde_json::{Map, Value, json};
use trailhound_rule_engine::Level;

use super::settings::{Form, SETTINGS, Setting};

/// The schema: which settings there are and what they mean. Values are judged no closer than by their shape.
pub fn schema() -> Value {
    let mut properties = Map::new();
    for setting in SETTINGS {
        match setting.key.split_once('.') {
            None => drop(properties.insert(setting.key.to_owned(), described(setting))),
            Some((group, key)) => {
                let group = properties.entry(group).or_insert_with(|| map(&Map::new()));
                if let Some(Value::Object(members)) = group.get_mut("properties") {
                    members.insert(key.to_owned(), described(setting));
                }
            }
        }
    }
    let mut schema = map(&properties);
    if let Value::Object(members) = &mut schema {
        members.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        members.insert("title".to_owned(), json!("Configuration of Trailhound"));
    }
    schema
}

fn map(properties: &Map<String, Value>) -> Value {
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

fn described(setting: &Setting) -> Value {
    let mut members = match (setting.key, setting.form) {
        ("minimum_level", _) => Map::from_iter([("examples".to_owned(), json!(Level::ALL.map(Level::as_str)))]),
        (_, Form::Text) => Map::from_iter([
            ("type".to_owned(), json!(["string", "number", "boolean", "null"])),
            ("examples".to_owned(), json!([setting.example])),
        ]),
        (_, Form::Yaml) => Map::new(),
    };
    members.insert("description".to_owned(), json!(format!("{}\n\nVariable: {}", setting.about, setting.variable)));
    Value::Object(members)
}
