//! Follows a rule like the oracle, and keeps what every part of it came to.

use super::{Json, Place, any_equals, found_holds, values};
use crate::{
    detection::{Block, Condition, Detection, Field, Fitting, Item, Search, Test},
    explain::{Needs, Part, PartKind, TestSeen, ValueSeen, Wanted},
    modifier::Quantifier,
    path::BlockQuantifier,
    source::{Source, Span},
};

/// Characters of a list's element, or of an object, that are shown.
const SHOWN_CHARACTERS: usize = 120;

/// What each part of a detection of the file `source` comes to for a record.
pub(crate) fn explain(detection: &Detection, source: &Source, record: &Json) -> Part {
    let place = Place { searched: record, record };
    Explainer { source, prefix: String::new() }.condition(&detection.condition, detection, place)
}

struct Explainer<'s> {
    source: &'s Source,
    /// The block around, with a dot behind it.
    prefix: String,
}

impl Explainer<'_> {
    fn condition(&self, condition: &Condition, detection: &Detection, place: Place<'_>) -> Part {
        let of = |members: &[Condition]| -> Vec<Part> {
            members.iter().map(|member| self.condition(member, detection, place)).collect()
        };
        match condition {
            Condition::Identifier(index) => match detection.identifiers.get(*index) {
                // A block without a condition of its own is one search without a name.
                Some(identifier) if identifier.name.is_empty() => self.search(&identifier.search, place),
                Some(identifier) => {
                    let part = self.search(&identifier.search, place);
                    let span = Some(identifier.span);
                    Part { held: part.held, kind: PartKind::Search(identifier.name.clone()), span, ..joining(part) }
                }
                None => any(Vec::new()),
            },
            Condition::Not(inner) => {
                let part = self.condition(inner, detection, place);
                Part { held: !part.held, kind: PartKind::Not, span: None, ..joining(part) }
            }
            Condition::All(members) => all(of(members)),
            Condition::Any(members) => any(of(members)),
        }
    }

    fn search(&self, search: &Search, place: Place<'_>) -> Part {
        match search {
            Search::Item(item) => self.item(item, place),
            Search::Block(block) => self.block(block, place),
            Search::All(searches) => all(searches.iter().map(|search| self.search(search, place)).collect()),
            Search::Any(searches) => any(searches.iter().map(|search| self.search(search, place)).collect()),
        }
    }

    fn block(&self, block: &Block, place: Place<'_>) -> Part {
        let field = format!("{}{}[{}]", self.prefix, block.path, block.quantifier);
        let inside = Explainer { source: self.source, prefix: format!("{field}.") };
        let elements = place.searched.elements(&block.path);
        let parts: Vec<Part> = elements.iter().map(|element| inside.element(block, element, place)).collect();
        let (held, needs) = match block.quantifier {
            BlockQuantifier::Any => (parts.iter().any(|part| part.held), Needs::Any),
            BlockQuantifier::All => (!parts.is_empty() && parts.iter().all(|part| part.held), Needs::All),
            BlockQuantifier::AllOrEmpty => (parts.iter().all(|part| part.held), Needs::AllOrEmpty),
            BlockQuantifier::None => (!parts.iter().any(|part| part.held), Needs::None),
        };
        let identity = identity(block, place);
        Part { held, kind: PartKind::Block { field, needs }, span: Some(block.span), parts, identity }
    }

    fn element(&self, block: &Block, element: &Json, place: Place<'_>) -> Part {
        let kind = PartKind::Element(shown(element));
        if !element.has_fields() && block.fitting == Fitting::Objects {
            return Part { held: false, kind, span: None, parts: Vec::new(), identity: 0 };
        }
        let place = Place { searched: element, ..place };
        let body = self.condition(&block.body.condition, &block.body, place);
        Part { held: body.held, kind, span: None, ..joining(body) }
    }

    fn item(&self, item: &Item, place: Place<'_>) -> Part {
        let mut computed = None;
        let found = match &item.field {
            Some(field) => values(field, place.searched, &mut computed),
            None => place.searched.leaves(),
        };
        let wanted = match &item.test {
            Test::Null => Wanted::Null,
            Test::Exists(wanted) => Wanted::Exists(*wanted),
            Test::Values { quantifier, values } => {
                let fits = values.iter().map(|value| any_equals(value, &found, place));
                let spans = item.places.values.iter().copied();
                let seen = fits
                    .zip(spans)
                    .map(|(fits, span)| ValueSeen { written: self.source.written(span).to_owned(), fits, span })
                    .collect();
                match quantifier {
                    Quantifier::Any => Wanted::AnyOf(seen),
                    Quantifier::All => Wanted::AllOf(seen),
                }
            }
        };
        let seen = match &item.field {
            Some(_) => found.iter().filter(|value| !stands_for_members(value)).map(|value| shown(value)).collect(),
            None => Vec::new(),
        };
        let test = TestSeen {
            field: item.field.as_ref().map(|field| self.named(field)),
            modifiers: self.modifiers(item.places.key),
            negated: item.negated,
            wanted,
            seen,
        };
        let held = found_holds(item, &found, place);
        let identity = identity(item, place);
        Part { held, kind: PartKind::Test(test), span: Some(item.places.key), parts: Vec::new(), identity }
    }

    fn named(&self, field: &Field) -> String {
        match field {
            Field::Path(path) if path.is_itself() => self.prefix.trim_end_matches('.').to_owned(),
            Field::Path(path) => format!("{}{path}", self.prefix),
            Field::Derived(derived) => derived.name().to_owned(),
        }
    }

    fn modifiers(&self, key: Span) -> String {
        self.source.written(key).split_once('|').map(|(_, modifiers)| modifiers.to_owned()).unwrap_or_default()
    }
}

