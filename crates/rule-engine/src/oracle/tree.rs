use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::{
    decimal, document,
    json::{MAX_DEPTH, Reader},
    limits::NESTED_DOCUMENTS,
    path::{Path, Position},
};

/// A record as a tree that keeps what the rule language can tell apart: repeated keys, and the source
/// text of numbers.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number by its source text.
    Number(String),
    /// A string.
    Text(String),
    /// A string that holds a JSON document, and that document.
    Document(String, Box<Json>),
    /// The members of an array.
    Array(Vec<Json>),
    /// The members of an object in their order, repeated keys included.
    Object(Vec<(String, Json)>),
}

/// A text that is no JSON object.
#[derive(Debug, thiserror::Error)]
pub enum InvalidRecord {
    /// The JSON parser refuses it.
    #[error("the record is no JSON")]
    Json(#[from] serde_json::Error),
    /// It has more levels than [`MAX_DEPTH`].
    #[error("the record nests too deep")]
    TooDeep,
    /// It is JSON, but no object.
    #[error("the record is no JSON object")]
    NoObject,
}

impl Json {
    /// Parses a record.
    pub fn record(text: &str) -> Result<Json, InvalidRecord> {
        match Json::parse(text, Around::default())? {
            record @ Json::Object(_) => Ok(record),
            _ => Err(InvalidRecord::NoObject),
        }
    }

    fn parse(text: &str, around: Around) -> Result<Json, InvalidRecord> {
        let raw: &RawValue = serde_json::from_str(text)?;
        Json::from_raw(raw, around)
    }

    fn from_raw(raw: &RawValue, around: Around) -> Result<Json, InvalidRecord> {
        let text = raw.get();
        Ok(match text.bytes().next() {
            Some(b'{') => {
                let inside = around.deeper()?;
                let members: Members<'_> = serde_json::from_str(text)?;
                let read =
                    |(key, value): &(&RawValue, &RawValue)| Ok((unquote(key.get()), Json::from_raw(value, inside)?));
                Json::Object(members.0.iter().map(read).collect::<Result<_, InvalidRecord>>()?)
            }
            Some(b'[') => {
                let inside = around.deeper()?;
                let elements: Elements<'_> = serde_json::from_str(text)?;
                Json::Array(elements.0.iter().map(|element| Json::from_raw(element, inside)).collect::<Result<_, _>>()?)
            }
            Some(b'"') => Json::from_string(unquote(text), around),
            Some(b't') => Json::Bool(true),
            Some(b'f') => Json::Bool(false),
            Some(b'n') => Json::Null,
            _ => Json::Number(text.to_owned()),
        })
    }

    /// A string, with its document if it holds one that is valid and within the limits.
    fn from_string(string: String, around: Around) -> Json {
        let inside = Around { documents: around.documents + 1, ..around };
        let document = document::text(&string)
            .filter(|_| inside.documents <= NESTED_DOCUMENTS)
            .and_then(|text| Json::parse(&text, inside).ok());
        match document {
            Some(document) => Json::Document(string, Box::new(document)),
            None => Json::Text(string),
        }
    }

