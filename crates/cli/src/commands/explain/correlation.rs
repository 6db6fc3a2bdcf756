//! A correlation as its matches and its growth are told.

use std::collections::BTreeMap;

use serde::Serialize;
use trailhound_rule_engine::Correlation;

use crate::output::{count, printable};

/// Which correlation it is, and what it asks.
#[derive(Debug, Serialize)]
pub(super) struct CorrelationLabel {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) file: String,
    pub(super) line: usize,
    asks: String,
    timespan_seconds: i64,
}

impl CorrelationLabel {
    pub(super) fn of(correlation: &Correlation) -> Self {
        CorrelationLabel {
            name: correlation.metadata().handle().to_owned(),
            title: correlation.metadata().title.clone(),
            file: correlation.source().name().to_owned(),
            line: correlation.position().line,
            asks: correlation.asks(),
            timespan_seconds: correlation.timespan(),
        }
    }

    /// What it asks, and of what time.
    pub(super) fn question(&self) -> String {
        format!("{} within {}", printable(&self.asks), span(self.timespan_seconds))
    }
}

/// The names in `group-by` with their values.
pub(super) fn group(correlation: &Correlation, values: &[String]) -> BTreeMap<String, String> {
    correlation.group_by().map(str::to_owned).zip(values.iter().cloned()).collect()
}

/// A group as people read it.
pub(super) fn shown(group: &BTreeMap<String, String>) -> String {
    let parts: Vec<String> =
        group.iter().map(|(name, value)| format!("{} {}", printable(name), printable(value))).collect();
    if parts.is_empty() { "all events".to_owned() } else { parts.join(", ") }
}

/// A length of time in its greatest whole unit.
fn span(seconds: i64) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let whole = units.into_iter().find(|(length, _)| seconds >= *length && seconds % length == 0);
    let (length, unit) = whole.unwrap_or((1, "second"));
    count(seconds / length, unit)
}
