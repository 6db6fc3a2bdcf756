//! Correlations: what several matches mean together.

mod correlator;
mod evaluate;
mod read;
mod read_condition;
mod resolve;
mod tally;
mod window;

use crate::{
    decimal::Decimal,
    detection::Condition,
    metadata::Metadata,
    modifier::Comparison,
    source::{Position, Source, Span},
    suite::CorrelationTest,
};

pub use correlator::{Correlator, Firing};
pub(crate) use read::read;
#[cfg(test)]
pub(crate) use read::{BODY_KEYS, KEYS, TYPES};
#[cfg(test)]
pub(crate) use read_condition::bound_names;
pub(crate) use resolve::{Resolved, Target, resolve};
pub use window::{Occurrence, Verdict};

/// Number of a correlation within its rule set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CorrelationIndex(pub(crate) usize);

impl CorrelationIndex {
    /// The number.
    pub fn get(self) -> usize {
        self.0
    }
}

/// A correlation rule that has passed every check.
#[derive(Debug, Clone)]
pub struct Correlation {
    pub(crate) metadata: Metadata,
    pub(crate) kind: Kind,
    /// Ids or names of the rules and correlations it is about, in their order.
    pub(crate) references: Vec<Reference>,
    pub(crate) group_by: Vec<GroupField>,
    /// Length of the window in seconds.
    pub(crate) timespan: i64,
    pub(crate) threshold: Threshold,
    /// Whether the rules it is about alert on their own as well.
    pub(crate) generate: bool,
    pub(crate) tests: Vec<CorrelationTest>,
    pub(crate) source: Source,
    pub(crate) span: Span,
}

/// What is computed over the window.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    EventCount,
    /// Distinct values, or combinations of values, of these fields.
    ValueCount(Vec<String>),
    Temporal,
    TemporalOrdered,
    ValueSum(String),
    ValueAverage(String),
    /// The value below which so many percent of the values lie, interpolated.
    ValuePercentile(String, f64),
    /// A value, or combination of values, that was not there in the history before.
    NewValue {
        fields: Vec<String>,
        /// Seconds from the first event of a group during which values are learnt and none is new.
        learning: i64,
    },
}

/// A rule or correlation that is referred to.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    pub(crate) name: String,
    pub(crate) span: Span,
}

/// A name in `group-by`: a field, or an alias for different fields of different rules.
#[derive(Debug, Clone)]
pub(crate) struct GroupField {
    pub(crate) name: String,
    /// For rules that call it otherwise, by their id or name.
    pub(crate) fields: Vec<(String, String)>,
}

/// When the correlation holds.
#[derive(Debug, Clone)]
pub(crate) enum Threshold {
    /// All of these.
    Bounds(Vec<(Bound, Decimal)>),
    /// Each name is true if its rule matched in the window; numbers are positions in `references`.
    Expression(Condition),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    Compare(Comparison),
    Equal,
    Unequal,
}

impl Correlation {
    /// What the correlation says about itself.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The file it stands in.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Where in its file it starts.
    pub fn position(&self) -> Position {
        self.source.position(self.span.start)
    }

    /// The tests that its author wrote beside it.
    pub fn tests(&self) -> &[CorrelationTest] {
        &self.tests
    }

    /// Ids or names of the rules and correlations it is about, in their order.
    pub fn references(&self) -> impl Iterator<Item = &str> {
        self.references.iter().map(|reference| reference.name.as_str())
    }

    /// Length of its window in seconds.
    pub fn timespan(&self) -> i64 {
        self.timespan
    }

    /// The names in `group-by`, in their order.
    pub fn group_by(&self) -> impl Iterator<Item = &str> {
        self.group_by.iter().map(|field| field.name.as_str())
    }

    /// When it can be judged.
    pub fn judging(&self) -> Judging {
        match &self.kind {
            Kind::NewValue { learning, .. } => Judging::FirstSight { learning: *learning },
            _ if self.waits_for_the_end() => Judging::AtTheEnd,
            _ => Judging::AtEachEvent,
        }
    }

    /// The fields whose values are counted or added up.
    pub(crate) fn value_fields(&self) -> &[String] {
        match &self.kind {
            Kind::ValueCount(fields) | Kind::NewValue { fields, .. } => fields,
            Kind::ValueSum(field) | Kind::ValueAverage(field) | Kind::ValuePercentile(field, _) => {
                std::slice::from_ref(field)
            }
            Kind::EventCount | Kind::Temporal | Kind::TemporalOrdered => &[],
        }
    }

    /// Whether the correlation can only be judged when its window is over: something that holds now may
    /// not hold once more events are in.
    pub(crate) fn waits_for_the_end(&self) -> bool {
        match &self.threshold {
            Threshold::Bounds(bounds) => bounds.iter().any(|(bound, _)| {
                matches!(bound, Bound::Equal | Bound::Compare(Comparison::Less | Comparison::LessOrEqual))
            }),
            Threshold::Expression(condition) => negates(condition),
        }
    }
}

impl GroupField {
    /// The field that stands for this name in events of the rule with these handles.
    pub(crate) fn of_rule(&self, metadata: &Metadata) -> &str {
        let own = |handle: &str| {
            Some(handle) == metadata.name.as_deref()
                || metadata.id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(handle))
        };
        self.fields.iter().find(|(rule, _)| own(rule)).map_or(self.name.as_str(), |(_, field)| field.as_str())
    }
}

fn negates(condition: &Condition) -> bool {
    match condition {
        Condition::Not(_) => true,
        Condition::Identifier(_) => false,
        Condition::All(members) | Condition::Any(members) => members.iter().any(negates),
    }
}

/// When a correlation can be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judging {
    /// At each event, over the window that ends with it.
    AtEachEvent,
    /// When a window is over, since more events in it could undo what holds.
    AtTheEnd,
    /// At the first event of a value after it was not there for the timespan.
    FirstSight {
        /// Seconds from the first event of a group during which values are learnt and none is new.
        learning: i64,
    },
}

/// One event that a correlation looks at: a match of one of its rules, or a firing of one of its
/// correlations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The correlation.
    pub correlation: CorrelationIndex,
    /// What occurred.
    pub occurrence: Occurrence,
    /// The values of its `group-by`, in their order.
    pub group: Vec<String>,
}
