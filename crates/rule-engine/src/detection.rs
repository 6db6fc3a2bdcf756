//! The checked form of `detection`: what a rule means, independent of how it is evaluated.

use ipnet::IpNet;

use crate::{
    decimal::Decimal,
    derived::Derived,
    expression::Expression,
    modifier::{Comparison, Quantifier, TimePart},
    path::{BlockQuantifier, Path},
    pattern::{Anchor, Case, Pattern},
    source::{Source, Span},
};

/// The logic of a detection rule.
#[derive(Debug, Clone)]
pub(crate) struct Detection {
    pub(crate) identifiers: Vec<Identifier>,
    /// Several conditions are alternatives.
    pub(crate) condition: Condition,
}

/// A named search.
#[derive(Debug, Clone)]
pub(crate) struct Identifier {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) search: Search,
}

/// What a search identifier stands for.
#[derive(Debug, Clone)]
pub(crate) enum Search {
    Item(Item),
    Block(Block),
    /// A map: all of them.
    All(Vec<Search>),
    /// A list: any of them.
    Any(Vec<Search>),
}

impl Search {
    /// Its first entry: field, modifiers and values.
    pub(crate) fn span(&self) -> Span {
        match self {
            Search::Item(item) => item.places.whole(),
            Search::Block(block) => block.span,
            Search::All(searches) | Search::Any(searches) => searches.first().map(Search::span).unwrap_or_default(),
        }
    }
}

/// So many values of an entry are written; further ones are left out.
const WRITTEN_VALUES: usize = 3;

impl Search {
    /// The search in one line, as its file says it: the first entry of several.
    pub(crate) fn written(&self, source: &Source) -> String {
        match self {
            Search::Item(item) => item.written(source),
            Search::Block(block) => source.written(block.span).to_owned(),
            Search::All(searches) | Search::Any(searches) => {
                let first = searches.first().map(|first| first.written(source)).unwrap_or_default();
                if searches.len() > 1 { format!("{first}, …") } else { first }
            }
        }
    }
}

impl Item {
    fn written(&self, source: &Source) -> String {
        let spans = &self.places.values;
        let mut values: Vec<&str> = spans.iter().take(WRITTEN_VALUES).map(|span| source.written(*span)).collect();
        if spans.len() > WRITTEN_VALUES {
            values.push("…");
        }
        let key = source.written(self.places.key);
        match (self.places.key, spans.as_slice()) {
            // A bare keyword is its own key.
            (key_span, [value]) if *value == key_span => key.to_owned(),
            (_, [_]) => format!("{key}: {}", values.join(", ")),
            _ => format!("{key}: [{}]", values.join(", ")),
        }
    }
}

/// A search on the elements of a list, each taken by itself.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) path: Path,
    /// Its key in the file.
    pub(crate) span: Span,
    pub(crate) quantifier: BlockQuantifier,
    /// Which elements can fit at all.
    pub(crate) fitting: Fitting,
    /// Its fields are relative to the element.
    pub(crate) body: Detection,
}

/// Which elements can fit the body of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fitting {
    Anything,
    /// The body looks at fields, and not at the element itself.
    Objects,
}

/// A field with what is asked of it, or a group of keywords.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// The field under test; none for keywords, which search the whole record.
    pub(crate) field: Option<Field>,
    pub(crate) test: Test,
    /// `neq`: the opposite of the finished test.
    pub(crate) negated: bool,
    pub(crate) places: Places,
}

/// Where an item stands in its file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    /// The field with its modifiers; for a bare keyword the keyword.
    pub(crate) key: Span,
    /// Each value.
    pub(crate) values: Vec<Span>,
}

impl Places {
    /// From the field to the last value.
    pub(crate) fn whole(&self) -> Span {
        let ends = self.values.iter().map(|value| value.end);
        Span::new(self.key.start, ends.fold(self.key.end, usize::max))
    }
}

/// What a rule can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Field {
    /// A path in the record.
    Path(Path),
    Derived(Derived),
}

impl Field {
    /// The field of a name without selectors, which has been checked.
    pub(crate) fn named(name: &str) -> Self {
        Derived::named(name).map_or_else(|| Field::Path(Path::literal(name)), Field::Derived)
    }
}

/// What is asked of a field.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    /// The field is absent or null.
    Null,
    /// The field is there, whatever its value.
    Exists(bool),
    Values {
        quantifier: Quantifier,
        values: Vec<Value>,
    },
}

/// One value to compare with.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(Pattern),
    /// The forms that modifiers or a list make of one value; any of them.
    Forms(Vec<Value>),
    Number(Number),
    Bool(bool),
    Regex(Expression),
    Network(IpNet),
    Compare(Comparison, Decimal),
    /// Part of a date; equal where no comparison is named.
    Time(TimePart, Option<Comparison>, Decimal),
    Field(FieldReference),
}

/// Another field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldReference {
    pub(crate) field: Field,
    pub(crate) origin: Origin,
    /// Where in the field under test the other one's text has to stand.
    pub(crate) anchor: Anchor,
    pub(crate) case: Case,
}

/// What a field is a field of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// What is searched: the record, or within a block the element.
    Searched,
    /// The record, also within a block.
    Record,
}

/// A number with the texts that event strings are compared with: as written, and canonical.
#[derive(Debug, Clone)]
pub(crate) struct Number {
    pub(crate) value: Decimal,
    pub(crate) texts: Vec<String>,
}

impl Value {
    /// Whether the leaves of an object are searched as well: for text that may stand within a field.
    pub(crate) fn searches_objects(&self) -> bool {
        match self {
            Value::Text(pattern) => pattern.literal().is_none(),
            Value::Regex(_) => true,
            Value::Forms(forms) => forms.iter().any(Value::searches_objects),
            Value::Number(_)
            | Value::Bool(_)
            | Value::Network(_)
            | Value::Compare(..)
            | Value::Time(..)
            | Value::Field(_) => false,
        }
    }
}

/// A condition with its selectors resolved; numbers are indexes of identifiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    Identifier(usize),
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

impl Condition {
    /// The condition in words, with the names of the searches.
    pub(crate) fn written(&self, detection: &Detection) -> String {
        let inner = |condition: &Condition| match condition {
            Condition::All(_) | Condition::Any(_) => format!("({})", condition.written(detection)),
            Condition::Identifier(_) | Condition::Not(_) => condition.written(detection),
        };
        let joined = |members: &[Condition], joint: &str| members.iter().map(inner).collect::<Vec<_>>().join(joint);
        match self {
            Condition::Identifier(_) => self.first_identifier(detection).map(|it| it.name.clone()).unwrap_or_default(),
            Condition::Not(negated) => format!("not {}", inner(negated)),
            Condition::All(members) => joined(members, " and "),
            Condition::Any(members) => joined(members, " or "),
        }
    }

    /// The search that it names first.
    pub(crate) fn first_identifier<'d>(&self, detection: &'d Detection) -> Option<&'d Identifier> {
        match self {
            Condition::Identifier(index) => detection.identifiers.get(*index),
            Condition::Not(inner) => inner.first_identifier(detection),
            Condition::All(members) | Condition::Any(members) => members.first()?.first_identifier(detection),
        }
    }
}
