use jiff::Timestamp;

/// What a correlation knows of one event of a group.
///
/// A plain value, so that any store can keep it: in memory, in a file, in a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// When it happened, by the event's own time.
    pub time: Timestamp,
    /// What tells it from other events, normally its `eventID`. The same event twice counts once.
    pub event: String,
    /// Which of the correlation's rules it matched, by position.
    pub member: usize,
    /// The values of the fields that are counted or added up; none if the event lacks one of them.
    pub value: Option<Vec<String>>,
}

/// A window in which a correlation holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The event that made it hold.
    pub event: String,
    /// Time of that event.
    pub time: Timestamp,
    /// Events in the window; for `value_count`, distinct values.
    pub count: usize,
    /// Time of the first event in the window.
    pub first: Timestamp,
    /// Time of the last event in the window.
    pub last: Timestamp,
    /// The events in the window, oldest first, each once.
    pub events: Vec<String>,
}
