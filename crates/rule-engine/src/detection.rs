//! The checked form of `detection`: what a rule means, independent of how it is evaluated.

use ipnet::IpNet;

use crate::{
    decimal::Decimal,
    derived::Derived,
    expression::Expression,
    modifier::{Comparison, Quantifier, TimePart},
    path::{BlockQuantifier, Path},
    pattern::{Anchor, Case, Pattern},
    source::Span,
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

/// A search on the elements of a list, each taken by itself.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) path: Path,
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