/// A part around another one, of which the caller says what it is.
fn joining(part: Part) -> Part {
    Part { held: part.held, kind: PartKind::All, span: None, parts: vec![part], identity: 0 }
}

fn all(parts: Vec<Part>) -> Part {
    let held = parts.iter().all(|part| part.held);
    Part { held, kind: PartKind::All, span: None, parts, identity: 0 }
}

fn any(parts: Vec<Part>) -> Part {
    let held = parts.iter().any(|part| part.held);
    Part { held, kind: PartKind::Any, span: None, parts, identity: 0 }
}

/// A number for what a test or block is asked of: a search that a condition names twice is one.
fn identity<T>(asked: &T, place: Place<'_>) -> usize {
    let of_rule = std::ptr::from_ref(asked).addr();
    let of_record = std::ptr::from_ref(place.searched).addr();
    of_rule.rotate_left(usize::BITS / 2) ^ of_record
}

/// Whether a value is a list that has members, which are seen beside it.
fn stands_for_members(value: &Json) -> bool {
    matches!(value, Json::Array(members) if !members.is_empty())
}

/// A value of the record in a few words.
fn shown(value: &Json) -> String {
    let mut text = match value {
        Json::Text(text) | Json::Document(text, _) if !text.is_empty() => return text.clone(),
        other => json(other, SHOWN_CHARACTERS),
    };
    if let Some((end, _)) = text.char_indices().nth(SHOWN_CHARACTERS) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// The JSON text of a value, or its beginning of at least `room` bytes.
fn json(value: &Json, room: usize) -> String {
    let members = |open: &str, members: &mut dyn Iterator<Item = String>, close: &str| {
        let mut text = open.to_owned();
        for member in members {
            if text.len() > open.len() {
                text.push_str(", ");
            }
            text.push_str(&member);
            if text.len() > room {
                return text;
            }
        }
        text + close
    };
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(value) => value.to_string(),
        Json::Number(text) => text.clone(),
        Json::Text(text) | Json::Document(text, _) => format!("'{text}'"),
        Json::Array(elements) => members("[", &mut elements.iter().map(|element| json(element, room)), "]"),
        Json::Object(entries) => {
            let mut entries = entries.iter().map(|(key, value)| format!("{key}: {}", json(value, room)));
            members("{", &mut entries, "}")
        }
    }
}
