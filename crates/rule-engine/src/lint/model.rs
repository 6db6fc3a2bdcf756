//! The searches of a rule as written: fields without selectors, modifiers as words, values with their places.

use crate::{
    condition::Naming,
    detection::{Condition, Detection},
    source::Span,
    syntax::{Data, Entry, Node, Scalar, Typed},
};

use super::members;

/// Searches and the condition over them.
#[derive(Debug)]
pub(super) struct Logic<'d> {
    /// In the order of the identifiers that the condition counts.
    pub(super) searches: Vec<Search<'d>>,
    pub(super) condition: &'d Condition,
    /// How many searches `them` stands for.
    pub(super) visible: usize,
    /// The condition as text, each where it stands.
    pub(super) texts: Vec<(&'d str, Span)>,
}

#[derive(Debug)]
pub(super) enum Search<'d> {
    Test(Test<'d>),
    All(Vec<Search<'d>>),
    Any(Vec<Search<'d>>),
    /// A block with a condition of its own: what it asks together is not known.
    Inside(Vec<Search<'d>>),
    /// Values anywhere in the record.
    Keyword,
}

/// A field with what is asked of it.
#[derive(Debug)]
pub(super) struct Test<'d> {
    /// From the record on, without selectors.
    pub(super) field: String,
    pub(super) modifiers: Vec<&'d str>,
    pub(super) key_span: Span,
    pub(super) values: Vec<Written<'d>>,
}

/// A value and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written<'d> {
    pub(super) scalar: &'d Scalar,
    pub(super) span: Span,
}

impl<'d> Logic<'d> {
    pub(super) fn read(entries: &'d [Entry], detection: &'d Detection, naming: Naming) -> Self {
        let entry = |name: &str| entries.iter().find(|entry| entry.key == name);
        let searches = detection.identifiers.iter().map(|identifier| {
            entry(&identifier.name).map_or(Search::Keyword, |entry| search(&entry.value, &Prefix::of_record(naming)))
        });
        let condition = entry("condition").map(|entry| members(&entry.value)).unwrap_or_default();
        let texts = condition.iter().filter_map(|member| match &member.data {
            Data::Scalar(scalar) => Some((scalar.text.as_str(), member.span)),
            Data::List(_) | Data::Map(_) => None,
        });
        Logic {
            searches: searches.collect(),
            condition: &detection.condition,
            visible: detection.identifiers.iter().filter(|identifier| !identifier.name.starts_with('_')).count(),
            texts: texts.collect(),
        }
    }

    /// Every test of every search.
    pub(super) fn tests(&self) -> Vec<&Test<'d>> {
        let mut tests = Vec::new();
        for search in &self.searches {
            search.collect(&mut tests);
        }
        tests
    }
}

impl<'d> Search<'d> {
    pub(super) fn collect<'s>(&'s self, tests: &mut Vec<&'s Test<'d>>) {
        match self {
            Search::Test(test) => tests.push(test),
            Search::All(members) | Search::Any(members) | Search::Inside(members) => {
                for member in members {
                    member.collect(tests);
                }
            }
            Search::Keyword => {}
        }
    }
}

impl Test<'_> {
    pub(super) fn has(&self, modifier: &str) -> bool {
        self.modifiers.contains(&modifier)
    }

    /// Whether whole values are compared, by themselves.
    pub(super) fn is_plain(&self) -> bool {
        self.modifiers.iter().all(|modifier| matches!(*modifier, "all" | "neq" | "cased"))
    }

    /// Whether values are literal texts, perhaps with wildcards.
    pub(super) fn is_text(&self) -> bool {
        let known = ["all", "neq", "cased", "contains", "startswith", "endswith"];
        self.modifiers.iter().all(|modifier| known.contains(modifier))
    }

    /// The last name of the field.
    pub(super) fn last_name(&self) -> &str {
        self.field.rsplit('.').next().unwrap_or_default()
    }
}

impl<'d> Written<'d> {
    pub(super) fn text(&self) -> &'d str {
        &self.scalar.text
    }

    pub(super) fn is_null(&self) -> bool {
        self.scalar.typed() == Typed::Null
    }
}

/// What stands before the fields of a map.
struct Prefix {
    path: String,
    naming: Naming,
}

impl Prefix {
    fn of_record(naming: Naming) -> Self {
        Prefix { path: String::new(), naming }
    }

    fn join(&self, name: &str) -> String {
        let name = if self.naming == Naming::Literal { name.to_owned() } else { without_selectors(name) };
        match (self.path.as_str(), name.as_str()) {
            ("", _) => name,
            (path, "." | "") => path.to_owned(),
            (path, name) => format!("{path}.{name}"),
        }
    }
}

fn without_selectors(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    let mut inside = false;
    for character in name.chars() {
        match character {
            '[' => inside = true,
            ']' => inside = false,
            other if !inside => plain.push(other),
            _ => {}
        }
    }
    plain
}

fn search<'d>(node: &'d Node, prefix: &Prefix) -> Search<'d> {
    match &node.data {
        Data::Map(entries) => Search::All(entries.iter().map(|entry| field(entry, prefix)).collect()),
        Data::List(members) => Search::Any(members.iter().map(|member| search(member, prefix)).collect()),
        Data::Scalar(_) => Search::Keyword,
    }
}

fn field<'d>(entry: &'d Entry, prefix: &Prefix) -> Search<'d> {
    let mut words = entry.key.split('|');
    let name = words.next().unwrap_or_default();
    if name.is_empty() {
        return Search::Keyword;
    }
    let path = prefix.join(name);
    if let Data::Map(entries) = &entry.value.data {
        return block(entries, &Prefix { path, naming: prefix.naming });
    }
    let values = members(&entry.value).iter().filter_map(|member| match &member.data {
        Data::Scalar(scalar) => Some(Written { scalar, span: member.span }),
        Data::List(_) | Data::Map(_) => None,
    });
    let modifiers = words.collect();
    Search::Test(Test { field: path, modifiers, key_span: entry.key_span, values: values.collect() })
}

fn block<'d>(entries: &'d [Entry], prefix: &Prefix) -> Search<'d> {
    if !entries.iter().any(|entry| entry.key == "condition") {
        return Search::All(entries.iter().map(|entry| field(entry, prefix)).collect());
    }
    let searches = entries.iter().filter(|entry| entry.key != "condition");
    Search::Inside(searches.map(|entry| search(&entry.value, prefix)).collect())
}