    /// A string, whether it holds a document or not.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Json::Text(text) | Json::Document(text, _) => Some(text),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => None,
        }
    }

    /// The string at a key of an object.
    pub(crate) fn text_at(&self, key: &str) -> Option<&str> {
        let Json::Object(members) = self else { return None };
        members.iter().find(|(name, _)| name == key).and_then(|(_, value)| value.as_text())
    }

    /// Whether it has fields: an object, or a string that holds one.
    pub(super) fn has_fields(&self) -> bool {
        match self {
            Json::Object(_) => true,
            Json::Document(_, document) => document.has_fields(),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::Array(_) => false,
        }
    }

    /// The values at a field path; arrays on the way and at the end stand for their members, and an
    /// array at the end also for itself, so that an empty one counts as present.
    pub(super) fn at_path(&self, path: &Path) -> Vec<&Json> {
        self.found(path).into_iter().flat_map(Json::ends).collect()
    }

    /// The elements that a block on a field path looks at: the members of a list, and those of lists in
    /// it; a value that is no list counts as a list of one, null as none.
    pub(super) fn elements(&self, path: &Path) -> Vec<&Json> {
        self.found(path).into_iter().filter(|value| **value != Json::Null).flat_map(Json::members).collect()
    }

    /// What stands at a field path, as it stands there.
    fn found(&self, path: &Path) -> Vec<&Json> {
        let mut found = vec![self];
        for step in path.steps() {
            found = found.into_iter().flat_map(|value| value.named(&step.names)).collect();
            for position in &step.positions {
                found = found.into_iter().filter_map(|value| value.picked(*position)).collect();
            }
        }
        found
    }

    /// What stands at names joined by dots.
    fn named(&self, names: &str) -> Vec<&Json> {
        match self {
            Json::Object(members) => {
                let at_key = |name: &str| -> Vec<&Json> {
                    members.iter().filter(|(key, _)| key == name).map(|(_, value)| value).collect()
                };
                let whole_name = at_key(names);
                match names.split_once('.') {
                    Some((head, tail)) if whole_name.is_empty() => {
                        at_key(head).into_iter().flat_map(|value| value.named(tail)).collect()
                    }
                    _ => whole_name,
                }
            }
            Json::Array(elements) => elements.iter().flat_map(|element| element.named(names)).collect(),
            Json::Document(_, document) => document.named(names),
            _ => Vec::new(),
        }
    }

    /// The element at a position; a value that is no list counts as a list of one, null as none.
    fn picked(&self, position: Position) -> Option<&Json> {
        match self {
            Json::Array(elements) => position.within(elements.len()).and_then(|number| elements.get(number)),
            Json::Document(_, document) if matches!(**document, Json::Array(_)) => document.picked(position),
            Json::Null => None,
            other => position.within(1).map(|_| other),
        }
    }

    fn members(&self) -> Vec<&Json> {
        match self {
            Json::Array(elements) => elements.iter().flat_map(Json::members).collect(),
            Json::Document(_, document) if matches!(**document, Json::Array(_)) => document.members(),
            other => vec![other],
        }
    }

    fn ends(&self) -> Vec<&Json> {
        match self {
            Json::Array(elements) => [self].into_iter().chain(elements.iter().flat_map(Json::ends)).collect(),
            other => vec![other],
        }
    }

    /// Every text, number and boolean in it.
    pub(super) fn leaves(&self) -> Vec<&Json> {
        match self {
            Json::Object(members) => members.iter().flat_map(|(_, value)| value.leaves()).collect(),
            Json::Array(elements) => elements.iter().flat_map(Json::leaves).collect(),
            Json::Null => Vec::new(),
            scalar => vec![scalar],
        }
    }

    /// The texts a scalar reads as: a number as it is written, and in its shortest form.
    pub(super) fn texts(&self) -> Vec<String> {
        match self {
            Json::Text(text) | Json::Document(text, _) => vec![text.clone()],
            Json::Number(text) => [Some(text.clone()), decimal::other_text(text)].into_iter().flatten().collect(),
            Json::Bool(value) => vec![value.to_string()],
            Json::Null | Json::Array(_) | Json::Object(_) => Vec::new(),
        }
    }
}

/// What is around a part of a record.
#[derive(Debug, Clone, Copy, Default)]
struct Around {
    containers: usize,
    documents: usize,
}

impl Around {
    fn deeper(self) -> Result<Self, InvalidRecord> {
        if self.containers == MAX_DEPTH {
            return Err(InvalidRecord::TooDeep);
        }
        Ok(Around { containers: self.containers + 1, ..self })
    }
}

/// The string behind a JSON string literal; how escapes are read is not what the oracle checks.
fn unquote(literal: &str) -> String {
    Reader::new(literal).string().map(|text| text.decode().into_owned()).unwrap_or_default()
}

struct Members<'d>(Vec<(&'d RawValue, &'d RawValue)>);
struct Elements<'d>(Vec<&'d RawValue>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

impl<'de> Deserialize<'de> for Elements<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Elements<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
                let mut collected = Vec::new();
                while let Some(element) = elements.next_element()? {
                    collected.push(element);
                }
                Ok(Elements(collected))
            }
        }
        deserializer.deserialize_seq(Collect)
    }
}
