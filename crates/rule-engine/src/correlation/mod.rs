//! Correlations: what several matches mean together.

mod correlator;
mod evaluate;
mod judge;
mod read;
mod read_condition;
mod resolve;
mod sliding;
mod tally;
mod window;

use std::collections::BTreeSet;

use crate::{
    decimal::Decimal,
    detection::Condition,
    metadata::Metadata,
    modifier::Comparison,
    source::{Position, Source, Span},
    suite::CorrelationTest,
};

pub use correlator::{Correlator, Firing};
pub use judge::{Held, Judge};
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

    /// Whether it counts different values of fields, and not events.
    pub fn counts_values(&self) -> bool {
        matches!(self.kind, Kind::ValueCount(_))
    }

    /// What is computed over the window and when it holds, in a few words, such as `event_count, gte 5`.
    pub fn asks(&self) -> String {
        let kind = match &self.kind {
            Kind::EventCount => "event_count",
            Kind::ValueCount(_) => "value_count",
            Kind::Temporal => "temporal",
            Kind::TemporalOrdered => "temporal_ordered",
            Kind::ValueSum(_) => "value_sum",
            Kind::ValueAverage(_) => "value_avg",
            Kind::ValuePercentile(..) => "value_percentile",
            Kind::NewValue { .. } => "new_value",
        };
        let fields = self.value_fields();
        let of = if fields.is_empty() { String::new() } else { format!(" of {}", fields.join(" and ")) };
        let mut asked = vec![format!("{kind}{of}")];
        match &self.threshold {
            Threshold::Bounds(bounds) => asked.extend(bounds.iter().map(|(bound, number)| {
                let number = number.canonical().unwrap_or_else(|| "a very long number".to_owned());
                format!("{} {number}", bound.word())
            })),
            Threshold::Expression(_) => asked.push("by the rules that match".to_owned()),
        }
        asked.join(", ")
    }

    /// What the correlation counts among the events of a window: different rules where it is about which match,
    /// different values where it counts those, else different events.
    pub fn counted(&self, window: &[&Occurrence]) -> usize {
        match (&self.kind, &self.threshold) {
            (Kind::Temporal | Kind::TemporalOrdered, _) | (_, Threshold::Expression(_)) => {
                distinct(window.iter().map(|event| event.member))
            }
            (Kind::ValueCount(_) | Kind::NewValue { .. }, Threshold::Bounds(_)) => {
                distinct(window.iter().filter_map(|event| event.value.as_ref()))
            }
            (_, Threshold::Bounds(_)) => distinct(window.iter().map(|event| &event.event)),
        }
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

impl Bound {
    /// As rules write it.
    fn word(self) -> &'static str {
        match self {
            Bound::Compare(Comparison::Greater) => "gt",
            Bound::Compare(Comparison::GreaterOrEqual) => "gte",
            Bound::Compare(Comparison::Less) => "lt",
            Bound::Compare(Comparison::LessOrEqual) => "lte",
            Bound::Equal => "eq",
            Bound::Unequal => "neq",
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

fn distinct<T: Ord>(things: impl Iterator<Item = T>) -> usize {
    things.collect::<BTreeSet<T>>().len()
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
