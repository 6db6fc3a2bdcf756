//! Why a rule matches a record or does not: every part of its condition with whether it held, the values
//! seen, and the place in the rule.
//!
//! ```
//! use trailhound_rule_engine::{Limits, RuleSet, Source, explain::Explanation, oracle::Json};
//!
//! let rule = "
//! title: Trail stopped
//! logsource: {product: aws, service: cloudtrail}
//! detection: {selection: {eventName: StopLogging}, condition: selection}
//! ";
//! let loaded = RuleSet::load([Source::new("rule.yml", rule)], &Limits::default());
//! let (index, _) = loaded.rules.iter().next().unwrap();
//! let record = Json::record(r#"{"eventName": "StartLogging"}"#)?;
//! let explanation = Explanation::within(&loaded.rules, index, &record).unwrap();
//! assert!(!explanation.matches());
//! assert_eq!(
//!     explanation.nearest_miss().unwrap().to_string(),
//!     "it would match if `eventName` were `StopLogging` (it is `StartLogging`)",
//! );
//! # Ok::<(), trailhound_rule_engine::oracle::InvalidRecord>(())
//! ```

mod coverage;
mod flip;
mod sentence;

pub use coverage::{Coverage, Point, PointKind};
pub use flip::{Change, NearestMiss, Owner};

use crate::{
    filter::FilterIndex,
    oracle::{self, Json},
    rule::Rule,
    ruleset::{RuleIndex, RuleSet},
    source::Span,
};

/// Why a rule matches a record or does not.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The condition of the rule itself.
    pub rule: Part,
    /// The filters that are joined to the rule, all of which have to hold as well.
    pub filters: Vec<(FilterIndex, Part)>,
}

/// A part of a condition, and what the record made of it.
#[derive(Debug, Clone)]
pub struct Part {
    /// Whether it held.
    pub held: bool,
    /// What it is.
    pub kind: PartKind,
    /// Where it stands in the file; nothing for what a condition joins, and for elements of the record.
    pub span: Option<Span>,
    /// What it is made of.
    pub parts: Vec<Part>,
    /// What tells this test or block, asked of this part of the record, from all others of the explanation.
    pub(crate) identity: usize,
}

/// What a part of a condition is.
#[derive(Debug, Clone)]
pub enum PartKind {
    /// Holds if what is in it does not.
    Not,
    /// Holds if everything in it does.
    All,
    /// Holds if anything in it does.
    Any,
    /// A search identifier, by its name.
    Search(String),
    /// A search on the elements of a list.
    Block {
        /// The list, with its quantifier: `items[any]`.
        field: String,
        /// How many elements have to fit.
        needs: Needs,
    },
    /// One element of a list, as it stands in the record. It is made of nothing if the block looks at fields
    /// and it has none.
    Element(String),
    /// A test of a field.
    Test(TestSeen),
}

/// How many elements of a list have to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// At least one.
    Any,
    /// All, and there is one.
    All,
    /// All, if there are any.
    AllOrEmpty,
    /// None of them.
    None,
}

/// A test and what it saw.
#[derive(Debug, Clone)]
pub struct TestSeen {
    /// The field, within its blocks: `items[any].cidrIp`. None for keywords, which search everywhere.
    pub field: Option<String>,
    /// The modifiers as the rule writes them: `contains|all`.
    pub modifiers: String,
    /// Whether the opposite is asked, which `neq` does.
    pub negated: bool,
    /// What is asked.
    pub wanted: Wanted,
    /// The values of the field, in their order; none if it is absent, and none for keywords.
    pub seen: Vec<String>,
}

/// What a test asks.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// That the field is absent or null.
    Null,
    /// That the field is there, or is not.
    Exists(bool),
    /// That any of these fits.
    AnyOf(Vec<ValueSeen>),
    /// That each of these fits.
    AllOf(Vec<ValueSeen>),
}

/// A value of a rule, and whether something in the record fits it.
#[derive(Debug, Clone)]
pub struct ValueSeen {
    /// The value as the rule writes it, without quotes.
    pub written: String,
    /// Whether something fits it.
    pub fits: bool,
    /// Where it stands in the file.
    pub span: Span,
}

impl Explanation {
    /// Of the rule alone, without filters.
    pub fn alone(rule: &Rule, record: &Json) -> Self {
        Explanation { rule: oracle::explain(rule.detection(), rule.source(), record), filters: Vec::new() }
    }

    /// Of a rule of a rule set with its filters; `None` if the rule set has no such rule.
    pub fn within(rules: &RuleSet, index: RuleIndex, record: &Json) -> Option<Self> {
        let rule = rules.get(index)?;
        let joined = rules.filters().filter(|(_, filter)| filter.applies_to(rule));
        let filters = joined
            .map(|(index, filter)| (index, oracle::explain(filter.detection(), filter.source(), record)))
            .collect();
        Some(Explanation { filters, ..Explanation::alone(rule, record) })
    }

    /// Whether the rule matches and no filter keeps it from doing so.
    pub fn matches(&self) -> bool {
        self.rule.held && self.filters.iter().all(|(_, filter)| filter.held)
    }

    /// The fewest changes of the record, counted in tests of the rule, that would turn the verdict.
    /// `None` where no set of tests does, as for a rule that contradicts itself.
    pub fn nearest_miss(&self) -> Option<NearestMiss> {
        flip::nearest_miss(self)
    }
}

impl Wanted {
    /// The values that are asked for.
    pub fn values(&self) -> &[ValueSeen] {
        match self {
            Wanted::Null | Wanted::Exists(_) => &[],
            Wanted::AnyOf(values) | Wanted::AllOf(values) => values,
        }
    }
}
