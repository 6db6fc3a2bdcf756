//! An object whose members are not read before somebody asks for them.
//!
//! What surrounds a record is AWS's, what is in it is anybody's: text that is
//! half a character, numbers beyond all bounds, a thousand brackets. None of it
//! may keep the event from being recognised, and the record has to reach the
//! rules as it was written.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Value, error::Category};

use super::DecodeError;

/// An object of JSON.
#[derive(Debug)]
pub(super) struct Document<'a> {
    text: &'a str,
    members: BTreeMap<String, &'a RawValue>,
}

impl<'a> Document<'a> {
    /// Takes the outermost members apart. Of a repeated one the last counts.
    pub(super) fn parse(text: &'a str) -> Result<Self, DecodeError> {
        match serde_json::from_str(text) {
            Ok(members) => Ok(Self { text, members }),
            // Sound, but no object.
            Err(error) if error.classify() == Category::Data => Err(DecodeError::Unknown),
            Err(error) => Err(DecodeError::NotJson { line: error.line(), column: error.column() }),
        }
    }

    /// The whole object as it was written.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Whether there is such a member.
    pub(super) fn has(&self, member: &str) -> bool {
        self.members.contains_key(member)
    }

    /// A member that is a text and not an empty one.
    pub(super) fn string(&self, member: &str) -> Option<String> {
        let text: String = serde_json::from_str(self.members.get(member)?.get()).ok()?;
        (!text.is_empty()).then_some(text)
    }

    /// The elements of a member that is a list.
    pub(super) fn list(&self, member: &str) -> Option<Vec<&'a RawValue>> {
        serde_json::from_str(self.members.get(member)?.get()).ok()
    }

    /// A member that is an object.
    pub(super) fn object(&self, member: &str) -> Option<Document<'a>> {
        Document::parse(self.members.get(member)?.get()).ok()
    }
}

/// An element of a list of AWS's own making, read as a whole; `null` where it is too odd for that.
pub(super) fn value(element: &RawValue) -> Value {
    serde_json::from_str(element.get()).unwrap_or_default()
}

/// A text, not an empty one, at a path such as `/s3/object/key`.
pub(super) fn text<'v>(value: &'v Value, path: &str) -> Option<&'v str> {
    value.pointer(path)?.as_str().filter(|text| !text.is_empty())
}
