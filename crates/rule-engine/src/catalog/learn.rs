use serde_json::Value;

use super::{Catalog, EventNames, Kinds};

/// Keys of a record that are the same for all events; what is below others is learnt.
const PARTS: [&str; 4] = ["requestParameters", "responseElements", "additionalEventData", "serviceEventDetails"];

/// Levels of a record that are looked at; 32. Real records have at most 12.
const LEVELS: usize = 32;

/// What is no record, or has no event source or name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no record with an event source and an event name")]
pub struct NotARecord;

impl Catalog {
    /// Adds the names of a record, never its values. A list stands for its members.
    pub fn learn(&mut self, record: &str) -> Result<(), NotARecord> {
        let record: Value = serde_json::from_str(record).map_err(|_| NotARecord)?;
        let text = |key: &str| record.get(key).and_then(Value::as_str).filter(|text| is_name(text));
        let (Some(source), Some(name)) = (text("eventSource"), text("eventName")) else { return Err(NotARecord) };
        let event = self.add_source(source).add_event(name);
        event.seen = event.seen.saturating_add(1);
        for part in PARTS {
            if let Some(value) = record.get(part) {
                event.learn_below(part, value, LEVELS);
            }
        }
        Ok(())
    }

    /// The names of `self` that `other` does not have. Samples are those of `self`.
    #[must_use]
    pub fn without(&self, other: &Catalog) -> Catalog {
        let mut new = Catalog::default();
        for source in self.sources.values() {
            for event in source.events.values() {
                let known = other.source(&source.name).and_then(|source| source.event(&event.name));
                let is_new = |path: &&String| known.is_none_or(|known| !known.paths.contains_key(*path));
                if known.is_some() && !event.paths.keys().any(|path| is_new(&path)) {
                    continue;
                }
                let added = new.add_source(&source.name).add_event(&event.name);
                added.seen = event.seen;
                let paths = event.paths.iter().filter(|(path, _)| is_new(path));
                added.paths = paths.map(|(path, kinds)| (path.clone(), *kinds)).collect();
            }
        }
        new
    }

    /// How many event names and how many paths below them there are.
    pub fn size(&self) -> (usize, usize) {
        let events = self.sources.values().flat_map(|source| source.events.values());
        events.fold((0, 0), |(names, paths), event| (names + 1, paths + event.paths.len()))
    }
}

impl EventNames {
    fn learn_below(&mut self, path: &str, value: &Value, levels: usize) {
        match value {
            Value::Object(members) if !members.is_empty() && levels > 0 => {
                for (key, member) in members.iter().filter(|(key, _)| is_name(key)) {
                    self.learn_below(&format!("{path}.{key}"), member, levels - 1);
                }
            }
            Value::Array(members) if !members.is_empty() && levels > 0 => {
                for member in members {
                    self.learn_below(path, member, levels - 1);
                }
            }
            Value::Null if !path.contains('.') => {}
            _ => self.add_path(path, Kinds::of(value)),
        }
    }
}

impl Kinds {
    fn of(value: &Value) -> Self {
        match value {
            Value::String(_) => Kinds::TEXT,
            Value::Bool(_) => Kinds::BOOL,
            Value::Number(number) if number.is_f64() => Kinds::FLOAT,
            Value::Number(_) => Kinds::INTEGER,
            Value::Null | Value::Array(_) | Value::Object(_) => Kinds::OTHER,
        }
    }
}

/// Whether a name can stand in a catalogue. Keys are an attacker's where they come from tags or headers:
/// what is long or holds spaces is left out.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 128 && text.chars().all(|character| character.is_ascii_graphic())
}
